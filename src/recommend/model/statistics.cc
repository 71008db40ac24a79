#include "recommend/model/statistics.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

#include "recommend/model/rules.h"

namespace trine::recommend {
namespace {

constexpr int64_t kLastTime = 4'102'444'800'000;  // the year 2100: a later time comes from a broken clock
// When an item has more buckets, its old ones are removed: only kSlotsKept are needed.
constexpr size_t kBucketsBeforeTrim = 512;
// A window that contains this many events is always sufficient for measuring a trend.
constexpr uint64_t kTrendEvents = 20;

uint64_t Mix(uint64_t a, uint64_t b) {
  const uint64_t parts[2] = {a, b};
  return Hash64({reinterpret_cast<const char*>(parts), sizeof parts});
}

std::string_view ActorOf(const history::Event& event) {
  return event.user_id.empty() ? std::string_view(event.session_id) : std::string_view(event.user_id);
}

}  // namespace

int64_t SlotsOf(Window window) {
  switch (window) {
    case Window::kHour:
      return 2;
    case Window::kDay:
      return 48;
    case Window::kWeek:
      return 336;
  }
  return 0;
}

int MonthOf(Millis time) {
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(
      std::chrono::milliseconds(std::clamp<int64_t>(time.value, -kLastTime, kLastTime))));
  const std::chrono::year_month_day date(days);
  return static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

bool HashSet64::Insert(uint64_t hash) {
  hash += hash == 0 ? 1 : 0;
  if ((used_ + 1) * 4 > slots_.size() * 3) Grow();
  const size_t mask = slots_.size() - 1;
  TRINE_DCHECK(std::has_single_bit(slots_.size()));
  TRINE_DCHECK_LT(used_, slots_.size());
  size_t at = hash & mask;
  while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & mask;
  if (slots_[at] == hash) return false;
  if (used_ < kMax) {
    slots_[at] = hash;
    ++used_;
  }
  return true;
}

bool HashSet64::Adopt(std::vector<uint64_t> slots) {
  const auto used = slots.size() - static_cast<size_t>(std::ranges::count(slots, 0U));
  if ((slots.size() & (slots.size() - 1)) != 0 || used > kMax || used * 4 > slots.size() * 3) return false;
  slots_ = std::move(slots);
  used_ = used;
  return true;
}

void HashSet64::Grow() {
  std::vector<uint64_t> old(std::max<size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const uint64_t hash : old) {
    if (hash == 0) continue;
    size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = hash;
  }
}

Statistics::Statistics(EventSelection selection)
    : selection_(std::move(selection)), weighted_(selection_.Weighted()) {
  columns_.push_back({"MONTH", 0, {}});
  for (int m = 0; m < kMonths; ++m) {
    cohorts_.push_back({kMonthColumn, std::to_string(m + 1), 0, {}});
  }
}

void Statistics::Grow(size_t items) {
  if (items <= events_.size()) return;
  events_.resize(items);
  people_.resize(items);
  first_.resize(items, INT64_MAX);
  buckets_.resize(items);
  for (auto& window : windows_) window.resize(items);
}

size_t Statistics::FindType(std::string_view lower) const {
  return static_cast<size_t>(std::ranges::find(types_, lower) - types_.begin());
}

size_t Statistics::InternType(std::string_view type) {
  const std::string lower = LowerType(type);
  const size_t found = FindType(lower);
  if (found < types_.size()) return found;
  if (types_.size() >= kMaxTypes) return kMaxTypes - 1;  // the last counter is shared by all further types
  types_.push_back(lower);
  type_weights_.push_back(selection_.WeightOf(lower).value_or(1));
  people_by_type_.emplace_back();
  return types_.size() - 1;
}

uint16_t Statistics::InternColumn(const std::string& name) {
  const auto found = std::ranges::find(columns_, name, &CohortColumn::name);
  if (found == columns_.end()) columns_.push_back({name, 0, {}});
  return static_cast<uint16_t>(std::ranges::find(columns_, name, &CohortColumn::name) - columns_.begin());
}

Cohort Statistics::FindCohort(std::string_view column, std::string_view value) const {
  const auto found = cohort_ids_.find(std::string(column).append(1, '\0').append(value));
  return found == cohort_ids_.end() ? kNone : found->second;
}

Cohort Statistics::InternCohort(const std::string& column, const std::string& value) {
  if (const Cohort known = FindCohort(column, value); known != kNone) return known;
  if (cohorts_.size() >= kMaxCohorts || cohorts_.size() * events_.size() > kMaxCohortCells) return kNone;
  const auto cohort = static_cast<Cohort>(cohorts_.size());
  TRINE_DCHECK(cohorts_.size() >= static_cast<size_t>(kMonths));
  cohorts_.push_back({InternColumn(column), value, 0, {}});
  cohort_ids_.emplace(std::string(column).append(1, '\0').append(value), cohort);
  return cohort;
}

void Statistics::AddPerson(Item i) {
  const double before = people_[i];
  taken_items_ += people_[i] == 0 ? 1 : 0;
  most_people_ = std::max(most_people_, ++people_[i]);
  log_people_ += std::log1p(before + 1) - std::log1p(before);
}

void Statistics::AddToCohort(Cohort s, Item i) {
  const auto add = [i](auto& counts) {
    if (i >= counts.by_item.size()) counts.by_item.resize(i + 1 + i / 8);
    ++counts.by_item[i];
    ++counts.total;
  };
  add(cohorts_[s]);
  add(columns_[cohorts_[s].column]);
}

uint32_t Statistics::SessionHash(std::string_view session) {
  return session.empty() ? 0 : static_cast<uint32_t>(Hash64(session)) | 1;
}

void Statistics::Fold(const history::Event& event, Millis now, bool rules, const AttributeLookup& attributes,
                      ItemTable* items) {
  if (!selection_.Counts(event.type, event.value)) {
    if (event.item_id.empty()) return;
    const Item item = items->Intern(event.item_id);
    if (item >= left_out_.size()) left_out_.resize(item + 1 + item / 8);
    ++left_out_[item];
    return;
  }
  if (event.item_id.empty()) {  // a search, for example
    ++folded_;
    return;
  }
  const Interaction interaction{
      items->Intern(event.item_id), HashOf(ActorOf(event)), event.time,
      ClassOf(event.type),          InternType(event.type), SessionHash(event.session_id)};
  Count(interaction, now, rules,
        [&] { return event.user_id.empty() || !attributes ? UserAttributes() : attributes(event.user_id); });
}

void Statistics::Count(const Interaction& event, Millis now, bool rules,
                       const std::function<UserAttributes()>& attributes) {
  TRINE_CHECK_LT(event.type, types_.size());
  ++folded_;
  const Item item = event.item;
  Grow(item + 1);
  auto [entry, new_person] = persons_.try_emplace(event.person);
  if (new_person) {
    for (const auto& [column, value] : attributes()) {
      const Cohort cohort = InternCohort(column, value);
      if (cohort != kNone) entry->second.cohorts.push_back(cohort);
    }
  }
  purchases_ += event.event_class == EventClass::kPurchase ? 1 : 0;
  ++events_[item];
  if (weighted_) {
    if (item >= event_weight_.size()) event_weight_.resize(item + 1 + item / 8);
    event_weight_[item] += static_cast<float>(type_weights_[event.type]);
  }
  if (pairs_.Insert(Mix(event.person, item))) {
    AddPerson(item);
    for (const Cohort cohort : entry->second.cohorts) AddToCohort(cohort, item);
  }
  if (pairs_.Insert(Mix(event.person ^ (0x9e3779b97f4a7c15ULL * (event.type + 1)), item))) {
    auto& counts = people_by_type_[event.type];
    if (item >= counts.size()) counts.resize(item + 1 + item / 8);
    ++counts[item];
    if (weighted_) {
      if (item >= people_weight_.size()) people_weight_.resize(item + 1 + item / 8);
      people_weight_[item] += static_cast<float>(type_weights_[event.type]);
      most_weight_ = std::max(most_weight_, static_cast<double>(people_weight_[item]));
    }
  }
  const int64_t latest = std::clamp<int64_t>(now.value, 0, kLastTime);
  int64_t time = std::clamp<int64_t>(event.time.value, 0, kLastTime);
  if (time > latest) time = newest_ > 0 ? std::min(newest_, latest) : latest;
  first_[item] = std::min(first_[item], time);
  AddToCohort(static_cast<Cohort>(MonthOf(Millis{time})), item);
  CountTime(item, time);
  AddRecent(&entry->second,
            {std::clamp<int64_t>(event.time.value, 0, kLastTime), item, event.session, event.event_class},
            rules);
  if (persons_.size() > kMaxPeople) ForgetSilent();
}

void Statistics::CountTime(Item i, int64_t time) {
  if (time > newest_) AdvanceTo(time);
  const auto slot = static_cast<int32_t>(time / kSlotMillis);
  const int64_t newest_slot = newest_ / kSlotMillis;
  TRINE_DCHECK_LE(time, newest_);
  if (newest_slot - slot > kSlotsKept) return;
  ++all_buckets_[slot];
  auto& buckets = buckets_[i];
  const auto at = std::ranges::lower_bound(buckets, slot, {}, &Bucket::slot);
  if (at != buckets.end() && at->slot == slot) {
    ++at->count;
  } else {
    buckets.insert(at, {slot, 1});
  }
  if (buckets.size() > kBucketsBeforeTrim) {
    std::erase_if(buckets, [&](const Bucket& b) { return newest_slot - b.slot > kSlotsKept; });
  }
  for (int w = 0; w < kWindowCount && !bulk_; ++w) {
    if (newest_slot - slot < SlotsOf(static_cast<Window>(w))) ++windows_[static_cast<size_t>(w)][i];
  }
}

void Statistics::RecountWindow(Item i) {
  for (int w = 0; w < kWindowCount; ++w) {
    windows_[static_cast<size_t>(w)][i] = InSlots(i, 0, SlotsOf(static_cast<Window>(w)));
  }
}

// Advances the newest time. With each new half hour, events that have left the windows are no longer counted
// in them.
void Statistics::AdvanceTo(int64_t time) {
  const bool new_slot = time / kSlotMillis != newest_ / kSlotMillis;
  newest_ = time;
  if (new_slot && !bulk_) DropOldSlots();
}

void Statistics::EndBulk() {
  TRINE_CHECK(bulk_);
  bulk_ = false;
  DropOldSlots();
}

void Statistics::DropOldSlots() {
  const int64_t newest_slot = newest_ / kSlotMillis;
  std::erase_if(all_buckets_, [&](const auto& b) { return newest_slot - b.first > kSlotsKept; });
  for (Item i = 0; i < buckets_.size(); ++i) {
    auto& buckets = buckets_[i];
    if (buckets.empty() && windows_[static_cast<size_t>(Window::kWeek)][i] == 0) continue;
    if (!buckets.empty() && newest_slot - buckets.back().slot > kSlotsKept)
      std::vector<Bucket>().swap(buckets);
    RecountWindow(i);
  }
}

uint32_t Statistics::InSlots(Item i, int64_t back, int64_t count) const {
  if (i >= buckets_.size()) return 0;
  const int64_t last = newest_ / kSlotMillis - back;
  uint32_t events = 0;
  for (auto b = buckets_[i].rbegin(); b != buckets_[i].rend() && b->slot > last - count; ++b) {
    if (b->slot <= last) events += b->count;
  }
  return events;
}

uint64_t Statistics::AllInSlots(int64_t back, int64_t count) const {
  const int64_t last = newest_ / kSlotMillis - back;
  uint64_t events = 0;
  for (auto b = all_buckets_.upper_bound(static_cast<int32_t>(last - count));
       b != all_buckets_.end() && b->first <= last; ++b) {
    events += b->second;
  }
  return events;
}

int64_t Statistics::TrendEnd(int64_t slots) const {
  int64_t windows = 0;
  uint64_t events = 0;
  for (int64_t back = 0; back + 2 * slots <= kSlotsKept; back += slots) {
    const uint64_t here = AllInSlots(back, slots);
    events += here;
    windows += here > 0 ? 1 : 0;
  }
  if (windows == 0) return 0;
  const uint64_t usual = events / static_cast<uint64_t>(windows);
  const uint64_t least = std::clamp<uint64_t>(usual / 2, 2, kTrendEvents);
  for (int64_t back = 0; back + 2 * slots <= kSlotsKept; back += slots) {
    if (AllInSlots(back, slots) >= least) return back;
  }
  return 0;
}

uint32_t Statistics::MostInWindow(Window window) const {
  const auto& counts = windows_[static_cast<size_t>(window)];
  return counts.empty() ? 0 : *std::ranges::max_element(counts);
}

void Statistics::AddRecent(PersonState* person, const RecentInteraction& recent, bool rules) {
  auto& list = person->recent;
  const auto at = std::ranges::upper_bound(list, recent.time, {}, &RecentInteraction::time) - list.begin();
  // Consecutive events of one item share one position, with the class of the strongest event.
  if (at > 0 && list[static_cast<size_t>(at) - 1].item == recent.item) {
    RecentInteraction& before = list[static_cast<size_t>(at) - 1];
    before.time = std::max(before.time, recent.time);
    before.event_class = std::max(before.event_class, recent.event_class);
    return;
  }
  if (list.size() >= kRecent) {
    if (at == 0) return;  // older than every remembered position
    list.erase(list.begin());
    list.insert(list.begin() + at - 1, recent);
    if (rules) AddRules(list, static_cast<size_t>(at) - 1);
    return;
  }
  list.insert(list.begin() + at, recent);
  if (rules) AddRules(list, static_cast<size_t>(at));
}

// Adds the rules of the new position `at`: from every earlier position to it, and from it to every later
// one.
void Statistics::AddRules(const std::vector<RecentInteraction>& recent, size_t at) {
  static const std::array<float, kRecent> kDecay = [] {
    std::array<float, kRecent> decay{};
    float weight = 1;
    for (float& d : decay) {
      d = weight;
      weight *= static_cast<float>(RuleOptions{}.decay);
    }
    return decay;
  }();
  const auto back = static_cast<float>(RuleOptions{}.back);
  TRINE_DCHECK_LT(at, recent.size());
  TRINE_DCHECK_LE(recent.size(), kRecent);
  const RecentInteraction& mine = recent[at];
  sequence_rules_.Count(mine.item);
  if (mine.event_class == EventClass::kView) viewed_rules_.Count(mine.item);
  if (mine.event_class == EventClass::kPurchase) basket_rules_.Count(mine.item);
  for (size_t k = 0; k < recent.size(); ++k) {
    const RecentInteraction& other = recent[k];
    if (k == at || other.item == mine.item) continue;
    const float weight = kDecay[(k < at ? at - k : k - at) - 1];
    const Item from = k < at ? other.item : mine.item;
    const Item to = k < at ? mine.item : other.item;
    sequence_rules_.Add(from, to, weight);
    sequence_rules_.Add(to, from, weight * back);
    if (mine.event_class == EventClass::kView && other.event_class == EventClass::kView) {
      viewed_rules_.Add(from, to, weight);
      viewed_rules_.Add(to, from, weight);
    }
    const bool together = mine.session != 0 && mine.session == other.session
                              ? true
                              : mine.time / kDayMillis == other.time / kDayMillis;
    if (together && mine.event_class == EventClass::kPurchase && other.event_class == EventClass::kPurchase) {
      basket_rules_.Add(from, to, 1);
      basket_rules_.Add(to, from, 1);
    }
  }
}

const PersonState* Statistics::Person(std::string_view user_or_session) const {
  const auto found = persons_.find(Hash64(user_or_session));
  return found == persons_.end() ? nullptr : &found->second;
}

// Drops 10 % of the people: those whose last event is the oldest. Their events stay counted.
void Statistics::ForgetSilent() {
  std::vector<int64_t> times;
  times.reserve(persons_.size());
  for (const auto& [hash, person] : persons_) {
    times.push_back(person.recent.empty() ? 0 : person.recent.back().time);
  }
  const auto tenth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 10);
  std::ranges::nth_element(times, tenth);
  const int64_t bound = *tenth;
  std::erase_if(persons_, [&](const auto& entry) {
    return entry.second.recent.empty() || entry.second.recent.back().time <= bound;
  });
}

}  // namespace trine::recommend
