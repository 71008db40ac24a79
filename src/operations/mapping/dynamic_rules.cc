#include "operations/mapping/dynamic_rules.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "format/date_format.h"
#include "format/text.h"

namespace trine::operations {
namespace {

using catalogue::Field;
using catalogue::FieldType;

struct DatePattern {
  std::string_view detected_format;  // the format that a value must match
  std::string_view field_format;     // the format of the new field; empty: the default
};
constexpr std::array<DatePattern, 2> kDatePatterns = {{
    {"strict_date_optional_time", ""},
    {"yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z||yyyy/MM/dd HH:mm:ss||yyyy/MM/dd",
     "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"},
}};

// The pattern that `text` matches; nullptr if it does not look like a date. A bare number is never a date,
// because most numbers would parse as a year.
const DatePattern* DetectDate(const std::string& text) {
  constexpr size_t kShortest = 6, kLongest = 40;
  if (text.size() < kShortest || text.size() > kLongest || text[0] < '0' || text[0] > '9') return nullptr;
  if (format::ParseDouble(text)) return nullptr;
  static const auto kFormats = [] {
    std::vector<format::DateFormat> compiled;
    compiled.reserve(std::size(kDatePatterns));
    for (const DatePattern& d : kDatePatterns)
      compiled.push_back(std::move(format::DateFormat::Compile(d.detected_format)).value());
    return compiled;
  }();
  for (size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].Parse(text)) return &kDatePatterns[i];
  }
  return nullptr;
}

Field TextWithKeyword(const std::string& name) {
  constexpr int64_t kIgnoreAbove = 256;
  Field keyword;
  keyword.name = "keyword";
  keyword.type = FieldType::kKeyword;
  keyword.ignore_above = kIgnoreAbove;
  keyword.client_parameters = {{"ignore_above", format::Json(kIgnoreAbove)}};
  Field text;
  text.name = name;
  text.type = FieldType::kText;
  text.fields.push_back(std::move(keyword));
  return text;
}

}  // namespace

std::optional<Field> InferField(const std::string& name, const format::Json& value, bool date_detection) {
  Field field;
  field.name = name;
  if (value.is_object()) {
    field.type = FieldType::kObject;
  } else if (value.is_bool()) {
    field.type = FieldType::kBoolean;
  } else if (value.is_whole_number()) {
    field.type = FieldType::kLong;  // also beyond 64 bits: then the value is refused, as by OpenSearch
  } else if (value.is_number()) {
    field.type = FieldType::kFloat;
  } else if (value.is_string()) {
    const DatePattern* date = date_detection ? DetectDate(value.string()) : nullptr;
    if (date == nullptr) return TextWithKeyword(name);
    field.type = FieldType::kDate;
    field.format = date->field_format;
    if (!field.format.empty()) field.client_parameters = {{"format", format::Json(field.format)}};
  } else {
    return std::nullopt;
  }
  return field;
}

}  // namespace trine::operations
