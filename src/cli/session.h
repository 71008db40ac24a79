// Session: what every command shares: options, output, and the server it talks to.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "format/json.h"
#include "net/client.h"
#include "server/server.h"

namespace trine::cli {

// Exit statuses.
inline constexpr int kDone = 0, kFailed = 1, kUsage = 2;

// One run of the program. Not thread-safe.
struct Session {
  bool json = false;
  std::string program;  // this executable's path
  std::string data_dir = "./trine-data";
  std::string url;          // a running server; empty: one is opened on data_dir for this command
  std::string auth, token;  // "name:password", or a bearer token, for `url`
  std::vector<std::string> import_dirs;
  std::function<int()> run;  // set by the command that was named
};

// Options that commands talking to a server share: --data-dir, --url, --auth, --token, --json.
void AddTargetOptions(CLI::App* command, Session* session);

// "trine: error: what, where; hint" on standard error. Returns kFailed, or kUsage for wrong options.
int Fail(const Error& error);

class StopOnSignal;

// A connection to `url`, or to a server of our own on a free loopback port over `data_dir`; that one is
// closed in order when the process is told to stop.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const Session& session);
  ~Connection();
  const std::string& url() const { return url_; }
  // Sends JSON (or `raw` NDJSON text) and reads JSON. An HTTP error status is an Error with the server's
  // words.
  Result<format::Json> Call(const std::string& method, const std::string& path, const format::Json& body);
  Result<format::Json> CallRaw(const std::string& method, const std::string& path, std::string body,
                               const std::string& content_type, const std::string& target = "");
  // A call of the control plane of the recommendation wing.
  Result<format::Json> Control(const std::string& operation, const format::Json& body);

 private:
  Connection() = default;
  std::unique_ptr<Log> log_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<StopOnSignal> stop_;
  std::unique_ptr<net::HttpClient> http_;
  std::string url_, authorization_;
};

// A line that redraws itself on a terminal after two seconds; elsewhere one plain line a phase.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  // 0..1, or below 0 when unknown; `note` says what was done so far.
  void Show(double done, const std::string& note);

 private:
  std::string what_;
  int64_t start_nanos_;
  bool terminal_, shown_ = false;
  int64_t last_nanos_ = 0;
};

// Each adds one verb.
void RegisterServe(CLI::App* app, Session* session);
void RegisterAsk(CLI::App* app, Session* session);
void RegisterSearch(CLI::App* app, Session* session);
void RegisterRecommend(CLI::App* app, Session* session);
void RegisterImport(CLI::App* app, Session* session);
void RegisterTrain(CLI::App* app, Session* session);
void RegisterEval(CLI::App* app, Session* session);
void RegisterDoctor(CLI::App* app, Session* session);
void RegisterMaintenance(CLI::App* app, Session* session);  // check, rebuild, backup, restore
void RegisterVersion(CLI::App* app, Session* session);

}  // namespace trine::cli
