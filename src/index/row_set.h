// RowSet: which rows of a segment have a value, and the rank of each row (first, second, ...). Norms and all
// columns use a RowSet, so that a field that only few rows have takes little space.
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
  kBitmap = 2,  // one bit per row in 64-bit words, then per word the number of set bits before it (uint32)
  kList = 3,    // the rows, ascending (uint32)
};

// Appends the encoded set of `rows` and returns its kind. Requires strictly ascending rows below row_count.
// With `list_only`, the set is never stored as a bitmap, so that At needs only a single load.
RowSetKind EncodeRowSet(const std::vector<Row>& rows, uint32_t row_count, bool list_only, std::string* out);

// Reads what EncodeRowSet wrote. A view over the segment's bytes; immutable and thread-safe. Damaged bytes
// give wrong ranks and rows, but never ones out of range.
class RowSet {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  RowSet() = default;
  // Returns nullopt if the kind and the sizes contradict each other.
  static std::optional<RowSet> Open(RowSetKind kind, std::string_view bytes, uint32_t count,
                                    uint32_t row_count);

  uint32_t size() const { return count_; }
  RowSetKind kind() const { return kind_; }
  // Returns the number of rows in the set that are smaller than `row`, always less than size(); kAbsent if
  // `row` is not in the set.
  uint32_t Rank(Row row) const {
    if (row >= row_count_) return kAbsent;
    if (kind_ == RowSetKind::kAll) return row;
    return kind_ == RowSetKind::kBitmap ? RankInBitmap(row) : RankInList(row);
  }
  // The row with rank i. Requires i < size().
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
