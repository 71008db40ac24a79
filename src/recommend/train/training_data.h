// TrainingData: a snapshot in memory: items with their facts, people with theirs, and every event in a
// few bytes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "recommend/model/event_class.h"
#include "recommend/model/item_table.h"
#include "recommend/model/statistics.h"
#include "recommend/train/train.h"
#include "storage/directory.h"

namespace trine::recommend {

struct TrainingEvent {
  uint32_t person = 0;
  Item item = 0;
  int64_t time = 0;
  uint32_t session = 0;
  uint16_t type = 0;  // place in TrainingData::types
  EventClass event_class = EventClass::kOther;
};

struct TrainingPerson {
  uint64_t hash = 0;
  Statistics::Facts facts;
  uint64_t begin = 0, end = 0;  // events, by time
};

// Events are grouped by person and ordered by time (then by their order in the log).
struct TrainingData {
  ItemTable items;
  std::vector<std::string> types;  // as given, first spelling
  std::vector<TrainingPerson> people;
  std::vector<TrainingEvent> events;
  uint64_t left_out = 0;  // events that the specification does not count
  Millis now;
};

// Which events count for a specification, and by how much.
class EventChoice {
 public:
  explicit EventChoice(const TrainingSpec& spec);
  bool Counts(std::string_view type, const std::optional<double>& value) const;
  // Lower-case types that count; empty: all.
  const std::vector<std::string>& types() const { return types_; }
  const std::vector<std::pair<std::string, double>>& weights() const { return weights_; }

 private:
  std::vector<std::string> types_;
  std::vector<std::optional<double>> thresholds_;  // beside types_
  std::optional<double> threshold_;                // of all types
  std::vector<std::pair<std::string, double>> weights_;
};

// Collects rows in any order; Take sorts them.
class TrainingDataBuilder {
 public:
  TrainingDataBuilder(const TrainingSpec& spec, const catalogue::Binding& binding, Millis now);
  void AddEvent(const history::Event& event);
  void AddUser(std::string_view id, const format::Json& attributes);
  void AddItem(std::string_view id, const format::Json& source);
  TrainingData Take();

 private:
  uint32_t PersonOf(const history::Event& event);
  EventChoice choice_;
  catalogue::Binding binding_;
  std::vector<std::string> excluded_user_columns_;
  TrainingData data_;
  std::unordered_map<uint64_t, uint32_t> by_hash_;
  std::unordered_map<std::string, uint16_t, StringHash, std::equal_to<>> type_ids_;
  std::unordered_map<uint64_t, Statistics::Facts> facts_;
};

// kCorrupt names the file that is broken.
Result<TrainingData> ReadTrainingData(storage::Directory& dir, const TrainingSpec& spec,
                                      const catalogue::Binding& binding, Millis now);

// Excluded columns of a dataset ("items", "users"), upper case.
std::vector<std::string> ExcludedColumns(const TrainingSpec& spec, std::string_view dataset);

}  // namespace trine::recommend
