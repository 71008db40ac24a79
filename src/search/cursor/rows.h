// Cursors over rows that are known before: all of them, a bit set, a list.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "search/cursor/cursor.h"

namespace trine::search {

// Every row below `end`, each with the same score.
class AllCursor final : public Cursor {
 public:
  AllCursor(Row end, float score) : end_(end), score_(score) { row_ = end == 0 ? kNoMoreRows : 0; }
  Row Next() override { return row_ = row_ + 1 < end_ ? row_ + 1 : kNoMoreRows; }
  Row Advance(Row target) override {
    if (target > row_) row_ = target < end_ ? target : kNoMoreRows;
    return row_;
  }
  float Score() override { return score_; }
  uint64_t cost() const override { return end_; }
  bool tests() const override { return true; }
  bool Test(Row row) override { return row < end_; }

 private:
  const Row end_;
  const float score_;
};

// A set of rows, one bit each, and how many there are.
class RowBits {
 public:
  explicit RowBits(Row end) : words_((end + 63) / 64), end_(end) {}
  void Set(Row row) { words_[row >> 6] |= uint64_t{1} << (row & 63); }
  void Clear(Row row) { words_[row >> 6] &= ~(uint64_t{1} << (row & 63)); }
  bool Get(Row row) const { return row < end_ && (words_[row >> 6] >> (row & 63) & 1) != 0; }
  Row NextSet(Row from) const;  // kNoMoreRows: none
  uint64_t Count() const;
  Row end() const { return end_; }
  std::vector<uint64_t>& words() { return words_; }

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
  bool tests() const override { return true; }
  bool Test(Row row) override { return bits_.Get(row); }

 private:
  const RowBits bits_;
  const uint64_t count_;
  const float score_;
};

struct ScoredRow {
  Row row = 0;
  float score = 0;
};

// A list of rows with their scores, ascending, which outlives the cursor.
class ListCursor final : public Cursor {
 public:
  explicit ListCursor(std::span<const ScoredRow> rows) : rows_(rows) { Stand(); }
  Row Next() override { return ++at_, Stand(); }
  Row Advance(Row target) override;
  float Score() override { return rows_[at_].score; }
  uint64_t cost() const override { return rows_.size(); }

 private:
  Row Stand() { return row_ = at_ < rows_.size() ? rows_[at_].row : kNoMoreRows; }
  const std::span<const ScoredRow> rows_;
  size_t at_ = 0;
};

}  // namespace trine::search
