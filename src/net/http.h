// HTTP as the handlers see it: Request, Response, Handler. No HTTP library is visible here.
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

// Header fields in order; names compare case-insensitively.
class Headers {
 public:
  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void Set(std::string_view name, std::string value);    // replaces all of that name
  void Remove(std::string_view name);                    // all of that name
  const std::string* Find(std::string_view name) const;  // the first, or nullptr
  std::string_view Get(std::string_view name) const;     // the first, or ""
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Who asks, after authentication.
struct Caller {
  std::string name;  // access key, user or token name; empty without credentials
  enum class Role { kAdmin, kWrite, kRead, kPublic } role = Role::kAdmin;
  std::string region;  // of the signature scope, or the server's
  // What the credentials narrow it to; empty: everything. Names, and top-level fields of sources.
  std::vector<std::string> indexes, fields;
};

// The class of a request decides its pool. The event loop itself only does I/O.
enum class RequestClass { kSearch, kRecommend, kWrite, kLanguage, kAdmin };

// What a request needs. kPublic: events and questions; kRead: search and recommendations; kWrite:
// documents and events too; kAdmin: everything. Ordered.
enum class Access { kNone = 0, kPublic = 1, kRead = 2, kWrite = 3, kAdmin = 4 };

// What the head of a request tells, before its body is read.
struct RequestPlan {
  RequestClass pool = RequestClass::kAdmin;
  Access access = Access::kAdmin;
  size_t max_body_bytes = limits::kMaxBodyBytes;  // on the wire and unpacked
};

// One whole request. `body` is after chunked decoding and gunzip (the Content-Encoding header stays);
// `wire_body_hash` is of the bytes before gunzip (hex SHA-256, filled only when the request is signed).
struct Request {
  std::string method;  // upper case
  std::string target;  // as received: path and query
  std::string path;    // raw, still percent-encoded
  std::string query;   // raw, without '?'
  Headers headers;
  std::string body;
  std::string peer;       // "127.0.0.1:5123"
  int http_version = 11;  // 10, 11, 20
  std::string id;         // request id, unique
  Caller caller;
  RequestPlan plan;  // as Service::plan gave it
  Deadline deadline;
  std::string wire_body_hash;

  // Path parts, each percent-decoded after splitting on '/'; one slash at either end is dropped, an
  // empty part in the middle stays. kInvalid on a broken escape or NUL.
  Result<std::vector<std::string>> PathSegments() const;
  // Query parameters in order, decoded ('+' is a space); kInvalid on a broken escape.
  Result<std::vector<std::pair<std::string, std::string>>> QueryParameters() const;
};

// Writes pieces of a streamed body; kUnavailable once the client is gone. Blocks while the client
// reads slower than pieces come; one thread at a time.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Status Write(std::string_view piece) = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // When set, `body` is ignored and the body is streamed (chunked) by this function, on the pool
  // thread. An error it returns cuts the connection, so that the client sees a broken body.
  std::function<Status(BodyWriter&)> stream;

  static Response JsonText(int status, std::string json,
                           std::string content_type = "application/json; charset=UTF-8");
};

// What the server is given. All are called from many threads.
struct Service {
  // Cheap, on the event loop, before the body is read.
  std::function<RequestPlan(const Request& head)> plan;
  // Cheap, on the event loop, before a large, chunked or packed body is read: an error refuses it with
  // the status that the service gives it. May be empty.
  std::function<Status(const Request& head)> admit;
  // On a pool thread. Must not throw. A HEAD answer keeps its headers and loses its body. The request
  // is the handler's own for the call: it fills the caller in, and may take the body.
  std::function<Response(Request&)> handle;
  // The answer when the server itself refuses (queue full 429, body too large 413, broken request
  // 400, header too large 431, timeout 408, unknown Content-Encoding 415, handler that threw 500):
  // shaped for the wire the path belongs to. Status 0: what the error's kind says. Cheap; may run on
  // the event loop. The head may be partial or empty when it could not be read.
  std::function<Response(const Request& head, int status, const Error&)> refuse;
};

}  // namespace trine::net
