#include "formation/pipeline.h"

#include <gtest/gtest.h>

#include "test/support/failing_key_value.h"

namespace trine::formation {
namespace {

SearchPipeline Sample() {
  SearchPipeline p;
  p.name = "p";
  search::Fusion fusion;
  fusion.normalization = search::Fusion::Normalization::kL2;
  fusion.combination = search::Fusion::Combination::kGeometric;
  fusion.weights = {0.4f, 0.6f};
  fusion.lower_bounds = {{search::ScoreBound::Mode::kClip, 0.5f}, {search::ScoreBound::Mode::kIgnore, 0}};
  p.fusion = fusion;
  PersonalRerank rerank;
  rerank.campaign = "my-rerank-campaign";
  rerank.item_id_field = "product_id";
  rerank.weight = 0.25;
  rerank.ignore_failure = true;
  rerank.tag = "t";
  p.reranks.push_back(rerank);
  p.given.Set("description", "한글");
  return p;
}

TEST(PipelineStore, PersistsPipelines) {
  const auto kv = storage::NewMemoryKeyValue();
  {
    const auto store = PipelineStore::Open(*kv, NullLog());
    ASSERT_TRUE((*store)->Put(Sample()).ok());
  }
  const auto store = PipelineStore::Open(*kv, NullLog());
  const auto p = (*store)->Get("p");
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(p->fusion->normalization, search::Fusion::Normalization::kL2);
  EXPECT_EQ(p->fusion->combination, search::Fusion::Combination::kGeometric);
  EXPECT_EQ(p->fusion->weights, (std::vector<float>{0.4f, 0.6f}));
  ASSERT_EQ(p->fusion->lower_bounds.size(), 2u);
  EXPECT_EQ(p->fusion->lower_bounds[0].mode, search::ScoreBound::Mode::kClip);
  ASSERT_EQ(p->reranks.size(), 1u);
  EXPECT_EQ(p->reranks[0].item_id_field, "product_id");
  EXPECT_EQ(p->reranks[0].weight, 0.25);
  EXPECT_TRUE(p->reranks[0].ignore_failure);
  EXPECT_EQ(p->given.Find("description")->string(), "한글");
}

TEST(PipelineStore, SecondDeleteIsNotFound) {
  const auto kv = storage::NewMemoryKeyValue();
  const auto store = PipelineStore::Open(*kv, NullLog());
  ASSERT_TRUE((*store)->Put(Sample()).ok());
  EXPECT_TRUE((*store)->Delete("p").ok());
  EXPECT_EQ((*store)->Get("p"), nullptr);
  const Status again = (*store)->Delete("p");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::kNotFound);
}

TEST(PipelineStore, FailedWritesChangeNothing) {
  test::FailingKeyValue kv;
  auto store = PipelineStore::Open(kv, NullLog()).value();
  ASSERT_TRUE(store->Put(Sample()).ok());
  SearchPipeline changed = Sample(), other = Sample();
  changed.reranks[0].weight = 0.75;
  other.name = "other";
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    kv.FailWrites(code);
    for (const Status& failed : {store->Put(changed), store->Put(other), store->Delete("p")}) {
      ASSERT_FALSE(failed.ok());
      EXPECT_EQ(failed.error().code, code);
    }
    kv.Repair();
    for (const bool reopened : {false, true}) {
      if (reopened) store = PipelineStore::Open(kv, NullLog()).value();
      EXPECT_EQ(store->All().size(), 1u) << reopened;
      ASSERT_NE(store->Get("p"), nullptr) << reopened;
      EXPECT_EQ(store->Get("p")->reranks[0].weight, 0.25) << reopened;
    }
  }
  kv.FailReads();
  EXPECT_EQ(PipelineStore::Open(kv, NullLog()).error().kind(), ErrorKind::kIo);
}

// The format that release 0.1.0 stored (docs/formats/pipelines.md) must stay readable.
TEST(PipelineStore, ReadsPipelinesStoredByRelease010) {
  const auto kv = storage::NewMemoryKeyValue();
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, std::string("search_pipeline") + '\0' + "old",
            R"({"fusion":{"normalization":2,"combination":0,"weights":[0.25,0.75],)"
            R"("lower_bounds":[{"mode":0,"value":0.5},{"mode":2,"value":0.0}],)"
            R"("upper_bounds":[{"mode":1,"value":9.0},{"mode":2,"value":0.0}],"rank_constant":60},)"
            R"("reranks":[],"given":{"description":"d"}})");
  ASSERT_TRUE(kv->Write(batch, storage::Durability::kSync).ok());
  const auto store = PipelineStore::Open(*kv, NullLog());
  const auto p = (*store)->Get("old");
  ASSERT_NE(p, nullptr);
  ASSERT_TRUE(p->fusion.has_value());
  EXPECT_EQ(p->fusion->normalization, search::Fusion::Normalization::kZScore);
  EXPECT_EQ(p->fusion->combination, search::Fusion::Combination::kArithmetic);
  EXPECT_EQ(p->fusion->weights, (std::vector<float>{0.25f, 0.75f}));
  ASSERT_EQ(p->fusion->lower_bounds.size(), 2u);
  EXPECT_EQ(p->fusion->lower_bounds[0].mode, search::ScoreBound::Mode::kApply);
  EXPECT_EQ(p->fusion->lower_bounds[0].value, 0.5f);
  ASSERT_EQ(p->fusion->upper_bounds.size(), 2u);
  EXPECT_EQ(p->fusion->upper_bounds[0].mode, search::ScoreBound::Mode::kClip);
  EXPECT_EQ(p->fusion->upper_bounds[1].mode, search::ScoreBound::Mode::kIgnore);
  EXPECT_EQ(p->given.Find("description")->string(), "d");
}

TEST(PipelineStore, SkipsUnreadableDefinitions) {
  const auto kv = storage::NewMemoryKeyValue();
  {
    const auto store = PipelineStore::Open(*kv, NullLog());
    ASSERT_TRUE((*store)->Put(Sample()).ok());
  }
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, std::string("search_pipeline") + '\0' + "broken", "{\"reranks\": 3");
  ASSERT_TRUE(kv->Write(batch, storage::Durability::kSync).ok());
  const auto store = PipelineStore::Open(*kv, NullLog());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Get("broken"), nullptr);
  EXPECT_EQ((*store)->All().size(), 1u);
  EXPECT_EQ((*store)->Unreadable(), std::vector<std::string>{"broken"});
  EXPECT_EQ((*store)->Readable("broken").error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE((*store)->Readable("p").ok());
  EXPECT_TRUE((*store)->Readable("missing").ok());
}

TEST(PipelineStore, UnreadableDefinitionsCanBeDeletedAndReplaced) {
  const auto kv = storage::NewMemoryKeyValue();
  storage::WriteBatch batch;
  for (const char* name : {"p", "q"})
    batch.Put(storage::Family::kResources, std::string("search_pipeline") + '\0' + name, "[]]");
  ASSERT_TRUE(kv->Write(batch, storage::Durability::kSync).ok());
  const auto store = PipelineStore::Open(*kv, NullLog()).value();
  ASSERT_TRUE(store->Put(Sample()).ok());
  EXPECT_TRUE(store->Readable("p").ok());
  EXPECT_NE(store->Get("p"), nullptr);
  ASSERT_TRUE(store->Delete("q").ok());
  EXPECT_EQ(store->Delete("q").error().kind(), ErrorKind::kNotFound);
  EXPECT_TRUE(store->Unreadable().empty());
  EXPECT_TRUE(PipelineStore::Open(*kv, NullLog()).value()->Unreadable().empty()) << "also after a restart";
}

}  // namespace
}  // namespace trine::formation
