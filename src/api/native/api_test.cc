// The native API over failing stores, and with groups that are deleted during requests.
#include "api/native/api.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "test/support/await_response.h"
#include "test/support/write_engine.h"

namespace trine::api::native {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

// These tests start no jobs.
class NoJobs final : public operations::Jobs {
 public:
  Status StartImport(const std::string&) override { return Ok(); }
  Status StartExport(const std::string&) override { return Ok(); }
  Status StartTraining(const std::string&) override { return Ok(); }
  Status StopTraining(const std::string&) override { return Ok(); }
  Status StartRecommenderTraining(const std::string&) override { return Ok(); }
  Status StartBatchInference(const std::string&) override { return Ok(); }
  Status StartDataDeletion(const std::string&) override { return Ok(); }
  Status RemoveRejects(const std::vector<std::string>&) override { return Ok(); }
  Status RemoveRejectsOfImport(const std::string&) override { return Ok(); }
  void ResumeAll() override {}
  void ResumeStalled() override {}
  std::optional<Progress> ProgressOf(const std::string&) const override { return std::nullopt; }
};

class NativeApiTest : public testing::Test {
 protected:
  NativeApiTest() { Open(); }
  ~NativeApiTest() override { runner_.reset(); }

  void Open() {
    api_.reset();
    runner_ = NewThreadJobRunner(1, 16);
    history_ = std::move(history::History::Open(*engine_.kv, engine_.log)).value();
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
    pipelines_ = std::move(formation::PipelineStore::Open(*engine_.kv, engine_.log)).value();
    recommender_ =
        std::move(recommend::NewRecommender(std::move(storage::OpenDirectory(folder_.path("served"))).value(),
                                            *history_, *engine_.catalogue, *engine_.records, engine_.clock,
                                            engine_.log, NullMetrics()))
            .value();
    search_ = std::make_unique<formation::SearchService>(
        formation::SearchDependencies{searcher_, *engine_.indexes, *engine_.records, *pipelines_, *resources_,
                                      *recommender_, engine_.clock, NullMetrics()});
    ask_ = std::make_unique<formation::AskService>(formation::AskDependencies{
        engine_.analyzers(), *engine_.catalogue, *engine_.records, *engine_.indexes, searcher_, *history_,
        *resources_, *recommender_, *models_, *models_, *runner_, engine_.clock, engine_.log, NullMetrics(),
        declared_roles_});
    api_ = std::make_unique<Api>(Dependencies{
        *ask_, *search_, *recommender_, *resources_, *history_, *engine_.catalogue, *engine_.records,
        *engine_.writer, jobs_,
        [](const Json&) -> Result<search::QueryPtr> { return search::MakeQuery(search::MatchAll{}); },
        [](std::string_view text) -> ResourceName {
          constexpr std::string_view kService = "arn:aws:personalize:";
          const size_t last = text.rfind(':'), slash = text.find('/');
          if (!text.starts_with(kService) || slash == std::string_view::npos) return {"", std::string(text)};
          return {std::string(text.substr(last + 1, slash - last - 1)), std::string(text.substr(slash + 1))};
        },
        [] { return std::string(); }, [] { return Json(Json::Object{}); }, engine_.clock, engine_.log,
        declared_roles_});
  }
  net::Response Send(const std::string& method, const std::string& endpoint, const std::string& body,
                     net::Caller::Role role = net::Caller::Role::kAdmin) {
    net::Request request;
    request.method = method;
    request.path = "/_trine/" + endpoint;
    request.body = body;
    request.caller.role = role;
    return test::Await(api_->Handle(request));
  }
  // Returns "200" or "<status> <kind>".
  std::string Show(const net::Response& response) {
    const auto body = format::ParseJson(response.body);
    const Json* error = body.ok() ? body->Find("error") : nullptr;
    if (error == nullptr) return std::to_string(response.status);
    return std::to_string(response.status) + " " + error->Find("kind")->string();
  }
  std::string Post(const std::string& endpoint, const std::string& body) {
    return Show(Send("POST", endpoint, body));
  }
  void Create(ResourceKind kind, const std::string& path, const std::string& spec) {
    Resource resource;
    resource.kind = kind;
    resource.path = resource.name = path;
    resource.state = ResourceState::kActive;
    resource.spec = *format::ParseJson(spec);
    ASSERT_TRUE(resources_->Create(std::move(resource)).ok());
  }

  static constexpr const char* kEvents =
      R"({"dataset_group":"shop","create":true,"events":[{"user_id":"u","item_id":"i","event_type":"view"}]})";
  static constexpr const char* kItems =
      R"({"dataset_group":"shop","create":true,"items":[{"id":"i","attributes":{"PRICE":5}}]})";
  static constexpr const char* kUsers =
      R"({"dataset_group":"shop","create":true,"users":[{"id":"u","attributes":{"AGE":5}}]})";

  test::TempFolder folder_;
  test::WriteEngine engine_;
  catalogue::DeclaredRoles declared_roles_{*engine_.kv};
  search::Searcher searcher_{engine_.analyzers()};
  NoJobs jobs_;
  std::unique_ptr<storage::Directory> models_ =
      std::move(storage::OpenDirectory(folder_.path("models"))).value();
  std::unique_ptr<history::History> history_;
  std::unique_ptr<recommend::ResourceStore> resources_;
  std::unique_ptr<formation::PipelineStore> pipelines_;
  std::unique_ptr<recommend::Recommender> recommender_;
  std::unique_ptr<JobRunner> runner_;
  std::unique_ptr<formation::SearchService> search_;
  std::unique_ptr<formation::AskService> ask_;
  std::unique_ptr<Api> api_;
};

TEST_F(NativeApiTest, FailedWritesAnswer503AndStoreNothing) {
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    engine_.kv->FailWrites(code);
    for (const auto& [endpoint, body] :
         {std::pair("events", kEvents), std::pair("items", kItems), std::pair("users", kUsers)}) {
      EXPECT_EQ(Post(endpoint, body), "503 unavailable") << endpoint;
    }
    engine_.kv->Repair();
    EXPECT_FALSE(resources_->Get(ResourceKind::kDatasetGroup, "shop"))
        << "a failed import must not leave a group";
  }
  ASSERT_EQ(Post("events", kEvents), "200");
  ASSERT_EQ(Post("items", kItems), "200");
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  engine_.Put("products", "d", "{}");
  engine_.kv->FailWrites();
  engine_.clock.Advance(1);
  EXPECT_EQ(Post("events", kEvents), "503 unavailable");
  EXPECT_EQ(Post("users", kUsers), "503 unavailable");
  EXPECT_EQ(Show(Send("PUT", "bindings/products", R"({"dataset_group_arn":"shop"})")), "503 unavailable");
  engine_.kv->Repair();
  EXPECT_EQ(history_->EventCount(group), 1u);
  EXPECT_EQ(history_->UserCount(group), 0u);
  EXPECT_EQ(Show(Send("GET", "bindings/products", "")), "404 not_found");
}

TEST_F(NativeApiTest, CallersMayMarkEventsAsUnverified) {
  ASSERT_EQ(Post("events", kEvents), "200");
  const auto marked = [&](const char* mark) {
    return Post("events", std::string(R"({"dataset_group":"shop","events":[{"user_id":"u","item_id":"j",)") +
                              R"("event_type":"view","unverified":)" + mark + "}]}");
  };
  EXPECT_EQ(marked("1"), "400 invalid");
  ASSERT_EQ(marked("true"), "200");
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  const std::vector<history::Event> events = history_->UserEvents(group, "u", "", 10).value();
  EXPECT_EQ(events.size(), 2u);
  for (const history::Event& event : events)
    EXPECT_EQ(event.unverified, event.item_id == "j") << event.item_id;
}

TEST_F(NativeApiTest, StoresEveryMemberOfAnEvent) {
  const auto stored = [this](const std::string& user, const std::string& members) {
    EXPECT_EQ(Post("events",
                   R"({"dataset_group":"shop","create":true,"events":[{"item_id":"i","event_type":"view",)"
                   R"("user_id":")" +
                       user + "\"" + members + "}]}"),
              "200");
    const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
    const auto events = history_->UserEvents(group, user, "", 10);
    EXPECT_TRUE(events.ok() && events->size() == 1);
    return events->front();
  };
  const history::Event bare = stored("u1", "");
  EXPECT_TRUE(bare.recommendation_id.empty() && bare.impression.empty() && !bare.value);
  const history::Event full =
      stored("u2", R"(,"value":2.5,"recommendation_id":"r","impression":["i","j"],"timestamp":1790000000)");
  EXPECT_EQ(full.value, 2.5);
  EXPECT_EQ(full.recommendation_id, "r");
  EXPECT_EQ(full.impression, (std::vector<std::string>{"i", "j"}));
  EXPECT_EQ(full.claimed_time.value_or(full.time).value, 1'790'000'000'000);
}

TEST_F(NativeApiTest, PublicCallersUseCampaignsOfTheBoundGroupOnly) {
  ASSERT_EQ(Post("items", kItems), "200");
  engine_.Put("products", "d", "{}");
  engine_.Put("loose", "d", "{}");
  ASSERT_EQ(Show(Send("PUT", "bindings/products", R"({"dataset_group_arn":"shop"})")), "200");
  const auto campaign = [this](const char* path, GroupId group) {
    Resource resource;
    resource.kind = ResourceKind::kCampaign;
    resource.path = resource.name = path;
    resource.group = group;
    resource.spec = Json(Json::Object{});
    ASSERT_TRUE(resources_->Create(std::move(resource)).ok());
  };
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  campaign("own", group);
  campaign("other", GroupId{group.value + 1});
  const auto ask = [this](const std::string& index, const std::string& name, net::Caller::Role role) {
    return Show(Send("POST", "ask",
                     R"({"question":"x","index":")" + index + R"(","campaign":")" + name + "\"}", role));
  };
  using Role = net::Caller::Role;
  EXPECT_EQ(ask("products", "own", Role::kPublic), "200");
  EXPECT_EQ(ask("products", "other", Role::kPublic), "404 not_found");
  EXPECT_EQ(ask("products", "unknown", Role::kPublic), "404 not_found");
  EXPECT_EQ(ask("loose", "own", Role::kPublic), "404 not_found") << "the index belongs to no group";
  EXPECT_EQ(ask("products", "other", Role::kAdmin), "200");
}

TEST_F(NativeApiTest, DeletesOnePerson) {
  ASSERT_EQ(Post("events", kEvents), "200");
  ASSERT_EQ(Post("users", kUsers), "200");
  ASSERT_EQ(Post("users", R"({"dataset_group":"shop","users":[{"id":"a/b"}]})"), "200");
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  const auto remove = [&](const std::string& path) { return Send("DELETE", "users/" + path, "").body; };
  engine_.kv->FailWrites();
  EXPECT_EQ(Show(Send("DELETE", "users/shop/u", "")), "503 unavailable");
  engine_.kv->Repair();
  EXPECT_EQ(Show(Send("DELETE", "users/shop/u", R"({"confirm":false})")), "400 invalid");
  net::Request dry;
  dry.method = "DELETE";
  dry.path = "/_trine/users/shop/u";
  dry.query = "dry_run=true";
  EXPECT_EQ(Show(api_->Handle(dry)), "400 invalid");
  EXPECT_EQ(history_->EventCount(group), 1u);
  EXPECT_EQ(remove("shop/u"), R"({"deleted":true,"events":1,"users":1,"bytes_pending":true})");
  ASSERT_TRUE(history_->Purge(group, {}).ok());
  EXPECT_EQ(remove("shop/u"), R"({"deleted":false,"events":0,"users":0,"bytes_pending":false})");
  EXPECT_EQ(history_->EventCount(group), 0u);
  EXPECT_EQ(remove("shop/a%2Fb"), R"({"deleted":true,"events":0,"users":1,"bytes_pending":true})");
  EXPECT_EQ(Show(Send("DELETE", "users/none/u", "")), "404 not_found");
  const std::string arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group";
  for (const char* slash : {"%2F", "/"}) {
    ASSERT_EQ(Post("users", R"({"dataset_group":")" + arn + R"(/shop","users":[{"id":"v"}]})"), "200");
    EXPECT_EQ(remove(arn + slash + "shop/v"), R"({"deleted":true,"events":0,"users":1,"bytes_pending":true})")
        << slash;
    EXPECT_EQ(Show(Send("DELETE", "users/" + arn + slash + "none/v", "")), "404 not_found") << slash;
  }
  EXPECT_EQ(remove("arn%3Aaws%3Apersonalize%3A%3A%3Adataset-group%2Fshop/v"),
            R"({"deleted":false,"events":0,"users":0,"bytes_pending":true})");
  EXPECT_EQ(Show(Send("DELETE", "users/shop/" + std::string(513, 'u'), "")), "400 invalid");
  EXPECT_EQ(Show(Send("POST", "users/shop/u", "{}")), "400 invalid");
  EXPECT_EQ(Show(Send("DELETE", "users/shop", "")), "404 not_found");
  net::Request limited;
  limited.method = "DELETE";
  limited.path = "/_trine/users/shop/u";
  limited.caller.role = net::Caller::Role::kAdmin;
  limited.caller.indexes = {"products"};
  EXPECT_EQ(Show(api_->Handle(limited)), "403 forbidden");
  limited.path = "/_trine/users/none/u";
  EXPECT_EQ(Show(api_->Handle(limited)), "403 forbidden") << "whether a group exists is not told";
}

// The ARN of another type of resource with the same name must not be taken for the group or campaign.
TEST_F(NativeApiTest, RefusesArnsOfOtherTypes) {
  engine_.Put("products", "d", "{}");
  ASSERT_EQ(Post("events", kEvents), "200");
  ASSERT_EQ(Post("items", kItems), "200");
  const std::string base = "arn:aws:personalize:us-east-1:123456789012:";
  for (const std::string& arn : {base + "campaign/shop", base + "dataset/shop/ITEMS", base + "dataset-group",
                                 std::string("arn:aws:s3:::bucket/shop"), std::string("arn:")}) {
    const std::string quoted = "\"" + arn + "\"";
    EXPECT_EQ(Post("users", R"({"dataset_group":)" + quoted + R"(,"users":[{"id":"u"}]})"), "400 invalid")
        << arn;
    EXPECT_EQ(Show(Send("PUT", "bindings/products", R"({"dataset_group_arn":)" + quoted + "}")),
              "400 invalid")
        << arn;
  }
  const auto ask = [&](const std::string& arn) {
    return Show(Send("POST", "ask", R"({"question":"x","index":"products","campaign":")" + arn + "\"}"));
  };
  EXPECT_EQ(ask(base + "dataset-group/shop"), "400 invalid");
}

TEST_F(NativeApiTest, ShowsTheResultsOfJobs) {
  Create(ResourceKind::kImportJob, "load",
         R"({"dataset":"shop/ITEMS","rows":2,"rejected":0,"encoding":"cp949"})");
  const auto shown = format::ParseJson(Send("GET", "jobs/dataset-import-job/load", "").body);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(shown->Find("state")->string(), "completed");
  EXPECT_EQ(shown->Find("encoding")->string(), "cp949");
  EXPECT_EQ(shown->Find("rows")->integer(), 2);
  EXPECT_EQ(Show(Send("GET", "jobs/dataset-import-job/none", "")), "404 not_found");
  EXPECT_EQ(Show(Send("GET", "jobs/campaign/load", "")), "404 not_found");
  EXPECT_EQ(Show(Send("POST", "jobs/dataset-import-job/load", "{}")), "400 invalid");
}

// Groups are created and deleted while events arrive. Each request stores its events or reports a lost race.
TEST_F(NativeApiTest, SurvivesConcurrentGroupDeletion) {
  std::atomic<int> stored = 0, refused = 0, other = 0;
  std::atomic<bool> done = false;
  const auto post = [&] {
    for (int i = 0; i < 200; ++i) {
      const std::string answer = Post("events", kEvents);
      ++(answer == "200" ? stored : answer == "409 exists" || answer == "404 not_found" ? refused : other);
    }
  };
  std::thread deleter([&] {
    while (!done) static_cast<void>(resources_->Delete(ResourceKind::kDatasetGroup, "shop").ok());
  });
  std::thread first(post), second(post);
  first.join();
  second.join();
  done = true;
  deleter.join();
  EXPECT_EQ(other, 0);
  EXPECT_EQ(stored + refused, 400);
  EXPECT_GT(stored, 0);
  EXPECT_EQ(Post("events", kEvents), "200");
  EXPECT_TRUE(resources_->Get(ResourceKind::kDatasetGroup, "shop"));
}

TEST_F(NativeApiTest, DamagedCampaignsAnswer500) {
  engine_.Put("products", "d", R"({"title":"lamp"})");
  Create(ResourceKind::kCampaign, "no-version", "{}");
  Create(ResourceKind::kSolutionVersion, "odd/1", R"({"recipe":"of tomorrow"})");
  Create(ResourceKind::kCampaign, "odd-recipe", R"({"solution_version":"odd/1"})");
  Create(ResourceKind::kCampaign, "newer", "{}");
  const std::string prefix = std::string("recommend.campaign") + '\0';
  std::string newer = engine_.kv->Get(storage::Family::kResources, prefix + "newer").value().value();
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, prefix + "broken", "{damaged");
  batch.Put(storage::Family::kResources, prefix + "newer", newer);
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  Open();
  const auto likelihood = [&](const std::string& campaign) {
    return Post("likelihood",
                R"({"user_id":"u","index":"products","item_ids":["d"],"campaign":")" + campaign + R"("})");
  };
  EXPECT_EQ(likelihood("none"), "404 not_found");
  EXPECT_EQ(likelihood("no-version"), "500 corrupt");
  EXPECT_EQ(likelihood("odd-recipe"), "500 corrupt");
  EXPECT_EQ(likelihood("broken"), "500 corrupt");
  EXPECT_EQ(likelihood("newer"), "500 format_version");
  const auto ask = [&](const std::string& campaign) {
    return Post("ask", R"({"question":"lamp","index":"products","campaign":")" + campaign + R"("})");
  };
  EXPECT_EQ(ask("none"), "404 not_found");
  EXPECT_EQ(ask("broken"), "500 corrupt");
  EXPECT_EQ(ask("newer"), "500 format_version");
}

TEST(NativeErrors, Answers500OnlyForServerFailures) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_EQ(ErrorResponse(Error(code, "m")).status == 500, IsServerFailure(KindOf(code))) << Name(code);
  }
}

class CollectedBody final : public net::BodyWriter {
 public:
  Status Write(std::string_view piece) override {
    text += piece;
    return Ok();
  }
  std::string text;
};

TEST_F(NativeApiTest, StreamedAnswersAreEventsAndMistakesOrdinaryErrors) {
  engine_.Put("products", "d", R"({"title":"red chair"})");
  const std::string question = R"({"question":"red chair","index":"products","stream":)";
  const net::Response streamed = Send("POST", "ask", question + "true}");
  ASSERT_TRUE(streamed.stream);
  EXPECT_EQ(streamed.headers.Get("content-type"), "text/event-stream");
  CollectedBody body;
  ASSERT_TRUE(streamed.stream(body).ok());
  EXPECT_TRUE(body.text.starts_with("event: intent\ndata: {")) << body.text.substr(0, 100);
  EXPECT_NE(body.text.find("\n\nevent: done\ndata: {\"answer\""), std::string::npos);

  const net::Response whole = Send("POST", "ask", question + "false}");
  EXPECT_FALSE(whole.stream);
  EXPECT_EQ(Show(whole), "200");
  for (const char* wrong : {R"({"question":7,"index":"products","stream":true})",
                            R"({"question":"x","index":"products","stream":"yes"})"}) {
    const net::Response refused = Send("POST", "ask", wrong);
    EXPECT_FALSE(refused.stream) << wrong;
    EXPECT_EQ(Show(refused), "400 invalid") << wrong;
  }
}

}  // namespace
}  // namespace trine::api::native
