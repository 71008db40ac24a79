// Encodes and decodes Statistics as sections of a checkpoint. Layout: docs/formats/model.md, "Checkpoints".
#include <algorithm>
#include <cmath>

#include "recommend/model/statistics.h"

namespace trine::recommend {
namespace {

// Section ids are stored on disk; never reuse a number.
enum Id : uint32_t {
  kTotals = 100,
  kEvents = 101,
  kPeople = 102,
  kFirst = 103,
  kTypeOffsets = 104,
  kTypeBytes = 105,
  kPairs = 106,
  kBucketCounts = 107,
  kBuckets = 108,
  kPersonHashes = 109,
  kPersonLengths = 110,
  kRecentRows = 111,
  kPersonCohorts = 112,
  kCohortNameOffsets = 113,
  kCohortNameBytes = 114,
  kCohortColumns = 115,
  // 116: not used.
  kColumnNameOffsets = 117,
  kColumnNameBytes = 118,
  // 119: not used.
  kSequenceRules = 120,
  kViewedRules = 123,
  kBasketRules = 126,
  kPeopleWeight = 130,  // these three only if a selection restricts what counts
  kEventWeight = 131,
  kLeftOut = 132,
  kPeopleByType = 200,  // + type
  kCohortCells = 300,   // kCohortCells + c: the (item, count) pairs of cohort c
};

struct Totals {
  uint64_t folded, purchases;
  int64_t newest;
};
static_assert(sizeof(Totals) == 24);
struct Cell {
  Item item;
  float count;
};
struct RecentRow {
  int64_t time;
  Item item;
  uint32_t session;
  uint32_t event_class;
  uint32_t unused;
};
static_assert(sizeof(RecentRow) == 24);
struct PersonLengths {
  uint32_t recent, cohorts;
};
static_assert(sizeof(PersonLengths) == 8 && sizeof(Cell) == 8);

template <typename T>
Result<std::vector<T>> ReadVector(const SectionFile& file, uint32_t id, size_t max) {
  TRINE_ASSIGN(const auto span, file.Array<T>(id));
  if (span.size() > max) return SectionFile::Broken("section " + std::to_string(id) + " is too long");
  return std::vector<T>(span.begin(), span.end());
}

}  // namespace

void Statistics::Save(SectionWriter* writer) const {
  const std::vector<Totals> totals = {{folded_, purchases_, newest_}};
  writer->AddArray(kTotals, totals);
  SaveCounts(writer);
  SavePeople(writer);
  SaveCohorts(writer);
  sequence_rules_.Save(kSequenceRules, writer);
  viewed_rules_.Save(kViewedRules, writer);
  basket_rules_.Save(kBasketRules, writer);
  if (selection_ == EventSelection()) return;
  writer->AddArray(kPeopleWeight, people_weight_);
  writer->AddArray(kEventWeight, event_weight_);
  writer->AddArray(kLeftOut, left_out_);
}

void Statistics::SaveCounts(SectionWriter* writer) const {
  TRINE_CHECK_EQ(people_.size(), events_.size());
  TRINE_CHECK_EQ(first_.size(), events_.size());
  TRINE_CHECK_EQ(buckets_.size(), events_.size());
  TRINE_CHECK_EQ(people_by_type_.size(), types_.size());
  writer->AddArray(kEvents, events_);
  writer->AddArray(kPeople, people_);
  writer->AddArray(kFirst, first_);
  AddStrings(kTypeOffsets, kTypeBytes, {types_.begin(), types_.end()}, writer);
  for (size_t t = 0; t < types_.size(); ++t) {
    writer->AddArray(kPeopleByType + static_cast<uint32_t>(t), people_by_type_[t]);
  }
  writer->AddArray(kPairs, pairs_.slots());
  std::vector<uint32_t> counts;
  std::vector<Bucket> buckets;
  for (const auto& of_item : buckets_) {
    counts.push_back(static_cast<uint32_t>(of_item.size()));
    buckets.insert(buckets.end(), of_item.begin(), of_item.end());
  }
  writer->AddArray(kBucketCounts, counts);
  writer->AddArray(kBuckets, buckets);
}

void Statistics::SavePeople(SectionWriter* writer) const {
  std::vector<uint64_t> hashes;
  std::vector<PersonLengths> lengths;
  std::vector<RecentRow> rows;
  std::vector<Cohort> cohorts;
  for (const auto& [hash, person] : persons_) {
    hashes.push_back(hash);
    lengths.push_back(
        {static_cast<uint32_t>(person.recent.size()), static_cast<uint32_t>(person.cohorts.size())});
    for (const RecentInteraction& r : person.recent) {
      rows.push_back({r.time, r.item, r.session, static_cast<uint32_t>(r.event_class), 0});
    }
    cohorts.insert(cohorts.end(), person.cohorts.begin(), person.cohorts.end());
  }
  writer->AddArray(kPersonHashes, hashes);
  writer->AddArray(kPersonLengths, lengths);
  writer->AddArray(kRecentRows, rows);
  writer->AddArray(kPersonCohorts, cohorts);
}

void Statistics::SaveCohorts(SectionWriter* writer) const {
  std::vector<std::string_view> names, columns;
  std::vector<uint16_t> of_column;
  std::vector<Cell> cells;
  for (const CohortColumn& column : columns_) columns.push_back(column.name);
  for (size_t s = 0; s < cohorts_.size(); ++s) {
    names.push_back(cohorts_[s].value);
    of_column.push_back(cohorts_[s].column);
    cells.clear();
    for (Item i = 0; i < cohorts_[s].by_item.size(); ++i) {
      if (cohorts_[s].by_item[i] != 0) cells.push_back({i, cohorts_[s].by_item[i]});
    }
    writer->AddArray(kCohortCells + static_cast<uint32_t>(s), cells);
  }
  AddStrings(kCohortNameOffsets, kCohortNameBytes, names, writer);
  AddStrings(kColumnNameOffsets, kColumnNameBytes, columns, writer);
  writer->AddArray(kCohortColumns, of_column);
}

Status Statistics::LoadCounts(const SectionFile& file, size_t items) {
  TRINE_ASSIGN(const auto totals, ReadVector<Totals>(file, kTotals, 1));
  if (totals.size() != 1 || totals[0].newest < 0)
    return SectionFile::Broken("the totals have an invalid length or a negative time");
  folded_ = totals[0].folded;
  purchases_ = totals[0].purchases;
  newest_ = totals[0].newest;
  TRINE_ASSIGN(events_, ReadVector<uint32_t>(file, kEvents, items));
  const size_t known = events_.size();
  events_.clear();
  Grow(known);
  TRINE_ASSIGN(events_, ReadVector<uint32_t>(file, kEvents, known));
  TRINE_ASSIGN(people_, ReadVector<uint32_t>(file, kPeople, known));
  TRINE_ASSIGN(first_, ReadVector<int64_t>(file, kFirst, known));
  if (people_.size() != known || first_.size() != known)
    return SectionFile::Broken("the arrays of counts per item differ in length");
  for (const uint32_t n : people_) {
    most_people_ = std::max(most_people_, n);
    taken_items_ += n > 0 ? 1 : 0;
    log_people_ += std::log1p(n);
  }
  TRINE_ASSIGN(const auto types, StringSections::Read(file, kTypeOffsets, kTypeBytes));
  if (types.size() > kMaxTypes) return SectionFile::Broken("too many event types");
  for (size_t t = 0; t < types.size(); ++t) {
    types_.emplace_back(types[t]);
    TRINE_ASSIGN(auto counts,
                 ReadVector<uint32_t>(file, kPeopleByType + static_cast<uint32_t>(t), 2 * items + 2));
    people_by_type_.push_back(std::move(counts));
  }
  TRINE_ASSIGN(auto pairs, ReadVector<uint64_t>(file, kPairs, 4 * HashSet64::kMax));
  if (!pairs_.Adopt(std::move(pairs)))
    return SectionFile::Broken("the (person, item) pairs are not a valid hash set");
  TRINE_ASSIGN(const auto counts, ReadVector<uint32_t>(file, kBucketCounts, known));
  TRINE_ASSIGN(const auto buckets, file.Array<Bucket>(kBuckets));
  size_t at = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > buckets.size() - at) return SectionFile::Broken("buckets are truncated");
    buckets_[i].assign(buckets.begin() + static_cast<std::ptrdiff_t>(at),
                       buckets.begin() + static_cast<std::ptrdiff_t>(at + counts[i]));
    if (!std::ranges::is_sorted(buckets_[i], {}, &Bucket::slot))
      return SectionFile::Broken("buckets are not in time order");
    for (const Bucket& bucket : buckets_[i]) all_buckets_[bucket.slot] += bucket.count;
    at += counts[i];
    RecountWindow(static_cast<Item>(i));
  }
  return Ok();
}

Status Statistics::LoadCohorts(const SectionFile& file, size_t items) {
  TRINE_ASSIGN(const auto names, StringSections::Read(file, kCohortNameOffsets, kCohortNameBytes));
  TRINE_ASSIGN(const auto columns, StringSections::Read(file, kColumnNameOffsets, kColumnNameBytes));
  TRINE_ASSIGN(const auto of_column, ReadVector<uint16_t>(file, kCohortColumns, kMaxCohorts));
  if (names.size() != of_column.size() || names.size() < kMonths || columns.size() > kMaxCohorts) {
    return SectionFile::Broken("the arrays of cohort names and columns have invalid lengths");
  }
  columns_.clear();
  cohorts_.clear();
  for (size_t c = 0; c < columns.size(); ++c) columns_.push_back({std::string(columns[c]), 0, {}});
  for (size_t s = 0; s < names.size(); ++s) {
    if (of_column[s] >= columns.size()) return SectionFile::Broken("a cohort refers to an unknown column");
    cohorts_.push_back({of_column[s], std::string(names[s]), 0, {}});
    if (s >= kMonths) {
      cohort_ids_.emplace(std::string(columns[of_column[s]]).append(1, '\0').append(names[s]),
                          static_cast<Cohort>(s));
    }
    TRINE_ASSIGN(const auto cells, file.Array<Cell>(kCohortCells + static_cast<uint32_t>(s)));
    CohortCounts& cohort = cohorts_.back();
    CohortColumn& column = columns_[of_column[s]];
    for (const Cell& cell : cells) {
      if (cell.item >= items || !(cell.count > 0))
        return SectionFile::Broken("a cohort count is not positive or refers to an unknown item");
      if (cell.item >= cohort.by_item.size()) cohort.by_item.resize(cell.item + 1);
      if (cell.item >= column.by_item.size()) column.by_item.resize(cell.item + 1);
      cohort.by_item[cell.item] += cell.count;
      column.by_item[cell.item] += cell.count;
      cohort.total += cell.count;
      column.total += cell.count;
    }
  }
  return Ok();
}

Status Statistics::LoadPeople(const SectionFile& file, size_t items) {
  TRINE_ASSIGN(const auto hashes, file.Array<uint64_t>(kPersonHashes));
  TRINE_ASSIGN(const auto lengths, file.Array<PersonLengths>(kPersonLengths));
  TRINE_ASSIGN(const auto rows, file.Array<RecentRow>(kRecentRows));
  TRINE_ASSIGN(const auto cohorts, file.Array<Cohort>(kPersonCohorts));
  if (hashes.size() != lengths.size())
    return SectionFile::Broken("the numbers of person ids and history lengths differ");
  size_t row = 0, cohort = 0;
  persons_.reserve(hashes.size());
  for (size_t p = 0; p < hashes.size(); ++p) {
    PersonState& person = persons_[hashes[p]];
    if (lengths[p].recent > rows.size() - row || lengths[p].cohorts > cohorts.size() - cohort ||
        lengths[p].recent > kRecent) {
      return SectionFile::Broken("a person's history is truncated or too long");
    }
    for (uint32_t k = 0; k < lengths[p].recent; ++k, ++row) {
      const RecentRow& r = rows[row];
      if (r.item >= items || r.event_class > static_cast<uint32_t>(EventClass::kPurchase)) {
        return SectionFile::Broken("a history refers to an unknown item or event class");
      }
      person.recent.push_back({r.time, r.item, r.session, static_cast<EventClass>(r.event_class)});
    }
    for (uint32_t k = 0; k < lengths[p].cohorts; ++k, ++cohort) {
      if (cohorts[cohort] >= cohorts_.size())
        return SectionFile::Broken("a person refers to an unknown cohort");
      person.cohorts.push_back(cohorts[cohort]);
    }
  }
  return Ok();
}

Status Statistics::LoadSelection(const SectionFile& file, size_t items) {
  for (const std::string& type : types_) type_weights_.push_back(selection_.WeightOf(type).value_or(1));
  if (selection_ == EventSelection()) return Ok();
  const size_t most = 2 * items + 2;  // the arrays grow ahead of the items
  TRINE_ASSIGN(people_weight_, ReadVector<float>(file, kPeopleWeight, most));
  TRINE_ASSIGN(event_weight_, ReadVector<float>(file, kEventWeight, most));
  TRINE_ASSIGN(left_out_, ReadVector<uint32_t>(file, kLeftOut, most));
  for (const float weight : people_weight_) {
    if (!(weight >= 0)) return SectionFile::Broken("a weight is negative or not a number");
    most_weight_ = std::max(most_weight_, static_cast<double>(weight));
  }
  for (const float weight : event_weight_) {
    if (!(weight >= 0)) return SectionFile::Broken("a weight is negative or not a number");
  }
  return Ok();
}

Result<Statistics> Statistics::Load(const SectionFile& file, size_t items, EventSelection selection) {
  Statistics statistics(std::move(selection));
  TRINE_TRY(statistics.LoadCounts(file, items));
  TRINE_TRY(statistics.LoadCohorts(file, items));
  TRINE_TRY(statistics.LoadPeople(file, items));
  TRINE_TRY(statistics.LoadSelection(file, items));
  TRINE_ASSIGN(statistics.sequence_rules_, LiveRules::Load(file, kSequenceRules, items));
  TRINE_ASSIGN(statistics.viewed_rules_, LiveRules::Load(file, kViewedRules, items));
  TRINE_ASSIGN(statistics.basket_rules_, LiveRules::Load(file, kBasketRules, items));
  return statistics;
}

}  // namespace trine::recommend
