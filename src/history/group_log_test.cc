// Tests recounting after a damaged summary, appends to an abandoned import, and store failures.
#include <gtest/gtest.h>

#include <functional>

#include "history/group_meta.h"
#include "history/history.h"
#include "history/keys.h"
#include "test/support/failing_key_value.h"

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

  test::FailingKeyValue kv_;
  std::unique_ptr<History> history_;
};

TEST_F(GroupLogTest, RecountsUsersAndTheirImports) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  const uint32_t first = ImportUsers({Person("u", "Busan"), Person("v", "Seoul")}, false);
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Ulsan"), Person("w", "제주")}).ok());
  SetSummary("\x01\xff");
  EXPECT_EQ(history_->UserCount(kShop), 3u);
  EXPECT_EQ(Region("u"), "Ulsan");
  EXPECT_EQ(Region("v"), "Seoul") << "imported users are still visible";
  EXPECT_EQ(history_->EventCount(kShop), 1u);

  ASSERT_TRUE(history_->EraseUsers(kShop, {"v"}).ok());
  EXPECT_EQ(history_->UserCount(kShop), 2u);
  EXPECT_GT(ImportUsers({Person("u", "Daegu")}, true), first);
  EXPECT_EQ(Region("u"), "Daegu") << "a new import is newer than all earlier rows";
  EXPECT_EQ(history_->UserCount(kShop), 2u);
  EXPECT_EQ(Rows(storage::Family::kUsers), 3u) << "the earlier import has been replaced";
}

TEST_F(GroupLogTest, RecountingNeverReusesImportNumbers) {
  for (int i = 0; i < 3; ++i) ImportUsers({Person("x", "Ilsan")}, true);
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Ulsan")}).ok());
  const uint32_t replaced_by_none = ImportUsers({}, true);  // only the stamp of "u" is left
  SetSummary(
      "\x01"
      "broken");
  EXPECT_EQ(history_->UserCount(kShop), 1u);
  EXPECT_GE(ImportUsers({Person("u", "Daegu")}, false), replaced_by_none);
  EXPECT_EQ(Region("u"), "Daegu");
}

// A summary with an unsupported format version is intact, so opening fails and changes nothing.
TEST_F(GroupLogTest, RejectsASummaryWithUnsupportedFormatVersion) {
  storage::WriteBatch batch;
  batch.Put(storage::Family::kMeta, keys::GroupMeta(kShop), "\x02the layout of tomorrow");
  ASSERT_TRUE(kv_.Write(batch, storage::Durability::kSync).ok());
  const auto opened = History::Open(kv_, NullLog());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(opened.error().expected, "format version 1");
  EXPECT_EQ(opened.error().got, "2");
  EXPECT_EQ(kv_.Get(storage::Family::kMeta, keys::GroupMeta(kShop)).value(), "\x02the layout of tomorrow");
}

TEST_F(GroupLogTest, CountsNeverDropBelowZero) {
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan")}).ok());
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  GroupMeta none;
  none.next = EventSeq{2};
  SetSummary(none.Encode());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_EQ(history_->UserCount(kShop), 0u);
  EXPECT_EQ(history_->EventCount(kShop), 0u);
}

TEST_F(GroupLogTest, RejectsAppendsToAnAbandonedImport) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "a", 1)}).ok());
  bool tried = false;
  kv_.before_buffered_write = [&] {
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

TEST_F(GroupLogTest, OpenRemovesRowsAfterAFailedAbandon) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "a", 1)}).ok());
  kv_.FailBufferedWrites();
  EXPECT_EQ(history_->AbandonImport(kShop, import).error().kind(), ErrorKind::kIo);
  kv_.Repair();
  EXPECT_EQ(history_->PublishImport(kShop, import, ImportKind::kEvents, false).error().kind(),
            ErrorKind::kNotFound);
  Reopen();
  EXPECT_EQ(Rows(storage::Family::kInteractions), 0u);
}

TEST_F(GroupLogTest, RowsThatCouldNotBeRemovedAreRemovedLater) {
  const uint32_t replaced = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, replaced, {Did("u", "a", 1)}).ok());
  ASSERT_TRUE(history_->PublishImport(kShop, replaced, ImportKind::kEvents, true).ok());
  const uint32_t kept = history_->BeginImport(kShop).value();
  const uint32_t abandoned = history_->BeginImport(kShop).value();
  const uint32_t running = history_->BeginImport(kShop).value();
  for (const uint32_t import : {kept, abandoned, running})
    ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "b", 2)}).ok());
  kv_.FailBufferedWrites();
  ASSERT_TRUE(history_->PublishImport(kShop, kept, ImportKind::kEvents, true).ok());
  kv_.FailWrites();
  EXPECT_FALSE(history_->AbandonImport(kShop, abandoned).ok());
  history_->RemoveFailedImports();
  EXPECT_EQ(Rows(storage::Family::kInteractions), 4u) << "the store still fails";
  kv_.Repair();
  history_->RemoveFailedImports();
  EXPECT_EQ(Rows(storage::Family::kInteractions), 2u);
  EXPECT_TRUE(history_->PublishImport(kShop, running, ImportKind::kEvents, false).ok()) << "it still runs";
  EXPECT_EQ(history_->EventCount(kShop), 2u);
}

// After a failed write, readers still see the previous state, even after a restart.
TEST_F(GroupLogTest, FailedWritesChangeNothing) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan")}).ok());
  Reopen();
  size_t heard = 0;
  history_->AddListener([&](GroupId, const std::vector<Event>& events) { heard += events.size(); });
  const uint32_t open = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, open, {Did("w", "c", 3)}).ok());
  const uint64_t epoch = history_->Epoch(kShop);
  const EventSeq next = history_->NextSeq(kShop);

  const std::pair<const char*, std::function<Status()>> changes[] = {
      {"append",
       [&]() -> Status {
         TRINE_TRY(history_->Append(kShop, {Did("u", "b", 2)}));
         return Ok();
       }},
      {"put users",
       [&] {
         return history_->PutUsers(kShop, {Person("u", "Seoul"), Person("v", "Seoul")});
       }},
      {"begin import",
       [&]() -> Status {
         TRINE_TRY(history_->BeginImport(kShop));
         return Ok();
       }},
      {"append imported", [&] { return history_->AppendImported(kShop, open, {Did("w", "d", 4)}); }},
      {"put imported users", [&] { return history_->PutImportedUsers(kShop, open, {Person("x", "Ulsan")}); }},
      {"publish", [&] { return history_->PublishImport(kShop, open, ImportKind::kEvents, true); }},
      {"abandon", [&] { return history_->AbandonImport(kShop, open); }},
      {"erase users",
       [&]() -> Status {
         TRINE_TRY(history_->EraseUsers(kShop, {"u"}));
         return Ok();
       }},
  };
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    kv_.FailWrites(code);
    for (const auto& [name, change] : changes) {
      const Status failed = change();
      ASSERT_FALSE(failed.ok()) << name;
      EXPECT_EQ(failed.error().code, code) << name;
      EXPECT_EQ(failed.error().kind(), ErrorKind::kIo) << name;
      EXPECT_EQ(history_->EventCount(kShop), 1u) << name;
      EXPECT_EQ(history_->UserEvents(kShop, "u", "", 10)->size(), 1u) << name;
      EXPECT_EQ(history_->UserCount(kShop), 1u) << name;
      EXPECT_EQ(Region("u"), "Busan") << name;
      EXPECT_EQ(history_->Epoch(kShop), epoch) << name;
      EXPECT_EQ(history_->NextSeq(kShop), next) << name;
    }
  }
  EXPECT_EQ(heard, 0u) << "listeners receive only durable events";
  kv_.Repair();
  ASSERT_TRUE(history_->AppendImported(kShop, open, {Did("w", "d", 4)}).ok()) << "the import is still open";
  ASSERT_TRUE(history_->PublishImport(kShop, open, ImportKind::kEvents, false).ok());
  EXPECT_EQ(history_->Append(kShop, {Did("u", "b", 2)})->duplicates, 0u)
      << "the failed append left no duplicate key";
  EXPECT_EQ(heard, 1u);
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), 4u);
  EXPECT_EQ(history_->UserCount(kShop), 1u);
  EXPECT_EQ(Region("u"), "Busan");
}

// The rows of the replaced import vanish at once, even if their removal fails.
TEST_F(GroupLogTest, PublishesEvenIfRemovingReplacedRowsFails) {
  const uint32_t first = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, first, {Did("u", "old", 1)}).ok());
  ASSERT_TRUE(history_->PublishImport(kShop, first, ImportKind::kEvents, true).ok());
  const uint32_t second = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, second, {Did("u", "new", 2)}).ok());
  kv_.FailBufferedWrites();
  EXPECT_TRUE(history_->PublishImport(kShop, second, ImportKind::kEvents, true).ok())
      << "a caller that heard of a failure would import again";
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(history_->UserEvents(kShop, "u", "", 10)->at(0).item_id, "new");
  EXPECT_EQ(Rows(storage::Family::kInteractions), 2u);
  kv_.Repair();
  Reopen();
  EXPECT_EQ(history_->UserEvents(kShop, "u", "", 10)->at(0).item_id, "new");
  EXPECT_EQ(Rows(storage::Family::kInteractions), 1u) << "the next Open removes the rest";
}

// The caller's rows and the import become durable together, or not at all.
TEST_F(GroupLogTest, PublishesTogetherWithTheRowsOfTheCaller) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "a", 1)}).ok());
  const auto commit = [&](storage::WriteBatch batch) {
    batch.Put(storage::Family::kResources, "job", "done");
    return kv_.Write(batch, storage::Durability::kSync);
  };
  const auto job = [&] { return *kv_.Get(storage::Family::kResources, "job"); };
  kv_.FailWrites(ErrorCode::kNoSpace);
  EXPECT_EQ(history_->PublishImport(kShop, import, ImportKind::kEvents, false, commit).error().code,
            ErrorCode::kNoSpace);
  kv_.Repair();
  EXPECT_EQ(history_->EventCount(kShop), 0u);
  EXPECT_EQ(job(), std::nullopt);
  const auto refuse = [](storage::WriteBatch) { return Status(Error(ErrorCode::kNotFound, "no such job")); };
  EXPECT_EQ(history_->PublishImport(kShop, import, ImportKind::kEvents, false, refuse).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(history_->EventCount(kShop), 0u);
  const uint64_t writes = kv_.writes();
  ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kEvents, false, commit).ok());
  EXPECT_EQ(kv_.writes(), writes + 1);
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(job(), "done");
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), 1u);
}

TEST_F(GroupLogTest, ReturnsStoreReadErrors) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  const auto every_event = [](const Event&) -> Result<bool> { return true; };
  const auto every_user = [](const User&) -> Result<bool> { return true; };
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kCorrupt}) {
    kv_.FailReads(code);
    EXPECT_EQ(history_->Append(kShop, {Did("u", "b", 2)}).error().code, code)
        << "the duplicate check cannot read";
    EXPECT_EQ(history_->UserEvents(kShop, "u", "", 10).error().code, code);
    EXPECT_EQ(history_->Scan(kShop, EventSeq{0}, every_event).error().code, code);
    EXPECT_EQ(history_->GetUser(kShop, "u").error().code, code);
    EXPECT_EQ(history_->ScanUsers(kShop, every_user).error().code, code);
    EXPECT_EQ(history_->PutUsers(kShop, {Person("u", "Seoul")}).error().code, code);
    EXPECT_EQ(history_->EraseUsers(kShop, {"u"}).error().code, code);
    EXPECT_EQ(History::Open(kv_, NullLog()).error().code, code);
    kv_.Repair();
    EXPECT_EQ(history_->EventCount(kShop), 1u);
    EXPECT_EQ(history_->UserCount(kShop), 0u);
  }
}

}  // namespace
}  // namespace trine::history
