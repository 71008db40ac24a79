#include "search/score/batches.h"

namespace trine::search {
namespace {

class CursorBatches final : public BatchSource {
 public:
  CursorBatches(CursorPtr cursor, bool scoring, float most)
      : cursor_(std::move(cursor)), scoring_(scoring), most_(scoring ? most : 0) {}
  void SkipUpTo(float threshold) override { done_ = most_ <= threshold; }
  bool Next(Batch* batch) override {
    size_t n = 0;
    if (cursor_ != nullptr && !done_) {
      for (Row row = cursor_->row(); row != kNoMoreRows && n < kAtOnce; row = cursor_->Next(), ++n) {
        batch->rows[n] = row;
        batch->scores[n] = scoring_ ? cursor_->Score() : 0;
      }
    }
    batch->size = n;
    return n > 0;
  }

 private:
  // Few enough that a deadline is seen in time when each row is costly.
  static constexpr size_t kAtOnce = 1024;
  const CursorPtr cursor_;
  const bool scoring_;
  const float most_;
  bool done_ = false;
};

class Filtered final : public BatchSource {
 public:
  Filtered(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded)
      : source_(std::move(source)), filter_(std::move(filter)), excluded_(std::move(excluded)) {}
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
  void SkipUpTo(float threshold) override { source_->SkipUpTo(threshold); }

 private:
  static bool Has(Cursor& cursor, Row row) {
    return cursor.tests() ? cursor.Test(row) : cursor.Advance(row) == row;
  }
  const BatchSourcePtr source_;
  const CursorPtr filter_, excluded_;
};

}  // namespace

BatchSourcePtr BatchesOf(CursorPtr cursor, bool scoring, float most) {
  return std::make_unique<CursorBatches>(std::move(cursor), scoring, most);
}

BatchSourcePtr FilteredBatches(BatchSourcePtr source, CursorPtr filter, CursorPtr excluded) {
  if (filter == nullptr && excluded == nullptr) return source;
  return std::make_unique<Filtered>(std::move(source), std::move(filter), std::move(excluded));
}

}  // namespace trine::search
