// Anthropic's Messages API.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "format/json.h"
#include "remote/llm/block_numbers.h"
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

constexpr std::string_view kVersion = "2023-06-01";  // the only version of the API so far

void WriteMessage(const language::ChatMessage& message, JsonWriter& out) {
  out.BeginObject().Key("role").String(message.role == Role::kAssistant ? "assistant" : "user");
  out.Key("content").BeginArray();
  for (const language::ToolResult& result : message.tool_results) {
    out.BeginObject().Key("type").String("tool_result").Key("tool_use_id").String(result.call_id);
    out.Key("content").String(result.text);
    if (result.failed) out.Key("is_error").Bool(true);
    out.EndObject();
  }
  if (!message.text.empty())
    out.BeginObject().Key("type").String("text").Key("text").String(message.text).EndObject();
  for (const language::ToolCall& call : message.tool_calls) {
    out.BeginObject().Key("type").String("tool_use").Key("id").String(call.id).Key("name").String(call.name);
    out.Key("input").Value(ParsedJson(call.input)).EndObject();
  }
  out.EndArray().EndObject();
}

void WriteTools(const language::ChatRequest& request, JsonWriter& out) {
  out.Key("tools").BeginArray();
  for (const language::Tool& tool : request.tools) {
    out.BeginObject().Key("name").String(tool.name);
    if (!tool.description.empty()) out.Key("description").String(tool.description);
    out.Key("input_schema").Value(ParsedJson(tool.input_schema)).EndObject();
  }
  out.EndArray();
  if (request.tool_choice.kind == ToolChoiceKind::kAuto) return;
  out.Key("tool_choice").BeginObject().Key("type");
  switch (request.tool_choice.kind) {
    case ToolChoiceKind::kAuto:
    case ToolChoiceKind::kNone:
      out.String("none");
      break;
    case ToolChoiceKind::kAny:
      out.String("any");
      break;
    case ToolChoiceKind::kNamed:
      out.String("tool").Key("name").String(request.tool_choice.name);
      break;
  }
  out.EndObject();
}

void ReadStopReason(const Json* holder, AnswerBuilder& answer) {
  const std::string* const reason = FindText(holder, "stop_reason");
  if (reason == nullptr) return;
  const std::string* const stop = FindText(holder, "stop_sequence");
  if (*reason == "max_tokens" || *reason == "model_context_window_exceeded")
    answer.SetFinish(Finish::kMaxTokens);
  else if (*reason == "tool_use")
    answer.SetFinish(Finish::kToolCalls);
  else if (*reason == "refusal")
    answer.SetFinish(Finish::kRefused);
  else if (*reason == "stop_sequence")
    answer.SetFinish(Finish::kStop, stop != nullptr ? *stop : "");
  else
    answer.SetFinish(Finish::kEnd);
}

// The input counts leave out what was read from or written to the provider's cache.
void ReadUsage(const Json* usage, AnswerBuilder& answer) {
  if (const auto tokens = FindCount(usage, "input_tokens")) {
    const uint64_t all = uint64_t{*tokens} + FindCount(usage, "cache_read_input_tokens").value_or(0) +
                         FindCount(usage, "cache_creation_input_tokens").value_or(0);
    answer.SetInputTokens(
        static_cast<uint32_t>(std::min<uint64_t>(all, std::numeric_limits<int32_t>::max())));
  }
  if (const auto tokens = FindCount(usage, "output_tokens")) answer.SetOutputTokens(*tokens);
}

class AnthropicStream final : public StreamReader {
 public:
  explicit AnthropicStream(AnswerBuilder& answer) : answer_(answer) {}

  Status Add(std::string_view bytes) override {
    return reader_.Add(bytes, [this](std::string_view, std::string_view data) { return Take(data); });
  }
  Status Finish() override {
    TRINE_TRY(reader_.Finish([this](std::string_view, std::string_view data) { return Take(data); }));
    if (answer_.has_finish()) return Ok();
    return Error(ErrorCode::kUnavailable, "the language model provider ended its answer in the middle");
  }

 private:
  Status Take(std::string_view data) {
    TRINE_ASSIGN(const LooseJson event, ParseLooseJson(data, "an event"));
    const std::string* const type = FindText(&event.json, "type");
    if (type == nullptr) return Ok();
    if (*type == "error") return StreamError(ErrorText(event.json));
    if (*type == "message_start") {
      const Json* const message = FindObject(&event.json, "message");
      ReadUsage(FindObject(message, "usage"), answer_);
    } else if (*type == "message_delta") {
      ReadStopReason(FindObject(&event.json, "delta"), answer_);
      ReadUsage(FindObject(&event.json, "usage"), answer_);
    } else if (*type == "content_block_start") {
      return StartBlock(event);
    } else if (*type == "content_block_delta") {
      return AddToBlock(event);
    }
    return Ok();  // ping, content_block_stop, message_stop, and types that do not exist yet
  }

  Status StartBlock(const LooseJson& event) {
    const Json* const block = FindObject(&event.json, "content_block");
    const std::string* const type = FindText(block, "type");
    if (type == nullptr) return Ok();
    if (*type == "text") {
      const std::string* const text = FindText(block, "text");
      return text != nullptr ? answer_.AddText(event.Bytes(*text)) : Ok();
    }
    if (*type != "tool_use") return Ok();
    const size_t tool = numbers_.Begin(FindCount(&event.json, "index").value_or(0));
    const std::string *const id = FindText(block, "id"), *const name = FindText(block, "name");
    return answer_.AddTool(tool, id != nullptr ? *id : "", name != nullptr ? *name : "");
  }

  Status AddToBlock(const LooseJson& event) {
    const Json* const delta = FindObject(&event.json, "delta");
    if (const std::string* text = FindText(delta, "text")) return answer_.AddText(event.Bytes(*text));
    const std::string* const input = FindText(delta, "partial_json");
    const size_t tool = numbers_.Find(FindCount(&event.json, "index").value_or(0));
    if (input == nullptr || tool == BlockNumbers::kNoTool) return Ok();  // thoughts, signatures, citations
    return answer_.AddToolInput(tool, *input);
  }

  AnswerBuilder& answer_;
  SseReader reader_;
  BlockNumbers numbers_;
};

class AnthropicWire final : public Wire {
 public:
  explicit AnthropicWire(WireOptions options) : options_(std::move(options)) {
    TRINE_CHECK(!options_.url.empty());
    if (options_.url.ends_with("/v1")) options_.url.resize(options_.url.size() - 3);
  }

  FeatureSet features() const override {
    return FeatureSet::All().Without(Feature::kJsonObject).Without(Feature::kStreamUsage);
  }
  std::string_view stream_type() const override { return "text/event-stream"; }

  net::ClientRequest Print(const WireCall& call, Millis) const override {
    TRINE_CHECK(call.request != nullptr);
    const language::ChatRequest& request = *call.request;
    net::ClientRequest http;
    http.method = "POST";
    http.url = options_.url + "/v1/messages";
    http.headers.Add("Content-Type", "application/json");
    http.headers.Add("anthropic-version", std::string(kVersion));
    if (!options_.key.empty()) http.headers.Add("x-api-key", options_.key);
    JsonWriter out(&http.body);
    out.BeginObject().Key("model").String(options_.model).Key("max_tokens").Uint(request.max_tokens);
    if (!call.system.empty()) out.Key("system").String(call.system);
    out.Key("messages").BeginArray();
    for (const language::ChatMessage& message : call.turns) WriteMessage(message, out);
    out.EndArray();
    if (call.features.Has(Feature::kTemperature)) out.Key("temperature").Double(*request.temperature);
    if (call.features.Has(Feature::kTopP)) out.Key("top_p").Double(*request.top_p);
    if (!request.stop.empty()) {
      out.Key("stop_sequences").BeginArray();
      for (const std::string& stop : request.stop) out.String(stop);
      out.EndArray();
    }
    if (call.features.Has(Feature::kTools)) WriteTools(request, out);
    if (call.features.Has(Feature::kJsonSchema)) {
      out.Key("output_config").BeginObject().Key("format").BeginObject().Key("type").String("json_schema");
      out.Key("schema").Value(ParsedJson(request.json_schema)).EndObject().EndObject();
    }
    if (call.features.Has(Feature::kStreaming)) out.Key("stream").Bool(true);
    out.EndObject();
    return http;
  }

  Status ReadAnswer(std::string_view body, AnswerBuilder& answer) const override {
    TRINE_ASSIGN(const LooseJson document, ParseLooseJson(body, "the answer"));
    const std::string* const type = FindText(&document.json, "type");
    if (type != nullptr && *type == "error") return StreamError(ErrorText(document.json));
    const Json* const content = FindArray(&document.json, "content");
    if (content == nullptr)
      return Error(ErrorCode::kUnavailable, "the answer of the language model provider has no content");
    ReadUsage(FindObject(&document.json, "usage"), answer);
    ReadStopReason(&document.json, answer);
    size_t tools = 0;
    for (const Json& block : content->array()) {
      const std::string* const kind = FindText(&block, "type");
      const std::string* const text = FindText(&block, "text");
      if (kind == nullptr) continue;
      if (*kind == "text" && text != nullptr) TRINE_TRY(answer.AddText(document.Bytes(*text)));
      if (*kind != "tool_use") continue;
      const std::string *const id = FindText(&block, "id"), *const name = FindText(&block, "name");
      TRINE_TRY(answer.AddTool(tools, id != nullptr ? *id : "", name != nullptr ? *name : ""));
      if (const Json* input = FindObject(&block, "input"))
        TRINE_TRY(answer.AddToolInput(tools, format::ToString(*input)));
      ++tools;
    }
    return Ok();
  }

  std::unique_ptr<StreamReader> NewStream(AnswerBuilder& answer) const override {
    return std::make_unique<AnthropicStream>(answer);
  }

 private:
  WireOptions options_;
};

}  // namespace

std::unique_ptr<Wire> NewAnthropicWire(WireOptions options) {
  return std::make_unique<AnthropicWire>(std::move(options));
}

}  // namespace trine::remote::llm
