#include "api/bedrock/bodies.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

constexpr int64_t kMaxTokens = 200'000;
constexpr size_t kMaxInputChars = 50'000;  // per embedding request, Titan's limit
constexpr size_t kMaxMessages = 20'000;
constexpr size_t kMaxStops = 8191;

Error Invalid(std::string message, std::string where) {
  return Error(ErrorCode::kShapeValidation, std::move(message)).Where(std::move(where));
}

// The service accepts neither empty nor blank texts.
Status CheckText(const std::string& text, const std::string& where) {
  const std::string member = where == "system" ? "system" : "messages";
  if (text.empty()) return Invalid(member + ": text content blocks must be non-empty", where);
  if (IsBlank(text)) return Invalid(member + ": text content blocks must contain non-whitespace text", where);
  return Ok();
}

// Returns the text of a content member: a string, or a list of text blocks, which are joined by newlines.
Result<std::string> ContentText(const Json* content, const std::string& where) {
  if (content == nullptr) return Invalid(where + ": Field required", where);
  if (content->is_string()) {
    TRINE_TRY(CheckText(content->string(), where));
    return content->string();
  }
  if (content->is_array() && content->array().empty())
    return Invalid(where + ": all messages must have non-empty content", where);
  if (!content->is_array()) return Invalid(where + ": Input should be a valid string or list", where);
  std::string text;
  for (const Json& block : content->array()) {
    const Json* type = block.Find("type");
    if (type == nullptr || !type->is_string())
      return Invalid(where + ": every content block needs a type", where);
    if (type->string() != "text")
      return Error(ErrorCode::kUnsupported, "content blocks of type \"" + type->string() +
                                                "\" are not supported by the built-in model")
          .Where(where);
    const Json* words = block.Find("text");
    if (words == nullptr || !words->is_string()) return Invalid(where + ".text: Field required", where);
    TRINE_TRY(CheckText(words->string(), where));
    text += (text.empty() ? "" : "\n") + words->string();
  }
  return text;
}

Status CheckRange(const Json& body, const char* key, double least, double most) {
  const Json* value = body.Find(key);
  if (value == nullptr) return Ok();
  if (value->is_number() && value->number() >= least && value->number() <= most) return Ok();
  return Invalid(std::string(key) + ": Input should be a number from " + std::to_string(least) + " to " +
                     std::to_string(most),
                 key);
}

Status ReadMessages(const Json& body, language::ChatRequest* request) {
  const Json* messages = body.Find("messages");
  if (messages == nullptr) return Invalid("messages: Field required", "messages");
  if (!messages->is_array() || messages->array().empty() || messages->array().size() > kMaxMessages)
    return Invalid("messages: at least one message is required", "messages");
  size_t i = 0;
  for (const Json& message : messages->array()) {
    const std::string where = "messages." + std::to_string(i++);
    const Json* role = message.Find("role");
    if (role == nullptr || !role->is_string() || (role->string() != "user" && role->string() != "assistant"))
      return Invalid(where + ".role: Input should be 'user' or 'assistant'", where + ".role");
    TRINE_ASSIGN(std::string text, ContentText(message.Find("content"), where + ".content"));
    const auto who = role->string() == "user" ? language::ChatMessage::Role::kUser
                                              : language::ChatMessage::Role::kAssistant;
    request->messages.push_back({who, std::move(text)});
  }
  return Ok();
}

}  // namespace

Family FamilyOf(std::string_view id) {
  if (id.substr(0, 4) == "arn:")
    id = id.substr(id.rfind('/') == std::string_view::npos ? 0 : id.rfind('/') + 1);
  for (std::string_view region : {"us.", "eu.", "apac.", "jp.", "au.", "global."}) {
    if (id.substr(0, region.size()) == region) id.remove_prefix(region.size());
  }
  if (id.substr(0, 10) == "anthropic." && id.substr(0, 19) != "anthropic.claude-v2" &&
      id.substr(0, 24) != "anthropic.claude-instant")
    return Family::kAnthropicMessages;
  if (id.substr(0, 23) == "amazon.titan-embed-text") return Family::kTitanEmbed;
  return Family::kUnknown;
}

Result<language::ChatRequest> ParseAnthropic(const Json& body) {
  if (!body.is_object())
    return Invalid(
        "Malformed input request: expected a JSON object, please reformat your input and try again.", "body");
  const Json* version = body.Find("anthropic_version");
  if (version == nullptr || !version->is_string())
    return Invalid("anthropic_version: Field required", "anthropic_version");
  if (version->string() != "bedrock-2023-05-31") return Invalid("Invalid API version", "anthropic_version");
  language::ChatRequest request;
  const Json* most = body.Find("max_tokens");
  if (most == nullptr) return Invalid("max_tokens: Field required", "max_tokens");
  if (!most->is_int() || most->integer() < 1 || most->integer() > kMaxTokens)
    return Invalid("max_tokens: Input should be an integer from 1 to " + std::to_string(kMaxTokens),
                   "max_tokens");
  request.max_tokens = static_cast<size_t>(most->integer());
  if (const Json* system = body.Find("system"); system != nullptr) {
    TRINE_ASSIGN(std::string text, ContentText(system, "system"));
    request.messages.push_back({language::ChatMessage::Role::kSystem, std::move(text)});
  }
  TRINE_TRY(ReadMessages(body, &request));
  if (const Json* stops = body.Find("stop_sequences"); stops != nullptr) {
    if (!stops->is_array() || stops->array().size() > kMaxStops)
      return Invalid("stop_sequences: Input should be a list of strings", "stop_sequences");
    for (const Json& stop : stops->array()) {
      if (!stop.is_string() || stop.string().empty())
        return Invalid("stop_sequences: each stop sequence must contain non-whitespace", "stop_sequences");
      request.stop.push_back(stop.string());
    }
  }
  TRINE_TRY(CheckRange(body, "temperature", 0, 1));
  TRINE_TRY(CheckRange(body, "top_p", 0, 1));
  TRINE_TRY(CheckRange(body, "top_k", 0, 500));
  if (const Json* tools = body.Find("tools");
      tools != nullptr && tools->is_array() && !tools->array().empty())
    return Error(ErrorCode::kUnsupported, "tools are not supported by the built-in model").Where("tools");
  static constexpr std::array kKnown = {
      "anthropic_version", "max_tokens",    "messages", "system", "stop_sequences",
      "temperature",       "top_p",         "top_k",    "tools",  "tool_choice",
      "metadata",          "anthropic_beta"};
  for (const auto& [key, value] : body.object()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      return Invalid(key + ": Extra inputs are not permitted", key);
  }
  return request;
}

Json PrintAnthropic(const language::ChatAnswer& answer, const std::string& id) {
  Json out, block, content(Json::Array{}), usage;
  block.Set("type", "text");
  block.Set("text", answer.text);
  content.Push(std::move(block));
  usage.Set("input_tokens", static_cast<uint64_t>(answer.input_tokens));
  usage.Set("output_tokens", static_cast<uint64_t>(answer.output_tokens));
  using Finish = language::ChatAnswer::Finish;
  out.Set("id", "msg_bdrk_" + id);
  out.Set("type", "message");
  out.Set("role", "assistant");
  out.Set("model", answer.model);
  out.Set("content", std::move(content));
  out.Set("stop_reason", answer.finish == Finish::kMaxTokens ? "max_tokens"
                         : answer.finish == Finish::kStop    ? "stop_sequence"
                                                             : "end_turn");
  out.Set("stop_sequence", answer.finish == Finish::kStop ? Json(answer.stop) : Json());
  out.Set("usage", std::move(usage));
  return out;
}

Result<EmbedRequest> ParseTitanEmbed(const Json& body, std::string_view model_id) {
  if (!body.is_object())
    return Invalid(
        "Malformed input request: expected a JSON object, please reformat your input and try again.", "body");
  const bool first = model_id.find("titan-embed-text-v1") != std::string_view::npos ||
                     model_id.find("g1-text") != std::string_view::npos;
  EmbedRequest request;
  if (first) request.dimensions = 1536;
  const Json* text = body.Find("inputText");
  if (text == nullptr)
    return Invalid(
        "Malformed input request: #: required key [inputText] not found, please reformat your input and try "
        "again.",
        "inputText");
  if (!text->is_string() || text->string().empty())
    return Invalid(
        "Malformed input request: #/inputText: expected minLength: 1, please reformat your input and try "
        "again.",
        "inputText");
  if (text->string().size() > kMaxInputChars * 4)
    return Invalid(
        "Malformed input request: #/inputText: expected maxLength: 50000, please reformat your input and try "
        "again.",
        "inputText");
  request.text = text->string();
  for (const auto& [key, value] : body.object()) {
    if (key == "inputText") continue;
    if (!first && key == "dimensions") {
      if (!value.is_int() || (value.integer() != 1024 && value.integer() != 512 && value.integer() != 256))
        return Invalid(
            "Malformed input request: #/dimensions: must be one of 1024, 512, 256, please reformat your "
            "input and try again.",
            key);
      request.dimensions = static_cast<size_t>(value.integer());
    } else if (!first && key == "normalize") {
      if (!value.is_bool())
        return Invalid("Malformed input request: #/normalize: expected type: Boolean, found: " +
                           std::string(value.type_name()) + ", please reformat your input and try again.",
                       key);
      request.normalize = value.boolean();
    } else if (!first && key == "embeddingTypes") {
      request.want_float = false;
      for (const Json& type : value.is_array() ? value.array() : Json::Array{value}) {
        if (type.is_string() && type.string() == "float")
          request.want_float = true;
        else if (type.is_string() && type.string() == "binary")
          request.want_binary = true;
        else
          return Invalid(
              "Malformed input request: #/embeddingTypes: must be float or binary, please reformat your "
              "input and try again.",
              key);
      }
    } else {
      return Invalid("Malformed input request: #: extraneous key [" + key +
                         "] is not permitted, please reformat your input and try again.",
                     key);
    }
  }
  return request;
}

std::string PrintTitanEmbed(const EmbedRequest& request, const language::Embedder& embedder) {
  TRINE_CHECK(request.want_float || request.want_binary);
  std::vector<float> vector(embedder.dimension());
  embedder.Embed(request.text, vector.data());
  vector = language::Project(vector, request.dimensions);
  // A text without words ("...") would be a vector of zeros, which cosine similarity is not defined for and
  // indexes refuse. It gets a direction of its own, which is equal for equal texts.
  if (std::all_of(vector.begin(), vector.end(), [](float v) { return v == 0; }))
    vector = language::DirectionOf(request.text, request.dimensions);
  TRINE_CHECK_EQ(vector.size(), request.dimensions);
  std::string out;
  format::JsonWriter w(&out);
  const auto floats = [&] {
    w.BeginArray();
    for (float v : vector) w.Float(v);
    w.EndArray();
  };
  w.BeginObject();
  if (request.want_float) {
    w.Key("embedding");
    floats();
  }
  w.Key("embeddingsByType").BeginObject();
  if (request.want_float) {
    w.Key("float");
    floats();
  }
  if (request.want_binary) {
    w.Key("binary").BeginArray();
    for (float v : vector) w.Int(v > 0 ? 1 : 0);
    w.EndArray();
  }
  w.EndObject();
  w.Key("inputTextTokenCount").Uint(language::CountTokens(request.text));
  w.EndObject();
  return out;
}

}  // namespace trine::api::bedrock
