#include "api/bedrock/tools.h"

#include <algorithm>

#include "api/bedrock/errors.h"
#include "api/bedrock/invocation.h"
#include "base/check.h"
#include "base/text.h"
#include "language/model.h"

namespace trine::api::bedrock {

Status CheckToolName(const std::string& name, const std::string& where) {
  constexpr size_t kMaxNameBytes = 64;  // the service's bound
  const bool known = std::all_of(name.begin(), name.end(), [](char c) {
    const char lower = ToLowerAscii(c);
    return IsAsciiDigit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '-';
  });
  if (known && !name.empty() && name.size() <= kMaxNameBytes) return Ok();
  return Invalid(where + ": the name of a tool must satisfy the regular expression [a-zA-Z0-9_-]{1,64}",
                 where);
}

Status CheckToolChoice(const language::ChatRequest& chat, const std::string& where) {
  using Kind = language::ToolChoice::Kind;
  const language::ToolChoice& choice = chat.tool_choice;
  if (choice.kind == Kind::kAuto || choice.kind == Kind::kNone) return Ok();
  if (chat.tools.empty()) return Invalid(where + " may only be specified while providing tools", where);
  if (choice.kind == Kind::kAny) return Ok();
  for (const language::Tool& tool : chat.tools) {
    if (tool.name == choice.name) return Ok();
  }
  return Invalid(where + ": the tool \"" + choice.name + "\" is not among the offered tools", where);
}

format::Json ToolInput(const language::ToolCall& call) {
  auto parsed = format::ParseJson(call.input);
  if (parsed.ok() && parsed->is_object()) return *std::move(parsed);
  format::Json wrapped(format::Json::Object{});
  if (!call.input.empty()) wrapped.Set("input", call.input);
  return wrapped;
}

uint64_t PromptTokens(const language::ChatRequest& chat) {
  uint64_t tokens = 0;
  for (const language::ChatMessage& message : chat.messages) {
    tokens += language::CountTokens(message.text);
    for (const auto& call : message.tool_calls)
      tokens += language::CountTokens(call.name) + language::CountTokens(call.input);
    for (const auto& result : message.tool_results) tokens += language::CountTokens(result.text);
  }
  for (const language::Tool& tool : chat.tools)
    tokens += language::CountTokens(tool.name) + language::CountTokens(tool.description) +
              language::CountTokens(tool.input_schema);
  return tokens;
}

void SetInvocationMetrics(const language::ChatAnswer& answer, const AnswerFacts& facts, format::Json* chunk) {
  TRINE_CHECK(chunk->is_object() || chunk->is_null());
  TRINE_DCHECK_GE(facts.latency_ms, 0);
  format::Json metrics;
  metrics.Set("inputTokenCount", static_cast<uint64_t>(answer.input_tokens));
  metrics.Set("outputTokenCount", static_cast<uint64_t>(answer.output_tokens));
  metrics.Set("invocationLatency", facts.latency_ms);
  metrics.Set("firstByteLatency", facts.first_ms);
  chunk->Set("amazon-bedrock-invocationMetrics", std::move(metrics));
}

}  // namespace trine::api::bedrock
