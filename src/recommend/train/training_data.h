// TrainingData: a snapshot in memory, with item features, user attributes and every event in a few bytes.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "history/history.h"
#include "recommend/model/event_class.h"
#include "recommend/model/event_selection.h"
#include "recommend/model/item_features.h"
#include "recommend/model/item_table.h"
#include "recommend/model/statistics.h"
#include "recommend/train/training_spec.h"
#include "storage/directory.h"

namespace trine::recommend {

struct TrainingEvent {
  uint32_t person = 0;
  Item item = 0;
  int64_t time = 0;
  uint32_t session = 0;
  uint16_t type = 0;  // index into TrainingData::types
  EventClass event_class = EventClass::kOther;
};

struct TrainingPerson {
  uint64_t hash = 0;
  Statistics::UserAttributes attributes;
  uint64_t begin = 0, end = 0;  // their events are [begin, end), oldest first
};

// Events are grouped by person and ordered by time, then by their order in the log. A person is a user, with
// the events of the anonymous sessions in which the user appeared, or a session without a user. Immutable
// after TrainingDataBuilder::Take.
struct TrainingData {
  ItemTable items;
  std::vector<std::string> types;  // in the first spelling that occurred
  std::vector<TrainingPerson> people;
  std::vector<TrainingEvent> events;
  uint64_t left_out = 0;  // events that the specification does not count
  Millis now;             // when the snapshot was made
};

// The events that count under a specification: those of `event_weights`, else of `event_type`, else of the
// recipe's types.
EventSelection SelectionOf(const TrainingSpec& spec);
// The columns of a dataset ("items" or "users") that a specification uses.
ColumnChoice ColumnsOf(const TrainingSpec& spec, std::string_view dataset);

// Collects rows in any order; Take sorts them and empties the builder. Not thread-safe.
class TrainingDataBuilder {
 public:
  TrainingDataBuilder(const TrainingSpec& spec, const catalogue::Binding& binding, Millis now,
                      const DeclaredFields& declared = {});
  void AddEvent(const history::Event& event);
  void AddUser(std::string_view id, const format::Json& attributes);
  void AddItem(std::string_view id, const format::Json& source);
  TrainingData Take();

 private:
  uint32_t PersonOf(const history::Event& event);
  // Gives the events of anonymous sessions to the users of these sessions.
  void JoinSessions();
  const EventSelection selection_;
  catalogue::Binding binding_;
  ColumnUses column_uses_;
  const ColumnChoice user_columns_;
  TrainingData data_;
  std::unordered_map<uint64_t, uint32_t> by_hash_;
  std::unordered_set<uint32_t> anonymous_;                  // the people without a user id
  std::unordered_map<uint64_t, uint64_t> user_of_session_;  // hash of the session -> hash of its newest user
  std::unordered_map<std::string, uint16_t, StringHash, std::equal_to<>> type_ids_;
  std::unordered_map<uint64_t, Statistics::UserAttributes> attributes_;
};

// A kCorrupt error contains the name of the corrupt file.
Result<TrainingData> ReadTrainingData(storage::Directory& dir, const TrainingSpec& spec,
                                      const catalogue::Binding& binding, Millis now,
                                      const DeclaredFields& declared);

}  // namespace trine::recommend
