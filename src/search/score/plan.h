// Plan: a rewritten clause joined with a collection's statistics: ready to be opened on each segment.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "search/cursor/cursor.h"
#include "search/query/clause.h"
#include "search/score/batches.h"
#include "search/score/statistics.h"
#include "search/search.h"

namespace trine::search {

// What one search carries along. `error` is set by a scorer that fails half-way (a missing value of a
// score function); whoever reads rows looks at it now and then.
struct Run {
  Deadline deadline;
  std::optional<Error> error;
  bool cut_short = false;  // a cursor ended at the deadline: rows are missing
};

// A segment to open a plan on.
struct Opening {
  const index::SegmentReader& segment;
  size_t ordinal = 0;  // in the reader
  Run& run;
};

// Immutable after compilation; used by one search. The reader it was compiled for outlives it.
class Plan {
 public:
  virtual ~Plan() = default;
  // nullptr: no row of the segment matches.
  virtual CursorPtr Open(const Opening& at) const = 0;
  // For the top of a query. Scores are 0 unless the plan was compiled with them.
  virtual BatchSourcePtr OpenBatches(const Opening& at) const;
  // How many live rows match, when that is known without looking.
  virtual std::optional<uint64_t> Count(const index::SegmentReader& segment, size_t ordinal) const;
  // At least so many live rows match.
  virtual uint64_t CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const;
  // Why `row` has its score; no match: match is false and details say what failed.
  virtual Explanation Explain(const Opening& at, Row row) const = 0;

  bool scoring() const { return scoring_; }

 protected:
  explicit Plan(bool scoring) : scoring_(scoring) {}
  const bool scoring_;
};
using PlanPtr = std::unique_ptr<const Plan>;

// `scoring` false: filters, counts. Nearest neighbours are found here, so a deadline can pass: then
// what was found until then counts (the deadline tells). kInternal only.
Result<PlanPtr> Compile(const ClausePtr& clause, Statistics& statistics, bool scoring, Run& run);

}  // namespace trine::search
