// `trine check`, `rebuild`, `backup`, `restore` and `version`.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "cli/invocation.h"
#include "cli/progress.h"
#include "format/text.h"
#include "server/console_log.h"
#include "server/data_directory.h"
#include "server/directory_check.h"
#include "server/directory_copy.h"
#include "server/engines.h"
#include "server/salvage.h"
#include "server/version.h"
#include "storage/file_descriptor.h"

namespace trine::cli {
namespace {

namespace fs = std::filesystem;

// Folders that hold derived data only: they may be deleted at any time and are rebuilt from the facts.
constexpr const char* kDerivedFolders[] = {"index", "derived", "scratch"};

// Verifies everything without changing it.
Result<server::DirectoryReport> Check(const Invocation& invocation) {
  TRINE_ASSIGN(server::DataDirectory directory, server::OpenDataDirectoryReadOnly(invocation.data_dir));
  return server::CheckDirectory(directory, server::FindKoreanDictionary("", invocation.program));
}

format::Json Texts(const std::vector<std::string>& lines) {
  format::Json list(format::Json::Array{});
  for (const std::string& line : lines) list.Push(line);
  return list;
}

int RunCheck(const Invocation& invocation) {
  const auto report = Check(invocation);
  if (!report.ok()) {
    Error error = report.error();
    if (error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound)
      error.message += std::string("; ") + server::AdviceForFacts(error);
    return Fail(error);
  }
  std::vector<std::string> broken = report->broken;
  broken.insert(broken.end(), report->lost.begin(), report->lost.end());
  const bool good = broken.empty();
  if (invocation.json) {
    format::Json out;
    out.Set("ok", good);
    out.Set("broken", Texts(broken));
    out.Set("notes", Texts(report->notes));
    std::printf("%s\n", format::ToString(out).c_str());
  } else {
    for (const std::string& line : broken) std::printf("broken: %s\n", format::Printable(line).c_str());
    for (const std::string& line : report->notes) std::printf("note: %s\n", format::Printable(line).c_str());
    std::printf(good ? "every file was read, and every checksum is correct\n" : "%zu problems\n",
                broken.size());
  }
  return good ? kDone : kFailed;
}

Status RemoveDerivedFiles(const fs::path& data) {
  std::error_code failed;
  for (const char* folder : kDerivedFolders) {
    fs::remove_all(data / folder, failed);
    if (failed)
      return Error(ErrorCode::kIo, "cannot remove a derived-data folder: " + failed.message()).Where(folder);
  }
  fs::directory_iterator models(data / "models", failed), end;
  for (; !failed && models != end; models.increment(failed)) {
    // Everything else is kept: models, which come from training, the embedder, because clients store its
    // vectors, and what Trine did not make.
    if (!models->path().filename().string().starts_with("counters-")) continue;
    fs::remove_all(models->path(), failed);
    if (failed) break;
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return Error(ErrorCode::kIo, "cannot remove a checkpoint: " + failed.message()).Where("models");
  return Ok();
}

// Reads all facts before anything is deleted. Damaged facts stop a rebuild, because the present indexes may
// still have what the facts have lost; with `salvage`, the damaged rows are dropped first.
Result<server::SalvageReport> ExamineFacts(const Invocation& invocation, bool salvage) {
  auto report = salvage ? server::SalvageFacts(invocation.data_dir) : server::ScanFacts(invocation.data_dir);
  const bool lost = !report.ok() && (report.error().kind() == ErrorKind::kCorrupt ||
                                     report.error().kind() == ErrorKind::kNotFound);
  if (lost) {
    const bool has_advice = !salvage || !report.error().DetailOf("not_a_file").empty();
    const std::string advice =
        has_advice ? server::AdviceForFacts(report.error()) : "restore a backup with: trine restore";
    Error error = std::move(report).error();
    error.message += "; " + advice;
    return error;
  }
  return report;
}

// Makes the next call of the embedding API choose an embedder again.
Status ForgetEmbedder(storage::KeyValue& facts, const fs::path& data) {
  storage::WriteBatch batch;
  batch.Delete(storage::Family::kMeta, server::kPinnedEmbedderKey);
  TRINE_TRY(facts.Write(batch, storage::Durability::kSync));
  std::error_code failed;
  fs::remove(data / "models" / server::kPinnedEmbedderFile, failed);
  if (failed) return storage::SystemError("cannot remove the pinned embedder", data.string(), failed.value());
  return Ok();
}

struct RebuildOptions {
  bool salvage = false, new_embedder = false;
};

Status RebuildDerivedFiles(const Invocation& invocation, bool new_embedder) {
  {
    // Opening the facts takes the directory's lock, so no server can read the files that are deleted here.
    TRINE_ASSIGN(const auto directory, server::OpenDataDirectory(invocation.data_dir, {}));
    TRINE_TRY(RemoveDerivedFiles(invocation.data_dir));
    if (new_embedder) TRINE_TRY(ForgetEmbedder(*directory.facts, invocation.data_dir));
  }
  Progress progress("rebuilding indexes and counters");
  const auto log = server::NewConsoleLog(LogLevel::kWarning);
  server::EngineOptions options;
  options.data_dir = invocation.data_dir;
  options.create = false;
  options.program = invocation.program;
  TRINE_ASSIGN(const auto engines, server::Engines::Open(options, SystemClock(), *log, NullMetrics()));
  TRINE_TRY(engines->facts->health().Writable());
  return engines->Close();
}

int RunRebuild(const Invocation& invocation, const RebuildOptions& options) {
  const bool salvage = options.salvage;
  const auto report = ExamineFacts(invocation, salvage);
  if (!report.ok()) return Fail(report.error());
  const bool damaged = !report->damage.empty();
  Status done = Ok();
  if (damaged && !salvage) {
    done = Error(ErrorCode::kCorrupt,
                 "the facts are damaged, so nothing was changed: a rebuild would lose what is listed above; "
                 "restore a backup, or rebuild without it: trine rebuild --salvage")
               .Where(invocation.data_dir);
  } else {
    done = RebuildDerivedFiles(invocation, options.new_embedder);
  }
  if (invocation.json) {
    format::Json out;
    out.Set("ok", done.ok());
    out.Set("rows", report->rows);
    out.Set(salvage ? "dropped" : "damaged", Texts(report->damage));
    if (!report->set_aside.empty()) out.Set("set_aside", report->set_aside);
    std::printf("%s\n", format::ToString(out).c_str());
  } else {
    for (const std::string& line : report->damage)
      std::printf("%s: %s\n", salvage ? "dropped" : "damaged", format::Printable(line).c_str());
    if (!report->set_aside.empty())
      std::printf("the damaged store was kept as %s\n", format::Printable(report->set_aside).c_str());
  }
  if (!done.ok()) return Fail(done.error());
  if (!invocation.json) std::printf("indexes and counters were rebuilt from the facts\n");
  return kDone;
}

Status SyncPath(const fs::path& path) {
  const storage::FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return storage::SystemError("cannot sync", path.string(), errno);
  return Ok();
}

struct CopyArguments {
  std::string dir;
  server::CopyOptions options;
};

void PrintReport(const server::CopyReport& report) {
  for (const std::string& path : report.skipped)
    std::fprintf(stderr, "note: not copied, because it is not a file: %s\n", format::Printable(path).c_str());
  for (const std::string& line : report.lost)
    std::fprintf(stderr, "note: lost: %s\n", format::Printable(line).c_str());
}

Status Backup(const Invocation& invocation, const CopyArguments& arguments) {
  const std::string& to = arguments.dir;
  TRINE_ASSIGN(server::DataDirectory directory, server::OpenDataDirectoryReadOnly(invocation.data_dir));
  std::error_code failed;
  if (fs::exists(to, failed) && !fs::is_empty(to, failed))
    return Error(ErrorCode::kUsage, "the backup folder is not empty").Where(to);
  const bool made = fs::create_directories(to, failed);
  if (failed) return storage::SystemError("cannot create the backup folder", to, failed.value());
  server::CopyReport report;
  Status done = server::CopyKeptFiles(directory, server::FindKoreanDictionary("", invocation.program), to,
                                      arguments.options, &report);
  PrintReport(report);
  if (done.ok()) return done;
  // Leave no incomplete copy behind: someone might take it for a backup.
  for (const char* part : {"facts", "models", "format"}) fs::remove_all(fs::path(to) / part, failed);
  if (made) fs::remove(to, failed);
  return done;
}

Status Restore(const Invocation& invocation, const CopyArguments& arguments) {
  TRINE_ASSIGN(server::DataDirectory backup, server::OpenDataDirectoryReadOnly(arguments.dir));
  std::error_code failed;
  if (fs::exists(invocation.data_dir, failed) && !fs::is_empty(invocation.data_dir, failed)) {
    return Error(ErrorCode::kUsage, "the data directory is not empty; choose a new one with --data-dir")
        .Where(invocation.data_dir);
  }
  const fs::path to = fs::weakly_canonical(fs::absolute(invocation.data_dir), failed);
  // The copy has a temporary name until it is complete and verified, so no server can open an incomplete one.
  const fs::path partial = (to.has_filename() ? to : to.parent_path()).string() + ".partial";
  if (fs::exists(partial, failed))
    return Error(ErrorCode::kExists, "an interrupted restore left this folder behind; remove it first")
        .Where(partial.string());
  fs::create_directories(partial, failed);
  if (failed) return storage::SystemError("cannot create a folder", partial.string(), failed.value());
  Status done = [&]() -> Status {
    server::CopyReport report;
    TRINE_TRY(server::CopyKeptFiles(backup, server::FindKoreanDictionary("", invocation.program),
                                    partial.string(), arguments.options, &report));
    PrintReport(report);
    fs::rename(partial, to, failed);
    if (failed)
      return storage::SystemError(
          "cannot rename the restored folder to its final name; if the target is a mount point, restore to a "
          "new folder inside it instead",
          to.string(), failed.value());
    return SyncPath(to.parent_path());
  }();
  if (!done.ok()) fs::remove_all(partial, failed);
  return done;
}

int PrintOutcome(const Invocation& invocation, const Status& status, const char* words) {
  if (!status.ok()) return Fail(status.error());
  if (invocation.json)
    std::printf("{\"ok\":true}\n");
  else
    std::printf("%s\n", words);
  return kDone;
}

void AddDirectoryOptions(CLI::App* command, Invocation* invocation) {
  command->add_option("--data-dir", invocation->data_dir, "data directory")
      ->envname("TRINE_DATA_DIR")
      ->capture_default_str();
  command->add_flag("--json", invocation->json, "print one JSON document");
}

}  // namespace

void RegisterMaintenance(CLI::App* app, Invocation* invocation) {
  CLI::App* check =
      app->add_subcommand("check",
                          "Read every file of a data directory, verify its checksum, and change "
                          "nothing. No server may have it open.\n\n  trine check --data-dir ./trine-data\n");
  AddDirectoryOptions(check, invocation);
  check->callback([invocation] { invocation->run = [invocation] { return RunCheck(*invocation); }; });

  auto options = std::make_shared<RebuildOptions>();
  CLI::App* rebuild = app->add_subcommand(
      "rebuild",
      "Rebuild indexes and counters from the facts (documents, events, users and resources), which are read "
      "completely before. If some of them are damaged, nothing is changed and the exit status is 1, unless "
      "--salvage is given. No server may have the data directory open.\n\n  trine rebuild --data-dir "
      "./trine-data\n");
  rebuild->add_flag("--new-embedder", options->new_embedder,
                    "let the embedding API choose an embedder again; stored vectors are then useless");
  rebuild->add_flag("--salvage", options->salvage,
                    "drop facts that cannot be read, list them, and keep the damaged store as facts.damaged");
  AddDirectoryOptions(rebuild, invocation);
  rebuild->callback([invocation, options] {
    invocation->run = [invocation, options] { return RunRebuild(*invocation, *options); };
  });

  constexpr const char* kAllowLost =
      "copy the facts although trained models or the pinned embedder are lost, and name these";
  auto to = std::make_shared<CopyArguments>();
  CLI::App* backup =
      app->add_subcommand("backup",
                          "Verify the facts and models of a data directory, copy them, and verify the "
                          "copy. A damaged data directory is not copied. No server may have it open.\n\n  "
                          "trine backup ./backup-2026-11-25\n");
  backup->add_option("dir", to->dir, "folder to write to; must be new or empty")->required();
  backup->add_flag("--allow-lost", to->options.allow_lost, kAllowLost);
  AddDirectoryOptions(backup, invocation);
  backup->callback([invocation, to] {
    invocation->run = [invocation, to] {
      return PrintOutcome(*invocation, Backup(*invocation, *to),
                          "backup written and verified; use trine restore to restore it");
    };
  });

  auto from = std::make_shared<CopyArguments>();
  CLI::App* restore =
      app->add_subcommand("restore",
                          "Create a new data directory from a backup, and verify it.\n\n  trine restore "
                          "./backup-2026-11-25 --data-dir ./new-data\n");
  restore->add_option("dir", from->dir, "the backup folder")->required();
  restore->add_flag("--allow-lost", from->options.allow_lost, kAllowLost);
  AddDirectoryOptions(restore, invocation);
  restore->callback([invocation, from] {
    invocation->run = [invocation, from] {
      return PrintOutcome(*invocation, Restore(*invocation, *from),
                          "restored and verified; the next start rebuilds the indexes");
    };
  });
}

void RegisterVersion(CLI::App* app, Invocation* invocation) {
  CLI::App* version = app->add_subcommand(
      "version", "Print version, commit, compiler and the CPU kernels in use.\n\n  trine version --json\n");
  version->add_flag("--json", invocation->json, "print one JSON document");
  version->callback([invocation] {
    invocation->run = [invocation] {
      const format::Json v = server::VersionInfo();
      if (invocation->json)
        std::printf("%s\n", format::ToString(v).c_str());
      else {
        for (const auto& [name, value] : v.object())
          std::printf("%-10s %s\n", name.c_str(), value.string().c_str());
      }
      return kDone;
    };
  });
}

}  // namespace trine::cli
