#include "api/chat/tools.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/chat/limits.h"
#include "base/text.h"

namespace trine::api::chat {

bool IsToolName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxToolNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const char lower = ToLowerAscii(c);
           return (lower >= 'a' && lower <= 'z') || IsAsciiDigit(c) || c == '_' || c == '-';
         });
}

Status AddTool(const BodyFields& tool, std::string_view schema_key, bool schema_required,
               std::vector<language::Tool>* tools) {
  TRINE_DCHECK_LT(tools->size(), kMaxTools);
  language::Tool read;
  TRINE_ASSIGN(read.name, tool.Text("name", true));
  if (!IsToolName(read.name)) return tool.Wrong("name", kToolNameRule);
  const bool repeated =
      std::any_of(tools->begin(), tools->end(), [&](const auto& other) { return other.name == read.name; });
  if (repeated) return tool.Wrong("name", "a name that no other tool has");
  TRINE_ASSIGN(read.description, tool.Text("description", false));
  TRINE_ASSIGN(const format::Json* const schema, tool.Object(schema_key));
  if (schema == nullptr && schema_required) return tool.Wrong(schema_key, "a JSON schema");
  read.input_schema = schema != nullptr ? format::ToString(*schema) : R"({"type":"object","properties":{}})";
  tools->push_back(std::move(read));
  return Ok();
}

Status CheckToolChoice(const language::ChatRequest& chat, const char* where) {
  using Kind = language::ToolChoice::Kind;
  const language::ToolChoice& choice = chat.tool_choice;
  if (choice.kind == Kind::kAny && chat.tools.empty())
    return Error(ErrorCode::kInvalid, "a tool must be called, but none is offered").Where(where);
  const bool offered = std::any_of(chat.tools.begin(), chat.tools.end(),
                                   [&](const auto& tool) { return tool.name == choice.name; });
  if (choice.kind == Kind::kNamed && !offered)
    return Error(ErrorCode::kInvalid, "the tool that must be called is not offered").Where(where);
  return Ok();
}

}  // namespace trine::api::chat
