#include "api/personalize/api.h"

#include <gtest/gtest.h>

#include <set>

#include "test/support/personalize_api.h"

namespace trine::api::personalize {
namespace {

using ApiTest = PersonalizeApiTest;

TEST_F(ApiTest, OwnsOnlyPersonalizeRequests) {
  net::Request request;
  request.method = "POST";
  request.path = "/";
  EXPECT_FALSE(api_->Owns(request));
  request.headers.Add("x-amz-target", "AmazonPersonalize.ListSchemas");
  EXPECT_TRUE(api_->Owns(request));
  request.path = "/events";
  EXPECT_TRUE(api_->Owns(request));
  EXPECT_EQ(api_->Plan(request).pool, net::RequestClass::kWrite);
  EXPECT_EQ(api_->Plan(request).access, net::Access::kPublic);
  request.method = "PUT";  // creates an index "events" in OpenSearch
  EXPECT_FALSE(api_->Owns(request));
}

TEST_F(ApiTest, RejectsMalformedBodiesAndUnknownOperations) {
  for (const char* body : {"{", "[]", "null", "{\"a\":1} x", "{'a':1}", "\"text\"", "{\"name\":[]}"})
    EXPECT_EQ(ErrorOfText("CreateDatasetGroup", body), "400 SerializationException") << body;
  EXPECT_EQ(ErrorOfText("CreateNothing", "{}"), "400 UnknownOperationException");
  EXPECT_EQ(ErrorOfText("CreateMetricAttribution", "{}"), "400 UnknownOperationException");
  EXPECT_NE(last_message_.find("CreateMetricAttribution is not supported yet"), std::string::npos);
  EXPECT_EQ(ErrorOfText("/action-recommendations", "{}"), "400 UnknownOperationException");
  EXPECT_EQ(Send("ListSchemas", "").status, 200);
}

TEST_F(ApiTest, CreatesDescribesAndDeletesDatasetGroup) {
  const std::string arn = CreateArn("CreateDatasetGroup",
                                    Json::Object{{"name", "g"}, {"domain", "ECOMMERCE"}}, "datasetGroupArn");
  EXPECT_EQ(arn, "arn:aws:personalize:eu-west-1:123456789012:dataset-group/g");
  const Json group =
      *Call("DescribeDatasetGroup", Json::Object{{"datasetGroupArn", arn}}).Find("datasetGroup");
  EXPECT_EQ(group.Find("status")->string(), "ACTIVE");
  EXPECT_EQ(group.Find("domain")->string(), "ECOMMERCE");
  EXPECT_EQ(group.Find("creationDateTime")->number(), 1'795'320'000.0);
  EXPECT_EQ(ErrorOf("CreateDatasetGroup", Json::Object{{"name", "g"}}), "400 ResourceAlreadyExistsException");
  Call("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", arn}});
  EXPECT_EQ(ErrorOf("DescribeDatasetGroup", Json::Object{{"datasetGroupArn", arn}}),
            "400 ResourceNotFoundException");
  EXPECT_EQ(last_message_, "Resource Arn " + arn + " does not exist.");
  EXPECT_EQ(ErrorOf("CreateDatasetGroup", Json::Object{{"name", "v"}, {"domain", "VIDEO_ON_DEMAND"}}),
            "400 InvalidInputException");
}

TEST_F(ApiTest, RecommendationsReflectNewEvents) {
  CreateShop();
  const Json ask = Json::Object{{"campaignArn", campaign_}, {"userId", "visitor"}, {"numResults", 5}};
  const auto before = RecommendedItems(ask);
  EXPECT_EQ(before.size(), 5u);
  for (int n = 0; n < 4; ++n) PutEvent("visitor", "i" + std::to_string(2 * n + 1), "View", 1000 + n);
  const auto after = RecommendedItems(ask);
  EXPECT_NE(before, after);
  const auto odd = [](const std::vector<std::string>& items) {
    return std::ranges::count_if(items, [](const std::string& i) { return (i.back() - '0') % 2 == 1; });
  };
  EXPECT_GE(odd(after), 4);
}

TEST_F(ApiTest, ReportsMetricsAndSwitchesVersions) {
  CreateShop();
  const Json version = *Call("DescribeSolutionVersion", Json::Object{{"solutionVersionArn", version_}})
                            .Find("solutionVersion");
  EXPECT_EQ(version.Find("status")->string(), "ACTIVE");
  EXPECT_EQ(version.Find("trainingHours")->number(), 0.5);
  EXPECT_EQ(version.Find("recipeArn")->string(), "arn:aws:personalize:::recipe/aws-user-personalization-v2");
  const Json metrics =
      *Call("GetSolutionMetrics", Json::Object{{"solutionVersionArn", version_}}).Find("metrics");
  EXPECT_EQ(metrics.Find("mean_reciprocal_rank_at_25")->number(), 0.5);
  EXPECT_EQ(metrics.Find("normalized_discounted_cumulative_gain_at_10")->number(), 0.75);
  // A campaign can switch to a second version only after that version is trained.
  const std::string second =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}, {"trainingMode", "UPDATE"}},
                "solutionVersionArn");
  const Json update = Json::Object{{"campaignArn", campaign_}, {"solutionVersionArn", second}};
  EXPECT_EQ(ErrorOf("UpdateCampaign", update), "400 ResourceInUseException");
  EXPECT_EQ(ErrorOf("GetSolutionMetrics", Json::Object{{"solutionVersionArn", second}}),
            "400 ResourceInUseException");
  EXPECT_EQ(ErrorOf("DeleteSolution", Json::Object{{"solutionArn", solution_}}),
            "400 ResourceInUseException");
  jobs_->FinishAll();
  Call("UpdateCampaign", update);
  const Json campaign = *Call("DescribeCampaign", Json::Object{{"campaignArn", campaign_}}).Find("campaign");
  EXPECT_EQ(campaign.Find("solutionVersionArn")->string(), second);
  EXPECT_EQ(campaign.FindPath("latestCampaignUpdate.status")->string(), "ACTIVE");
}

TEST_F(ApiTest, CampaignFollowsLatestVersion) {
  CreateShop();
  const std::string arn = CreateArn(
      "CreateCampaign", Json::Object{{"name", "latest"}, {"solutionVersionArn", solution_ + "/$LATEST"}},
      "campaignArn");
  const std::string second =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}}, "solutionVersionArn");
  jobs_->FinishAll();
  RecommendedItems(Json::Object{{"campaignArn", arn}, {"userId", "u1"}});
  EXPECT_EQ(Call("DescribeCampaign", Json::Object{{"campaignArn", arn}})
                .FindPath("campaign.solutionVersionArn")
                ->string(),
            second);
}

TEST_F(ApiTest, RejectsInvalidRuntimeRequests) {
  CreateShop();
  const auto ask = [&](const Json& body) { return ErrorOf("/recommendations", body); };
  EXPECT_EQ(ask(Json::Object{{"userId", "u"}}), "400 InvalidInputException");
  EXPECT_EQ(ask(Json::Object{{"campaignArn", campaign_}}), "400 InvalidInputException");
  EXPECT_EQ(ask(Json::Object{{"campaignArn", campaign_}, {"userId", "u"}, {"numResults", 501}}),
            "400 InvalidInputException");
  EXPECT_EQ(ask(Json::Object{{"campaignArn", campaign_}, {"userId", "u"}, {"numResults", -1}}),
            "400 ValidationException");
  EXPECT_EQ(ask(Json::Object{{"campaignArn", campaign_ + "x"}, {"userId", "u"}}),
            "404 ResourceNotFoundException");
  EXPECT_EQ(ask(Json::Object{{"campaignArn", solution_}, {"userId", "u"}}), "400 InvalidInputException");
  EXPECT_EQ(
      ErrorOf("/personalize-ranking",
              Json::Object{{"campaignArn", campaign_}, {"userId", "u"}, {"inputList", Json::Array{"i1"}}}),
      "400 InvalidInputException");
}

TEST_F(ApiTest, UnknownUserGetsPopularItems) {
  CreateShop();
  const auto items =
      List("/recommendations", Json::Object{{"campaignArn", campaign_}, {"userId", "stranger"}}, "itemList");
  ASSERT_FALSE(items.empty());
  // In Personalize `reason` is a list.
  EXPECT_EQ(format::ToString(*items[0].Find("reason")), R"(["Popular item"])");
}

TEST_F(ApiTest, RankingReturnsEveryInputItem) {
  CreateShop("aws-personalized-ranking-v2");
  const Json answer =
      Call("/personalize-ranking",
           Json::Object{{"campaignArn", "arn:aws:personalize:us-east-1:123456789:campaign/now"},
                        {"userId", "u1"},
                        {"inputList", Json::Array{"i2", "nothing", "i1"}}});
  const auto& ranked = answer.Find("personalizedRanking")->array();
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[2].Find("itemId")->string(), "nothing");
  EXPECT_EQ(ranked[2].Find("score"), nullptr);
  EXPECT_TRUE(answer.Find("recommendationId")->string().starts_with("RID-"));
  EXPECT_EQ(answer.Find("recommendationId")->string().size(), 40u);
  EXPECT_EQ(ErrorOf("/recommendations", Json::Object{{"campaignArn", campaign_}, {"userId", "u"}}),
            "400 InvalidInputException");
}

TEST_F(ApiTest, AppliesFiltersAndReturnsMetadata) {
  CreateShop();
  Json items = Json::Array{};
  for (int n = 0; n < 10; ++n)
    items.Push(Json::Object{{"itemId", "i" + std::to_string(n)},
                            {"properties", R"({"price": )" + std::to_string(n * 10) + R"(, "categoryL1": ")" +
                                               (n < 5 ? "low" : "high") + "\"}"}});
  Call("/items", Json::Object{{"datasetArn", dataset_["Items"]}, {"items", items}});
  const std::string filter = CreateArn(
      "CreateFilter",
      Json::Object{
          {"name", "cheap"},
          {"datasetGroupArn", group_},
          {"filterExpression", "INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ($C) AND Items.PRICE < 40"}},
      "filterArn");
  const Json answer =
      Call("/recommendations",
           Json::Object{{"campaignArn", campaign_},
                        {"userId", "u1"},
                        {"filterArn", filter},
                        {"filterValues", Json::Object{{"C", "\"low\""}}},
                        {"metadataColumns", Json::Object{{"ITEMS", Json::Array{"PRICE", "CATEGORY_L1"}}}}});
  std::set<std::string> found;
  for (const Json& item : answer.Find("itemList")->array()) {
    found.insert(item.Find("itemId")->string());
    EXPECT_EQ(item.FindPath("metadata.CATEGORY_L1")->string(), "low");
  }
  EXPECT_EQ(found, (std::set<std::string>{"i0", "i1", "i2", "i3"}));
  EXPECT_EQ(ErrorOf("/recommendations",
                    Json::Object{{"campaignArn", campaign_}, {"userId", "u1"}, {"filterArn", filter}}),
            "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("CreateFilter",
                    Json::Object{{"name", "x"},
                                 {"datasetGroupArn", group_},
                                 {"filterExpression", "INCLUDE ItemID WHERE Items.NOPE IN (\"x\")"}}),
            "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("/items", Json::Object{{"datasetArn", dataset_["Items"]},
                                           {"items", Json::Array{Json::Object{{"itemId", "x"},
                                                                              {"properties", "not json"}}}}}),
            "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("/users", Json::Object{{"datasetArn", dataset_["Items"]},
                                           {"users", Json::Array{Json::Object{{"userId", "u"}}}}}),
            "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("/users", Json::Object{{"datasetArn", group_},
                                           {"users", Json::Array{Json::Object{{"userId", "u"}}}}}),
            "400 InvalidInputException");
}

TEST_F(ApiTest, AcceptsEveryFormOfEvent) {
  CreateShop();
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  const uint64_t before = history_->EventCount(group);
  Call("/events",
       *format::ParseJson(R"({"trackingId":"YOUR_TRACKING_ID","userId":"p","sessionId":"s","eventList":[
    {"sentAt":1795296364.964,"eventType":"View","properties":"{\"itemId\":\"i7\",\"eventValue\":2.5,\"device\":\"mobile\",\"other\":1}","impression":["i7","i8"]},
    {"sentAt":"2026-11-25T10:00:00Z","eventType":"View","itemId":"i8","properties":{"device":"web"},"eventId":"e1","eventValue":1}]})"));
  Call("/events",
       *format::ParseJson(R"({"trackingId":"YOUR_TRACKING_ID","userId":"p","sessionId":"s","eventList":[
    {"sentAt":1795296364.964,"eventType":"View","itemId":"i7","eventValue":2.5,"impression":["i7","i8"],"properties":{"other":1,"device":"mobile"}}]})"));
  EXPECT_EQ(history_->EventCount(group), before + 2) << "a repeated event must count once";
  const auto events = *history_->UserEvents(group, "p", "", 10);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].item_id, "i7");
  EXPECT_EQ(events[1].time.value, 1795296364964);
  EXPECT_EQ(events[1].value, 2.5);
  EXPECT_EQ(events[1].impression, (std::vector<std::string>{"i7", "i8"}));
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  // A property that the schema does not have is not stored, but tells events apart.
  ASSERT_EQ(events[1].attributes.size(), 2u);
  EXPECT_EQ(events[1].attributes[0], Attributes::value_type("DEVICE", "mobile"));
  EXPECT_EQ(events[1].attributes[1].first, history::kOtherProperties);
  EXPECT_EQ(events[0].attributes, (Attributes{{"DEVICE", "web"}}));
}

TEST_F(ApiTest, RejectsInvalidEvents) {
  CreateShop();
  const auto put = [&](const std::string& tracker, const std::string& event) {
    return ErrorOfText("/events",
                       R"({"trackingId":")" + tracker + R"(","sessionId":"s","eventList":[)" + event + "]}");
  };
  const std::string good = R"({"sentAt":1,"eventType":"View","itemId":"i"})";
  EXPECT_EQ(put("nobody", good), "400 InvalidInputException");
  EXPECT_EQ(put(tracker_, ""), "400 ValidationException");
  EXPECT_EQ(put(tracker_, R"({"eventType":"View"})"), "400 ValidationException");
  for (const char* sent : {"-1", "1e300", "\"soon\"", "true"}) {
    const std::string refused = put(tracker_, std::string(R"({"eventType":"View","sentAt":)") + sent + "}");
    EXPECT_TRUE(refused == "400 InvalidInputException" || refused == "400 SerializationException")
        << sent << refused;
  }
  EXPECT_EQ(put(tracker_, R"({"sentAt":1,"eventType":"View","properties":"{\"userId\":\"x\"}"})"),
            "400 InvalidInputException");
  EXPECT_EQ(put(tracker_, R"({"sentAt":1,"eventType":"View","properties":"[1]"})"),
            "400 InvalidInputException");
}

TEST_F(ApiTest, RejectsUnsupportedRecipesByName) {
  CreateShop();
  const auto create = [&](const std::string& recipe) {
    return ErrorOf("CreateSolution", Json::Object{{"name", "x"},
                                                  {"datasetGroupArn", group_},
                                                  {"recipeArn", "arn:aws:personalize:::recipe/" + recipe}});
  };
  EXPECT_EQ(create("aws-next-best-action"), "400 InvalidInputException");
  EXPECT_EQ(last_message_, "The recipe aws-next-best-action is not supported yet");
  EXPECT_EQ(create("aws-magic"), "400 ResourceNotFoundException");
  EXPECT_EQ(create("aws-ecomm-recommended-for-you"), "400 InvalidInputException");
  EXPECT_EQ(Call("ListRecipes", Json::Object{{"domain", "ECOMMERCE"}}).Find("recipes")->array().size(), 5u);
  EXPECT_EQ(ErrorOf("CreateSolution",
                    Json::Object{{"name", "x"},
                                 {"datasetGroupArn", group_},
                                 {"recipeArn", "arn:aws:personalize:::recipe/aws-sims"},
                                 {"solutionConfig",
                                  Json::Object{{"algorithmHyperParameters",
                                                Json::Object{{"popularity_discount_factor", "7"}}}}}}),
            "400 InvalidInputException");
}

TEST_F(ApiTest, PaginationSurvivesDeletions) {
  std::set<std::string> made;
  for (int n = 0; n < 7; ++n) {
    const std::string name = "s" + std::to_string(n);
    CreateArn("CreateSchema", Json::Object{{"name", name}, {"schema", kUsers}}, "schemaArn");
    made.insert(name);
    engine_.clock.Advance(5);
  }
  std::set<std::string> seen;
  Json ask = Json::Object{{"maxResults", 2}};
  for (int page = 0; page < 10; ++page) {
    const Json answer = Call("ListSchemas", ask);
    for (const Json& schema : answer.Find("schemas")->array()) {
      EXPECT_TRUE(seen.insert(schema.Find("name")->string()).second);
      EXPECT_EQ(schema.Find("schema"), nullptr) << "lists must omit the schema text";
      Call("DeleteSchema", Json::Object{{"schemaArn", *schema.Find("schemaArn")}});
    }
    const Json* token = answer.Find("nextToken");
    if (token == nullptr) break;
    ask.Set("nextToken", *token);
  }
  EXPECT_EQ(seen, made);
  for (const char* token : {"x", ".", "-5.x", "99999999999999999999999.x"})
    EXPECT_EQ(ErrorOf("ListSchemas", Json::Object{{"nextToken", token}}), "400 InvalidNextTokenException")
        << token;
}

TEST_F(ApiTest, RejectsDeletingParentsBeforeChildren) {
  CreateShop();
  EXPECT_EQ(ErrorOf("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", group_}}),
            "400 ResourceInUseException");
  EXPECT_EQ(ErrorOf("DeleteSolution", Json::Object{{"solutionArn", solution_}}),
            "400 ResourceInUseException");
  EXPECT_EQ(ErrorOf("DeleteSchema", Json::Object{{"schemaArn", "arn:aws:personalize:r:1:schema/s-Items"}}),
            "400 ResourceInUseException");
  Call("DeleteCampaign", Json::Object{{"campaignArn", campaign_}});
  Call("DeleteSolution", Json::Object{{"solutionArn", solution_}});
  EXPECT_EQ(ErrorOf("DescribeSolutionVersion", Json::Object{{"solutionVersionArn", version_}}),
            "400 ResourceNotFoundException");
  for (const Json& tracker :
       List("ListEventTrackers", Json::Object{{"datasetGroupArn", group_}}, "eventTrackers"))
    Call("DeleteEventTracker", Json::Object{{"eventTrackerArn", *tracker.Find("eventTrackerArn")}});
  for (const auto& [type, arn] : dataset_) Call("DeleteDataset", Json::Object{{"datasetArn", arn}});
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  Call("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", group_}});
  EXPECT_EQ(history_->EventCount(group), 0u);
}

TEST_F(ApiTest, PendingJobsBlockDeletionOfTheirDataset) {
  CreateShop();
  const Json import = Json::Object{{"jobName", "load"},
                                   {"datasetArn", dataset_["Items"]},
                                   {"dataSource", Json::Object{{"dataLocation", "s3://b/x.csv"}}},
                                   {"roleArn", "arn:aws:iam::123456789012:role/R"}};
  const std::string arn = CreateArn("CreateDatasetImportJob", import, "datasetImportJobArn");
  const Json job =
      *Call("DescribeDatasetImportJob", Json::Object{{"datasetImportJobArn", arn}}).Find("datasetImportJob");
  EXPECT_EQ(job.Find("status")->string(), "CREATE PENDING");
  EXPECT_EQ(job.FindPath("dataSource.dataLocation")->string(), "s3://b/x.csv");
  EXPECT_EQ(job.Find("importMode")->string(), "FULL");
  EXPECT_EQ(ErrorOf("CreateDatasetImportJob", import), "400 ResourceAlreadyExistsException");
  EXPECT_EQ(ErrorOf("DeleteDataset", Json::Object{{"datasetArn", dataset_["Items"]}}),
            "400 ResourceInUseException");
  jobs_->FinishAll();
  const std::string batch = CreateArn(
      "CreateBatchInferenceJob",
      Json::Object{{"jobName", "b"},
                   {"solutionVersionArn", version_},
                   {"roleArn", "arn:aws:iam::123456789012:role/R"},
                   {"numResults", 7},
                   {"jobInput", Json::Object{{"s3DataSource", Json::Object{{"path", "s3://b/in"}}}}},
                   {"jobOutput", Json::Object{{"s3DataDestination", Json::Object{{"path", "s3://b/out/"}}}}}},
      "batchInferenceJobArn");
  const auto stored = resources_->Get(ResourceKind::kBatchInferenceJob, "b");
  EXPECT_EQ(stored->spec.Find("input_location")->string(), "s3://b/in");
  EXPECT_EQ(stored->spec.Find("count")->integer(), 7);
  EXPECT_EQ(Call("DescribeBatchInferenceJob", Json::Object{{"batchInferenceJobArn", batch}})
                .FindPath("batchInferenceJob.jobInput.s3DataSource.path")
                ->string(),
            "s3://b/in");
}

TEST_F(ApiTest, DataDeletionJobs) {
  const std::string group = CreateArn("CreateDatasetGroup", Json::Object{{"name", "g"}}, "datasetGroupArn");
  Json request = Json::Object{{"jobName", "first"},
                              {"datasetGroupArn", group},
                              {"dataSource", Json::Object{{"dataLocation", "s3://b/users.csv"}}},
                              {"roleArn", "arn:aws:iam::123456789012:role/R"}};
  const std::string arn = CreateArn("CreateDataDeletionJob", request, "dataDeletionJobArn");
  EXPECT_TRUE(arn.ends_with(":data-deletion-job/first")) << arn;
  EXPECT_EQ(ErrorOf("CreateDataDeletionJob", request), "400 ResourceAlreadyExistsException");
  const Json by_arn = Json::Object{{"dataDeletionJobArn", arn}};
  Json job = *Call("DescribeDataDeletionJob", by_arn).Find("dataDeletionJob");
  EXPECT_EQ(job.Find("status")->string(), "PENDING");
  EXPECT_EQ(job.Find("datasetGroupArn")->string(), group);
  EXPECT_EQ(job.FindPath("dataSource.dataLocation")->string(), "s3://b/users.csv");
  EXPECT_EQ(job.Find("numDeleted"), nullptr);
  EXPECT_EQ(ErrorOf("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", group}}),
            "400 ResourceInUseException");
  engine_.clock.Advance(1000);
  request.Set("jobName", "second");
  CreateArn("CreateDataDeletionJob", request, "dataDeletionJobArn");
  jobs_->FinishAll();
  const auto counted = resources_->Update(ResourceKind::kDataDeletionJob, "first", [](Resource& now) {
    now.spec.Set("events", 5);
    now.spec.Set("users", 2);
    return Ok();
  });
  ASSERT_TRUE(counted.ok());
  job = *Call("DescribeDataDeletionJob", by_arn).Find("dataDeletionJob");
  EXPECT_EQ(job.Find("status")->string(), "COMPLETED");
  EXPECT_EQ(job.Find("numDeleted")->integer(), 7);
  const auto names = [&](Json query) {
    std::string all;
    for (const Json& entry : List("ListDataDeletionJobs", std::move(query), "dataDeletionJobs"))
      all += entry.Find("jobName")->string() + " ";
    return all;
  };
  EXPECT_EQ(names(Json::Object{}), "second first ") << "the newest first";
  EXPECT_EQ(names(Json::Object{{"datasetGroupArn", group}}), "second first ");
  const Json page = Call("ListDataDeletionJobs", Json::Object{{"maxResults", 1}});
  EXPECT_EQ(names(Json::Object{{"maxResults", 1}, {"nextToken", *page.Find("nextToken")}}), "first ");
  request.Set("dataSource", Json::Object{});
  EXPECT_EQ(ErrorOf("CreateDataDeletionJob", request), "400 InvalidInputException");
  Call("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", group}});
  EXPECT_EQ(ErrorOf("DescribeDataDeletionJob", by_arn), "400 ResourceNotFoundException");
}

TEST_F(ApiTest, StopsAndStartsRecommender) {
  const std::string group = CreateArn(
      "CreateDatasetGroup", Json::Object{{"name", "d"}, {"domain", "ECOMMERCE"}}, "datasetGroupArn");
  const std::string recipe = "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views";
  const std::string arn = CreateArn(
      "CreateRecommender", Json::Object{{"name", "views"}, {"datasetGroupArn", group}, {"recipeArn", recipe}},
      "recommenderArn");
  const Json by_arn = Json::Object{{"recommenderArn", arn}};
  EXPECT_EQ(ErrorOf("/recommendations", by_arn), "400 InvalidInputException")
      << "the recommender is not active yet";
  jobs_->FinishAll();
  tracker_ =
      CreateArn("CreateEventTracker", Json::Object{{"name", "t"}, {"datasetGroupArn", group}}, "trackingId");
  for (int user = 0; user < 3; ++user) PutEvent("u" + std::to_string(user), "seen", "View", user);
  for (int user = 0; user < 9; ++user) PutEvent("u" + std::to_string(user), "bought", "Purchase", user);
  EXPECT_EQ(RecommendedItems(by_arn).at(0), "seen");
  const auto status = [&] {
    return Call("DescribeRecommender", by_arn).FindPath("recommender.status")->string();
  };
  Call("StopRecommender", by_arn);
  EXPECT_EQ(status(), "INACTIVE");
  EXPECT_EQ(ErrorOf("/recommendations", by_arn), "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("StopRecommender", by_arn), "400 ResourceInUseException") << "it is stopped already";
  Call("StartRecommender", by_arn);
  EXPECT_EQ(status(), "ACTIVE");
  EXPECT_EQ(ErrorOf("StartRecommender", by_arn), "400 ResourceInUseException") << "it is running already";
  EXPECT_EQ(
      ErrorOf("CreateRecommender", Json::Object{{"name", "x"},
                                                {"datasetGroupArn", group},
                                                {"recipeArn", "arn:aws:personalize:::recipe/aws-sims"}}),
      "400 InvalidInputException");
  const Json change =
      Json::Object{{"recommenderArn", arn},
                   {"recommenderConfig", Json::Object{{"minRecommendationRequestsPerSecond", 5}}}};
  Call("UpdateRecommender", change);
  const Json shown = Call("DescribeRecommender", by_arn);
  EXPECT_EQ(shown.FindPath("recommender.recommenderConfig.minRecommendationRequestsPerSecond")->integer(), 5);
}

TEST_F(ApiTest, StrictLimitsFailTrainingOnTooFewInteractions) {
  CreateShop();
  api_ = std::make_unique<Api>(Dependencies{*resources_, *recommender_, *history_, *engine_.catalogue,
                                            *engine_.records, *engine_.writer, *jobs_, engine_.clock,
                                            engine_.log, "123456789012", "us-east-1", true});
  const std::string arn =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}}, "solutionVersionArn");
  const Json answer = Call("DescribeSolutionVersion", Json::Object{{"solutionVersionArn", arn}});
  EXPECT_EQ(answer.FindPath("solutionVersion.status")->string(), "CREATE FAILED");
  EXPECT_EQ(answer.FindPath("solutionVersion.failureReason")->string(),
            "There are 100 interactions; at least 1000 are needed");
}

TEST_F(ApiTest, StopsTraining) {
  CreateShop();
  const std::string arn =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}}, "solutionVersionArn");
  Call("StopSolutionVersionCreation", Json::Object{{"solutionVersionArn", arn}});
  const Json answer = Call("DescribeSolutionVersion", Json::Object{{"solutionVersionArn", arn}});
  EXPECT_EQ(answer.FindPath("solutionVersion.status")->string(), "CREATE STOPPED");
  EXPECT_EQ(ErrorOf("CreateCampaign", Json::Object{{"name", "c"}, {"solutionVersionArn", arn}}),
            "400 InvalidInputException");
}

TEST_F(ApiTest, AddsAndRemovesTags) {
  const std::string arn =
      CreateArn("CreateDatasetGroup",
                Json::Object{{"name", "g"},
                             {"tags", Json::Array{Json::Object{{"tagKey", "team"}, {"tagValue", "shop"}}}}},
                "datasetGroupArn");
  Call("TagResource",
       Json::Object{{"resourceArn", arn},
                    {"tags", Json::Array{Json::Object{{"tagKey", "stage"}, {"tagValue", "test"}}}}});
  Call("UntagResource", Json::Object{{"resourceArn", arn}, {"tagKeys", Json::Array{"team"}}});
  EXPECT_EQ(format::ToString(*Call("ListTagsForResource", Json::Object{{"resourceArn", arn}}).Find("tags")),
            R"([{"tagKey":"stage","tagValue":"test"}])");
  for (const auto& [key, value] : {std::pair("a!b", "x"), {"a", "x#"}, {"", "x"}}) {
    const Json tags = Json::Array{Json::Object{{"tagKey", key}, {"tagValue", value}}};
    EXPECT_EQ(ErrorOf("TagResource", Json::Object{{"resourceArn", arn}, {"tags", tags}}),
              "400 ValidationException")
        << key;
  }
  const Json korean = Json::Array{Json::Object{{"tagKey", "팀 a_b.c:/=+-@"}, {"tagValue", ""}}};
  Call("TagResource", Json::Object{{"resourceArn", arn}, {"tags", korean}});
}

TEST(PersonalizeErrors, Answers500OnlyForServerFailures) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_EQ(ErrorResponse(Error(code, "m"), "id").status == 500, IsServerFailure(KindOf(code)))
        << Name(code);
  }
}

TEST(PersonalizeErrors, WritesThatTheStoreRefusesMayBeTriedAgain) {
  for (const Error& refused : {Error(ErrorCode::kIo, "m").Detail("blocked", "store"),
                               Error(ErrorCode::kUnavailable, "m").Detail("blocked", "free_space"),
                               Error(ErrorCode::kNoSpace, "m")}) {
    const net::Response answer = ErrorResponse(refused, "id");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.Get("x-amzn-errortype"), "ServiceUnavailableException");
  }
}

}  // namespace
}  // namespace trine::api::personalize
