// PersonalizeApiTest: the Personalize API over an engine in memory, with jobs that the test finishes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/personalize/api.h"
#include "test/support/write_engine.h"

namespace trine::api::personalize {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

inline constexpr const char* kEvents =
    R"({"type":"record","name":"Interactions","namespace":"n","fields":[{"name":"USER_ID","type":"string"},)"
    R"({"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"EVENT_TYPE","type":"string"},)"
    R"({"name":"DEVICE","type":["null","string"],"categorical":true}],"version":"1.0"})";
inline constexpr const char* kItems =
    R"({"type":"record","name":"Items","namespace":"n","fields":[{"name":"ITEM_ID","type":"string"},)"
    R"({"name":"PRICE","type":"float"},{"name":"CATEGORY_L1","type":"string","categorical":true}],"version":"1.0"})";
inline constexpr const char* kUsers =
    R"({"type":"record","name":"Users","namespace":"n","fields":[{"name":"USER_ID","type":"string"},)"
    R"({"name":"AGE","type":"int"}],"version":"1.0"})";

// Jobs that stay pending until the test finishes them.
class ManualJobs final : public operations::Jobs {
 public:
  explicit ManualJobs(recommend::ResourceStore& resources) : resources_(resources) {}
  Status StartImport(const std::string& p) override { return Start(ResourceKind::kImportJob, p); }
  Status StartExport(const std::string& p) override { return Start(ResourceKind::kExportJob, p); }
  Status StartTraining(const std::string& p) override { return Start(ResourceKind::kSolutionVersion, p); }
  Status StopTraining(const std::string& p) override {
    return End(ResourceKind::kSolutionVersion, p, ResourceState::kStopped);
  }
  Status StartRecommenderTraining(const std::string& p) override {
    return Start(ResourceKind::kRecommender, p);
  }
  Status StartBatchInference(const std::string& p) override {
    return Start(ResourceKind::kBatchInferenceJob, p);
  }
  Status StartDataDeletion(const std::string& p) override { return Start(ResourceKind::kDataDeletionJob, p); }
  Status RemoveRejects(const std::vector<std::string>&) override { return Ok(); }
  Status RemoveRejectsOfImport(const std::string&) override { return Ok(); }
  void ResumeAll() override {}
  void ResumeStalled() override {}
  std::optional<Progress> ProgressOf(const std::string&) const override { return std::nullopt; }

  // Makes every started job succeed.
  void FinishAll() {
    for (const auto& [kind, path] : std::exchange(started_, {}))
      EXPECT_TRUE(End(kind, path, ResourceState::kActive).ok());
  }

 private:
  Status Start(ResourceKind kind, const std::string& path) {
    started_.emplace_back(kind, path);
    return Ok();
  }
  Status End(ResourceKind kind, const std::string& path, ResourceState state) {
    const auto ended = resources_.Update(kind, path, [&](Resource& resource) {
      resource.state = state;
      if (kind == ResourceKind::kSolutionVersion && state == ResourceState::kActive) {
        resource.spec.Set("training_hours", 0.5);
        resource.spec.Set("metrics",
                          Json::Object{{"coverage", 0.25}, {"mrr_at_25", 0.5}, {"ndcg_at_10", 0.75}});
      }
      return Ok();
    });
    return ended.ok() ? Ok() : Status(ended.error());
  }
  recommend::ResourceStore& resources_;
  std::vector<std::pair<ResourceKind, std::string>> started_;
};

class PersonalizeApiTest : public testing::Test {
 protected:
  PersonalizeApiTest() {
    history_ = std::move(history::History::Open(*engine_.kv, engine_.log)).value();
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
    recommender_ =
        std::move(recommend::NewRecommender(std::move(storage::OpenDirectory(folder_.path("models"))).value(),
                                            *history_, *engine_.catalogue, *engine_.records, engine_.clock,
                                            engine_.log, NullMetrics()))
            .value();
    jobs_ = std::make_unique<ManualJobs>(*resources_);
    api_ = std::make_unique<Api>(Dependencies{*resources_, *recommender_, *history_, *engine_.catalogue,
                                              *engine_.records, *engine_.writer, *jobs_, engine_.clock,
                                              engine_.log});
  }

  net::Response Send(const std::string& operation, const std::string& body) {
    net::Request request;
    request.method = "POST";
    request.id = "request-1";
    request.caller.region = "eu-west-1";
    request.path = operation.starts_with('/') ? operation : "/";
    if (request.path == "/") request.headers.Add("X-Amz-Target", "AmazonPersonalize." + operation);
    request.body = body;
    EXPECT_TRUE(api_->Owns(request));
    return api_->Handle(request);
  }
  // Makes a call that must succeed and returns its answer.
  Json Call(const std::string& operation, const Json& body) {
    const net::Response response = Send(operation, format::ToString(body));
    EXPECT_EQ(response.status, 200) << operation << ": " << response.body;
    return response.body.empty() ? Json() : *format::ParseJson(response.body);
  }
  // Makes a call that must succeed and returns a copy of a list in the answer.
  Json::Array List(const std::string& operation, const Json& body, const char* member) {
    const Json answer = Call(operation, body);
    return answer.Find(member)->array();
  }
  std::string CreateArn(const std::string& operation, const Json& body, const std::string& arn) {
    const Json answer = Call(operation, body);
    const Json* found = answer.Find(arn);
    EXPECT_NE(found, nullptr) << operation;
    return found == nullptr ? "" : found->string();
  }
  // Makes a call that must fail and returns "<status> <type>".
  std::string ErrorOf(const std::string& operation, const Json& body) {
    return ErrorOfText(operation, format::ToString(body));
  }
  std::string ErrorOfText(const std::string& operation, const std::string& body) {
    const net::Response response = Send(operation, body);
    const auto json = format::ParseJson(response.body);
    EXPECT_TRUE(json.ok()) << response.body;
    const std::string type = json->Find("__type")->string();
    EXPECT_EQ(response.headers.Get("x-amzn-errortype"), type);
    EXPECT_EQ(response.headers.Get("x-amzn-requestid"), "request-1");
    EXPECT_FALSE(json->Find("message")->string().empty());
    last_message_ = json->Find("message")->string();
    return std::to_string(response.status) + " " + type;
  }

  // A group with three datasets, a trained solution and a campaign. Users with even numbers viewed items with
  // even numbers; users with odd numbers viewed items with odd numbers.
  void CreateShop(const char* recipe = "aws-user-personalization-v2") {
    group_ = CreateArn("CreateDatasetGroup", Json::Object{{"name", "shop"}}, "datasetGroupArn");
    for (const auto& [type, schema] :
         {std::pair("Interactions", kEvents), std::pair("Items", kItems), std::pair("Users", kUsers)}) {
      const std::string arn = CreateArn(
          "CreateSchema", Json::Object{{"name", std::string("s-") + type}, {"schema", schema}}, "schemaArn");
      dataset_[type] = CreateArn(
          "CreateDataset",
          Json::Object{
              {"name", type}, {"schemaArn", arn}, {"datasetGroupArn", group_}, {"datasetType", type}},
          "datasetArn");
    }
    tracker_ =
        CreateArn("CreateEventTracker",
                  Json::Object{{"name", "YOUR_TRACKING_ID"}, {"datasetGroupArn", group_}}, "trackingId");
    for (int user = 0; user < 20; ++user) {
      for (int n = 0; n < 5; ++n)
        PutEvent("u" + std::to_string(user), "i" + std::to_string(2 * ((user / 2 + n) % 10) + user % 2),
                 "View", user * 10 + n);
    }
    solution_ = CreateArn("CreateSolution",
                          Json::Object{{"name", "for-you"},
                                       {"datasetGroupArn", group_},
                                       {"recipeArn", std::string("arn:aws:personalize:::recipe/") + recipe}},
                          "solutionArn");
    version_ =
        CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}}, "solutionVersionArn");
    jobs_->FinishAll();
    campaign_ = CreateArn("CreateCampaign", Json::Object{{"name", "now"}, {"solutionVersionArn", version_}},
                          "campaignArn");
  }
  void PutEvent(const std::string& user, const std::string& item, const std::string& type, int64_t second) {
    Call("/events", Json::Object{{"trackingId", tracker_},
                                 {"userId", user},
                                 {"sessionId", "s"},
                                 {"eventList", Json::Array{Json::Object{{"sentAt", 1'795'000'000 + second},
                                                                        {"eventType", type},
                                                                        {"itemId", item}}}}});
  }
  std::vector<std::string> RecommendedItems(const Json& body) {
    std::vector<std::string> items;
    for (const Json& item : List("/recommendations", body, "itemList"))
      items.push_back(item.Find("itemId")->string());
    return items;
  }

  test::WriteEngine engine_;
  test::TempFolder folder_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<recommend::ResourceStore> resources_;
  std::unique_ptr<recommend::Recommender> recommender_;
  std::unique_ptr<ManualJobs> jobs_;
  std::unique_ptr<Api> api_;
  std::string group_, tracker_, solution_, version_, campaign_, last_message_;
  std::map<std::string, std::string> dataset_;
};

}  // namespace trine::api::personalize
