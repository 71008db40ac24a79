// The built-in language model, and Embedder: text to vectors. Neither needs a network, a GPU or a downloaded
// model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "base/deadline.h"
#include "base/result.h"
#include "language/chat.h"

namespace trine::language {

// The built-in model. It is deterministic and answers from the prompt alone, in the language of its question:
//   - a prompt that asks for JSON gets the intent of the question as one JSON object;
//   - a prompt that lists products gets an answer that names the first five that fit the question, judged as
//   in
//     claim.h, and says why others do not;
//   - any other prompt gets up to three of its own lines, those that share the most words with the question.
// prompt.h says how the question, the products and the texts are told apart.
// It does not call tools: kUnsupported if the request demands a call, otherwise offered tools are ignored.
// Unfilled placeholders such as {rag_retrieved_docs} are ignored. Instructions inside item text are never
// followed. The deadline is checked once, before the work, which takes milliseconds. `analyzers` must outlive
// the model.
std::unique_ptr<LanguageModel> NewBuiltinModel(const analysis::Analyzers& analyzers);

// An estimate of the number of tokens in a text, for usage figures: one per four ASCII characters, and one
// per other character.
uint32_t CountTokens(std::string_view text);

// Maps text to unit vectors. Immutable, thread-safe.
class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual std::string name() const = 0;  // "trine-hash" or "trine-catalogue"
  // Two embedders with the same name and version give equal vectors if their analyzers use the same Korean
  // dictionary.
  virtual std::string version() const = 0;
  virtual size_t dimension() const = 0;
  // Writes dimension() floats to `out`: a vector of length 1, or zeros for a text without words.
  virtual void Embed(std::string_view text, float* out) const = 0;
};

// An embedder without training: a signed random projection of hashed words, morphemes and character n-grams.
// `analyzers` must outlive it. Requires a dimension above 0.
std::unique_ptr<Embedder> NewHashEmbedder(const analysis::Analyzers& analyzers, size_t dimension);

struct EmbedderOptions {
  size_t dimension = 128;        // of the trained part; less if the texts have a lower rank
  size_t max_features = 60'000;  // bounds memory: each feature takes 4 * dimension + 8 bytes
  uint64_t seed = 1;             // for the randomized SVD; equal seeds give equal models
};
// Trains an embedder on a catalogue's texts: words and character n-grams in a latent space, by a randomized
// SVD of their tf-idf matrix. Returns the content of a model file with a checksum (docs/formats/embedder.md).
// kTooLittleData for fewer than two texts, if no two texts share a word or a character n-gram, or if the
// trained dimension is 0; kTimeout if the deadline passes.
Result<std::string> TrainCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                           const std::vector<std::string>& texts,
                                           const EmbedderOptions& options, const Deadline& deadline);
// Opens an embedder from the content of a model file. Its dimension is that of the trained part plus 64
// coordinates of a hash embedder. `bytes` and `analyzers` must outlive it. kCorrupt if the checksum or a
// length does not match; kFormatVersion if the format version is unknown.
Result<std::unique_ptr<Embedder>> OpenCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                                        std::string_view bytes);

// A unit vector that depends only on the bytes of the text, for texts without words. Requires a dimension
// above 0.
std::vector<float> DirectionOf(std::string_view text, size_t dimension);

// Converts a unit vector to another dimension. To increase the dimension, appends zeros, which keeps all
// angles; to reduce it, applies a fixed sparse random projection, which keeps angles approximately. Requires
// a dimension above 0.
std::vector<float> Project(const std::vector<float>& vector, size_t dimension);

}  // namespace trine::language
