// Checks and helpers for tools that several families share.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "format/json.h"
#include "language/chat.h"

namespace trine::api::bedrock {

// 1 to 64 letters, digits, '_' and '-'.
Status CheckToolName(const std::string& name, const std::string& where);
// A demanded tool must be offered.
Status CheckToolChoice(const language::ChatRequest& chat, const std::string& where);

// The input of a tool call as a JSON value. A model may have written something that is not JSON; its text is
// then the member "input".
format::Json ToolInput(const language::ToolCall& call);

// An estimate of the tokens of a request: those of its texts, tool calls, results and offered tools.
uint64_t PromptTokens(const language::ChatRequest& chat);

}  // namespace trine::api::bedrock
