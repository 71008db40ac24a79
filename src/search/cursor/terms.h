// Cursors over postings, which are decoded one block at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "search/cursor/cursor.h"
#include "search/cursor/rows.h"

namespace trine::search {

// The rows of one term with their frequencies. One virtual call to the postings decodes a whole block.
class TermCursor final : public Cursor {
 public:
  TermCursor(std::unique_ptr<index::PostingCursor> postings, uint32_t row_count)
      : postings_(std::move(postings)), row_count_(row_count) {
    Fill();
  }
  Row Next() override {
    if (++at_ < size_) return row_ = rows_[at_];
    return Fill();
  }
  Row Advance(Row target) override;
  uint64_t cost() const override { return row_count_; }
  // Requires row() != kNoMoreRows.
  uint32_t frequency() const {
    TRINE_DCHECK_LT(at_, size_);
    return frequencies_[at_];
  }

 private:
  Row Fill();

  std::unique_ptr<index::PostingCursor> postings_;
  const uint32_t row_count_;
  uint32_t at_ = 0, size_ = 0;
  Row rows_[index::kBlockSize];
  uint32_t frequencies_[index::kBlockSize];
};

// Returns the rows below `end` that contain any of the terms. Requires that all rows of the postings are
// below `end`.
RowBits RowsOfTerms(const index::FieldTerms& field, const std::vector<index::TermStats>& terms, Row end);

}  // namespace trine::search
