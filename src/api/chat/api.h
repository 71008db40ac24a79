// OpenAI's chat completions, embeddings and models, and Anthropic's messages, under /v1/.
#pragma once

#include <functional>
#include <memory>

#include "api/chat/errors.h"
#include "base/clock.h"
#include "base/log.h"
#include "language/model.h"
#include "net/http.h"

namespace trine::api::chat {

// Everything the API calls into. All referenced objects outlive the Api.
struct Dependencies {
  language::LanguageModel& model;
  // Returns the embedder. Its vectors change only with its version.
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

  // Whether the path begins with /v1/ and its next part does not begin with '_', as those of an index "v1"
  // do.
  static bool Owns(const net::Request& head);
  static net::RequestPlan Plan(const net::Request& head);
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response; in the
  // middle of a stream it becomes an event.
  net::Response Handle(const net::Request& request) const;

 private:
  const Dependencies deps_;
};

}  // namespace trine::api::chat
