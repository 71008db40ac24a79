#include "history/history.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "history/event_codec.h"
#include "history/keys.h"

namespace trine::history {
namespace {

constexpr GroupId kShop{7};

Event Did(std::string user, std::string item, int64_t time, std::string type = "view") {
  Event event;
  event.user_id = std::move(user);
  event.session_id = "s-" + event.user_id;
  event.item_id = std::move(item);
  event.type = std::move(type);
  event.time = Millis{time};
  return event;
}

std::vector<std::string> Items(const std::vector<Event>& events) {
  std::vector<std::string> items;
  for (const Event& e : events) items.push_back(e.item_id);
  return items;
}

User Person(std::string id, std::string region) {
  User user;
  user.id = std::move(id);
  user.attributes.Set("REGION", format::Json(std::move(region)));
  return user;
}

// Each test runs with the in-memory store and with RocksDB. Reopen simulates a restart.
class HistoryTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("trine-history-" + std::to_string(reinterpret_cast<uintptr_t>(this)) + "-" +
               std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    Reopen();
  }
  void TearDown() override {
    history_.reset();
    kv_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Reopen() {
    history_.reset();
    if (GetParam()) {
      kv_.reset();
      kv_ = storage::OpenKeyValue(folder_.string()).value();
    } else if (kv_ == nullptr) {
      kv_ = storage::NewMemoryKeyValue();
    }
    history_ = History::Open(*kv_, NullLog()).value();
  }
  std::vector<std::string> Seen(std::string_view user, std::string_view session = {}, size_t limit = 100) {
    return Items(history_->UserEvents(kShop, user, session, limit).value());
  }
  std::vector<std::string> Log() {
    std::vector<std::string> items;
    EXPECT_TRUE(history_
                    ->Scan(kShop, EventSeq{0},
                           [&](const Event& e) -> Result<bool> {
                             items.push_back(e.item_id);
                             return true;
                           })
                    .ok());
    return items;
  }
  std::vector<std::string> Users() {  // of all events, in the order of the log
    std::vector<std::string> users;
    EXPECT_TRUE(history_
                    ->Scan(kShop, EventSeq{0},
                           [&](const Event& e) -> Result<bool> {
                             users.push_back(e.user_id);
                             return true;
                           })
                    .ok());
    return users;
  }

  std::filesystem::path folder_;
  ManualClock clock_{Millis{1'000'000}};
  std::unique_ptr<storage::KeyValue> kv_;
  std::unique_ptr<History> history_;
};
INSTANTIATE_TEST_SUITE_P(Stores, HistoryTest, testing::Values(false, true),
                         [](const auto& store) { return store.param ? "RocksDB" : "Memory"; });

TEST_P(HistoryTest, RoundTripsEveryMemberOfAnEvent) {
  Event event = Did("민수", "텐트", -5, "Purchase");
  event.value = 12900.5;
  event.event_id = "e1";
  event.recommendation_id = "r1";
  event.impression = {"a", "b"};
  event.attributes = {{"DEVICE", "mobile"}, {"QUERY", std::string("x\0y", 3)}};
  const AppendResult appended = history_->Append(kShop, {event}).value();
  EXPECT_EQ(appended.first, EventSeq{1});
  EXPECT_EQ(appended.end, EventSeq{2});
  Reopen();
  const Event back = history_->UserEvents(kShop, "민수", {}, 10).value().at(0);
  EXPECT_EQ(back.seq, EventSeq{1});
  EXPECT_EQ(EncodeEvent(back), EncodeEvent(event));
  EXPECT_EQ(back.value, 12900.5);
  EXPECT_EQ(back.attributes, event.attributes);
  EXPECT_EQ(back.impression, event.impression);
}

// The sender's clock is ten years ahead: the event gets its arrival time, and sending it again is a
// duplicate.
TEST_P(HistoryTest, ClampsEventsFromTheFuture) {
  constexpr int64_t kTenYears = 10LL * 365 * 86'400'000;
  const auto send = [&](Event event) {
    std::vector<Event> events{std::move(event)};
    ClampFutureTimes(clock_.Now(), &events);
    return history_->Append(kShop, std::move(events)).value();
  };
  EXPECT_EQ(send(Did("u", "broken", clock_.Now().value + kTenYears)).duplicates, 0u);
  clock_.Advance(1000);
  EXPECT_EQ(send(Did("u", "broken", clock_.Now().value - 1000 + kTenYears)).duplicates, 1u);
  EXPECT_EQ(send(Did("u", "right", clock_.Now().value)).duplicates, 0u);
  Reopen();
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"right", "broken"}));
  const Event broken = history_->UserEvents(kShop, "u", {}, 10).value().at(1);
  EXPECT_EQ(broken.time, Millis{1'000'000});
  EXPECT_EQ(broken.claimed_time, Millis{1'000'000 + kTenYears});
  EXPECT_EQ(history_->UserEvents(kShop, "u", {}, 10).value().at(0).claimed_time, std::nullopt);
}

TEST_P(HistoryTest, OrdersUserEventsNewestFirst) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "b", 20), Did("u", "a", 10), Did("u", "c", 20)}).ok());
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "old", -1), Did("v", "other", 99)}).ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"c", "b", "a", "old"}));
  EXPECT_EQ(Seen("u", {}, 2), (std::vector<std::string>{"c", "b"}));
  EXPECT_EQ(Seen("uu"), std::vector<std::string>{});
  EXPECT_EQ(Log(), (std::vector<std::string>{"b", "a", "c", "old", "other"}));
}

TEST_P(HistoryTest, MergesAnonymousEventsOfASession) {
  Event before = Did("", "tent", 10);
  before.session_id = "s1";
  ASSERT_TRUE(history_->Append(kShop, {before, Did("u", "chair", 20)}).ok());
  EXPECT_EQ(Seen("u"), std::vector<std::string>{"chair"});
  EXPECT_EQ(Seen("u", "s1"), (std::vector<std::string>{"chair", "tent"}));
  EXPECT_EQ(Seen("", "s1"), std::vector<std::string>{"tent"});
}

TEST_P(HistoryTest, SkipsDuplicates) {
  Event named = Did("u", "a", 1);
  named.event_id = "id-1";
  Event same_id = Did("u", "b", 2);
  same_id.event_id = "id-1";
  EXPECT_EQ(history_->Append(kShop, {named, same_id}).value().duplicates, 1u);
  Reopen();
  EXPECT_EQ(history_->Append(kShop, {same_id}).value().duplicates, 1u);
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 3)}).ok());
  EXPECT_EQ(history_->Append(kShop, {Did("u", "a", 3, "VIEW")}).value().duplicates, 1u);
  EXPECT_EQ(history_->Append(kShop, {Did("u", "a", 3, "click"), Did("u", "a", 2)}).value().duplicates, 0u);
  EXPECT_EQ(history_->EventCount(kShop), 4u);
  EXPECT_EQ(history_->Append(GroupId{8}, {named}).value().duplicates, 0u) << "groups are independent";
}

TEST_P(HistoryTest, AnUnverifiedEventNeverHidesAVerifiedOne) {
  Event invented = Did("u", "a", 1);
  invented.event_id = "order-1";
  invented.unverified = true;
  ASSERT_EQ(history_->Append(kShop, {invented}).value().duplicates, 0u);
  Event real = Did("u", "a", 1);
  real.event_id = "order-1";
  EXPECT_EQ(history_->Append(kShop, {real}).value().duplicates, 0u) << "the same id, person, item and time";
  Reopen();
  EXPECT_EQ(history_->Append(kShop, {invented}).value().duplicates, 1u);
  EXPECT_EQ(history_->Append(kShop, {real}).value().duplicates, 1u);
  const auto events = history_->UserEvents(kShop, "u", "", 10).value();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_NE(events[0].unverified, events[1].unverified) << "the class survives a restart";
}

TEST_P(HistoryTest, DistinguishesSearchEventsByAttributes) {
  Event tent = Did("u", "", 1, "search");
  tent.attributes = {{"QUERY", "tent"}};
  Event chair = tent;
  chair.attributes = {{"QUERY", "chair"}};
  EXPECT_EQ(history_->Append(kShop, {tent, chair, tent}).value().duplicates, 1u);
}

TEST_P(HistoryTest, KeepsEventsThatDifferInOneProperty) {
  const Event base = Did("u", "a", 1);
  std::vector<Event> different(7, base);
  different[1].value = 1;
  different[2].value = 2;
  different[3].attributes = {{"COLOUR", "red"}, {"SIZE", "L"}};
  different[4].attributes = {{"COLOUR", "blue"}, {"SIZE", "L"}};
  different[5].impression = {"a", "b"};
  different[6].recommendation_id = "r";
  EXPECT_EQ(history_->Append(kShop, different).value().duplicates, 0u);
  Reopen();
  std::ranges::reverse(different[3].attributes);  // the order of JSON members has no meaning
  EXPECT_EQ(history_->Append(kShop, different).value().duplicates, different.size()) << "sent again";
  EXPECT_EQ(history_->EventCount(kShop), different.size());
}

TEST_P(HistoryTest, JudgesDuplicatesByEventIdWithinThePerson) {
  const auto with_id = [](std::string user, std::string id, double value) {
    Event event = Did(std::move(user), "a", 1);
    event.event_id = std::move(id);
    event.value = value;
    return event;
  };
  // One millisecond, one item, different ids: both are kept.
  EXPECT_EQ(history_->Append(kShop, {with_id("u", "e1", 1), with_id("u", "e2", 2)}).value().duplicates, 0u);
  EXPECT_EQ(history_->Append(kShop, {with_id("u", "e1", 9)}).value().duplicates, 1u) << "the same id";
  EXPECT_EQ(history_->Append(kShop, {with_id("v", "e1", 1)}).value().duplicates, 0u) << "another person";
  EXPECT_EQ(history_->Append(kShop, {with_id("u", "e1", 1)}).value().duplicates, 1u)
      << "the event of another person does not hide the first one";
  EXPECT_EQ(history_->Append(kShop, {with_id("u", "", 1)}).value().duplicates, 0u) << "no id is not that id";
  Event visitor = with_id("", "e1", 1);
  visitor.session_id = "u";
  EXPECT_EQ(history_->Append(kShop, {visitor}).value().duplicates, 0u) << "session u is not user u";
}

// Rows that 0.1.0 wrote have other keys.
TEST_P(HistoryTest, FindsDuplicatesOfRowsWithOldKeys) {
  Event with_id = Did("u", "a", 1), without = Did("u", "b", 2);
  with_id.event_id = "e1";
  ASSERT_TRUE(history_->Append(kShop, {with_id, without}).ok());
  storage::WriteBatch batch;
  const auto move = [&](const std::string& now, const std::string& old, uint64_t seq) {
    batch.Delete(storage::Family::kEventIds, now);
    batch.Put(storage::Family::kEventIds, old, storage::KeyBuilder().U64(seq).Take());
  };
  move(keys::EventIdKey(kShop, with_id), keys::OldEventIdKey(kShop, with_id), 1);
  move(keys::PropertiesKey(kShop, without), keys::OldContentKey(kShop, without), 2);
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  EXPECT_EQ(history_->Append(kShop, {with_id, without}).value().duplicates, 2u);
  Event of_another = with_id, of_another_value = without;
  of_another.user_id = "v";
  of_another_value.value = 5;
  EXPECT_EQ(history_->Append(kShop, {of_another, of_another_value}).value().duplicates, 0u);
}

Event InSession(std::string session, std::string user, std::string item, int64_t time) {
  Event event = Did(std::move(user), std::move(item), time);
  event.session_id = std::move(session);
  return event;
}

TEST_P(HistoryTest, JoinsAnonymousSessionsToTheUser) {
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "a", 1), InSession("s1", "", "b", 2)}).ok());
  EXPECT_EQ(Seen("u"), std::vector<std::string>{});
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt);
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "u", "c", 3)}).ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"c", "b", "a"})) << "at once";
  EXPECT_EQ(Seen("", "s1"), std::vector<std::string>{}) << "the session has no events of its own any more";
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), "u");
  // Later anonymous events of the session are the user's too, also after a restart.
  Reopen();
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "d", 4)}).ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"d", "c", "b", "a"}));
  // Sending them again changes nothing.
  const auto again = history_->Append(kShop, {InSession("s1", "", "a", 1), InSession("s1", "", "d", 4)});
  EXPECT_EQ(again.value().duplicates, 2u);
  EXPECT_EQ(Users(), (std::vector<std::string>(4, "u"))) << "training sees one user";
}

TEST_P(HistoryTest, AnEventThatIsSentAgainWithItsUserIsADuplicate) {
  Event view = InSession("s1", "", "a", 1);
  view.event_id = "e1";
  ASSERT_TRUE(history_->Append(kShop, {view, InSession("s1", "", "b", 2)}).ok());
  view.user_id = "u";
  const auto again = history_->Append(kShop, {view, InSession("s1", "u", "b", 2)});
  EXPECT_EQ(again.value().duplicates, 2u) << "the first event joins the session to the same person";
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"b", "a"}));
}

// The items of people with long histories are kept in memory.
TEST_P(HistoryTest, ItemsOfAUserIncludeThoseOfJoinedSessions) {
  std::vector<Event> events;
  for (int n = 0; n < 600; ++n) events.push_back(Did("u", "old", n));
  ASSERT_TRUE(history_->Append(kShop, events).ok());
  const auto has = [&](std::string_view user, std::string_view session, std::string_view item) {
    const auto parts = history_->ItemsOf(kShop, user, session).value();
    return std::ranges::any_of(parts, [&](const auto& part) { return part->Has("view", item); });
  };
  ASSERT_TRUE(has("u", "", "old"));
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "a", 1000)}).ok());
  EXPECT_FALSE(has("u", "", "a"));
  EXPECT_TRUE(has("", "s1", "a"));
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "u", "b", 1001)}).ok());
  EXPECT_TRUE(has("u", "", "a") && has("u", "", "b") && has("u", "", "old"));
  EXPECT_FALSE(has("", "s1", "a"));
}

TEST_P(HistoryTest, JoinsSessionsWithinOneCall) {
  ASSERT_TRUE(history_
                  ->Append(kShop, {InSession("s1", "", "a", 1), InSession("s1", "u", "b", 2),
                                   InSession("s2", "", "x", 3)})
                  .ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(Seen("", "s2"), std::vector<std::string>{"x"}) << "another visitor stays anonymous";
}

TEST_P(HistoryTest, SessionBelongsToItsNewestUser) {
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "a", 1), InSession("s1", "u", "b", 2)}).ok());
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "v", "c", 3)}).ok());
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "d", 4)}).ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"b", "a"})) << "earlier events stay with the earlier user";
  EXPECT_EQ(Seen("v"), (std::vector<std::string>{"d", "c"}));
  ASSERT_TRUE(history_->EraseUsers(kShop, {"v"}).ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt);
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"b", "a"}));
}

Event Unverified(Event event) {
  event.unverified = true;
  return event;
}

// Public callers choose session ids freely: they must not take the events that the shop recorded.
TEST_P(HistoryTest, UnverifiedEventsJoinOnlyUnverifiedOnes) {
  ASSERT_TRUE(history_
                  ->Append(kShop, {InSession("s1", "", "a", 1), Unverified(InSession("s1", "", "b", 2)),
                                   Unverified(InSession("s1", "thief", "x", 3))})
                  .ok());
  EXPECT_EQ(Seen("thief"), (std::vector<std::string>{"x", "b"}));
  EXPECT_EQ(Seen("", "s1"), std::vector<std::string>{"a"});
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt) << "the visitor has own events";
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "u", "c", 4)}).ok());
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), "u") << "verified events decide";
  ASSERT_TRUE(history_
                  ->Append(kShop, {Unverified(InSession("s1", "thief", "y", 5)),
                                   Unverified(InSession("s1", "", "d", 6)), InSession("s1", "", "e", 7)})
                  .ok());
  EXPECT_EQ(Seen("thief"), (std::vector<std::string>{"y", "x", "b"}));
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"e", "d", "c", "a"})) << "the shop said whose session it is";
}

// The usual setup: the page sends views with a public token, the shop's server sends the sign-in.
TEST_P(HistoryTest, AnUnverifiedEventTakesNoSessionFromAnotherUser) {
  ASSERT_TRUE(history_->Append(kShop, {Unverified(InSession("s1", "dan", "a", 1))}).ok());
  ASSERT_TRUE(history_
                  ->Append(kShop, {Unverified(InSession("s1", "thief", "x", 2)),
                                   Unverified(InSession("s1", "", "b", 3))})
                  .ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), "dan");
  EXPECT_EQ(history_->UserEvents(kShop, "dan", "", 10).value().size(), 2u);
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "ann", "c", 4)}).ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), "ann") << "a verified event decides";
}

TEST_P(HistoryTest, VerifiedEventsJoinUnverifiedOnes) {
  ASSERT_TRUE(history_->Append(kShop, {Unverified(InSession("s1", "", "a", 1))}).ok());
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "u", "b", 2)}).ok());
  const auto events = history_->UserEvents(kShop, "u", "", 10).value();
  ASSERT_EQ(Items(events), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(events[1].unverified) << "a moved event stays in its trust class";
}

TEST_P(HistoryTest, FindsTheUserOfARequest) {
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "u", "a", 1), InSession("x", "v", "b", 2)}).ok());
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("x", "Busan")}).ok());
  const auto user = [&](std::string_view id, std::string_view session) {
    return history_->UserForRequest(kShop, id, session).value();
  };
  EXPECT_EQ(user("", "s1"), "u");
  EXPECT_EQ(user("s1", "s1"), "u") << "clients send the session id as the user id";
  EXPECT_EQ(user("w", "s1"), "w");
  EXPECT_EQ(user("u", ""), "u");
  EXPECT_EQ(user("", "s2"), "");
  EXPECT_EQ(user("s2", "s2"), "s2");
  EXPECT_EQ(user("x", "x"), "x") << "a known user is never taken for a session";
  ASSERT_TRUE(history_->Append(kShop, {InSession("t", "s1", "a", 1)}).ok());
  EXPECT_EQ(user("s1", "s1"), "s1") << "a user with events is known";
}

TEST_P(HistoryTest, ErasingAUserErasesJoinedEvents) {
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "a", 1), InSession("s1", "u", "b", 2)}).ok());
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_EQ(history_->EventCount(kShop), 0u);
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt);
  EXPECT_EQ(Log(), std::vector<std::string>{});
}

TEST_P(HistoryTest, ImportsJoinSessions) {
  ASSERT_TRUE(
      history_->Append(kShop, {InSession("s2", "", "streamed", 1), InSession("s3", "w", "x", 1)}).ok());
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_
                  ->AppendImported(kShop, import,
                                   {InSession("s1", "", "a", 1), InSession("s1", "u", "b", 2),
                                    InSession("s1", "", "c", 3), InSession("s2", "v", "d", 4),
                                    InSession("s3", "", "e", 5), InSession("s4", "", "f", 6)})
                  .ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt) << "not published";
  EXPECT_EQ(Seen("", "s2"), std::vector<std::string>{"streamed"});
  ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kEvents, false).ok());
  Reopen();
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(Seen("v"), (std::vector<std::string>{"d", "streamed"}));
  EXPECT_EQ(Seen("w"), (std::vector<std::string>{"e", "x"})) << "the session was known before the import";
  EXPECT_EQ(Seen("", "s4"), std::vector<std::string>{"f"});
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "later", 9)}).ok());
  EXPECT_EQ(Seen("u").front(), "later");
  // Replacing the import removes its events where they are now.
  const uint32_t second = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->PublishImport(kShop, second, ImportKind::kEvents, true).ok());
  EXPECT_EQ(Log(), (std::vector<std::string>{"streamed", "x", "later"}));
  EXPECT_EQ(Seen("u"), std::vector<std::string>{"later"});
  ASSERT_TRUE(history_->EraseUsers(kShop, {"v"}).ok());
  EXPECT_EQ(history_->UserOfSession(kShop, "s2").value(), std::nullopt) << "also if no event names it now";
}

TEST_P(HistoryTest, AbandonedImportsJoinNothing) {
  ASSERT_TRUE(history_->Append(kShop, {InSession("s1", "", "a", 1)}).ok());
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {InSession("s1", "u", "b", 2)}).ok());
  ASSERT_TRUE(history_->AbandonImport(kShop, import).ok());
  EXPECT_EQ(Seen("", "s1"), std::vector<std::string>{"a"});
  EXPECT_EQ(history_->UserOfSession(kShop, "s1").value(), std::nullopt);
}

TEST_P(HistoryTest, CallsListenersInLogOrder) {
  std::vector<uint64_t> heard;
  history_->AddListener([&](GroupId group, const std::vector<Event>& events) {
    EXPECT_EQ(group, kShop);
    for (const Event& e : events) heard.push_back(e.seq.value);
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        ASSERT_TRUE(
            history_->Append(kShop, {Did("u" + std::to_string(t), "i", i), Did("x", "same", 0)}).ok());
      }
    });
  }
  for (std::thread& t : threads) t.join();
  ASSERT_EQ(heard.size(), 201u) << "200 distinct events and one that was sent 200 times";
  for (size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i], i + 1);
  EXPECT_EQ(history_->EventCount(kShop), 201u);
  EXPECT_EQ(history_->NextSeq(kShop), EventSeq{202});
}

TEST_P(HistoryTest, ImportsAreInvisibleUntilPublished) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "streamed", 5)}).ok());
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "imported", 9)}).ok());
  EXPECT_EQ(Seen("u"), std::vector<std::string>{"streamed"});
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  const uint64_t epoch = history_->Epoch(kShop);
  ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kEvents, false).ok());
  EXPECT_NE(history_->Epoch(kShop), epoch);
  EXPECT_EQ(Seen("u"), (std::vector<std::string>{"imported", "streamed"}));
  Reopen();
  EXPECT_EQ(history_->EventCount(kShop), 2u);
  EXPECT_EQ(Log().size(), 2u);
}

TEST_P(HistoryTest, ReplacingRemovesOldImportsAndKeepsStreamedEvents) {
  for (const char* item : {"first", "second"}) {
    const uint32_t import = history_->BeginImport(kShop).value();
    ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", item, 9), Did("u", item, 10)}).ok());
    ASSERT_TRUE(history_->Append(kShop, {Did("u", "streamed", item[0])}).ok());
    ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kEvents, true).ok());
  }
  EXPECT_EQ(Log(), (std::vector<std::string>{"streamed", "second", "second", "streamed"}));
  EXPECT_EQ(history_->EventCount(kShop), 4u);
  Reopen();
  EXPECT_EQ(Log().size(), 4u);
  size_t rows = 0;
  const auto cursor = kv_->Scan(storage::Family::kUserEvents);
  for (cursor->Seek(""); cursor->Valid(); cursor->Next()) ++rows;
  EXPECT_EQ(rows, 4u) << "no row of the replaced import is left";
}

TEST_P(HistoryTest, OpenRemovesUnpublishedImports) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "half", 9)}).ok());
  ASSERT_TRUE(history_->PutImportedUsers(kShop, import, {Person("u", "서울")}).ok());
  Reopen();
  EXPECT_FALSE(history_->PublishImport(kShop, import, ImportKind::kEvents, false).ok());
  for (const auto family :
       {storage::Family::kInteractions, storage::Family::kUserEvents, storage::Family::kUsers}) {
    const auto cursor = kv_->Scan(family);
    cursor->Seek("");
    EXPECT_FALSE(cursor->Valid());
  }
  EXPECT_GT(history_->BeginImport(kShop).value(), import) << "import numbers are never reused";
}

TEST_P(HistoryTest, AbandonImportRemovesItsRows) {
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "half", 9)}).ok());
  ASSERT_TRUE(history_->AbandonImport(kShop, import).ok());
  EXPECT_EQ(Log(), std::vector<std::string>{});
  EXPECT_EQ(history_->AppendImported(kShop, import, {}).error().kind(), ErrorKind::kNotFound);
}

TEST_P(HistoryTest, NewestUserRowWins) {
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan"), Person("v", "Seoul")}).ok());
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->PutImportedUsers(kShop, import, {Person("u", "Daegu"), Person("w", "Jeju")}).ok());
  EXPECT_EQ(history_->UserCount(kShop), 2u);
  ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kUsers, false).ok());
  const auto region = [&](std::string_view id) {
    return history_->GetUser(kShop, id).value()->attributes.Find("REGION")->string();
  };
  EXPECT_EQ(history_->UserCount(kShop), 3u);
  EXPECT_EQ(region("u"), "Daegu") << "the import came later";
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Ulsan")}).ok());
  EXPECT_EQ(region("u"), "Ulsan");
  EXPECT_EQ(history_->UserCount(kShop), 3u);
  const uint32_t second = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->PutImportedUsers(kShop, second, {Person("x", "Ilsan")}).ok());
  ASSERT_TRUE(history_->PublishImport(kShop, second, ImportKind::kUsers, true).ok());
  EXPECT_FALSE(history_->GetUser(kShop, "w").value().has_value());
  EXPECT_EQ(region("u"), "Ulsan") << "streamed rows stay";
  Reopen();
  EXPECT_EQ(history_->UserCount(kShop), 3u);
}

TEST_P(HistoryTest, ErasingAUserErasesAnonymousSessions) {
  Event before = Did("", "secret", 1);
  before.session_id = "s-u";
  ASSERT_TRUE(history_->Append(kShop, {before, Did("u", "a", 2), Did("v", "b", 3)}).ok());
  ASSERT_TRUE(history_->PutUsers(kShop, {Person("u", "Busan")}).ok());
  const uint64_t epoch = history_->Epoch(kShop);
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_NE(history_->Epoch(kShop), epoch);
  EXPECT_EQ(Log(), std::vector<std::string>{"b"});
  EXPECT_EQ(Seen("", "s-u"), std::vector<std::string>{});
  EXPECT_EQ(history_->EventCount(kShop), 1u);
  EXPECT_EQ(history_->UserCount(kShop), 0u);
  EXPECT_EQ(history_->Append(kShop, {Did("u", "a", 2)}).value().duplicates, 0u);
  EXPECT_EQ(history_->NextSeq(kShop), EventSeq{5}) << "seqs are never reused";
  ASSERT_TRUE(history_->EraseGroup(kShop).ok());
  EXPECT_EQ(Log(), std::vector<std::string>{});
  EXPECT_EQ(history_->EventCount(kShop), 0u);
}

TEST_P(HistoryTest, RejectsInvalidEvents) {
  Event nobody = Did("", "a", 1);
  nobody.session_id.clear();
  EXPECT_EQ(history_->Append(kShop, {nobody}).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(history_->Append(kShop, {Did(std::string(513, 'u'), "a", 1)}).error().kind(), ErrorKind::kLimit);
  Event nan = Did("u", "a", 1);
  nan.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(history_->Append(kShop, {Did("u", "good", 1), nan}).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(history_->EventCount(kShop), 0u) << "one invalid event rejects the whole append";
}

TEST_P(HistoryTest, RebuildsADamagedSummary) {
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1), Did("u", "b", 2)}).ok());
  const uint32_t import = history_->BeginImport(kShop).value();
  ASSERT_TRUE(history_->AppendImported(kShop, import, {Did("u", "c", 3)}).ok());
  ASSERT_TRUE(history_->PublishImport(kShop, import, ImportKind::kEvents, false).ok());
  storage::WriteBatch batch;
  batch.Put(storage::Family::kMeta, keys::GroupMeta(kShop), "\x01\xff");
  batch.Put(storage::Family::kInteractions, keys::Interaction(kShop, EventSeq{1}), "broken");
  ASSERT_TRUE(kv_->Write(batch, storage::Durability::kSync).ok());
  Reopen();
  EXPECT_EQ(Log(), (std::vector<std::string>{"b", "c"})) << "the unreadable event is skipped";
  EXPECT_EQ(history_->NextSeq(kShop), EventSeq{4});
}

// The items of a person by type, as "type: items" lines.
std::string ItemLines(const PersonItemsParts& parts) {
  std::map<std::string, std::set<std::string>> all;
  for (const auto& part : parts) {
    for (const auto& [type, items] : part->by_value) all[type].insert(items.begin(), items.end());
  }
  std::string text;
  for (const auto& [type, items] : all) {
    text += type + ":";
    for (const std::string& item : items) text += " " + item;
    text += "\n";
  }
  return text;
}

TEST_P(HistoryTest, FindsItemsOfTheWholeHistoryByType) {
  std::vector<Event> events = {Did("u", "first", 1, "Purchase")};
  for (int n = 0; n < 700; ++n) events.push_back(Did("u", "seen", 10 + n, "View"));
  ASSERT_TRUE(history_->Append(kShop, events).ok());
  const auto items = [&](size_t newest = 0) {
    return ItemLines(history_->ItemsOf(kShop, "u", "", newest).value());
  };
  EXPECT_EQ(items(), "purchase: first\nview: seen\n");
  // The second call is answered from memory; events that follow must still appear.
  for (int n = 0; n < 600;) {
    std::vector<Event> more;
    for (int k = 0; k < 60; ++k, ++n) more.push_back(Did("u", "i" + std::to_string(n), 2000 + n, "PURCHASE"));
    ASSERT_TRUE(history_->Append(kShop, more).ok());
    EXPECT_NE(items().find("i" + std::to_string(n - 1)), std::string::npos) << n;
  }
  EXPECT_NE(items().find(" first"), std::string::npos);
  EXPECT_EQ(items(1), "purchase: i599\nview: seen\n") << "a quota keeps the newest events of each type";
  EXPECT_EQ(ItemLines(history_->ItemsOf(kShop, "nobody", "").value()), "");
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_EQ(items(), "");
}

TEST_P(HistoryTest, FindsItemsOfTheWholeHistoryByColumn) {
  const auto did = [](const std::string& item, int64_t time, const std::string& device) {
    Event event = Did("u", item, time);
    event.attributes = {{"DEVICE", device}};
    return event;
  };
  std::vector<Event> events = {did("first", 1, "Phone"), Did("u", "none", 2)};
  for (int n = 0; n < 700; ++n) events.push_back(did("seen", 10 + n, "desk"));
  ASSERT_TRUE(history_->Append(kShop, events).ok());
  const auto items = [&](size_t newest = 0) {
    return ItemLines(history_->ItemsByColumn(kShop, "u", "", "device", newest).value());
  };
  EXPECT_EQ(items(), "Phone: first\ndesk: seen\n");
  ASSERT_TRUE(history_->Append(kShop, {did("late", 5000, "Phone")}).ok());
  EXPECT_EQ(items(), "Phone: first late\ndesk: seen\n") << "kept items follow new events";
  EXPECT_EQ(items(1), "Phone: late\n");
  ASSERT_TRUE(history_->EraseUsers(kShop, {"u"}).ok());
  EXPECT_EQ(items(), "");
}

TEST_P(HistoryTest, ItemsFollowImports) {
  std::vector<Event> rows;
  for (int n = 0; n < 600; ++n) rows.push_back(Did("u", "old" + std::to_string(n % 2), n, "Purchase"));
  const auto import = [&](std::vector<Event> events, bool replace) {
    const uint32_t number = history_->BeginImport(kShop).value();
    ASSERT_TRUE(history_->AppendImported(kShop, number, std::move(events)).ok());
    ASSERT_TRUE(history_->PublishImport(kShop, number, ImportKind::kEvents, replace).ok());
  };
  const auto items = [&] { return ItemLines(history_->ItemsOf(kShop, "u", "").value()); };
  import(rows, false);
  EXPECT_EQ(items(), "purchase: old0 old1\n");
  import({Did("u", "new", 5, "Purchase")}, true);
  EXPECT_EQ(items(), "purchase: new\n");
  ASSERT_TRUE(history_->EraseGroup(kShop).ok());
  EXPECT_EQ(items(), "");
}

TEST_P(HistoryTest, JoinsTheItemsOfUserAndSession) {
  Event anonymous = Did("", "walked-by", 5);
  anonymous.session_id = "visit";
  ASSERT_TRUE(history_->Append(kShop, {Did("u", "a", 1), anonymous}).ok());
  EXPECT_EQ(ItemLines(history_->ItemsOf(kShop, "u", "visit").value()), "view: a walked-by\n");
  std::vector<std::string> seen;
  const auto visit = [&](size_t most) {
    seen.clear();
    return history_->ScanPerson(kShop, "u", "visit", [&](const Event& e) {
      seen.push_back(e.item_id);
      return seen.size() < most;
    });
  };
  ASSERT_TRUE(visit(5).ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "walked-by"}));
  ASSERT_TRUE(visit(1).ok());
  EXPECT_EQ(seen, std::vector<std::string>{"a"});
}

TEST(EventCodecTest, RejectsEveryTruncation) {
  Event event = Did("user", "item", 123456789);
  event.value = 3;
  event.impression = {"a"};
  event.attributes = {{"K", "V"}};
  const std::string bytes = EncodeEvent(event);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(DecodeEvent(std::string_view(bytes).substr(0, cut)).ok()) << cut;
    // A summary does not depend on the bytes after the type.
    const auto summary = DecodeEventSummary(std::string_view(bytes).substr(0, cut));
    if (summary.ok()) {
      EXPECT_EQ(summary->type, "view");
    }
  }
  EXPECT_FALSE(DecodeEventSummary(bytes.substr(0, 10)).ok());
  EXPECT_EQ(DecodeEventSummary(bytes)->item_id, "item");
  EXPECT_EQ(DecodeEventSummary(bytes)->import, 0u);
  EXPECT_FALSE(DecodeEvent(bytes + "x").ok());
}

TEST(EventCodecTest, ReportsUnsupportedFormatVersion) {
  std::string bytes = EncodeEvent(Did("user", "item", 1));
  bytes[0] = 3;
  for (const Error& error :
       {DecodeEvent(bytes).error(), DecodeImportNumber(bytes).error(), DecodeEventSummary(bytes).error()}) {
    EXPECT_EQ(error.kind(), ErrorKind::kFormatVersion);
    EXPECT_EQ(error.expected, "format version 1");
    EXPECT_EQ(error.got, "3");
  }
  bytes[0] = 0;
  EXPECT_EQ(DecodeEvent(bytes).error().kind(), ErrorKind::kCorrupt);
}

// A naive log in memory.
struct NaiveLog {
  std::vector<Event> events;
  size_t Append(const std::vector<Event>& more) {
    size_t duplicates = 0;
    for (const Event& e : more) {
      const bool known = std::ranges::any_of(events, [&](const Event& o) {
        if (o.user_id != e.user_id || o.event_id != e.event_id) return false;
        return !e.event_id.empty() || (o.item_id == e.item_id && o.type == e.type && o.time == e.time);
      });
      if (known) {
        ++duplicates;
      } else {
        events.push_back(e);
        events.back().seq = EventSeq{events.size()};
      }
    }
    return duplicates;
  }
  std::vector<uint64_t> Of(const std::string& user, size_t limit) const {
    std::vector<Event> mine;
    for (const Event& e : events) {
      if (e.user_id == user) mine.push_back(e);
    }
    std::ranges::sort(mine, [](const Event& a, const Event& b) {
      return a.time != b.time ? a.time > b.time : a.seq > b.seq;
    });
    std::vector<uint64_t> seqs;
    for (size_t i = 0; i < std::min(limit, mine.size()); ++i) seqs.push_back(mine[i].seq.value);
    return seqs;
  }
};

RC_GTEST_PROP(HistoryProperty, MatchesNaiveLog, (const std::vector<std::vector<uint32_t>>& calls)) {
  const auto kv = storage::NewMemoryKeyValue();
  const auto history = History::Open(*kv, NullLog()).value();
  NaiveLog naive;
  for (const auto& call : calls) {
    std::vector<Event> events;
    for (const uint32_t r : call) {
      events.push_back(Did("u" + std::to_string(r % 3), "i" + std::to_string(r / 3 % 3), r / 9 % 5));
      if (r % 7 == 0) events.back().event_id = "e" + std::to_string(r / 9 % 4);
    }
    const size_t duplicates = naive.Append(events);
    RC_ASSERT(history->Append(kShop, events).value().duplicates == duplicates);
  }
  RC_ASSERT(history->EventCount(kShop) == naive.events.size());
  for (const char* user : {"u0", "u1", "u2"}) {
    for (const size_t limit : {1u, 3u, 100u}) {
      std::vector<uint64_t> seqs;
      const std::vector<Event> seen = history->UserEvents(kShop, user, {}, limit).value();
      for (const Event& e : seen) seqs.push_back(e.seq.value);
      RC_ASSERT(seqs == naive.Of(user, limit));
    }
  }
}

}  // namespace
}  // namespace trine::history
