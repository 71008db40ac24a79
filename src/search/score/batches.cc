#include "search/score/batches.h"

#include "base/check.h"

namespace trine::search {
namespace {

class CursorSource final : public BatchSource {
 public:
  CursorSource(CursorPtr cursor, bool scoring, float most)
      : cursor_(std::move(cursor)), scoring_(scoring), most_(scoring ? most : 0) {}
  void RaiseThreshold(float threshold) override { done_ = done_ || most_ <= threshold; }
  bool Next(Batch* batch) override {
    size_t n = 0;
    if (cursor_ != nullptr && !done_) {
      for (Row row = cursor_->row(); row != kNoMoreRows && n < kMaxRowsPerBatch; row = cursor_->Next(), ++n) {
        batch->rows[n] = row;
        batch->scores[n] = scoring_ ? cursor_->Score() : 0;
      }
    }
    batch->size = n;
    return n > 0;
  }

 private:
  // The deadline is checked only between batches. Batches are small because each row can be expensive.
  static constexpr size_t kMaxRowsPerBatch = 1024;
  const CursorPtr cursor_;
  const bool scoring_;
  const float most_;
  bool done_ = false;
};

class FilteredSource final : public BatchSource {
 public:
  FilteredSource(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded)
      : source_(std::move(source)), filter_(std::move(filter)), excluded_(std::move(excluded)) {
    TRINE_CHECK(source_ != nullptr);
  }
  bool Next(Batch* batch) override {
    const bool more = source_->Next(batch);
    size_t kept = 0;
    for (size_t i = 0; i < batch->size; ++i) {
      const Row row = batch->rows[i];
      if (filter_ != nullptr && !Has(*filter_, row)) continue;
      if (excluded_ != nullptr && Has(*excluded_, row)) continue;
      batch->rows[kept] = row;
      batch->scores[kept++] = batch->scores[i];
    }
    batch->size = kept;
    return more;
  }
  void RaiseThreshold(float threshold) override { source_->RaiseThreshold(threshold); }

 private:
  static bool Has(Cursor& cursor, Row row) {
    return cursor.random_access() ? cursor.Matches(row) : cursor.Advance(row) == row;
  }
  const BatchSourcePtr source_;
  const CursorPtr filter_, excluded_;
};

}  // namespace

BatchSourcePtr BatchesFromCursor(CursorPtr cursor, bool scoring, float most) {
  return std::make_unique<CursorSource>(std::move(cursor), scoring, most);
}

BatchSourcePtr FilteredBatches(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded) {
  if (filter == nullptr && excluded == nullptr) return source;
  return std::make_unique<FilteredSource>(std::move(source), std::move(filter), std::move(excluded));
}

}  // namespace trine::search
