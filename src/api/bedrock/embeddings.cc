#include "api/bedrock/embeddings.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/errors.h"
#include "base/utf8.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
constexpr auto kSchema = BodyReader::Wording::kSchema;
// Bounds of the service.
constexpr size_t kMaxTitanCharacters = 50'000;
constexpr size_t kMaxCohereTexts = 96;
constexpr size_t kMaxCohereCharacters = 2048;  // one text, unless truncation is allowed
constexpr size_t kMaxNovaCharacters = 50'000;
constexpr size_t kMaxRerankDocuments = 1000;
constexpr size_t kMaxRerankCharacters = 50'000;  // the query, or one document
constexpr size_t kCohereDimensions = 1024;

Error Malformed(const std::string& problem, const char* where) {
  return Invalid("Malformed input request: " + problem + ", please reformat your input and try again.",
                 where);
}

bool AllZero(const std::vector<float>& vector) {
  return std::all_of(vector.begin(), vector.end(), [](float v) { return v == 0; });
}

std::vector<float> VectorOf(const language::Embedder& embedder, std::string_view text, size_t dimensions) {
  std::vector<float> vector(embedder.dimension());
  embedder.Embed(text, vector.data());
  vector = language::Project(vector, dimensions);
  // A text without words ("...") would be a vector of zeros, which cosine similarity is not defined for and
  // indexes refuse. It gets a direction of its own, which is equal for equal texts.
  if (AllZero(vector)) vector = language::DirectionOf(text, dimensions);
  TRINE_CHECK_EQ(vector.size(), dimensions);
  return vector;
}

void WriteFloats(const std::vector<float>& vector, format::JsonWriter* w) {
  w->BeginArray();
  for (const float v : vector) w->Float(v);
  w->EndArray();
}

// The sign of each coordinate as one value.
void WriteSigns(const std::vector<float>& vector, format::JsonWriter* w) {
  w->BeginArray();
  for (const float v : vector) w->Int(v > 0 ? 1 : 0);
  w->EndArray();
}

// Coordinates of unit vectors, scaled from [-1, 1] to 8 bits; `offset` 128 makes them unsigned.
void WriteBytes(const std::vector<float>& vector, int offset, format::JsonWriter* w) {
  w->BeginArray();
  for (const float v : vector) w->Int(std::clamp(static_cast<int>(std::lround(v * 127)), -128, 127) + offset);
  w->EndArray();
}

// The signs of eight coordinates per byte, the first in the highest bit; `offset` -128 makes them signed.
void WriteBits(const std::vector<float>& vector, int offset, format::JsonWriter* w) {
  TRINE_DCHECK_EQ(vector.size() % 8, 0u);
  w->BeginArray();
  for (size_t i = 0; i + 8 <= vector.size(); i += 8) {
    int bits = 0;
    for (size_t j = 0; j < 8; ++j) bits = bits << 1 | (vector[i + j] > 0 ? 1 : 0);
    w->Int(bits + offset);
  }
  w->EndArray();
}

// ---- Titan

class TitanEmbedding final : public Embedding {
 public:
  Status Read(const Json& body, std::string_view model_id) {
    // Models of version 1 accept only `inputText`, and have 1,536 dimensions.
    const bool first = model_id.find("titan-embed-text-v1") != std::string_view::npos ||
                       model_id.find("g1-text") != std::string_view::npos;
    if (first) dimensions_ = 1536;
    BodyReader reader(body, kSchema);
    text_ = reader.Text("inputText");
    std::vector<std::string> types;
    if (!first) {
      dimensions_ = static_cast<size_t>(reader.Int("dimensions", 1, 4096).value_or(1024));
      static_cast<void>(reader.Flag("normalize"));  // the vectors are unit vectors
      types = reader.Texts("embeddingTypes", 2);
    }
    TRINE_TRY(reader.Finish());
    if (CountCodePoints(text_) > kMaxTitanCharacters)
      return Malformed("#/inputText: expected maxLength: 50000", "inputText");
    if (!first && dimensions_ != 1024 && dimensions_ != 512 && dimensions_ != 256)
      return Malformed("#/dimensions: must be one of 1024, 512, 256", "dimensions");
    for (const std::string& type : types) {
      if (type != "float" && type != "binary")
        return Malformed("#/embeddingTypes: must be float or binary", "embeddingTypes");
    }
    const auto wants = [&](const char* type) {
      return std::find(types.begin(), types.end(), type) != types.end();
    };
    float_ = types.empty() || wants("float");
    binary_ = wants("binary");
    return Ok();
  }

  std::string Print(const language::Embedder& embedder, const std::string&) const override {
    TRINE_CHECK(float_ || binary_);
    const std::vector<float> vector = VectorOf(embedder, text_, dimensions_);
    std::string out;
    format::JsonWriter w(&out);
    w.BeginObject();
    if (float_) WriteFloats(vector, &w.Key("embedding"));
    w.Key("embeddingsByType").BeginObject();
    if (float_) WriteFloats(vector, &w.Key("float"));
    if (binary_) WriteSigns(vector, &w.Key("binary"));
    w.EndObject();
    w.Key("inputTextTokenCount").Uint(input_tokens());
    w.EndObject();
    return out;
  }
  uint64_t input_tokens() const override { return language::CountTokens(text_); }

 private:
  std::string text_;
  size_t dimensions_ = 1024;
  bool float_ = true, binary_ = false;
};

// ---- Cohere

constexpr std::array<std::string_view, 5> kCohereTypes = {"float", "int8", "uint8", "binary", "ubinary"};

class CohereEmbedding final : public Embedding {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    if (const Json::Array* images = reader.List("images", kMaxCohereTexts);
        images != nullptr && !images->empty())
      return Error(ErrorCode::kUnsupported, "images are not supported, only texts are").Where("images");
    const Json::Array* texts = reader.List("texts", kMaxCohereTexts);
    static_cast<void>(reader.Need("texts"));
    static_cast<void>(
        reader.Choice("input_type", {"search_document", "search_query", "classification", "clustering"}));
    static_cast<void>(reader.Need("input_type"));
    const std::string truncate = reader.Choice("truncate", {"NONE", "START", "END", "LEFT", "RIGHT"});
    types_ = reader.Texts("embedding_types", kCohereTypes.size());
    dimensions_ = static_cast<size_t>(reader.Int("output_dimension", 1, 1536).value_or(kCohereDimensions));
    reader.Ignore("max_tokens");
    TRINE_TRY(reader.Finish());
    for (const std::string& type : types_) {
      if (std::find(kCohereTypes.begin(), kCohereTypes.end(), type) == kCohereTypes.end())
        return Malformed("#/embedding_types: must be float, int8, uint8, binary or ubinary",
                         "embedding_types");
    }
    if (dimensions_ % 256 != 0)
      return Malformed("#/output_dimension: must be one of 256, 512, 1024, 1536", "output_dimension");
    if (texts->empty()) return Malformed("#/texts: expected minimum item count: 1, found: 0", "texts");
    const bool cut = !truncate.empty() && truncate != "NONE";
    for (const Json& one : *texts) {
      if (!one.is_string() || one.string().empty())
        return Malformed("#/texts: each text should be a non-empty string", "texts");
      if (!cut && CountCodePoints(one.string()) > kMaxCohereCharacters)
        return Malformed("#/texts: expected maxLength: 2048; set truncate to START or END for longer texts",
                         "texts");
      texts_.push_back(one.string());
    }
    return Ok();
  }

  std::string Print(const language::Embedder& embedder, const std::string& request_id) const override {
    std::vector<std::vector<float>> vectors;
    for (const std::string& text : texts_) vectors.push_back(VectorOf(embedder, text, dimensions_));
    std::string out;
    format::JsonWriter w(&out);
    w.BeginObject();
    w.Key("id").String(request_id);
    w.Key("response_type").String(types_.empty() ? "embeddings_floats" : "embeddings_by_type");
    w.Key("embeddings");
    if (types_.empty()) {
      WriteAll(vectors, "float", &w);
    } else {
      w.BeginObject();
      for (const std::string_view type : kCohereTypes) {
        if (std::find(types_.begin(), types_.end(), type) != types_.end())
          WriteAll(vectors, type, &w.Key(type));
      }
      w.EndObject();
    }
    w.Key("texts").BeginArray();
    for (const std::string& text : texts_) w.String(text);
    w.EndArray();
    w.EndObject();
    return out;
  }
  uint64_t input_tokens() const override {
    uint64_t tokens = 0;
    for (const std::string& text : texts_) tokens += language::CountTokens(text);
    return tokens;
  }

 private:
  static void WriteAll(const std::vector<std::vector<float>>& vectors, std::string_view type,
                       format::JsonWriter* w) {
    w->BeginArray();
    for (const std::vector<float>& vector : vectors) {
      if (type == "float")
        WriteFloats(vector, w);
      else if (type == "int8" || type == "uint8")
        WriteBytes(vector, type == "int8" ? 0 : 128, w);
      else
        WriteBits(vector, type == "binary" ? -128 : 0, w);
    }
    w->EndArray();
  }

  std::vector<std::string> texts_, types_;
  size_t dimensions_ = kCohereDimensions;
};

// ---- Nova

class NovaEmbedding final : public Embedding {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    const std::string task = reader.Choice("taskType", {"SINGLE_EMBEDDING", "SEGMENTED_EMBEDDING"});
    static_cast<void>(reader.Need("taskType"));
    static_cast<void>(reader.Choice("schemaVersion", {"nova-multimodal-embed-v1"}));
    const Json* single = reader.Object("singleEmbeddingParams");
    reader.Ignore("segmentedEmbeddingParams");
    TRINE_TRY(reader.Finish());
    if (task != "SINGLE_EMBEDDING")
      return Error(ErrorCode::kUnsupported,
                   "taskType SEGMENTED_EMBEDDING is not supported, only SINGLE_EMBEDDING is")
          .Where("taskType");
    if (single == nullptr)
      return Malformed("#: required key [singleEmbeddingParams] not found", "singleEmbeddingParams");
    BodyReader inner(*single, kSchema, "singleEmbeddingParams");
    static_cast<void>(inner.Text("embeddingPurpose"));
    dimensions_ = static_cast<size_t>(inner.Int("embeddingDimension", 1, 4096).value_or(3072));
    const Json* text = inner.Object("text");
    for (const char* kind : {"image", "video", "audio"}) {
      if (inner.Has(kind))
        return Error(ErrorCode::kUnsupported, std::string(kind) + " is not supported, only text is")
            .Where(kind);
    }
    TRINE_TRY(inner.Finish());
    constexpr std::array<size_t, 4> kDimensions = {256, 384, 1024, 3072};
    if (std::find(kDimensions.begin(), kDimensions.end(), dimensions_) == kDimensions.end())
      return Malformed("#/singleEmbeddingParams/embeddingDimension: must be one of 256, 384, 1024, 3072",
                       "embeddingDimension");
    if (text == nullptr) return Malformed("#/singleEmbeddingParams: required key [text] not found", "text");
    BodyReader words(*text, kSchema, "singleEmbeddingParams.text");
    text_ = words.Text("value");
    const std::string cut = words.Choice("truncationMode", {"START", "END", "NONE"});
    TRINE_TRY(words.Finish(false));
    if (cut != "START" && cut != "END" && CountCodePoints(text_) > kMaxNovaCharacters)
      return Malformed("#/singleEmbeddingParams/text/value: expected maxLength: 50000", "value");
    return Ok();
  }

  std::string Print(const language::Embedder& embedder, const std::string&) const override {
    std::string out;
    format::JsonWriter w(&out);
    w.BeginObject().Key("embeddings").BeginArray().BeginObject();
    w.Key("embeddingType").String("TEXT");
    WriteFloats(VectorOf(embedder, text_, dimensions_), &w.Key("embedding"));
    w.EndObject().EndArray().EndObject();
    return out;
  }
  uint64_t input_tokens() const override { return language::CountTokens(text_); }

 private:
  std::string text_;
  size_t dimensions_ = 3072;
};

// ---- Re-ranking

class Rerank final : public Embedding {
 public:
  Status Read(const Json& body) {
    BodyReader reader(body, kSchema);
    query_ = reader.Text("query");
    const Json::Array* documents = reader.List("documents", kMaxRerankDocuments);
    static_cast<void>(reader.Need("documents"));
    const std::optional<int64_t> top = reader.Int("top_n", 1, INT32_MAX);
    for (const char* idle : {"api_version", "return_documents", "max_tokens_per_doc", "max_chunks_per_doc"})
      reader.Ignore(idle);
    TRINE_TRY(reader.Finish());
    if (documents->empty())
      return Malformed("#/documents: expected minimum item count: 1, found: 0", "documents");
    if (CountCodePoints(query_) > kMaxRerankCharacters)
      return Malformed("#/query: expected maxLength: " + std::to_string(kMaxRerankCharacters), "query");
    for (const Json& one : *documents) {
      if (!one.is_string() || one.string().empty() || CountCodePoints(one.string()) > kMaxRerankCharacters)
        return Malformed("#/documents: each document should be a string of 1 to " +
                             std::to_string(kMaxRerankCharacters) + " characters",
                         "documents");
      documents_.push_back(one.string());
    }
    top_ = std::min(documents_.size(), static_cast<size_t>(top.value_or(INT32_MAX)));
    return Ok();
  }

  // The relevance is the cosine similarity of the query and the document; 0 if it is negative. Equally
  // relevant documents keep their order.
  std::string Print(const language::Embedder& embedder, const std::string&) const override {
    const std::vector<float> query = VectorOf(embedder, query_, embedder.dimension());
    std::vector<std::pair<double, size_t>> scored;
    for (size_t i = 0; i < documents_.size(); ++i) {
      const std::vector<float> document = VectorOf(embedder, documents_[i], embedder.dimension());
      double cosine = 0;
      for (size_t j = 0; j < query.size(); ++j) cosine += static_cast<double>(query[j]) * document[j];
      scored.emplace_back(std::clamp(cosine, 0.0, 1.0), i);
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    TRINE_CHECK_LE(top_, scored.size());
    std::string out;
    format::JsonWriter w(&out);
    w.BeginObject().Key("results").BeginArray();
    for (size_t i = 0; i < top_; ++i) {
      w.BeginObject().Key("index").Uint(scored[i].second);
      w.Key("relevance_score").Double(scored[i].first).EndObject();
    }
    w.EndArray().EndObject();
    return out;
  }
  uint64_t input_tokens() const override {
    uint64_t tokens = language::CountTokens(query_);
    for (const std::string& document : documents_) tokens += language::CountTokens(document);
    return tokens;
  }

 private:
  std::string query_;
  std::vector<std::string> documents_;
  size_t top_ = 0;
};

template <typename T, typename... Args>
Result<std::unique_ptr<Embedding>> ReadAs(const Json& body, Args... args) {
  auto embedding = std::make_unique<T>();
  TRINE_TRY(embedding->Read(body, args...));
  return std::unique_ptr<Embedding>(std::move(embedding));
}

}  // namespace

Result<std::unique_ptr<Embedding>> ReadEmbedding(Family family, const Json& body, std::string_view model_id) {
  if (family == Family::kTitanEmbed) return ReadAs<TitanEmbedding>(body, model_id);
  if (family == Family::kCohereEmbed) return ReadAs<CohereEmbedding>(body);
  if (family == Family::kNovaEmbed) return ReadAs<NovaEmbedding>(body);
  TRINE_CHECK(family == Family::kRerank);
  return ReadAs<Rerank>(body);
}

}  // namespace trine::api::bedrock
