#include "server/server.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "api/opensearch/json/query_parser.h"
#include "api/personalize/arn.h"
#include "base/memory_budget.h"
#include "net/server.h"
#include "server/allocator.h"
#include "server/credentials.h"
#include "server/engines.h"
#include "server/index_check.h"
#include "server/kept_files.h"
#include "server/machine_memory.h"
#include "server/prometheus_metrics.h"
#include "server/purge_watch.h"
#include "server/routes.h"
#include "server/state_metrics.h"
#include "server/store_watch.h"

namespace trine::server {
namespace {

// A request that waits for an outside model keeps its thread, which takes little more than its stack, and no
// processor.
constexpr size_t kMaxWaitingThreads = 256;

constexpr int64_t kDrainMillis = 10'000;

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr v4{};
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

// The absolute form of paths that responses must not show, as they were given and as they are. Long ones
// first, so that a folder does not hide only the beginning of a path in it.
std::vector<std::string> AbsolutePaths(const std::vector<std::filesystem::path>& given) {
  std::vector<std::string> paths;
  for (const std::filesystem::path& path : given) {
    if (path.empty()) continue;
    std::error_code failed;
    const std::string whole = std::filesystem::weakly_canonical(path, failed).string();
    for (std::string one : {path.string(), whole}) {
      while (one.size() > 1 && one.ends_with('/')) one.pop_back();
      // "/" and "/data" are too short to be replaced wherever they occur.
      const bool deep = one.size() > 1 && one.find('/', 1) != std::string::npos;
      if (!one.starts_with('/') || !deep) continue;
      paths.push_back(one);
      const std::string quoted = format::ToString(format::Json(one));
      if (quoted.size() != one.size() + 2) paths.push_back(quoted.substr(1, quoted.size() - 2));
    }
  }
  std::ranges::sort(paths, [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return paths;
}

// Every folder and file of this machine that an option names, the folder of the program, and the one in which
// it was started.
ServicePolicy PolicyOf(const ServeOptions& options) {
  const EngineOptions& engine = options.engine;
  std::error_code failed;
  ServicePolicy policy;
  policy.region = options.only_region ? engine.region : "";
  policy.hidden_paths = AbsolutePaths({engine.data_dir, std::filesystem::path(engine.program).parent_path()});
  std::vector<std::filesystem::path> others(engine.import_dirs.begin(), engine.import_dirs.end());
  for (const std::string& path :
       {engine.word_file_dir, FindKoreanDictionary(engine.korean_dictionary_dir, engine.program),
        options.credentials_file, options.tls_cert_file, options.tls_key_file,
        std::filesystem::current_path(failed).string()}) {
    others.emplace_back(path);
  }
  policy.hidden_except_locations = AbsolutePaths(others);
  return policy;
}

// Checks that other accounts cannot read the private key. A group may, as is usual for certificates that
// several servers share.
Status CheckKeyFile(const std::string& path) {
  struct stat info {};
  if (path.empty() || ::stat(path.c_str(), &info) != 0)
    return Ok();  // loading the key reports a missing file
  if ((info.st_mode & 007) == 0) return Ok();
  return Error(ErrorCode::kInvalid, "every account of this machine can access the private key for TLS")
      .Expected("a file that others cannot read; run: chmod o-rwx " + path)
      .Where(path);
}

const char* StatusWord(HealthLevel level) {
  switch (level) {
    case HealthLevel::kOk:
      return "ok";
    case HealthLevel::kDegraded:
      return "degraded";
    case HealthLevel::kFailing:
      return "failing";
  }
  return "failing";
}

HealthLevel LevelOf(const Engines& engines) {
  const HealthLevel level = engines.facts->health().level();
  const bool degraded = engines.space->warning() || !engines.tasks.problems().empty();
  return level == HealthLevel::kOk && degraded ? HealthLevel::kDegraded : level;
}

// Runs on the event loop: takes no lock that is held during a disk write.
format::Json HealthOf(const Engines& engines) {
  format::Json health;
  const storage::StoreHealth& store = engines.facts->health();
  const std::optional<std::string> low_space = engines.space->warning();
  health.Set("status", StatusWord(LevelOf(engines)));
  health.Set("accepts_writes", store.Writable().ok());
  format::Json problems(format::Json::Array{});
  for (const std::string& problem : store.problems()) problems.Push(problem);
  if (low_space) problems.Push(*low_space);
  for (const std::string& problem : engines.tasks.problems()) problems.Push(problem);
  health.Set("problems", std::move(problems));
  health.Set("collections", static_cast<uint64_t>(engines.catalogue->All().size()));
  health.Set("dataset_groups",
             static_cast<uint64_t>(engines.resources->Count(recommend::ResourceKind::kDatasetGroup)));
  health.Set("korean_dictionary", engines.analyzers->has_korean_dictionary());
  health.Set("language_provider", engines.model->name());
  return health;
}

}  // namespace

Status CheckOptions(const ServeOptions& options) {
  const auto wrong = [](std::string what) { return Error(ErrorCode::kUsage, std::move(what)); };
  if (options.tls_cert_file.empty() != options.tls_key_file.empty())
    return wrong("--tls-cert and --tls-key must be given together");
  if (const Status marks = storage::CheckSpaceMarks(options.engine.space); !marks.ok())
    return wrong(marks.error().ToString());
  if (IsLoopback(options.host)) return Ok();
  if (options.credentials_file.empty())
    return wrong("cannot listen on " + options.host +
                 " without --credentials; credentials are optional only on loopback addresses");
  if (options.tls_cert_file.empty() && !options.allow_plain_http)
    return wrong(
        "cannot listen on " + options.host +
        " without TLS: add --tls-cert and --tls-key, or --allow-plain-http behind a proxy that you trust");
  return Ok();
}

Server::Server(const Clock& clock, Log& log)
    : clock_(clock), log_(log), metrics_(std::make_unique<PrometheusMetrics>()) {}

Server::~Server() { static_cast<void>(Stop()); }

Result<std::unique_ptr<Server>> Server::Start(const ServeOptions& options, const Clock& clock, Log& log) {
  TRINE_TRY(CheckOptions(options));
  auto server = std::unique_ptr<Server>(new Server(clock, log));
  TRINE_TRY(server->Open(options));
  return server;
}

Status Server::Stop() {
  if (http_) http_->Stop(kDrainMillis);
  http_.reset();
  watch_.reset();
  purge_watch_.reset();
  index_check_.reset();
  kept_files_check_.reset();
  return engines_ ? engines_->Close() : Ok();
}

Status Server::Open(const ServeOptions& options) {
  TRINE_CHECK(engines_ == nullptr);  // called once
  const int64_t start = clock_.MonotonicNanos();
  if (!options.credentials_file.empty()) {
    TRINE_ASSIGN(credentials_, Credentials::Load(options.credentials_file));
  } else if (!options.admin_token.empty()) {
    credentials_ = Credentials::WithAdminToken(options.admin_token);
  }
  TRINE_TRY(CheckKeyFile(options.tls_key_file));
  const size_t limit = options.engine.memory_limit > 0 ? options.engine.memory_limit : MachineMemory();
  memory_ = std::make_unique<MemoryBudget>(MemoryBounds::Of(limit), *metrics_);
  // Giving memory back costs time when it is needed again, so it is done later if memory is not limited.
  static_cast<void>(
      GiveBackFreedMemory(std::chrono::milliseconds(options.engine.memory_limit > 0 ? 250 : 10000)));
  TRINE_TRY(Listen(options));
  const auto progress = [this](double done, const std::string& what) {
    entrance_->progress().Set(done, what);
  };
  EngineOptions bounded = options.engine;
  bounded.memory = memory_.get();
  TRINE_ASSIGN(engines_, Engines::Open(bounded, clock_, log_, *metrics_, progress));
  kept_files_check_ = std::make_unique<KeptFilesCheck>(
      KeptFileSources{*engines_->root, *engines_->facts, *engines_->resources, *engines_->analyzers},
      engines_->tasks, log_);
  MakeApis(options.engine);
  const Apis apis{*opensearch_, *personalize_, *bedrock_, *native_, *chat_};
  entrance_->Open(MakeService(apis, credentials_.get(), PolicyOf(options), clock_, log_, *metrics_));
  watch_ = std::make_unique<StoreWatch>(*engines_->facts, *engines_->space, clock_, log_, [this] {
    engines_->history->RemoveFailedImports();
    engines_->jobs->ResumeStalled();
  });
  index_check_ =
      std::make_unique<IndexCheck>(options.engine.data_dir + "/index", index::IndexOptions().verify_bytes,
                                   *engines_->indexes, *engines_->writer, log_);
  purge_watch_ = std::make_unique<PurgeWatch>(*engines_->history, *engines_->facts, log_);
  if (options.admin_token.empty()) engines_->ask->Warm();
  LogStart(options, (clock_.MonotonicNanos() - start) / 1'000'000);
  engines_->jobs->ResumeAll();
  return Ok();
}

Status Server::Listen(const ServeOptions& options) {
  net::ServerOptions http;
  http.host = options.host;
  http.port = options.port;
  http.memory = memory_.get();
  http.tls_cert_file = options.tls_cert_file;
  http.tls_key_file = options.tls_key_file;
  http.search_threads = http.recommend_threads = http.write_threads = ThreadsOf(options.engine);
  http.max_connections = options.max_connections;
  if (const LanguageOptions& language = options.engine.language; language.configured()) {
    const size_t calls = std::min(language.concurrency, kMaxWaitingThreads);
    http.max_language_threads = std::max(http.max_language_threads, http.language_threads + calls);
    http.reserved_descriptors += calls;  // the connections to the provider
  }
  entrance_ = std::make_unique<Entrance>();
  TRINE_ASSIGN(http_, net::StartHttpServer(http, entrance_->Switch(), clock_, log_, *metrics_));
  port_ = http_->port();
  TRINE_CHECK_NE(port_, 0);
  const std::string scheme = options.tls_cert_file.empty() ? "http" : "https";
  const std::string host =
      options.host.find(':') != std::string::npos ? "[" + options.host + "]" : options.host;
  url_ = scheme + "://" + host + ":" + std::to_string(port_);
  log_.Info("listening at " + url_ + ", opening " + options.engine.data_dir);
  return Ok();
}

void Server::MakeApis(const EngineOptions& options) {
  TRINE_CHECK(engines_ != nullptr);
  Engines& e = *engines_;
  opensearch_ = std::make_unique<api::opensearch::Api>(api::opensearch::Dependencies{
      *e.analyzers, *e.catalogue, *e.records, *e.indexes, *e.searcher, *e.writer, *e.search, *e.pipelines,
      clock_, log_, "docker-cluster", "trine", [&e] { return LevelOf(e); }, memory_.get()});
  personalize_ = std::make_unique<api::personalize::Api>(api::personalize::Dependencies{
      *e.resources, *e.recommender, *e.history, *e.catalogue, *e.records, *e.writer, *e.jobs, clock_, log_,
      options.account_id, options.region, options.strict_limits});
  bedrock_ = std::make_unique<api::bedrock::Api>(
      api::bedrock::Dependencies{*e.grounded_model, [&e] { return e.ask->Pinned(); }, clock_, log_,
                                 [&e] { return e.ask->MustChoosePinned(); },
                                 [&e](std::function<void()> done) { e.ask->ChoosePinned(std::move(done)); }});
  chat_ = std::make_unique<api::chat::Api>(
      api::chat::Dependencies{*e.grounded_model, [&e] { return e.ask->Pinned(); }, clock_, log_,
                              [&e] { return e.ask->MustChoosePinned(); },
                              [&e](std::function<void()> done) { e.ask->ChoosePinned(std::move(done)); }});
  native_ = std::make_unique<api::native::Api>(api::native::Dependencies{
      *e.ask, *e.search, *e.recommender, *e.resources, *e.history, *e.catalogue, *e.records, *e.writer,
      *e.jobs, [](const format::Json& query) { return api::opensearch::ParseQuery(query, "filter"); },
      [](std::string_view text) -> api::native::ResourceName {
        const auto arn = api::personalize::ParseArn(text);
        if (!arn) return {"", std::string(text)};
        return {arn->type, arn->path};
      },
      [this, &e] { return MeasureState(e, *metrics_), metrics_->Text(); }, [&e] { return HealthOf(e); },
      clock_, log_, *e.declared_roles, [&e] { return e.facts->health().Writable(); }});
}

void Server::LogStart(const ServeOptions& options, int64_t millis) {
  const Engines& e = *engines_;
  log_.Info("serving " + options.engine.data_dir + ": " + std::to_string(e.catalogue->All().size()) +
            " indexes, " + std::to_string(e.resources->List(recommend::ResourceKind::kDatasetGroup).size()) +
            " dataset groups");
  log_.Info(e.analyzers->has_korean_dictionary() ? "Korean: morphemes from the dictionary"
                                                 : "Korean: no dictionary found, text is split into Hangul "
                                                   "bigrams; `trine doctor` explains how to add one");
  const LanguageOptions& language = options.engine.language;
  log_.Info(language.configured() ? "language: the model " + language.model + " by " + language.kind
                                  : "language: built-in rules without network access");
  log_.Info(credentials_ ? "every request needs credentials"
                         : "no credentials: only this machine is served, and signatures are not checked");
  log_.Info("ready in " + std::to_string(millis) + " ms at " + url_);
}

}  // namespace trine::server
