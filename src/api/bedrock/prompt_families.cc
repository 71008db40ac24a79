// The bodies of models that take one prompt: Titan text, Llama and Mistral; Mistral's messages too.
#include <array>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/errors.h"
#include "api/bedrock/invocation.h"
#include "api/bedrock/tools.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using language::ChatAnswer;
using language::ChatMessage;
using Finish = ChatAnswer::Finish;
constexpr auto kSchema = BodyReader::Wording::kSchema;

Json Count(uint64_t tokens) { return Json(tokens); }

// Takes time in proportion to the text, whose length and marks the client decides.
void RemoveAll(std::string_view mark, std::string* text) {
  TRINE_DCHECK(!mark.empty());
  std::string kept;
  size_t begin = 0;
  for (size_t at = text->find(mark); at != std::string::npos; at = text->find(mark, begin)) {
    kept.append(*text, begin, at - begin);
    begin = at + mark.size();
  }
  if (begin == 0) return;
  kept.append(*text, begin);
  *text = std::move(kept);
}

void AddTurn(ChatMessage::Role role, std::string_view text, language::ChatRequest* chat) {
  text = Trim(text);
  if (!text.empty()) chat->messages.push_back({role, std::string(text)});
}

// ---- Titan

std::string_view CompletionReason(const ChatAnswer& answer) {
  switch (answer.finish) {
    case Finish::kMaxTokens:
      return "LENGTH";
    case Finish::kStop:
      return "STOP_CRITERIA_MET";
    case Finish::kRefused:
      return "CONTENT_FILTERED";
    case Finish::kEnd:
    case Finish::kToolCalls:
      return "FINISH";
  }
  return "FINISH";
}

// A prompt may be a conversation of lines "User: ..." and "Bot: ...".
void ReadTitanPrompt(std::string_view prompt, language::ChatRequest* chat) {
  constexpr std::string_view kUser = "User:", kBot = "\nBot:";
  const std::string_view trimmed = Trim(prompt);
  const size_t bot = trimmed.rfind(kBot);
  if (!trimmed.starts_with(kUser) || bot == std::string_view::npos ||
      !IsBlank(trimmed.substr(bot + kBot.size())))
    return AddTurn(ChatMessage::Role::kUser, prompt, chat);
  AddTurn(ChatMessage::Role::kUser, trimmed.substr(kUser.size(), bot - kUser.size()), chat);
}

class TitanText final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    const std::string prompt = reader.Text("inputText");
    const Json* config = reader.Object("textGenerationConfig");
    TRINE_TRY(reader.Finish());
    if (config != nullptr) {
      BodyReader inner(*config, kSchema, "textGenerationConfig");
      chat_.max_tokens =
          static_cast<size_t>(inner.Int("maxTokenCount", 1, kMaxAnswerTokens).value_or(kDefaultTokens));
      chat_.stop = inner.Texts("stopSequences", kMaxStops);
      chat_.temperature = inner.Number("temperature", 0, 1);
      chat_.top_p = inner.Number("topP", 0, 1);
      TRINE_TRY(inner.Finish());
    }
    ReadTitanPrompt(prompt, &chat_);
    if (!chat_.messages.empty()) return Ok();
    return Invalid(
        "Malformed input request: #/inputText: the text is blank, please reformat your input and try again.",
        "inputText");
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts&) const override {
    Json out, result, results(Json::Array{});
    result.Set("tokenCount", Count(answer.output_tokens));
    result.Set("outputText", answer.text);
    result.Set("completionReason", CompletionReason(answer));
    results.Push(std::move(result));
    out.Set("inputTextTokenCount", Count(answer.input_tokens));
    out.Set("results", std::move(results));
    return out;
  }
  void Begin(const AnswerFacts&, StreamEvents*) override {}
  void Part(std::string_view text, StreamEvents* out) override {
    out->emplace_back(kChunk, Chunk(text, Json(), Json(), Json()));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk = Chunk("", Count(answer.input_tokens), Count(answer.output_tokens), CompletionReason(answer));
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  static Json Chunk(std::string_view text, Json input, Json output, Json reason) {
    Json chunk;
    chunk.Set("outputText", text);
    chunk.Set("index", 0);
    chunk.Set("totalOutputTextTokenCount", std::move(output));
    chunk.Set("completionReason", std::move(reason));
    chunk.Set("inputTextTokenCount", std::move(input));
    return chunk;
  }
};

// ---- Llama

std::string_view LengthOrStop(const ChatAnswer& answer) {
  return answer.finish == Finish::kMaxTokens ? "length" : "stop";
}

// Llama 3: <|start_header_id|>user<|end_header_id|> text <|eot_id|>. Returns false if it has no such turns.
bool ReadLlama3Turns(std::string_view prompt, language::ChatRequest* chat) {
  constexpr std::string_view kStart = "<|start_header_id|>", kEnd = "<|end_header_id|>",
                             kTurnEnd = "<|eot_id|>";
  bool found = false;
  for (size_t at = prompt.find(kStart); at != std::string_view::npos;) {
    const size_t name_end = prompt.find(kEnd, at);
    if (name_end == std::string_view::npos) break;
    const std::string_view name = Trim(prompt.substr(at + kStart.size(), name_end - at - kStart.size()));
    const size_t begin = name_end + kEnd.size();
    at = prompt.find(kStart, begin);
    const std::string_view turn = prompt.substr(begin, at == std::string_view::npos ? at : at - begin);
    AddTurn(name == "system"      ? ChatMessage::Role::kSystem
            : name == "assistant" ? ChatMessage::Role::kAssistant
                                  : ChatMessage::Role::kUser,
            turn.substr(0, turn.find(kTurnEnd)), chat);
    found = true;
  }
  return found;
}

// Llama 2 and Mistral: [INST] <<SYS>> system <</SYS>> user [/INST] assistant. A prompt without these marks is
// one turn of the user.
void ReadInstructions(std::string_view prompt, language::ChatRequest* chat) {
  constexpr std::string_view kOpen = "[INST]", kClose = "[/INST]", kSystem = "<<SYS>>",
                             kSystemEnd = "<</SYS>>";
  std::string text(prompt);
  for (const std::string_view mark : {"<s>", "</s>", "<|begin_of_text|>"}) RemoveAll(mark, &text);
  std::string_view rest = text;
  for (size_t open = rest.find(kOpen); open != std::string_view::npos; open = rest.find(kOpen)) {
    AddTurn(chat->messages.empty() ? ChatMessage::Role::kSystem : ChatMessage::Role::kAssistant,
            rest.substr(0, open), chat);
    rest.remove_prefix(open + kOpen.size());
    const size_t close = rest.find(kClose);
    std::string_view turn = rest.substr(0, close);
    if (const size_t end = turn.find(kSystemEnd); turn.find(kSystem) < end && end != std::string_view::npos) {
      const size_t begin = turn.find(kSystem) + kSystem.size();
      AddTurn(ChatMessage::Role::kSystem, turn.substr(begin, end - begin), chat);
      turn.remove_prefix(end + kSystemEnd.size());
    }
    AddTurn(ChatMessage::Role::kUser, turn, chat);
    rest.remove_prefix(close == std::string_view::npos ? rest.size() : close + kClose.size());
  }
  AddTurn(chat->messages.empty() ? ChatMessage::Role::kUser : ChatMessage::Role::kAssistant, rest, chat);
}

Status NeedUserTurn(const language::ChatRequest& chat) {
  for (const ChatMessage& message : chat.messages) {
    if (message.role == ChatMessage::Role::kUser) return Ok();
  }
  return Invalid(
      "Malformed input request: #/prompt: the prompt has no text of the user, please reformat your input and "
      "try again.",
      "prompt");
}

class Llama final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    const std::string prompt = reader.Text("prompt");
    chat_.max_tokens =
        static_cast<size_t>(reader.Int("max_gen_len", 1, kMaxAnswerTokens).value_or(kDefaultTokens));
    chat_.temperature = reader.Number("temperature", 0, 1);
    chat_.top_p = reader.Number("top_p", 0, 1);
    if (const Json::Array* images = reader.List("images", kMaxMessages);
        images != nullptr && !images->empty())
      return Error(ErrorCode::kUnsupported, "images are not supported, only text is").Where("images");
    TRINE_TRY(reader.Finish());
    if (!ReadLlama3Turns(prompt, &chat_)) ReadInstructions(prompt, &chat_);
    return NeedUserTurn(chat_);
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts&) const override {
    return Generation(answer.text, Count(answer.input_tokens), Count(answer.output_tokens),
                      LengthOrStop(answer));
  }
  void Begin(const AnswerFacts&, StreamEvents*) override {}
  void Part(std::string_view text, StreamEvents* out) override {
    out->emplace_back(kChunk, Generation(text, Json(), Json(), Json()));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk =
        Generation("", Count(answer.input_tokens), Count(answer.output_tokens), LengthOrStop(answer));
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  static Json Generation(std::string_view text, Json input, Json output, Json reason) {
    Json out;
    out.Set("generation", text);
    out.Set("prompt_token_count", std::move(input));
    out.Set("generation_token_count", std::move(output));
    out.Set("stop_reason", std::move(reason));
    return out;
  }
};

// ---- Mistral

std::string_view MistralReason(const ChatAnswer& answer) {
  return answer.finish == Finish::kToolCalls ? "tool_calls" : LengthOrStop(answer);
}

Json MistralCalls(const ChatAnswer& answer) {
  Json calls(Json::Array{});
  for (const language::ToolCall& call : answer.tool_calls) {
    Json one, function;
    function.Set("name", call.name);
    function.Set("arguments", call.input);
    one.Set("id", call.id);
    one.Set("function", std::move(function));
    calls.Push(std::move(one));
  }
  return calls;
}

class Mistral final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    messages_ = reader.Has("messages");
    const std::string prompt = messages_ ? "" : reader.Text("prompt");
    chat_.max_tokens =
        static_cast<size_t>(reader.Int("max_tokens", 1, kMaxAnswerTokens).value_or(kDefaultTokens));
    chat_.stop = reader.Texts("stop", kMaxStops);
    chat_.temperature = reader.Number("temperature", 0, 1);
    chat_.top_p = reader.Number("top_p", 0, 1);
    static_cast<void>(reader.Int("top_k", 0, 500));
    if (messages_) {
      const Json::Array* list = reader.List("messages", kMaxMessages);
      const Json::Array* tools = reader.List("tools", kMaxTools);
      const std::string choice = reader.Choice("tool_choice", {"auto", "any", "none"});
      TRINE_TRY(reader.Finish());
      return ReadMessages(*list, tools, choice);
    }
    TRINE_TRY(reader.Finish());
    ReadInstructions(prompt, &chat_);
    return NeedUserTurn(chat_);
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts&) const override {
    return messages_ ? Choice(answer.text, MistralReason(answer), MistralCalls(answer))
                     : Output(answer.text, MistralReason(answer));
  }
  void Begin(const AnswerFacts&, StreamEvents*) override {}
  void Part(std::string_view text, StreamEvents* out) override {
    out->emplace_back(kChunk, messages_ ? Choice(text, Json(), Json()) : Output(text, Json()));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk = messages_ ? Choice("", MistralReason(answer), MistralCalls(answer))
                           : Output("", MistralReason(answer));
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  static Json Output(std::string_view text, Json reason) {
    Json out, one, outputs(Json::Array{});
    one.Set("text", text);
    one.Set("stop_reason", std::move(reason));
    outputs.Push(std::move(one));
    out.Set("outputs", std::move(outputs));
    return out;
  }
  static Json Choice(std::string_view text, Json reason, Json calls) {
    Json out, one, message, choices(Json::Array{});
    message.Set("role", "assistant");
    message.Set("content", text);
    if (calls.is_array() && !calls.array().empty()) message.Set("tool_calls", std::move(calls));
    one.Set("index", 0);
    one.Set("message", std::move(message));
    one.Set("stop_reason", std::move(reason));
    choices.Push(std::move(one));
    out.Set("choices", std::move(choices));
    return out;
  }

  Status ReadMessages(const Json::Array& list, const Json::Array* tools, const std::string& choice) {
    for (size_t i = 0; i < list.size(); ++i) TRINE_TRY(ReadMessage(list[i], "messages." + std::to_string(i)));
    if (chat_.messages.empty())
      return Invalid(
          "Malformed input request: #/messages: expected minimum item count: 1, found: 0, please reformat "
          "your input and try again.",
          "messages");
    for (size_t i = 0; tools != nullptr && i < tools->size(); ++i)
      TRINE_TRY(ReadTool((*tools)[i], "tools." + std::to_string(i)));
    using Kind = language::ToolChoice::Kind;
    chat_.tool_choice.kind = choice == "any" ? Kind::kAny : choice == "none" ? Kind::kNone : Kind::kAuto;
    return CheckToolChoice(chat_, "tool_choice");
  }

  Status ReadMessage(const Json& one, const std::string& where) {
    BodyReader reader(one, kSchema, where);
    const std::string role = reader.Choice("role", {"system", "user", "assistant", "tool"});
    const std::string text = reader.OptionalText("content").value_or("");
    const Json::Array* calls = reader.List("tool_calls", kMaxTools);
    const std::string call_id = role == "tool" ? reader.Text("tool_call_id") : "";
    TRINE_TRY(reader.Finish(false));
    if (role.empty()) return Invalid(where + ".role: Field required", where);
    ChatMessage message;
    message.role = role == "system"      ? ChatMessage::Role::kSystem
                   : role == "assistant" ? ChatMessage::Role::kAssistant
                                         : ChatMessage::Role::kUser;
    if (role == "tool") {
      message.tool_results.push_back({call_id, text});
    } else {
      message.text = text;
    }
    for (const Json& call : calls == nullptr ? Json::Array{} : *calls) {
      const Json* function = call.Find("function");
      BodyReader outer(call, kSchema, where + ".tool_calls");
      language::ToolCall made;
      made.id = outer.Text("id");
      TRINE_TRY(outer.Finish(false));
      if (function == nullptr) return Invalid(where + ".tool_calls: each call needs a function", where);
      BodyReader inner(*function, kSchema, where + ".tool_calls.function");
      made.name = inner.Text("name");
      made.input = inner.OptionalText("arguments").value_or("{}");
      TRINE_TRY(inner.Finish(false));
      message.tool_calls.push_back(std::move(made));
    }
    if (message.text.empty() && message.tool_calls.empty() && message.tool_results.empty())
      return Invalid(where + ".content: the text must not be empty", where);
    chat_.messages.push_back(std::move(message));
    return Ok();
  }

  Status ReadTool(const Json& one, const std::string& where) {
    const Json* function = one.Find("function");
    if (function == nullptr) return Invalid(where + ".function: Field required", where);
    BodyReader reader(*function, kSchema, where + ".function");
    language::Tool tool;
    tool.name = reader.Text("name");
    tool.description = reader.OptionalText("description").value_or("");
    const Json* schema = reader.Object("parameters");
    TRINE_TRY(reader.Finish(false));
    TRINE_TRY(CheckToolName(tool.name, where + ".function.name"));
    tool.input_schema = schema == nullptr ? R"({"type":"object"})" : format::ToString(*schema);
    chat_.tools.push_back(std::move(tool));
    return Ok();
  }

  bool messages_ = false;  // whether the body has messages, not a prompt
};

template <typename T>
Result<std::unique_ptr<Invocation>> ReadAs(const Json& body) {
  auto invocation = std::make_unique<T>();
  TRINE_TRY(invocation->Read(body));
  TRINE_CHECK(!invocation->chat().messages.empty());
  return std::unique_ptr<Invocation>(std::move(invocation));
}

}  // namespace

Result<std::unique_ptr<Invocation>> ReadTitanText(const Json& body) { return ReadAs<TitanText>(body); }
Result<std::unique_ptr<Invocation>> ReadLlama(const Json& body) { return ReadAs<Llama>(body); }
Result<std::unique_ptr<Invocation>> ReadMistral(const Json& body) { return ReadAs<Mistral>(body); }

}  // namespace trine::api::bedrock
