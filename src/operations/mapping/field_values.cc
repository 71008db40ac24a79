#include "operations/mapping/field_values.h"

#include <cmath>

#include "base/utf8.h"
#include "catalogue/field_number.h"
#include "format/text.h"

namespace trine::operations {
namespace {

using catalogue::Field;
using catalogue::FieldType;
using format::Json;

Error ValueError(ErrorCode code, std::string message, std::string expected, std::string got) {
  return Error(code, std::move(message)).Expected(std::move(expected)).Got(std::move(got));
}

Error OutOfRange(const Json& value, FieldType type) {
  return ValueError(ErrorCode::kNumberRange, "the number is out of range", std::string(Name(type)),
                    Preview(value));
}

Result<int64_t> ReadWhole(FieldType type, const Json& value, const std::string& text) {
  if (value.is_int() && type != FieldType::kUnsignedLong) {
    const catalogue::IntegerRange range = catalogue::RangeOf(type);
    if (value.integer() < range.lowest || value.integer() > range.highest) return OutOfRange(value, type);
    return value.integer();
  }
  const auto number = catalogue::ReadDecimal(type, value);
  if (!number) return ValueError(ErrorCode::kNumberSyntax, "not a number", "number", text);
  const catalogue::StoredInteger stored = catalogue::ToStored(type, *number);
  if (!stored.inside) return OutOfRange(value, type);
  return stored.stored;
}

// Rounds to the 11 significant bits of a half float, like Lucene's HalfFloatPoint.
double ToHalf(double v) {
  if (v == 0) return v;
  int exponent = 0;
  std::frexp(v, &exponent);
  const int bits = std::max(exponent - 11, -24);
  return std::ldexp(std::nearbyint(std::ldexp(v, -bits)), bits);
}

Result<double> ReadReal(const Field& field, const Json& value, const std::string& text) {
  const std::optional<double> real = catalogue::ReadReal(value);
  if (!real) return ValueError(ErrorCode::kNumberSyntax, "not a number", "number", text);
  double kept = *real;
  switch (field.type) {
    case FieldType::kFloat:
      kept = static_cast<double>(static_cast<float>(*real));
      break;
    case FieldType::kHalfFloat:
      kept = std::abs(*real) < 65520 ? ToHalf(*real) : INFINITY;
      break;
    case FieldType::kScaledFloat:
      kept = std::floor(*real * field.scaling_factor + 0.5) / field.scaling_factor;
      break;
    default:
      break;
  }
  if (!std::isfinite(kept)) {
    return ValueError(ErrorCode::kNumberNotFinite, "the number is not finite", std::string(Name(field.type)),
                      text);
  }
  return kept;
}

void AppendPreview(const Json& value, std::string* out) {
  constexpr size_t kEnough = 400;
  if (out->size() > kEnough) return;
  if (value.is_object()) {
    *out += '{';
    bool first = true;
    for (const auto& [name, member] : value.object()) {
      if (!first) *out += ", ";
      first = false;
      *out += name + '=';
      AppendPreview(member, out);
    }
    *out += '}';
  } else if (value.is_array()) {
    *out += '[';
    bool first = true;
    for (const Json& element : value.array()) {
      if (!first) *out += ", ";
      first = false;
      AppendPreview(element, out);
    }
    *out += ']';
  } else {
    *out += ScalarText(value).value_or("null");
  }
}

}  // namespace

std::optional<std::string> ScalarText(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  if (value.is_number()) return format::ToString(value);
  return std::nullopt;
}

bool StoredAsDouble(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFloat:
    case FieldType::kHalfFloat:
    case FieldType::kScaledFloat:
      return true;
    default:
      return false;
  }
}

Result<std::optional<NumberValue>> ReadNumber(const Field& field, const Json& value) {
  if (value.is_bool()) {
    return ValueError(ErrorCode::kValueType, "not a number", "number", value.boolean() ? "true" : "false");
  }
  const std::optional<std::string> text = ScalarText(value);
  if (!text)
    return ValueError(ErrorCode::kValueType, "not a number", "number", std::string(value.type_name()));
  if (text->empty()) return std::optional<NumberValue>();
  NumberValue number;
  number.is_double = StoredAsDouble(field.type);
  if (number.is_double) {
    TRINE_ASSIGN(number.real, ReadReal(field, value, *text));
  } else {
    TRINE_ASSIGN(number.integer, ReadWhole(field.type, value, *text));
  }
  return std::optional<NumberValue>(number);
}

Result<bool> ReadBoolean(const Json& value) {
  if (value.is_bool()) return value.boolean();
  if (value.is_string()) {
    if (value.string() == "true") return true;
    if (value.string() == "false" || value.string().empty()) return false;
  }
  return ValueError(ErrorCode::kBooleanSyntax, "neither true nor false", "boolean", Preview(value));
}

Result<int64_t> ReadDate(const std::string& path, const Field& field, const format::DateFormat& date_format,
                         const Json& value) {
  std::optional<std::string> text;
  if (!value.is_bool()) text = ScalarText(value);
  const std::optional<Millis> time = text ? date_format.Parse(*text) : std::nullopt;
  if (!time) {
    const std::string pattern = field.format.empty() ? std::string(format::kDefaultDateFormat) : field.format;
    return ValueError(ErrorCode::kDateSyntax, "not a date in this format", pattern, Preview(value))
        .Where(path);
  }
  return time->value;
}

Result<std::vector<float>> ReadVector(const Field& field, const Json& value) {
  if (!value.is_array())
    return ValueError(ErrorCode::kValueType,
                      "a vector must be an array of numbers, got " + std::string(value.type_name()), "vector",
                      std::string(value.type_name()));
  const Json::Array& elements = value.array();
  if (elements.size() != field.dimension) {
    return ValueError(ErrorCode::kVectorDimension, "the vector does not have the field's dimension",
                      std::to_string(field.dimension), std::to_string(elements.size()));
  }
  std::vector<float> vector;
  vector.reserve(elements.size());
  bool all_zero = true;
  for (const Json& element : elements) {
    std::optional<double> real;
    if (element.is_number()) real = element.number();
    if (element.is_string()) real = format::ParseDouble(element.string());
    if (!real)
      return ValueError(ErrorCode::kVectorElement, "a vector element is not a number", "number",
                        Preview(element));
    const float component = static_cast<float>(*real);
    if (std::isnan(component))
      return ValueError(ErrorCode::kVectorElement, "a vector element is not finite", "number", "NaN");
    if (std::isinf(component))
      return ValueError(ErrorCode::kVectorElement, "a vector element is not finite", "number", "infinity");
    all_zero = all_zero && component == 0;
    vector.push_back(component);
  }
  if (all_zero && field.space == catalogue::VectorSpace::kCosine) {
    return Error(ErrorCode::kZeroVector, "a zero vector has no direction, which cosine similarity requires");
  }
  return vector;
}

std::string Preview(const Json& value) {
  constexpr size_t kShown = 500;
  std::string out;
  AppendPreview(value, &out);
  if (out.size() > kShown) {
    out.resize(kShown);
    out.resize(ValidUtf8Prefix(out));
    out += "...";
  }
  return out;
}

}  // namespace trine::operations
