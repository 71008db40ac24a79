// The Amazon Bedrock Runtime API: InvokeModel, with the request bodies of two model families.
#pragma once

#include <functional>
#include <memory>
#include <string>

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

  // Whether the path begins with /model/.
  static bool Owns(const net::Request& head);
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request) const;

 private:
  const Dependencies deps_;
};

// An error as Bedrock clients expect it: __type, x-amzn-errortype and a message. If `status` is 0, the error
// determines the status; the HTTP server passes a status for requests that it rejects.
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::bedrock
