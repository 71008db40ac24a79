// Events, items and users that are put one by one: what replaces, what is a duplicate, who an event belongs
// to.
#include <gtest/gtest.h>

#include <set>

#include "catalogue/record_codec.h"
#include "test/support/personalize_api.h"

namespace trine::api::personalize {
namespace {

class EventsTest : public PersonalizeApiTest {
 protected:
  uint64_t Count() {
    return history_->EventCount(resources_->Get(ResourceKind::kDatasetGroup, "shop")->group);
  }
  // Puts one event; an empty user is anonymous. `more` are further members of the event.
  void Put(const std::string& user, const std::string& session, const std::string& item, int64_t second,
           Json::Object more = {}) {
    Json event = Json::Object{{"sentAt", 1'795'001'000 + second}, {"eventType", "View"}, {"itemId", item}};
    for (auto& [name, value] : more) event.Set(name, std::move(value));
    Json body = Json::Object{
        {"trackingId", tracker_}, {"sessionId", session}, {"eventList", Json::Array{std::move(event)}}};
    if (!user.empty()) body.Set("userId", user);
    Call("/events", body);
  }
  std::string MetadataOf(const std::string& campaign, const std::string& id) {
    const Json answer =
        Call("/recommendations",
             Json::Object{{"campaignArn", campaign},
                          {"userId", "u1"},
                          {"metadataColumns", Json::Object{{"ITEMS", Json::Array{"PRICE", "CATEGORY_L1"}}}}});
    for (const Json& item : answer.Find("itemList")->array()) {
      if (item.Find("itemId")->string() == id) return format::ToString(*item.Find("metadata"));
    }
    return "(not recommended)";
  }
};

TEST_F(EventsTest, PutItemsReplaces) {
  CreateShop();
  const std::string campaign =
      CreateArn("CreateCampaign",
                Json::Object{{"name", "with-metadata"},
                             {"solutionVersionArn", version_},
                             {"campaignConfig", Json::Object{{"enableMetadataWithRecommendations", true}}}},
                "campaignArn");
  const auto put = [&](const char* properties) {
    Call("/items",
         Json::Object{{"datasetArn", dataset_["Items"]},
                      {"items", Json::Array{Json::Object{{"itemId", "i1"}, {"properties", properties}}}}});
    return MetadataOf(campaign, "i1");
  };
  EXPECT_EQ(put(R"({"price":10,"categoryL1":"low"})"), R"({"PRICE":"10.0","CATEGORY_L1":"low"})");
  EXPECT_EQ(put(R"({"price":20,"categoryL1":null})"), R"({"PRICE":"20.0"})");
  EXPECT_EQ(put(R"({"categoryL1":"high"})"), R"({"CATEGORY_L1":"high"})");
}

// A record that cannot be read costs its own metadata; the list and the other items are answered.
TEST_F(EventsTest, ADamagedItemCostsItsOwnMetadataOnly) {
  CreateShop();
  const auto put = [&](const char* id) {
    Call("/items",
         Json::Object{
             {"datasetArn", dataset_["Items"]},
             {"items", Json::Array{Json::Object{{"itemId", id}, {"properties", R"({"price":10})"}}}}});
  };
  put("i1");
  put("i3");
  EXPECT_EQ(MetadataOf(campaign_, "i1"), R"({"PRICE":"10.0"})");
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  const auto collection = engine_.Collection(engine_.catalogue->BindingOf(group)->collection);
  const SeqNo damaged = engine_.records->Version(collection->id, "i1").value()->seq_no;
  storage::WriteBatch batch;
  batch.Put(storage::Family::kRecords, catalogue::RecordKey(collection->id, damaged), "\x01\xff");
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  EXPECT_EQ(MetadataOf(campaign_, "i1"), "{}");
  EXPECT_EQ(MetadataOf(campaign_, "i3"), R"({"PRICE":"10.0"})");
}

// In an index, members that are not columns of the dataset belong to the documents and stay.
TEST_F(EventsTest, PutItemsKeepsWhatOnlyTheDocumentsKnow) {
  CreateShop();
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  engine_.Put("goods", "i1", R"({"title":"chair","price":10,"category_l1":"low","stock":3})");
  ASSERT_TRUE(engine_.writer->Bind({"goods", group, "", {}}).ok());
  Call(
      "/items",
      Json::Object{{"datasetArn", dataset_["Items"]},
                   {"items", Json::Array{Json::Object{{"itemId", "i1"}, {"properties", R"({"price":9})"}}}}});
  EXPECT_EQ(engine_.Source("goods", "i1"), R"({"title":"chair","price":9.0,"stock":3})");
}

TEST_F(EventsTest, PutUsersReplaces) {
  CreateShop();
  const GroupId group = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
  const auto put = [&](const char* properties) {
    Call("/users",
         Json::Object{{"datasetArn", dataset_["Users"]},
                      {"users", Json::Array{Json::Object{{"userId", "u1"}, {"properties", properties}}}}});
    return format::ToString(history_->GetUser(group, "u1").value()->attributes);
  };
  EXPECT_EQ(put(R"({"age":30})"), R"({"AGE":30})");
  EXPECT_EQ(put(R"({"age":null})"), "{}");
  EXPECT_EQ(put(R"({"age":31})"), R"({"AGE":31})");
  EXPECT_EQ(put("{}"), "{}");
}

TEST_F(EventsTest, TwoEventsOfOneMomentAreBothKept) {
  CreateShop();
  const uint64_t before = Count();
  Put("u1", "s1", "i1", 1, {{"eventId", "e1"}, {"eventValue", 1}});
  Put("u1", "s1", "i1", 1, {{"eventId", "e2"}, {"eventValue", 2}});
  EXPECT_EQ(Count(), before + 2);
  Put("u1", "s1", "i1", 1, {{"eventId", "e2"}, {"eventValue", 3}});
  EXPECT_EQ(Count(), before + 2) << "an equal event id";
  Put("u2", "s2", "i1", 1, {{"eventId", "e2"}});
  EXPECT_EQ(Count(), before + 3) << "the id of another person's event";
  Put("u1", "s1", "i1", 1, {{"eventValue", 5}});
  Put("u1", "s1", "i1", 1, {{"eventValue", 6}});
  Put("u1", "s1", "i1", 1, {{"eventValue", 6}});
  EXPECT_EQ(Count(), before + 5) << "without an id, equal properties";
  Put("u1", "s1", "i1", 1, {{"eventValue", 6}, {"properties", R"({"device":"phone"})"}});
  EXPECT_EQ(Count(), before + 6);
}

// Personalize ignores properties that the schema does not have, but they tell events apart.
TEST_F(EventsTest, UnknownPropertiesTellEventsApart) {
  CreateShop();
  const uint64_t before = Count();
  const auto put = [&](const char* properties) {
    Put("u1", "s1", "i1", 1, {{"properties", properties}});
    return Count() - before;
  };
  EXPECT_EQ(put(R"({"page":"home"})"), 1u);
  EXPECT_EQ(put(R"({"page":"home"})"), 1u);
  EXPECT_EQ(put(R"({"page":"cart"})"), 2u);
  EXPECT_EQ(put(R"({"page":"cart","shelf":3,"device":"phone"})"), 3u);
  EXPECT_EQ(put(R"({"shelf":3,"device":"phone","page":"cart"})"), 3u);
  EXPECT_EQ(put(R"({"shelf":4,"device":"phone","page":"cart"})"), 4u);
}

TEST_F(EventsTest, IdsHaveNoControlCharacters) {
  CreateShop();
  const uint64_t before = Count();
  const std::string bad("i\0", 2), worse = "i\x1b[2J";
  const auto event = [&](const std::string& user, const std::string& item) {
    const Json body = Json::Object{
        {"trackingId", tracker_},
        {"sessionId", "s"},
        {"userId", user},
        {"eventList",
         Json::Array{Json::Object{{"sentAt", 1'795'001'000}, {"eventType", "View"}, {"itemId", item}}}}};
    return ErrorOf("/events", body);
  };
  EXPECT_EQ(event("u1", bad), "400 InvalidInputException");
  EXPECT_NE(last_message_.find("U+0000 at byte 1"), std::string::npos) << last_message_;
  EXPECT_EQ(event(worse, "i1"), "400 InvalidInputException");
  EXPECT_EQ(Count(), before);
  const auto put = [&](const char* operation, const char* list, const char* id, const char* type) {
    return ErrorOf(
        operation,
        Json::Object{{"datasetArn", dataset_[type]},
                     {list, Json::Array{Json::Object{{id, bad}, {"properties", R"({"price":1,"age":1})"}}}}});
  };
  EXPECT_EQ(put("/items", "items", "itemId", "Items"), "400 InvalidInputException");
  EXPECT_EQ(put("/users", "users", "userId", "Users"), "400 InvalidInputException");
  EXPECT_EQ(ErrorOf("/recommendations", Json::Object{{"campaignArn", campaign_}, {"userId", bad}}),
            "400 InvalidInputException");
}

TEST_F(EventsTest, CreationTimesAreNotNegative) {
  CreateShop();
  const auto put = [&](const char* properties) {
    const Json body =
        Json::Object{{"datasetArn", dataset_["Items"]},
                     {"items", Json::Array{Json::Object{{"itemId", "n"}, {"properties", properties}}}}};
    return Send("/items", format::ToString(body)).status;
  };
  const auto changed = resources_->Update(ResourceKind::kSchema, "s-Items", [](Resource& schema) {
    schema.spec.Set("text",
                    R"({"type":"record","name":"Items","namespace":"n","fields":[)"
                    R"({"name":"ITEM_ID","type":"string"},{"name":"CREATION_TIMESTAMP","type":"long"}],)"
                    R"("version":"1.0"})");
    return Ok();
  });
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(put(R"({"creationTimestamp":-5})"), 400);
  EXPECT_EQ(put(R"({"creationTimestamp":1700000000})"), 200);
}

TEST_F(EventsTest, SignedInVisitorsKeepTheirSession) {
  CreateShop();
  const std::string filter = CreateArn(
      "CreateFilter",
      Json::Object{{"name", "seen"},
                   {"datasetGroupArn", group_},
                   {"filterExpression", R"(INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view"))"}},
      "filterArn");
  const auto seen = [&](const char* user) {
    const auto items =
        RecommendedItems(Json::Object{{"campaignArn", campaign_}, {"userId", user}, {"filterArn", filter}});
    return std::set<std::string>(items.begin(), items.end());
  };
  Put("", "visit", "i1", 1);
  Put("", "visit", "i3", 2);
  EXPECT_EQ(seen("visit"), (std::set<std::string>{"i1", "i3"}));
  Put("new-user", "visit", "i5", 3);
  EXPECT_EQ(seen("new-user"), (std::set<std::string>{"i1", "i3", "i5"}));
  EXPECT_EQ(seen("visit"), (std::set<std::string>{"i1", "i3", "i5"})) << "the visitor is this user now";
  Put("", "visit", "i7", 4);
  EXPECT_EQ(seen("new-user"), (std::set<std::string>{"i1", "i3", "i5", "i7"})) << "later events, too";
  // A caller that uses the id of a user as a session id does not become that user.
  Put("thief", "u2", "i9", 5);
  EXPECT_FALSE(seen("u2").contains("i9"));
}

// The views of the session decide what the user is shown next, without a training.
TEST_F(EventsTest, ViewsOfTheSessionChangeTheNextAnswer) {
  CreateShop();
  for (int n = 0; n < 60; ++n)  // even items are popular
    Put("e" + std::to_string(n), "s" + std::to_string(n), "i" + std::to_string(n * 2 % 20), n);
  for (int n = 0; n < 5; ++n) Put("", "visit", "i" + std::to_string(2 * n + 1), n);
  const auto odd = [&] {
    const auto items =
        RecommendedItems(Json::Object{{"campaignArn", campaign_}, {"userId", "new-user"}, {"numResults", 5}});
    return std::ranges::count_if(items, [](const std::string& id) { return (id.back() - '0') % 2 == 1; });
  };
  EXPECT_LT(odd(), 5);
  Put("new-user", "visit", "i11", 9);
  EXPECT_EQ(odd(), 5) << "the session's taste is for odd items";
}

}  // namespace
}  // namespace trine::api::personalize
