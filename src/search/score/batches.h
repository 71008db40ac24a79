// Batches: how the rows of a whole query reach the collector, many at a time, and where pruning
// happens. The collector tells the lowest score that still matters; a source may then leave out rows
// that cannot beat it.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "search/cursor/cursor.h"
#include "search/score/bm25.h"

namespace trine::search {

struct Batch {
  static constexpr size_t kRows = 4096;
  size_t size = 0;
  std::vector<Row> rows = std::vector<Row>(kRows);
  std::vector<float> scores = std::vector<float>(kRows);
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // Fills `batch` with the next rows, ascending over all calls. False at the end (size is 0 then);
  // a true answer may carry no rows.
  virtual bool Next(Batch* batch) = 0;
  // From now on rows with a score <= `threshold` need not be given. Never lowered.
  virtual void SkipUpTo(float threshold) { static_cast<void>(threshold); }
};
using BatchSourcePtr = std::unique_ptr<BatchSource>;

// Rows of any cursor. nullptr: none. Without `scoring` all scores are 0. No score is above `most`: once that
// does not matter any more, nothing is given.
BatchSourcePtr BatchesOf(CursorPtr cursor, bool scoring, float most = std::numeric_limits<float>::infinity());

// One scored term in one segment.
struct ScoredTerm {
  std::unique_ptr<index::PostingCursor> postings;
  const index::FieldTerms* field = nullptr;
  Bm25 bm25;
  bool frequencies = true;     // false: a row counts once
  uint32_t max_frequency = 0;  // over all rows
  uint8_t min_norm = 0;
};
// Rows with any of the terms, each score the sum (in double, rounded once). Prunes by block bounds:
// MaxScore over windows of blocks. (Turtle and Flood 1995; Ding and Suel, "Faster Top-k Document Retrieval
// Using Block-Max Indexes", SIGIR 2011; the windows are those of Lucene's MaxScoreBulkScorer.)
BatchSourcePtr TermBatches(std::vector<ScoredTerm> terms);

// Rows of `source` that `filter` has and `excluded` lacks; either may be nullptr (then it is not asked).
BatchSourcePtr FilteredBatches(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded);

}  // namespace trine::search
