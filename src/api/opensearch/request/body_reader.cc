#include "api/opensearch/request/body_reader.h"

#include <cmath>

#include "base/check.h"
#include "format/text.h"

namespace trine::api::opensearch {

using format::Json;

std::string ScalarText(const Json& value) {
  return value.is_string() ? value.string() : format::ToString(value);
}

std::string TokenName(const Json& value) {
  if (value.is_object()) return "START_OBJECT";
  if (value.is_array()) return "START_ARRAY";
  if (value.is_string()) return "VALUE_STRING";
  if (value.is_bool()) return "VALUE_BOOLEAN";
  return value.is_null() ? "VALUE_NULL" : "VALUE_NUMBER";
}

Error ParsingError(std::string message, std::string where) {
  return Error(ErrorCode::kQuerySyntax, std::move(message)).Where(std::move(where));
}

BodyReader::BodyReader(const Json& json, std::string_view what, std::string where)
    : json_(json), what_(what), where_(std::move(where)) {
  if (!json.is_object())
    Fail(ParsingError("[" + what_ + "] query malformed, no start_object after query name", where_));
}

bool BodyReader::Has(std::string_view key) const { return json_.Find(key) != nullptr; }

const Json* BodyReader::Raw(std::string_view key) {
  seen_.insert(std::string(key));
  return json_.Find(key);
}

void BodyReader::Fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Error BodyReader::Wrong(std::string_view key, std::string_view expected, const Json& got) const {
  std::string text = format::ToString(got);
  if (text.size() > 100) text = std::string(format::ToString(got), 0, 100) + "...";
  return ParsingError("[" + what_ + "] failed to parse field [" + std::string(key) + "]", At(key))
      .Where(At(key))
      .Expected(std::string(expected))
      .Got(std::string(got.type_name()) + " " + text);
}

std::string BodyReader::Text(std::string_view key, std::string otherwise) {
  const Json* value = Raw(key);
  if (value == nullptr) return otherwise;
  if (value->is_array() || value->is_object() || value->is_null())
    return Fail(Wrong(key, "text", *value)), otherwise;
  return ScalarText(*value);
}

double BodyReader::Number(std::string_view key, double otherwise) {
  const Json* value = Raw(key);
  if (value == nullptr) return otherwise;
  const auto parsed = value->is_number()   ? std::optional<double>(value->number())
                      : value->is_string() ? format::ParseDouble(value->string())
                                           : std::nullopt;
  if (!parsed || !std::isfinite(*parsed)) return Fail(Wrong(key, "a number", *value)), otherwise;
  return *parsed;
}

int64_t BodyReader::Int(std::string_view key, int64_t otherwise, int64_t least, int64_t most) {
  TRINE_DCHECK_LE(least, most);
  const Json* value = Raw(key);
  if (value == nullptr) return otherwise;
  std::optional<int64_t> parsed;
  if (value->is_int())
    parsed = value->integer();
  else if (value->is_number() && value->number() == std::floor(value->number()) &&
           std::fabs(value->number()) < 9e15)
    parsed = static_cast<int64_t>(value->number());
  else if (value->is_string())
    parsed = format::ParseInt(value->string());
  if (!parsed || *parsed < least || *parsed > most) {
    return Fail(Wrong(key, "an integer from " + std::to_string(least) + " to " + std::to_string(most),
                      *value)),
           otherwise;
  }
  return *parsed;
}

bool BodyReader::Flag(std::string_view key, bool otherwise) {
  const Json* value = Raw(key);
  if (value == nullptr) return otherwise;
  if (value->is_bool()) return value->boolean();
  if (value->is_string() && value->string() == "true") return true;
  if (value->is_string() && (value->string() == "false" || value->string().empty())) return false;
  return Fail(Wrong(key, "true or false", *value)), otherwise;
}

std::vector<const Json*> BodyReader::List(std::string_view key) {
  std::vector<const Json*> out;
  const Json* value = Raw(key);
  if (value == nullptr) return out;
  if (!value->is_array()) return {value};
  for (const Json& one : value->array()) out.push_back(&one);
  return out;
}

Status BodyReader::Done() {
  if (error_) return std::move(*error_);
  TRINE_CHECK(json_.is_object());
  for (const auto& [key, value] : json_.object()) {
    if (seen_.find(key) == seen_.end())
      return ParsingError("[" + what_ + "] query does not support [" + key + "]", At(key));
  }
  return Ok();
}

}  // namespace trine::api::opensearch
