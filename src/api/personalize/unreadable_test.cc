// A stored resource that cannot be read blocks neither its delete nor the reading of others.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "test/support/personalize_api.h"

namespace trine::api::personalize {
namespace {

class UnreadableTest : public PersonalizeApiTest {
 protected:
  // Overwrites rows, which are given by kind and path, and starts again.
  void Damage(std::initializer_list<std::pair<const char*, const char*>> rows) {
    storage::WriteBatch batch;
    for (const auto& [kind, path] : rows)
      batch.Put(storage::Family::kResources, std::string("recommend.") + kind + '\0' + path, "{broken");
    ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
    jobs_ = std::make_unique<ManualJobs>(*resources_);
    api_ = std::make_unique<Api>(Dependencies{*resources_, *recommender_, *history_, *engine_.catalogue,
                                              *engine_.records, *engine_.writer, *jobs_, engine_.clock,
                                              engine_.log});
  }
  std::vector<std::string> Listed(const std::string& operation, const char* list, const char* member,
                                  Json body = Json::Object{}) {
    std::vector<std::string> names;
    for (const Json& entry : List(operation, body, list)) names.push_back(entry.Find(member)->string());
    return names;
  }
};

TEST_F(UnreadableTest, CanBeListedAndDeleted) {
  CreateShop();
  const std::string filter =
      CreateArn("CreateFilter",
                Json::Object{{"name", "f"},
                             {"datasetGroupArn", group_},
                             {"filterExpression", "INCLUDE ItemID WHERE Items.PRICE < 5"}},
                "filterArn");
  Damage({{"filter", "f"},
          {"campaign", "now"},
          {"solution_version", version_.substr(version_.find("for-you")).c_str()}});
  EXPECT_EQ(ErrorOf("DescribeFilter", Json::Object{{"filterArn", filter}}), "500 InternalServerException");
  EXPECT_EQ(Listed("ListFilters", "Filters", "name"), std::vector<std::string>{"f"});
  const Json::Array campaigns = List("ListCampaigns", Json::Object{}, "campaigns");
  ASSERT_EQ(campaigns.size(), 1u);
  EXPECT_EQ(campaigns[0].Find("campaignArn")->string(), campaign_);
  EXPECT_EQ(campaigns[0].Find("status")->string(), "CREATE FAILED");
  EXPECT_NE(campaigns[0].Find("failureReason")->string().find("cannot be read"), std::string::npos);
  EXPECT_EQ(Listed("ListSolutionVersions", "solutionVersions", "solutionVersionArn"),
            std::vector<std::string>{version_});
  EXPECT_EQ(Listed("ListSolutions", "solutions", "name"), std::vector<std::string>{"for-you"});
  Call("DeleteFilter", Json::Object{{"filterArn", filter}});
  EXPECT_EQ(ErrorOf("DescribeFilter", Json::Object{{"filterArn", filter}}), "400 ResourceNotFoundException");
  EXPECT_TRUE(Listed("ListFilters", "Filters", "name").empty());
  Call("DeleteCampaign", Json::Object{{"campaignArn", campaign_}});
  Call("DeleteSolution", Json::Object{{"solutionArn", solution_}});
  EXPECT_TRUE(Listed("ListSolutionVersions", "solutionVersions", "solutionVersionArn").empty());
}

TEST_F(UnreadableTest, SpoilsOnlyItself) {
  CreateShop();
  Damage({{"dataset_group", "shop"}, {"schema", "s-Items"}});
  EXPECT_EQ(Listed("ListDatasetGroups", "datasetGroups", "name"), std::vector<std::string>{"shop"});
  EXPECT_EQ(Listed("ListDatasets", "datasets", "name", Json::Object{{"datasetGroupArn", group_}}).size(), 3u)
      << "a list by an unreadable parent";
  Call("DeleteSchema",
       Json::Object{{"schemaArn", "arn:aws:personalize:eu-west-1:123456789012:schema/s-Items"}});
  for (const char* type : {"Items", "Users"})
    Call("DeleteDataset", Json::Object{{"datasetArn", dataset_[type]}});
  Call("DeleteDatasetGroup", Json::Object{{"datasetGroupArn", group_}});
  EXPECT_EQ(ErrorOf("DescribeDatasetGroup", Json::Object{{"datasetGroupArn", group_}}),
            "400 ResourceNotFoundException");
}

// The data of a group whose number can still be found goes with it, and its children come first as usual.
TEST_F(UnreadableTest, GroupIsDeletedWithItsData) {
  CreateShop();
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  EXPECT_GT(history_->EventCount(group), 0u);
  const std::string key = std::string("recommend.dataset_group") + '\0' + "shop";
  std::string row = engine_.kv->Get(storage::Family::kResources, key).value().value();
  row.replace(row.find("\"version\":1"), 11, "\"version\":2");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, key, row);
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  Damage({});
  const Json by_arn = Json::Object{{"datasetGroupArn", group_}};
  EXPECT_EQ(ErrorOf("DeleteDatasetGroup", by_arn), "400 ResourceInUseException");
  Call("DeleteCampaign", Json::Object{{"campaignArn", campaign_}});
  Call("DeleteSolution", Json::Object{{"solutionArn", solution_}});
  for (const Json& tracker : List("ListEventTrackers", Json::Object{}, "eventTrackers"))
    Call("DeleteEventTracker", Json::Object{{"eventTrackerArn", tracker.Find("eventTrackerArn")->string()}});
  for (const auto& [type, arn] : dataset_) Call("DeleteDataset", Json::Object{{"datasetArn", arn}});
  Call("DeleteDatasetGroup", by_arn);
  EXPECT_EQ(history_->EventCount(group), 0u);
  CreateArn("CreateDatasetGroup", Json::Object{{"name", "shop"}}, "datasetGroupArn");
  EXPECT_GT(resources_->Get(ResourceKind::kDatasetGroup, "shop")->group, group);
}

TEST_F(UnreadableTest, ListsArePaginatedAcrossBothKinds) {
  for (const char* name : {"a", "b", "c", "d"})
    CreateArn("CreateDatasetGroup", Json::Object{{"name", name}}, "datasetGroupArn");
  Damage({{"dataset_group", "b"}, {"dataset_group", "d"}});
  std::vector<std::string> names;
  std::string token;
  do {
    Json body = Json::Object{{"maxResults", 1}};
    if (!token.empty()) body.Set("nextToken", token);
    const Json page = Call("ListDatasetGroups", body);
    for (const Json& entry : page.Find("datasetGroups")->array())
      names.push_back(entry.Find("name")->string());
    const Json* next = page.Find("nextToken");
    token = next == nullptr ? "" : next->string();
    ASSERT_LE(names.size(), 4u);
  } while (!token.empty());
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c", "d"}));
}

}  // namespace
}  // namespace trine::api::personalize
