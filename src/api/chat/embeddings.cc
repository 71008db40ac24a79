#include "api/chat/embeddings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "api/chat/body_fields.h"
#include "api/chat/limits.h"
#include "base/limits.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::api::chat {
namespace {

using format::Json;

constexpr std::array<std::string_view, 5> kKnown = {"model", "input", "encoding_format", "dimensions",
                                                    "user"};

Result<std::vector<std::string>> TextsOf(const BodyFields& body) {
  const Json* input = body.Find("input");
  const bool is_text = input != nullptr && input->is_string() && !input->string().empty();
  if (is_text) return std::vector<std::string>{input->string()};
  if (input == nullptr || !input->is_array() || input->array().empty() || input->array().size() > kMaxInputs)
    return body.Wrong("input",
                      "a non-empty string or a list of 1 to " + std::to_string(kMaxInputs) + " of them");
  std::vector<std::string> texts;
  for (const Json& one : input->array()) {
    if (one.is_number() || one.is_array())
      return Error(ErrorCode::kUnsupported,
                   "lists of token ids are not supported, because the embedder has no such tokens")
          .Expected("a string or a list of strings")
          .Where("input");
    if (!one.is_string() || one.string().empty()) return body.Wrong("input", "non-empty strings");
    texts.push_back(one.string());
  }
  return texts;
}

std::vector<float> VectorOf(const std::string& text, size_t dimensions, const language::Embedder& embedder) {
  std::vector<float> vector(embedder.dimension());
  embedder.Embed(text, vector.data());
  vector = language::Project(vector, dimensions);
  double square = 0;
  for (const float v : vector) square += static_cast<double>(v) * v;
  // A text without words has no direction, which indexes refuse. It gets one of its own.
  if (square == 0) return language::DirectionOf(text, dimensions);
  const double length = std::sqrt(square);
  for (float& v : vector) v = static_cast<float>(v / length);
  return vector;
}

std::string LittleEndian(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * sizeof(float));
  for (const float v : vector) {
    const auto bits = std::bit_cast<uint32_t>(v);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return bytes;
}

}  // namespace

bool IsEmbedder(std::string_view model) { return ToLowerAscii(model).find("embed") != std::string::npos; }

Result<EmbeddingsCall> ParseEmbeddings(const Json& json) {
  TRINE_ASSIGN(const BodyFields body, BodyFields::Of(json, ""));
  TRINE_TRY(body.OnlyKnown(kKnown));
  EmbeddingsCall call;
  TRINE_ASSIGN(call.model, body.Text("model", true));
  if (call.model.size() > kMaxModelBytes) return body.Wrong("model", "a shorter name");
  if (!IsEmbedder(call.model)) return body.Wrong("model", "a model whose id contains \"embed\"");
  TRINE_ASSIGN(call.texts, TextsOf(body));
  TRINE_ASSIGN(const std::string encoding, body.Text("encoding_format", false));
  if (!encoding.empty() && encoding != "float" && encoding != "base64")
    return body.Wrong("encoding_format", "float or base64");
  call.base64 = encoding == "base64";
  TRINE_ASSIGN(const auto dimensions, body.Count("dimensions"));
  if (dimensions && *dimensions > limits::kMaxVectorDimension)
    return body.Wrong("dimensions", "at most " + std::to_string(limits::kMaxVectorDimension));
  call.dimensions = dimensions.value_or(0);
  // All vectors of one response are in memory at once.
  constexpr size_t kMaxNumbers = 4u << 20;
  if (call.dimensions * call.texts.size() > kMaxNumbers)
    return Error(ErrorCode::kLimit, "too many numbers in one response")
        .Expected("at most " + std::to_string(kMaxNumbers) + " (texts times dimensions)")
        .Where("input");
  return call;
}

std::string PrintEmbeddings(const EmbeddingsCall& call, const language::Embedder& embedder) {
  TRINE_CHECK(!call.texts.empty());
  const size_t dimensions = call.dimensions != 0 ? call.dimensions : embedder.dimension();
  std::string out;
  format::JsonWriter w(&out);
  w.BeginObject().Key("object").String("list").Key("data").BeginArray();
  int64_t tokens = 0;
  for (size_t i = 0; i < call.texts.size(); ++i) {
    const std::vector<float> vector = VectorOf(call.texts[i], dimensions, embedder);
    TRINE_CHECK_EQ(vector.size(), dimensions);
    tokens += language::CountTokens(call.texts[i]);
    w.BeginObject().Key("object").String("embedding").Key("index").Uint(i).Key("embedding");
    if (call.base64) {
      w.String(format::Base64(LittleEndian(vector)));
    } else {
      w.BeginArray();
      for (const float v : vector) w.Float(v);
      w.EndArray();
    }
    w.EndObject();
  }
  w.EndArray().Key("model").String(call.model);
  w.Key("usage").BeginObject().Key("prompt_tokens").Int(tokens).Key("total_tokens").Int(tokens).EndObject();
  w.EndObject();
  return out;
}

}  // namespace trine::api::chat
