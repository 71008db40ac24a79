// Batches: the rows of a whole query reach the collector in batches, and pruning happens here. The collector
// sets the score that a row has to exceed; a source can then skip rows that cannot exceed it.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "search/cursor/cursor.h"
#include "search/score/bm25.h"

namespace trine::search {

// Rows in strictly ascending order with their scores. Only the first `size` entries are set.
struct Batch {
  static constexpr size_t kRows = 4096;
  size_t size = 0;
  std::vector<Row> rows = std::vector<Row>(kRows);
  std::vector<float> scores = std::vector<float>(kRows);
};

// Not thread-safe. Abstract because sources differ in how they prune; the calls are virtual per batch, not
// per row.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // Fills `batch` with the next rows; rows ascend over all calls. Returns false, with size 0, at the end. A
  // batch can be empty before the end.
  virtual bool Next(Batch* batch) = 0;
  // From now on, rows with a score <= `threshold` can be skipped. Requires that `threshold` never decreases.
  virtual void RaiseThreshold(float threshold) { static_cast<void>(threshold); }
};
using BatchSourcePtr = std::unique_ptr<BatchSource>;

// Returns the rows of a cursor, which can be nullptr. Without `scoring` all scores are 0. Requires that no
// score exceeds `most`; the source ends once the threshold reaches `most`.
BatchSourcePtr BatchesFromCursor(CursorPtr cursor, bool scoring,
                                 float most = std::numeric_limits<float>::infinity());

// One scored term in one segment.
struct ScoredTerm {
  std::unique_ptr<index::PostingCursor> postings;
  const index::FieldTerms* field = nullptr;
  Bm25 bm25;
  bool frequencies = true;     // false: every frequency counts as 1
  uint32_t max_frequency = 0;  // over all rows
  uint8_t min_norm = 0;        // over all rows
};
// Returns the rows that contain any of the terms. The score is the sum of the terms' scores, added in double
// and rounded once. Requires at least one term. Prunes by block bounds with MaxScore over windows of blocks
// (Turtle and Flood 1995; Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR
// 2011; the windows are those of Lucene's MaxScoreBulkScorer).
BatchSourcePtr TermBatches(std::vector<ScoredTerm> terms);

// Returns the rows of `source` that `filter` matches and `excluded` does not. A `filter` or `excluded` that
// is nullptr removes no rows.
BatchSourcePtr FilteredBatches(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded);

}  // namespace trine::search
