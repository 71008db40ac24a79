// OpenAI's chat completions, as OpenAI, llama.cpp, vLLM, Ollama and many others serve them.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "format/json.h"
#include "remote/llm/loose_json.h"
#include "remote/llm/provider_error.h"
#include "remote/llm/sse_reader.h"
#include "remote/llm/wires.h"

namespace trine::remote::llm {
namespace {

using Finish = language::ChatAnswer::Finish;
using Role = language::ChatMessage::Role;
using ToolChoiceKind = language::ToolChoice::Kind;
using format::Json;
using format::JsonWriter;

constexpr size_t kMaxSchemaDepth = 64;

// Whether a schema meets OpenAI's conditions for strict schemas: each object lists all of its properties as
// required and allows no others. Other schemas are sent as a hint.
bool IsStrict(const Json& schema, size_t depth = 0) {
  if (depth > kMaxSchemaDepth) return false;
  if (schema.is_array()) {
    return std::ranges::all_of(schema.array(), [&](const Json& part) { return IsStrict(part, depth + 1); });
  }
  if (!schema.is_object()) return true;
  const std::string* const type = FindText(&schema, "type");
  const Json* const properties = FindObject(&schema, "properties");
  if (properties != nullptr || (type != nullptr && *type == "object")) {
    const Json* const additional = schema.Find("additionalProperties");
    const Json* const required = FindArray(&schema, "required");
    if (properties == nullptr || additional == nullptr || !additional->is_bool() || additional->boolean() ||
        required == nullptr)
      return false;
    for (const auto& [name, unused] : properties->object()) {
      if (std::ranges::find(required->array(), Json(name)) == required->array().end()) return false;
    }
  }
  return std::ranges::all_of(schema.object(),
                             [&](const auto& member) { return IsStrict(member.second, depth + 1); });
}

void WriteToolCalls(const std::vector<language::ToolCall>& calls, JsonWriter& out) {
  out.Key("tool_calls").BeginArray();
  for (const language::ToolCall& call : calls) {
    out.BeginObject().Key("id").String(call.id).Key("type").String("function");
    out.Key("function").BeginObject().Key("name").String(call.name).Key("arguments").String(call.input);
    out.EndObject().EndObject();
  }
  out.EndArray();
}

void WriteMessage(const language::ChatMessage& message, JsonWriter& out) {
  for (const language::ToolResult& result : message.tool_results) {
    out.BeginObject().Key("role").String("tool").Key("tool_call_id").String(result.call_id);
    // There is no member for a failure.
    out.Key("content").String(result.failed ? "Error: " + result.text : result.text).EndObject();
  }
  if (message.text.empty() && message.tool_calls.empty()) return;
  out.BeginObject().Key("role").String(message.role == Role::kAssistant ? "assistant" : "user");
  out.Key("content");
  if (message.text.empty())
    out.Null();
  else
    out.String(message.text);
  if (!message.tool_calls.empty()) WriteToolCalls(message.tool_calls, out);
  out.EndObject();
}

void WriteTools(const language::ChatRequest& request, JsonWriter& out) {
  out.Key("tools").BeginArray();
  for (const language::Tool& tool : request.tools) {
    out.BeginObject().Key("type").String("function").Key("function").BeginObject();
    out.Key("name").String(tool.name);
    if (!tool.description.empty()) out.Key("description").String(tool.description);
    out.Key("parameters").Value(ParsedJson(tool.input_schema)).EndObject().EndObject();
  }
  out.EndArray();
  switch (request.tool_choice.kind) {
    case ToolChoiceKind::kAuto:
      break;
    case ToolChoiceKind::kNone:
      out.Key("tool_choice").String("none");
      break;
    case ToolChoiceKind::kAny:
      out.Key("tool_choice").String("required");
      break;
    case ToolChoiceKind::kNamed:
      out.Key("tool_choice").BeginObject().Key("type").String("function").Key("function").BeginObject();
      out.Key("name").String(request.tool_choice.name).EndObject().EndObject();
      break;
  }
}

void WriteResponseFormat(const WireCall& call, JsonWriter& out) {
  const language::ChatRequest& request = *call.request;
  if (call.features.Has(Feature::kJsonSchema)) {
    const Json schema = ParsedJson(request.json_schema);
    out.Key("response_format").BeginObject().Key("type").String("json_schema");
    out.Key("json_schema").BeginObject();
    out.Key("name").String(request.json_schema_name.empty() ? "answer" : request.json_schema_name);
    if (IsStrict(schema)) out.Key("strict").Bool(true);
    out.Key("schema").Value(schema).EndObject().EndObject();
  } else if (call.features.Has(Feature::kJsonObject)) {
    out.Key("response_format").BeginObject().Key("type").String("json_object").EndObject();
  }
}

void ReadUsage(const Json& body, AnswerBuilder& answer) {
  const Json* const usage = FindObject(&body, "usage");
  if (const auto tokens = FindCount(usage, "prompt_tokens")) answer.SetInputTokens(*tokens);
  if (const auto tokens = FindCount(usage, "completion_tokens")) answer.SetOutputTokens(*tokens);
}

void ReadFinish(const Json& choice, AnswerBuilder& answer) {
  const std::string* const reason = FindText(&choice, "finish_reason");
  if (reason == nullptr) return;
  // vLLM tells the stop string that ended the answer.
  const std::string* const stop = FindText(&choice, "stop_reason");
  if (*reason == "length")
    answer.SetFinish(Finish::kMaxTokens);
  else if (*reason == "tool_calls" || *reason == "function_call")
    answer.SetFinish(Finish::kToolCalls);
  else if (*reason == "content_filter")
    answer.SetFinish(Finish::kRefused);
  else if (*reason == "error")  // OpenRouter: the model behind it failed
    return;
  else
    answer.SetFinish(stop != nullptr ? Finish::kStop : Finish::kEnd,
                     stop != nullptr ? std::string_view(*stop) : std::string_view());
}

// Reads a message, or its part in an event of a stream: both have the same members.
Status ReadMessage(const Json& message, const LooseJson& source, AnswerBuilder& answer) {
  if (const std::string* text = FindText(&message, "content")) {
    TRINE_TRY(answer.AddText(source.Bytes(*text)));
  } else if (const Json* parts = FindArray(&message, "content")) {
    for (const Json& part : parts->array()) {
      if (const std::string* piece = FindText(&part, "text")) TRINE_TRY(answer.AddText(source.Bytes(*piece)));
    }
  }
  if (const std::string* refusal = FindText(&message, "refusal"); refusal != nullptr && !refusal->empty()) {
    answer.SetRefused();
    TRINE_TRY(answer.AddText(source.Bytes(*refusal)));
  }
  const Json* const calls = FindArray(&message, "tool_calls");
  if (calls == nullptr) return Ok();
  for (size_t i = 0; i < calls->array().size(); ++i) {
    const Json& call = calls->array()[i];
    const size_t index = FindCount(&call, "index").value_or(static_cast<uint32_t>(i));
    const Json* const function = FindObject(&call, "function");
    const std::string* const id = FindText(&call, "id");
    const std::string* const name = FindText(function, "name");
    TRINE_TRY(answer.AddTool(index, id != nullptr ? *id : "", name != nullptr ? *name : ""));
    if (const std::string* input = FindText(function, "arguments"))
      TRINE_TRY(answer.AddToolInput(index, *input));
    else if (const Json* object = FindObject(function, "arguments"))
      TRINE_TRY(answer.AddToolInput(index, format::ToString(*object)));
  }
  return Ok();
}

class OpenAiStream final : public StreamReader {
 public:
  explicit OpenAiStream(AnswerBuilder& answer) : answer_(answer) {}

  Status Add(std::string_view bytes) override {
    return reader_.Add(bytes,
                       [this](std::string_view name, std::string_view data) { return Take(name, data); });
  }
  Status Finish() override {
    TRINE_TRY(
        reader_.Finish([this](std::string_view name, std::string_view data) { return Take(name, data); }));
    if (done_ || answer_.has_finish()) return Ok();
    return Error(ErrorCode::kUnavailable, "the language model provider ended its answer in the middle");
  }

 private:
  Status Take(std::string_view name, std::string_view data) {
    if (done_) return Ok();
    if (data == "[DONE]") return done_ = true, Ok();
    TRINE_ASSIGN(const LooseJson event, ParseLooseJson(data, "an event"));
    const Json* const error = event.json.Find("error");
    const std::string* const object = FindText(&event.json, "object");
    if (name == "error" || (error != nullptr && !error->is_null()) ||
        (object != nullptr && *object == "error"))
      return StreamError(ErrorText(event.json));
    ReadUsage(event.json, answer_);
    const Json* const choices = FindArray(&event.json, "choices");
    // The event with the usage has no choices.
    if (choices == nullptr || choices->array().empty()) return Ok();
    const Json& choice = choices->array().front();
    if (const Json* delta = FindObject(&choice, "delta")) TRINE_TRY(ReadMessage(*delta, event, answer_));
    ReadFinish(choice, answer_);
    return Ok();
  }

  AnswerBuilder& answer_;
  SseReader reader_;
  bool done_ = false;
};

class OpenAiWire final : public Wire {
 public:
  explicit OpenAiWire(WireOptions options) : options_(std::move(options)) {
    TRINE_CHECK(!options_.url.empty());
  }

  FeatureSet features() const override { return FeatureSet::All(); }
  std::string_view stream_type() const override { return "text/event-stream"; }

  net::ClientRequest Print(const WireCall& call, Millis) const override {
    TRINE_CHECK(call.request != nullptr);
    net::ClientRequest http;
    http.method = "POST";
    http.url = options_.url + "/chat/completions";
    const bool streaming = call.features.Has(Feature::kStreaming);
    http.headers.Add("Content-Type", "application/json");
    http.headers.Add("Accept", streaming ? "text/event-stream" : "application/json");
    if (!options_.key.empty()) http.headers.Add("Authorization", "Bearer " + options_.key);
    JsonWriter out(&http.body);
    out.BeginObject().Key("model").String(options_.model);
    out.Key("messages").BeginArray();
    if (!call.system.empty())
      out.BeginObject().Key("role").String("system").Key("content").String(call.system).EndObject();
    for (const language::ChatMessage& message : call.turns) WriteMessage(message, out);
    out.EndArray();
    WriteParameters(call, out);
    if (streaming) out.Key("stream").Bool(true);
    if (streaming && call.features.Has(Feature::kStreamUsage))
      out.Key("stream_options").BeginObject().Key("include_usage").Bool(true).EndObject();
    out.EndObject();
    return http;
  }

  Status ReadAnswer(std::string_view body, AnswerBuilder& answer) const override {
    TRINE_ASSIGN(const LooseJson document, ParseLooseJson(body, "the answer"));
    const Json* const error = document.json.Find("error");
    if (error != nullptr && !error->is_null()) return StreamError(ErrorText(document.json));
    const Json* const choices = FindArray(&document.json, "choices");
    const Json* const message = choices != nullptr && !choices->array().empty()
                                    ? FindObject(&choices->array().front(), "message")
                                    : nullptr;
    if (message == nullptr)
      return Error(ErrorCode::kUnavailable, "the answer of the language model provider has no message");
    ReadUsage(document.json, answer);
    ReadFinish(choices->array().front(), answer);
    return ReadMessage(*message, document, answer);
  }

  std::unique_ptr<StreamReader> NewStream(AnswerBuilder& answer) const override {
    return std::make_unique<OpenAiStream>(answer);
  }

 private:
  static void WriteParameters(const WireCall& call, JsonWriter& out) {
    const language::ChatRequest& request = *call.request;
    out.Key(call.features.Has(Feature::kMaxTokensMember) ? "max_tokens" : "max_completion_tokens");
    out.Uint(request.max_tokens);
    if (call.features.Has(Feature::kTemperature)) out.Key("temperature").Double(*request.temperature);
    if (call.features.Has(Feature::kTopP)) out.Key("top_p").Double(*request.top_p);
    if (!request.stop.empty()) {
      out.Key("stop").BeginArray();
      for (const std::string& stop : request.stop) out.String(stop);
      out.EndArray();
    }
    if (call.features.Has(Feature::kTools)) WriteTools(request, out);
    WriteResponseFormat(call, out);
  }

  const WireOptions options_;
};

}  // namespace

std::unique_ptr<Wire> NewOpenAiWire(WireOptions options) {
  return std::make_unique<OpenAiWire>(std::move(options));
}

}  // namespace trine::remote::llm
