// The bodies of Anthropic's Claude models: messages, and the prompts of Claude 2.
#include <array>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/errors.h"
#include "api/bedrock/invocation.h"
#include "api/bedrock/tools.h"
#include "base/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using language::ChatAnswer;
using language::ChatMessage;
using Finish = ChatAnswer::Finish;
constexpr auto kPlain = BodyReader::Wording::kPlain;

// The service accepts neither empty nor blank texts.
Status CheckText(const std::string& text, const std::string& where) {
  const std::string member = where.starts_with("system") ? "system" : "messages";
  if (text.empty()) return Invalid(member + ": text content blocks must be non-empty", where);
  if (IsBlank(text)) return Invalid(member + ": text content blocks must contain non-whitespace text", where);
  return Ok();
}

void AppendLine(std::string_view line, std::string* text) {
  if (!text->empty()) *text += '\n';
  *text += line;
}

// Reads the text of a block {"type":"text"}.
Result<std::string> BlockText(const Json& block, const std::string& where) {
  const Json* words = block.Find("text");
  if (words == nullptr || !words->is_string()) return Invalid(where + ".text: Field required", where);
  TRINE_TRY(CheckText(words->string(), where));
  return words->string();
}

// Reads the content of a tool result: a string, or a list of text blocks.
Result<std::string> ResultText(const Json* content, const std::string& where) {
  if (content == nullptr) return std::string();
  if (content->is_string()) return content->string();
  if (!content->is_array()) return Invalid(where + ": Input should be a valid string or list", where);
  std::string text;
  for (const Json& block : content->array()) {
    const Json* type = block.Find("type");
    if (type == nullptr || !type->is_string() || type->string() != "text")
      return Error(ErrorCode::kUnsupported, where + ": tool results can contain text only").Where(where);
    TRINE_ASSIGN(const std::string part, BlockText(block, where));
    AppendLine(part, &text);
  }
  return text;
}

Status ReadToolUse(const Json& block, const std::string& where, ChatMessage* message) {
  BodyReader reader(block, kPlain, where);
  language::ToolCall call;
  reader.Ignore("type");
  call.id = reader.Text("id");
  call.name = reader.Text("name");
  if (const Json* input = reader.Object("input"); input != nullptr) call.input = format::ToString(*input);
  if (call.input.empty()) call.input = "{}";
  TRINE_TRY(reader.Finish(false));
  if (message->role != ChatMessage::Role::kAssistant)
    return Invalid(where + ": `tool_use` blocks can only be in `assistant` messages", where);
  message->tool_calls.push_back(std::move(call));
  return Ok();
}

Status ReadToolResult(const Json& block, const std::string& where, ChatMessage* message) {
  BodyReader reader(block, kPlain, where);
  language::ToolResult result;
  reader.Ignore("type");
  result.call_id = reader.Text("tool_use_id");
  result.failed = reader.Flag("is_error").value_or(false);
  const Json* content = reader.Raw("content");
  TRINE_TRY(reader.Finish(false));
  TRINE_ASSIGN(result.text, ResultText(content, where + ".content"));
  if (message->role != ChatMessage::Role::kUser)
    return Invalid(where + ": `tool_result` blocks can only be in `user` messages", where);
  message->tool_results.push_back(std::move(result));
  return Ok();
}

Status ReadBlock(const Json& block, const std::string& where, ChatMessage* message) {
  const Json* type = block.Find("type");
  if (type == nullptr || !type->is_string())
    return Invalid(where + ": every content block needs a type", where);
  const std::string& kind = type->string();
  if (kind == "text") {
    TRINE_ASSIGN(const std::string text, BlockText(block, where));
    AppendLine(text, &message->text);
    return Ok();
  }
  if (kind == "tool_use") return ReadToolUse(block, where, message);
  if (kind == "tool_result") return ReadToolResult(block, where, message);
  // Thoughts of earlier answers are not shown to the model again.
  if (kind == "thinking" || kind == "redacted_thinking") return Ok();
  return Error(ErrorCode::kUnsupported,
               where + ": content blocks of type \"" + kind + "\" are not supported, only text and tools are")
      .Where(where);
}

Status ReadContent(const Json* content, const std::string& where, ChatMessage* message) {
  if (content == nullptr) return Invalid(where + ": Field required", where);
  if (content->is_string()) {
    TRINE_TRY(CheckText(content->string(), where));
    message->text = content->string();
    return Ok();
  }
  if (!content->is_array()) return Invalid(where + ": Input should be a valid string or list", where);
  if (content->array().empty()) return Invalid(where + ": all messages must have non-empty content", where);
  size_t i = 0;
  for (const Json& block : content->array())
    TRINE_TRY(ReadBlock(block, where + "." + std::to_string(i++), message));
  return Ok();
}

Status ReadMessages(const Json* messages, language::ChatRequest* chat) {
  if (messages == nullptr) return Invalid("messages: Field required", "messages");
  if (!messages->is_array() || messages->array().empty() || messages->array().size() > kMaxMessages)
    return Invalid("messages: at least one message is required", "messages");
  size_t i = 0;
  for (const Json& one : messages->array()) {
    const std::string where = "messages." + std::to_string(i++);
    const Json* role = one.Find("role");
    if (role == nullptr || !role->is_string() || (role->string() != "user" && role->string() != "assistant"))
      return Invalid(where + ".role: Input should be 'user' or 'assistant'", where + ".role");
    ChatMessage message;
    message.role = role->string() == "user" ? ChatMessage::Role::kUser : ChatMessage::Role::kAssistant;
    TRINE_TRY(ReadContent(one.Find("content"), where + ".content", &message));
    chat->messages.push_back(std::move(message));
  }
  return Ok();
}

Result<std::vector<language::Tool>> ReadTools(const Json::Array& list) {
  std::vector<language::Tool> tools;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = "tools." + std::to_string(i);
    BodyReader reader(list[i], kPlain, where);
    if (const auto type = reader.OptionalText("type"); type && *type != "custom")
      return Error(ErrorCode::kUnsupported,
                   where + ": tools that the model's provider runs (\"" + *type + "\") are not supported")
          .Where(where);
    language::Tool tool;
    tool.name = reader.Text("name");
    tool.description = reader.OptionalText("description").value_or("");
    const Json* schema = reader.Need("input_schema");
    TRINE_TRY(reader.Finish(false));
    TRINE_TRY(CheckToolName(tool.name, where + ".name"));
    if (!schema->is_object()) return Invalid(where + ".input_schema: Input should be an object", where);
    tool.input_schema = format::ToString(*schema);
    tools.push_back(std::move(tool));
  }
  return tools;
}

Status ReadToolChoice(const Json* choice, language::ChatRequest* chat) {
  if (choice == nullptr) return Ok();
  BodyReader reader(*choice, kPlain, "tool_choice");
  const std::string type = reader.Choice("type", {"auto", "any", "tool", "none"});
  using Kind = language::ToolChoice::Kind;
  chat->tool_choice.kind = type == "any"    ? Kind::kAny
                           : type == "tool" ? Kind::kNamed
                           : type == "none" ? Kind::kNone
                                            : Kind::kAuto;
  if (type == "tool") chat->tool_choice.name = reader.Text("name");
  TRINE_TRY(reader.Finish(false));
  return CheckToolChoice(*chat, "tool_choice");
}

std::string_view StopReason(const ChatAnswer& answer) {
  switch (answer.finish) {
    case Finish::kMaxTokens:
      return "max_tokens";
    case Finish::kStop:
      return answer.stop.empty() ? "end_turn" : "stop_sequence";
    case Finish::kToolCalls:
      return "tool_use";
    case Finish::kEnd:
    case Finish::kRefused:  // the format has no reason of its own for it
      return "end_turn";
  }
  return "end_turn";
}

Json StopSequence(const ChatAnswer& answer) {
  return answer.finish == Finish::kStop && !answer.stop.empty() ? Json(answer.stop) : Json();
}

Json ToolUse(const language::ToolCall& call, Json input) {
  Json block;
  block.Set("type", "tool_use");
  block.Set("id", call.id);
  block.Set("name", call.name);
  block.Set("input", std::move(input));
  return block;
}

Json TextBlock(std::string_view text) {
  Json block;
  block.Set("type", "text");
  block.Set("text", text);
  return block;
}

class ClaudeMessages final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kPlain);
    static_cast<void>(reader.Text("anthropic_version"));
    const std::optional<int64_t> most = reader.Int("max_tokens", 1, kMaxAnswerTokens);
    static_cast<void>(reader.Need("max_tokens"));
    const Json* messages = reader.Raw("messages");
    const Json* system = reader.Raw("system");
    chat_.stop = reader.Texts("stop_sequences", kMaxStops);
    chat_.temperature = reader.Number("temperature", 0, 1);
    chat_.top_p = reader.Number("top_p", 0, 1);
    static_cast<void>(reader.Int("top_k", 0, 500));
    const Json::Array* tools = reader.List("tools", kMaxTools);
    const Json* choice = reader.Raw("tool_choice");
    for (const char* idle :
         {"metadata", "anthropic_beta", "thinking", "context_management", "output_config", "service_tier"})
      reader.Ignore(idle);
    TRINE_TRY(reader.Finish());
    chat_.max_tokens = static_cast<size_t>(*most);
    if (system != nullptr) {
      ChatMessage message{ChatMessage::Role::kSystem, ""};
      TRINE_TRY(ReadContent(system, "system", &message));
      chat_.messages.push_back(std::move(message));
    }
    TRINE_TRY(ReadMessages(messages, &chat_));
    if (tools != nullptr) {
      TRINE_ASSIGN(chat_.tools, ReadTools(*tools));
    }
    return ReadToolChoice(choice, &chat_);
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts& facts) const override {
    Json out = Message(facts, answer.model);
    Json content(Json::Array{});
    if (!answer.text.empty() || answer.tool_calls.empty()) content.Push(TextBlock(answer.text));
    for (const language::ToolCall& call : answer.tool_calls) content.Push(ToolUse(call, ToolInput(call)));
    out.Set("content", std::move(content));
    out.Set("stop_reason", StopReason(answer));
    out.Set("stop_sequence", StopSequence(answer));
    Json usage;
    usage.Set("input_tokens", static_cast<uint64_t>(answer.input_tokens));
    usage.Set("output_tokens", static_cast<uint64_t>(answer.output_tokens));
    out.Set("usage", std::move(usage));
    return out;
  }

  // The tokens of the question are an estimate here; the metrics of the last event have those of the model.
  void Begin(const AnswerFacts& facts, StreamEvents* out) override {
    Json message = Message(facts, facts.model);
    message.Set("content", Json(Json::Array{}));
    message.Set("stop_reason", Json());
    message.Set("stop_sequence", Json());
    Json usage;
    usage.Set("input_tokens", static_cast<uint64_t>(PromptTokens(chat_)));
    usage.Set("output_tokens", 0);
    message.Set("usage", std::move(usage));
    Json start;
    start.Set("type", "message_start");
    start.Set("message", std::move(message));
    out->emplace_back(kChunk, std::move(start));
  }

  void Part(std::string_view text, StreamEvents* out) override {
    if (!open_) StartBlock(TextBlock(""), out);
    Json delta;
    delta.Set("type", "text_delta");
    delta.Set("text", text);
    Delta(std::move(delta), out);
  }

  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    if (!open_ && answer.tool_calls.empty()) StartBlock(TextBlock(""), out);
    StopBlock(out);
    for (const language::ToolCall& call : answer.tool_calls) {
      StartBlock(ToolUse(call, Json(Json::Object{})), out);
      Json delta;
      delta.Set("type", "input_json_delta");
      delta.Set("partial_json", call.input);
      Delta(std::move(delta), out);
      StopBlock(out);
    }
    Json end, delta, usage, stop;
    delta.Set("stop_reason", StopReason(answer));
    delta.Set("stop_sequence", StopSequence(answer));
    usage.Set("output_tokens", static_cast<uint64_t>(answer.output_tokens));
    end.Set("type", "message_delta");
    end.Set("delta", std::move(delta));
    end.Set("usage", std::move(usage));
    out->emplace_back(kChunk, std::move(end));
    stop.Set("type", "message_stop");
    SetInvocationMetrics(answer, facts, &stop);
    out->emplace_back(kChunk, std::move(stop));
  }

 private:
  static Json Message(const AnswerFacts& facts, std::string_view model) {
    Json message;
    message.Set("id", "msg_bdrk_" + facts.id);
    message.Set("type", "message");
    message.Set("role", "assistant");
    message.Set("model", model);
    return message;
  }

  Json Event(const char* type) const {
    Json event;
    event.Set("type", type);
    event.Set("index", static_cast<uint64_t>(index_));
    return event;
  }
  void StartBlock(Json block, StreamEvents* out) {
    TRINE_CHECK(!open_);
    Json event = Event("content_block_start");
    event.Set("content_block", std::move(block));
    out->emplace_back(kChunk, std::move(event));
    open_ = true;
  }
  void Delta(Json delta, StreamEvents* out) {
    TRINE_DCHECK(open_);
    Json event = Event("content_block_delta");
    event.Set("delta", std::move(delta));
    out->emplace_back(kChunk, std::move(event));
  }
  void StopBlock(StreamEvents* out) {
    if (!open_) return;
    out->emplace_back(kChunk, Event("content_block_stop"));
    open_ = false;
    ++index_;
  }

  size_t index_ = 0;   // the index of the block that is open, else of the next one
  bool open_ = false;  // whether a block was started and not stopped
};

constexpr std::string_view kHuman = "\n\nHuman:";
constexpr std::string_view kAssistant = "\n\nAssistant:";

// Splits a prompt into turns and appends them as messages. A text before the first turn is a system message.
Status ReadTurns(std::string_view prompt, language::ChatRequest* chat) {
  const std::string whole = prompt.starts_with("Human:") ? "\n\n" + std::string(prompt) : std::string(prompt);
  ChatMessage::Role role = ChatMessage::Role::kSystem;
  size_t begin = 0;
  size_t human = std::min(whole.find(kHuman), whole.size());  // the next mark of each kind
  size_t assistant = std::min(whole.find(kAssistant), whole.size());
  while (begin <= whole.size()) {
    // Each mark is searched again only once it was passed, so that the time is in proportion to the prompt.
    if (human < begin) human = std::min(whole.find(kHuman, begin), whole.size());
    if (assistant < begin) assistant = std::min(whole.find(kAssistant, begin), whole.size());
    const size_t end = std::min(human, assistant);
    const std::string_view text = Trim(std::string_view(whole).substr(begin, end - begin));
    if (!text.empty()) chat->messages.push_back({role, std::string(text)});
    if (end == whole.size()) break;
    role = end == human ? ChatMessage::Role::kUser : ChatMessage::Role::kAssistant;
    begin = end + (end == human ? kHuman : kAssistant).size();
  }
  for (const ChatMessage& message : chat->messages) {
    if (message.role == ChatMessage::Role::kUser) return Ok();
  }
  return Invalid(
      "Invalid prompt: prompt must start with \"\n\nHuman:\" turn, end with \"\n\nAssistant:\" turn",
      "prompt");
}

class ClaudeText final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kPlain);
    const std::string prompt = reader.Text("prompt");
    const std::optional<int64_t> most = reader.Int("max_tokens_to_sample", 1, kMaxAnswerTokens);
    static_cast<void>(reader.Need("max_tokens_to_sample"));
    chat_.stop = reader.Texts("stop_sequences", kMaxStops);
    chat_.temperature = reader.Number("temperature", 0, 1);
    chat_.top_p = reader.Number("top_p", 0, 1);
    static_cast<void>(reader.Int("top_k", 0, 500));
    reader.Ignore("anthropic_version");
    TRINE_TRY(reader.Finish());
    chat_.max_tokens = static_cast<size_t>(*most);
    return ReadTurns(prompt, &chat_);
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts&) const override {
    Json out = Completion(answer.text);
    SetEnd(answer, &out);
    return out;
  }
  void Begin(const AnswerFacts&, StreamEvents*) override {}
  void Part(std::string_view text, StreamEvents* out) override {
    Json chunk = Completion(text);
    chunk.Set("stop_reason", Json());
    chunk.Set("stop", Json());
    out->emplace_back(kChunk, std::move(chunk));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk = Completion("");
    SetEnd(answer, &chunk);
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  static Json Completion(std::string_view text) {
    Json out;
    out.Set("type", "completion");
    out.Set("completion", text);
    return out;
  }
  // An answer that ends by itself ends before the next turn of the human, which counts as a stop sequence.
  static void SetEnd(const ChatAnswer& answer, Json* out) {
    const bool cut = answer.finish == Finish::kMaxTokens;
    out->Set("stop_reason", cut ? "max_tokens" : "stop_sequence");
    out->Set("stop", cut ? Json() : Json(answer.stop.empty() ? kHuman : std::string_view(answer.stop)));
  }
};

}  // namespace

Result<std::unique_ptr<Invocation>> ReadClaudeMessages(const Json& body) {
  auto invocation = std::make_unique<ClaudeMessages>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

Result<std::unique_ptr<Invocation>> ReadClaudeText(const Json& body) {
  auto invocation = std::make_unique<ClaudeText>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

}  // namespace trine::api::bedrock
