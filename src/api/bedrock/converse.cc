#include "api/bedrock/converse.h"

#include "api/bedrock/body_reader.h"
#include "api/bedrock/converse_blocks.h"
#include "api/bedrock/errors.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using language::ChatAnswer;
constexpr auto kPlain = BodyReader::Wording::kPlain;
constexpr size_t kMaxConverseStops = 2500;  // the service's bound
constexpr size_t kMaxPaths = 10;            // the same
// Without maxTokens the service uses the maximum of the model.
constexpr size_t kDefaultConverseTokens = 4096;

// A conversation with tool blocks needs the tools that they name.
Status CheckToolBlocks(const language::ChatRequest& chat) {
  if (!chat.tools.empty()) return Ok();
  for (const language::ChatMessage& message : chat.messages) {
    if (!message.tool_calls.empty() || !message.tool_results.empty())
      return Invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.",
                     "toolConfig");
  }
  return Ok();
}

Status ReadConfig(const Json& config, language::ChatRequest* chat) {
  BodyReader reader(config, kPlain, "inferenceConfig");
  if (const auto most = reader.Int("maxTokens", 1, INT32_MAX)) chat->max_tokens = static_cast<size_t>(*most);
  chat->temperature = reader.Number("temperature", 0, 1);
  chat->top_p = reader.Number("topP", 0, 1);
  chat->stop = reader.Texts("stopSequences", kMaxConverseStops);
  return reader.Finish(false);
}

// {"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema","name"}}}}; the schema is a string.
Status ReadOutputConfig(const Json& config, language::ChatRequest* chat) {
  BodyReader reader(config, kPlain, "outputConfig");
  const Json* text_format = reader.Object("textFormat");
  reader.Ignore("effort");
  TRINE_TRY(reader.Finish(false));
  if (text_format == nullptr) return Ok();
  BodyReader inner(*text_format, kPlain, "outputConfig.textFormat");
  static_cast<void>(inner.Choice("type", {"json_schema"}));
  static_cast<void>(inner.Need("type"));
  const Json* structure = inner.Object("structure");
  static_cast<void>(inner.Need("structure"));
  TRINE_TRY(inner.Finish(false));
  const std::string where = "outputConfig.textFormat.structure.jsonSchema";
  const Json* definition = structure->Find("jsonSchema");
  if (definition == nullptr) return Invalid(where + ": Field required", where);
  BodyReader schema(*definition, kPlain, where);
  chat->want_json = true;
  chat->json_schema = schema.Text("schema");
  chat->json_schema_name = schema.OptionalText("name").value_or("answer");
  TRINE_TRY(schema.Finish(false));
  const auto parsed = format::ParseJson(chat->json_schema);
  if (!parsed.ok() || !parsed->is_object())
    return Invalid(where + ".schema: Input should be a JSON schema as a string", where);
  return Ok();
}

class Converse final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kPlain);
    const Json* messages = reader.Raw("messages");
    const Json* system = reader.Raw("system");
    const Json* config = reader.Object("inferenceConfig");
    const Json* tools = reader.Object("toolConfig");
    const Json* guardrail = reader.Object("guardrailConfig");
    const Json* output = reader.Object("outputConfig");
    const Json* performance = reader.Object("performanceConfig");
    const Json* tier = reader.Object("serviceTier");
    const std::vector<std::string> paths = reader.Texts("additionalModelResponseFieldPaths", kMaxPaths);
    TRINE_TRY(reader.Finish(false));
    chat_.max_tokens = kDefaultConverseTokens;
    TRINE_TRY(ReadSystemBlocks(system, &chat_));
    TRINE_TRY(ReadMessageBlocks(messages, &chat_));
    if (config != nullptr) TRINE_TRY(ReadConfig(*config, &chat_));
    if (tools != nullptr) TRINE_TRY(ReadToolConfig(*tools, &chat_));
    TRINE_TRY(CheckToolBlocks(chat_));
    if (output != nullptr) TRINE_TRY(ReadOutputConfig(*output, &chat_));
    if (guardrail != nullptr) TRINE_TRY(ReadGuardrailConfig(*guardrail));
    TRINE_TRY(ReadEchoes(performance, tier));
    for (const std::string& path : paths) {
      if (path[0] != '/')
        return Invalid(
            "additionalModelResponseFieldPaths: each path should be a JSON pointer that begins with '/'",
            "additionalModelResponseFieldPaths");
      wants_stop_ = wants_stop_ || path == "/stop_sequence";
    }
    return Ok();
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts& facts) const override {
    Json out;
    out.Set("output", OutputOf(answer));
    out.Set("stopReason", StopReasonOf(answer));
    SetMeasures(answer, facts, &out);
    if (Json fields = Fields(answer); !fields.is_null())
      out.Set("additionalModelResponseFields", std::move(fields));
    return out;
  }
  void Begin(const AnswerFacts&, StreamEvents* out) override { events_.Begin(out); }
  void Part(std::string_view text, StreamEvents* out) override { events_.Part(text, out); }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    events_.End(answer, Fields(answer), out);
    Json metadata;
    SetMeasures(answer, facts, &metadata);
    out->emplace_back("metadata", std::move(metadata));
  }

 private:
  // There are no guardrails to name, and a request that relies on one must not pass without it.
  static Status ReadGuardrailConfig(const Json& config) {
    BodyReader reader(config, kPlain, "guardrailConfig");
    const std::string id = reader.OptionalText("guardrailIdentifier").value_or("");
    TRINE_TRY(reader.Finish(false));
    if (id.empty()) return Ok();
    return Invalid("The guardrail identifier or version provided in the request does not exist.",
                   "guardrailConfig.guardrailIdentifier");
  }

  // Members of the request that the response repeats.
  Status ReadEchoes(const Json* performance, const Json* tier) {
    if (performance != nullptr) {
      BodyReader reader(*performance, kPlain, "performanceConfig");
      const std::string latency = reader.Choice("latency", {"standard", "optimized"});
      TRINE_TRY(reader.Finish(false));
      if (!latency.empty()) performance_.Set("latency", latency);
    }
    if (tier != nullptr) {
      BodyReader reader(*tier, kPlain, "serviceTier");
      const std::string type = reader.Choice("type", {"priority", "default", "flex", "reserved"});
      static_cast<void>(reader.Need("type"));
      TRINE_TRY(reader.Finish(false));
      tier_.Set("type", type);
    }
    return Ok();
  }

  void SetMeasures(const ChatAnswer& answer, const AnswerFacts& facts, Json* out) const {
    Json metrics;
    metrics.Set("latencyMs", facts.latency_ms);
    out->Set("usage", UsageOf(answer));
    out->Set("metrics", std::move(metrics));
    if (!performance_.is_null()) out->Set("performanceConfig", performance_);
    if (!tier_.is_null()) out->Set("serviceTier", tier_);
  }

  Json Fields(const ChatAnswer& answer) const {
    Json fields;
    if (wants_stop_ && answer.finish == ChatAnswer::Finish::kStop && !answer.stop.empty())
      fields.Set("stop_sequence", answer.stop);
    return fields;
  }

  MessageEvents events_;
  Json performance_, tier_;  // null: not in the request
  bool wants_stop_ = false;  // whether the response tells the stop sequence that ended the answer
};

// Nova's own body: the messages of Converse, with limits of its own and strict about unknown members.
class Nova final : public Invocation {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, BodyReader::Wording::kSchema);
    const Json* messages = reader.Need("messages");
    const Json* system = reader.Raw("system");
    const Json* config = reader.Object("inferenceConfig");
    const Json* tools = reader.Object("toolConfig");
    static_cast<void>(reader.Choice("schemaVersion", {"messages-v1"}));
    TRINE_TRY(reader.Finish());
    TRINE_TRY(ReadSystemBlocks(system, &chat_));
    TRINE_TRY(ReadMessageBlocks(messages, &chat_));
    if (config != nullptr) {
      BodyReader inner(*config, BodyReader::Wording::kSchema, "inferenceConfig");
      const auto old = inner.Int("max_new_tokens", 1, kMaxAnswerTokens);
      const auto most = inner.Int("maxTokens", 1, kMaxAnswerTokens);
      chat_.max_tokens = static_cast<size_t>(most ? *most : old.value_or(kDefaultTokens));
      chat_.temperature = inner.Number("temperature", 0, 1);
      chat_.top_p = inner.Number("topP", 0, 1);
      const auto old_top_p = inner.Number("top_p", 0, 1);
      if (!chat_.top_p) chat_.top_p = old_top_p;
      static_cast<void>(inner.Int("topK", 0, 500));
      static_cast<void>(inner.Int("top_k", 0, 500));
      chat_.stop = inner.Texts("stopSequences", kMaxConverseStops);
      inner.Ignore("reasoningConfig");
      TRINE_TRY(inner.Finish());
    }
    if (tools != nullptr) TRINE_TRY(ReadToolConfig(*tools, &chat_));
    return CheckToolBlocks(chat_);
  }

  Json Whole(const ChatAnswer& answer, const AnswerFacts&) const override {
    Json out;
    out.Set("output", OutputOf(answer));
    out.Set("stopReason", StopReasonOf(answer));
    out.Set("usage", UsageOf(answer));
    return out;
  }
  void Begin(const AnswerFacts&, StreamEvents* out) override {
    StreamEvents events;
    events_.Begin(&events);
    Wrap(std::move(events), out);
  }
  void Part(std::string_view text, StreamEvents* out) override {
    StreamEvents events;
    events_.Part(text, &events);
    Wrap(std::move(events), out);
  }
  void End(const ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) override {
    StreamEvents events;
    events_.End(answer, Json(), &events);
    Json metadata;
    metadata.Set("usage", UsageOf(answer));
    metadata.Set("metrics", Json(Json::Object{}));
    events.emplace_back("metadata", std::move(metadata));
    Wrap(std::move(events), out);
    SetInvocationMetrics(answer, facts, &out->back().second);
  }

 private:
  // A chunk is an object whose only member is the event.
  static void Wrap(StreamEvents events, StreamEvents* out) {
    for (auto& [name, payload] : events) {
      Json chunk;
      chunk.Set(name, std::move(payload));
      out->emplace_back(kChunk, std::move(chunk));
    }
  }
  MessageEvents events_;
};

}  // namespace

Result<std::unique_ptr<Invocation>> ReadConverse(const Json& body) {
  auto invocation = std::make_unique<Converse>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

Result<std::unique_ptr<Invocation>> ReadNova(const Json& body) {
  auto invocation = std::make_unique<Nova>();
  TRINE_TRY(invocation->Read(body));
  return std::unique_ptr<Invocation>(std::move(invocation));
}

Result<language::ChatRequest> ReadConversation(const Json& body) {
  BodyReader reader(body, kPlain, "input.converse");
  const Json* messages = reader.Raw("messages");
  const Json* system = reader.Raw("system");
  const Json* tools = reader.Object("toolConfig");
  TRINE_TRY(reader.Finish(false));
  language::ChatRequest chat;
  TRINE_TRY(ReadSystemBlocks(system, &chat));
  TRINE_TRY(ReadMessageBlocks(messages, &chat));
  if (tools != nullptr) TRINE_TRY(ReadToolConfig(*tools, &chat));
  return chat;
}

}  // namespace trine::api::bedrock
