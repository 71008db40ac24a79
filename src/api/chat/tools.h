// The parts of offered tools that OpenAI's and Anthropic's requests have in common.
#pragma once

#include <string_view>
#include <vector>

#include "api/chat/body_fields.h"
#include "base/result.h"
#include "language/chat.h"

namespace trine::api::chat {

inline constexpr const char* kToolNameRule = "1 to 64 letters, digits, '_' and '-'";
bool IsToolName(std::string_view name);

// Reads name, description and the schema, which is the member `schema_key`, and appends the tool. kInvalid
// for a wrong or repeated name, and for a missing schema if it is required.
Status AddTool(const BodyFields& tool, std::string_view schema_key, bool schema_required,
               std::vector<language::Tool>* tools);

// kInvalid if the choice demands a tool that is not offered. `where` is its path.
Status CheckToolChoice(const language::ChatRequest& chat, const char* where);

}  // namespace trine::api::chat
