#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "index/bytes.h"
#include "index/postings.h"

namespace trine::index {
namespace {

constexpr size_t kBlockInfoBytes = 13;  // data, positions, max_frequency (uint32), min_norm (byte)

// Returns the position after `count` varints; nullptr if [p, end) has fewer.
const char* SkipVarints(const char* p, const char* end, uint64_t count) {
  while (count > 8 && end - p >= 8) {
    // At most 8 varints end within 8 bytes, and `count` is above 8, so this never skips too many.
    const uint64_t ends = ~Load<uint64_t>(p) & 0x8080808080808080ULL;
    count -= static_cast<uint64_t>(std::popcount(ends));
    p += 8;
  }
  while (count > 0) {
    if (p == end) return nullptr;
    if ((*p++ & 0x80) == 0) --count;
  }
  return p;
}

class BlockCursor final : public PostingCursor {
 public:
  BlockCursor(const PostingsSource& source, const TermStats& term, bool with_positions)
      : term_(term),
        end_(source.postings.data() + source.postings.size()),
        row_count_(source.row_count),
        with_positions_(with_positions && source.has_positions) {
    if (OpenTable(source)) {
      LoadBlock(0);
    } else {
      Finish();
    }
  }

  Row row() const override { return row_; }

  Row Next() override {
    if (++at_ < in_block_) [[likely]]
      return row_ = rows_[at_];
    return NextBlock();
  }

  Row Advance(Row target) override {
    if (row_ >= target) return row_;
    if (block_ + 1 < blocks_ && target > LastOf(block_)) {
      if (!LoadBlock(FindBlock(target))) return row_;
    }
    return AdvanceInBlock(target);
  }

  uint32_t frequency() const override {
    if (!frequencies_loaded_) LoadFrequencies();
    return frequencies_[at_];
  }

  const std::vector<uint32_t>& positions() override {
    if (with_positions_ && row_ != kNoMoreRows && positions_of_ != at_) LoadPositions();
    return positions_;
  }

  uint32_t cost() const override { return term_.row_count; }

  // A batch ends with its block, so the next call can return a whole block.
  size_t NextBatch(Row* rows, uint32_t* frequencies, size_t capacity) override {
    TRINE_DCHECK_GT(capacity, 0u);
    if (row_ == kNoMoreRows) return 0;
    if (!frequencies_loaded_) LoadFrequencies();
    TRINE_DCHECK_LT(at_, in_block_);
    const size_t n = std::min<size_t>(in_block_ - at_, capacity);
    std::memcpy(rows, rows_ + at_, n * sizeof(Row));
    std::memcpy(frequencies, frequencies_ + at_, n * sizeof(uint32_t));
    at_ += static_cast<uint32_t>(n);
    if (at_ < in_block_) {
      row_ = rows_[at_];
    } else {
      NextBlock();
    }
    return n;
  }

  BlockBound BlockAt(Row target) override {
    if (row_ == kNoMoreRows) return {};
    TRINE_DCHECK_GE(target, row_);
    if (table_ == nullptr) {
      if (target > rows_[in_block_ - 1]) return {};
      return {rows_[in_block_ - 1], term_.max_frequency, term_.min_norm};
    }
    if (bound_block_ < block_ || (bound_block_ > block_ && target <= LastOf(bound_block_ - 1))) {
      bound_block_ = block_;
    }
    if (target > LastOf(bound_block_)) {
      const uint32_t found = FindBlockFrom(bound_block_, target);
      if (found == blocks_) return {};
      bound_block_ = found;
    }
    const char* info = InfoOf(bound_block_);
    return {LastOf(bound_block_), Load<uint32_t>(info + 8), static_cast<uint8_t>(info[12])};
  }

 private:
  // Reads the part of the list before the blocks; returns false if it does not fit into the section.
  bool OpenTable(const PostingsSource& source) {
    if (term_.row_count == 0 || term_.handle >= source.postings.size()) return false;
    const char* p = source.postings.data() + term_.handle;
    if (source.has_positions) {
      const uint64_t begin = ReadVarint(&p, end_);
      if (begin > source.positions.size()) return false;
      positions_base_ = source.positions.data() + begin;
      positions_end_ = source.positions.data() + source.positions.size();
    }
    whole_blocks_ = term_.row_count / kBlockSize;
    blocks_ = whole_blocks_ + (term_.row_count % kBlockSize != 0 ? 1 : 0);
    if (whole_blocks_ == 0) {
      data_ = p;
      return true;
    }
    const size_t table_bytes = static_cast<size_t>(blocks_) * (4 + kBlockInfoBytes);
    if (static_cast<size_t>(end_ - p) < table_bytes) return false;
    table_ = p;
    data_ = p + table_bytes;
    return true;
  }

  Row LastOf(uint32_t block) const {
    TRINE_DCHECK_LT(block, blocks_);
    return Load<uint32_t>(table_ + 4 * static_cast<size_t>(block));
  }
  const char* InfoOf(uint32_t block) const {
    return table_ + 4 * static_cast<size_t>(blocks_) + kBlockInfoBytes * static_cast<size_t>(block);
  }

  // Returns the first block after the current one whose last row is >= target; blocks_ if there is none.
  uint32_t FindBlock(Row target) const { return FindBlockFrom(block_, target); }

  // Requires LastOf(from) < target. Exponential search, then binary search.
  uint32_t FindBlockFrom(uint32_t from, Row target) const {
    TRINE_DCHECK_LT(from, blocks_);
    TRINE_DCHECK_LT(LastOf(from), target);
    uint32_t low = from;  // invariant: LastOf(low) < target
    uint32_t step = 1;
    while (step < blocks_ - low && LastOf(low + step) < target) {
      low += step;
      step *= 2;
    }
    uint32_t high = step < blocks_ - low ? low + step : blocks_;
    ++low;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (LastOf(middle) < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Row NextBlock() {
    if (row_ == kNoMoreRows || block_ + 1 >= blocks_) return Finish();
    LoadBlock(block_ + 1);
    return row_;
  }

  Row AdvanceInBlock(Row target) {
    uint32_t low = at_, high = in_block_;
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      if (rows_[middle] < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == in_block_) return NextBlock();
    at_ = low;
    return row_ = rows_[low];
  }

  Row Finish() {
    at_ = 0;
    in_block_ = 0;
    frequencies_loaded_ = true;
    frequencies_[0] = 0;
    positions_.clear();
    return row_ = kNoMoreRows;
  }

  // Moves to the first row of a block. If the block does not exist or is damaged, moves to the end of the
  // list and returns false.
  bool LoadBlock(uint32_t block) {
    if (block >= blocks_) return Finish(), false;
    block_ = block;
    at_ = 0;
    positions_of_ = UINT32_MAX;
    positions_next_ = 0;
    if (!(block < whole_blocks_ ? LoadWhole(block) : LoadTail())) return Finish(), false;
    if (with_positions_) {
      const uint64_t skip = table_ == nullptr ? 0 : Load<uint32_t>(InfoOf(block) + 4);
      if (skip > static_cast<uint64_t>(positions_end_ - positions_base_)) return Finish(), false;
      positions_at_ = positions_base_ + skip;
    }
    row_ = rows_[0];
    return true;
  }

  bool LoadWhole(uint32_t block) {
    const uint32_t begin = Load<uint32_t>(InfoOf(block));
    const size_t left = static_cast<size_t>(end_ - data_);
    if (left < 2 || begin > left - 2) return false;
    const char* p = data_ + begin;
    const auto row_width = static_cast<uint8_t>(p[0]), frequency_width = static_cast<uint8_t>(p[1]);
    if (row_width > 32 || frequency_width > 32) return false;
    const size_t bytes = PackedBytes(row_width) + PackedBytes(frequency_width);
    if (left - 2 - begin < bytes) return false;
    UnpackDeltas(p + 2, row_width, block == 0 ? 0 : LastOf(block - 1), rows_);
    packed_frequencies_ = p + 2 + PackedBytes(row_width);
    frequency_width_ = frequency_width;
    frequencies_loaded_ = false;
    in_block_ = kBlockSize;
    return rows_[kBlockSize - 1] == LastOf(block) && rows_[kBlockSize - 1] < row_count_;
  }

  bool LoadTail() {
    const char* p = data_;
    if (whole_blocks_ > 0) {
      const uint32_t begin = Load<uint32_t>(InfoOf(whole_blocks_));
      if (begin > static_cast<size_t>(end_ - data_)) return false;
      p = data_ + begin;
    }
    uint64_t row = whole_blocks_ > 0 ? LastOf(whole_blocks_ - 1) : 0;
    const uint32_t count = term_.row_count % kBlockSize;
    for (uint32_t i = 0; i < count; ++i) {
      if (p == end_) return false;
      const uint64_t v = ReadVarint(&p, end_);
      row += v >> 1;
      if (row >= row_count_) return false;
      rows_[i] = static_cast<uint32_t>(row);
      frequencies_[i] = (v & 1) != 0 ? 1 : static_cast<uint32_t>(ReadVarint(&p, end_));
    }
    frequencies_loaded_ = true;
    in_block_ = count;
    return true;
  }

  void LoadFrequencies() const {
    TRINE_DCHECK(packed_frequencies_ != nullptr);
    Unpack(packed_frequencies_, frequency_width_, frequencies_);
    for (uint32_t& frequency : frequencies_) ++frequency;
    frequencies_loaded_ = true;
  }

  void LoadPositions() {
    positions_.clear();
    if (!frequencies_loaded_) LoadFrequencies();
    uint64_t skip = 0;
    for (uint32_t i = positions_next_; i < at_; ++i) skip += frequencies_[i];
    const char* p = positions_at_ == nullptr ? nullptr : SkipVarints(positions_at_, positions_end_, skip);
    positions_of_ = at_;
    positions_next_ = at_ + 1;
    uint32_t position = 0;
    for (uint32_t i = 0; p != nullptr && i < frequencies_[at_] && p < positions_end_; ++i) {
      position += static_cast<uint32_t>(ReadVarint(&p, positions_end_));
      positions_.push_back(position);
    }
    positions_at_ = p;
  }

  const TermStats term_;
  const char* const end_;
  const uint32_t row_count_;
  const bool with_positions_;
  const char* table_ = nullptr;  // nullptr: the list has no whole block
  const char* data_ = nullptr;
  uint32_t whole_blocks_ = 0;
  uint32_t blocks_ = 0;  // whole blocks and the tail

  Row row_ = kNoMoreRows;
  uint32_t at_ = 0;
  uint32_t in_block_ = 0;
  uint32_t block_ = 0;
  uint32_t bound_block_ = 0;  // the block that BlockAt returned last
  const char* packed_frequencies_ = nullptr;
  int frequency_width_ = 0;
  mutable bool frequencies_loaded_ = true;

  const char* positions_base_ = nullptr;
  const char* positions_end_ = nullptr;
  // Where the positions of the next row begin; its index in the block is positions_next_.
  const char* positions_at_ = nullptr;
  uint32_t positions_next_ = 0;
  uint32_t positions_of_ = UINT32_MAX;  // index in the block of the row whose positions are in positions_
  std::vector<uint32_t> positions_;

  alignas(16) uint32_t rows_[kBlockSize];
  alignas(16) mutable uint32_t frequencies_[kBlockSize];
};

}  // namespace

std::unique_ptr<PostingCursor> OpenPostings(const PostingsSource& source, const TermStats& term,
                                            bool with_positions) {
  return std::make_unique<BlockCursor>(source, term, with_positions);
}

RawPostings::RawPostings(const PostingsSource& source, const TermStats& term)
    : cursor_(OpenPostings(source, term, false)) {
  if (!source.has_positions || term.handle >= source.postings.size()) return;
  // The positions of all rows of a list are contiguous, so only their beginning is read here. CutPositions
  // then goes through them row by row and needs no block offsets.
  const char* p = source.postings.data() + term.handle;
  const uint64_t begin = ReadVarint(&p, source.postings.data() + source.postings.size());
  if (begin > source.positions.size()) return;
  next_ = source.positions.data() + begin;
  end_ = source.positions.data() + source.positions.size();
  CutPositions();
}

void RawPostings::Next() {
  TRINE_DCHECK(Valid());
  cursor_->Next();
  CutPositions();
}

void RawPostings::CutPositions() {
  positions_ = {};
  if (next_ == nullptr || !Valid()) return;
  const char* begin = next_;
  next_ = SkipVarints(begin, end_, cursor_->frequency());
  if (next_ != nullptr) positions_ = {begin, static_cast<size_t>(next_ - begin)};
}

}  // namespace trine::index
