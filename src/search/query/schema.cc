#include "search/query/schema.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "catalogue/field_number.h"
#include "catalogue/name_pattern.h"
#include "format/text.h"

namespace trine::search {

using catalogue::Field;
using catalogue::FieldType;

ValueKind KindOf(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return ValueKind::kText;
    case FieldType::kKeyword:
      return ValueKind::kKeyword;
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kScaledFloat:
      return ValueKind::kDouble;
    case FieldType::kBoolean:
      return ValueKind::kBoolean;
    case FieldType::kDate:
      return ValueKind::kDate;
    case FieldType::kKnnVector:
      return ValueKind::kVector;
    case FieldType::kObject:
      return ValueKind::kObject;
    default:
      return ValueKind::kInteger;
  }
}

Error WrongFieldType(const std::string& path, FieldType type, std::string expected, std::string got) {
  const std::string name(catalogue::Name(type));
  return Error(ErrorCode::kFieldType, "the query does not fit field \"" + path + "\" of type " + name)
      .Expected(std::move(expected))
      .Got(std::move(got))
      .Where(path)
      .Detail("type", name);
}

bool Schema::IsNamed(std::string_view pattern) const {
  if (catalogue::MatchesPattern(pattern, collection_.name)) return true;
  return std::ranges::any_of(collection_.aliases, [pattern](const catalogue::Alias& alias) {
    return catalogue::MatchesPattern(pattern, alias.name);
  });
}

Result<AnalyzerPtr> Schema::SearchAnalyzer(const Field& field, const std::string& named) const {
  const auto& settings = collection_.settings;
  std::string name = named;
  if (name.empty()) name = field.search_analyzer;
  if (name.empty()) name = field.analyzer;
  if (name.empty()) name = settings.default_analyzer;
  if (name.empty()) name = "standard";
  return analyzers_.Build(name, settings.analysis);
}

Result<std::string> Schema::Normalize(const Field& field, std::string_view value) const {
  if (field.normalizer.empty()) return std::string(value);
  const auto& normalizers = collection_.settings.analysis.normalizers;
  analysis::AnalyzerSpec spec;
  if (const auto found = normalizers.find(field.normalizer); found != normalizers.end()) {
    spec = found->second;
  } else {
    spec.filters = {field.normalizer};  // a built-in normalizer ("lowercase") has one filter of the same name
  }
  spec.tokenizer = "keyword";
  TRINE_ASSIGN(const AnalyzerPtr analyzer, analyzers_.BuildChain(spec, collection_.settings.analysis));
  std::vector<std::string> terms = analyzer->Terms(value);
  return terms.empty() ? std::string() : std::move(terms.front());
}

std::vector<std::pair<std::string, const Field*>> Schema::LeavesAt(std::string_view path) const {
  std::vector<std::pair<std::string, const Field*>> found;
  if (path.find('*') != std::string_view::npos) {
    for (auto& leaf : collection_.mapping.Leaves()) {
      if (catalogue::MatchesPattern(path, leaf.first)) found.push_back(std::move(leaf));
    }
    return found;
  }
  const Field* field = Find(path);
  if (field != nullptr && field->type != FieldType::kObject) {
    found.emplace_back(path, field);
    return found;
  }
  const std::string below = std::string(path) + ".";
  for (auto& leaf : collection_.mapping.Leaves()) {
    if (leaf.first.starts_with(below)) found.push_back(std::move(leaf));
  }
  return found;
}

Result<std::string> TermText(const format::Json& value, const std::string& field) {
  if (value.is_string()) return value.string();
  if (value.is_bool() || value.is_number()) return format::ToString(value);
  return Error(ErrorCode::kInvalidQuery, "a term for field \"" + field + "\" is not a single value")
      .Expected("a string, a number or a boolean")
      .Got(std::string(value.type_name()))
      .Where(field);
}

namespace {

// Rounds to the nearest half-precision number, which has 11 significant bits.
double ToHalf(double v) {
  if (v == 0 || !(std::fabs(v) < 65520)) return v;
  int exponent = 0;
  std::frexp(v, &exponent);
  const int bits = std::max(exponent - 11, -24);
  return std::ldexp(std::nearbyint(std::ldexp(v, -bits)), bits);
}

}  // namespace

Result<IntegerValue> ParseInteger(const format::Json& value, const std::string& path, FieldType type) {
  const auto number = catalogue::ReadDecimal(type, value);
  if (!number) return WrongFieldType(path, type, "a number", format::ToString(value));
  const catalogue::StoredInteger stored = catalogue::ToStored(type, *number);
  const bool has_fraction = number->Truncate().has_fraction;
  // A negative fraction has the floor -1, which is below every unsigned number.
  const bool floor_is_lower = has_fraction && number->negative;
  if (!stored.inside || (floor_is_lower && type == FieldType::kUnsignedLong))
    return IntegerValue{false, number->negative, true, 0};
  IntegerValue out;
  out.exact = !has_fraction;
  out.value = stored.stored;
  if (!floor_is_lower) return out;
  if (out.value == catalogue::RangeOf(type).lowest) return IntegerValue{false, true, true, 0};
  --out.value;
  return out;
}

Result<double> ParseReal(const format::Json& value, const std::string& path, const Field& field) {
  const auto number = catalogue::ReadReal(value);
  if (!number || !std::isfinite(*number))
    return WrongFieldType(path, field.type, "a number", format::ToString(value));
  switch (field.type) {
    case FieldType::kFloat:
      return static_cast<double>(static_cast<float>(*number));
    case FieldType::kHalfFloat:
      return ToHalf(*number);
    case FieldType::kScaledFloat:
      TRINE_CHECK_GT(field.scaling_factor, 0);  // the mapping rejects all other factors
      return std::floor(*number * field.scaling_factor + 0.5) / field.scaling_factor;
    default:
      return *number;
  }
}

Result<double> ParseRealBound(const format::Json& value, const std::string& path, const Field& field) {
  TRINE_ASSIGN(const double kept, ParseReal(value, path, field));
  if (field.type != FieldType::kHalfFloat && field.type != FieldType::kScaledFloat) return kept;
  Field exact = field;
  exact.type = field.type == FieldType::kHalfFloat ? FieldType::kFloat : FieldType::kDouble;
  TRINE_ASSIGN(const double given, ParseReal(value, path, exact));
  // If the bound differs from a stored value only by a rounding error, use the stored value.
  const double tolerance = 4 * std::numeric_limits<double>::epsilon() * std::fabs(given);
  return field.type == FieldType::kScaledFloat && std::fabs(kept - given) <= tolerance ? kept : given;
}

Result<bool> ParseBoolean(const format::Json& value, const std::string& path) {
  if (value.is_bool()) return value.boolean();
  if (value.is_string()) {
    if (value.string() == "true") return true;
    if (value.string() == "false" || value.string().empty()) return false;
  }
  return WrongFieldType(path, FieldType::kBoolean, "true or false", format::ToString(value));
}

}  // namespace trine::search
