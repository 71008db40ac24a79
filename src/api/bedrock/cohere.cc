// The bodies of Cohere's Command models: the prompts of Command, and the chats of Command R.
#include "api/bedrock/body_reader.h"
#include "api/bedrock/document_text.h"
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
constexpr auto kSchema = BodyReader::Wording::kSchema;
constexpr double kMaxTemperature = 5;  // Cohere's range
constexpr size_t kMaxDocuments = 1000;

std::string_view FinishReason(const ChatAnswer& answer) {
  switch (answer.finish) {
    case Finish::kMaxTokens:
      return "MAX_TOKENS";
    case Finish::kRefused:
      return "ERROR_TOXIC";
    case Finish::kEnd:
    case Finish::kStop:
    case Finish::kToolCalls:
      return "COMPLETE";
  }
  return "COMPLETE";
}

// Members that both formats have. `p`, `k` and penalties are checked.
void ReadSampling(BodyReader* reader, language::ChatRequest* chat) {
  BodyReader& body = *reader;
  chat->max_tokens =
      static_cast<size_t>(body.Int("max_tokens", 1, kMaxAnswerTokens).value_or(kDefaultTokens));
  chat->stop = body.Texts("stop_sequences", kMaxStops);
  chat->temperature = body.Number("temperature", 0, kMaxTemperature);
  chat->top_p = body.Number("p", 0, 1);
  static_cast<void>(body.Number("k", 0, 500));
}

class CohereCommand final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    prompt_ = reader.Text("prompt");
    ReadSampling(&reader, &chat_);
    const int64_t answers = reader.Int("num_generations", 1, 5).value_or(1);
    for (const char* idle : {"return_likelihoods", "stream", "logit_bias", "truncate"}) reader.Ignore(idle);
    TRINE_TRY(reader.Finish());
    if (answers > 1)
      return Error(ErrorCode::kUnsupported, "num_generations above 1 is not supported")
          .Where("num_generations");
    if (IsBlank(prompt_)) return Invalid("invalid request: prompt must be at least 1 token long.", "prompt");
    chat_.messages.push_back({ChatMessage::Role::kUser, prompt_});
    return Ok();
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts& facts) const override {
    Json out, one, list(Json::Array{});
    one.Set("id", "generation-" + facts.id);
    one.Set("text", answer.text);
    one.Set("finish_reason", FinishReason(answer));
    list.Push(std::move(one));
    out.Set("id", facts.id);
    out.Set("prompt", prompt_);
    out.Set("generations", std::move(list));
    return out;
  }
  void Begin(const AnswerFacts&, StreamEvents*) override {}
  void Part(std::string_view text, StreamEvents* out) override {
    Json chunk;
    chunk.Set("index", 0);
    chunk.Set("is_finished", false);
    chunk.Set("text", text);
    out->emplace_back(kChunk, std::move(chunk));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk;
    chunk.Set("index", 0);
    chunk.Set("is_finished", true);
    chunk.Set("finish_reason", FinishReason(answer));
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  std::string prompt_;
};

// A schema {"type":"object",...} of Cohere's {"NAME":{"description","type","required"}}. Its types have the
// names of Python's.
Json SchemaOf(const Json& definitions) {
  Json schema, properties(Json::Object{}), required(Json::Array{});
  for (const auto& [name, definition] : definitions.object()) {
    const Json* type = definition.Find("type");
    const std::string given = type != nullptr && type->is_string() ? ToLowerAscii(type->string()) : "str";
    const bool list = given.starts_with("list");
    Json property;
    property.Set("type", given == "int"                          ? "integer"
                         : given == "float"                      ? "number"
                         : given == "bool" || given == "boolean" ? "boolean"
                         : list                                  ? "array"
                         : given.starts_with("dict")             ? "object"
                                                                 : "string");
    if (const Json* text = definition.Find("description"); text != nullptr && text->is_string())
      property.Set("description", text->string());
    if (const Json* needed = definition.Find("required");
        needed != nullptr && needed->is_bool() && needed->boolean())
      required.Push(name);
    properties.Set(name, std::move(property));
  }
  schema.Set("type", "object");
  schema.Set("properties", std::move(properties));
  if (!required.array().empty()) schema.Set("required", std::move(required));
  return schema;
}

class CohereChat final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    message_ = reader.OptionalText("message").value_or("");
    static_cast<void>(reader.Need("message"));
    const Json::Array* history = reader.List("chat_history", kMaxMessages);
    const std::string preamble = reader.OptionalText("preamble").value_or("");
    const Json::Array* documents = reader.List("documents", kMaxDocuments);
    const Json::Array* tools = reader.List("tools", kMaxTools);
    const Json::Array* results = reader.List("tool_results", kMaxTools);
    const Json* format = reader.Object("response_format");
    ReadSampling(&reader, &chat_);
    for (const char* idle :
         {"search_queries_only", "prompt_truncation", "frequency_penalty", "presence_penalty", "seed",
          "return_prompt", "raw_prompting", "force_single_step", "stream"})
      reader.Ignore(idle);
    TRINE_TRY(reader.Finish());
    if (!preamble.empty()) chat_.messages.push_back({ChatMessage::Role::kSystem, preamble});
    if (history != nullptr) TRINE_TRY(ReadHistory(*history));
    if (tools != nullptr) TRINE_TRY(ReadTools(*tools));
    if (format != nullptr) TRINE_TRY(ReadFormat(*format));
    ChatMessage last{ChatMessage::Role::kUser, ""};
    if (documents != nullptr) TRINE_TRY(ReadDocuments(*documents, &last.text));
    last.text += message_;
    if (results != nullptr) TRINE_TRY(ReadResults(*results, &last));
    if (IsBlank(message_) && last.tool_results.empty())
      return Invalid(
          "invalid request: message must be at least 1 token long or tool results must be specified.",
          "message");
    chat_.messages.push_back(std::move(last));
    return Ok();
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts& facts) const override {
    Json out, history = history_;
    out.Set("response_id", facts.id);
    out.Set("text", answer.text);
    out.Set("generation_id", "generation-" + facts.id);
    out.Set("finish_reason", FinishReason(answer));
    if (!answer.tool_calls.empty()) out.Set("tool_calls", Calls(answer));
    history.Push(Turn("USER", message_));
    history.Push(Turn("CHATBOT", answer.text));
    out.Set("chat_history", std::move(history));
    return out;
  }
  void Begin(const AnswerFacts& facts, StreamEvents* out) override {
    Json chunk = Event("stream-start", false);
    chunk.Set("generation_id", "generation-" + facts.id);
    out->emplace_back(kChunk, std::move(chunk));
  }
  void Part(std::string_view text, StreamEvents* out) override {
    Json chunk = Event("text-generation", false);
    chunk.Set("text", text);
    out->emplace_back(kChunk, std::move(chunk));
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    if (!answer.tool_calls.empty()) {
      Json chunk = Event("tool-calls-generation", false);
      chunk.Set("tool_calls", Calls(answer));
      out->emplace_back(kChunk, std::move(chunk));
    }
    Json chunk = Event("stream-end", true);
    chunk.Set("finish_reason", FinishReason(answer));
    chunk.Set("response", Whole(answer, facts));
    SetInvocationMetrics(answer, facts, &chunk);
    out->emplace_back(kChunk, std::move(chunk));
  }

 private:
  static Json Event(const char* type, bool finished) {
    Json event;
    event.Set("event_type", type);
    event.Set("is_finished", finished);
    return event;
  }
  static Json Turn(const char* role, std::string_view text) {
    Json turn;
    turn.Set("role", role);
    turn.Set("message", text);
    return turn;
  }
  static Json Calls(const ChatAnswer& answer) {
    Json calls(Json::Array{});
    for (const language::ToolCall& call : answer.tool_calls) {
      Json one;
      one.Set("name", call.name);
      one.Set("parameters", ToolInput(call));
      calls.Push(std::move(one));
    }
    return calls;
  }

  Status ReadHistory(const Json::Array& history) {
    for (size_t i = 0; i < history.size(); ++i) {
      BodyReader turn(history[i], kSchema, "chat_history." + std::to_string(i));
      const std::string role =
          turn.Choice("role", {"USER", "CHATBOT", "SYSTEM", "User", "Chatbot", "System"});
      const std::string text = turn.Text("message");
      TRINE_TRY(turn.Finish(false));
      const std::string name = ToUpperAscii(role);
      chat_.messages.push_back({name == "CHATBOT"  ? ChatMessage::Role::kAssistant
                                : name == "SYSTEM" ? ChatMessage::Role::kSystem
                                                   : ChatMessage::Role::kUser,
                                text});
    }
    history_ = Json(history);
    return Ok();
  }

  // Documents are objects of texts.
  static Status ReadDocuments(const Json::Array& documents, std::string* text) {
    std::vector<Document> read;
    for (const Json& one : documents) {
      if (!one.is_object())
        return Invalid("documents: each document should be an object of strings", "documents");
      Document document;
      for (const auto& [name, value] : one.object()) {
        if (!value.is_string())
          return Invalid("documents: each document should be an object of strings", "documents");
        if (name == "title")
          document.title = value.string();
        else if (name != "id" && name != "url")
          document.text += (document.text.empty() ? "" : "\n") + value.string();
      }
      read.push_back(std::move(document));
    }
    *text = DocumentsText(read);
    return Ok();
  }

  Status ReadTools(const Json::Array& tools) {
    for (size_t i = 0; i < tools.size(); ++i) {
      BodyReader reader(tools[i], kSchema, "tools." + std::to_string(i));
      language::Tool tool;
      tool.name = reader.Text("name");
      tool.description = reader.OptionalText("description").value_or("");
      const Json* parameters = reader.Object("parameter_definitions");
      TRINE_TRY(reader.Finish(false));
      TRINE_TRY(CheckToolName(tool.name, "tools.name"));
      tool.input_schema =
          format::ToString(SchemaOf(parameters == nullptr ? Json(Json::Object{}) : *parameters));
      chat_.tools.push_back(std::move(tool));
    }
    return Ok();
  }

  Status ReadFormat(const Json& format) {
    BodyReader reader(format, kSchema, "response_format");
    chat_.want_json = reader.Choice("type", {"text", "json_object"}) == "json_object";
    if (const Json* schema = reader.Object("schema"); schema != nullptr)
      chat_.json_schema = format::ToString(*schema);
    return reader.Finish(false);
  }

  // The results of calls, which have no ids: a call and its result get the number of their place. The calls
  // are those of the last answer, which the history does not have.
  Status ReadResults(const Json::Array& results, ChatMessage* last) {
    ChatMessage calls{ChatMessage::Role::kAssistant, ""};
    for (size_t i = 0; i < results.size(); ++i) {
      BodyReader reader(results[i], kSchema, "tool_results." + std::to_string(i));
      const Json* call = reader.Object("call");
      const Json::Array* outputs = reader.List("outputs", kMaxTools);
      TRINE_TRY(reader.Finish(false));
      if (call == nullptr || outputs == nullptr)
        return Invalid("tool_results: each result needs a call and outputs", "tool_results");
      BodyReader inner(*call, kSchema, "tool_results.call");
      const std::string name = inner.Text("name");
      const Json* parameters = inner.Object("parameters");
      TRINE_TRY(inner.Finish(false));
      const std::string id = "call_" + std::to_string(i);
      calls.tool_calls.push_back({id, name, parameters == nullptr ? "{}" : format::ToString(*parameters)});
      last->tool_results.push_back({id, format::ToString(Json(*outputs))});
    }
    if (!calls.tool_calls.empty()) {
      // The question comes before the calls that it led to.
      if (!IsBlank(last->text)) chat_.messages.push_back({ChatMessage::Role::kUser, std::move(last->text)});
      last->text.clear();
      chat_.messages.push_back(std::move(calls));
    }
    return Ok();
  }

  std::string message_;
  Json history_{Json::Array{}};
};

}  // namespace

Result<std::unique_ptr<Invocation>> ReadCohereCommand(const Json& body) {
  auto invocation = std::make_unique<CohereCommand>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

Result<std::unique_ptr<Invocation>> ReadCohereChat(const Json& body) {
  auto invocation = std::make_unique<CohereChat>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

}  // namespace trine::api::bedrock
