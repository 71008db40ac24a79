#include "remote/llm/call_text.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/json.h"
#include "language/model.h"

namespace trine::remote::llm {
namespace {

using language::ChatMessage;
using language::ChatRequest;
using Role = ChatMessage::Role;

constexpr size_t kMaxAnswerTokens = 1'000'000;  // more than any model answers with
constexpr size_t kMaxStops = 16;                // Bedrock allows four, OpenAI four
constexpr size_t kMaxTools = 128;               // OpenAI's limit

constexpr std::string_view kJsonInstruction =
    "Answer with one JSON object and nothing else: no code block, no explanation.";
constexpr std::string_view kSchemaInstruction = "The object must match this JSON schema:";

bool IsJsonObject(const std::string& text) {
  const auto json = format::ParseJson(text);
  return json.ok() && json->is_object();
}

Error Invalid(std::string problem, std::string expected) {
  return Error(ErrorCode::kInvalid, std::move(problem)).Expected(std::move(expected));
}

bool IsShare(const std::optional<double>& value, double most) {
  return !value || (*value >= 0 && *value <= most);
}

Status CheckMessages(const ChatRequest& request, size_t max_bytes) {
  size_t bytes = 0;
  bool valid = true;
  const auto count = [&](const std::string& text) {
    bytes += text.size();
    valid = valid && IsValidUtf8(text);
  };
  for (const ChatMessage& message : request.messages) {
    count(message.text);
    for (const auto& call : message.tool_calls) {
      count(call.id), count(call.name), count(call.input);
      if (!IsJsonObject(call.input)) return Invalid("the input of a tool call is malformed", "a JSON object");
    }
    for (const auto& result : message.tool_results) count(result.call_id), count(result.text);
    if (message.text.empty() && message.tool_calls.empty() && message.tool_results.empty() &&
        message.role != Role::kSystem)
      return Invalid("a message is empty", "a text, tool calls or tool results");
  }
  for (const auto& tool : request.tools) count(tool.name), count(tool.description), count(tool.input_schema);
  for (const std::string& stop : request.stop) count(stop);
  count(request.json_schema), count(request.json_schema_name);
  if (!valid) return Invalid("a text of the request is not valid", "UTF-8");
  if (bytes > max_bytes)
    return Invalid("the prompt is too long for the language model provider",
                   "at most " + std::to_string(max_bytes) + " bytes");
  if (std::ranges::none_of(request.messages, [](const auto& m) { return m.role == Role::kUser; }))
    return Invalid("the request has no message of a user", "at least one");
  return Ok();
}

// The instruction that takes the place of a JSON schema which the provider does not support.
std::string JsonInstruction(const ChatRequest& request) {
  std::string text(kJsonInstruction);
  if (!request.json_schema.empty()) text.append("\n").append(kSchemaInstruction).append("\n");
  return text + request.json_schema;
}

void AppendParagraph(std::string_view paragraph, std::string* text) {
  if (paragraph.empty()) return;
  if (!text->empty()) *text += "\n\n";
  *text += paragraph;
}

void AppendTurn(const ChatMessage& message, std::vector<ChatMessage>* turns) {
  // Results of tools precede the text of a user; a text before them would be moved behind them.
  const bool joins = !turns->empty() && turns->back().role == message.role &&
                     (message.tool_results.empty() || turns->back().text.empty()) &&
                     (turns->back().tool_calls.empty() || message.text.empty());
  if (!joins) return turns->push_back(message);
  ChatMessage& last = turns->back();
  AppendParagraph(message.text, &last.text);
  last.tool_calls.insert(last.tool_calls.end(), message.tool_calls.begin(), message.tool_calls.end());
  last.tool_results.insert(last.tool_results.end(), message.tool_results.begin(), message.tool_results.end());
}

}  // namespace

Status CheckChatRequest(const ChatRequest& request, size_t max_bytes) {
  TRINE_TRY(CheckMessages(request, max_bytes));
  if (request.max_tokens == 0 || request.max_tokens > kMaxAnswerTokens)
    return Invalid("max_tokens is out of range", "1 to " + std::to_string(kMaxAnswerTokens));
  if (!IsShare(request.temperature, 2) || !IsShare(request.top_p, 1))
    return Invalid("temperature or top_p is out of range", "0 to 2, and 0 to 1");
  if (request.stop.size() > kMaxStops)
    return Invalid("there are too many stop strings", "at most " + std::to_string(kMaxStops));
  if (request.tools.size() > kMaxTools)
    return Invalid("there are too many tools", "at most " + std::to_string(kMaxTools));
  for (const language::Tool& tool : request.tools) {
    if (tool.name.empty()) return Invalid("a tool has no name", "1 to 64 characters");
    if (!IsJsonObject(tool.input_schema))
      return Invalid("the schema of a tool is malformed", "a JSON object");
  }
  if (request.want_json && !request.json_schema.empty() && !IsJsonObject(request.json_schema))
    return Invalid("the JSON schema of the answer is malformed", "a JSON object");
  const auto& choice = request.tool_choice;
  const bool offered = std::ranges::any_of(request.tools, [&](const auto& t) {
    return choice.kind != language::ToolChoice::Kind::kNamed || t.name == choice.name;
  });
  if ((choice.kind == language::ToolChoice::Kind::kNamed ||
       choice.kind == language::ToolChoice::Kind::kAny) &&
      !offered)
    return Invalid("the demanded tool is not offered", "a tool of the request");
  return Ok();
}

bool DemandsTools(const ChatRequest& request) {
  if (request.tools.empty()) return false;
  const bool used = std::ranges::any_of(
      request.messages, [](const auto& m) { return !m.tool_calls.empty() || !m.tool_results.empty(); });
  return used || request.tool_choice.kind == language::ToolChoice::Kind::kAny ||
         request.tool_choice.kind == language::ToolChoice::Kind::kNamed;
}

FeatureSet WantedFeatures(const ChatRequest& request) {
  FeatureSet wanted =
      FeatureSet().With(Feature::kMaxTokensMember).With(Feature::kStreaming).With(Feature::kStreamUsage);
  const auto is_system = [](const ChatMessage& m) { return m.role == Role::kSystem && !m.text.empty(); };
  if (std::ranges::any_of(request.messages, is_system)) wanted = wanted.With(Feature::kSystemRole);
  if (request.want_json) {
    wanted = wanted.With(Feature::kJsonObject);
    if (!request.json_schema.empty()) wanted = wanted.With(Feature::kJsonSchema);
  }
  const bool none = request.tool_choice.kind == language::ToolChoice::Kind::kNone;
  if (!request.tools.empty() && (!none || DemandsTools(request))) wanted = wanted.With(Feature::kTools);
  if (request.top_p) wanted = wanted.With(Feature::kTopP);
  if (request.temperature) wanted = wanted.With(Feature::kTemperature);
  return wanted;
}

bool AsksForJsonInPrompt(const ChatRequest& request, FeatureSet features) {
  return request.want_json && !features.Has(Feature::kJsonSchema);
}

WireCall MakeCall(const ChatRequest& request, FeatureSet features) {
  WireCall call;
  call.request = &request;
  call.features = features;
  for (const ChatMessage& message : request.messages) {
    if (message.role == Role::kSystem)
      AppendParagraph(message.text, &call.system);
    else
      AppendTurn(message, &call.turns);
  }
  if (AsksForJsonInPrompt(request, features)) AppendParagraph(JsonInstruction(request), &call.system);
  if (!features.Has(Feature::kSystemRole) && !call.system.empty()) {
    const auto user = std::ranges::find(call.turns, Role::kUser, &ChatMessage::role);
    TRINE_CHECK(user != call.turns.end());
    AppendParagraph(user->text, &call.system);
    user->text = std::exchange(call.system, {});
  }
  return call;
}

uint32_t EstimatedInputTokens(const ChatRequest& request) {
  uint64_t tokens = 0;
  for (const ChatMessage& message : request.messages) {
    tokens += language::CountTokens(message.text);
    for (const auto& call : message.tool_calls) tokens += language::CountTokens(call.input);
    for (const auto& result : message.tool_results) tokens += language::CountTokens(result.text);
  }
  for (const auto& tool : request.tools)
    tokens += language::CountTokens(tool.description) + language::CountTokens(tool.input_schema);
  tokens += language::CountTokens(request.json_schema);
  return static_cast<uint32_t>(std::min<uint64_t>(tokens, std::numeric_limits<int32_t>::max()));
}

Result<std::string> JsonObjectIn(std::string_view answer) {
  const size_t begin = answer.find('{'), end = answer.rfind('}');
  if (begin != std::string_view::npos && end != std::string_view::npos && begin < end) {
    const std::string object(answer.substr(begin, end + 1 - begin));
    if (IsJsonObject(object)) return object;
  }
  return Error(ErrorCode::kUnavailable, "the answer of the language model provider is not in JSON")
      .Expected("a JSON object");
}

}  // namespace trine::remote::llm
