// Cursors over columns: a predicate on the values of a row, evaluated row by row.
#pragma once

#include <functional>
#include <utility>

#include "search/cursor/cursor.h"

namespace trine::search {

// The rows below `end` for which `matches(row)` is true, each with the same score.
template <typename Predicate>
class ColumnCursor final : public Cursor {
 public:
  ColumnCursor(Row end, float score, Predicate matches)
      : end_(end), score_(score), matches_(std::move(matches)) {
    Find(0);
  }
  Row Next() override { return Find(row_ + 1); }
  Row Advance(Row target) override { return target > row_ ? Find(target) : row_; }
  float Score() override { return score_; }
  uint64_t cost() const override { return end_; }  // may have to test every row
  bool random_access() const override { return true; }
  bool Matches(Row row) override { return row < end_ && matches_(row); }

 private:
  Row Find(Row from) {
    for (Row row = from; row < end_; ++row) {
      if (matches_(row)) return row_ = row;
    }
    return row_ = kNoMoreRows;
  }

  const Row end_;
  const float score_;
  Predicate matches_;
};

template <typename Predicate>
CursorPtr MakeColumnCursor(Row end, float score, Predicate matches) {
  return std::make_unique<ColumnCursor<Predicate>>(end, score, std::move(matches));
}

}  // namespace trine::search
