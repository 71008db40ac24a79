// Erasures remove whole people; one of equal events stays when a session gets a user.
#include <gtest/gtest.h>

#include <set>

#include "history/history.h"
#include "test/support/failing_key_value.h"
#include "test/support/temp_folder.h"

namespace trine::history {
namespace {

constexpr GroupId kShop{7};

Event Did(std::string user, std::string item, int64_t time) {
  Event event;
  event.user_id = std::move(user);
  event.session_id = "s-" + event.user_id;
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

// Each test runs with the in-memory store and with RocksDB. Reopen simulates a restart.
class ErasureTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    history_.reset();
    if (GetParam()) {
      kv_.reset();
      kv_ = storage::OpenKeyValue(folder_.path("facts")).value();
    } else if (kv_ == nullptr) {
      kv_ = storage::NewMemoryKeyValue();
    }
    history_ = History::Open(*kv_, NullLog()).value();
  }
  std::vector<std::string> Seen(std::string_view user, std::string_view session = {}) {
    std::vector<std::string> items;
    const std::vector<Event> events = history_->UserEvents(kShop, user, session, 100).value();
    for (const Event& e : events) items.push_back(e.item_id);
    return items;
  }
  std::vector<std::string> Log() {
    std::vector<std::string> items;
    EXPECT_TRUE(history_
                    ->Scan(kShop, EventSeq{0},
                           [&](const Event& event) -> Result<bool> {
                             items.push_back(event.item_id);
                             return true;
                           })
                    .ok());
    return items;
  }
  // Makes a store in which the erasure of "heavy", who has this many events, failed after its first batch.
  std::unique_ptr<storage::KeyValue> HalfErased(int events) {
    std::vector<Event> many;
    for (int i = 0; i < events; ++i) many.push_back(Did("heavy", "item" + std::to_string(i), i));
    auto failing = std::make_unique<test::FailingKeyValue>(
        GetParam() ? storage::OpenKeyValue(folder_.path("other")).value() : storage::NewMemoryKeyValue());
    const auto history = History::Open(*failing, NullLog()).value();
    EXPECT_TRUE(history->Append(kShop, many).ok());
    failing->FailWritesAfter(1);
    EXPECT_FALSE(history->EraseUsers(kShop, {"heavy"}).ok());
    failing->Repair();
    return failing;
  }
  static void ExpectNoMark(const storage::KeyValue& store) {
    const auto cursor = store.Scan(storage::Family::kMeta);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next())
      EXPECT_EQ(cursor->key().find("heavy"), std::string_view::npos) << "the mark is not removed";
  }

  test::TempFolder folder_;
  std::unique_ptr<storage::KeyValue> kv_;
  std::unique_ptr<History> history_;
};
INSTANTIATE_TEST_SUITE_P(Stores, ErasureTest, testing::Bool());

// A visitor's event is sent again after the visitor signed in, or two devices send it.
TEST_P(ErasureTest, JoinedSessionsKeepOneOfEqualEvents) {
  const auto put = [&](const std::string& user, const std::string& session, const std::string& id,
                       const std::string& item) {
    Event event = Did(user, item, 10);
    event.session_id = session;
    event.event_id = id;
    ASSERT_TRUE(history_->Append(kShop, {event}).ok());
  };
  put("", "before", "e1", "first");  // older than the user's event: stays, the user's goes
  put("u", "other", "e1", "second");
  put("u", "other", "e2", "mine");  // older than the visitor's event: stays
  put("", "before", "e2", "again");
  put("", "before", "", "plain");  // the same without an event id
  put("u", "other", "", "plain");
  put("", "before", "e3", "different");
  EXPECT_EQ(history_->EventCount(kShop), 7u);
  const uint64_t epoch = history_->Epoch(kShop);
  put("u", "before", "e4", "signed-in");
  EXPECT_GT(history_->Epoch(kShop), epoch) << "counters contain the dropped events";
  const std::set<std::string> expected = {"first", "mine", "plain", "different", "signed-in"};
  std::vector<std::string> seen = Seen("u");
  EXPECT_EQ(std::set(seen.begin(), seen.end()), expected);
  EXPECT_EQ(seen.size(), expected.size());
  EXPECT_EQ(Log().size(), expected.size());
  EXPECT_EQ(history_->EventCount(kShop), expected.size());
  put("u", "before", "e1", "third");
  put("u", "before", "e2", "third");
  EXPECT_EQ(history_->EventCount(kShop), expected.size()) << "they are known under the user";
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), expected.size());
  EXPECT_EQ(Seen("", "before"), std::vector<std::string>{});
}

TEST_P(ErasureTest, ErasingCountsWhatItRemoves) {
  ASSERT_TRUE(
      history_->Append(kShop, {Did("u", "a", 1), Did("u", "b", 2), Did("v", "c", 3), Did("w", "d", 4)}).ok());
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan"), Person("x", "Seoul")}).ok());
  std::vector<Erased> batches;
  const auto commit = [&](const Erased& erased, storage::WriteBatch batch) {
    batches.push_back(erased);
    return kv_->Write(batch, storage::Durability::kSync);
  };
  const auto erased = history_->EraseUsers(kShop, {"v", "u", "nobody", "x", "u"}, commit);
  ASSERT_TRUE(erased.ok()) << erased.error().ToString();
  EXPECT_EQ(erased->people, 3u);
  EXPECT_EQ(erased->events, 3u);
  EXPECT_EQ(erased->users, 2u);
  ASSERT_EQ(batches.size(), 1u) << "people share a batch";
  EXPECT_EQ(batches[0].events, 3u);
  EXPECT_EQ(Log(), std::vector<std::string>{"d"});
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(history_->UserCount(kShop), 0u);
  const uint64_t epoch = history_->Epoch(kShop);
  EXPECT_EQ(history_->EraseUsers(kShop, {"nobody", "u"}, commit)->people, 0u);
  EXPECT_EQ(batches.size(), 1u) << "nothing is written for people of whom nothing is stored";
  EXPECT_EQ(history_->Epoch(kShop), epoch);
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(history_->UserCount(kShop), 0u);
}

TEST_P(ErasureTest, ListenersAreToldWhomAnErasureConcerned) {
  std::vector<std::string> told;
  history_->AddErasureListener([&](GroupId group, const std::vector<std::string>& ids) {
    EXPECT_EQ(group, kShop);
    told.push_back(ids.empty() ? "everybody" : "");
    for (const std::string& id : ids) told.back() += id;
  });
  ASSERT_TRUE(history_->Append(kShop, {Did("a", "x", 1)}).ok());
  history_->AddErasureListener([&](GroupId, const std::vector<std::string>&) {
    EXPECT_TRUE(Seen("a").empty()) << "the rows vanish before a listener hears of it";
  });
  ASSERT_TRUE(history_->EraseUsers(kShop, {"b", "a"}).ok());
  ASSERT_TRUE(history_->EraseUsers(kShop, {}).ok());
  ASSERT_TRUE(history_->EraseGroup(kShop).ok());
  EXPECT_EQ(told, (std::vector<std::string>{"ba", "everybody"}));
}

TEST_P(ErasureTest, ErasesNobodyIfTheCallerRefusesTheBatch) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1)}).ok());
  const auto refuse = [](const Erased&, storage::WriteBatch) {
    return Status(Error(ErrorCode::kNotFound, "no such job"));
  };
  EXPECT_EQ(history_->EraseUsers(kShop, {"u"}, refuse).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Seen("u"), std::vector<std::string>{"a"});
  EXPECT_EQ(history_->EventCount(kShop), 1u);
}

// Everybody can send unverified events with the session of somebody else.
TEST_P(ErasureTest, ErasingAnIntruderKeepsTheEventsOfTheSession) {
  Event visitor = Did("", "own", 1);
  visitor.session_id = "visit";
  Event forged = Did("intruder", "forged", 2);
  forged.session_id = "visit";
  forged.unverified = true;
  Event anonymous = Did("", "unverified", 3);
  anonymous.session_id = "visit";
  anonymous.unverified = true;
  ASSERT_TRUE(history_->Append(kShop, {visitor, forged, anonymous}).ok());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"intruder"}).ok());
  EXPECT_EQ(Log(), std::vector<std::string>{"own"});
  EXPECT_EQ(Seen("", "visit"), std::vector<std::string>{"own"});
}

TEST_P(ErasureTest, ErasesVisitorsByTheirSession) {
  Event visitor = Did("", "seen", 1);
  visitor.session_id = "visit";
  ASSERT_TRUE(history_->Append(kShop, {visitor, Did("u", "a", 2)}).ok());
  EXPECT_EQ(history_->EraseUsers(kShop, {"visit"})->people, 1u);
  EXPECT_EQ(Log(), std::vector<std::string>{"a"});
}

// The row that assigns a session to a user names the user, so it must not outlive an erasure, even if the
// events that wrote it are gone.
TEST_P(ErasureTest, ErasesTheSessionsOfReplacedImports) {
  Event known = Did("u", "a", 1);
  known.session_id = "visit";
  const auto import = [&](std::vector<Event> events) {
    const uint32_t number = history_->BeginImport(kShop).value();
    ASSERT_TRUE(history_->AppendImported(kShop, number, std::move(events)).ok());
    ASSERT_TRUE(history_->PublishImport(kShop, number, ImportKind::kEvents, true).ok());
  };
  import({known});
  import({Did("v", "b", 2)});
  EXPECT_EQ(history_->UserOfSession(kShop, "visit").value(), "u");
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "visit").value(), std::nullopt);
  EXPECT_EQ(Log(), std::vector<std::string>{"b"});
}

// A person with many events is erased in several batches, between which others can write.
TEST_P(ErasureTest, ErasesALongHistoryInSeveralBatches) {
  std::vector<Event> many;
  for (int i = 0; i < 12'000; ++i) {
    many.push_back(Did("heavy", "item" + std::to_string(i), i));
    many.back().session_id = "s" + std::to_string(i % 40);
  }
  ASSERT_TRUE(history_->Append(kShop, many).ok());
  Event visitor = Did("", "anonymous", 5);
  visitor.session_id = "s3";
  ASSERT_TRUE(history_->Append(kShop, {visitor, Did("v", "kept", 1)}).ok());
  size_t batches = 0;
  uint64_t counted = 0;
  const auto commit = [&](const Erased& erased, storage::WriteBatch batch) {
    ++batches;
    counted += erased.events;
    EXPECT_LE(batch.ops().size(), 40'000u);
    return kv_->Write(batch, storage::Durability::kSync);
  };
  const uint64_t epoch = history_->Epoch(kShop);
  const auto erased = history_->EraseUsers(kShop, {"heavy"}, commit);
  ASSERT_TRUE(erased.ok()) << erased.error().ToString();
  EXPECT_EQ(erased->people, 1u);
  EXPECT_EQ(erased->events, 12'001u);
  EXPECT_EQ(counted, 12'001u);
  EXPECT_GE(batches, 3u);
  EXPECT_LE(history_->Epoch(kShop), epoch + 2) << "each epoch makes counters read the whole log";
  EXPECT_GT(history_->Epoch(kShop), epoch);
  EXPECT_EQ(Log(), std::vector<std::string>{"kept"});
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(history_->UserOfSession(kShop, "s3").value(), std::nullopt);
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), 1u);
}

// The process ends between two batches.
TEST_P(ErasureTest, ContinuesAnInterruptedErasure) {
  const auto store = HalfErased(12'000);
  const auto history = History::Open(*store, NullLog()).value();
  EXPECT_GT(history->EventCount(kShop), 0u);
  EXPECT_LT(history->EventCount(kShop), 12'000u);
  ASSERT_TRUE(history->FinishErasures().ok());
  EXPECT_EQ(history->EventCount(kShop), 0u);
  ExpectNoMark(*store);
}

// The disk fails between two batches, the request is sent again, and the person returns: the next start must
// not delete the new history.
TEST_P(ErasureTest, ARepeatedErasureIsNotContinuedLater) {
  const auto store = HalfErased(7'000);
  auto history = History::Open(*store, NullLog()).value();
  const auto again = history->EraseUsers(kShop, {"heavy"});
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(history->EventCount(kShop), 0u);
  ExpectNoMark(*store);
  ASSERT_TRUE(history->Append(kShop, {Did("heavy", "new", 9'000)}).ok());
  history.reset();
  history = History::Open(*store, NullLog()).value();
  ASSERT_TRUE(history->FinishErasures().ok());
  EXPECT_EQ(history->EventCount(kShop), 1u);
}

TEST_P(ErasureTest, TheMarksOfUnfinishedErasuresGoWithTheirGroup) {
  const auto store = HalfErased(7'000);
  const auto history = History::Open(*store, NullLog()).value();
  ASSERT_TRUE(history->EraseGroup(kShop).ok());
  ExpectNoMark(*store);
}

// The rows of a replaced import are deleted, but their bytes stay in the files until these are rewritten.
TEST_P(ErasureTest, ErasingPurgesTheRowsOfReplacedImports) {
  const auto import = [&](std::vector<Event> events) {
    const uint32_t number = history_->BeginImport(kShop).value();
    ASSERT_TRUE(history_->AppendImported(kShop, number, std::move(events)).ok());
    ASSERT_TRUE(history_->PublishImport(kShop, number, ImportKind::kEvents, true).ok());
  };
  Event plain = Did("u", "a", 1);
  plain.session_id.clear();
  import({plain});
  import({Did("v", "b", 2)});
  EXPECT_FALSE(history_->IsPurgePending(kShop).value()) << "a rewrite for each import would be slow";
  Reopen();
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_TRUE(history_->IsPurgePending(kShop).value());
  EXPECT_TRUE(history_->Purge(kShop, {}).ok());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_FALSE(history_->IsPurgePending(kShop).value()) << "once is enough";
}

TEST_P(ErasureTest, KnowsWhetherBytesAreLeftInFiles) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1), Did("v", "b", 2)}).ok());
  EXPECT_FALSE(history_->IsPurgePending(kShop).value());
  EXPECT_FALSE(history_->PurgeAll({}).value());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"nobody"}).ok());
  EXPECT_FALSE(history_->IsPurgePending(kShop).value());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_TRUE(history_->IsPurgePending(kShop).value());
  Reopen();
  EXPECT_TRUE(history_->IsPurgePending(kShop).value()) << "the next start goes on";
  EXPECT_TRUE(history_->PurgeAll({}).value());
  EXPECT_FALSE(history_->IsPurgePending(kShop).value());
  ASSERT_TRUE(history_->EraseGroup(kShop).ok());
  EXPECT_TRUE(history_->IsPurgePending(kShop).value());
  EXPECT_TRUE(history_->Purge(kShop, {}).ok());
  EXPECT_FALSE(history_->IsPurgePending(kShop).value());
}

// Passes every call on, but its cursors over user_events say that they have skipped a damaged block.
class DamagedKeyValue final : public storage::KeyValue {
 public:
  Result<std::optional<std::string>> Get(storage::Family family, std::string_view key) const override {
    return kv_->Get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      storage::Family family, const std::vector<std::string>& keys) const override {
    return kv_->MultiGet(family, keys);
  }
  Status Write(const storage::WriteBatch& batch, storage::Durability durability) override {
    return kv_->Write(batch, durability);
  }
  std::unique_ptr<storage::Cursor> Scan(storage::Family family) const override {
    const bool damaged = damaged_ && family == storage::Family::kUserEvents;
    return std::make_unique<DamagedCursor>(kv_->Scan(family), damaged);
  }
  Status Checkpoint(const std::string& path) override { return kv_->Checkpoint(path); }
  Status VerifyChecksums() const override { return kv_->VerifyChecksums(); }
  Status Flush() override { return kv_->Flush(); }

  bool damaged_ = false;

 private:
  class DamagedCursor final : public storage::Cursor {
   public:
    DamagedCursor(std::unique_ptr<storage::Cursor> cursor, bool damaged)
        : cursor_(std::move(cursor)), damaged_(damaged) {}
    void Seek(std::string_view key) override { cursor_->Seek(key); }
    void SeekBefore(std::string_view key) override { cursor_->SeekBefore(key); }
    bool Valid() const override { return cursor_->Valid(); }
    void Next() override { cursor_->Next(); }
    void Prev() override { cursor_->Prev(); }
    std::string_view key() const override { return cursor_->key(); }
    std::string_view value() const override { return cursor_->value(); }
    Status status() const override { return cursor_->status(); }
    uint64_t skipped() const override { return damaged_ ? 1 : 0; }

   private:
    const std::unique_ptr<storage::Cursor> cursor_;
    const bool damaged_;
  };
  const std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
};

// Events in a damaged block cannot be found, and an export after a repair could show them.
TEST(DamagedErasureTest, NobodyIsDeletedCompletelyIfRowsCannotBeRead) {
  DamagedKeyValue kv;
  const auto history = History::Open(kv, NullLog()).value();
  ASSERT_TRUE(history->Append(kShop, {Did("u", "a", 1)}).ok());
  kv.damaged_ = true;
  const auto erased = history->EraseUsers(kShop, {"u"});
  ASSERT_FALSE(erased.ok());
  EXPECT_EQ(erased.error().kind(), ErrorKind::kCorrupt);
  kv.damaged_ = false;
  const auto again = history->EraseUsers(kShop, {"u"});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->events, 1u) << "the refused deletion has removed nothing by half";
}

}  // namespace
}  // namespace trine::history
