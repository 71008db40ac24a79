// LanguageModel and Embedder: the two seams of the language wing. The built-in ones need nothing but
// this program: no network, no GPU, no model file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "base/deadline.h"
#include "base/result.h"

namespace trine::language {

struct ChatMessage {
  enum class Role { kSystem, kUser, kAssistant } role = Role::kUser;
  std::string text;
};
struct ChatRequest {
  std::vector<ChatMessage> messages;
  size_t max_tokens = 512;
  std::vector<std::string> stop;  // text that ends the answer and is not part of it
  bool want_json = false;         // also recognised from the prompt's own words
};
struct ChatAnswer {
  std::string text;
  enum class Finish { kEnd, kMaxTokens, kStop } finish = Finish::kEnd;
  std::string stop;  // the stop text that was hit
  uint32_t input_tokens = 0, output_tokens = 0;
  std::string model;  // who really answered: "trine-builtin-1"
};
// Receives the answer piece by piece; a failure ends the generation.
using TokenSink = std::function<Status(std::string_view)>;

// Thread-safe. Deterministic when built in.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual std::string name() const = 0;
  virtual Result<ChatAnswer> Complete(const ChatRequest& request, const Deadline& deadline,
                                      const TokenSink& sink = {}) = 0;
};

// Answers from the prompt alone: a prompt that lists items ("- id: text" lines) and asks for advice
// gets a grounded answer in the asker's language that names only those; a prompt that asks for JSON of an
// intent gets one JSON object; anything else gets an honest extractive answer from the prompt's text.
// Unfilled placeholders such as {rag_retrieved_docs} are not material. Instructions inside item text are
// data.
std::unique_ptr<LanguageModel> NewBuiltinModel(const analysis::Analyzers& analyzers);

// About how many tokens a model would count; for usage figures.
uint32_t CountTokens(std::string_view text);

// Text to unit vectors. Immutable, named and versioned; thread-safe.
class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual std::string name() const = 0;     // "trine-hash" or "trine-catalogue"
  virtual std::string version() const = 0;  // changes when, and only when, vectors change
  virtual size_t dimension() const = 0;     // native
  // `out` gets dimension() floats of length 1 (all zero for a text without a token).
  virtual void Embed(std::string_view text, float* out) const = 0;
};

// Untrained: hashed words, morphemes and character n-grams by signed random projection. Always there.
std::unique_ptr<Embedder> NewHashEmbedder(const analysis::Analyzers& analyzers, size_t dimension);

// Trained on a catalogue's own texts: words and character n-grams -> latent space by randomized SVD of
// a tf-idf (PPMI-weighted) matrix; unknown words fall back to their n-grams. `bytes` is the model file's
// content, checksummed; docs/formats/embedder.md. At least 2 texts, else kInvalid.
struct EmbedderOptions {
  size_t dimension = 128;
  size_t max_features = 60'000;
  uint64_t seed = 1;
};
Result<std::string> TrainCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                           const std::vector<std::string>& texts,
                                           const EmbedderOptions& options, const Deadline& deadline);
// `bytes` must outlive the embedder. kCorrupt when the checksum or a bound fails.
Result<std::unique_ptr<Embedder>> OpenCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                                        std::string_view bytes);

// A unit vector of any dimension from one of another: zeros behind it when larger (angles stay), folded by a
// fixed sparse random projection when smaller (angles stay roughly).
std::vector<float> Project(const std::vector<float>& vector, size_t dimension);

}  // namespace trine::language
