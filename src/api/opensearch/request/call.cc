#include "api/opensearch/request/call.h"

#include <cmath>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/body_reader.h"
#include "base/text.h"
#include "format/strict_json.h"
#include "format/text.h"

namespace trine::api::opensearch {

using format::Json;

Answer JsonAnswer(const Json& body, int status) {
  Answer answer;
  answer.status = status;
  answer.body = format::ToString(body, {false, format::NumberStyle::kJava});
  return answer;
}

Answer Acknowledged() {
  Answer answer;
  answer.body = R"({"acknowledged":true})";
  return answer;
}

const std::string& Call::Variable(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : variables_) {
    if (key == name) return value;
  }
  return kNone;
}

const std::string* Call::Parameter(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [key, value] : parameters_) {
    if (key == name) found = &value;
  }
  return found;
}

std::string Call::Text(std::string_view name, std::string_view otherwise) const {
  const std::string* value = Parameter(name);
  return value != nullptr ? *value : std::string(otherwise);
}

Result<bool> Call::Flag(std::string_view name, bool otherwise) const {
  const std::string* value = Parameter(name);
  if (value == nullptr) return otherwise;
  if (value->empty() || *value == "true") return true;
  if (*value == "false") return false;
  return IllegalArgument("Failed to parse value [" + *value +
                         "] as only [true] or [false] are allowed for parameter [" + std::string(name) + "]");
}

Result<std::optional<int64_t>> Call::Int(std::string_view name) const {
  const std::string* value = Parameter(name);
  if (value == nullptr) return std::optional<int64_t>();
  const auto parsed = format::ParseInt(*value);
  if (!parsed)
    return IllegalArgument("Failed to parse int parameter [" + std::string(name) + "] with value [" + *value +
                           "]");
  return parsed;
}

std::string_view Call::BodyText() const {
  std::string_view text = request_.body;
  if (text.empty()) {
    if (const std::string* source = Parameter("source"); source != nullptr) text = *source;
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  return text;
}

Result<Json> Call::Body() const {
  const std::string_view text = BodyText();
  if (IsBlank(text)) return Json();
  TRINE_ASSIGN(Json body, format::ParseStrictJson(text));
  if (!body.is_object())
    return ParsingError("Expected [START_OBJECT] but found [" + std::string(body.type_name()) + "]", "body");
  return body;
}

Result<Json> Call::RequiredBody() const {
  TRINE_ASSIGN(Json body, Body());
  if (body.is_null()) return Error(ErrorCode::kDefinitionSyntax, "request body is required");
  return body;
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  if (text == "0" || text == "-1") return format::ParseInt(text);
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"nanos", 1e-6}, {"micros", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};
  for (const auto& [unit, millis] : kUnits) {
    if (text.size() <= unit.size() || text.substr(text.size() - unit.size()) != unit) continue;
    const auto number = format::ParseDouble(text.substr(0, text.size() - unit.size()));
    if (!number) continue;  // the text before this unit is not a number: try the next unit
    if (!(*number >= 0) || *number * millis > 9e15) return std::nullopt;
    return static_cast<int64_t>(std::floor(*number * millis));
  }
  return std::nullopt;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> pieces;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    std::string_view piece = text.substr(begin, end - begin);
    while (!piece.empty() && piece.front() == ' ') piece.remove_prefix(1);
    while (!piece.empty() && piece.back() == ' ') piece.remove_suffix(1);
    if (!piece.empty()) pieces.emplace_back(piece);
    begin = end + 1;
  }
  return pieces;
}

}  // namespace trine::api::opensearch
