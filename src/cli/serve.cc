#include <cstdio>
#include <filesystem>

#include "base/clock.h"
#include "cli/invocation.h"
#include "cli/language_options.h"
#include "cli/stop_on_signal.h"
#include "cli/usage.h"
#include "server/console_log.h"
#include "server/server.h"
#include "server/signals.h"

namespace trine::cli {
namespace {

// More threads than this per pool only cost memory.
constexpr int64_t kMaxThreads = 1024;
// The store, the indexes and one request need this much.
constexpr int64_t kMinMemoryLimit = 32 << 20, kMaxMemoryLimit = int64_t{1} << 50;
constexpr int64_t kMaxConnections = 1'000'000;

// Validators for CLI::Option::check, as in cli/usage.h.
std::string IsAccountId(const std::string& text) {
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  return text.size() == 12 && digits ? "" : Expected("12 digits", text);
}
std::string IsRegion(const std::string& text) {
  const bool plain = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  return plain && !text.empty() && text.size() <= 64 ? "" : Expected("a region such as us-east-1", text);
}
std::string IsFolder(const std::string& text) {
  std::error_code failed;
  return std::filesystem::is_directory(text, failed) ? "" : Expected("a folder that exists", text);
}

// Options for the address, access control and TLS.
void AddListenerOptions(CLI::App* serve, server::ServeOptions* options) {
  serve
      ->add_option("--host", options->host,
                   "address to listen on; all except loopback need --credentials and TLS")
      ->envname("TRINE_HOST")
      ->capture_default_str();
  serve->add_option("--port", options->port, "port to listen on; 0: any free port, printed at start")
      ->check(IntegerFrom(0, 65535), "")
      ->envname("TRINE_PORT")
      ->capture_default_str();
  serve
      ->add_option("--credentials", options->credentials_file,
                   "JSON file of keys, users and tokens; only its owner may read it (mode 0600)")
      ->envname("TRINE_CREDENTIALS");
  serve->add_option("--tls-cert", options->tls_cert_file, "certificate chain in PEM; turns TLS on")
      ->envname("TRINE_TLS_CERT");
  serve->add_option("--tls-key", options->tls_key_file, "private key in PEM")->envname("TRINE_TLS_KEY");
  serve
      ->add_option("--max-connections", options->max_connections,
                   "client connections at a time; the limit of open files must allow 512 more")
      ->check(IntegerFrom(1, kMaxConnections), "")
      ->envname("TRINE_MAX_CONNECTIONS")
      ->capture_default_str();
  serve
      ->add_flag("--allow-plain-http", options->allow_plain_http,
                 "allow plain HTTP on a non-loopback address; use it only behind a proxy that you trust")
      ->envname("TRINE_ALLOW_PLAIN_HTTP");
}

std::string InvalidSpaceAmount(const std::string& text) {
  const auto given = storage::ParseSpaceAmount(text);
  return given.ok() ? std::string() : Expected(given.error().expected, text);
}

// Options for the free space of the disk. A given amount replaces the default as a whole.
void AddSpaceOptions(CLI::App* serve, storage::SpaceMarks* marks) {
  const auto store_in = [](storage::SpaceAmount* amount) {
    return [amount](const std::string& text) {
      if (const auto given = storage::ParseSpaceAmount(text); given.ok()) *amount = *given;
    };
  };
  serve
      ->add_option_function<std::string>("--warn-free-space", store_in(&marks->low),
                                         "free space below which log and health warn, such as 5gb or 10%")
      ->check(InvalidSpaceAmount)
      ->envname("TRINE_WARN_FREE_SPACE")
      ->default_str(marks->low.ToString());
  serve
      ->add_option_function<std::string>(
          "--min-free-space", store_in(&marks->reserved),
          "free space below which new data is refused until more is free; less "
          "than 32 MiB, or an eighth of a small disk, counts as that")
      ->check(InvalidSpaceAmount)
      ->envname("TRINE_MIN_FREE_SPACE")
      ->default_str(marks->reserved.ToString());
}

// Options for data sources, resources and ARNs.
void AddEngineOptions(CLI::App* serve, server::EngineOptions* engine) {
  serve
      ->add_option("--import-dir", engine->import_dirs,
                   "folder that file:// locations may refer to (repeatable)")
      ->envname("TRINE_IMPORT_DIR");
  serve
      ->add_option("--memory-limit", engine->memory_limit,
                   "bytes for caches and buffers, at least 33554432 (32 MiB); 0: a modest default")
      ->check(ZeroOrIntegerFrom(kMinMemoryLimit, kMaxMemoryLimit), "")
      ->envname("TRINE_MEMORY_LIMIT");
  serve
      ->add_option("--threads", engine->threads,
                   "threads each for search, recommendation and write requests, at most 1024; 0: one per "
                   "core")
      ->check(IntegerFrom(0, kMaxThreads), "")
      ->envname("TRINE_THREADS");
  serve->add_option("--account-id", engine->account_id, "account id in ARNs")
      ->check(IsAccountId, "")
      ->envname("TRINE_ACCOUNT_ID")
      ->capture_default_str();
  serve
      ->add_option(
          "--region", engine->region,
          "region in ARNs for requests without a signature; if given, the only region that signatures "
          "may be for")
      ->check(IsRegion, "")
      ->envname("TRINE_REGION")
      ->capture_default_str();
  serve
      ->add_flag("--strict-limits", engine->strict_limits,
                 "enforce the quotas and data minimums of Amazon Personalize")
      ->envname("TRINE_STRICT_LIMITS");
  serve
      ->add_option("--korean-dictionary", engine->korean_dictionary_dir,
                   "folder of the Korean dictionary, mecab-ko-dic")
      ->check(IsFolder, "")
      ->envname("TRINE_KOREAN_DICTIONARY");
  serve
      ->add_option("--word-files", engine->word_file_dir,
                   "folder of the files that index settings may name (user_dictionary)")
      ->check(IsFolder, "")
      ->envname("TRINE_WORD_FILES");
}

// Runs the server until a signal stops it, and returns the exit code.
int Serve(server::ServeOptions& options, const Invocation& invocation) {
  server::BlockSignals();
  options.engine.program = invocation.program;
  for (const std::string& folder : options.engine.import_dirs) {
    std::error_code failed;
    if (!std::filesystem::is_directory(folder, failed))
      return Fail(Error(ErrorCode::kUsage, "the --import-dir folder does not exist: " + folder));
  }
  const auto log = server::NewConsoleLog(LogLevel::kInfo);
  const auto server = StartUnlessStopped(options, *log, kDone);
  if (!server.ok()) return Fail(server.error());
  server::WaitForSignal();
  log->Info("stopping: draining requests, flushing");
  const Status stopped = (*server)->Stop();
  return stopped.ok() ? kDone : Fail(stopped.error());
}

}  // namespace

void RegisterServe(CLI::App* app, Invocation* invocation) {
  auto options = std::make_shared<server::ServeOptions>();
  CLI::App* serve = app->add_subcommand(
      "serve",
      "Serve search, recommendations and a language model on one port, until "
      "SIGINT or SIGTERM.\n\n"
      "  trine serve --data-dir ./shop-data --import-dir ./exports\n"
      "  AWS_ENDPOINT_URL=http://127.0.0.1:9200 python program.py   # boto3, unchanged\n");
  serve->add_option("--data-dir", options->engine.data_dir, "data directory; created if it does not exist")
      ->envname("TRINE_DATA_DIR")
      ->capture_default_str();
  AddListenerOptions(serve, options.get());
  AddEngineOptions(serve, &options->engine);
  AddSpaceOptions(serve, &options->engine.space);
  AddLanguageOptions(serve, &options->engine.language);
  serve->callback([serve, options, invocation] {
    options->only_region = serve->get_option("--region")->count() > 0;
    invocation->run = [options, invocation] { return Serve(*options, *invocation); };
  });
}

}  // namespace trine::cli
