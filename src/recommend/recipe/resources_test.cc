#include "recommend/recipe/resources.h"

#include <gtest/gtest.h>

#include "test/support/failing_key_value.h"

namespace trine::recommend {
namespace {

Resource Group(std::string name) {
  Resource r;
  r.kind = ResourceKind::kDatasetGroup;
  r.path = r.name = std::move(name);
  r.region = "ap-northeast-2";
  r.spec.Set("domain", format::Json("ecommerce"));
  return r;
}
Resource Solution(std::string name, std::string parent, GroupId group) {
  Resource r;
  r.kind = ResourceKind::kSolution;
  r.path = r.name = std::move(name);
  r.parent = std::move(parent);
  r.group = group;
  return r;
}

class ResourcesTest : public testing::Test {
 protected:
  void Reopen() { store_ = ResourceStore::Open(*kv_, clock_, NullLog()).value(); }
  void SetUp() override { Reopen(); }
  const std::unique_ptr<test::FailingKeyValue> kv_ = std::make_unique<test::FailingKeyValue>();
  ManualClock clock_{Millis{1000}};
  std::unique_ptr<ResourceStore> store_;
};

TEST_F(ResourcesTest, KeepsEveryMemberAcrossRestart) {
  const Resource shop = store_->Create(Group("가게")).value();
  EXPECT_NE(shop.group.value, 0u);
  EXPECT_EQ(shop.created, Millis{1000});
  clock_.Advance(500);
  const auto changed = store_->Update(ResourceKind::kDatasetGroup, "가게", [](Resource& r) -> Status {
    r.state = ResourceState::kFailed;
    r.failure_reason = "no data";
    r.path = "other";
    r.group = GroupId{99};
    return Ok();
  });
  ASSERT_TRUE(changed.ok());
  Reopen();
  const auto back = store_->Get(ResourceKind::kDatasetGroup, "가게");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->group, shop.group) << "paths and group ids do not change";
  EXPECT_EQ(back->state, ResourceState::kFailed);
  EXPECT_EQ(back->failure_reason, "no data");
  EXPECT_EQ(back->region, "ap-northeast-2");
  EXPECT_EQ(back->updated, Millis{1500});
  EXPECT_EQ(back->spec, shop.spec);
  EXPECT_EQ(store_->GroupOf(shop.group)->path, "가게");
}

TEST_F(ResourcesTest, ListsByParentInCreationOrder) {
  const GroupId a = store_->Create(Group("a")).value().group;
  const GroupId b = store_->Create(Group("b")).value().group;
  EXPECT_NE(a, b);
  for (const char* name : {"z", "m", "c"}) ASSERT_TRUE(store_->Create(Solution(name, "a", a)).ok());
  ASSERT_TRUE(store_->Create(Solution("other", "b", b)).ok());
  Reopen();
  ASSERT_TRUE(store_->Create(Solution("last", "a", a)).ok());
  std::vector<std::string> names;
  for (const Resource& r : store_->List(ResourceKind::kSolution, "a")) names.push_back(r.name);
  EXPECT_EQ(names, (std::vector<std::string>{"z", "m", "c", "last"}));
  EXPECT_EQ(store_->List(ResourceKind::kSolution).size(), 5u);
  EXPECT_EQ(store_->List(ResourceKind::kSolutionVersion).size(), 0u)
      << "a kind whose name is a prefix of another is separate";
}

TEST_F(ResourcesTest, NeverReusesGroupIds) {
  const GroupId first = store_->Create(Group("a")).value().group;
  ASSERT_TRUE(store_->Delete(ResourceKind::kDatasetGroup, "a").ok());
  Reopen();
  EXPECT_FALSE(store_->Get(ResourceKind::kDatasetGroup, "a").has_value());
  EXPECT_GT(store_->Create(Group("a")).value().group, first);
}

TEST_F(ResourcesTest, RejectsInvalidOperations) {
  ASSERT_TRUE(store_->Create(Group("a")).ok());
  EXPECT_EQ(store_->Create(Group("a")).error().kind(), ErrorKind::kExists);
  EXPECT_EQ(store_->Delete(ResourceKind::kCampaign, "a").error().kind(), ErrorKind::kNotFound);
  const auto refused = store_->Update(ResourceKind::kDatasetGroup, "a", [](Resource& r) -> Status {
    r.name = "changed";
    return Error(ErrorCode::kInUse, "no");
  });
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInUse);
  EXPECT_EQ(store_->Get(ResourceKind::kDatasetGroup, "a")->name, "a") << "unchanged on error";
}

TEST_F(ResourcesTest, FailedWritesChangeNothing) {
  ASSERT_TRUE(store_->Create(Group("a")).ok());
  const auto rename = [](Resource& r) {
    r.name = "changed";
    return Ok();
  };
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    kv_->FailWrites(code);
    EXPECT_EQ(store_->Create(Group("b")).error().code, code);
    EXPECT_EQ(store_->Update(ResourceKind::kDatasetGroup, "a", rename).error().code, code);
    EXPECT_EQ(store_->Delete(ResourceKind::kDatasetGroup, "a").error().code, code);
    kv_->Repair();
    for (const bool reopened : {false, true}) {
      if (reopened) Reopen();
      EXPECT_EQ(store_->List(ResourceKind::kDatasetGroup).size(), 1u) << reopened;
      EXPECT_EQ(store_->Get(ResourceKind::kDatasetGroup, "a")->name, "a") << reopened;
    }
  }
  EXPECT_NE(store_->Create(Group("b")).value().group, store_->Get(ResourceKind::kDatasetGroup, "a")->group);
  kv_->FailReads();
  EXPECT_EQ(ResourceStore::Open(*kv_, clock_, NullLog()).error().kind(), ErrorKind::kIo);
}

TEST_F(ResourcesTest, SkipsCorruptResource) {
  ASSERT_TRUE(store_->Create(Group("a")).ok());
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, std::string("recommend.campaign\0x", 20), "{broken");
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  Reopen();
  EXPECT_EQ(store_->List(ResourceKind::kDatasetGroup).size(), 1u);
  EXPECT_FALSE(store_->Get(ResourceKind::kCampaign, "x").has_value());
  const Status why = store_->Readable(ResourceKind::kCampaign, "x");
  ASSERT_FALSE(why.ok());
  EXPECT_EQ(why.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(why.error().where, "x");
  EXPECT_TRUE(store_->Readable(ResourceKind::kCampaign, "y").ok()) << "it does not exist";
  EXPECT_TRUE(store_->Readable(ResourceKind::kDatasetGroup, "a").ok());
}

TEST_F(ResourcesTest, UnreadableResourcesAreListedAndDeleted) {
  const GroupId shop = store_->Create(Group("shop")).value().group;
  ASSERT_TRUE(store_->Create(Solution("good", "shop", shop)).ok());
  ASSERT_TRUE(store_->Create(Solution("newer", "shop", shop)).ok());
  const std::string newer("recommend.solution\0newer", 24);
  std::string row = kv_->Get(storage::Family::kResources, newer).value().value();
  row.replace(row.find("\"version\":1"), 11, "\"version\":2");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, newer, row);
  batch.Put(storage::Family::kResources, std::string("recommend.solution\0cut", 22), R"({"path":"cut","gro)");
  batch.Put(storage::Family::kResources, std::string("recommend.solution_version\0good/1", 33), "{");
  batch.Put(storage::Family::kResources, std::string("recommend.someday\0x", 19), "{");
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  Reopen();
  EXPECT_EQ(store_->List(ResourceKind::kSolution).size(), 1u) << "what can be read";
  const auto broken = store_->ListUnreadable(ResourceKind::kSolution);
  ASSERT_EQ(broken.size(), 2u);
  EXPECT_EQ(broken[0].name, "cut");
  EXPECT_EQ(broken[0].group, GroupId{0});
  EXPECT_NE(broken[0].failure_reason.find("cannot be read"), std::string::npos);
  EXPECT_EQ(broken[1].name, "newer");
  EXPECT_EQ(broken[1].parent, "shop");
  EXPECT_EQ(broken[1].group, shop);
  EXPECT_EQ(broken[1].created, Millis{1000});
  EXPECT_EQ(store_->ListUnreadable(ResourceKind::kSolutionVersion).at(0).path, "good/1");
  for (const Resource& one : broken) {
    EXPECT_TRUE(store_->Unreadable(one.kind, one.path).has_value());
    ASSERT_TRUE(store_->Delete(one.kind, one.path).ok());
    EXPECT_FALSE(store_->Unreadable(one.kind, one.path).has_value());
    EXPECT_EQ(store_->Delete(one.kind, one.path).error().kind(), ErrorKind::kNotFound);
    ASSERT_TRUE(store_->Create(Solution(one.path, "shop", shop)).ok()) << "the name is free again";
  }
  Reopen();
  EXPECT_EQ(store_->List(ResourceKind::kSolution).size(), 3u);
  EXPECT_TRUE(store_->ListUnreadable(ResourceKind::kSolution).empty());
}

// The counters are lost, too, so the numbers must be found in what is left of the rows.
TEST_F(ResourcesTest, NeverReusesGroupIdsOfUnreadableGroups) {
  for (const bool cut : {false, true}) {
    const std::string name = cut ? "b" : "a", key = std::string("recommend.dataset_group") + '\0' + name;
    const GroupId group = store_->Create(Group(name)).value().group;
    std::string row = kv_->Get(storage::Family::kResources, key).value().value();
    row = cut ? row.substr(0, row.size() - 3) : row.replace(row.find("\"state\":"), 9, "\"stare\":");
    storage::WriteBatch batch;
    batch.Put(storage::Family::kResources, key, row);
    batch.Put(storage::Family::kMeta, "recommend/counters", "{broken");
    ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
    Reopen();
    EXPECT_EQ(store_->Unreadable(ResourceKind::kDatasetGroup, name)->group, group);
    ASSERT_TRUE(store_->Delete(ResourceKind::kDatasetGroup, name).ok());
    Reopen();
    EXPECT_GT(store_->Create(Group("new-" + name)).value().group, group);
  }
}

// A row of a group in any family of the history keeps its number taken.
TEST_F(ResourcesTest, NeverReusesGroupIdsThatHaveRows) {
  uint32_t number = 10;
  for (const auto family : {storage::Family::kInteractions, storage::Family::kUserEvents,
                            storage::Family::kUsers, storage::Family::kEventIds}) {
    number += 10;
    storage::WriteBatch batch;
    batch.Put(family, storage::KeyBuilder().U32(number).U64(1).Take(), "x");
    ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
    Reopen();
    EXPECT_GT(store_->Create(Group("g" + std::to_string(number))).value().group.value, number);
  }
}

TEST_F(ResourcesTest, SkipsResourceOfUnknownFormatVersion) {
  ASSERT_TRUE(store_->Create(Group("a")).ok());
  const std::string key("recommend.dataset_group\0a", 25);
  std::string row = kv_->Get(storage::Family::kResources, key).value().value();
  row.replace(row.find("\"version\":1"), 11, "\"version\":2");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, key, row);
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  Reopen();
  EXPECT_TRUE(store_->List(ResourceKind::kDatasetGroup).empty());
  EXPECT_EQ(store_->Readable(ResourceKind::kDatasetGroup, "a").error().kind(), ErrorKind::kFormatVersion);
  const auto created = store_->Create(Group("a"));
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(created.error().got, "2");
  EXPECT_EQ(kv_->Get(storage::Family::kResources, key).value(), row) << "the newer program's row is kept";
}

}  // namespace
}  // namespace trine::recommend
