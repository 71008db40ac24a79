#include "search/cursor/terms.h"

#include <algorithm>

namespace trine::search {

Row TermCursor::Fill() {
  size_ = static_cast<uint32_t>(postings_->NextBatch(rows_, frequencies_, index::kBlockSize));
  at_ = 0;
  TRINE_DCHECK_LE(size_, index::kBlockSize);
  TRINE_DCHECK(size_ == 0 || row_ == kNoMoreRows || rows_[0] > row_);
  return row_ = size_ > 0 ? rows_[0] : kNoMoreRows;
}

Row TermCursor::Advance(Row target) {
  if (target <= row_) return row_;
  TRINE_DCHECK_GT(size_, 0u);
  if (rows_[size_ - 1] < target) {
    if (postings_->row() < target) postings_->Advance(target);
    return Fill();
  }
  at_ = static_cast<uint32_t>(std::lower_bound(rows_ + at_, rows_ + size_, target) - rows_);
  return row_ = rows_[at_];
}

RowBits RowsOfTerms(const index::FieldTerms& field, const std::vector<index::TermStats>& terms, Row end) {
  RowBits bits(end);
  Row rows[index::kBlockSize];
  uint32_t frequencies[index::kBlockSize];
  for (const index::TermStats& term : terms) {
    const auto postings = field.Open(term, false);
    while (const size_t n = postings->NextBatch(rows, frequencies, index::kBlockSize)) {
      for (size_t i = 0; i < n; ++i) bits.Set(rows[i]);
    }
  }
  return bits;
}

}  // namespace trine::search
