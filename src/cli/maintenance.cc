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
#include "server/engines.h"
#include "server/version.h"
#include "storage/file_descriptor.h"

namespace trine::cli {
namespace {

namespace fs = std::filesystem;

// Folders that hold derived data only: they may be deleted at any time and are rebuilt from the facts.
constexpr const char* kDerivedFolders[] = {"index", "derived", "scratch"};

struct OpenedEngines {
  std::unique_ptr<Log> log;
  std::unique_ptr<server::Engines> engines;
};

Result<OpenedEngines> OpenEngines(const Invocation& invocation) {
  OpenedEngines opened;
  opened.log = server::NewConsoleLog(LogLevel::kWarning);
  server::EngineOptions options;
  options.data_dir = invocation.data_dir;
  options.program = invocation.program;
  TRINE_ASSIGN(opened.engines, server::Engines::Open(options, SystemClock(), *opened.log, NullMetrics()));
  return opened;
}

Status RequireDataDirectory(const std::string& path) {
  if (fs::exists(fs::path(path) / "format")) return Ok();
  return Error(ErrorCode::kUsage, "not a data directory").Where(path);
}

// Verifies all checksums in all files. Returns one line per problem, with advice on how to repair it.
Result<std::vector<std::string>> Check(const Invocation& invocation) {
  TRINE_TRY(RequireDataDirectory(invocation.data_dir));
  TRINE_ASSIGN(const OpenedEngines opened, OpenEngines(invocation));
  std::vector<std::string> broken;
  const auto note = [&broken](const Status& status, const char* advice) {
    if (!status.ok()) broken.push_back(status.error().ToString() + "; " + advice);
  };
  note(opened.engines->facts->VerifyChecksums(), "restore a backup: these files hold facts");
  note(opened.engines->indexes->Verify(), "run: trine rebuild");
  note(opened.engines->recommender->Verify(), "train again, or run: trine rebuild for counters");
  return broken;
}

int RunCheck(const Invocation& invocation) {
  const auto broken = Check(invocation);
  if (!broken.ok()) return Fail(broken.error());
  if (invocation.json) {
    format::Json out, list(format::Json::Array{});
    for (const std::string& line : *broken) list.Push(line);
    out.Set("ok", broken->empty());
    out.Set("broken", std::move(list));
    std::printf("%s\n", format::ToString(out).c_str());
  } else {
    for (const std::string& line : *broken) std::printf("broken: %s\n", format::Printable(line).c_str());
    std::printf(broken->empty() ? "every checksum is correct\n" : "%zu problems\n", broken->size());
  }
  return broken->empty() ? kDone : kFailed;
}

Status Rebuild(const Invocation& invocation) {
  TRINE_TRY(RequireDataDirectory(invocation.data_dir));
  {
    // Opening the facts takes the directory's lock, so no server can read the files that are deleted here.
    TRINE_ASSIGN(const auto facts, storage::OpenKeyValue(invocation.data_dir + "/facts"));
    for (const char* folder : kDerivedFolders) {
      std::error_code failed;
      fs::remove_all(fs::path(invocation.data_dir) / folder, failed);
      if (failed)
        return Error(ErrorCode::kIo, "cannot remove a derived-data folder: " + failed.message())
            .Where(folder);
    }
    for (const auto& entry : fs::directory_iterator(fs::path(invocation.data_dir) / "models")) {
      const std::string name = entry.path().filename().string();
      // Keep models, which come from training, and the embedder, because clients store its vectors: neither
      // can be rebuilt here.
      if (name.rfind("model-", 0) != 0 && name.rfind("embedder-", 0) != 0) fs::remove(entry.path());
    }
  }
  Progress progress("rebuilding indexes and counters");
  TRINE_ASSIGN(const OpenedEngines opened, OpenEngines(invocation));
  return opened.engines->Close();
}

Status SyncPath(const fs::path& path) {
  const storage::FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return storage::SystemError("cannot sync", path.string(), errno);
  return Ok();
}

// Requires a `format` file in `from`. Syncs everything in `to` and then copies the `format` file, which makes
// `to` a data directory.
Status SyncAndMark(const fs::path& from, const fs::path& to) {
  TRINE_CHECK(!fs::exists(to / "format"));
  for (const auto& entry : fs::recursive_directory_iterator(to)) TRINE_TRY(SyncPath(entry.path()));
  std::error_code failed;
  fs::copy(from / "format", to / "format", failed);
  if (failed) return Error(ErrorCode::kIo, failed.message()).Where(to.string());
  TRINE_TRY(SyncPath(to / "format"));
  return SyncPath(to);
}

Status Backup(const Invocation& invocation, const std::string& to) {
  TRINE_TRY(RequireDataDirectory(invocation.data_dir));
  std::error_code failed;
  if (fs::exists(to) && !fs::is_empty(to))
    return Error(ErrorCode::kUsage, "the backup folder is not empty").Where(to);
  fs::create_directories(to, failed);
  if (failed) return Error(ErrorCode::kIo, failed.message()).Where(to);
  TRINE_ASSIGN(const auto facts, storage::OpenKeyValue(invocation.data_dir + "/facts"));
  TRINE_TRY(facts->Checkpoint(to + "/facts"));
  fs::copy(fs::path(invocation.data_dir) / "models", fs::path(to) / "models", fs::copy_options::recursive,
           failed);
  if (failed) return Error(ErrorCode::kIo, failed.message()).Where(to);
  return SyncAndMark(invocation.data_dir, to);
}

Status Restore(const Invocation& invocation, const std::string& from) {
  TRINE_TRY(RequireDataDirectory(from));
  if (fs::exists(invocation.data_dir) && !fs::is_empty(invocation.data_dir)) {
    return Error(ErrorCode::kUsage, "the data directory is not empty; choose a new one with --data-dir")
        .Where(invocation.data_dir);
  }
  std::error_code failed;
  const fs::path to = fs::weakly_canonical(fs::absolute(invocation.data_dir), failed);
  // The copy has a temporary name until it is complete and synced, so no server can open an incomplete copy.
  const fs::path partial = (to.has_filename() ? to : to.parent_path()).string() + ".partial";
  if (fs::exists(partial))
    return Error(ErrorCode::kExists, "an interrupted restore left this folder behind; remove it first")
        .Where(partial.string());
  const auto io = [](const std::string& what, const fs::path& where) {
    return Error(ErrorCode::kIo, what).Where(where.string());
  };
  fs::create_directories(partial, failed);
  if (failed) return io(failed.message(), partial);
  Status done = [&]() -> Status {
    for (const auto& entry : fs::directory_iterator(from)) {
      if (entry.path().filename() == "format") continue;
      fs::copy(entry.path(), partial / entry.path().filename(), fs::copy_options::recursive, failed);
      if (failed) return io(failed.message(), entry.path());
    }
    TRINE_TRY(SyncAndMark(from, partial));
    fs::rename(partial, to, failed);
    if (failed)
      return io("cannot rename the restored folder to its final name (" + failed.message() +
                    "); if the target is a mount point, restore to a new folder inside it instead",
                to);
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
  CLI::App* check = app->add_subcommand("check",
                                        "Verify every checksum of a data directory. No server may have it "
                                        "open.\n\n  trine check --data-dir ./trine-data\n");
  AddDirectoryOptions(check, invocation);
  check->callback([invocation] { invocation->run = [invocation] { return RunCheck(*invocation); }; });

  CLI::App* rebuild = app->add_subcommand(
      "rebuild",
      "Rebuild indexes and counters from the facts (documents, events, users and resources), which are not "
      "changed. No server may have the data directory open.\n\n  trine rebuild --data-dir "
      "./trine-data\n");
  AddDirectoryOptions(rebuild, invocation);
  rebuild->callback([invocation] {
    invocation->run = [invocation] {
      return PrintOutcome(*invocation, Rebuild(*invocation),
                          "indexes and counters were rebuilt from the facts");
    };
  });

  auto to = std::make_shared<std::string>();
  CLI::App* backup =
      app->add_subcommand("backup",
                          "Copy the facts and models of a data directory. No server may have it "
                          "open.\n\n  trine backup ./backup-2026-11-25\n");
  backup->add_option("dir", *to, "folder to write to; must be new or empty")->required();
  AddDirectoryOptions(backup, invocation);
  backup->callback([invocation, to] {
    invocation->run = [invocation, to] {
      return PrintOutcome(*invocation, Backup(*invocation, *to),
                          "backup written; use trine restore to restore it");
    };
  });

  auto from = std::make_shared<std::string>();
  CLI::App* restore = app->add_subcommand("restore",
                                          "Create a new data directory from a backup.\n\n  trine restore "
                                          "./backup-2026-11-25 --data-dir ./new-data\n");
  restore->add_option("dir", *from, "the backup folder")->required();
  AddDirectoryOptions(restore, invocation);
  restore->callback([invocation, from] {
    invocation->run = [invocation, from] {
      return PrintOutcome(*invocation, Restore(*invocation, *from),
                          "restored; the next start rebuilds the indexes");
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
