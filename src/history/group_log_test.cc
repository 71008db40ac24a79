// Recounting after a damaged summary, and imports that are abandoned during an append.
#include <gtest/gtest.h>

#include <functional>

#include "history/group_meta.h"
#include "history/history.h"
#include "history/keys.h"

namespace trine::history {
namespace {

constexpr GroupId kShop{7};

Event Did(std::string user, std::string item, int64_t time) {
  Event event;
  event.user_id = std::move(user);
  event.item_id = std::move(item);
  event.type = "view";
  event.time = Millis{time};
  return event;
}

User Person(std::string id, std::string region) {
  User user;
  user.id = std::move(id);
  user.attributes.Set("REGION", format::Json(std::move(region)));
  return user;
}

// Interrupts buffered writes, which are those that remove rows.
class InterruptedKeyValue final : public storage::KeyValue {
 public:
  Result<std::optional<std::string>> Get(storage::Family family, std::string_view key) const override {
    return kv_->Get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      storage::Family family, const std::vector<std::string>& keys) const override {
    return kv_->MultiGet(family, keys);
  }
  Status Write(const storage::WriteBatch& batch, storage::Durability durability) override {
    if (durability == storage::Durability::kBuffered) {
      if (before_removal) std::exchange(before_removal, {})();
      if (fail_removals) return Error(ErrorCode::kIo, "the disk is full");
    }
    return kv_->Write(batch, durability);
  }
  std::unique_ptr<storage::Cursor> Scan(storage::Family family) const override { return kv_->Scan(family); }
  Status Checkpoint(const std::string& path) override { return kv_->Checkpoint(path); }
  Status VerifyChecksums() const override { return kv_->VerifyChecksums(); }
  Status Flush() override { return kv_->Flush(); }

  std::function<void()> before_removal;
  bool fail_removals = false;

 private:
  const std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
};

class GroupLogTest : public testing::Test {
 protected:
  GroupLogTest() { Reopen(); }
  void Reopen() { history_ = History::Open(kv_, NullLog()).value(); }
  void SetSummary(std::string bytes) {
    storage::WriteBatch batch;
    batch.Put(storage::Family::kMeta, keys::GroupMeta(kShop), std::move(bytes));
    ASSERT_TRUE(kv_.Write(batch, storage::Durability::kSync).ok());
    Reopen();
  }
  uint32_t ImportUsers(std::vector<User> users, bool replace) {
    const uint32_t import = history_->BeginImport(kShop).value();
    EXPECT_TRUE(history_->PutImportedUsers(kShop, import, std::move(users)).ok());
    EXPECT_TRUE(history_->PublishImport(kShop, import, ImportKind::kUsers, replace).ok());
    return import;
  }
  std::string Region(std::string_view id) const {
    const auto user = history_->GetUser(kShop, id).value();
    return user ? user->attributes.Find("REGION")->string() : "-";
  }
  size_t Rows(storage::Family family) const {
    size_t rows = 0;
    const auto cursor = kv_.Scan(family);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) ++rows;
    return rows;
  }

  InterruptedKeyValue kv_;
  std::unique_ptr<History> history_;
};

TEST_F(GroupLogTest, RecountsUsersAndTheirImports) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  const uint32_t first = ImportUsers({Person("u", "Busan"), Person("v", "Seoul")}, false);
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Ulsan"), Person("w", "제주")}).ok());
  SetSummary("\x01\xff");
  EXPECT_EQ(history_->UserCount(kShop), 3u);
  EXPECT_EQ(Region("u"), "Ulsan");
  EXPECT_EQ(Region("v"), "Seoul") << "imported users are still seen";
  EXPECT_EQ(history_->EventCount(kShop), 1u);

  ASSERT_TRUE(history_->EraseUser(kShop, "v").ok());
  EXPECT_EQ(history_->UserCount(kShop), 2u);
  EXPECT_GT(ImportUsers({Person("u", "Daegu")}, true), first);
  EXPECT_EQ(Region("u"), "Daegu") << "a new import is newer than any row of before";
  EXPECT_EQ(history_->UserCount(kShop), 2u);
  EXPECT_EQ(Rows(storage::Family::kUsers), 3u) << "the import of before has been replaced";
}

TEST_F(GroupLogTest, RecountingNeverReusesImportNumbers) {
  for (int i = 0; i < 3; ++i) ImportUsers({Person("x", "Ilsan")}, true);
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Ulsan")}).ok());
  const uint32_t replaced_by_none = ImportUsers({}, true);  // the stamp of "u" is all that is left
  SetSummary(
      "\x01"
      "broken");
  EXPECT_EQ(history_->UserCount(kShop), 1u);
  EXPECT_GE(ImportUsers({Person("u", "Daegu")}, false), replaced_by_none);
  EXPECT_EQ(Region("u"), "Daegu");
}

// A summary of another version is intact: opening fails and changes nothing.
TEST_F(GroupLogTest, RefusesASummaryOfAnotherFormatVersion) {
  storage::WriteBatch batch;
  batch.Put(storage::Family::kMeta, keys::GroupMeta(kShop), "\x02the layout of tomorrow");
  ASSERT_TRUE(kv_.Write(batch, storage::Durability::kSync).ok());
  const auto opened = History::Open(kv_, NullLog());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::kUnsupported);
  EXPECT_EQ(opened.error().expected, "format version 1");
  EXPECT_EQ(opened.error().got, "2");
  EXPECT_EQ(kv_.Get(storage::Family::kMeta, keys::GroupMeta(kShop)).value(), "\x02the layout of tomorrow");
}

TEST_F(GroupLogTest, CountsStopAtZero) {
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan")}).ok());
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  GroupMeta none;
  none.next = EventSeq{2};
  SetSummary(none.Encode());
  ASSERT_TRUE(history_->EraseUser(kShop, "u").ok());
  EXPECT_EQ(history_->UserCount(kShop), 0u);
  EXPECT_EQ(history_->EventCount(kShop), 0u);
}

TEST_F(GroupLogTest, RejectsAppendsToAnAbandonedImport) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "a", 1)}).ok());
  bool tried = false;
  kv_.before_removal = [&] {
    tried = true;
    EXPECT_EQ(history_->AppendImported(kShop, import, {Did("u", "late", 2)}).error().kind(),
              ErrorKind::kNotFound);
    EXPECT_EQ(history_->PutImportedUsers(kShop, import, {Person("u", "Busan")}).error().kind(),
              ErrorKind::kNotFound);
  };
  ASSERT_TRUE(history_->AbandonImport(kShop, import).ok());
  EXPECT_TRUE(tried);
  EXPECT_EQ(Rows(storage::Family::kInteractions), 0u);
  EXPECT_EQ(Rows(storage::Family::kUserEvents), 0u);
  EXPECT_EQ(Rows(storage::Family::kUsers), 0u);
}

TEST_F(GroupLogTest, RemovesAFailedImportAtTheNextOpening) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "a", 1)}).ok());
  kv_.fail_removals = true;
  EXPECT_EQ(history_->AbandonImport(kShop, import).error().kind(), ErrorKind::kIo);
  kv_.fail_removals = false;
  EXPECT_EQ(history_->PublishImport(kShop, import, ImportKind::kEvents, false).error().kind(),
            ErrorKind::kNotFound);
  Reopen();
  EXPECT_EQ(Rows(storage::Family::kInteractions), 0u);
}

}  // namespace
}  // namespace trine::history
