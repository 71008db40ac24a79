// Asks questions over failing stores: the answer names the failed stage, and the other stages go on. This
// test is not in src/formation, because WriteEngine depends on src/operations.
#include "formation/ask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "formation/ask_stages.h"
#include "test/support/write_engine.h"

namespace trine::formation {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;
using test::FailingKeyValue;

// A shop with five products, bound to a dataset group, and one person's events.
class AskTest : public testing::Test {
 protected:
  AskTest() {
    history_ = std::move(history::History::Open(*engine_.kv, engine_.log)).value();
    OpenResources();
    recommender_ =
        std::move(recommend::NewRecommender(std::move(storage::OpenDirectory(folder_.path("served"))).value(),
                                            *history_, *engine_.catalogue, *engine_.records, engine_.clock,
                                            engine_.log, NullMetrics()))
            .value();
    models_ = std::move(storage::OpenDirectory(folder_.path("models"))).value();
    derived_ = std::move(storage::OpenDirectory(folder_.path("derived"))).value();
    Resource shop = Create(ResourceKind::kDatasetGroup, "shop", "", "{}");
    for (const char* product : {"red chair", "blue chair", "red lamp", "oak table", "wool carpet"}) {
      Json source = Json::Object{};
      source.Set("title", product);
      source.Set("price", 10);
      engine_.Put("products", std::string(product).substr(0, 3) + product[4], format::ToString(source));
    }
    EXPECT_TRUE(engine_.writer->Bind({"products", shop.group, "", {}}).ok());
    history::Event event;
    event.user_id = "u";
    event.item_id = "redc";
    event.type = "view";
    event.time = engine_.clock.Now();
    EXPECT_TRUE(history_->Append(shop.group, {event}).ok());
    service_ = std::make_unique<AskService>(deps());
    std::promise<Status> prepared;
    service_->Prepare(engine_.Collection("products"),
                      [&](Status done) { prepared.set_value(std::move(done)); });
    EXPECT_TRUE(prepared.get_future().get().ok());
  }
  ~AskTest() override { runner_.reset(); }

  void OpenResources() {
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
  }
  AskDependencies deps() {
    return {
        engine_.analyzers(), *engine_.catalogue, *engine_.records, *engine_.indexes, searcher_, *history_,
        *resources_,         *recommender_,      *models_,         *derived_,        *runner_,  engine_.clock,
        engine_.log,         NullMetrics(),      declared_roles_};
  }
  Resource Create(ResourceKind kind, const std::string& path, const std::string& parent,
                  const std::string& spec) {
    Resource resource;
    resource.kind = kind;
    resource.path = resource.name = path;
    resource.parent = parent;
    resource.state = ResourceState::kActive;
    resource.spec = *format::ParseJson(spec);
    return resources_->Create(std::move(resource)).value();
  }
  AskCall Call(const std::string& question = "red chair") {
    AskCall call;
    call.question = question;
    call.user_id = "u";
    call.collection = engine_.Collection("products");
    return call;
  }
  // Returns "understand ok, retrieve ok, ...", with the reasons of failed stages.
  static std::string Show(const AskAnswer& answer) {
    constexpr const char* kStates[] = {"ok", "skipped", "timeout", "failed"};
    std::string shown;
    for (const Stage& stage : answer.stages) {
      shown += (shown.empty() ? "" : ", ") + stage.name + " " + kStates[static_cast<int>(stage.state)];
    }
    return shown;
  }

  test::TempFolder folder_;
  test::WriteEngine engine_;
  catalogue::DeclaredRoles declared_roles_{*engine_.kv};
  search::Searcher searcher_{engine_.analyzers()};
  std::unique_ptr<history::History> history_;
  std::unique_ptr<recommend::ResourceStore> resources_;
  std::unique_ptr<recommend::Recommender> recommender_;
  std::unique_ptr<storage::Directory> models_, derived_;
  std::unique_ptr<JobRunner> runner_ = NewThreadJobRunner(1, 16);
  std::unique_ptr<AskService> service_;
};

TEST_F(AskTest, FailedReadsFailTheFuseStage) {
  const auto healthy = service_->Ask(Call(), {});
  ASSERT_TRUE(healthy.ok());
  EXPECT_EQ(Show(*healthy), "understand ok, retrieve ok, fuse ok, personalise ok, answer ok");
  ASSERT_FALSE(healthy->items.empty());
  EXPECT_EQ(healthy->items[0].item_id, "redc");
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kCorrupt}) {
    engine_.kv->FailReads(code);
    const auto answer = service_->Ask(Call(), {});
    engine_.kv->Repair();
    ASSERT_TRUE(answer.ok()) << "the answer must name the failed stage";
    EXPECT_EQ(Show(*answer), "understand ok, retrieve ok, fuse failed, personalise failed, answer ok");
    EXPECT_EQ(answer->stages[2].why, FailingKeyValue::kReadMessage);
    EXPECT_EQ(answer->stages[3].why, FailingKeyValue::kReadMessage);
    EXPECT_TRUE(answer->items.empty());
    EXPECT_EQ(answer->weight, 0);
    EXPECT_NE(answer->weight_why.find("not used"), std::string::npos) << answer->weight_why;
    EXPECT_FALSE(answer->answer.text.empty());
    const auto again = service_->Ask(Call(), {});
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->items.size(), healthy->items.size());
  }
}

// The facts are an older copy than the vectors that were saved for them.
TEST_F(AskTest, VectorsOfDocumentsThatAreNotStoredAreBuiltAgain) {
  test::WriteEngine older;
  older.Put("products", "oakt", R"({"title":"wool carpet","price":10})");
  const catalogue::DeclaredRoles declared_roles{*older.kv};
  for (int start = 0; start < 2; ++start) {
    auto runner = NewThreadJobRunner(1, 16);
    AskService service({older.analyzers(), *older.catalogue, *older.records, *older.indexes, searcher_,
                        *history_, *resources_, *recommender_, *models_, *derived_, *runner, older.clock,
                        older.log, NullMetrics(), declared_roles});
    std::promise<Status> prepared;
    service.Prepare(older.Collection("products"), [&](Status s) { prepared.set_value(std::move(s)); });
    const Status done = prepared.get_future().get();
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    const std::string logged = older.log.text();
    EXPECT_NE(logged.find("include documents that are not stored"), std::string::npos) << logged;
    EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 1) << "the second service reads new vectors";
    AskCall call = Call("wool carpet");
    call.collection = older.Collection("products");
    const auto answer = service.Ask(call, {});
    runner.reset();  // joins the job, which uses the service
    ASSERT_TRUE(answer.ok()) << start;
    ASSERT_EQ(answer->items.size(), 1u);
    EXPECT_EQ(answer->items[0].item_id, "oakt");
  }
}

TEST_F(AskTest, TheStageSaysThatTheModelOfACampaignIsLost) {
  Create(ResourceKind::kSolutionVersion, "good/1", "good",
         R"({"recipe":"personalized-ranking-v2","model":"lost"})");
  Resource campaign;
  campaign.kind = ResourceKind::kCampaign;
  campaign.path = campaign.name = "good";
  campaign.group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  campaign.state = ResourceState::kActive;
  campaign.spec = *format::ParseJson(R"({"solution_version":"good/1"})");
  ASSERT_TRUE(resources_->Create(std::move(campaign)).ok());
  const auto answer = service_->Ask(Call(), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->stages[3].name, "personalise");
  EXPECT_NE(answer->stages[3].why.find("the trained model cannot be read"), std::string::npos)
      << answer->stages[3].why;
}

TEST_F(AskTest, StagesSayThatDamagedProductsAreLeftOut) {
  const auto cursor = engine_.kv->Scan(storage::Family::kRecords);
  cursor->Seek("");
  storage::WriteBatch batch;  // the first product
  batch.Put(storage::Family::kRecords, std::string(cursor->key()), "damaged");
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  const auto fused = service_->Ask(Call(), {});
  ASSERT_TRUE(fused.ok());
  EXPECT_NE(fused->stages[2].why.find("left out because their records are damaged: 1"), std::string::npos)
      << fused->stages[2].why;
  ASSERT_TRUE(engine_.writer->Flush({engine_.Collection("products")}).ok());
  const auto index = engine_.indexes->Get(engine_.Collection("products")->id);
  for (uint64_t file = 1; file < 100; ++file) index->MarkDamaged(file, "a file of the test is damaged");
  const auto retrieved = service_->Ask(Call(), {});
  ASSERT_TRUE(retrieved.ok());
  EXPECT_NE(retrieved->stages[1].why.find("a file of the test is damaged"), std::string::npos)
      << retrieved->stages[1].why;
}

TEST_F(AskTest, FuseDropsCandidatesWithoutRecords) {
  const AskDependencies dependencies = deps();
  const AskCall call = Call();
  const AskOptions options;
  const auto state = [&] {
    return AskState(call, dependencies, options, nullptr, engine_.catalogue->BindingOf("products"));
  };
  AskState nothing = state();
  EXPECT_EQ(FuseCandidates(&nothing, {}).error().code, ErrorCode::kUnavailable) << "nothing was retrieved";

  AskState failed = state();
  ASSERT_TRUE(Understand(&failed, {}).ok());
  ASSERT_TRUE(Retrieve(&failed, {}).ok());
  engine_.kv->FailReads();
  const Status status = FuseCandidates(&failed, {});
  engine_.kv->Repair();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kIo);
  EXPECT_TRUE(failed.candidates.empty());

  AskState late = state();
  ASSERT_TRUE(Understand(&late, {}).ok());
  ASSERT_TRUE(Retrieve(&late, {}).ok());
  EXPECT_EQ(FuseCandidates(&late, Deadline::After(engine_.clock, -1)).error().kind(), ErrorKind::kTimeout);
  EXPECT_TRUE(late.candidates.empty());

  AskState deleted = state();
  ASSERT_TRUE(Understand(&deleted, {}).ok());
  ASSERT_TRUE(Retrieve(&deleted, {}).ok());
  const CollectionId id = call.collection->id;
  ASSERT_TRUE(engine_.records->Erase(id).ok());  // the index still has the rows
  ASSERT_TRUE(FuseCandidates(&deleted, {}).ok());
  EXPECT_TRUE(deleted.candidates.empty()) << "a deleted record cannot be a candidate";
}

TEST_F(AskTest, ReportsEveryStageThatTimesOut) {
  const auto answer = service_->Ask(Call(), Deadline::After(engine_.clock, -1));
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->stages.size(), 5u);
  EXPECT_EQ(answer->stages[1].state, Stage::State::kTimeout);
  EXPECT_TRUE(answer->items.empty());
}

TEST_F(AskTest, ReasonsReportFailedReads) {
  const auto reasons = [&](const std::string& id) {
    return service_->Reasons("u", {id}, engine_.Collection("products"), "red chair", "en", {});
  };
  ASSERT_TRUE(reasons("redc").ok());
  EXPECT_EQ(reasons("none").error().kind(), ErrorKind::kNotFound);
  engine_.kv->FailReads();
  const auto failed = reasons("redc");
  engine_.kv->Repair();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind(), ErrorKind::kIo) << "a failed read is not a missing item";
}

// A stored definition that cannot be read is corruption, never the caller's mistake.
TEST_F(AskTest, ReportsDamagedCampaignAndRecommenderDefinitions) {
  Create(ResourceKind::kSolutionVersion, "good/1", "good", R"({"recipe":"personalized-ranking-v2"})");
  Create(ResourceKind::kSolutionVersion, "odd/1", "odd", R"({"recipe":"of tomorrow"})");
  Create(ResourceKind::kSolutionVersion, "broken/1", "broken", R"({"recipe":"personalized-ranking-v2"})");
  Create(ResourceKind::kCampaign, "good", "", R"({"solution_version":"good/1"})");
  Create(ResourceKind::kCampaign, "deleted-version", "", R"({"solution_version":"none/1"})");
  Create(ResourceKind::kCampaign, "no-version", "", "{}");
  Create(ResourceKind::kCampaign, "wrong-version", "", R"({"solution_version":7})");
  Create(ResourceKind::kCampaign, "odd-recipe", "", R"({"solution_version":"odd/1"})");
  Create(ResourceKind::kCampaign, "broken-version", "", R"({"solution_version":"broken/1"})");
  Create(ResourceKind::kCampaign, "broken", "", R"({"solution_version":"good/1"})");
  Create(ResourceKind::kRecommender, "odd", "", R"({"recipe":"of tomorrow"})");
  Create(ResourceKind::kRecommender, "broken", "", R"({"recipe":"popularity-count"})");
  storage::WriteBatch batch;
  for (const auto& [kind, path] : {std::pair("solution_version", "broken/1"), std::pair("campaign", "broken"),
                                   std::pair("recommender", "broken")}) {
    batch.Put(storage::Family::kResources, std::string("recommend.") + kind + '\0' + path, "{damaged");
  }
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  OpenResources();
  const ServedLookup lookup(*resources_);
  const auto code = [](const Result<recommend::ServingConfig>& served) {
    return served.ok() ? "ok" : Name(served.error().code);
  };
  EXPECT_EQ(code(lookup.Campaign("good")), "ok");
  EXPECT_EQ(code(lookup.Campaign("none")), "campaign_not_found");
  EXPECT_EQ(code(lookup.Campaign("deleted-version")), "campaign_not_found");
  for (const char* path : {"no-version", "wrong-version", "odd-recipe", "broken-version", "broken"}) {
    EXPECT_EQ(code(lookup.Campaign(path)), "corrupt") << path;
  }
  EXPECT_EQ(code(lookup.Recommender("none")), "not_found");
  for (const char* path : {"odd", "broken"}) EXPECT_EQ(code(lookup.Recommender(path)), "corrupt") << path;
}

}  // namespace
}  // namespace trine::formation
