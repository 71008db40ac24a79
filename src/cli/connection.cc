#include "cli/connection.h"

#include <cstdint>
#include <random>

#include "base/clock.h"
#include "cli/stop_on_signal.h"
#include "format/text.h"
#include "server/console_log.h"
#include "server/signals.h"

namespace trine::cli {
namespace {

constexpr int64_t kCallMillis = 600'000;  // an import or a training step may take minutes

// The message in an error response of any of the APIs.
std::string ErrorText(const format::Json& body, int status) {
  if (const format::Json* error = body.Find("error"); error != nullptr && error->is_object()) {
    for (const char* key : {"message", "reason"}) {
      const format::Json* text = error->Find(key);
      if (text == nullptr || !text->is_string()) continue;
      std::string words = text->string();
      for (const char* more : {"expected", "got", "where"}) {
        const format::Json* detail = error->Find(more);
        if (detail != nullptr && detail->is_string() && !detail->string().empty())
          words += std::string("; ") + more + " " + detail->string();
      }
      return words;
    }
  }
  for (const char* key : {"message", "Message"}) {
    if (const format::Json* text = body.Find(key); text != nullptr && text->is_string())
      return text->string();
  }
  return "the server answered with status " + std::to_string(status);
}

// An import rejects rows whose request the server finds invalid; it must not take missing credentials or a
// server that is busy for that.
ErrorCode CodeOf(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kForbidden;
    case 404:
      return ErrorCode::kNotFound;
    case 413:
      return ErrorCode::kLimit;
    case 429:
      return ErrorCode::kBusy;
    default:
      return status < 500 ? ErrorCode::kInvalid : ErrorCode::kUnavailable;
  }
}

std::string RandomToken() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    const uint32_t word = device();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  TRINE_CHECK_EQ(bytes.size(), 32u);
  return format::Base64(bytes);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const Invocation& invocation) {
  auto connection = std::unique_ptr<Connection>(new Connection());
  connection->http_ = net::NewHttpClient();
  if (!invocation.auth.empty()) connection->authorization_ = "Basic " + format::Base64(invocation.auth);
  if (!invocation.token.empty()) connection->authorization_ = "Bearer " + invocation.token;
  if (!invocation.url.empty()) {
    connection->url_ = invocation.url;
    while (!connection->url_.empty() && connection->url_.back() == '/') connection->url_.pop_back();
    return connection;
  }
  server::ServeOptions options;
  options.port = 0;
  options.max_connections = 64;         // only this process connects
  options.admin_token = RandomToken();  // needed because other accounts on this machine can reach the port
  connection->authorization_ = "Bearer " + options.admin_token;
  options.engine.data_dir = invocation.data_dir;
  options.engine.program = invocation.program;
  options.engine.import_dirs = invocation.import_dirs;
  server::BlockSignals();
  connection->log_ = server::NewConsoleLog(LogLevel::kWarning);
  auto started = StartUnlessStopped(options, *connection->log_);
  if (!started.ok() && started.error().kind() == ErrorKind::kInUse) {
    Error error = std::move(started).error();
    error.message +=
        "; a running server has this directory open: pass its address with --url, such as --url "
        "http://127.0.0.1:9200";
    return error;
  }
  TRINE_ASSIGN(connection->server_, std::move(started));
  connection->url_ = connection->server_->url();
  connection->stop_ = std::make_unique<StopOnSignal>(
      [server = connection->server_.get()] { static_cast<void>(server->Stop()); });
  return connection;
}

Connection::~Connection() {
  stop_.reset();
  if (server_) static_cast<void>(server_->Stop());
}

Result<format::Json> Connection::Call(const std::string& method, const std::string& path,
                                      const format::Json& body) {
  return CallRaw(method, path, body.is_null() ? "" : format::ToString(body), "application/json");
}

Result<format::Json> Connection::CallPersonalize(const std::string& operation, const format::Json& body) {
  return CallRaw("POST", "/", format::ToString(body), "application/x-amz-json-1.1",
                 "AmazonPersonalize." + operation);
}

Result<format::Json> Connection::CallRaw(const std::string& method, const std::string& path, std::string body,
                                         const std::string& content_type, const std::string& target) {
  TRINE_CHECK(path.starts_with("/"));
  net::ClientRequest request;
  request.method = method;
  request.url = url_ + path;
  request.body = std::move(body);
  request.headers.Set("content-type", content_type);
  if (!target.empty()) request.headers.Set("x-amz-target", target);
  if (!authorization_.empty()) request.headers.Set("authorization", authorization_);
  TRINE_ASSIGN(const auto response, http_->Send(request, Deadline::After(SystemClock(), kCallMillis)));
  format::Json parsed;
  if (!response.body.empty()) {
    auto json = format::ParseJson(response.body);
    if (json.ok())
      parsed = std::move(*json);
    else if (response.status < 400)
      return Error(ErrorCode::kUnavailable, "the server's answer is not JSON").Where(request.url);
  }
  if (response.status >= 400) {
    return Error(CodeOf(response.status), ErrorText(parsed, response.status)).Where(method + " " + path);
  }
  return parsed;
}

}  // namespace trine::cli
