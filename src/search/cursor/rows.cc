#include "search/cursor/rows.h"

#include <algorithm>
#include <bit>

namespace trine::search {

Row RowBits::NextSet(Row from) const {
  if (from >= end_) return kNoMoreRows;
  size_t word = from >> 6;
  uint64_t bits = words_[word] & (~uint64_t{0} << (from & 63));
  while (bits == 0) {
    if (++word == words_.size()) return kNoMoreRows;
    bits = words_[word];
  }
  return static_cast<Row>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
}

uint64_t RowBits::Count() const {
  uint64_t count = 0;
  for (const uint64_t word : words_) count += static_cast<uint64_t>(std::popcount(word));
  return count;
}

Row ListCursor::Advance(Row target) {
  if (target <= row_) return row_;
  const auto found = std::lower_bound(rows_.begin() + static_cast<std::ptrdiff_t>(at_), rows_.end(), target,
                                      [](const ScoredRow& r, Row t) { return r.row < t; });
  at_ = static_cast<size_t>(found - rows_.begin());
  return UpdateRow();
}

}  // namespace trine::search
