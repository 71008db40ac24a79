// Connection: how a command talks to a server.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "cli/invocation.h"
#include "format/json.h"
#include "net/client.h"
#include "server/server.h"

namespace trine::cli {

class StopOnSignal;

// A client of the server at `Invocation::url`. If that is empty, this process itself runs a server for
// `Invocation::data_dir`, on a free loopback port, for as long as the connection lives. Its own server
// accepts only a random token, and shuts down cleanly when the process receives SIGTERM or SIGINT. Not
// thread-safe.
class Connection {
 public:
  // Starts a server if `Invocation::url` is empty. A server at that URL is contacted by the first call, not
  // by Open. kInUse if another process has the data directory open.
  static Result<std::unique_ptr<Connection>> Open(const Invocation& invocation);
  ~Connection();

  const std::string& url() const { return url_; }

  // Sends `body` as JSON (a null value: no body) and returns the JSON answer, null for an empty one. A status
  // of 400 or more is an Error with the server's message: kNotFound for 404, kBusy for 429, kUnavailable from
  // 500 on, else kInvalid. `path` begins with '/' and is already percent-encoded.
  Result<format::Json> Call(const std::string& method, const std::string& path, const format::Json& body);
  // Like Call, with a body that is already serialised. `target` is the X-Amz-Target header; empty: none.
  Result<format::Json> CallRaw(const std::string& method, const std::string& path, std::string body,
                               const std::string& content_type, const std::string& target = "");
  // Calls an operation of Personalize's control plane, such as "ListSolutions".
  Result<format::Json> CallPersonalize(const std::string& operation, const format::Json& body);

 private:
  Connection() = default;

  std::unique_ptr<Log> log_;
  std::unique_ptr<server::Server> server_;  // nullptr if Invocation::url is set
  std::unique_ptr<StopOnSignal> stop_;
  std::unique_ptr<net::HttpClient> http_;
  std::string url_, authorization_;
};

}  // namespace trine::cli
