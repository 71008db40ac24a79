#include "formation/knowledge.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/directory.h"
#include "test/support/fake_catalogue.h"
#include "test/support/temp_folder.h"

namespace trine::formation {
namespace {

struct KnowledgeTest : ::testing::Test {
  std::unique_ptr<analysis::Analyzers> analyzers = analysis::NewAnalyzers({}).value();
  test::FakeRecords records;
  catalogue::CollectionPtr collection;

  // A catalogue of `count` products. Each title has words of its own and words that it shares with others.
  void Fill(size_t count, const std::string& description) {
    auto made = std::make_shared<catalogue::Collection>();
    made->id = CollectionId{1};
    made->name = "products";
    for (const char* name : {"title", "description"}) {
      catalogue::Field field;
      field.name = name;
      field.type = catalogue::FieldType::kText;
      made->mapping.properties.push_back(field);
    }
    collection = made;
    for (size_t i = 0; i < count; ++i) {
      const std::string n = std::to_string(i), kind = std::to_string(i % 50);
      records.Put("p" + n, R"({"title":"접이식 의자)" + kind + " folding chair" + kind + " model" + n +
                               R"(","description":")" + description + R"("})");
    }
  }
  Result<std::shared_ptr<const Knowledge>> Build(const std::shared_ptr<const Knowledge>& before = nullptr,
                                                 MemoryBudget* memory = nullptr) {
    return BuildKnowledge({*analyzers, records, memory}, collection, nullptr, {}, before, {});
  }
};

TEST_F(KnowledgeTest, ReadsTheCatalogueAndReusesVectorsUntilItChanges) {
  Fill(100, "light and strong");
  const auto built = Build();
  ASSERT_TRUE(built.ok()) << built.error().ToString();
  const Knowledge& knowledge = **built;
  EXPECT_EQ(knowledge.vocabulary->TitleCount("folding"), 100u);
  EXPECT_EQ(knowledge.ids.size(), 100u);
  EXPECT_EQ(knowledge.prices.size(), 100u);
  ASSERT_EQ(knowledge.vectors->size(), 100u);
  EXPECT_FALSE(knowledge.embedder_bytes.empty());
  ASSERT_FALSE(knowledge.Nearest("model7", 3).empty());
  const auto again = Build(*built);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->vectors, knowledge.vectors);
  records.Put("new", R"({"title":"접이식 의자 folding chair new"})");
  const auto grown = Build(*again);
  ASSERT_TRUE(grown.ok());
  EXPECT_EQ((*grown)->vectors->size(), 101u);
  EXPECT_EQ((*grown)->embedder_bytes, knowledge.embedder_bytes) << "lent";
}

// An older copy of the facts can have as many writes to the same ids, with other texts.
TEST_F(KnowledgeTest, VectorsOfOtherTextsAreNotReused) {
  Fill(30, "light and strong");
  const auto built = Build();
  ASSERT_TRUE(built.ok()) << built.error().ToString();
  const test::TempFolder folder;
  const auto derived = storage::OpenDirectory(folder.path("derived")).value();
  ASSERT_TRUE(SaveVectors(*derived, "vectors-1", **built).ok());
  const auto loaded = LoadVectors(*derived, "vectors-1", *analyzers);
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  const auto same = Build(*loaded);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ((*same)->vectors, (*loaded)->vectors);
  records = test::FakeRecords();
  Fill(30, "heavy and weak");
  const auto other = Build(*loaded);
  ASSERT_TRUE(other.ok());
  ASSERT_EQ((*other)->end, (*loaded)->end);
  ASSERT_EQ((*other)->ids, (*loaded)->ids);
  EXPECT_NE((*other)->vectors, (*loaded)->vectors);
}

TEST_F(KnowledgeTest, HasNoVectorsIfTheyDoNotFitIntoMemory) {
  Fill(400, "light and strong");
  const auto whole = Build();
  ASSERT_TRUE(whole.ok());
  const size_t floats = (*whole)->vectors->floats().size_bytes();
  MemoryBudget small(MemoryBounds::Each(floats)), large(MemoryBounds::Each(2 * floats));
  const auto built = Build(nullptr, &small);
  ASSERT_TRUE(built.ok()) << built.error().ToString();
  EXPECT_EQ((*built)->vectors, nullptr);
  ASSERT_TRUE((*built)->without_vectors);
  EXPECT_EQ((*built)->without_vectors->DetailOf("durability"), "PERMANENT");
  EXPECT_EQ((*built)->vocabulary->TitleCount("folding"), 400u);
  EXPECT_TRUE((*built)->Nearest("model7", 3).empty());
  const auto reused = Build(*whole, &small);
  ASSERT_TRUE(reused.ok());
  EXPECT_EQ((*reused)->vectors, nullptr) << "also not those that were built before the limit was lowered";
  const auto later = Build(*built, &large);
  ASSERT_TRUE(later.ok());
  EXPECT_EQ((*later)->vectors->size(), 400u);
  MemoryHold training(&large, MemoryUse::kTraining);
  ASSERT_TRUE(training.Add(floats).ok());
  const auto busy = Build(nullptr, &large);
  ASSERT_FALSE(busy.ok()) << "tried again later";
  EXPECT_EQ(busy.error().code, ErrorCode::kBusy);
  EXPECT_EQ(large.reserved(MemoryUse::kKnowledge), 0u);
}

// Training on all texts would take many times their size.
TEST_F(KnowledgeTest, TrainsOnASampleOfALargeCatalogue) {
  std::string description;
  while (description.size() < 3900) description += "a chair for the garden and the balcony, ";
  Fill(700, description);  // 2.7 MB of texts
  const auto built = Build();
  ASSERT_TRUE(built.ok()) << built.error().ToString();
  EXPECT_FALSE((*built)->embedder_bytes.empty());
  EXPECT_EQ((*built)->vectors->size(), 700u) << "all records have vectors";
  EXPECT_EQ((*built)->vocabulary->product_count(), 700u);
}

}  // namespace
}  // namespace trine::formation
