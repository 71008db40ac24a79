// Definitions are checked when they are made: filters, columns, schemas, tags; and what serving does with
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test/support/personalize_api.h"

namespace trine::api::personalize {
namespace {

class DefinitionsTest : public PersonalizeApiTest {
 protected:
  Json FilterBody(const std::string& expression) {
    return Json::Object{{"name", "f" + std::to_string(++filters_)},
                        {"datasetGroupArn", group_},
                        {"filterExpression", expression}};
  }
  std::string CreateFilter(const std::string& expression) {
    return CreateArn("CreateFilter", FilterBody(expression), "filterArn");
  }
  // The message of a filter that must be refused.
  std::string Refused(const std::string& expression) {
    EXPECT_EQ(ErrorOf("CreateFilter", FilterBody(expression)), "400 InvalidInputException") << expression;
    return last_message_;
  }
  int filters_ = 0;
};

TEST_F(DefinitionsTest, UnknownFieldsOfFiltersAreRefusedWithTheNearestName) {
  CreateShop();
  EXPECT_NE(Refused(R"(INCLUDE ItemID WHERE Items.CATEGORY_L2 IN ("x"))").find("did you mean 'CATEGORY_L1'?"),
            std::string::npos)
      << last_message_;
  EXPECT_NE(Refused("INCLUDE ItemID WHERE Items.PRIZE < 3").find("'PRICE'"), std::string::npos);
  EXPECT_NE(Refused(R"(EXCLUDE ItemID WHERE Interactions.EVENTTYP IN ("x"))").find("'EVENT_TYPE'"),
            std::string::npos);
  EXPECT_NE(Refused(R"(INCLUDE ItemID WHERE Items.PRICE < 3 IF CurrentUser.AGES = 3)").find("'AGE'"),
            std::string::npos);
  Refused("INCLUDE ItemID WHERE Items.PRICE < CurrentUser.NOPE");
}

TEST_F(DefinitionsTest, FiltersNeedTheDatasetsThatTheyName) {
  group_ = CreateArn("CreateDatasetGroup", Json::Object{{"name", "g"}}, "datasetGroupArn");
  Refused("INCLUDE ItemID WHERE Items.ITEM_ID NOT IN (\"a\") IF CurrentUser.AGE > 18");
  EXPECT_NE(last_message_.find("no Users dataset"), std::string::npos) << last_message_;
  Refused("INCLUDE ItemID WHERE Items.PRICE < 5");
  Refused("INCLUDE ItemID WHERE Interactions.DEVICE IN (\"phone\")");
  CreateFilter("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Purchase\")");
  CreateFilter("EXCLUDE ItemID WHERE Items.ITEM_ID IN (\"a\")");
  // Users and events can be stored without a dataset; nothing is known about their columns then.
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "g")->group;
  ASSERT_TRUE(history_->PutUsers(group, {{"u", Json::Object{{"AGE", 20}}, 0}}).ok());
  CreateFilter("INCLUDE ItemID WHERE Items.ITEM_ID NOT IN (\"a\") IF CurrentUser.AGE > 18");
}

TEST_F(DefinitionsTest, LiteralsOfFiltersMustHaveTheTypeOfTheField) {
  CreateShop();
  for (const char* expression :
       {R"(INCLUDE ItemID WHERE Items.PRICE <= "abc")", R"(INCLUDE ItemID WHERE Items.PRICE IN ("cheap", 3))",
        "INCLUDE ItemID WHERE Items.CATEGORY_L1 IN (5)", R"(INCLUDE ItemID WHERE Items.CATEGORY_L1 < "x")",
        "INCLUDE ItemID WHERE Items.CATEGORY_L1 > 3", "INCLUDE ItemID WHERE Items.ITEM_ID IN (7)",
        R"(INCLUDE ItemID WHERE Items.PRICE < 5 IF CurrentUser.AGE = "old")",
        "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (1)",
        "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.CATEGORY_L1"})
    Refused(expression);
  for (const char* expression :
       {R"(INCLUDE ItemID WHERE Items.PRICE <= "12.5")", "INCLUDE ItemID WHERE Items.PRICE <= $MAX",
        R"(INCLUDE ItemID WHERE Items.ITEM_ID IN ("7"))",
        "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE",
        R"(INCLUDE ItemID WHERE Items.CATEGORY_L1 = "x")"})
    CreateFilter(expression);
}

TEST_F(DefinitionsTest, TimesInFiltersAreSeconds) {
  group_ = CreateArn("CreateDatasetGroup", Json::Object{{"name", "g"}}, "datasetGroupArn");
  const std::string schema = CreateArn(
      "CreateSchema",
      Json::Object{
          {"name", "s"},
          {"schema",
           R"({"type":"record","name":"Items","namespace":"n","fields":[{"name":"ITEM_ID","type":"string"},)"
           R"({"name":"CREATION_TIMESTAMP","type":"long"},{"name":"SOLD_OUT","type":"boolean"}],"version":"1"})"}},
      "schemaArn");
  CreateArn("CreateDataset",
            Json::Object{
                {"name", "i"}, {"schemaArn", schema}, {"datasetGroupArn", group_}, {"datasetType", "Items"}},
            "datasetArn");
  Refused(R"(INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < "2027-01-01")");
  EXPECT_NE(last_message_.find("a number"), std::string::npos) << last_message_;
  CreateFilter("INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < 1795000000");
  Refused("INCLUDE ItemID WHERE Items.SOLD_OUT > 0");
  Refused(R"(INCLUDE ItemID WHERE Items.SOLD_OUT = "maybe")");
  CreateFilter("INCLUDE ItemID WHERE Items.SOLD_OUT = false");
}

// A string that is neither categorical nor textual is not used in training, but filters see it.
TEST_F(DefinitionsTest, PlainStringColumnsAreUsableInFilters) {
  group_ = CreateArn("CreateDatasetGroup", Json::Object{{"name", "g"}}, "datasetGroupArn");
  const std::string schema = CreateArn(
      "CreateSchema",
      Json::Object{
          {"name", "s"},
          {"schema",
           R"({"type":"record","name":"Items","namespace":"n","fields":[{"name":"ITEM_ID","type":"string"},)"
           R"({"name":"SHELF","type":"string"}],"version":"1.0"})"}},
      "schemaArn");
  const std::string items = CreateArn(
      "CreateDataset",
      Json::Object{
          {"name", "i"}, {"schemaArn", schema}, {"datasetGroupArn", group_}, {"datasetType", "Items"}},
      "datasetArn");
  for (const auto& [id, shelf] : {std::pair("a", "top"), std::pair("b", "low"), std::pair("c", "TOP")}) {
    const std::string properties = std::string(R"({"shelf":")") + shelf + "\"}";
    Call("/items",
         Json::Object{{"datasetArn", items},
                      {"items", Json::Array{Json::Object{{"itemId", id}, {"properties", properties}}}}});
  }
  const std::string solution =
      CreateArn("CreateSolution",
                Json::Object{{"name", "s"},
                             {"datasetGroupArn", group_},
                             {"recipeArn", "arn:aws:personalize:::recipe/aws-user-personalization-v2"}},
                "solutionArn");
  const std::string version =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution}}, "solutionVersionArn");
  jobs_->FinishAll();
  const std::string campaign = CreateArn(
      "CreateCampaign", Json::Object{{"name", "c"}, {"solutionVersionArn", version}}, "campaignArn");
  const std::string filter = CreateFilter(R"(INCLUDE ItemID WHERE Items.SHELF IN ("top"))");
  EXPECT_EQ(RecommendedItems(Json::Object{{"campaignArn", campaign}, {"userId", "u"}, {"filterArn", filter}}),
            std::vector<std::string>{"a"});
}

TEST_F(DefinitionsTest, WildcardIsForEventTypesOnly) {
  CreateShop();
  Refused(R"(INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("*"))");
  Refused(R"(EXCLUDE ItemID WHERE Items.ITEM_ID NOT IN ("*"))");
  Refused(R"(INCLUDE ItemID WHERE Interactions.DEVICE IN ("*"))");
  Refused(R"(EXCLUDE ItemID WHERE Interactions.EVENT_TYPE = "*")");
  const std::string filter = CreateFilter(R"(EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*"))");
  for (const std::string& item :
       RecommendedItems(Json::Object{{"campaignArn", campaign_}, {"userId", "u0"}, {"filterArn", filter}}))
    EXPECT_FALSE((std::set<std::string>{"i0", "i2", "i4", "i6", "i8"}).contains(item)) << item;
}

TEST_F(DefinitionsTest, CurrentItemNeedsARequestWithAnItem) {
  CreateShop();
  const std::string filter = CreateFilter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE");
  EXPECT_EQ(ErrorOf("/recommendations",
                    Json::Object{{"campaignArn", campaign_}, {"userId", "u0"}, {"filterArn", filter}}),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("CurrentItem"), std::string::npos) << last_message_;
  const Json promotion = Json::Object{{"name", "p"}, {"percentPromotedItems", 10}, {"filterArn", filter}};
  EXPECT_EQ(ErrorOf("/recommendations", Json::Object{{"campaignArn", campaign_},
                                                     {"userId", "u0"},
                                                     {"promotions", Json::Array{promotion}}}),
            "400 InvalidInputException");
}

TEST_F(DefinitionsTest, AnswersHaveOnlyDocumentedMembers) {
  CreateShop();
  const auto members = [](const Json& object) {
    std::set<std::string> names;
    for (const auto& [name, value] : object.object()) names.insert(name);
    return names;
  };
  const Json answer =
      Call("/recommendations", Json::Object{{"campaignArn", campaign_}, {"userId", "nobody"}});
  EXPECT_EQ(members(answer), (std::set<std::string>{"itemList", "recommendationId"}));
  for (const Json& item : answer.Find("itemList")->array()) {
    for (const std::string& name : members(item))
      EXPECT_TRUE(
          (std::set<std::string>{"itemId", "score", "promotionName", "metadata", "reason"}).contains(name));
  }
}

TEST_F(DefinitionsTest, ASolutionIsNotAVersion) {
  CreateShop();
  EXPECT_EQ(ErrorOf("CreateCampaign", Json::Object{{"name", "c"}, {"solutionVersionArn", solution_}}),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("is the ARN of a solution, not of a solution version"), std::string::npos)
      << last_message_;
  EXPECT_EQ(ErrorOf("CreateCampaign", Json::Object{{"name", "c"}, {"solutionVersionArn", solution_ + "/0"}}),
            "400 ResourceNotFoundException");
  EXPECT_EQ(ErrorOf("CreateSolutionVersion", Json::Object{{"solutionArn", version_}}),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("is the ARN of a solution version, not of a solution"), std::string::npos)
      << last_message_;
}

TEST_F(DefinitionsTest, TagsMatchTheirPattern) {
  const auto create = [&](const std::string& key, const std::string& value) {
    return Send("CreateDatasetGroup",
                format::ToString(Json(
                    Json::Object{{"name", "g" + std::to_string(++filters_)},
                                 {"tags", Json::Array{Json::Object{{"tagKey", key}, {"tagValue", value}}}}})))
        .status;
  };
  for (const char* good : {"team", "cost center", "a_b.c:d/e=f+g-h@i", "부서", "größe", "Ⅳ", "日本 語"})
    EXPECT_EQ(create(good, good), 200) << good;
  for (const char* bad : {"a!", "a#", "a,b", "\"", "a\tb", "“x”", "→", "€", "🙂", "、"}) {
    EXPECT_EQ(create(bad, "x"), 400) << bad;
    EXPECT_EQ(create("x", bad), 400) << bad;
  }
  EXPECT_EQ(create("", "x"), 400);
  EXPECT_EQ(create("x", ""), 200);
}

TEST_F(DefinitionsTest, RecommendersStartAndStopOnce) {
  group_ = CreateArn("CreateDatasetGroup", Json::Object{{"name", "d"}, {"domain", "ECOMMERCE"}},
                     "datasetGroupArn");
  const std::string arn =
      CreateArn("CreateRecommender",
                Json::Object{{"name", "r"},
                             {"datasetGroupArn", group_},
                             {"recipeArn", "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"}},
                "recommenderArn");
  jobs_->FinishAll();
  const Json by_arn = Json::Object{{"recommenderArn", arn}};
  EXPECT_EQ(ErrorOf("StartRecommender", by_arn), "400 ResourceInUseException");
  Call("StopRecommender", by_arn);
  EXPECT_EQ(ErrorOf("StopRecommender", by_arn), "400 ResourceInUseException");
  Call("StartRecommender", by_arn);
}

class SettingsTest : public DefinitionsTest {
 protected:
  Json Solution(const Json& config, const char* recipe = "aws-user-personalization-v2") {
    return Json::Object{{"name", "s" + std::to_string(++filters_)},
                        {"datasetGroupArn", group_},
                        {"recipeArn", std::string("arn:aws:personalize:::recipe/") + recipe},
                        {"solutionConfig", config}};
  }
  static Json Columns(const char* member, const char* type, Json::Array columns) {
    return Json::Object{
        {"trainingDataConfig", Json::Object{{member, Json::Object{{type, std::move(columns)}}}}}};
  }
  // The definition of the solution that was created last.
  Json Stored() { return resources_->Get(ResourceKind::kSolution, "s" + std::to_string(filters_))->spec; }
  Json BatchJob(const std::string& version, Json::Object more) {
    Json job = Json::Object{
        {"jobName", "b" + std::to_string(++filters_)},
        {"solutionVersionArn", version},
        {"roleArn", "arn:aws:iam::123456789012:role/r"},
        {"jobInput", Json::Object{{"s3DataSource", Json::Object{{"path", "s3://b/in.json"}}}}},
        {"jobOutput", Json::Object{{"s3DataDestination", Json::Object{{"path", "s3://b/out/"}}}}}};
    for (auto& [name, value] : more) job.Set(name, std::move(value));
    return job;
  }
};

TEST_F(SettingsTest, TrainingColumnsMustExist) {
  CreateShop();
  for (const char* member : {"excludedDatasetColumns", "includedDatasetColumns"}) {
    CreateArn("CreateSolution", Solution(Columns(member, "ITEMS", {"price"})), "solutionArn");
    const char* kept = *member == 'e' ? "excluded_columns" : "included_columns";
    EXPECT_EQ(format::ToString(*Stored().Find(kept)), R"({"items":["price"]})");
    EXPECT_EQ(ErrorOf("CreateSolution", Solution(Columns(member, "ITEMS", {"PRIZE"}))),
              "400 InvalidInputException");
    EXPECT_NE(last_message_.find("did you mean 'PRICE'?"), std::string::npos) << last_message_;
    EXPECT_EQ(ErrorOf("CreateSolution", Solution(Columns(member, "PEOPLE", {"AGE"}))),
              "400 InvalidInputException");
    EXPECT_NE(last_message_.find("INTERACTIONS, ITEMS or USERS"), std::string::npos) << last_message_;
  }
}

TEST_F(SettingsTest, EventSettingsAreStored) {
  CreateShop();
  const Json parameters =
      Json::Array{Json::Object{{"eventType", "View"}, {"eventValueThreshold", 0.5}, {"weight", 0.25}},
                  Json::Object{{"eventType", "Buy"}}};
  const Json events = Json::Object{{"eventParametersList", parameters}};
  CreateArn("CreateSolution",
            Solution(Json::Object{{"eventValueThreshold", "1.5"}, {"eventsConfig", events}}), "solutionArn");
  EXPECT_EQ(*Stored().Find("event_value_threshold"), Json(1.5));
  EXPECT_EQ(format::ToString(*Stored().Find("event_weights")),
            R"([{"type":"View","threshold":0.5,"weight":0.25},{"type":"Buy"}])");
  EXPECT_EQ(ErrorOf("CreateSolution", Solution(Json::Object{{"eventValueThreshold", "much"}})),
            "400 InvalidInputException");
  const auto refused = [&](Json::Array list) {
    const Json config = Json::Object{{"eventParametersList", std::move(list)}};
    EXPECT_EQ(ErrorOf("CreateSolution", Solution(Json::Object{{"eventsConfig", config}})),
              "400 InvalidInputException");
    return last_message_;
  };
  EXPECT_NE(refused({Json::Object{{"weight", 0.5}}}).find("no eventType"), std::string::npos);
  EXPECT_NE(refused({Json::Object{{"eventType", "View"}}, Json::Object{{"eventType", "view"}}}).find("twice"),
            std::string::npos);
}

TEST_F(SettingsTest, RecommendersTakeColumnsOnce) {
  CreateShop();
  const std::string domain = CreateArn(
      "CreateDatasetGroup", Json::Object{{"name", "d"}, {"domain", "ECOMMERCE"}}, "datasetGroupArn");
  const Json config = Columns("excludedDatasetColumns", "ITEMS", {"PRICE"});
  const std::string arn =
      CreateArn("CreateRecommender",
                Json::Object{{"name", "r"},
                             {"datasetGroupArn", domain},
                             {"recipeArn", "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"},
                             {"recommenderConfig", config}},
                "recommenderArn");
  jobs_->FinishAll();
  EXPECT_EQ(
      format::ToString(*resources_->Get(ResourceKind::kRecommender, "r")->spec.Find("excluded_columns")),
      R"({"items":["PRICE"]})");
  const auto update = [&](const Json& changed) {
    return Json::Object{{"recommenderArn", arn}, {"recommenderConfig", changed}};
  };
  Call("UpdateRecommender", update(config));
  EXPECT_EQ(ErrorOf("UpdateRecommender", update(Columns("excludedDatasetColumns", "ITEMS", {"BRAND"}))),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("create another recommender"), std::string::npos) << last_message_;
}

TEST_F(SettingsTest, CampaignsFollowTheLatestVersionIfAsked) {
  CreateShop();
  const auto version_of = [&](bool follow, const char* name) {
    const std::string arn =
        CreateArn("CreateCampaign",
                  Json::Object{{"name", name},
                               {"solutionVersionArn", version_},
                               {"campaignConfig", Json::Object{{"syncWithLatestSolutionVersion", follow}}}},
                  "campaignArn");
    CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", solution_}}, "solutionVersionArn");
    jobs_->FinishAll();
    RecommendedItems(Json::Object{{"campaignArn", arn}, {"userId", "u1"}});
    const Json described = Call("DescribeCampaign", Json::Object{{"campaignArn", arn}});
    return described.FindPath("campaign.solutionVersionArn")->string();
  };
  EXPECT_EQ(version_of(false, "stays"), version_);
  EXPECT_NE(version_of(true, "follows"), version_);
}

TEST_F(SettingsTest, FeatureTransformationParametersAreHyperparameters) {
  CreateShop();
  const auto config = [](const char* name, const char* value) {
    return Json::Object{{"featureTransformationParameters", Json::Object{{name, value}}}};
  };
  CreateArn("CreateSolution",
            Solution(config("max_user_history_length_percentile", "0.5"), "aws-user-personalization"),
            "solutionArn");
  EXPECT_EQ(format::ToString(*Stored().Find("hyper_parameters")),
            R"({"max_user_history_length_percentile":"0.5"})");
  EXPECT_EQ(ErrorOf("CreateSolution",
                    Solution(config("max_user_history_length_percentile", "5"), "aws-user-personalization")),
            "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("CreateSolution", Solution(config("unheard_of", "1"), "aws-user-personalization")),
            "400 InvalidInputException");
}

// A setting that would change the answers of Personalize, and cannot change those of Trine, is refused.
TEST_F(SettingsTest, SettingsThatAreNotSupportedAreRefused) {
  CreateShop();
  const auto objective = [](const char* sensitivity) {
    return Json::Object{{"optimizationObjective",
                         Json::Object{{"itemAttribute", "PRICE"}, {"objectiveSensitivity", sensitivity}}}};
  };
  CreateArn("CreateSolution", Solution(objective("OFF")), "solutionArn");
  EXPECT_EQ(ErrorOf("CreateSolution", Solution(objective("LOW"))), "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("CreateSolution", Solution(Json::Object{{"autoMLConfig", Json::Object{}}})),
            "400 InvalidInputException");
  for (const char* flag : {"performAutoML", "performIncrementalUpdate"}) {
    Json solution = Solution(Json::Object{});
    solution.Set(flag, false);
    CreateArn("CreateSolution", solution, "solutionArn");
    solution.Set("name", "refused");
    solution.Set(flag, true);
    EXPECT_EQ(ErrorOf("CreateSolution", solution), "400 InvalidInputException") << flag;
  }
  const auto update = [&](Json config) {
    return Json::Object{{"solutionArn", solution_}, {"solutionUpdateConfig", std::move(config)}};
  };
  const Json schedule = Json::Object{{"schedulingExpression", "rate(7 days)"}};
  Call("UpdateSolution", update(Json::Object{{"autoTrainingConfig", schedule}}));
  EXPECT_EQ(ErrorOf("UpdateSolution", update(Json::Object{{"eventsConfig", Json::Object{}}})),
            "400 InvalidInputException");
  EXPECT_EQ(
      ErrorOf("CreateBatchInferenceJob",
              BatchJob(version_,
                       {{"themeGenerationConfig",
                         Json::Object{{"fieldsForThemeGeneration", Json::Object{{"itemName", "TITLE"}}}}}})),
      "400 InvalidInputException");
}

TEST_F(SettingsTest, RankingInfluenceIsRefused) {
  CreateShop();
  const Json config = Json::Object{{"rankingInfluence", Json::Object{{"POPULARITY", 0.5}}}};
  EXPECT_EQ(
      ErrorOf("CreateCampaign",
              Json::Object{{"name", "c"}, {"solutionVersionArn", version_}, {"campaignConfig", config}}),
      "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("CreateBatchInferenceJob", BatchJob(version_, {{"batchInferenceJobConfig", config}})),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("rankingInfluence"), std::string::npos) << last_message_;
}

TEST_F(SettingsTest, BatchJobsAreChecked) {
  CreateShop();
  const auto exploration = [&](const char* weight) {
    const Json values = Json::Object{{"explorationWeight", weight}};
    return BatchJob(version_, {{"batchInferenceJobConfig", Json::Object{{"itemExplorationConfig", values}}}});
  };
  CreateArn("CreateBatchInferenceJob", exploration("0.75"), "batchInferenceJobArn");
  const auto jobs = resources_->List(ResourceKind::kBatchInferenceJob);
  EXPECT_EQ(*jobs.back().spec.Find("exploration_weight"), Json(0.75));
  EXPECT_EQ(ErrorOf("CreateBatchInferenceJob", exploration("2")), "400 InvalidInputException");
  EXPECT_EQ(
      ErrorOf("CreateBatchInferenceJob", BatchJob(version_, {{"batchInferenceJobMode", "THEME_GENERATION"}})),
      "400 InvalidInputException");
  CreateArn("CreateBatchInferenceJob", BatchJob(version_, {{"batchInferenceJobMode", "BATCH_INFERENCE"}}),
            "batchInferenceJobArn");
}

// Personalize looks at the newest 100 events of a user and a type.
TEST_F(SettingsTest, FiltersHaveAQuotaOnlyWithStrictLimits) {
  CreateShop();
  PutEvent("fan", "i1", "Purchase", 0);
  for (int n = 1; n <= 100; ++n) PutEvent("fan", "i3", "Purchase", n);
  const std::string filter = CreateFilter(R"(EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase"))");
  const auto shown = [&] {
    const auto items =
        RecommendedItems(Json::Object{{"campaignArn", campaign_}, {"userId", "fan"}, {"filterArn", filter}});
    return std::set<std::string>(items.begin(), items.end());
  };
  EXPECT_FALSE(shown().contains("i1"));
  EXPECT_FALSE(shown().contains("i3"));
  EXPECT_TRUE(shown().contains("i5"));
  api_ = std::make_unique<Api>(Dependencies{*resources_, *recommender_, *history_, *engine_.catalogue,
                                            *engine_.records, *engine_.writer, *jobs_, engine_.clock,
                                            engine_.log, "123456789012", "us-east-1", true});
  EXPECT_TRUE(shown().contains("i1"));
  EXPECT_FALSE(shown().contains("i3"));
  CreateArn("CreateBatchInferenceJob", BatchJob(version_, {}), "batchInferenceJobArn");
  EXPECT_EQ(*resources_->List(ResourceKind::kBatchInferenceJob).back().spec.Find("filtered_events_per_type"),
            Json(100));
}

TEST_F(SettingsTest, BatchJobsHaveACurrentItemOnlyForRelatedItems) {
  CreateShop();
  const std::string filter = CreateFilter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE");
  EXPECT_EQ(ErrorOf("CreateBatchInferenceJob", BatchJob(version_, {{"filterArn", filter}})),
            "400 InvalidInputException");
  EXPECT_NE(last_message_.find("CurrentItem"), std::string::npos) << last_message_;
  const std::string related =
      CreateArn("CreateSolution", Solution(Json::Object{}, "aws-sims"), "solutionArn");
  const std::string version =
      CreateArn("CreateSolutionVersion", Json::Object{{"solutionArn", related}}, "solutionVersionArn");
  jobs_->FinishAll();
  CreateArn("CreateBatchInferenceJob", BatchJob(version, {{"filterArn", filter}}), "batchInferenceJobArn");
}

}  // namespace
}  // namespace trine::api::personalize
