// Collect: drives plans over the segments of the targets and keeps the rows that are asked for.
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

// One target, ready to run.
struct PlannedTarget {
  const index::IndexReader* reader = nullptr;
  const Plan* plan = nullptr;
  const Plan* post_filter = nullptr;  // nullptr: none
  const SortOrder* order = nullptr;   // nullptr: by score
  std::vector<KeyValue> after;        // with `order`: rows up to these are left out
};

struct CollectOptions {
  size_t keep = 10;             // from + size
  int64_t track_total = 10000;  // -1: exact; 0: not at all
  std::optional<float> min_score;
  size_t terminate_after = 0;  // rows a target gives at most; 0: all
  bool positive_only = false;  // a row with score 0 is no match (hybrid)
  bool may_prune = true;       // false: for tests, every row is looked at
};

// Counts what was seen, over all targets.
struct Totals {
  uint64_t total = 0;
  bool is_lower_bound = false;
  bool timed_out = false;
  bool terminated_early = false;
  std::optional<float> best_score;  // of all rows seen; only when plans score
};

// Both return the best rows, best first; `totals` is filled. Errors are those of `run`. A passed
// deadline ends early and says so in `totals`.
Result<std::vector<TopRow>> CollectByScore(const std::vector<PlannedTarget>& targets,
                                           const CollectOptions& options, Run& run, Totals* totals);
// Requires an order in every target.
Result<std::vector<SortedRow>> CollectSorted(const std::vector<PlannedTarget>& targets,
                                             const CollectOptions& options, Run& run, Totals* totals);

// Rows that several queries match, counted once: one set of bits a segment of a target.
class UniqueRows {
 public:
  void Add(const RowPlace& at, Row rows_in_segment);
  uint64_t count() const { return count_; }

 private:
  std::vector<std::vector<RowBits>> bits_;  // by target, then segment
  uint64_t count_ = 0;
};
// As CollectByScore for one of several queries: its rows are added to `unique`, which counts for all.
Result<std::vector<TopRow>> CollectClause(const std::vector<PlannedTarget>& targets,
                                          const CollectOptions& options, Run& run, UniqueRows* unique,
                                          Totals* totals);

// All live rows that match, exactly.
Result<uint64_t> CountRows(const std::vector<PlannedTarget>& targets, Run& run, bool* timed_out);

}  // namespace trine::search
