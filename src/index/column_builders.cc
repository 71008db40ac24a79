#include "index/column_builders.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/limits.h"
#include "index/bytes.h"
#include "index/row_set.h"

namespace trine::index {
namespace {

// Returns whether any row has more than one value (every row in `rows` has at least one). Only then are the
// end offsets of the rows written.
bool IsMulti(const std::vector<Row>& rows, size_t values) { return rows.size() != values; }

Extent PutOffsets(const std::vector<uint32_t>& ends, SectionSink* sink) {
  std::string bytes;
  bytes.reserve(4 * (ends.size() + 1));
  AppendFixed<uint32_t>(0, &bytes);
  for (uint32_t end : ends) AppendFixed<uint32_t>(end, &bytes);
  return sink->Put(bytes);
}

// Appends the low `width` bytes of `v`.
void PutWide(std::string* out, uint64_t v, uint8_t width) {
  TRINE_DCHECK(width == 8 || v >> (8 * width) == 0);
  out->append(reinterpret_cast<const char*>(&v), width);
}

uint8_t WidthOf(uint64_t largest) {
  if (largest <= 0xff) return 1;
  if (largest <= 0xffff) return 2;
  return largest <= 0xffffffff ? 4 : 8;
}

}  // namespace

void NumberColumnBuilder::AddIntegers(Row row, std::span<const int64_t> values) {
  TRINE_CHECK(kind_ != NumberKind::kDouble);
  const size_t begin = values_.size();
  values_.insert(values_.end(), values.begin(), values.end());
  std::sort(values_.begin() + static_cast<ptrdiff_t>(begin), values_.end());
  EndRow(row);
}

void NumberColumnBuilder::AddDoubles(Row row, std::span<const double> values) {
  TRINE_CHECK(kind_ == NumberKind::kDouble);
  const size_t begin = values_.size();
  for (double v : values) values_.push_back(std::bit_cast<int64_t>(v));
  // NaN sorts last, which makes the order total.
  std::sort(values_.begin() + static_cast<ptrdiff_t>(begin), values_.end(), [](int64_t a, int64_t b) {
    const auto x = std::bit_cast<double>(a), y = std::bit_cast<double>(b);
    if (x != x || y != y) return x == x && y != y;
    return x < y;
  });
  EndRow(row);
}

void NumberColumnBuilder::EndRow(Row row) {
  if (values_.size() == (ends_.empty() ? 0 : ends_.back())) return;  // the row has no values
  TRINE_CHECK_LE(values_.size(), UINT32_MAX);                        // offsets have 32 bits on disk
  if (!rows_.empty()) TRINE_DCHECK_GT(row, rows_.back());
  rows_.push_back(row);
  ends_.push_back(static_cast<uint32_t>(values_.size()));
}

NumberLayout NumberColumnBuilder::Encode(uint32_t row_count, SectionSink* sink) const {
  TRINE_CHECK_EQ(rows_.size(), ends_.size());
  if (!ends_.empty()) TRINE_CHECK_EQ(ends_.back(), values_.size());
  NumberLayout layout;
  layout.kind = kind_;
  layout.rows = PutRowSet(rows_, row_count, false, sink);
  layout.value_count = static_cast<uint32_t>(values_.size());
  layout.multi = IsMulti(rows_, values_.size());
  if (layout.multi) layout.offsets = PutOffsets(ends_, sink);
  layout.width = 8;
  if (kind_ != NumberKind::kDouble && !values_.empty()) {
    const auto [low, high] = std::minmax_element(values_.begin(), values_.end());
    layout.base = *low;
    layout.width = WidthOf(static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low));
  }
  std::string bytes;
  bytes.reserve(values_.size() * layout.width);
  for (int64_t v : values_)
    PutWide(&bytes, static_cast<uint64_t>(v) - static_cast<uint64_t>(layout.base), layout.width);
  layout.values = sink->Put(bytes);
  return layout;
}

void KeywordColumnBuilder::Add(Row row, std::span<const uint32_t> numbers) {
  if (numbers.empty()) return;
  if (!rows_.empty()) TRINE_DCHECK_GT(row, rows_.back());
  const auto begin = static_cast<ptrdiff_t>(numbers_.size());
  numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
  std::sort(numbers_.begin() + begin, numbers_.end());
  numbers_.erase(std::unique(numbers_.begin() + begin, numbers_.end()), numbers_.end());
  TRINE_DCHECK_LT(numbers_.back(), values_.size());
  TRINE_CHECK_LE(numbers_.size(), UINT32_MAX);  // offsets have 32 bits on disk
  rows_.push_back(row);
  ends_.push_back(static_cast<uint32_t>(numbers_.size()));
}

KeywordLayout KeywordColumnBuilder::Encode(uint32_t row_count, SectionSink* sink) const {
  TRINE_CHECK_EQ(rows_.size(), ends_.size());
  if (!ends_.empty()) TRINE_CHECK_EQ(ends_.back(), numbers_.size());
  // Every interned value is written, even if no live row has it. Only the buffer interns values of deleted
  // rows; a merge interns the values of live rows, so the next merge removes the others.
  const std::vector<uint32_t> sorted = values_.Sorted();
  std::vector<uint32_t> ordinal_of(sorted.size());
  std::vector<uint32_t> value_ends;
  std::string values;
  for (uint32_t i = 0; i < sorted.size(); ++i) {
    ordinal_of[sorted[i]] = i;
    values.append(values_.at(sorted[i]));
    TRINE_CHECK_LE(values.size(), UINT32_MAX);
    value_ends.push_back(static_cast<uint32_t>(values.size()));
  }
  KeywordLayout layout;
  layout.value_count = static_cast<uint32_t>(sorted.size());
  layout.value_offsets = PutOffsets(value_ends, sink);
  layout.value_bytes = sink->Put(values);
  layout.rows = PutRowSet(rows_, row_count, false, sink);
  layout.ordinal_count = static_cast<uint32_t>(numbers_.size());
  layout.multi = IsMulti(rows_, numbers_.size());
  if (layout.multi) layout.offsets = PutOffsets(ends_, sink);
  layout.width = WidthOf(sorted.empty() ? 0 : sorted.size() - 1);
  std::vector<uint32_t> ordinals(numbers_.size());
  for (size_t i = 0; i < ordinals.size(); ++i) ordinals[i] = ordinal_of[numbers_[i]];
  std::string bytes;
  bytes.reserve(ordinals.size() * layout.width);
  for (size_t r = 0, begin = 0; r < ends_.size(); begin = ends_[r++]) {
    std::sort(ordinals.begin() + static_cast<ptrdiff_t>(begin), ordinals.begin() + ends_[r]);
    for (size_t i = begin; i < ends_[r]; ++i) PutWide(&bytes, ordinals[i], layout.width);
  }
  layout.ordinals = sink->Put(bytes);
  return layout;
}

VectorColumnBuilder::VectorColumnBuilder(uint32_t dimension) : dimension_(dimension) {
  TRINE_CHECK_GE(dimension, 1u);
  TRINE_CHECK_LE(dimension, limits::kMaxVectorDimension);
}

void VectorColumnBuilder::Add(Row row, const float* vector) {
  if (!rows_.empty()) TRINE_CHECK_GT(row, rows_.back());
  rows_.push_back(row);
  floats_.insert(floats_.end(), vector, vector + dimension_);
}

VectorLayout VectorColumnBuilder::Encode(uint32_t row_count, SectionSink* sink) const {
  VectorLayout layout;
  TRINE_CHECK_EQ(floats_.size(), rows_.size() * dimension_);
  layout.dimension = dimension_;
  layout.rows = PutRowSet(rows_, row_count, true, sink);
  layout.floats = sink->Put({reinterpret_cast<const char*>(floats_.data()), floats_.size() * sizeof(float)});
  return layout;
}

}  // namespace trine::index
