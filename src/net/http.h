// HTTP as handlers see it: Request, Response and Service, independent of any HTTP library.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/limits.h"
#include "base/result.h"

namespace trine::net {

// Header fields in the order they were added. Names are compared without regard to case. Not thread-safe.
class Headers {
 public:
  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void Set(std::string_view name, std::string value);    // replaces all fields of that name
  void Remove(std::string_view name);                    // removes all fields of that name
  const std::string* Find(std::string_view name) const;  // the first field's value; nullptr if none
  std::string_view Get(std::string_view name) const;     // the first field's value; "" if none
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The authenticated sender of a request.
struct Caller {
  std::string name;  // access key, user or token name; empty without credentials
  enum class Role { kAdmin, kWrite, kRead, kPublic } role = Role::kAdmin;
  std::string region;  // from the signature's scope, or else the server's region
  // The index names and top-level source fields that the credentials are restricted to; empty: no
  // restriction.
  std::vector<std::string> indexes, fields;
  // Whether the caller's events count like those of the shop's own servers; false only for the role public.
  bool trusted_events = true;
};

// The class of a request, which decides the thread pool that runs it. The event loop only does I/O.
enum class RequestClass { kSearch, kRecommend, kWrite, kLanguage, kAdmin };

// The role that a request needs, in ascending order. kPublic: events and questions. kRead: also search and
// recommendations. kWrite: also documents. kAdmin: everything.
enum class Access { kNone = 0, kPublic = 1, kRead = 2, kWrite = 3, kAdmin = 4 };

// Decisions made from the head of a request, before its body is read.
struct RequestPlan {
  RequestClass pool = RequestClass::kAdmin;
  Access access = Access::kAdmin;
  size_t max_body_bytes = limits::kMaxBodyBytes;  // limits the body as sent and again when decompressed
  // The handler takes microseconds and waits for nothing: the event loop itself runs it, so that it is
  // answered however busy the pools are. `pool` then only names the metric.
  bool on_event_loop = false;
};

// A request. `body` is decoded from chunks and decompressed (the Content-Encoding field stays);
// `wire_body_hash` is the hexadecimal SHA-256 of the body before decompression, empty unless the request is
// signed.
struct Request {
  std::string method;  // upper case
  std::string target;  // as received: path and query
  std::string path;    // raw, still percent-encoded
  std::string query;   // raw, without '?'
  Headers headers;
  std::string body;
  std::string peer;       // "127.0.0.1:5123"
  bool tls = false;       // whether the connection is encrypted
  int http_version = 11;  // 10, 11, 20
  std::string id;         // request id, unique
  Caller caller;
  RequestPlan plan;  // from Service::plan
  Deadline deadline;
  std::string wire_body_hash;

  // The path split at '/', each segment then percent-decoded. One slash at either end is dropped; empty
  // segments in the middle are kept. kInvalid on an invalid escape or a NUL.
  Result<std::vector<std::string>> PathSegments() const;
  // The query parameters in order, decoded ('+' is a space). kInvalid on an invalid escape.
  Result<std::vector<std::pair<std::string, std::string>>> QueryParameters() const;
};

// Writes a streamed body in pieces. Write blocks while the client reads more slowly than pieces are written;
// kUnavailable if the client is gone. An interface so that tests can collect the pieces. One thread at a
// time.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Status Write(std::string_view piece) = 0;
};

struct Wait;

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // If set, `body` is ignored and this function writes the body, on the pool thread. If it returns an
  // error, the connection is reset, so that the client sees an incomplete body.
  std::function<Status(BodyWriter&)> stream;
  // If set, the response is not sent before the wait is over. Not together with `stream`, and not by a
  // handler that runs on the event loop.
  std::shared_ptr<const Wait> wait;

  static Response JsonText(int status, std::string json,
                           std::string content_type = "application/json; charset=UTF-8");
};

// Lets a request wait for something without a thread, for example for the next refresh of an index.
struct Wait {
  // Called once, on a pool thread. Makes sure that `resume` is called when there is something to go on with:
  // on any thread, at any time (also before `start` returns, or after the server has stopped), once or more
  // often. `resume` only queues work.
  std::function<void(std::function<void()> resume)> start;
  int64_t most_millis = 0;  // after this time of waiting, the request goes on by itself
  // Makes the response after the wait, on a pool thread, while the request still exists; it may have to wait
  // again. Empty: the response that carries this wait is sent as it is.
  std::function<Response()> then;
};

// The callbacks of a server. All are called from several threads. Requires `plan`, `handle` and `refuse`.
struct Service {
  // Decides what a request needs. Called on the event loop before the body is read, so it must be cheap.
  std::function<RequestPlan(const Request& head)> plan;
  // Admits a request with a large, chunked or compressed body before the body is read, and returns the
  // largest body that its caller may send; an error rejects the request. Called on the event loop, so it must
  // be cheap. May be empty.
  std::function<Result<size_t>(const Request& head)> admit;
  // Answers a request, on a pool thread or as RequestPlan::on_event_loop says. Must not throw. The response
  // to a HEAD request is sent without its body. The handler owns the request during the call: it sets the
  // caller and may move the body out.
  std::function<Response(Request&)> handle;
  // Makes the response to a request that the server itself rejects (429 full queue, 413 body too large, 400
  // malformed request, 431 head too large, 408 timeout, 415 unknown Content-Encoding, 500 handler that
  // threw), in the wire format of the path's API. With status 0, the error determines the status. May be
  // called on the event loop, so it must be cheap. The head may be incomplete or empty if it could not be
  // read.
  std::function<Response(const Request& head, int status, const Error&)> refuse;
};

}  // namespace trine::net
