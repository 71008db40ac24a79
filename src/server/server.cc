#include "server/server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <set>

#include "api/opensearch/query_parser.h"
#include "format/text.h"
#include "net/server.h"
#include "server/engines.h"
#include "server/prometheus_metrics.h"
#include "server/routes.h"

namespace trine::server {
namespace {

constexpr int64_t kDrainMillis = 10'000;
constexpr size_t kLongestLine = 4000;

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr v4{};
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

class ConsoleLog final : public Log {
 public:
  explicit ConsoleLog(LogLevel least)
      : logger_("trine", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    logger_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    logger_.set_level(LevelOf(least));
  }
  void Write(LogLevel level, std::string_view message) override {
    // Names from requests and catalogues reach log lines: control characters must not.
    logger_.log(LevelOf(level), "{}", format::Printable(message.substr(0, kLongestLine)));
  }

 private:
  static spdlog::level::level_enum LevelOf(LogLevel level) {
    switch (level) {
      case LogLevel::kDebug:
        return spdlog::level::debug;
      case LogLevel::kInfo:
        return spdlog::level::info;
      case LogLevel::kWarning:
        return spdlog::level::warn;
      case LogLevel::kError:
        return spdlog::level::err;
    }
    return spdlog::level::info;
  }
  spdlog::logger logger_;
};

format::Json HealthOf(const Engines& engines) {
  format::Json health;
  health.Set("status", "ok");
  health.Set("collections", static_cast<uint64_t>(engines.catalogue->All().size()));
  health.Set("dataset_groups",
             static_cast<uint64_t>(engines.resources->List(recommend::ResourceKind::kDatasetGroup).size()));
  health.Set("korean_dictionary", engines.analyzers->has_korean_dictionary());
  health.Set("language_provider", engines.model->name());
  return health;
}

class RunningServer final : public Server {
 public:
  RunningServer(const Clock& clock, Log& log) : clock_(clock), log_(log) {}
  ~RunningServer() override { static_cast<void>(Stop()); }

  Status Start(const ServeOptions& options) {
    const int64_t start = clock_.MonotonicNanos();
    if (!options.credentials_file.empty()) {
      TRINE_ASSIGN(credentials_, Credentials::Load(options.credentials_file));
    } else if (!options.only_token.empty()) {
      credentials_ = Credentials::OnlyToken(options.only_token);
    }
    TRINE_ASSIGN(engines_, Engines::Open(options.engine, clock_, log_, metrics_));
    MakeWires(options.engine);
    wires_ = std::make_unique<Wires>(Wires{*opensearch_, *personalize_, *bedrock_, *native_});
    net::ServerOptions http;
    http.host = options.host;
    http.port = options.port;
    http.tls_cert_file = options.tls_cert_file;
    http.tls_key_file = options.tls_key_file;
    http.search_threads = http.recommend_threads = http.write_threads = engines_->options.threads;
    TRINE_ASSIGN(http_, net::StartHttpServer(http, MakeService(*wires_, credentials_.get(), clock_, metrics_),
                                             clock_, log_, metrics_));
    const std::string scheme = options.tls_cert_file.empty() ? "http" : "https";
    const std::string host =
        options.host.find(':') != std::string::npos ? "[" + options.host + "]" : options.host;
    url_ = scheme + "://" + host + ":" + std::to_string(http_->port());
    if (options.only_token.empty()) engines_->ask->Warm();
    Announce(options, (clock_.MonotonicNanos() - start) / 1'000'000);
    return engines_->jobs->ResumeAll();
  }

  uint16_t port() const override { return http_->port(); }
  std::string url() const override { return url_; }

  Status Stop() override {
    if (http_) http_->Stop(kDrainMillis);
    http_.reset();
    return engines_ ? engines_->Close() : Ok();
  }

 private:
  void MakeWires(const EngineOptions& options) {
    Engines& e = *engines_;
    opensearch_ = api::opensearch::NewApi({*e.analyzers, *e.catalogue, *e.records, *e.indexes, *e.searcher,
                                           *e.writer, *e.search, *e.pipelines, clock_, log_});
    personalize_ = api::personalize::NewApi({*e.resources, *e.recommender, *e.history, *e.catalogue,
                                             *e.records, *e.writer, *e.jobs, clock_, log_, options.account_id,
                                             options.region, options.strict_limits});
    bedrock_ = api::bedrock::NewApi({*e.model, [&e] { return e.ask->EmbedderFor(nullptr); }, clock_, log_});
    native_ = api::native::NewApi(
        {*e.ask, *e.search, *e.recommender, *e.resources, *e.history, *e.catalogue, *e.records, *e.writer,
         *e.jobs, [](const format::Json& query) { return api::opensearch::ParseQuery(query, "filter"); },
         [](std::string_view arn) { return api::personalize::PathOfArn(arn); },
         [this] { return metrics_.Text(); }, [&e] { return HealthOf(e); }, clock_, log_});
  }

  void Announce(const ServeOptions& options, int64_t millis) {
    const Engines& e = *engines_;
    log_.Info("trine serves " + options.engine.data_dir + ": " + std::to_string(e.catalogue->All().size()) +
              " indexes, " +
              std::to_string(e.resources->List(recommend::ResourceKind::kDatasetGroup).size()) +
              " dataset groups");
    log_.Info(
        e.analyzers->has_korean_dictionary()
            ? "Korean: morphemes from the dictionary"
            : "Korean: no dictionary found, Hangul bigrams are used; `trine doctor` says how to add it");
    log_.Info("language: built-in rules, no network");
    log_.Info(credentials_ ? "credentials are demanded"
                           : "no credentials: this machine only, every signature is accepted");
    log_.Info("ready in " + std::to_string(millis) + " ms at " + url_);
  }

  const Clock& clock_;
  Log& log_;
  PrometheusMetrics metrics_;
  std::unique_ptr<Credentials> credentials_;
  std::unique_ptr<Engines> engines_;
  std::unique_ptr<api::opensearch::Api> opensearch_;
  std::unique_ptr<api::personalize::Api> personalize_;
  std::unique_ptr<api::bedrock::Api> bedrock_;
  std::unique_ptr<api::native::Api> native_;
  std::unique_ptr<Wires> wires_;
  std::unique_ptr<net::HttpServer> http_;
  std::string url_;
};

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Status CheckOptions(const ServeOptions& options) {
  const auto wrong = [](std::string what) {
    return Error(ErrorKind::kInvalid, std::move(what)).Code("options");
  };
  if (options.tls_cert_file.empty() != options.tls_key_file.empty())
    return wrong("TLS needs both --tls-cert and --tls-key");
  if (IsLoopback(options.host)) return Ok();
  if (options.credentials_file.empty())
    return wrong("an address other than loopback (" + options.host + ") is served with --credentials only");
  if (options.tls_cert_file.empty() && !options.allow_plain_http)
    return wrong("an address other than loopback (" + options.host +
                 ") is served with --tls-cert and --tls-key, or with --allow-plain-http behind a proxy that "
                 "you trust");
  return Ok();
}

Result<std::unique_ptr<Server>> StartServer(const ServeOptions& options, const Clock& clock, Log& log) {
  TRINE_TRY(CheckOptions(options));
  auto server = std::make_unique<RunningServer>(clock, log);
  TRINE_TRY(server->Start(options));
  return std::unique_ptr<Server>(std::move(server));
}

void BlockSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}
int WaitForSignal() {
  const sigset_t set = StopSignals();
  int received = 0;
  sigwait(&set, &received);
  return received;
}

std::unique_ptr<Log> NewConsoleLog(LogLevel least) { return std::make_unique<ConsoleLog>(least); }

}  // namespace trine::server
