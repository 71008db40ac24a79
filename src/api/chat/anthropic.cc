#include "api/chat/anthropic.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/chat/body_fields.h"
#include "api/chat/limits.h"
#include "api/chat/tools.h"
#include "base/text.h"
#include "language/model.h"

namespace trine::api::chat {
namespace {

using format::Json;
using language::ChatAnswer;
using language::ChatMessage;

constexpr std::array<std::string_view, 17> kKnown = {
    "model",       "messages",     "max_tokens", "system",        "stop_sequences",    "stream",
    "temperature", "top_p",        "top_k",      "tools",         "tool_choice",       "metadata",
    "thinking",    "service_tier", "container",  "output_config", "context_management"};

bool IsBlank(std::string_view text) { return Trim(text).empty(); }

Result<std::string> TextOf(const BodyFields& block) {
  TRINE_ASSIGN(std::string text, block.Text("text", true));
  if (IsBlank(text)) return block.Wrong("text", "text that is not blank");
  return text;
}

void Append(const std::string& piece, std::string* text) {
  if (!text->empty()) *text += "\n";
  *text += piece;
}

// A string, or a list of text blocks, as `key` of `owner`.
Result<std::string> PlainTexts(const BodyFields& owner, std::string_view key) {
  const Json* given = owner.Find(key);
  if (given == nullptr) return std::string();
  if (given->is_string()) return given->string();
  if (!given->is_array()) return owner.Wrong(key, "a string or a list of text blocks");
  TRINE_ASSIGN(const Json::Array* const list, owner.List(key, kMaxParts));
  std::string text;
  for (size_t i = 0; i < list->size(); ++i) {
    TRINE_ASSIGN(const BodyFields block,
                 BodyFields::Of((*list)[i], owner.Path(key) + "[" + std::to_string(i) + "]"));
    TRINE_ASSIGN(const std::string type, block.Text("type", true));
    if (type != "text")
      return Error(ErrorCode::kUnsupported, "only text blocks are supported")
          .Got(type)
          .Where(block.Path("type"));
    TRINE_ASSIGN(const std::string piece, TextOf(block));
    Append(piece, &text);
  }
  return text;
}

Status AddBlock(const BodyFields& block, ChatMessage* message) {
  TRINE_ASSIGN(const std::string type, block.Text("type", true));
  const bool by_model = message->role == ChatMessage::Role::kAssistant;
  if (type == "text") {
    TRINE_ASSIGN(const std::string text, TextOf(block));
    Append(text, &message->text);
  } else if (type == "tool_use" && by_model) {
    language::ToolCall call;
    TRINE_ASSIGN(call.id, block.Text("id", true));
    TRINE_ASSIGN(call.name, block.Text("name", true));
    TRINE_ASSIGN(const Json* const input, block.Object("input"));
    if (input == nullptr) return block.Wrong("input", "an object");
    call.input = format::ToString(*input);
    message->tool_calls.push_back(std::move(call));
  } else if (type == "tool_result" && !by_model) {
    language::ToolResult result;
    TRINE_ASSIGN(result.call_id, block.Text("tool_use_id", true));
    TRINE_ASSIGN(result.text, PlainTexts(block, "content"));
    TRINE_ASSIGN(result.failed, block.Flag("is_error", false));
    message->tool_results.push_back(std::move(result));
  } else if (by_model && (type == "thinking" || type == "redacted_thinking")) {
    return Ok();  // earlier thoughts are not part of the conversation
  } else {
    return Error(ErrorCode::kUnsupported, "blocks of this type are not supported in this message")
        .Expected(by_model ? "text or tool_use" : "text or tool_result")
        .Got(type)
        .Where(block.Path("type"));
  }
  return Ok();
}

Result<ChatMessage> MessageOf(const Json& json, size_t at) {
  TRINE_ASSIGN(const BodyFields one, BodyFields::Of(json, "messages." + std::to_string(at)));
  ChatMessage message;
  TRINE_ASSIGN(const std::string role, one.Text("role", true));
  if (role != "user" && role != "assistant") return one.Wrong("role", "user or assistant");
  if (role == "assistant") message.role = ChatMessage::Role::kAssistant;
  const Json* content = one.Find("content");
  if (content != nullptr && content->is_string()) {
    message.text = content->string();
    if (IsBlank(message.text)) return one.Wrong("content", "text that is not blank");
    return message;
  }
  if (content == nullptr || !content->is_array()) return one.Wrong("content", "a string or a list of blocks");
  TRINE_ASSIGN(const Json::Array* const blocks, one.List("content", kMaxParts));
  if (blocks->empty()) return one.Wrong("content", "at least one block");
  for (size_t i = 0; i < blocks->size(); ++i) {
    TRINE_ASSIGN(const BodyFields block,
                 BodyFields::Of((*blocks)[i], one.Path("content") + "." + std::to_string(i)));
    TRINE_TRY(AddBlock(block, &message));
  }
  return message;
}

Status ReadTools(const BodyFields& body, language::ChatRequest* chat) {
  TRINE_ASSIGN(const Json::Array* const list, body.List("tools", kMaxTools));
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    TRINE_ASSIGN(const BodyFields one, BodyFields::Of((*list)[i], "tools." + std::to_string(i)));
    TRINE_ASSIGN(const std::string type, one.Text("type", false));
    if (!type.empty() && type != "custom")
      return Error(ErrorCode::kUnsupported, "only tools of the client are supported")
          .Expected("custom")
          .Got(type)
          .Where(one.Path("type"));
    TRINE_TRY(AddTool(one, "input_schema", true, &chat->tools));
  }
  TRINE_ASSIGN(const Json* const choice, body.Object("tool_choice"));
  if (choice == nullptr) return Ok();
  TRINE_ASSIGN(const BodyFields chosen, BodyFields::Of(*choice, "tool_choice"));
  TRINE_ASSIGN(const std::string type, chosen.Text("type", true));
  using Kind = language::ToolChoice::Kind;
  if (type != "auto" && type != "any" && type != "tool" && type != "none")
    return chosen.Wrong("type", "auto, any, tool or none");
  chat->tool_choice.kind = type == "auto"   ? Kind::kAuto
                           : type == "any"  ? Kind::kAny
                           : type == "tool" ? Kind::kNamed
                                            : Kind::kNone;
  if (type == "tool") {
    TRINE_ASSIGN(chat->tool_choice.name, chosen.Text("name", true));
  }
  return CheckToolChoice(*chat, "tool_choice");
}

// {"output_config": {"format": {"type": "json_schema", "schema": {...}}}}
Status ReadFormat(const BodyFields& body, language::ChatRequest* chat) {
  TRINE_ASSIGN(const Json* const config, body.Object("output_config"));
  if (config == nullptr) return Ok();
  TRINE_ASSIGN(const BodyFields output, BodyFields::Of(*config, "output_config"));
  TRINE_ASSIGN(const Json* const given, output.Object("format"));
  if (given == nullptr) return Ok();
  TRINE_ASSIGN(const BodyFields wanted, BodyFields::Of(*given, "output_config.format"));
  TRINE_ASSIGN(const std::string type, wanted.Text("type", true));
  if (type != "json_schema") return wanted.Wrong("type", "json_schema");
  TRINE_ASSIGN(const Json* const schema, wanted.Object("schema"));
  if (schema == nullptr) return wanted.Wrong("schema", "a JSON schema");
  chat->want_json = true;
  chat->json_schema = format::ToString(*schema);
  chat->json_schema_name = "answer";
  return Ok();
}

Status RefuseThinking(const BodyFields& body) {
  TRINE_ASSIGN(const Json* const thinking, body.Object("thinking"));
  const Json* type = thinking != nullptr ? thinking->Find("type") : nullptr;
  if (thinking == nullptr || (type != nullptr && *type == Json("disabled"))) return Ok();
  return Error(ErrorCode::kUnsupported, "extended thinking is not supported")
      .Expected("disabled")
      .Where("thinking");
}

const char* StopReasonOf(const ChatAnswer& answer) {
  using enum ChatAnswer::Finish;
  switch (answer.finish) {
    case kEnd:
      return "end_turn";
    case kStop:
      return "stop_sequence";
    case kMaxTokens:
      return "max_tokens";
    case kToolCalls:
      return "tool_use";
    case kRefused:
      return "refusal";
  }
  FailCheck(__FILE__, __LINE__, "a finish outside its enumeration");
}

Json StopSequenceOf(const ChatAnswer& answer) { return answer.stop.empty() ? Json() : Json(answer.stop); }

Json InputOf(const language::ToolCall& call) {
  auto input = format::ParseJson(call.input);
  return input.ok() && input->is_object() ? *std::move(input) : Json(Json::Object{});
}

Json UsageOf(uint32_t input_tokens, uint32_t output_tokens) {
  Json usage;
  usage.Set("input_tokens", static_cast<int64_t>(input_tokens));
  usage.Set("output_tokens", static_cast<int64_t>(output_tokens));
  return usage;
}

Json MessageJson(const AnthropicHead& head) {
  Json out;
  out.Set("id", head.id);
  out.Set("type", "message");
  out.Set("role", "assistant");
  out.Set("model", head.model);
  out.Set("content", Json(Json::Array{}));
  out.Set("stop_reason", Json());
  out.Set("stop_sequence", Json());
  return out;
}

Json BlockEvent(const char* type, int64_t index) {
  Json event;
  event.Set("type", type);
  event.Set("index", index);
  return event;
}

Json TextBlock(std::string_view text) {
  Json block;
  block.Set("type", "text");
  block.Set("text", text);
  return block;
}

Json ToolBlock(const language::ToolCall& call, Json input) {
  Json block;
  block.Set("type", "tool_use");
  block.Set("id", call.id);
  block.Set("name", call.name);
  block.Set("input", std::move(input));
  return block;
}

}  // namespace

Result<AnthropicCall> ParseAnthropic(const Json& json, bool counting) {
  TRINE_ASSIGN(const BodyFields body, BodyFields::Of(json, ""));
  TRINE_TRY(body.OnlyKnown(kKnown));
  TRINE_TRY(RefuseThinking(body));
  AnthropicCall call;
  language::ChatRequest& chat = call.chat;
  TRINE_ASSIGN(chat.model, body.Text("model", true));
  if (chat.model.size() > kMaxModelBytes) return body.Wrong("model", "a shorter name");
  TRINE_ASSIGN(const auto most, body.Count("max_tokens"));
  if (!most && !counting) return body.Wrong("max_tokens", "an integer of at least 1");
  if (most) chat.max_tokens = std::min(*most, kMaxAnswerTokens);
  ChatMessage system;
  system.role = ChatMessage::Role::kSystem;
  TRINE_ASSIGN(system.text, PlainTexts(body, "system"));
  if (!system.text.empty()) chat.messages.push_back(std::move(system));
  TRINE_ASSIGN(const Json::Array* const messages, body.List("messages", kMaxMessages));
  if (messages == nullptr || messages->empty()) return body.Wrong("messages", "a non-empty list");
  for (size_t i = 0; i < messages->size(); ++i) {
    TRINE_ASSIGN(ChatMessage message, MessageOf((*messages)[i], i));
    chat.messages.push_back(std::move(message));
  }
  TRINE_ASSIGN(chat.stop, body.Texts("stop_sequences", kMaxAnthropicStops, false));
  TRINE_ASSIGN(chat.temperature, body.Number("temperature", 0, 1));
  TRINE_ASSIGN(chat.top_p, body.Number("top_p", 0, 1));
  TRINE_ASSIGN(const auto top_k, body.Number("top_k", 0, 1e9));
  static_cast<void>(top_k);  // checked; models have no such option here
  TRINE_TRY(ReadTools(body, &chat));
  TRINE_TRY(ReadFormat(body, &chat));
  TRINE_ASSIGN(call.stream, body.Flag("stream", false));
  TRINE_DCHECK(!chat.messages.empty());
  return call;
}

uint32_t CountRequestTokens(const language::ChatRequest& chat) {
  uint32_t tokens = 0;
  const auto add = [&tokens](std::string_view text) { tokens += language::CountTokens(text); };
  for (const ChatMessage& message : chat.messages) {
    add(message.text);
    for (const auto& call : message.tool_calls) add(call.name), add(call.input);
    for (const auto& result : message.tool_results) add(result.text);
  }
  for (const auto& tool : chat.tools) add(tool.name), add(tool.description), add(tool.input_schema);
  return tokens;
}

Json PrintAnthropic(const AnthropicHead& head, const ChatAnswer& answer) {
  Json out = MessageJson(head);
  Json content(Json::Array{});
  if (!answer.text.empty()) content.Push(TextBlock(answer.text));
  for (const auto& call : answer.tool_calls) content.Push(ToolBlock(call, InputOf(call)));
  out.Set("content", std::move(content));
  out.Set("stop_reason", StopReasonOf(answer));
  out.Set("stop_sequence", StopSequenceOf(answer));
  out.Set("usage", UsageOf(answer.input_tokens, answer.output_tokens));
  return out;
}

std::string AnthropicEvent(const Json& event) {
  const Json* type = event.Find("type");
  TRINE_CHECK(type != nullptr && type->is_string());
  return "event: " + type->string() + "\ndata: " + format::ToString(event) + "\n\n";
}

std::string AnthropicEvents::Start(const AnthropicHead& head, uint32_t input_tokens) {
  TRINE_CHECK(!started_);
  started_ = true;
  Json start, message = MessageJson(head), ping;
  message.Set("usage", UsageOf(input_tokens, 0));
  start.Set("type", "message_start");
  start.Set("message", std::move(message));
  ping.Set("type", "ping");
  return AnthropicEvent(start) + AnthropicEvent(ping);
}

std::string AnthropicEvents::Text(std::string_view part) {
  TRINE_CHECK(started_);
  std::string out;
  if (!text_open_) {
    Json begin = BlockEvent("content_block_start", index_);
    begin.Set("content_block", TextBlock(""));
    out += AnthropicEvent(begin);
    text_open_ = true;
  }
  Json delta, event = BlockEvent("content_block_delta", index_);
  delta.Set("type", "text_delta");
  delta.Set("text", part);
  event.Set("delta", std::move(delta));
  return out + AnthropicEvent(event);
}

std::string AnthropicEvents::Finish(const ChatAnswer& answer) {
  TRINE_CHECK(started_);
  std::string out;
  if (text_open_) out += AnthropicEvent(BlockEvent("content_block_stop", index_++));
  text_open_ = false;
  for (const auto& call : answer.tool_calls) {
    Json begin = BlockEvent("content_block_start", index_);
    begin.Set("content_block", ToolBlock(call, Json(Json::Object{})));
    Json delta, event = BlockEvent("content_block_delta", index_);
    delta.Set("type", "input_json_delta");
    delta.Set("partial_json", format::ToString(InputOf(call)));
    event.Set("delta", std::move(delta));
    out += AnthropicEvent(begin) + AnthropicEvent(event);
    out += AnthropicEvent(BlockEvent("content_block_stop", index_++));
  }
  Json end, changed, stop;
  changed.Set("stop_reason", StopReasonOf(answer));
  changed.Set("stop_sequence", StopSequenceOf(answer));
  end.Set("type", "message_delta");
  end.Set("delta", std::move(changed));
  end.Set("usage", UsageOf(answer.input_tokens, answer.output_tokens));
  stop.Set("type", "message_stop");
  return out + AnthropicEvent(end) + AnthropicEvent(stop);
}

}  // namespace trine::api::chat
