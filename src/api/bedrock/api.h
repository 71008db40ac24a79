// The Amazon Bedrock API: InvokeModel and Converse with their streams, CountTokens and ApplyGuardrail of
// Bedrock Runtime, and the list of foundation models.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/bedrock/errors.h"
#include "base/clock.h"
#include "base/log.h"
#include "language/model.h"
#include "net/http.h"

namespace trine::api::bedrock {

// Everything the API calls into. All referenced objects outlive the Api.
struct Dependencies {
  language::LanguageModel& model;
  // Returns the embedder for embedding models. Its vectors change only with its version.
  std::function<Result<std::shared_ptr<const language::Embedder>>()> embedder;
  const Clock& clock;
  Log& log;
  // Whether `embedder` would train for seconds, and a function that lets it do so in the background and then
  // calls `done` once. Both may be empty: `embedder` is fast.
  std::function<bool()> must_train = {};
  std::function<void(std::function<void()> done)> train = {};
};

// Thread-safe.
class Api {
 public:
  explicit Api(Dependencies deps);

  // Whether this is a path of Bedrock: /model/..., /guardrail/.../version/..., /async-invoke, or GET
  // /foundation-models. Indexes of these names keep their paths in which '_' begins the next part:
  // /model/_doc/1.
  static bool Owns(const net::Request& head);
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request) const;

 private:
  const Dependencies deps_;
};

}  // namespace trine::api::bedrock
