#include "api/chat/openai.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/chat/body_fields.h"
#include "api/chat/limits.h"
#include "api/chat/tools.h"

namespace trine::api::chat {
namespace {

using format::Json;
using language::ChatAnswer;
using language::ChatMessage;

constexpr std::array<std::string_view, 34> kKnown = {"model",
                                                     "messages",
                                                     "stream",
                                                     "stream_options",
                                                     "temperature",
                                                     "top_p",
                                                     "max_tokens",
                                                     "stop",
                                                     "max_completion_tokens",
                                                     "n",
                                                     "response_format",
                                                     "tools",
                                                     "tool_choice",
                                                     "logprobs",
                                                     "parallel_tool_calls",
                                                     "top_logprobs",
                                                     "frequency_penalty",
                                                     "presence_penalty",
                                                     "logit_bias",
                                                     "seed",
                                                     "user",
                                                     "store",
                                                     "metadata",
                                                     "service_tier",
                                                     "reasoning_effort",
                                                     "modalities",
                                                     "prediction",
                                                     "safety_identifier",
                                                     "prompt_cache_key",
                                                     "verbosity",
                                                     "functions",
                                                     "function_call",
                                                     "audio",
                                                     "web_search_options"};

Status RefuseUnsupported(const BodyFields& body) {
  for (const char* key : {"functions", "function_call", "audio", "web_search_options"}) {
    if (body.Find(key) != nullptr)
      return Error(ErrorCode::kUnsupported, std::string(key) + " is not supported").Where(key);
  }
  TRINE_ASSIGN(const auto choices, body.Count("n"));
  if (choices.value_or(1) != 1)
    return Error(ErrorCode::kUnsupported, "only one choice per request is supported")
        .Expected("1")
        .Got(std::to_string(*choices))
        .Where("n");
  TRINE_ASSIGN(const bool logprobs, body.Flag("logprobs", false));
  if (logprobs)
    return Error(ErrorCode::kUnsupported, "log probabilities are not supported").Where("logprobs");
  TRINE_ASSIGN(const auto modalities, body.Texts("modalities", kMaxParts, false));
  for (const std::string& modality : modalities) {
    if (modality != "text")
      return Error(ErrorCode::kUnsupported, "only text is supported").Got(modality).Where("modalities");
  }
  return Ok();
}

// The text of a message: a string, or a list of text parts.
Result<std::string> ContentOf(const BodyFields& message, bool required) {
  const Json* content = message.Find("content");
  if (content == nullptr && !required) return std::string();
  if (content != nullptr && content->is_string()) return content->string();
  if (content == nullptr || !content->is_array())
    return message.Wrong("content", "a string or a list of parts");
  TRINE_ASSIGN(const Json::Array* const parts, message.List("content", kMaxParts));
  std::string text;
  for (size_t i = 0; i < parts->size(); ++i) {
    TRINE_ASSIGN(const BodyFields part,
                 BodyFields::Of((*parts)[i], message.Path("content") + "[" + std::to_string(i) + "]"));
    TRINE_ASSIGN(const std::string type, part.Text("type", true));
    if (type != "text" && type != "refusal")
      return Error(ErrorCode::kUnsupported, "only text parts are supported")
          .Got(type)
          .Where(part.Path("type"));
    if (part.Find(type) == nullptr) return part.Wrong(type, "a string");
    TRINE_ASSIGN(const std::string piece, part.Text(type, false));
    if (!text.empty()) text += "\n";
    text += piece;
  }
  return text;
}

Result<std::vector<language::ToolCall>> CallsOf(const BodyFields& message) {
  std::vector<language::ToolCall> calls;
  TRINE_ASSIGN(const Json::Array* const list, message.List("tool_calls", kMaxToolCalls));
  if (list == nullptr) return calls;
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string where = message.Path("tool_calls") + "[" + std::to_string(i) + "]";
    TRINE_ASSIGN(const BodyFields one, BodyFields::Of((*list)[i], where));
    language::ToolCall call;
    TRINE_ASSIGN(call.id, one.Text("id", true));
    TRINE_ASSIGN(const Json* const function, one.Object("function"));
    if (function == nullptr) return one.Wrong("function", "an object");
    TRINE_ASSIGN(const BodyFields f, BodyFields::Of(*function, where + ".function"));
    TRINE_ASSIGN(call.name, f.Text("name", true));
    TRINE_ASSIGN(call.input, f.Text("arguments", false));
    if (call.input.empty()) call.input = "{}";
    if (const auto parsed = format::ParseJson(call.input); !parsed.ok() || !parsed->is_object())
      return f.Wrong("arguments", "a JSON object as a string");
    calls.push_back(std::move(call));
  }
  return calls;
}

Status AddMessage(const Json& json, size_t at, std::vector<ChatMessage>* messages) {
  TRINE_ASSIGN(const BodyFields one, BodyFields::Of(json, "messages[" + std::to_string(at) + "]"));
  const Json* given = one.Find("role");
  const bool has_role = given != nullptr && given->is_string();
  const std::string_view role = has_role ? std::string_view(given->string()) : std::string_view();
  ChatMessage message;
  if (role == "tool") {
    language::ToolResult result;
    TRINE_ASSIGN(result.call_id, one.Text("tool_call_id", true));
    TRINE_ASSIGN(result.text, ContentOf(one, true));
    const bool follows = !messages->empty() && !messages->back().tool_results.empty() &&
                         messages->back().role == ChatMessage::Role::kUser && messages->back().text.empty();
    if (!follows) messages->push_back(message);
    messages->back().tool_results.push_back(std::move(result));
    return Ok();
  }
  if (role == "system" || role == "developer") {
    message.role = ChatMessage::Role::kSystem;
  } else if (role == "assistant") {
    message.role = ChatMessage::Role::kAssistant;
    TRINE_ASSIGN(message.tool_calls, CallsOf(one));
  } else if (role != "user") {
    return one.Wrong("role", "system, developer, user, assistant or tool");
  }
  const bool may_be_empty = message.role == ChatMessage::Role::kAssistant;
  TRINE_ASSIGN(message.text, ContentOf(one, !may_be_empty));
  messages->push_back(std::move(message));
  return Ok();
}

Status ReadFormat(const BodyFields& body, language::ChatRequest* chat) {
  TRINE_ASSIGN(const Json* const given, body.Object("response_format"));
  if (given == nullptr) return Ok();
  TRINE_ASSIGN(const BodyFields wanted, BodyFields::Of(*given, "response_format"));
  TRINE_ASSIGN(const std::string type, wanted.Text("type", true));
  if (type == "text") return Ok();
  if (type != "json_object" && type != "json_schema")
    return wanted.Wrong("type", "text, json_object or json_schema");
  chat->want_json = true;
  if (type == "json_object") return Ok();
  TRINE_ASSIGN(const Json* const named, wanted.Object("json_schema"));
  if (named == nullptr) return wanted.Wrong("json_schema", "an object");
  TRINE_ASSIGN(const BodyFields schema, BodyFields::Of(*named, "response_format.json_schema"));
  TRINE_ASSIGN(chat->json_schema_name, schema.Text("name", true));
  if (!IsToolName(chat->json_schema_name)) return schema.Wrong("name", kToolNameRule);
  TRINE_ASSIGN(const Json* const content, schema.Object("schema"));
  if (content == nullptr) return schema.Wrong("schema", "a JSON schema");
  chat->json_schema = format::ToString(*content);
  return Ok();
}

Status ReadTools(const BodyFields& body, language::ChatRequest* chat) {
  TRINE_ASSIGN(const Json::Array* const list, body.List("tools", kMaxTools));
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const std::string where = "tools[" + std::to_string(i) + "]";
    TRINE_ASSIGN(const BodyFields one, BodyFields::Of((*list)[i], where));
    TRINE_ASSIGN(const std::string type, one.Text("type", true));
    if (type != "function") return one.Wrong("type", "function");
    TRINE_ASSIGN(const Json* const function, one.Object("function"));
    if (function == nullptr) return one.Wrong("function", "an object");
    TRINE_ASSIGN(const BodyFields f, BodyFields::Of(*function, where + ".function"));
    TRINE_TRY(AddTool(f, "parameters", false, &chat->tools));
  }
  const Json* choice = body.Find("tool_choice");
  if (choice == nullptr) return Ok();
  using Kind = language::ToolChoice::Kind;
  language::ToolChoice& chosen = chat->tool_choice;
  if (choice->is_string()) {
    const std::string& word = choice->string();
    if (word != "auto" && word != "none" && word != "required")
      return body.Wrong("tool_choice", "auto, none, required or a function");
    chosen.kind = word == "auto" ? Kind::kAuto : word == "none" ? Kind::kNone : Kind::kAny;
  } else {
    const Json* name = choice->FindPath("function.name");
    if (name == nullptr || !name->is_string())
      return body.Wrong("tool_choice", "auto, none, required or a function");
    chosen = {Kind::kNamed, name->string()};
  }
  return CheckToolChoice(*chat, "tool_choice");
}

const char* FinishOf(const ChatAnswer& answer) {
  using enum ChatAnswer::Finish;
  switch (answer.finish) {
    case kEnd:
    case kStop:
      return "stop";
    case kMaxTokens:
      return "length";
    case kToolCalls:
      return "tool_calls";
    case kRefused:
      return "content_filter";
  }
  FailCheck(__FILE__, __LINE__, "a finish outside its enumeration");
}

Json UsageOf(const ChatAnswer& answer) {
  Json usage;
  usage.Set("prompt_tokens", static_cast<int64_t>(answer.input_tokens));
  usage.Set("completion_tokens", static_cast<int64_t>(answer.output_tokens));
  usage.Set("total_tokens", static_cast<int64_t>(answer.input_tokens) + answer.output_tokens);
  return usage;
}

Json CallsJson(const ChatAnswer& answer, bool with_index) {
  Json calls(Json::Array{});
  for (const language::ToolCall& call : answer.tool_calls) {
    Json one, function;
    if (with_index) one.Set("index", static_cast<uint64_t>(calls.array().size()));
    one.Set("id", call.id);
    one.Set("type", "function");
    function.Set("name", call.name);
    function.Set("arguments", call.input);
    one.Set("function", std::move(function));
    calls.Push(std::move(one));
  }
  return calls;
}

Json Chunk(const OpenAiHead& head, Json delta, Json finish, bool with_usage) {
  Json chunk, choice, choices(Json::Array{});
  chunk.Set("id", head.id);
  chunk.Set("object", "chat.completion.chunk");
  chunk.Set("created", head.created);
  chunk.Set("model", head.model);
  choice.Set("index", 0);
  choice.Set("delta", std::move(delta));
  choice.Set("logprobs", Json());
  choice.Set("finish_reason", std::move(finish));
  choices.Push(std::move(choice));
  chunk.Set("choices", std::move(choices));
  if (with_usage) chunk.Set("usage", Json());
  return chunk;
}

}  // namespace

Result<OpenAiCall> ParseOpenAi(const Json& json) {
  TRINE_ASSIGN(const BodyFields body, BodyFields::Of(json, ""));
  TRINE_TRY(body.OnlyKnown(kKnown));
  TRINE_TRY(RefuseUnsupported(body));
  OpenAiCall call;
  language::ChatRequest& chat = call.chat;
  TRINE_ASSIGN(chat.model, body.Text("model", true));
  if (chat.model.size() > kMaxModelBytes) return body.Wrong("model", "a shorter name");
  TRINE_ASSIGN(const Json::Array* const messages, body.List("messages", kMaxMessages));
  if (messages == nullptr || messages->empty()) return body.Wrong("messages", "a non-empty list");
  for (size_t i = 0; i < messages->size(); ++i) TRINE_TRY(AddMessage((*messages)[i], i, &chat.messages));
  TRINE_ASSIGN(const auto most, body.Count("max_completion_tokens"));
  TRINE_ASSIGN(const auto former, body.Count("max_tokens"));
  if (most && former)
    return Error(ErrorCode::kInvalid, "max_tokens and max_completion_tokens exclude each other")
        .Where("max_tokens");
  if (most || former) chat.max_tokens = std::min(most ? *most : *former, kMaxAnswerTokens);
  TRINE_ASSIGN(chat.stop, body.Texts("stop", kMaxOpenAiStops, true));
  TRINE_ASSIGN(chat.temperature, body.Number("temperature", 0, 2));
  TRINE_ASSIGN(chat.top_p, body.Number("top_p", 0, 1));
  TRINE_TRY(ReadFormat(body, &chat));
  TRINE_TRY(ReadTools(body, &chat));
  TRINE_ASSIGN(call.stream, body.Flag("stream", false));
  TRINE_ASSIGN(const Json* const options, body.Object("stream_options"));
  if (options != nullptr) {
    if (!call.stream)
      return Error(ErrorCode::kInvalid, "stream_options needs \"stream\": true").Where("stream_options");
    TRINE_ASSIGN(const BodyFields read, BodyFields::Of(*options, "stream_options"));
    TRINE_ASSIGN(call.include_usage, read.Flag("include_usage", false));
  }
  TRINE_DCHECK(!chat.messages.empty());
  return call;
}

Json PrintOpenAi(const OpenAiHead& head, const ChatAnswer& answer) {
  Json message, choice, choices(Json::Array{}), out;
  message.Set("role", "assistant");
  const bool no_text = answer.text.empty() && !answer.tool_calls.empty();
  message.Set("content", no_text ? Json() : Json(answer.text));
  message.Set("refusal", Json());
  if (!answer.tool_calls.empty()) message.Set("tool_calls", CallsJson(answer, false));
  choice.Set("index", 0);
  choice.Set("message", std::move(message));
  choice.Set("logprobs", Json());
  choice.Set("finish_reason", FinishOf(answer));
  choices.Push(std::move(choice));
  out.Set("id", head.id);
  out.Set("object", "chat.completion");
  out.Set("created", head.created);
  out.Set("model", head.model);
  out.Set("choices", std::move(choices));
  out.Set("usage", UsageOf(answer));
  return out;
}

Json OpenAiTextChunk(const OpenAiHead& head, std::string_view text, bool first, bool with_usage) {
  Json delta(Json::Object{});
  if (first) delta.Set("role", "assistant");
  delta.Set("content", text);
  return Chunk(head, std::move(delta), Json(), with_usage);
}

Json OpenAiToolChunk(const OpenAiHead& head, const ChatAnswer& answer, bool with_usage) {
  Json delta;
  delta.Set("tool_calls", CallsJson(answer, true));
  return Chunk(head, std::move(delta), Json(), with_usage);
}

Json OpenAiLastChunk(const OpenAiHead& head, const ChatAnswer& answer, bool with_usage) {
  return Chunk(head, Json(Json::Object{}), FinishOf(answer), with_usage);
}

Json OpenAiUsageChunk(const OpenAiHead& head, const ChatAnswer& answer) {
  Json chunk = Chunk(head, Json(Json::Object{}), Json(), true);
  chunk.Set("choices", Json(Json::Array{}));
  chunk.Set("usage", UsageOf(answer));
  return chunk;
}

}  // namespace trine::api::chat
