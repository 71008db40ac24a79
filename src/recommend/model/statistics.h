// Statistics: the counters of a group's items, updated with every event: people per item and event type,
// events per time window, people per cohort (attribute or month), and the live rules. Lifts (lifts.h) are
// derived from them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/result.h"
#include "history/history.h"
#include "recommend/model/event_class.h"
#include "recommend/model/event_selection.h"
#include "recommend/model/item_table.h"
#include "recommend/model/live_rules.h"
#include "recommend/model/section_file.h"

namespace trine::recommend {

// Half an hour: the resolution of windows and trends.
inline constexpr int64_t kSlotMillis = 1'800'000;
inline constexpr int64_t kDayMillis = 86'400'000;
enum class Window : int { kHour = 0, kDay = 1, kWeek = 2 };  // index into the windows; not stored
inline constexpr int kWindowCount = 3;
int64_t SlotsOf(Window window);  // in half hours: 2, 48, 336

// The month of a time in UTC, 0 to 11.
int MonthOf(Millis time);

// A bounded set of 64-bit hashes: open addressing in one array. Once it holds kMax hashes, it stores no
// further ones and reports each of them as new every time. Counts of people are then too high, never too low.
class HashSet64 {
 public:
  static constexpr size_t kMax = 24u << 20;  // 384 MB at most
  // Returns true if the hash was not in the set.
  bool Insert(uint64_t hash);
  size_t size() const { return used_; }
  const std::vector<uint64_t>& slots() const { return slots_; }
  // Replaces the contents with the slots of another set. Returns false, and leaves the set unchanged, if they
  // are not valid slots. Use this for saved slots: inserting the hashes one by one, in slot order, would
  // cluster them.
  bool Adopt(std::vector<uint64_t> slots);

 private:
  void Grow();
  std::vector<uint64_t> slots_;  // 0: free
  size_t used_ = 0;
};

// The number of a cohort: the people with one attribute ("AGE", "25-34"), or everybody in one month ("MONTH",
// "7"). The first twelve cohorts are the months.
using Cohort = uint32_t;
struct CohortCounts {
  uint16_t column = 0;
  std::string value;
  double total = 0;            // sum of by_item
  std::vector<float> by_item;  // distinct people (for a month: events); items beyond its end have none
  float Of(Item i) const { return i < by_item.size() ? by_item[i] : 0; }
};
// All cohorts of one column, added together.
struct CohortColumn {
  std::string name;
  double total = 0;
  std::vector<float> by_item;
  float Of(Item i) const { return i < by_item.size() ? by_item[i] : 0; }
};

// One position of a person's recent history.
struct RecentInteraction {
  int64_t time = 0;
  Item item = 0;
  uint32_t session = 0;  // Statistics::SessionHash; 0: none
  EventClass event_class = EventClass::kOther;
};
struct PersonState {
  std::vector<RecentInteraction> recent;  // oldest first, at most Statistics::kRecent
  std::vector<Cohort> cohorts;
};

// Owned by one GroupState or one training run. Const calls are thread-safe while no thread writes; other
// calls are not. A person is a user, or a session without a user, and is identified by the hash of the id:
// two ids with the same 64-bit hash count as one person. Counts for an item without events are 0.
class Statistics {
 public:
  static constexpr size_t kRecent = 20;  // positions per person, the same as RuleOptions::window
  // Maximum number of people with recent positions; beyond it, those silent the longest are dropped.
  static constexpr size_t kMaxPeople = 1u << 20;
  // Counters of people per event type; further event types share the last one.
  static constexpr size_t kMaxTypes = 16;
  static constexpr size_t kMaxCohorts = 512;            // months included; later cohorts are ignored
  static constexpr size_t kMaxUserAttributes = 8;       // per person
  static constexpr size_t kMaxCohortCells = 64u << 20;  // cohorts times items; 256 MB of counts
  static constexpr int64_t kSlotsKept =
      400;  // half-hour slots: a week plus a day to compare with, and some slack
  static constexpr int kMonths = 12;
  static constexpr uint16_t kMonthColumn = 0;

  // (COLUMN, value) pairs of a user. The lookup is called once for each new person.
  using UserAttributes = std::vector<std::pair<std::string, std::string>>;
  using AttributeLookup = std::function<UserAttributes(std::string_view user)>;

  explicit Statistics(EventSelection selection = {});
  // Counts one event, and adds its item to `items` if it is new; an event that the selection leaves out only
  // increases SeenEvents. An event later than `now` comes from a wrong clock. It is counted at the time of
  // the newest event so far, because its own time would move the windows into the future. `rules`: also learn
  // live rules from the event (false for old events). An event without an item, such as a search, only
  // increases folded().
  void Fold(const history::Event& event, Millis now, bool rules, const AttributeLookup& attributes,
            ItemTable* items);
  // An event whose ids and type are already numbers.
  struct Interaction {
    Item item = 0;
    uint64_t person = 0;  // HashOf(user), or HashOf(session) if there is no user
    Millis time;
    EventClass event_class = EventClass::kOther;
    size_t type = 0;  // from InternType
    uint32_t session = 0;
  };
  void Count(const Interaction& event, Millis now, bool rules,
             const std::function<UserAttributes()>& attributes);
  size_t InternType(std::string_view type);
  static uint64_t HashOf(std::string_view user_or_session) { return Hash64(user_or_session); }
  static uint32_t SessionHash(std::string_view session);

  // These calls enclose a long series of Fold or Count calls. EndBulk then computes the windows once, so that
  // the calls before it need not update them.
  void BeginBulk() { bulk_ = true; }
  void EndBulk();

  size_t items() const { return events_.size(); }  // items from this number on have no events
  uint64_t folded() const { return folded_; }      // events so far, including those without an item
  uint32_t Events(Item i) const { return At(events_, i); }
  // Events of the item, with those that the selection left out: an item that is widely used is not new, even
  // if none of its events counts. Does not include events that were left out before Count.
  uint64_t SeenEvents(Item i) const { return uint64_t{At(events_, i)} + At(left_out_, i); }
  uint32_t People(Item i) const { return At(people_, i); }
  uint32_t MostPeople() const { return most_people_; }
  // The people of an item, each counted with the weights of the event types that they used. Equals People if
  // the selection has no weights.
  bool weighted() const { return weighted_; }
  double PeopleWeight(Item i) const { return weighted_ ? At(people_weight_, i) : People(i); }
  double MostPeopleWeight() const { return weighted_ ? most_weight_ : most_people_; }
  // The mean weight of the item's events; 1 if the selection has no weights.
  double EventWeight(Item i) const {
    return weighted_ && Events(i) > 0 ? At(event_weight_, i) / Events(i) : 1;
  }
  // Mean of ln(1 + people) over the items with at least one person.
  double MeanLogPeople() const {
    return taken_items_ > 0 ? log_people_ / static_cast<double>(taken_items_) : 0;
  }
  // Distinct people with an event of this type on the item. Requires type < type_count().
  uint32_t PeopleOfType(Item i, size_t type) const {
    TRINE_DCHECK_LT(type, people_by_type_.size());
    return At(people_by_type_[type], i);
  }
  // `lower` is in the form of LowerType. Returns type_count() if there was no such event.
  size_t FindType(std::string_view lower) const;
  size_t type_count() const { return types_.size(); }
  // Time of the item's first event in milliseconds since the epoch; INT64_MAX if there is none.
  int64_t FirstTime(Item i) const { return i < first_.size() ? first_[i] : INT64_MAX; }
  uint64_t purchases() const { return purchases_; }

  // Events of the item in the newest `window`, which ends with the group's newest event.
  uint32_t InWindow(Item i, Window window) const { return At(windows_[static_cast<size_t>(window)], i); }
  uint32_t MostInWindow(Window window) const;
  // Events of an item in `count` slots that end `back` slots before the newest: (newest - back - count,
  // newest - back]. Slots older than kSlotsKept count as empty.
  uint32_t InSlots(Item i, int64_t back, int64_t count) const;
  // InSlots, summed over all items.
  uint64_t AllInSlots(int64_t back, int64_t count) const;
  // Returns how many half hours before the newest event a trend over `slots` half hours should end: 0, or
  // more if hardly anything has happened since then. One event after a silent night must not hide the trend
  // of the evening.
  int64_t TrendEnd(int64_t slots) const;
  // Time of the newest event, at most the `now` given to Fold; 0: no event.
  int64_t newest_time() const { return newest_; }

  size_t cohort_count() const { return cohorts_.size(); }
  const CohortCounts& cohort(Cohort s) const {
    TRINE_DCHECK_LT(s, cohorts_.size());
    return cohorts_[s];
  }
  const CohortColumn& cohort_column(uint16_t c) const {
    TRINE_DCHECK_LT(c, columns_.size());
    return columns_[c];
  }
  size_t cohort_column_count() const { return columns_.size(); }
  // Returns kNone if there is none. Does not find months, whose numbers are 0 to 11.
  Cohort FindCohort(std::string_view column, std::string_view value) const;

  const PersonState* Person(std::string_view user_or_session) const;
  const std::unordered_map<uint64_t, PersonState>& people() const { return persons_; }
  const LiveRules& sequence_rules() const { return sequence_rules_; }
  const LiveRules& viewed_rules() const { return viewed_rules_; }
  const LiveRules& basket_rules() const { return basket_rules_; }

  void Save(SectionWriter* writer) const;
  // Returns kCorrupt for invalid data. Item numbers in the file must be below `items`.
  static Result<Statistics> Load(const SectionFile& file, size_t items, EventSelection selection = {});

 private:
  struct Bucket {
    int32_t slot;
    uint32_t count;
  };
  template <typename T>
  static T At(const std::vector<T>& v, Item i) {
    return i < v.size() ? v[i] : T{};
  }
  void Grow(size_t items);
  Cohort InternCohort(const std::string& column, const std::string& value);
  uint16_t InternColumn(const std::string& name);
  void AddPerson(Item i);
  void AddToCohort(Cohort s, Item i);
  void CountTime(Item i, int64_t time);
  void AdvanceTo(int64_t time);
  void DropOldSlots();
  void RecountWindow(Item i);
  void AddRecent(PersonState* person, const RecentInteraction& recent, bool rules);
  void AddRules(const std::vector<RecentInteraction>& recent, size_t at);
  void ForgetSilent();
  void SaveCounts(SectionWriter* writer) const;
  void SavePeople(SectionWriter* writer) const;
  void SaveCohorts(SectionWriter* writer) const;
  Status LoadSelection(const SectionFile& file, size_t items);
  Status LoadCounts(const SectionFile& file, size_t items);
  Status LoadPeople(const SectionFile& file, size_t items);
  Status LoadCohorts(const SectionFile& file, size_t items);

  EventSelection selection_;
  bool weighted_ = false;             // whether the selection has weights; then the next four are filled
  std::vector<double> type_weights_;  // parallel to types_
  std::vector<float> people_weight_;  // by item
  std::vector<float> event_weight_;   // by item, the sum over its events
  std::vector<uint32_t> left_out_;    // by item, the events that the selection left out
  double most_weight_ = 0;
  uint64_t folded_ = 0, purchases_ = 0;
  std::vector<uint32_t> events_, people_;
  uint32_t most_people_ = 0;
  double log_people_ = 0;
  uint64_t taken_items_ = 0;
  std::vector<int64_t> first_;
  std::vector<std::string> types_;
  std::vector<std::vector<uint32_t>> people_by_type_;
  HashSet64 pairs_;
  std::vector<std::vector<Bucket>> buckets_;
  std::map<int32_t, uint64_t> all_buckets_;  // events of all items by slot; derived, not saved
  std::array<std::vector<uint32_t>, kWindowCount> windows_;
  int64_t newest_ = 0;
  bool bulk_ = false;
  std::vector<CohortCounts> cohorts_;
  std::vector<CohortColumn> columns_;
  std::unordered_map<std::string, Cohort> cohort_ids_;
  std::unordered_map<uint64_t, PersonState> persons_;
  LiveRules sequence_rules_, viewed_rules_, basket_rules_;
};

}  // namespace trine::recommend
