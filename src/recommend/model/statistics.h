// Statistics: everything that is counted about the items of a group, updated by every event: people
// per item and event type, time windows, who (by attribute) and when (by month), live rules. What is
// derived from counts and attributes is in lifts.h.
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

#include "base/hash.h"
#include "base/result.h"
#include "history/history.h"
#include "recommend/model/event_class.h"
#include "recommend/model/item_table.h"
#include "recommend/model/live_rules.h"
#include "recommend/model/section_file.h"

namespace trine::recommend {

// Half hours: the finest time that windows and trends know.
inline constexpr int64_t kSlotMillis = 1'800'000;
enum class Window : int { kHour = 0, kDay = 1, kWeek = 2 };
inline constexpr int kWindowCount = 3;
int64_t SlotsOf(Window window);  // 2, 48, 336

// The month (0..11, UTC) of a time.
int MonthOf(Millis time);

// A set of 64-bit hashes, bounded: past `kMax` nothing new is remembered and everything new counts.
class HashSet64 {
 public:
  static constexpr size_t kMax = 24u << 20;  // 384 MB at most
  // True when it was not there.
  bool Insert(uint64_t hash);
  size_t size() const { return used_; }
  const std::vector<uint64_t>& slots() const { return slots_; }
  // A set from its own slots; false (and empty) when they cannot be such. Inserting them one by one, in
  // the order of a table of the same hash, would pile them up.
  bool Adopt(std::vector<uint64_t> slots);

 private:
  void Grow();
  std::vector<uint64_t> slots_;  // 0: free
  size_t used_ = 0;
};

// A kind of people or time whose tastes are counted: ("AGE", "25-34"), ("REGION", "제주"), ("MONTH", "7").
using Source = uint32_t;
struct SourceCounts {
  uint16_t column = 0;
  std::string value;
  double total = 0;
  std::vector<float> by_item;  // may be shorter than the items
  float Of(Item i) const { return i < by_item.size() ? by_item[i] : 0; }
};
struct SourceColumn {
  std::string name;
  double total = 0;
  std::vector<float> by_item;
  float Of(Item i) const { return i < by_item.size() ? by_item[i] : 0; }
};

// The newest things a person did, oldest first by time.
struct Recent {
  int64_t time = 0;
  Item item = 0;
  uint32_t session = 0;  // hash; 0: none
  EventClass event_class = EventClass::kOther;
};
struct PersonState {
  std::vector<Recent> recent;
  std::vector<Source> sources;
};

// Owned by one group's state or one training. Not thread-safe while written; const access is.
class Statistics {
 public:
  static constexpr size_t kRecent = 20;           // positions a rule looks back
  static constexpr size_t kMaxPeople = 1u << 20;  // with recent items in memory; the longest silent go
  static constexpr size_t kMaxTypes = 16;         // event types counted apart
  static constexpr size_t kMaxSources = 512;      // kinds of people counted apart, months included
  static constexpr size_t kMaxUserFacts = 8;      // of one person
  static constexpr size_t kMaxSourceCells = 64u << 20;
  static constexpr int64_t kSlotsKept = 400;  // half hours: the week, and a day to compare with
  static constexpr int kMonths = 12;
  static constexpr uint16_t kMonthColumn = 0;

  // (COLUMN, value) pairs of a user, asked once for each new person.
  using Facts = std::vector<std::pair<std::string, std::string>>;
  using UserFacts = std::function<Facts(std::string_view user)>;

  Statistics();
  // Counts one event. One from the future (later than `now`) counts in the newest half hour that is
  // known, so that it neither moves the windows nor is new again at every refold. `rules`: also the live
  // rules (left out for what lies far back).
  void Fold(const history::Event& event, Millis now, bool rules, const UserFacts& facts, ItemTable* items);
  // The same of an event that was taken apart before. Requires a type from InternType.
  struct Counted {
    Item item = 0;
    uint64_t person = 0;  // HashOf
    Millis time;
    EventClass event_class = EventClass::kOther;
    size_t type = 0;
    uint32_t session = 0;
  };
  void Count(const Counted& event, Millis now, bool rules, const std::function<Facts()>& facts);
  size_t InternType(std::string_view type);
  static uint64_t HashOf(std::string_view user_or_session) { return Hash64(user_or_session); }
  static uint32_t SessionHash(std::string_view session);

  // Many events at once: windows are counted anew at the end instead of moving with every event.
  void BeginBulk() { bulk_ = true; }
  void EndBulk();

  size_t items() const { return events_.size(); }  // items that had events; later ones have none
  uint64_t folded() const { return folded_; }
  uint32_t Events(Item i) const { return At(events_, i); }
  uint32_t People(Item i) const { return At(people_, i); }
  uint32_t MostPeople() const { return most_people_; }
  // Mean of ln(1 + people) over the items that somebody took.
  double MeanLogPeople() const {
    return taken_items_ > 0 ? log_people_ / static_cast<double>(taken_items_) : 0;
  }
  // People by event type; `type` as LowerType gives it.
  uint32_t PeopleOfType(Item i, size_t type) const { return At(people_by_type_[type], i); }
  size_t FindType(std::string_view lower) const;  // type_count() when never seen
  size_t type_count() const { return types_.size(); }
  int64_t FirstTime(Item i) const { return i < first_.size() ? first_[i] : INT64_MAX; }
  uint64_t purchases() const { return purchases_; }

  // Events of the item in the newest `window` of the group's time.
  uint32_t InWindow(Item i, Window window) const { return At(windows_[static_cast<size_t>(window)], i); }
  uint32_t MostInWindow(Window window) const;
  // Events of an item in the slots (newest - back - count, newest - back].
  uint32_t InSlots(Item i, int64_t back, int64_t count) const;
  // Events of all items, as InSlots.
  uint64_t AllInSlots(int64_t back, int64_t count) const;
  // How many half hours before the newest the trend of the newest `slots` is read: 0, or more when hardly
  // anything happened since. One event after a silent night must not hide what the evening was about.
  int64_t TrendEnd(int64_t slots) const;
  int64_t newest_time() const { return newest_; }  // of any event, never in the future; 0: none

  size_t source_count() const { return sources_.size(); }
  const SourceCounts& source(Source s) const { return sources_[s]; }
  const SourceColumn& source_column(uint16_t c) const { return columns_[c]; }
  size_t source_column_count() const { return columns_.size(); }
  Source FindSource(std::string_view column, std::string_view value) const;  // kNone

  const PersonState* Person(std::string_view user_or_session) const;
  const std::unordered_map<uint64_t, PersonState>& people() const { return persons_; }
  const LiveRules& sequence_rules() const { return sequence_rules_; }
  const LiveRules& viewed_rules() const { return viewed_rules_; }
  const LiveRules& basket_rules() const { return basket_rules_; }

  void Save(SectionWriter* writer) const;
  // kCorrupt on anything Save did not write. `items` is the number of items known to the file.
  static Result<Statistics> Load(const SectionFile& file, size_t items);

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
  Source InternSource(const std::string& column, const std::string& value);
  uint16_t InternColumn(const std::string& name);
  void AddPerson(Item i);
  void AddToSource(Source s, Item i);
  void CountTime(Item i, int64_t time);
  void AdvanceTo(int64_t time);
  void DropOldSlots();
  void RecountWindow(Item i);
  void AddRecent(PersonState* person, const Recent& recent, bool rules);
  void AddRules(const std::vector<Recent>& recent, size_t at);
  void ForgetSilent();
  void SaveCounts(SectionWriter* writer) const;
  void SavePeople(SectionWriter* writer) const;
  void SaveSources(SectionWriter* writer) const;
  Status LoadCounts(const SectionFile& file, size_t items);
  Status LoadPeople(const SectionFile& file, size_t items);
  Status LoadSources(const SectionFile& file, size_t items);

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
  std::map<int32_t, uint64_t> all_buckets_;  // of all items, by slot; not saved
  std::array<std::vector<uint32_t>, kWindowCount> windows_;
  int64_t newest_ = 0;
  bool bulk_ = false;
  std::vector<SourceCounts> sources_;
  std::vector<SourceColumn> columns_;
  std::unordered_map<std::string, Source> source_ids_;
  std::unordered_map<uint64_t, PersonState> persons_;
  LiveRules sequence_rules_, viewed_rules_, basket_rules_;
};

}  // namespace trine::recommend
