// Plan: a rewritten clause joined with the statistics of a collection. It is opened on each segment.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "search/cursor/cursor.h"
#include "search/score/batches.h"
#include "search/score/explanation.h"
#include "search/score/query_context.h"

namespace trine::search {

// A segment on which a plan is opened, and the search that opens it. Both outlive every cursor.
struct SegmentContext {
  const index::SegmentReader& reader;
  size_t ordinal = 0;  // position of the segment in its index reader
  QueryContext& query;
};

// Immutable after compilation, and used by one search only. The index reader that it was compiled for must
// outlive it. Abstract because every kind of clause has its own implementation (nodes.h).
class Plan {
 public:
  virtual ~Plan() = default;
  // Returns nullptr when no row of the segment matches. The plan must outlive the cursor.
  virtual CursorPtr Open(const SegmentContext& segment) const = 0;
  // Opens the plan as the top of a query. Scores are 0 unless the plan was compiled with scoring. Never
  // nullptr.
  virtual BatchSourcePtr OpenBatches(const SegmentContext& segment) const;
  // Returns the number of live rows that match, if it is known without reading postings.
  virtual std::optional<uint64_t> Count(const index::SegmentReader& segment, size_t ordinal) const;
  // Returns a lower bound on the number of live rows that match.
  virtual uint64_t CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const;
  // Explains the score of `row`. If the row does not match, the explanation contains the condition that
  // failed.
  virtual Explanation Explain(const SegmentContext& segment, Row row) const = 0;

  bool scoring() const { return scoring_; }

 protected:
  explicit Plan(bool scoring) : scoring_(scoring) {}
  const bool scoring_;
};
using PlanPtr = std::unique_ptr<const Plan>;

}  // namespace trine::search
