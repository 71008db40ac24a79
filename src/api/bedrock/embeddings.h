// The bodies of embedding and re-ranking models. Both use the server's embedder, whatever the model's id.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/bedrock/model_id.h"
#include "base/result.h"
#include "format/json.h"
#include "language/model.h"

namespace trine::api::bedrock {

// A request for vectors or similarities, read before the embedder is chosen.
class Embedding {
 public:
  virtual ~Embedding() = default;
  // The body of the response. Thread-safe.
  virtual std::string Print(const language::Embedder& embedder, const std::string& request_id) const = 0;
  virtual uint64_t input_tokens() const = 0;
};

// Reads a body of kTitanEmbed, kCohereEmbed, kNovaEmbed or kRerank; requires one of them. ValidationException
// in the wording of the service if the body is invalid; kUnsupported for images.
Result<std::unique_ptr<Embedding>> ReadEmbedding(Family family, const format::Json& body,
                                                 std::string_view model_id);

}  // namespace trine::api::bedrock
