#include "server/routes.h"

#include <gtest/gtest.h>

#include "format/json.h"
#include "net/sigv4.h"
#include "server/engines.h"
#include "server/prometheus_metrics.h"
#include "test/support/await_response.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

using format::Json;
using net::Access, net::RequestClass;

constexpr const char* kCredentials = R"({
  "users": [{"name": "admin", "password": "a"}, {"name": "reader", "password": "r", "role": "read"}],
  "tokens": [{"name": "shop", "token": "t", "role": "public", "origins": ["https://shop.example"]}]})";

// The service with all four APIs on an empty data directory.
class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    EngineOptions options;
    options.data_dir = folder_.path("data");
    engines_ = std::move(Engines::Open(options, clock_, NullLog(), metrics_)).value();
    const Engines& e = *engines_;
    opensearch_ = std::make_unique<api::opensearch::Api>(
        api::opensearch::Dependencies{*e.analyzers, *e.catalogue, *e.records, *e.indexes, *e.searcher,
                                      *e.writer, *e.search, *e.pipelines, clock_, NullLog()});
    personalize_ = std::make_unique<api::personalize::Api>(
        api::personalize::Dependencies{*e.resources, *e.recommender, *e.history, *e.catalogue, *e.records,
                                       *e.writer, *e.jobs, clock_, NullLog()});
    bedrock_ = std::make_unique<api::bedrock::Api>(
        api::bedrock::Dependencies{*e.model, [&e] { return e.ask->Pinned(); }, clock_, NullLog()});
    chat_ = std::make_unique<api::chat::Api>(
        api::chat::Dependencies{*e.model, [&e] { return e.ask->Pinned(); }, clock_, NullLog()});
    native_ = std::make_unique<api::native::Api>(api::native::Dependencies{
        *e.ask, *e.search, *e.recommender, *e.resources, *e.history, *e.catalogue, *e.records, *e.writer,
        *e.jobs,
        [](const Json&) -> Result<search::QueryPtr> { return Error(ErrorCode::kInvalid, "no filters here"); },
        [](std::string_view text) -> api::native::ResourceName {
          return {"", std::string(text)};
        },
        [] { return std::string("metrics"); },
        [] {
          return Json(Json::Object{{"status", "ok"}});
        },
        clock_, NullLog(), *e.declared_roles});
    credentials_ = *Credentials::Parse(kCredentials, "test");
    open_ = MakeService(Apis(), nullptr, {}, clock_, NullLog(), metrics_);
    guarded_ = MakeService(Apis(), credentials_.get(), {"us-east-1", {folder_.path("data")}}, clock_,
                           NullLog(), metrics_);
  }

  server::Apis Apis() const { return {*opensearch_, *personalize_, *bedrock_, *native_, *chat_}; }

  static net::Request Head(const std::string& method, const std::string& path) {
    net::Request request;
    request.method = method;
    request.target = request.path = path;
    request.id = "id-1";
    request.headers.Add("host", "localhost:9200");
    return request;
  }
  // Sends a request to a service after filling in its plan, as the HTTP server does.
  static net::Response Send(const net::Service& service, net::Request request) {
    request.plan = service.plan(request);
    return service.handle(request);
  }
  static net::Request WithUser(net::Request request, const char* basic) {
    request.headers.Add("authorization", std::string("Basic ") + basic);
    return request;
  }

  test::TempFolder folder_;
  ManualClock clock_{Millis{1'795'000'000'000}};
  PrometheusMetrics metrics_;
  std::unique_ptr<Engines> engines_;
  std::unique_ptr<api::opensearch::Api> opensearch_;
  std::unique_ptr<api::personalize::Api> personalize_;
  std::unique_ptr<api::bedrock::Api> bedrock_;
  std::unique_ptr<api::chat::Api> chat_;
  std::unique_ptr<api::native::Api> native_;
  std::unique_ptr<Credentials> credentials_;
  net::Service open_, guarded_;
};

constexpr const char* kAdmin = "YWRtaW46YQ==";   // admin:a
constexpr const char* kReader = "cmVhZGVyOnI=";  // reader:r

TEST_F(RoutesTest, RejectsInTheErrorFormatOfTheOwningApi) {
  const Error busy(ErrorCode::kBusy, "the queue is full");
  const auto refused = [&](const net::Request& head) { return open_.refuse(head, 429, busy); };
  for (const auto& [method, path] : {std::pair("GET", "/products/_search"), std::pair("GET", "/events"),
                                     std::pair("GET", "/"), std::pair("POST", "/modelx")}) {
    const net::Response response = refused(Head(method, path));
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(format::ParseJson(response.body)->Find("status")->integer(), 429) << "OpenSearch " << path;
  }
  for (const char* path : {"/events", "/recommendations", "/items"}) {
    const net::Response response = refused(Head("POST", path));
    EXPECT_EQ(response.headers.Get("x-amzn-errortype"), "ThrottlingException") << path;
    EXPECT_EQ(response.headers.Get("x-amzn-requestid"), "id-1");
  }
  net::Request control = Head("POST", "/");
  control.headers.Add("x-amz-target", "AmazonPersonalize.ListSchemas");
  EXPECT_EQ(refused(control).headers.Get("x-amzn-errortype"), "ThrottlingException");
  EXPECT_EQ(refused(Head("POST", "/model/m/invoke")).headers.Get("x-amzn-errortype"), "ThrottlingException");
  const net::Response native = refused(Head("POST", "/_trine/ask"));
  EXPECT_EQ(format::ParseJson(native.body)->FindPath("error.kind")->string(), "busy");
}

TEST_F(RoutesTest, PlanSetsPoolAndAccessByPath) {
  const auto plan = [&](const char* method, const char* path) { return open_.plan(Head(method, path)); };
  EXPECT_EQ(plan("POST", "/_trine/ask").access, Access::kPublic);
  EXPECT_EQ(plan("POST", "/_trine/ask").pool, RequestClass::kLanguage);
  EXPECT_EQ(plan("GET", "/_trine/health").access, Access::kRead);
  EXPECT_EQ(plan("POST", "/_trine/items").access, Access::kWrite);
  EXPECT_EQ(plan("POST", "/_trine/none").access, Access::kAdmin) << "unknown endpoints are not public";
  EXPECT_EQ(plan("PUT", "/_trine/bindings/x").access, Access::kAdmin);
  EXPECT_EQ(plan("POST", "/events").access, Access::kPublic);
  EXPECT_EQ(plan("POST", "/events").pool, RequestClass::kWrite);
  EXPECT_EQ(plan("POST", "/model/m/invoke").access, Access::kRead);
  EXPECT_EQ(plan("POST", "/model/m/invoke").pool, RequestClass::kLanguage);
  EXPECT_EQ(plan("GET", "/products/_search").pool, RequestClass::kSearch);
  EXPECT_GE(plan("DELETE", "/products").access, Access::kWrite);
}

TEST_F(RoutesTest, WithoutCredentialsRejectsForeignHosts) {
  net::Request request = Head("GET", "/_trine/health");
  EXPECT_EQ(Send(open_, request).status, 200);
  request.headers.Set("host", "evil.example");
  const net::Response refused = Send(open_, request);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(format::ParseJson(refused.body)->FindPath("error.kind")->string(), "forbidden");
  EXPECT_EQ(open_.admit, nullptr) << "there is nothing to check before the body";
}

TEST_F(RoutesTest, WithCredentialsRejectsAnonymousRequests) {
  const net::Response search = Send(guarded_, Head("GET", "/products/_search"));
  EXPECT_EQ(search.status, 401);
  EXPECT_NE(search.headers.Get("www-authenticate"), "");
  const net::Response aws = Send(guarded_, Head("POST", "/recommendations"));
  EXPECT_EQ(aws.status, 403);
  EXPECT_EQ(aws.headers.Get("x-amzn-errortype"), "MissingAuthenticationTokenException");
  net::Request head = Head("POST", "/_bulk");
  head.plan = guarded_.plan(head);
  EXPECT_FALSE(guarded_.admit(head).ok()) << "before the body is read";
}

TEST_F(RoutesTest, RejectsRolesWithoutTheRequiredAccess) {
  EXPECT_EQ(Send(guarded_, WithUser(Head("GET", "/_trine/health"), kReader)).status, 200);
  EXPECT_EQ(Send(guarded_, WithUser(Head("POST", "/_trine/prepare"), kReader)).status, 403);
  EXPECT_EQ(Send(guarded_, WithUser(Head("PUT", "/products"), kReader)).status, 403);
  EXPECT_EQ(Send(guarded_, WithUser(Head("PUT", "/products"), kAdmin)).status, 200);
  net::Request bulk = WithUser(Head("POST", "/_bulk"), kReader);
  bulk.plan = guarded_.plan(bulk);
  EXPECT_EQ(guarded_.admit(bulk).error().code, ErrorCode::kForbidden);
}

TEST_F(RoutesTest, AllowsPreflightsOnlyFromListedOrigins) {
  net::Request preflight = Head("OPTIONS", "/_trine/ask");
  preflight.headers.Add("origin", "https://evil.example");
  EXPECT_EQ(Send(guarded_, preflight).status, 403);
  preflight.headers.Set("origin", "https://shop.example");
  const net::Response allowed = Send(guarded_, preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.headers.Get("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(allowed.headers.Get("vary"), "origin");
}

TEST_F(RoutesTest, AllowsListedOriginsToReadResponses) {
  net::Request request = WithUser(Head("GET", "/_trine/health"), kAdmin);
  request.headers.Add("origin", "https://shop.example");
  EXPECT_EQ(Send(guarded_, request).headers.Get("access-control-allow-origin"), "https://shop.example");
  request.headers.Set("origin", "https://evil.example");
  EXPECT_EQ(Send(guarded_, request).headers.Get("access-control-allow-origin"), "");
}

TEST_F(RoutesTest, EveryResponseForbidsContentSniffing) {
  EXPECT_EQ(Send(open_, Head("GET", "/")).headers.Get("x-content-type-options"), "nosniff");
  EXPECT_EQ(Send(guarded_, Head("GET", "/")).headers.Get("x-content-type-options"), "nosniff");
}

TEST_F(RoutesTest, CountsRejectionsByResponseStatus) {
  // With status 0, the error determines the status.
  open_.refuse(Head("GET", "/x"), 0, Error(ErrorCode::kMissingCredentials, "no credentials"));
  open_.refuse(Head("GET", "/x"), 413, Error(ErrorCode::kBodyTooLarge, "too large"));
  EXPECT_EQ(metrics_.GetCounter("trine_responses_total", "", "401").value(), 1);
  EXPECT_EQ(metrics_.GetCounter("trine_responses_total", "", "413").value(), 1);
  EXPECT_EQ(metrics_.Text().find("kind=\"0\""), std::string::npos);
}

TEST_F(RoutesTest, SlowsDownRefusedLogins) {
  net::Request guess = WithUser(Head("GET", "/_trine/health"), "YWRtaW46Yg==");  // admin:b
  guess.peer = "192.0.2.7:1";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Send(guarded_, guess).status, 401);
  const net::Response refused = Send(guarded_, guess);
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.headers.Find("retry-after"), nullptr);
  net::Request right = WithUser(Head("GET", "/_trine/health"), kAdmin);
  right.peer = "192.0.2.7:2";
  EXPECT_EQ(Send(guarded_, right).status, 429) << "a right guess looks like a wrong one";
  right.peer = "192.0.2.8:2";
  EXPECT_EQ(Send(guarded_, right).status, 200);
  clock_.Advance(60'000);
  right.peer = "192.0.2.7:2";
  EXPECT_EQ(Send(guarded_, right).status, 200);
}

TEST_F(RoutesTest, LimitsBodiesAndRateOfPublicCallers) {
  net::Request event = Head("POST", "/_trine/events");
  event.headers.Add("authorization", "Bearer t");
  event.peer = "192.0.2.9:1";
  event.body = std::string(kMaxPublicBodyBytes + 1, ' ');
  EXPECT_EQ(Send(guarded_, event).status, 413);
  net::Request head = event;
  head.plan = guarded_.plan(head);
  EXPECT_EQ(guarded_.admit(head).value(), kMaxPublicBodyBytes);
  event.body = "{}";
  int limited = 0;
  for (int i = 0; i < 300; ++i) limited += Send(guarded_, event).status == 429 ? 1 : 0;
  EXPECT_EQ(limited, 200);
}

TEST_F(RoutesTest, ChecksTheServiceAndRegionOfSignatures) {
  const auto credentials =
      *Credentials::Parse(R"({"keys": [{"access_key": "A", "secret_key": "S"}]})", "test");
  const net::Service service =
      MakeService(Apis(), credentials.get(), {"us-east-1", {}}, clock_, NullLog(), metrics_);
  const auto status = [&](const char* path, const char* region, const char* name) {
    net::Request request = Head("GET", path);
    request.peer = "192.0.2.10:1";
    net::Sign({"A", "S", ""}, {region, name}, clock_.Now(), "GET", "localhost:9200", path, "", "",
              &request.headers);
    return Send(service, request).status;
  };
  EXPECT_EQ(status("/_trine/health", "us-east-1", "es"), 200);
  EXPECT_EQ(status("/_cluster/health", "us-east-1", "es"), 200);
  EXPECT_EQ(status("/_cluster/health", "us-east-1", "personalize"), 401);
  EXPECT_EQ(status("/_cluster/health", "eu-west-1", "es"), 401);
  EXPECT_NE(status("/_trine/health", "us-east-1", "s3"), 200);
}

TEST_F(RoutesTest, SignsOfLifeNeedNoPool) {
  for (const char* path : {"/_trine/live", "/_trine/ready", "/_trine/health"}) {
    EXPECT_TRUE(guarded_.plan(Head("GET", path)).on_event_loop) << path;
    EXPECT_TRUE(guarded_.plan(Head("HEAD", path)).on_event_loop) << path;
    EXPECT_FALSE(guarded_.plan(Head("POST", path)).on_event_loop) << path;
    EXPECT_LE(guarded_.plan(Head("GET", path)).max_body_bytes, 4096u) << "a body is read and unpacked there";
  }
  for (const char* path : {"/_trine/metrics", "/_trine/prepare", "/_trine/live/x", "/", "/live"})
    EXPECT_FALSE(guarded_.plan(Head("GET", path)).on_event_loop) << path;
  const net::Response live = Send(guarded_, Head("GET", "/_trine/live"));
  EXPECT_EQ(live.status, 200) << "without credentials";
  EXPECT_EQ(live.body, R"({"live":true})");
  EXPECT_EQ(Send(guarded_, Head("POST", "/_trine/live")).status, 401);
  EXPECT_EQ(Send(guarded_, Head("GET", "/_trine/ready")).status, 401);
  EXPECT_EQ(Send(guarded_, WithUser(Head("GET", "/_trine/ready"), kReader)).status, 200);
  EXPECT_EQ(Send(open_, Head("HEAD", "/_trine/ready")).status, 200);
}

// While the engines are being opened, every API answers 503 in its own format, with the progress.
TEST_F(RoutesTest, AnswersWhileTheServerStarts) {
  Entrance entrance;
  entrance.progress().Set(0.424, "indexing the documents of \"products\"");
  const net::Service service = entrance.Switch();
  const std::string progress = "the server is starting: indexing the documents of \"products\", 42 % done";
  EXPECT_EQ(Send(service, Head("GET", "/_trine/live")).status, 200);
  for (const char* path : {"/_trine/ready", "/_trine/health"}) {
    const net::Response response = Send(service, Head("GET", path));
    EXPECT_EQ(response.status, 503) << path;
    const Json body = *format::ParseJson(response.body);
    EXPECT_EQ(body.Find("status")->string(), "starting");
    EXPECT_EQ(body.FindPath("progress.done")->number(), 0.424);
    EXPECT_EQ(body.FindPath("error.kind")->string(), "unavailable");
    EXPECT_EQ(body.FindPath("error.message")->string(), progress);
  }
  for (const auto& [method, path] : {std::pair("GET", "/"), std::pair("GET", "/products/_search"),
                                     std::pair("POST", "/_bulk"), std::pair("GET", "/_cluster/health")}) {
    const net::Response response = Send(service, Head(method, path));
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.headers.Get("retry-after"), "1");
    const Json body = *format::ParseJson(response.body);
    EXPECT_EQ(body.Find("status")->integer(), 503);
    EXPECT_EQ(body.FindPath("error.type")->string(), "cluster_block_exception");
    EXPECT_EQ(body.FindPath("error.reason")->string(),
              "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];");
    EXPECT_EQ(body.FindPath("error.root_cause")->array().size(), 1u);
    EXPECT_EQ(body.FindPath("error.caused_by.reason")->string(), progress);
  }
  for (const char* path : {"/events", "/recommendations", "/model/m/invoke"}) {
    const net::Response response = Send(service, Head("POST", path));
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.headers.Get("x-amzn-errortype"), "ServiceUnavailableException");
    EXPECT_NE(response.body.find("42 % done"), std::string::npos) << response.body;
  }
  EXPECT_EQ(Send(service, Head("POST", "/_trine/ask")).status, 503);

  // A large body is refused before it is read, and the server's own rejections keep their status.
  const net::Request bulk = Head("POST", "/_bulk");
  const Error refused = service.admit(bulk).error();
  EXPECT_EQ(service.refuse(bulk, 0, refused).status, 503);
  EXPECT_EQ(service.refuse(bulk, 413, Error(ErrorCode::kBodyTooLarge, "too large")).status, 413);
}

TEST_F(RoutesTest, ServesWhenTheServerHasStarted) {
  Entrance entrance;
  const net::Service service = entrance.Switch();
  net::Request early = Head("GET", "/_cluster/health");
  early.plan = service.plan(early);
  EXPECT_TRUE(early.plan.on_event_loop);
  entrance.Open(MakeService(Apis(), credentials_.get(), {}, clock_, NullLog(), metrics_));
  EXPECT_EQ(service.handle(early).status, 503) << "planned for the event loop, which must not wait";
  EXPECT_EQ(Send(service, Head("GET", "/_cluster/health")).status, 401);
  EXPECT_EQ(Send(service, WithUser(Head("GET", "/_cluster/health"), kAdmin)).status, 200);
  net::Request head = Head("POST", "/_bulk");
  head.plan = service.plan(head);
  EXPECT_EQ(service.admit(head).error().code, ErrorCode::kMissingCredentials);
  Entrance open;
  const net::Service unguarded = open.Switch();
  open.Open(MakeService(Apis(), nullptr, {}, clock_, NullLog(), metrics_));
  head.plan = unguarded.plan(head);
  EXPECT_EQ(unguarded.admit(head).value(), head.plan.max_body_bytes);
}

// The headers that every response gets are also in one that was made after a wait.
TEST_F(RoutesTest, FinishesResponsesAfterTheirWait) {
  ASSERT_EQ(Send(open_, Head("PUT", "/products")).status, 200);
  net::Request ask = Head("POST", "/_trine/ask");
  ask.body = R"({"question": "chair", "index": "products"})";
  ask.plan = open_.plan(ask);
  const net::Response waiting = open_.handle(ask);
  ASSERT_NE(waiting.wait, nullptr) << "the first question starts the build of the index's knowledge";
  EXPECT_GT(waiting.wait->most_millis, 0);
  const net::Response answer = test::Await(waiting);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.Get("x-content-type-options"), "nosniff");
}

// Deleting a person and looking at a job are for administrators; jobs do not show paths of this machine.
TEST_F(RoutesTest, GuardsPeopleAndJobs) {
  for (const auto& [method, path] :
       {std::pair("DELETE", "/_trine/users/shop/user_42"), {"GET", "/_trine/jobs/dataset-import-job/load"}}) {
    EXPECT_EQ(guarded_.plan(Head(method, path)).access, net::Access::kAdmin) << path;
  }
  recommend::Resource job;
  job.kind = recommend::ResourceKind::kImportJob;
  job.path = job.name = "load";
  job.spec = Json::Object{{"reject_location", folder_.path("data") + "/scratch/load.rejects.csv"}};
  ASSERT_TRUE(engines_->resources->Create(job).ok());
  const net::Response shown =
      Send(guarded_, WithUser(Head("GET", "/_trine/jobs/dataset-import-job/load"), kAdmin));
  EXPECT_EQ(shown.status, 200) << shown.body;
  EXPECT_NE(shown.body.find("<server>/scratch/load.rejects.csv"), std::string::npos) << shown.body;
}

TEST_F(RoutesTest, HidesThePathsOfThisMachine) {
  net::Request request = WithUser(Head("GET", "/_trine/health"), kAdmin);
  const Error broken = Error(ErrorCode::kIo, "cannot read").Where(folder_.path("data") + "/facts/000012.sst");
  const net::Response response = guarded_.refuse(request, 0, broken);
  EXPECT_EQ(response.body.find(folder_.path()), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("<server>/facts/000012.sst"), std::string::npos) << response.body;
  ServicePolicy policy;
  policy.hidden_except_locations = {folder_.path("imports")};
  const net::Service service = MakeService(Apis(), nullptr, policy, clock_, NullLog(), metrics_);
  const auto text = [&](const std::string& message) {
    return service.refuse(request, 0, Error(ErrorCode::kIo, message)).body;
  };
  EXPECT_EQ(text("expected a file under " + folder_.path("imports")).find(folder_.path()), std::string::npos);
  const std::string location = "file://" + folder_.path("imports/a.csv");
  EXPECT_NE(text("cannot open " + location).find(location), std::string::npos)
      << "a client knows the location that it has given";
  const std::string other = folder_.path("data-2/file.csv");
  EXPECT_NE(guarded_.refuse(request, 0, Error(ErrorCode::kIo, "x").Where(other)).body.find(other),
            std::string::npos)
      << "the path of another folder, which the client may have given itself";
}

}  // namespace
}  // namespace trine::server
