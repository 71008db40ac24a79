// Amazon Bedrock's Converse and ConverseStream.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "format/event_stream.h"
#include "format/json.h"
#include "format/text.h"
#include "remote/llm/block_numbers.h"
#include "remote/llm/loose_json.h"
#include "remote/llm/provider_error.h"
#include "remote/llm/wires.h"

namespace trine::remote::llm {
namespace {

using Finish = language::ChatAnswer::Finish;
using Role = language::ChatMessage::Role;
using ToolChoiceKind = language::ToolChoice::Kind;
using format::Json;
using format::JsonWriter;

constexpr std::string_view kNoText = "(no output)";  // Bedrock rejects empty texts

void WriteMessage(const language::ChatMessage& message, JsonWriter& out) {
  out.BeginObject().Key("role").String(message.role == Role::kAssistant ? "assistant" : "user");
  out.Key("content").BeginArray();
  for (const language::ToolResult& result : message.tool_results) {
    out.BeginObject().Key("toolResult").BeginObject().Key("toolUseId").String(result.call_id);
    out.Key("content").BeginArray().BeginObject().Key("text");
    out.String(result.text.empty() ? kNoText : std::string_view(result.text)).EndObject().EndArray();
    out.Key("status").String(result.failed ? "error" : "success").EndObject().EndObject();
  }
  if (!message.text.empty()) out.BeginObject().Key("text").String(message.text).EndObject();
  for (const language::ToolCall& call : message.tool_calls) {
    out.BeginObject().Key("toolUse").BeginObject().Key("toolUseId").String(call.id);
    out.Key("name").String(call.name).Key("input").Value(ParsedJson(call.input)).EndObject().EndObject();
  }
  out.EndArray().EndObject();
}

void WriteParameters(const WireCall& call, JsonWriter& out) {
  const language::ChatRequest& request = *call.request;
  out.Key("inferenceConfig").BeginObject().Key("maxTokens").Uint(request.max_tokens);
  if (call.features.Has(Feature::kTemperature)) out.Key("temperature").Double(*request.temperature);
  if (call.features.Has(Feature::kTopP)) out.Key("topP").Double(*request.top_p);
  if (!request.stop.empty()) {
    out.Key("stopSequences").BeginArray();
    for (const std::string& stop : request.stop) out.String(stop);
    out.EndArray();
  }
  out.EndObject();
}

// Converse has no choice "none". WireModel sends the tools with it only if the conversation already has
// calls, and then rejects further ones.
void WriteTools(const language::ChatRequest& request, JsonWriter& out) {
  out.Key("toolConfig").BeginObject().Key("tools").BeginArray();
  for (const language::Tool& tool : request.tools) {
    out.BeginObject().Key("toolSpec").BeginObject().Key("name").String(tool.name);
    if (!tool.description.empty()) out.Key("description").String(tool.description);
    out.Key("inputSchema").BeginObject().Key("json").Value(ParsedJson(tool.input_schema));
    out.EndObject().EndObject().EndObject();
  }
  out.EndArray();
  if (request.tool_choice.kind == ToolChoiceKind::kAny)
    out.Key("toolChoice").BeginObject().Key("any").BeginObject().EndObject().EndObject();
  if (request.tool_choice.kind == ToolChoiceKind::kNamed) {
    out.Key("toolChoice").BeginObject().Key("tool").BeginObject().Key("name");
    out.String(request.tool_choice.name).EndObject().EndObject();
  }
  out.EndObject();
}

void WriteSchema(const language::ChatRequest& request, JsonWriter& out) {
  out.Key("outputConfig").BeginObject().Key("textFormat").BeginObject().Key("type").String("json_schema");
  out.Key("structure").BeginObject().Key("jsonSchema").BeginObject();
  out.Key("schema").String(request.json_schema);  // as text
  out.Key("name").String(request.json_schema_name.empty() ? "answer" : request.json_schema_name);
  out.EndObject().EndObject().EndObject().EndObject();
}

Status ReadStopReason(const Json& holder, AnswerBuilder& answer) {
  const std::string* const reason = FindText(&holder, "stopReason");
  if (reason == nullptr) return Ok();
  if (reason->starts_with("malformed_")) {
    return Error(ErrorCode::kUnavailable,
                 "the language model provider reports malformed output of its model");
  }
  if (*reason == "max_tokens" || *reason == "model_context_window_exceeded")
    answer.SetFinish(Finish::kMaxTokens);
  else if (*reason == "tool_use")
    answer.SetFinish(Finish::kToolCalls);
  else if (*reason == "guardrail_intervened" || *reason == "content_filtered")
    answer.SetFinish(Finish::kRefused);
  else
    answer.SetFinish(*reason == "stop_sequence" ? Finish::kStop : Finish::kEnd);
  return Ok();
}

void ReadUsage(const Json& holder, AnswerBuilder& answer) {
  const Json* const usage = FindObject(&holder, "usage");
  if (const auto tokens = FindCount(usage, "inputTokens")) answer.SetInputTokens(*tokens);
  if (const auto tokens = FindCount(usage, "outputTokens")) answer.SetOutputTokens(*tokens);
}

class BedrockStream final : public StreamReader {
 public:
  explicit BedrockStream(AnswerBuilder& answer) : answer_(answer) {}

  Status Add(std::string_view bytes) override {
    const Status added = decoder_.Add(bytes, [this](format::EventMessage m) { return Take(m); });
    return added.ok() || added.error().code != ErrorCode::kCorrupt ? added : Damaged();
  }
  Status Finish() override {
    if (!decoder_.Finish().ok()) return Damaged();
    if (answer_.has_finish()) return Ok();
    return Error(ErrorCode::kUnavailable, "the language model provider ended its answer in the middle");
  }

 private:
  static Error Damaged() {
    return Error(ErrorCode::kUnavailable, "the event stream of the language model provider is damaged");
  }

  Status Take(const format::EventMessage& message) {
    const std::string_view kind = message.Header(":message-type");
    if (kind == "exception" || kind == "error") {
      std::string type(message.Header(kind == "error" ? ":error-code" : ":exception-type"));
      const auto body = ParseLooseJson(message.payload, "the error");
      const std::string text =
          body.ok() ? ErrorText(body->json) : std::string(message.Header(":error-message"));
      return StreamError(type.empty() || text.empty() ? type + text : type + ": " + text);
    }
    const std::string_view type = message.Header(":event-type");
    if (type != "contentBlockStart" && type != "contentBlockDelta" && type != "messageStop" &&
        type != "metadata")
      return Ok();
    TRINE_ASSIGN(const LooseJson event, ParseLooseJson(message.payload, "an event"));
    if (type == "messageStop") return ReadStopReason(event.json, answer_);
    if (type == "metadata") return ReadUsage(event.json, answer_), Ok();
    const uint32_t block = FindCount(&event.json, "contentBlockIndex").value_or(0);
    if (type == "contentBlockStart") {
      const Json* const call = FindObject(FindObject(&event.json, "start"), "toolUse");
      if (call == nullptr) return Ok();
      const std::string *const id = FindText(call, "toolUseId"), *const name = FindText(call, "name");
      return answer_.AddTool(numbers_.Begin(block), id != nullptr ? *id : "", name != nullptr ? *name : "");
    }
    const Json* const delta = FindObject(&event.json, "delta");
    if (const std::string* text = FindText(delta, "text")) return answer_.AddText(event.Bytes(*text));
    const std::string* const input = FindText(FindObject(delta, "toolUse"), "input");
    const size_t tool = numbers_.Find(block);
    if (input == nullptr || tool == BlockNumbers::kNoTool) return Ok();  // reasoning and citations
    return answer_.AddToolInput(tool, *input);
  }

  AnswerBuilder& answer_;
  format::EventStreamDecoder decoder_;
  BlockNumbers numbers_;
};

class BedrockWire final : public Wire {
 public:
  explicit BedrockWire(BedrockOptions options) : options_(std::move(options)) {
    TRINE_CHECK(!options_.url.empty());
    TRINE_CHECK(options_.aws_key.has_value() || !options_.key.empty());
  }

  FeatureSet features() const override {
    return FeatureSet::All()
        .Without(Feature::kJsonObject)
        .Without(Feature::kStreamUsage)
        .Without(Feature::kMaxTokensMember);
  }
  std::string_view stream_type() const override { return "application/vnd.amazon.eventstream"; }

  net::ClientRequest Print(const WireCall& call, Millis now) const override {
    TRINE_CHECK(call.request != nullptr);
    const std::string path = "/model/" + format::PercentEncode(options_.model) +
                             (call.features.Has(Feature::kStreaming) ? "/converse-stream" : "/converse");
    net::ClientRequest http;
    http.method = "POST";
    http.url = options_.url + path;
    http.headers.Add("Content-Type", "application/json");
    JsonWriter out(&http.body);
    out.BeginObject().Key("messages").BeginArray();
    for (const language::ChatMessage& message : call.turns) WriteMessage(message, out);
    out.EndArray();
    if (!call.system.empty())
      out.Key("system").BeginArray().BeginObject().Key("text").String(call.system).EndObject().EndArray();
    WriteParameters(call, out);
    if (call.features.Has(Feature::kTools)) WriteTools(*call.request, out);
    if (call.features.Has(Feature::kJsonSchema)) WriteSchema(*call.request, out);
    out.EndObject();
    if (!options_.aws_key) {
      http.headers.Add("Authorization", "Bearer " + options_.key);
      return http;
    }
    std::string_view host = std::string_view(options_.url).substr(options_.url.find("://") + 3);
    const std::string prefix(host.substr(std::min(host.find('/'), host.size())));  // the path of a gateway
    host = host.substr(0, host.size() - prefix.size());
    net::Sign(*options_.aws_key, {options_.region, "bedrock"}, now, http.method, host, prefix + path, "",
              http.body, &http.headers);
    return http;
  }

  Status ReadAnswer(std::string_view body, AnswerBuilder& answer) const override {
    TRINE_ASSIGN(const LooseJson document, ParseLooseJson(body, "the answer"));
    const Json* const message = FindObject(FindObject(&document.json, "output"), "message");
    const Json* const content = FindArray(message, "content");
    if (content == nullptr)
      return Error(ErrorCode::kUnavailable, "the answer of the language model provider has no content");
    ReadUsage(document.json, answer);
    TRINE_TRY(ReadStopReason(document.json, answer));
    size_t tools = 0;
    for (const Json& block : content->array()) {
      if (const std::string* text = FindText(&block, "text"))
        TRINE_TRY(answer.AddText(document.Bytes(*text)));
      const Json* const call = FindObject(&block, "toolUse");
      if (call == nullptr) continue;
      const std::string *const id = FindText(call, "toolUseId"), *const name = FindText(call, "name");
      TRINE_TRY(answer.AddTool(tools, id != nullptr ? *id : "", name != nullptr ? *name : ""));
      if (const Json* input = FindObject(call, "input"))
        TRINE_TRY(answer.AddToolInput(tools, format::ToString(*input)));
      ++tools;
    }
    return Ok();
  }

  std::unique_ptr<StreamReader> NewStream(AnswerBuilder& answer) const override {
    return std::make_unique<BedrockStream>(answer);
  }

 private:
  const BedrockOptions options_;
};

}  // namespace

std::unique_ptr<Wire> NewBedrockWire(BedrockOptions options) {
  return std::make_unique<BedrockWire>(std::move(options));
}

}  // namespace trine::remote::llm
