#include "search/collect/sort.h"

#include <cmath>
#include <limits>

#include "base/check.h"
#include "catalogue/field_number.h"
#include "catalogue/metadata_fields.h"
#include "format/text.h"
#include "search/query/date_math.h"

namespace trine::search {
namespace {

using catalogue::FieldType;
using Kind = SortKeyValue::Kind;
using Source = ResolvedSortKey::Source;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Error InvalidKey(ErrorCode code, std::string message, const std::string& field) {
  return Error(code, std::move(message)).Where(field);
}

// Converts to int64, clamped to its range.
int64_t Clamped(double v) {
  if (v >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (v < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(v);
}

// Rounds to float32 if the key has that type.
double RoundToKeyType(double v, const ResolvedSortKey& key) {
  return key.real_type == ResolvedSortKey::RealType::kSingle ? static_cast<double>(static_cast<float>(v)) : v;
}

// Parses a value from the request as a value of the key.
Result<SortKeyValue> ParseValue(const format::Json& value, const ResolvedSortKey& key, const Schema& schema,
                                ErrorCode code) {
  SortKeyValue out;
  out.kind = key.kind;
  if (key.kind == Kind::kText) {
    if (!value.is_string())
      return InvalidKey(code, "a sort value for field \"" + key.field + "\" has the wrong type", key.field)
          .Expected("a string")
          .Got(format::ToString(value));
    out.text = value.string();
    return out;
  }
  if (key.is_date && value.is_string()) {
    const catalogue::Field* field = schema.Find(key.field);
    const auto time = ParseDateValue(
        value, {field == nullptr ? std::string_view() : field->format, {}, schema.now(), false});
    if (!time.ok()) return InvalidKey(code, time.error().message, key.field).Cause(time.error());
    out.integer = time->value;
    return out;
  }
  const auto wrong = [&] {
    return InvalidKey(code, "a sort value for field \"" + key.field + "\" has the wrong type", key.field)
        .Expected("a number")
        .Got(format::ToString(value));
  };
  const format::Json number = value.is_bool() ? format::Json(value.boolean() ? 1 : 0) : value;
  if (key.kind == Kind::kInteger) {
    const auto integer =
        ParseInteger(number, key.field, key.is_unsigned ? FieldType::kUnsignedLong : FieldType::kLong);
    if (!integer.ok()) return wrong();
    using Limits = std::numeric_limits<int64_t>;
    out.integer = integer->inside ? integer->value : integer->below ? Limits::min() : Limits::max();
    return out;
  }
  const std::optional<double> real = catalogue::ReadReal(number);
  if (!real || std::isnan(*real)) return wrong();
  out.real = RoundToKeyType(*real, key);
  return out;
}

Status ResolveMissing(const format::Json& given, const Schema& schema, ResolvedSortKey* key) {
  const bool first = given.is_string() && given.string() == "_first";
  const bool last = given.is_null() || (given.is_string() && given.string() == "_last");
  key->missing.kind = key->kind;
  if (!first && !last) {
    TRINE_ASSIGN(key->missing, ParseValue(given, *key, schema, ErrorCode::kInvalidQuery));
    if (key->kind == Kind::kText) {
      key->missing_text = given.string();
      key->missing.text = {};
    }
    return Ok();
  }
  // A row without a value gets the number that sorts it first or last, as required: in ascending order the
  // lowest number sorts first, in descending order last.
  const bool lowest = first != key->descending;
  key->missing.integer = lowest ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  if (key->is_narrow) {
    key->missing.integer = lowest ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int32_t>::max();
  }
  key->missing.real = lowest ? -kInfinity : kInfinity;
  key->missing.missing = first ? -1 : 1;
  return Ok();
}

ResolvedSortKey::RealType RealTypeOf(FieldType type) {
  switch (type) {
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
      return ResolvedSortKey::RealType::kSingle;
    default:
      return ResolvedSortKey::RealType::kDouble;
  }
}

// Sets the kind of the values that a key of this type compares, or says why the field cannot be sorted by.
// `field` is null when only `unmapped_type` is known.
Status ResolveType(const SortKey& given, FieldType type, const catalogue::Field* field,
                   ResolvedSortKey* key) {
  switch (KindOf(type)) {
    case ValueKind::kKeyword:
      key->kind = Kind::kText;
      break;
    case ValueKind::kDouble:
      key->kind = Kind::kReal;
      key->real_type = RealTypeOf(type);
      break;
    case ValueKind::kInteger:
    case ValueKind::kBoolean:
      key->is_unsigned = type == FieldType::kUnsignedLong;
      key->is_narrow = type != FieldType::kUnsignedLong && type != FieldType::kLong;
      break;
    case ValueKind::kDate:
      key->is_date = true;
      break;
    case ValueKind::kText:
      return InvalidKey(ErrorCode::kUnsortableField,
                        "cannot sort by text field \"" + given.field + "\": text fields have no sort values",
                        given.field)
          .Expected("a keyword field")
          .Detail("type", "text");
    default:
      return InvalidKey(ErrorCode::kUnsortableField,
                        "cannot sort by field \"" + given.field + "\": values of its type have no order",
                        given.field);
  }
  if (field != nullptr && !field->doc_values) {
    return InvalidKey(ErrorCode::kUnsortableField,
                      "cannot sort by field \"" + given.field + "\": its mapping has no doc_values",
                      given.field)
        .Expected("a field with doc_values")
        .Detail("type", std::string(catalogue::Name(type)));
  }
  return Ok();
}

Result<ResolvedSortKey> ResolveKey(const SortKey& given, const Schema& schema) {
  ResolvedSortKey key;
  key.field = given.field;
  key.descending = given.descending;
  key.mode = given.mode;
  if (given.by == SortKey::By::kScore) {
    key.source = Source::kScore;
    key.kind = Kind::kReal;
    key.real_type = ResolvedSortKey::RealType::kSingle;
    return key;
  }
  if (given.by == SortKey::By::kIndexOrder) {
    key.source = Source::kIndexOrder;
    return key;
  }
  if (given.by == SortKey::By::kId) {  // returns early: every row has an id, so `missing` is not used
    key.source = Source::kId;
    key.kind = Kind::kText;
    return key;
  }
  if (given.field == "_index") {  // one value for all rows of a collection
    key.kind = Kind::kText;
    key.missing.kind = Kind::kText;
    key.missing_text = schema.collection().name;
    return key;
  }
  const catalogue::Field* field = schema.Find(given.field);
  std::optional<FieldType> type;
  if (field != nullptr) {
    type = field->type;
  } else if (!given.unmapped_type.empty() && catalogue::FindMetadataField(given.field) != nullptr) {
    // In OpenSearch these fields have values, so treating them as unmapped would give another order.
    return Error(ErrorCode::kUnsupported, "sorting by this metadata field is not supported")
        .Where(given.field);
  } else if (!given.unmapped_type.empty()) {
    type = catalogue::FieldTypeNamed(given.unmapped_type);
    if (!type)
      return InvalidKey(ErrorCode::kInvalidQuery, "unknown unmapped_type \"" + given.unmapped_type + "\"",
                        given.field)
          .Expected("the name of a field type");
  } else {
    return InvalidKey(ErrorCode::kUnmappedSortField,
                      "cannot sort by field \"" + given.field + "\": it is not mapped", given.field);
  }
  TRINE_TRY(ResolveType(given, *type, field, &key));
  if (field != nullptr) key.source = key.kind == Kind::kText ? Source::kKeywords : Source::kNumbers;
  const bool sums = given.mode == SortKey::Mode::kAvg || given.mode == SortKey::Mode::kSum;
  if (sums && key.kind == Kind::kText) {
    return InvalidKey(ErrorCode::kInvalidQuery,
                      "cannot sort by the average or sum of keyword field \"" + given.field + "\"",
                      given.field);
  }
  TRINE_TRY(ResolveMissing(given.missing, schema, &key));
  return key;
}

template <typename T>
int ThreeWayCompare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int CompareValues(const SortKeyValue& a, const SortKeyValue& b, bool descending) {
  if (a.kind == Kind::kText || b.kind == Kind::kText) {
    const int a_rank = a.kind == Kind::kText ? a.missing : 0, b_rank = b.kind == Kind::kText ? b.missing : 0;
    if (a_rank != b_rank) return a_rank - b_rank;
    if (a_rank != 0) return 0;
    // The field can be a number in one target and text in another: numbers come first.
    if (a.kind != b.kind) return a.kind == Kind::kText ? 1 : -1;
    const int order = ThreeWayCompare(a.text, b.text);
    return descending ? -order : order;
  }
  int order;
  if (a.kind == b.kind) {
    order =
        a.kind == Kind::kInteger ? ThreeWayCompare(a.integer, b.integer) : ThreeWayCompare(a.real, b.real);
  } else {
    const double x = a.kind == Kind::kInteger ? static_cast<double>(a.integer) : a.real;
    const double y = b.kind == Kind::kInteger ? static_cast<double>(b.integer) : b.real;
    order = ThreeWayCompare(x, y);
  }
  return descending ? -order : order;
}

// The sum or the rounded average of `n` integers. A sum that does not fit the type is clamped.
int64_t SumAsInteger(const index::NumberColumn& column, Row row, size_t n, const ResolvedSortKey& key) {
  constexpr double kTwo63 = 0x1p63;
  const auto rounded_average = [&] {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += column.real(row, i);
    return std::floor(sum / static_cast<double>(n) + 0.5);
  };
  if (key.mode == SortKey::Mode::kAvg) {
    const double average = rounded_average();
    return key.is_unsigned ? Clamped(average - kTwo63) : Clamped(average);
  }
  if (!key.is_unsigned) {
    int64_t sum = 0;
    for (size_t i = 0; i < n; ++i) {
      const int64_t value = column.integer(row, i);
      if (__builtin_add_overflow(sum, value, &sum))
        return value < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    }
    return sum;
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < n; ++i) {
    if (__builtin_add_overflow(sum, catalogue::UnsignedValue(column.integer(row, i)), &sum))
      return std::numeric_limits<int64_t>::max();
  }
  return catalogue::StoredUnsigned(sum);
}

// Selects or computes the sort value of a row that has `n` values. Requires n > 0.
SortKeyValue SelectNumber(const index::NumberColumn& column, Row row, size_t n, const ResolvedSortKey& key) {
  TRINE_DCHECK_GT(n, 0u);
  using Mode = SortKey::Mode;
  const bool highest = key.mode == Mode::kMax || (key.mode == Mode::kDefault && key.descending);
  SortKeyValue out;
  out.kind = key.kind;
  if (n > 1 && (key.mode == Mode::kAvg || key.mode == Mode::kSum)) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += column.real(row, i);
    out.real = RoundToKeyType(key.mode == Mode::kAvg ? sum / static_cast<double>(n) : sum, key);
    // As in OpenSearch, the average of integers is rounded to an integer.
    if (key.kind == Kind::kInteger && column.is_double()) {
      out.integer = Clamped(std::floor(out.real + 0.5));
    } else if (key.kind == Kind::kInteger) {
      out.integer = SumAsInteger(column, row, n, key);
    }
    return out;
  }
  const size_t i = highest ? n - 1 : 0;
  if (key.kind == Kind::kInteger && !column.is_double()) {
    out.integer = column.integer(row, i);
  } else {
    out.kind = Kind::kReal;
    out.real = column.real(row, i);
  }
  return out;
}

}  // namespace

Result<SortOrder> SortOrder::Resolve(const std::vector<SortKey>& keys, const Schema& schema) {
  SortOrder order;
  for (const SortKey& key : keys) {
    TRINE_ASSIGN(ResolvedSortKey resolved, ResolveKey(key, schema));
    order.keys_.push_back(std::move(resolved));
  }
  for (ResolvedSortKey& key : order.keys_) {
    if (key.kind == Kind::kText && key.missing.missing == 0) key.missing.text = key.missing_text;
  }
  return order;
}

Result<std::vector<SortKeyValue>> SortOrder::ParseAfter(const std::vector<SortValue>& values,
                                                        const Schema& schema) const {
  if (values.size() != keys_.size()) {
    return InvalidKey(ErrorCode::kSearchAfter, "search_after does not have one value per sort key",
                      "search_after")
        .Expected(std::to_string(keys_.size()))
        .Got(std::to_string(values.size()))
        .Detail("sort_keys", std::to_string(keys_.size()));
  }
  std::vector<SortKeyValue> after;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null() && keys_[i].source != Source::kScore) {
      after.push_back(keys_[i].missing);
      continue;
    }
    TRINE_ASSIGN(SortKeyValue value, ParseValue(values[i], keys_[i], schema, ErrorCode::kSearchAfter));
    after.push_back(value);
  }
  return after;
}

bool SortOrder::needs_scores() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const auto& k) { return k.source == Source::kScore; });
}

KeyReader::KeyReader(const SortOrder& order, const index::SegmentReader& segment, uint64_t row_base)
    : order_(order), segment_(segment), row_base_(row_base) {
  for (const ResolvedSortKey& key : order.keys()) {
    Columns columns;
    if (key.source == Source::kNumbers) columns.numbers = segment.numbers(key.field);
    if (key.source == Source::kKeywords) columns.keywords = segment.keywords(key.field);
    columns_.push_back(columns);
  }
}

SortKeyValue KeyReader::ValueOf(size_t i, Row row, float score) const {
  const ResolvedSortKey& key = order_.keys()[i];
  SortKeyValue out;
  switch (key.source) {
    case Source::kScore:
      out.kind = Kind::kReal;
      out.real = static_cast<double>(score);
      return out;
    case Source::kIndexOrder:
      out.integer = static_cast<int64_t>(row_base_ + row);
      return out;
    case Source::kId:
      out.kind = Kind::kText;
      out.text = segment_.id(row);
      return out;
    case Source::kNumbers: {
      const size_t n = columns_[i].numbers == nullptr ? 0 : columns_[i].numbers->count(row);
      return n == 0 ? key.missing : SelectNumber(*columns_[i].numbers, row, n, key);
    }
    case Source::kKeywords: {
      const index::KeywordColumn* column = columns_[i].keywords;
      const size_t n = column == nullptr ? 0 : column->count(row);
      if (n == 0) return key.missing;
      const bool highest =
          key.mode == SortKey::Mode::kMax || (key.mode == SortKey::Mode::kDefault && key.descending);
      out.kind = Kind::kText;
      out.text = column->value(column->ordinal(row, highest ? n - 1 : 0));
      return out;
    }
    case Source::kNothing:
      return key.missing;
  }
  return out;
}

void KeyReader::Read(Row row, float score, std::vector<SortKeyValue>* values) const {
  values->resize(order_.size());
  for (size_t i = 0; i < order_.size(); ++i) (*values)[i] = ValueOf(i, row, score);
}

int CompareKeys(const SortOrder& order, const std::vector<SortKeyValue>& a,
                const std::vector<SortKeyValue>& b) {
  TRINE_DCHECK_EQ(a.size(), order.size());
  TRINE_DCHECK_EQ(b.size(), order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (const int c = CompareValues(a[i], b[i], order.keys()[i].descending); c != 0) return c;
  }
  return 0;
}

SortValue ToSortValue(const SortKeyValue& value, const ResolvedSortKey& key) {
  switch (value.kind) {
    case Kind::kInteger:
      return key.is_unsigned ? SortValue(catalogue::UnsignedValue(value.integer)) : SortValue(value.integer);
    case Kind::kReal:
      if (key.real_type == ResolvedSortKey::RealType::kSingle)
        return SortValue::Float(static_cast<float>(value.real));
      return SortValue(value.real);
    case Kind::kText:
      break;
  }
  if (value.missing != 0) return SortValue(nullptr);
  return SortValue(std::string(value.text));
}

bool TopSorted::Before(const SortedRow& a, const SortedRow& b) const {
  const int c = CompareKeys(order_, a.values, b.values);
  return c != 0 ? c < 0 : a.at < b.at;
}

void TopSorted::Offer(RowLocation at, float score, const std::vector<SortKeyValue>& values) {
  if (capacity_ == 0) return;
  auto before = [this](const SortedRow& a, const SortedRow& b) { return Before(a, b); };
  if (heap_.size() == capacity_) {
    // Of rows with equal keys, the one that was offered first is kept.
    if (CompareKeys(order_, values, heap_.front().values) >= 0) return;
    std::pop_heap(heap_.begin(), heap_.end(), before);
    heap_.back() = {at, score, values};
  } else {
    heap_.push_back({at, score, values});
  }
  std::push_heap(heap_.begin(), heap_.end(), before);
}

std::vector<SortedRow> TopSorted::Take() {
  std::sort(heap_.begin(), heap_.end(),
            [this](const SortedRow& a, const SortedRow& b) { return Before(a, b); });
  return std::exchange(heap_, {});
}

int CompareSortValues(const SortValue& a, const SortValue& b, bool descending) {
  if (a.is_null() || b.is_null()) return static_cast<int>(a.is_null()) - static_cast<int>(b.is_null());
  const auto compare = [](auto x, auto y) { return x < y ? -1 : (x > y ? 1 : 0); };
  int order = 0;
  if (a.is_string() && b.is_string())
    order = a.string().compare(b.string());
  else if (a.is_int() && b.is_int())
    order = compare(a.integer(), b.integer());  // as doubles, large integers would be rounded
  else if (a.is_integer() && b.is_integer())
    order = a.is_int()   ? -1  // `b` is above the range of int64
            : b.is_int() ? 1
                         : compare(a.unsigned_integer(), b.unsigned_integer());
  else if (a.is_number() && b.is_number())
    order = compare(a.number(), b.number());
  return descending ? -order : order;
}

}  // namespace trine::search
