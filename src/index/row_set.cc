#include "index/row_set.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace trine::index {

RowSetKind EncodeRowSet(const std::vector<Row>& rows, uint32_t row_count, bool list_only, std::string* out) {
  TRINE_CHECK_LE(rows.size(), row_count);
  if (!rows.empty()) TRINE_CHECK_LT(rows.back(), row_count);
  TRINE_DCHECK(std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end());
  if (rows.size() == row_count) return RowSetKind::kAll;
  // A list takes 4 bytes per member, a bitmap 1.5 bits per row of the segment. The bitmap is faster, so the
  // list is used only where it is clearly smaller.
  if (list_only || rows.size() < row_count / 32) {
    for (Row row : rows) AppendFixed<uint32_t>(row, out);
    return RowSetKind::kList;
  }
  std::vector<uint64_t> words((static_cast<size_t>(row_count) + 63) / 64);
  for (Row row : rows) words[row / 64] |= uint64_t{1} << (row % 64);
  for (uint64_t word : words) AppendFixed<uint64_t>(word, out);
  uint32_t before = 0;
  for (uint64_t word : words) {
    AppendFixed<uint32_t>(before, out);
    before += static_cast<uint32_t>(std::popcount(word));
  }
  return RowSetKind::kBitmap;
}

std::optional<RowSet> RowSet::Open(RowSetKind kind, std::string_view bytes, uint32_t count,
                                   uint32_t row_count) {
  RowSet set;
  set.kind_ = kind;
  set.bytes_ = bytes;
  set.count_ = count;
  set.row_count_ = row_count;
  if (count > row_count) return std::nullopt;
  switch (kind) {
    case RowSetKind::kAll:
      if (count != row_count || !bytes.empty()) return std::nullopt;
      return set;
    case RowSetKind::kBitmap:
      if (bytes.size() != set.words() * 12) return std::nullopt;
      return set;
    case RowSetKind::kList:
      if (bytes.size() != static_cast<size_t>(count) * 4) return std::nullopt;
      return set;
  }
  return std::nullopt;
}

Row RowSet::At(uint32_t i) const {
  TRINE_DCHECK_LT(i, count_);
  if (kind_ == RowSetKind::kAll) return i;
  if (kind_ == RowSetKind::kList) return Load<uint32_t>(bytes_.data() + 4 * static_cast<size_t>(i));
  // Search for the last word before which the set has at most i rows: the row with rank i is in that word.
  const char* ranks = bytes_.data() + 8 * words();
  size_t low = 0, high = words();
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (Load<uint32_t>(ranks + 4 * middle) <= i ? low : high) = middle;
  }
  uint64_t bits = Load<uint64_t>(bytes_.data() + 8 * low);
  for (uint32_t skip = i - Load<uint32_t>(ranks + 4 * low); skip > 0 && bits != 0; --skip) bits &= bits - 1;
  const Row row = static_cast<Row>(64 * low + static_cast<size_t>(bits == 0 ? 0 : std::countr_zero(bits)));
  return row < row_count_ ? row : 0;
}

uint32_t RowSet::RankInList(Row row) const {
  uint32_t low = 0, high = count_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (Load<uint32_t>(bytes_.data() + 4 * static_cast<size_t>(middle)) < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count_ && Load<uint32_t>(bytes_.data() + 4 * static_cast<size_t>(low)) == row ? low : kAbsent;
}

}  // namespace trine::index
