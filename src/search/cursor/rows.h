// Cursors over rows that are known in advance: all rows, a bit set, a list.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "search/cursor/cursor.h"

namespace trine::search {

// All rows below `end`, each with the same score.
class AllRowsCursor final : public Cursor {
 public:
  AllRowsCursor(Row end, float score) : end_(end), score_(score) { row_ = end == 0 ? kNoMoreRows : 0; }
  Row Next() override { return row_ = row_ + 1 < end_ ? row_ + 1 : kNoMoreRows; }
  Row Advance(Row target) override {
    if (target > row_) row_ = target < end_ ? target : kNoMoreRows;
    return row_;
  }
  float Score() override { return score_; }
  uint64_t cost() const override { return end_; }
  bool random_access() const override { return true; }
  bool Matches(Row row) override { return row < end_; }

 private:
  const Row end_;
  const float score_;
};

// A set of rows below `end`, with one bit per row.
class RowBits {
 public:
  explicit RowBits(Row end) : words_((end + 63) / 64), end_(end) {}
  // Requires row < end().
  void Set(Row row) {
    TRINE_DCHECK_LT(row, end_);
    words_[row >> 6] |= uint64_t{1} << (row & 63);
  }
  bool Get(Row row) const { return row < end_ && (words_[row >> 6] >> (row & 63) & 1) != 0; }
  // Returns the first row >= from in the set, or kNoMoreRows.
  Row NextSet(Row from) const;
  uint64_t Count() const;
  Row end() const { return end_; }

 private:
  std::vector<uint64_t> words_;
  Row end_;
};

class BitsCursor final : public Cursor {
 public:
  BitsCursor(RowBits bits, float score) : bits_(std::move(bits)), count_(bits_.Count()), score_(score) {
    row_ = bits_.NextSet(0);
  }
  Row Next() override { return row_ = bits_.NextSet(row_ + 1); }
  Row Advance(Row target) override { return target > row_ ? row_ = bits_.NextSet(target) : row_; }
  float Score() override { return score_; }
  uint64_t cost() const override { return count_; }
  bool random_access() const override { return true; }
  bool Matches(Row row) override { return bits_.Get(row); }

 private:
  const RowBits bits_;
  const uint64_t count_;
  const float score_;
};

struct ScoredRow {
  Row row = 0;
  float score = 0;
};

// A list of rows with their scores. Requires rows in strictly ascending order. The list must outlive the
// cursor.
class ListCursor final : public Cursor {
 public:
  explicit ListCursor(std::span<const ScoredRow> rows) : rows_(rows) { UpdateRow(); }
  Row Next() override {
    TRINE_DCHECK_LT(at_, rows_.size());
    ++at_;
    return UpdateRow();
  }
  Row Advance(Row target) override;
  float Score() override { return rows_[at_].score; }
  uint64_t cost() const override { return rows_.size(); }

 private:
  Row UpdateRow() { return row_ = at_ < rows_.size() ? rows_[at_].row : kNoMoreRows; }
  const std::span<const ScoredRow> rows_;
  size_t at_ = 0;
};

}  // namespace trine::search
