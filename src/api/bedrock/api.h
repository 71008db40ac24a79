// The Amazon Bedrock Runtime wire: InvokeModel with the bodies of the model families.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "language/model.h"
#include "net/http.h"

namespace trine::api::bedrock {

// What the wire translates to; all outlive the Api.
struct Parts {
  language::LanguageModel& model;
  // The pinned embedder that embedding models are answered by; never nullptr.
  std::function<std::shared_ptr<const language::Embedder>()> embedder;
  const Clock& clock;
  Log& log;
};

// Thread-safe.
class Api {
 public:
  virtual ~Api() = default;
  virtual bool Owns(const net::Request& head) const = 0;  // /model/...
  virtual net::Response Handle(const net::Request& request) = 0;
};
std::unique_ptr<Api> NewApi(Parts parts);
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::bedrock
