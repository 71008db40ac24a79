#include "index/columns.h"

#include <bit>

#include "base/check.h"
#include "index/bytes.h"
#include "index/row_set.h"

namespace trine::index {
namespace {

uint64_t LoadWide(const char* values, size_t i, uint8_t width) {
  switch (width) {
    case 1:
      return static_cast<uint8_t>(values[i]);
    case 2:
      return Load<uint16_t>(values + 2 * i);
    case 4:
      return Load<uint32_t>(values + 4 * i);
    default:
      TRINE_DCHECK_EQ(width, 8);
      return Load<uint64_t>(values + 8 * i);
  }
}

// Maps a row of a RowSet to the range of its values. If every row has exactly one value, no offsets are
// stored, and the range is that value. Otherwise the range lies between two stored offsets.
class RowValueRanges {
 public:
  struct Range {
    uint32_t begin = 0, end = 0;
  };
  static std::optional<RowValueRanges> Open(std::string_view segment, const RowSetLayout& rows,
                                            uint32_t row_count, bool multi, const Extent& offsets,
                                            uint32_t value_count) {
    auto set = RowSet::Open(rows.kind, Slice(segment, rows.bytes), rows.count, row_count);
    if (!set) return std::nullopt;
    if (multi ? offsets.length != 4 * (uint64_t{rows.count} + 1) : value_count != rows.count)
      return std::nullopt;
    RowValueRanges values;
    values.set_ = *set;
    values.offsets_ = multi ? segment.data() + offsets.offset : nullptr;
    values.value_count_ = value_count;
    return values;
  }
  Range Of(Row row) const {
    const uint32_t rank = set_.Rank(row);
    if (rank == RowSet::kAbsent) return {};
    TRINE_DCHECK_LT(rank, set_.size());
    if (offsets_ == nullptr) return {rank, rank + 1};
    const Range range{Load<uint32_t>(offsets_ + 4 * static_cast<size_t>(rank)),
                      Load<uint32_t>(offsets_ + 4 * static_cast<size_t>(rank) + 4)};
    return range.begin <= range.end && range.end <= value_count_ ? range : Range{};
  }

 private:
  RowSet set_;
  const char* offsets_ = nullptr;
  uint32_t value_count_ = 0;
};

class SegmentNumberColumn final : public NumberColumn {
 public:
  SegmentNumberColumn(const RowValueRanges& rows, const char* values, const NumberLayout& layout)
      : rows_(rows), values_(values), base_(layout.base), width_(layout.width), kind_(layout.kind) {}
  NumberKind kind() const override { return kind_; }
  size_t count(Row row) const override {
    const auto range = rows_.Of(row);
    return range.end - range.begin;
  }
  int64_t integer(Row row, size_t i) const override {
    TRINE_DCHECK(!is_double());
    return Bits(row, i);
  }
  double real(Row row, size_t i) const override {
    const int64_t v = Bits(row, i);
    if (kind_ == NumberKind::kDouble) return std::bit_cast<double>(v);
    constexpr uint64_t kTwo63 = uint64_t{1} << 63;
    if (kind_ == NumberKind::kUnsigned) return static_cast<double>(static_cast<uint64_t>(v) ^ kTwo63);
    return static_cast<double>(v);
  }

 private:
  int64_t Bits(Row row, size_t i) const {
    const auto range = rows_.Of(row);
    if (i >= range.end - range.begin) return 0;
    return static_cast<int64_t>(LoadWide(values_, range.begin + i, width_) + static_cast<uint64_t>(base_));
  }

  const RowValueRanges rows_;
  const char* const values_;
  const int64_t base_;
  const uint8_t width_;
  const NumberKind kind_;
};

class SegmentKeywordColumn final : public KeywordColumn {
 public:
  SegmentKeywordColumn(const RowValueRanges& rows, std::string_view segment, const KeywordLayout& layout)
      : rows_(rows),
        ordinals_(segment.data() + layout.ordinals.offset),
        offsets_(segment.data() + layout.value_offsets.offset),
        bytes_(Slice(segment, layout.value_bytes)),
        value_count_(layout.value_count),
        width_(layout.width) {}
  size_t count(Row row) const override {
    const auto range = rows_.Of(row);
    return range.end - range.begin;
  }
  uint32_t ordinal(Row row, size_t i) const override {
    const auto range = rows_.Of(row);
    if (i >= range.end - range.begin) return 0;
    const auto ordinal = static_cast<uint32_t>(LoadWide(ordinals_, range.begin + i, width_));
    return ordinal < value_count_ ? ordinal : 0;
  }
  std::string_view value(uint32_t ordinal) const override {
    if (ordinal >= value_count_) return {};
    const auto begin = Load<uint32_t>(offsets_ + 4 * static_cast<size_t>(ordinal));
    const auto end = Load<uint32_t>(offsets_ + 4 * static_cast<size_t>(ordinal) + 4);
    return begin <= end && end <= bytes_.size() ? bytes_.substr(begin, end - begin) : std::string_view();
  }
  uint32_t value_count() const override { return value_count_; }
  std::optional<uint32_t> OrdinalOf(std::string_view wanted) const override {
    uint32_t low = 0, high = value_count_;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (value(middle) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == value_count_ || value(low) != wanted) return std::nullopt;
    return low;
  }

 private:
  const RowValueRanges rows_;
  const char* const ordinals_;
  const char* const offsets_;
  const std::string_view bytes_;
  const uint32_t value_count_;
  const uint8_t width_;
};

class SegmentVectorColumn final : public VectorColumn {
 public:
  SegmentVectorColumn(const RowSet& rows, const char* floats, uint32_t dimension)
      : rows_(rows), floats_(reinterpret_cast<const float*>(floats)), dimension_(dimension) {}
  uint32_t dimension() const override { return dimension_; }
  size_t size() const override { return rows_.size(); }
  Row row_at(size_t i) const override {
    TRINE_DCHECK_LT(i, rows_.size());
    return rows_.At(static_cast<uint32_t>(i));
  }
  const float* at(size_t i) const override {
    TRINE_DCHECK_LT(i, rows_.size());
    return floats_ + i * dimension_;
  }
  const float* Find(Row row) const override {
    const uint32_t rank = rows_.Rank(row);
    return rank == RowSet::kAbsent ? nullptr : at(rank);
  }

 private:
  const RowSet rows_;
  const float* const floats_;
  const uint32_t dimension_;
};

bool IsWidth(uint8_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

}  // namespace

std::unique_ptr<NumberColumn> OpenNumberColumn(std::string_view segment, const NumberLayout& layout,
                                               uint32_t rows) {
  if (!IsWidth(layout.width) || layout.values.length != uint64_t{layout.value_count} * layout.width)
    return nullptr;
  if (layout.kind == NumberKind::kDouble && (layout.width != 8 || layout.base != 0)) return nullptr;
  const auto values =
      RowValueRanges::Open(segment, layout.rows, rows, layout.multi, layout.offsets, layout.value_count);
  if (!values) return nullptr;
  return std::make_unique<SegmentNumberColumn>(*values, segment.data() + layout.values.offset, layout);
}

std::unique_ptr<KeywordColumn> OpenKeywordColumn(std::string_view segment, const KeywordLayout& layout,
                                                 uint32_t rows) {
  if (!IsWidth(layout.width) || layout.ordinals.length != uint64_t{layout.ordinal_count} * layout.width) {
    return nullptr;
  }
  if (layout.value_offsets.length != 4 * (uint64_t{layout.value_count} + 1)) return nullptr;
  const auto values =
      RowValueRanges::Open(segment, layout.rows, rows, layout.multi, layout.offsets, layout.ordinal_count);
  if (!values) return nullptr;
  return std::make_unique<SegmentKeywordColumn>(*values, segment, layout);
}

std::unique_ptr<VectorColumn> OpenVectorColumn(std::string_view segment, const VectorLayout& layout,
                                               uint32_t rows) {
  const auto set = RowSet::Open(layout.rows.kind, Slice(segment, layout.rows.bytes), layout.rows.count, rows);
  if (!set || layout.floats.length != uint64_t{set->size()} * layout.dimension * sizeof(float))
    return nullptr;
  if (layout.floats.offset % alignof(float) != 0) return nullptr;
  return std::make_unique<SegmentVectorColumn>(*set, segment.data() + layout.floats.offset, layout.dimension);
}

}  // namespace trine::index
