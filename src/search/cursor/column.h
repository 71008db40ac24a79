// Cursors over columns: a predicate of a row's values, tested row by row.
#pragma once

#include <functional>
#include <utility>

#include "search/cursor/cursor.h"

namespace trine::search {

// Rows below `end` for which `matches(row)` holds, each with the same score.
template <typename Matches>
class ColumnCursor final : public Cursor {
 public:
  ColumnCursor(Row end, float score, Matches matches)
      : end_(end), score_(score), matches_(std::move(matches)) {
    Find(0);
  }
  Row Next() override { return Find(row_ + 1); }
  Row Advance(Row target) override { return target > row_ ? Find(target) : row_; }
  float Score() override { return score_; }
  uint64_t cost() const override { return end_; }  // it may look at every row
  bool tests() const override { return true; }
  bool Test(Row row) override { return row < end_ && matches_(row); }

 private:
  Row Find(Row from) {
    for (Row row = from; row < end_; ++row) {
      if (matches_(row)) return row_ = row;
    }
    return row_ = kNoMoreRows;
  }

  const Row end_;
  const float score_;
  Matches matches_;
};

template <typename Matches>
CursorPtr MakeColumnCursor(Row end, float score, Matches matches) {
  return std::make_unique<ColumnCursor<Matches>>(end, score, std::move(matches));
}

}  // namespace trine::search
