// `trine doctor`: checks the machine or a running server, and suggests how to fix problems.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cli/connection.h"
#include "cli/invocation.h"
#include "cli/language_options.h"
#include "cli/usage.h"
#include "format/text.h"
#include "net/client.h"
#include "server/data_directory.h"
#include "server/directory_check.h"
#include "server/engines.h"
#include "server/facts_comparison.h"
#include "server/language_provider.h"
#include "server/salvage.h"
#include "server/terms_mark.h"
#include "storage/directory.h"

namespace trine::cli {
namespace {

namespace fs = std::filesystem;

struct Finding {
  enum class Level { kOk, kNote, kProblem } level = Level::kOk;
  std::string what, advice;
};

constexpr uint64_t kLowDiskBytes = 1u << 30;
constexpr int64_t kLanguageMillis = 20'000;  // a local model may take seconds for its first answer
constexpr const char* kDamageAdvice =
    "run trine check; restore a backup with trine restore, or keep what can be read with trine rebuild "
    "--salvage";
constexpr const char* kOwnerAdvice =
    "run trine as the user that owns the data directory, or give that user its files with chown -R";
constexpr rlim_t kRecommendedOpenFiles = 4096 + 512;  // what `trine serve` needs by default
constexpr int64_t kEarliestSaneMillis =
    1'735'689'600'000;  // 2025-01-01; an unset clock shows an earlier time

// Returns the findings about an open data directory that need no reading of all of it.
std::vector<Finding> CheckOpened(const Invocation& invocation, server::DataDirectory& directory) {
  const auto indexes = server::CountCollections(directory);
  if (!indexes.ok()) return {{Finding::Level::kProblem, indexes.error().ToString(), kDamageAdvice}};
  std::vector<std::string> problems = directory.facts->health().problems();
  const auto ahead = server::FindFilesAheadOfFacts(directory);
  if (!ahead.ok()) problems.push_back(ahead.error().ToString());
  for (const std::string& what : ahead.ok() ? *ahead : std::vector<std::string>())
    problems.push_back(storage::SentenceOf(storage::Finding::kMissing) + what);
  std::vector<Finding> findings;
  for (const std::string& problem : problems)
    findings.push_back({Finding::Level::kProblem, problem, kDamageAdvice});
  for (const std::string& remark : directory.facts->health().remarks())
    findings.push_back({Finding::Level::kNote, remark, "run trine check"});
  if (!findings.empty()) return findings;
  return {{Finding::Level::kOk,
           "data directory " + invocation.data_dir + " opens: " + std::to_string(*indexes) + " indexes", ""}};
}

std::vector<Finding> CheckDataDirectory(const Invocation& invocation) {
  const fs::path path = invocation.data_dir;
  std::error_code failed;
  const bool exists = fs::exists(path, failed);
  if (!failed && !exists)
    return {{Finding::Level::kOk, "data directory " + path.string() + " does not exist yet",
             "trine serve creates it"}};
  const bool marked = !failed && fs::exists(path / "format", failed);
  if (failed) return {{Finding::Level::kProblem, path.string() + ": " + failed.message(), kOwnerAdvice}};
  if (!marked)
    return {{Finding::Level::kProblem, path.string() + " is not a Trine data directory",
             "choose another folder with --data-dir"}};
  auto directory = server::OpenDataDirectoryReadOnly(invocation.data_dir);
  if (directory.ok()) return CheckOpened(invocation, *directory);
  const Error& error = directory.error();
  if (error.kind() == ErrorKind::kInUse)
    return {{Finding::Level::kOk, "data directory " + path.string() + " is in use by a running server", ""}};
  const bool lost = error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kCorrupt;
  return {{Finding::Level::kProblem, error.ToString(), lost ? server::AdviceForFacts(error) : kDamageAdvice}};
}

// The models and the pinned embedder that are lost. Returns none if the directory cannot be opened, which
// CheckDataDirectory reports.
std::vector<Finding> CheckKeptFiles(const Invocation& invocation) {
  auto directory = server::OpenDataDirectoryReadOnly(invocation.data_dir);
  if (!directory.ok()) return {};
  const auto lost = server::FindLostModels(*directory, server::FindKoreanDictionary("", invocation.program));
  if (!lost.ok()) return {{Finding::Level::kProblem, lost.error().ToString(), ""}};
  std::vector<Finding> findings;
  for (const std::string& line : *lost) findings.push_back({Finding::Level::kProblem, line, ""});
  return findings;
}

// Entries of the data directory that this user may not read, and folders that it may not change, as after a
// copy by another user or on a disk that is mounted read-only.
std::vector<Finding> CheckPermissions(const Invocation& invocation) {
  constexpr size_t kNamed = 10;
  std::vector<Finding> findings;
  std::error_code failed;
  const auto skip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(invocation.data_dir, skip, failed), end;
       !failed && at != end && findings.size() < kNamed; at.increment(failed)) {
    std::error_code gone;
    const std::string path = at->path().string();
    const bool folder = at->is_directory(gone);
    if (!folder && !at->is_regular_file(gone)) continue;
    const auto lacks = [&](int mode) { return ::access(path.c_str(), mode) != 0 && errno != ENOENT; };
    if (lacks(folder ? R_OK | X_OK : R_OK))
      findings.push_back({Finding::Level::kProblem, "this user cannot read " + path, kOwnerAdvice});
    else if (folder && lacks(W_OK))
      findings.push_back({Finding::Level::kNote, "this user cannot change " + path, kOwnerAdvice});
  }
  return findings;
}

Finding CheckPrivacy(const Invocation& invocation) {
  struct stat info {};
  if (stat(invocation.data_dir.c_str(), &info) != 0 || (info.st_mode & 077) == 0)
    return {Finding::Level::kOk, "other users cannot read the data directory", ""};
  return {Finding::Level::kNote, "other users on this machine can read the data directory",
          "it contains users' histories; run: chmod 700 " + invocation.data_dir};
}

Finding CheckDisk(const Invocation& invocation) {
  std::error_code failed;
  const fs::path at =
      fs::exists(invocation.data_dir, failed) ? fs::path(invocation.data_dir) : fs::current_path();
  const fs::space_info space = fs::space(at, failed);
  if (failed) return {Finding::Level::kNote, "free disk space is unknown: " + failed.message(), ""};
  const std::string free = std::to_string(space.available >> 20) + " MiB free";
  if (space.available < kLowDiskBytes)
    return {Finding::Level::kProblem, free + " on the disk of the data directory",
            "free some space: writes are rejected when the disk is full"};
  return {Finding::Level::kOk, free + " on the disk of the data directory", ""};
}

Finding CheckPort(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool is_free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  if (is_free) return {Finding::Level::kOk, "port " + std::to_string(port) + " is free", ""};
  return {Finding::Level::kNote, "port " + std::to_string(port) + " is in use",
          "a server may already be running; otherwise use trine serve --port 0"};
}

Finding CheckKoreanDictionary(const Invocation& invocation) {
  const std::string folder = server::FindKoreanDictionary("", invocation.program);
  if (!folder.empty()) return {Finding::Level::kOk, "Korean dictionary: " + folder, ""};
  return {Finding::Level::kNote, "no Korean dictionary: text is split into Hangul bigrams",
          "install it with tools/korean_dictionary.sh, or use trine serve --korean-dictionary DIR"};
}

// Whether the indexes of a stopped data directory were made with a dictionary that is not found now. A server
// that is started with --korean-dictionary may know where it is.
std::optional<Finding> CheckLostDictionary(const Invocation& invocation) {
  const auto indexes = storage::OpenExistingDirectory(invocation.data_dir + "/index");
  if (!indexes.ok()) return std::nullopt;
  const bool found = !server::FindKoreanDictionary("", invocation.program).empty();
  const auto lost = server::DictionaryIsLost(**indexes, found);
  if (!lost) return std::nullopt;
  return Finding{Finding::Level::kNote, *lost, "install it with tools/korean_dictionary.sh"};
}

Finding CheckOpenFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::string text = "open files: up to " + std::to_string(limit.rlim_max);
  if (limit.rlim_max >= kRecommendedOpenFiles) return {Finding::Level::kOk, text, ""};
  return {Finding::Level::kNote, text,
          "raise the hard limit to " + std::to_string(kRecommendedOpenFiles) +
              ", or serve fewer connections (trine serve --max-connections)"};
}

Finding CheckClock() {
  if (SystemClock().Now().value > kEarliestSaneMillis) return {Finding::Level::kOk, "the clock is set", ""};
  return {Finding::Level::kProblem, "the clock is in the past",
          "set the clock: signatures and the age of events depend on it"};
}

Finding CheckObjectStorage() {
  const char* key = std::getenv("AWS_ACCESS_KEY_ID");
  if (key != nullptr && *key != '\0')
    return {Finding::Level::kOk, "s3:// locations: the environment contains keys", ""};
  return {Finding::Level::kNote, "s3:// locations: the environment contains no keys",
          "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL_S3, or import from file:// with "
          "trine "
          "serve --import-dir DIR"};
}

// Adds what a running server reports as wrong. A status that is not "ok" is a problem also without a
// sentence.
void AddServerProblems(const format::Json& health, std::vector<Finding>* findings) {
  const format::Json* status = health.Find("status");
  const std::string word = status != nullptr && status->is_string() ? status->string() : "unknown";
  if (word == "ok") return;
  findings->push_back({Finding::Level::kProblem, "the server's status is " + word, ""});
  const format::Json* problems = health.Find("problems");
  if (problems == nullptr || !problems->is_array()) return;
  for (const format::Json& problem : problems->array()) {
    if (problem.is_string()) findings->push_back({Finding::Level::kProblem, problem.string(), ""});
  }
}

// Returns the health that a running server reports. Does not check this machine, because the server may run
// on another one.
std::vector<Finding> CheckServer(const Invocation& invocation) {
  auto connection = Connection::Open(invocation);
  if (!connection.ok()) return {{Finding::Level::kProblem, connection.error().ToString(), ""}};
  const auto health = (*connection)->Call("GET", "/_trine/health", {});
  if (!health.ok()) {
    return {{Finding::Level::kProblem, "no answer from " + invocation.url + ": " + health.error().ToString(),
             "start it with trine serve; if it requires credentials, add --auth or --token"}};
  }
  std::vector<Finding> findings = {{Finding::Level::kOk, invocation.url + " answers", ""}};
  const auto value = [&](const char* name) {
    const format::Json* found = health->Find(name);
    return found == nullptr     ? std::string("unknown")
           : found->is_string() ? found->string()
                                : format::ToString(*found);
  };
  AddServerProblems(*health, &findings);
  findings.push_back({Finding::Level::kOk,
                      value("collections") + " indexes, " + value("dataset_groups") + " dataset groups", ""});
  const bool korean = value("korean_dictionary") == "true";
  findings.push_back({korean ? Finding::Level::kOk : Finding::Level::kNote,
                      korean ? "Korean: morphemes from the dictionary"
                             : "no Korean dictionary: text is split into Hangul bigrams",
                      korean ? "" : "restart it with --korean-dictionary DIR"});
  findings.push_back({Finding::Level::kOk, "language: " + value("language_provider"), ""});
  return findings;
}

// Calls the outside language model, if there is one.
Finding CheckLanguage(const server::LanguageOptions& options) {
  if (!options.configured()) return {Finding::Level::kOk, "language: built-in rules, always available", ""};
  const auto http = net::NewHttpClient();
  auto model = server::OpenLanguageProvider(options, *http, SystemClock(), NullLog(), NullMetrics());
  if (!model.ok()) return {Finding::Level::kProblem, "language: " + model.error().ToString(), ""};
  const auto answer =
      server::TryLanguageProvider(**model, SystemClock(), Deadline::After(SystemClock(), kLanguageMillis));
  if (answer.ok()) return {Finding::Level::kOk, *answer, ""};
  return {Finding::Level::kProblem, "language: " + answer.error().ToString(),
          "check --llm-url, --llm-model and --llm-key-file; the provider may also still load its model"};
}

const char* LevelName(Finding::Level level) {
  return level == Finding::Level::kOk ? "ok" : level == Finding::Level::kNote ? "note" : "bad";
}

std::vector<Finding> CheckThisMachine(const Invocation& invocation, uint16_t port,
                                      const server::LanguageOptions& language) {
  std::vector<Finding> findings = CheckDataDirectory(invocation);
  for (const auto& list :
       {CheckKeptFiles(invocation), CheckPermissions(invocation),
        std::vector<Finding>{CheckPrivacy(invocation), CheckDisk(invocation), CheckPort(port),
                             CheckLostDictionary(invocation).value_or(CheckKoreanDictionary(invocation)),
                             CheckOpenFiles(), CheckClock(), CheckObjectStorage(), CheckLanguage(language)}})
    findings.insert(findings.end(), list.begin(), list.end());
  return findings;
}

}  // namespace

void RegisterDoctor(CLI::App* app, Invocation* invocation) {
  auto port = std::make_shared<uint16_t>(9200);
  CLI::App* doctor = app->add_subcommand("doctor",
                                         "Check the data directory, disk space, port, Korean dictionary, "
                                         "limits, clock and language model of this "
                                         "machine, and suggest how to fix problems. With --url, check a "
                                         "running server instead.\n\n  trine doctor --data-dir "
                                         "./trine-data\n");
  doctor->add_option("--port", *port, "port that a server would use")
      ->check(IntegerFrom(1, 65535), "")
      ->capture_default_str();
  auto language = std::make_shared<server::LanguageOptions>();
  AddLanguageOptions(doctor, language.get());
  AddTargetOptions(doctor, invocation);
  doctor->callback([invocation, port, language] {
    invocation->run = [invocation, port, language] {
      const std::vector<Finding> findings = invocation->url.empty()
                                                ? CheckThisMachine(*invocation, *port, *language)
                                                : CheckServer(*invocation);
      bool bad = false;
      format::Json list(format::Json::Array{});
      for (const Finding& f : findings) {
        bad = bad || f.level == Finding::Level::kProblem;
        format::Json one;
        one.Set("status", LevelName(f.level));
        one.Set("what", f.what);
        if (!f.advice.empty()) one.Set("advice", f.advice);
        list.Push(std::move(one));
        if (!invocation->json)
          std::printf("%-5s %s%s%s\n", LevelName(f.level), format::Printable(f.what).c_str(),
                      f.advice.empty() ? "" : "\n      -> ", f.advice.c_str());
      }
      if (invocation->json) {
        format::Json out;
        out.Set("ok", !bad);
        out.Set("findings", std::move(list));
        std::printf("%s\n", format::ToString(out).c_str());
      }
      return bad ? kFailed : kDone;
    };
  });
}

}  // namespace trine::cli
