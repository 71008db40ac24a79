// RowSet: which rows of a segment have something, and the how-manieth each is. Norms and all columns
// stand on one, so that a field that few rows have costs little.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "index/bytes.h"

namespace trine::index {

// Reaches disk; never reuse a number.
enum class RowSetKind : uint8_t {
  kAll = 1,     // every row; no bytes
  kBitmap = 2,  // a bit a row in 64-bit words, then for each word the rows before it (uint32)
  kList = 3,    // the rows, ascending (uint32)
};

// Appends the bytes for `rows` (ascending, each < row_count) and returns the kind. `list_only`: never
// a bitmap, so that At() is one load.
RowSetKind EncodeRowSet(const std::vector<Row>& rows, uint32_t row_count, bool list_only, std::string* out);

// Reads them. A view over the segment's bytes; immutable, thread-safe.
class RowSet {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  RowSet() = default;
  // nullopt when the sizes do not fit together.
  static std::optional<RowSet> Open(RowSetKind kind, std::string_view bytes, uint32_t count,
                                    uint32_t row_count);

  uint32_t size() const { return count_; }
  RowSetKind kind() const { return kind_; }
  // The how-manieth row of the set `row` is, or kAbsent. Always < size().
  uint32_t Rank(Row row) const {
    if (row >= row_count_) return kAbsent;
    if (kind_ == RowSetKind::kAll) return row;
    return kind_ == RowSetKind::kBitmap ? RankInBitmap(row) : RankInList(row);
  }
  // The i-th row; requires i < size().
  Row At(uint32_t i) const;

 private:
  uint32_t RankInBitmap(Row row) const {
    const uint32_t word = row / 64;
    const uint64_t bits = Load<uint64_t>(bytes_.data() + 8 * static_cast<size_t>(word));
    const uint64_t bit = uint64_t{1} << (row % 64);
    if ((bits & bit) == 0) return kAbsent;
    const uint32_t before = Load<uint32_t>(bytes_.data() + 8 * words() + 4 * static_cast<size_t>(word));
    const uint32_t rank = before + static_cast<uint32_t>(std::popcount(bits & (bit - 1)));
    return rank < count_ ? rank : kAbsent;
  }
  uint32_t RankInList(Row row) const;
  size_t words() const { return (static_cast<size_t>(row_count_) + 63) / 64; }

  RowSetKind kind_ = RowSetKind::kList;
  std::string_view bytes_;
  uint32_t count_ = 0;
  uint32_t row_count_ = 0;
};

}  // namespace trine::index
