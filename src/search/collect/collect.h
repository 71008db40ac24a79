// Collect: runs plans over the segments of the targets, keeps the best rows, and counts all that match.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "search/collect/sort.h"
#include "search/collect/top_rows.h"
#include "search/cursor/rows.h"
#include "search/score/plan.h"

namespace trine::search {

// One target, ready to run. Everything that it points to must outlive the call that collects its rows.
struct PlannedTarget {
  const index::IndexReader* reader = nullptr;
  const Plan* plan = nullptr;
  const Plan* post_filter = nullptr;  // nullptr: none
  const SortOrder* order = nullptr;   // nullptr: by score
  std::vector<SortKeyValue> after;    // sort values to start after; empty: from the start
};

struct CollectOptions {
  size_t keep = 10;             // from + size
  int64_t track_total = 10000;  // count up to this number; -1: exactly; 0: do not count
  std::optional<float> min_score;
  size_t terminate_after = 0;  // rows to read per target; 0: all
  bool positive_only = false;  // drop rows with score 0, as sub-queries of a hybrid do
  bool may_prune = true;       // false: read every row (for tests)
};

// Counts and flags over all targets.
struct Totals {
  uint64_t total = 0;
  bool is_lower_bound = false;
  bool timed_out = false;
  bool terminated_early = false;
  std::optional<float> best_score;  // the best score of all rows read; set only if the plans score
};

// Each Collect function returns the best rows, best first, and fills `totals`. It fails if a cursor recorded
// an error in `context`, and returns this error. If the deadline passes, it returns the rows found so far and
// sets totals->timed_out.
Result<std::vector<TopRow>> CollectByScore(const std::vector<PlannedTarget>& targets,
                                           const CollectOptions& options, QueryContext& context,
                                           Totals* totals);
// Requires every target to have an order, with the same keys in all of them.
Result<std::vector<SortedRow>> CollectSorted(const std::vector<PlannedTarget>& targets,
                                             const CollectOptions& options, QueryContext& context,
                                             Totals* totals);

// The distinct rows that several queries match: one bit set per segment and target.
class UniqueRows {
 public:
  void Add(const RowLocation& at, Row rows_in_segment);
  uint64_t count() const { return count_; }

 private:
  std::vector<std::vector<RowBits>> bits_;  // by target, then segment
  uint64_t count_ = 0;
};
// Like CollectByScore, for one of several queries: adds its rows to `unique`, which counts the rows of all
// queries.
Result<std::vector<TopRow>> CollectSubQuery(const std::vector<PlannedTarget>& targets,
                                            const CollectOptions& options, QueryContext& context,
                                            UniqueRows* unique, Totals* totals);

}  // namespace trine::search
