#include <algorithm>

#include "base/check.h"
#include "index/bytes.h"
#include "index/postings.h"

namespace trine::index {

void PostingsWriter::Begin() {
  stats_ = {};
  stats_.min_norm = 255;
  positions_begin_ = positions_.size();
  block_positions_ = 0;
  blocks_.clear();
  data_.clear();
  filled_ = 0;
  base_ = 0;
  block_max_frequency_ = 0;
  block_min_norm_ = 255;
}

void PostingsWriter::Add(Row row, uint32_t frequency, std::string_view positions) {
  TRINE_DCHECK_GE(frequency, 1u);
  TRINE_DCHECK_LT(filled_, kBlockSize);
  TRINE_DCHECK(norms_.empty() || row < norms_.size());
  if (stats_.row_count > 0) TRINE_DCHECK_GT(row, filled_ > 0 ? rows_[filled_ - 1] : base_);
  rows_[filled_] = row;
  frequencies_[filled_] = frequency;
  ++filled_;
  ++stats_.row_count;
  stats_.total_frequency += frequency;
  const uint8_t norm = norms_.empty() ? 0 : norms_[row];
  block_max_frequency_ = std::max(block_max_frequency_, frequency);
  block_min_norm_ = std::min(block_min_norm_, norm);
  if (with_positions_) positions_.append(positions);
  if (filled_ == kBlockSize) EndBlock();
}

void PostingsWriter::EndBlock() {
  const uint64_t positions_end = positions_.size() - positions_begin_;
  TRINE_CHECK_GT(filled_, 0u);
  TRINE_CHECK_LE(positions_end, UINT32_MAX);  // block offsets have 32 bits on disk
  TRINE_CHECK_LE(data_.size(), UINT32_MAX);
  blocks_.push_back({rows_[filled_ - 1], static_cast<uint32_t>(data_.size()), block_positions_,
                     block_max_frequency_, block_min_norm_});
  stats_.max_frequency = std::max(stats_.max_frequency, block_max_frequency_);
  stats_.min_norm = std::min(stats_.min_norm, block_min_norm_);
  if (filled_ == kBlockSize) {
    const Row last = rows_[kBlockSize - 1];
    for (size_t i = kBlockSize - 1; i > 0; --i) rows_[i] -= rows_[i - 1];
    rows_[0] -= base_;
    for (uint32_t& frequency : frequencies_) --frequency;
    const int row_width = PackedWidth(rows_), frequency_width = PackedWidth(frequencies_);
    data_.push_back(static_cast<char>(row_width));
    data_.push_back(static_cast<char>(frequency_width));
    Pack(rows_, row_width, &data_);
    Pack(frequencies_, frequency_width, &data_);
    base_ = last;
    filled_ = 0;
  }
  block_positions_ = static_cast<uint32_t>(positions_end);
  block_max_frequency_ = 0;
  block_min_norm_ = 255;
}

void PostingsWriter::PutTail() {
  Row before = base_;
  for (uint32_t i = 0; i < filled_; ++i) {
    const bool once = frequencies_[i] == 1;
    AppendVarint((static_cast<uint64_t>(rows_[i] - before) << 1) | (once ? 1 : 0), &postings_);
    if (!once) AppendVarint(frequencies_[i], &postings_);
    before = rows_[i];
  }
}

TermStats PostingsWriter::End() {
  TRINE_CHECK_GT(stats_.row_count, 0u);
  const bool has_blocks = stats_.row_count >= kBlockSize;
  if (filled_ > 0) EndBlock();  // records the bounds of the short last block; PutTail writes its rows
  stats_.handle = postings_.size();
  if (with_positions_) AppendVarint(positions_begin_, &postings_);
  TRINE_CHECK_EQ(blocks_.size(), (size_t{stats_.row_count} + kBlockSize - 1) / kBlockSize);
  if (has_blocks) {
    for (const Block& b : blocks_) AppendFixed<uint32_t>(b.last, &postings_);
    for (const Block& b : blocks_) {
      AppendFixed<uint32_t>(b.data, &postings_);
      AppendFixed<uint32_t>(b.positions, &postings_);
      AppendFixed<uint32_t>(b.max_frequency, &postings_);
      postings_.push_back(static_cast<char>(b.min_norm));
    }
    postings_.append(data_);
  }
  PutTail();
  return stats_;
}

}  // namespace trine::index
