// ScriptedClient: an HttpClient that answers from a script, for tests without a network.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/client.h"

namespace trine::test {

struct ScriptedAnswer {
  int status = 200;
  net::Headers headers = {};
  std::vector<std::string> pieces = {};  // of the body, as they arrive
  std::optional<Error> failure = {};     // ends the transfer after the pieces
  bool before_head = false;              // with `failure`: there is no response at all
  std::function<void()> before = {};     // called first, for example to move a clock
};

inline ScriptedAnswer Scripted(int status, std::string type, std::vector<std::string> pieces) {
  ScriptedAnswer answer{.status = status, .pieces = std::move(pieces)};
  if (!type.empty()) answer.headers.Add("Content-Type", std::move(type));
  return answer;
}

// Gives each request the next answer, and records the request. One thread at a time.
class ScriptedClient final : public net::HttpClient {
 public:
  std::deque<ScriptedAnswer> answers;
  std::vector<net::ClientRequest> asked;

  Result<net::ClientResponse> Send(const net::ClientRequest& request, const Deadline& deadline,
                                   const std::function<Status(std::string_view)>& sink) override {
    asked.push_back(request);
    asked.back().on_head = {};  // refers to the sender's stack
    if (answers.empty()) return Error(ErrorCode::kUnavailable, "no scripted answer left");
    const ScriptedAnswer answer = std::move(answers.front());
    answers.pop_front();
    if (answer.before) answer.before();
    if (deadline.Passed()) return Error(ErrorCode::kTimeout, "the deadline passed");
    if (answer.before_head) return *answer.failure;
    net::ClientResponse response{.status = answer.status, .headers = answer.headers, .body = {}};
    if (request.on_head) TRINE_TRY(request.on_head(response));
    size_t bytes = 0;
    for (const std::string& piece : answer.pieces) {
      bytes += piece.size();
      if (bytes > request.max_response_bytes) return Error(ErrorCode::kLimit, "the response is too large");
      if (sink && answer.status < 300)
        TRINE_TRY(sink(piece));
      else
        response.body += piece;
    }
    if (answer.failure) return *answer.failure;
    return response;
  }
};

}  // namespace trine::test
