#include "cli/session.h"

#include <unistd.h>

#include <cstdio>
#include <random>

#include "base/clock.h"
#include "cli/stop_on_signal.h"
#include "format/text.h"

namespace trine::cli {
namespace {

constexpr int64_t kCallMillis = 600'000;
constexpr int64_t kQuietNanos = 2'000'000'000;  // progress is shown after two seconds
constexpr int64_t kRedrawNanos = 200'000'000;

// The words of an error in any of the wires' shapes.
std::string WordsOf(const format::Json& body, int status) {
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
  return "the server answered " + std::to_string(status);
}

std::string RandomToken() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    const uint32_t word = device();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return format::Base64(bytes);
}

}  // namespace

void AddTargetOptions(CLI::App* command, Session* session) {
  command->add_option("--data-dir", session->data_dir, "data directory to open when no --url is given")
      ->envname("TRINE_DATA_DIR")
      ->capture_default_str();
  command->add_option("--url", session->url, "a running server, such as http://127.0.0.1:9200")
      ->envname("TRINE_URL");
  command->add_option("--auth", session->auth, "name:password for --url")->envname("TRINE_AUTH");
  command->add_option("--token", session->token, "bearer token for --url")->envname("TRINE_TOKEN");
  command->add_flag("--json", session->json, "one JSON document on standard output");
}

int Fail(const Error& error) {
  std::string text = error.message;
  if (!error.expected.empty()) text += "; expected " + error.expected;
  if (!error.got.empty()) text += ", got " + error.got;
  if (!error.where.empty()) text += " (" + error.where + ")";
  std::fprintf(stderr, "trine: error: %s\n", format::Printable(text).c_str());
  return error.code == "options" ? kUsage : kFailed;
}

Result<std::unique_ptr<Connection>> Connection::Open(const Session& session) {
  auto connection = std::unique_ptr<Connection>(new Connection());
  connection->http_ = net::NewHttpClient();
  if (!session.auth.empty()) connection->authorization_ = "Basic " + format::Base64(session.auth);
  if (!session.token.empty()) connection->authorization_ = "Bearer " + session.token;
  if (!session.url.empty()) {
    connection->url_ = session.url;
    while (!connection->url_.empty() && connection->url_.back() == '/') connection->url_.pop_back();
    return connection;
  }
  server::ServeOptions options;
  options.port = 0;
  options.only_token = RandomToken();  // others on this machine may reach the port, and must get nothing
  connection->authorization_ = "Bearer " + options.only_token;
  options.engine.data_dir = session.data_dir;
  options.engine.program = session.program;
  options.engine.import_dirs = session.import_dirs;
  server::BlockSignals();
  connection->log_ = server::NewConsoleLog(LogLevel::kWarning);
  auto started = server::StartServer(options, SystemClock(), *connection->log_);
  if (!started.ok() && started.error().kind == ErrorKind::kInUse) {
    Error error = std::move(started).error();
    error.message += "; a server has this directory: name it with --url http://127.0.0.1:9200";
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

Result<format::Json> Connection::Control(const std::string& operation, const format::Json& body) {
  return CallRaw("POST", "/", format::ToString(body), "application/x-amz-json-1.1",
                 "AmazonPersonalize." + operation);
}

Result<format::Json> Connection::CallRaw(const std::string& method, const std::string& path, std::string body,
                                         const std::string& content_type, const std::string& target) {
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
      return Error(ErrorKind::kUnavailable, "the server's answer is not JSON").Where(request.url);
  }
  if (response.status >= 400) {
    const ErrorKind kind = response.status == 404  ? ErrorKind::kNotFound
                           : response.status < 500 ? ErrorKind::kInvalid
                                                   : ErrorKind::kUnavailable;
    return Error(kind, WordsOf(parsed, response.status)).Where(method + " " + path);
  }
  return parsed;
}

Progress::Progress(std::string what)
    : what_(std::move(what)),
      start_nanos_(SystemClock().MonotonicNanos()),
      terminal_(isatty(STDERR_FILENO) == 1) {
  if (!terminal_) std::fprintf(stderr, "%s ...\n", what_.c_str());
}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void Progress::Show(double done, const std::string& note) {
  const int64_t now = SystemClock().MonotonicNanos();
  if (!terminal_ || now - start_nanos_ < kQuietNanos || now - last_nanos_ < kRedrawNanos) return;
  last_nanos_ = now;
  shown_ = true;
  if (done <= 0) {
    std::fprintf(stderr, "\r\033[K%s: %s", what_.c_str(), note.c_str());
    return;
  }
  const double left = static_cast<double>(now - start_nanos_) * 1e-9 * (1 - done) / done;
  std::fprintf(stderr, "\r\033[K%s: %3.0f %% (%.0f s left) %s", what_.c_str(), done * 100, left,
               note.c_str());
}

}  // namespace trine::cli
