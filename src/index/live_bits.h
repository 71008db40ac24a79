// LiveBits: which rows of a segment are not deleted. Immutable once shared: a refresh with deletes makes a
// new one. Stored in its own file next to the segment's file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/ids.h"
#include "base/result.h"

namespace trine::index {

struct LiveBits {
  explicit LiveBits(uint32_t row_count)
      : rows(row_count), live(row_count), words((size_t{row_count} + 63) / 64) {
    for (auto& word : words) word = ~uint64_t{0};
    if (rows % 64 != 0) words.back() = (uint64_t{1} << (rows % 64)) - 1;
  }
  bool Get(Row row) const { return row < rows && (words[row / 64] >> (row % 64) & 1) != 0; }
  // Deletes the row. Returns false if it is already deleted or does not exist.
  bool Clear(Row row) {
    if (!Get(row)) return false;
    words[row / 64] &= ~(uint64_t{1} << (row % 64));
    TRINE_DCHECK_GT(live, 0u);
    --live;
    return true;
  }

  uint32_t rows;
  uint32_t live;                // number of bits that are 1
  std::vector<uint64_t> words;  // 1 = live; bits past `rows` are 0
};
using LiveBitsPtr = std::shared_ptr<const LiveBits>;  // nullptr: every row is live

inline bool IsLive(const LiveBitsPtr& bits, Row row) { return bits == nullptr || bits->Get(row); }

// Layout: docs/formats/segment.md, "Live bits". Decode returns kFormatVersion for an unsupported format
// version, and kCorrupt for any other input that EncodeLiveBits did not write for `rows` rows.
std::string EncodeLiveBits(const LiveBits& bits);
Result<LiveBitsPtr> DecodeLiveBits(std::string_view bytes, uint32_t rows);

}  // namespace trine::index
