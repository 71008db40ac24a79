#include "test/support/faulty_store.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/rocks_key_value.h"

namespace trine::test {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kBlock = 4096;
constexpr const char* kStashSuffix = ".stash";  // of the folder that keeps removed files until the next sync

// A change of names in a folder that was not synced yet. `stash` keeps the file that the change removed.
struct NameChange {
  enum class Kind { kCreate, kRemove, kRename } kind = Kind::kCreate;
  fs::path name, from, stash;
};

struct Folder {
  std::vector<NameChange> unsynced;
};

void Undo(const NameChange& change) {
  std::error_code ignored;
  switch (change.kind) {
    case NameChange::Kind::kCreate:
      fs::remove(change.name, ignored);
      break;
    case NameChange::Kind::kRename:
      fs::rename(change.name, change.from, ignored);
      break;
    case NameChange::Kind::kRemove:
      break;
  }
  if (!change.stash.empty()) fs::rename(change.stash, change.name, ignored);
}

}  // namespace

// The state of the files, and the fault that comes next.
struct FaultyStore::State {
  mutable std::mutex mutex;
  std::map<fs::path, uint64_t> synced;  // of files that were written: the bytes that are durable
  std::map<fs::path, Folder> folders;
  uint64_t steps = 0, faults = 0, stashed = 0;
  uint64_t first_fault = kNever, last_fault = kNever, stop = kNever;
  Fault fault = Fault::kError;
  bool lost_sync = false;

  // Called with the mutex held before every change. Returns the fault of this call.
  std::optional<Fault> Step() {
    const uint64_t step = steps++;
    if (step >= stop) return Fault::kError;
    if (step < first_fault || step >= last_fault) return std::nullopt;
    ++faults;
    return fault;
  }

  // Keeps a file that is about to be removed or replaced. Returns an empty path if there is none.
  fs::path Stash(const fs::path& file) {
    if (!fs::exists(file)) return {};
    fs::path folder = file.parent_path();
    folder += kStashSuffix;
    fs::create_directories(folder);
    fs::path kept = folder / std::to_string(stashed++);
    fs::create_hard_link(file, kept);
    return kept;
  }
  void Changed(NameChange change) {
    folders[change.name.parent_path()].unsynced.push_back(std::move(change));
  }
  void SyncFolder(const fs::path& folder) {
    std::error_code ignored;
    for (const NameChange& change : folders[folder].unsynced) {
      if (!change.stash.empty()) fs::remove(change.stash, ignored);
    }
    folders[folder].unsynced.clear();
  }
};

namespace {

IOStatus Failure(FaultyStore::Fault fault) {
  if (fault != FaultyStore::Fault::kShort) return IOStatus::IOError("the test's disk failed");
  IOStatus full = IOStatus::NoSpace("the test's disk is full");
  full.SetRetryable(true);
  return full;
}

template <typename State>
class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<State> state, fs::path path)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        state_(std::move(state)),
        path_(std::move(path)) {}
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (!fault || *fault == FaultyStore::Fault::kLostSync) return target()->Append(data, options, context);
    if (*fault == FaultyStore::Fault::kShort) {
      const rocksdb::Slice half(data.data(), data.size() / 2);
      static_cast<void>(target()->Append(half, options, context).ok());
    }
    return Failure(*fault);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return SyncData(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return SyncData(options, context);
  }

 private:
  // The data need not reach the real disk: the bytes that are durable are only counted.
  IOStatus SyncData(const IOOptions& options, IODebugContext* context) {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault == FaultyStore::Fault::kLostSync) {
      state_->lost_sync = true;
      return IOStatus::OK();
    }
    if (fault) return Failure(*fault);
    const IOStatus flushed = target()->Flush(options, context);
    if (!flushed.ok()) return flushed;
    state_->synced[path_] = target()->GetFileSize(options, context);
    return IOStatus::OK();
  }

  const std::shared_ptr<State> state_;
  const fs::path path_;  // as it was created: RocksDB renames no file that it still writes to
};

template <typename State>
class FaultyFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyFolder(std::unique_ptr<rocksdb::FSDirectory> folder, std::shared_ptr<State> state, fs::path path)
      : rocksdb::FSDirectoryWrapper(std::move(folder)), state_(std::move(state)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault == FaultyStore::Fault::kLostSync) {
      state_->lost_sync = true;
      return IOStatus::OK();
    }
    if (fault) return Failure(*fault);
    state_->SyncFolder(path_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  const std::shared_ptr<State> state_;
  const fs::path path_;
};

// "/a/b" for "/a/b/" and "/a//b".
fs::path Normal(const std::string& name) {
  fs::path path = fs::path(name).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

class FaultyStore::Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(std::shared_ptr<State> state)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::move(state)) {}
  const char* Name() const override { return "trine.FaultyStore"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault && *fault != Fault::kLostSync) return Failure(*fault);
    const fs::path path = Normal(name);
    NameChange change{NameChange::Kind::kCreate, path, {}, state_->Stash(path)};
    std::error_code ignored;
    if (!change.stash.empty()) fs::remove(path, ignored);  // the stash must keep the old bytes
    const IOStatus opened = target()->NewWritableFile(name, options, file, context);
    if (!opened.ok()) return opened;
    state_->Changed(std::move(change));
    state_->synced[path] = 0;
    *file = std::make_unique<FaultyFile<State>>(std::move(*file), state_, path);
    return opened;
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext* context) override {
    const IOStatus opened = target()->NewDirectory(name, options, folder, context);
    if (opened.ok())
      *folder = std::make_unique<FaultyFolder<State>>(std::move(*folder), state_, Normal(name));
    return opened;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault && *fault != Fault::kLostSync) return Failure(*fault);
    const fs::path path = Normal(name);
    NameChange change{NameChange::Kind::kRemove, path, {}, state_->Stash(path)};
    const IOStatus deleted = target()->DeleteFile(name, options, context);
    if (deleted.ok()) state_->Changed(std::move(change));
    return deleted;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault && *fault != Fault::kLostSync) return Failure(*fault);
    const fs::path path = Normal(to);
    NameChange change{NameChange::Kind::kRename, path, Normal(from), state_->Stash(path)};
    const IOStatus renamed = target()->RenameFile(from, to, options, context);
    if (!renamed.ok()) return renamed;
    if (const auto known = state_->synced.find(Normal(from)); known != state_->synced.end()) {
      state_->synced[path] = known->second;
      state_->synced.erase(Normal(from));
    }
    state_->Changed(std::move(change));
    return renamed;
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* context) override {
    const std::lock_guard lock(state_->mutex);
    const auto fault = state_->Step();
    if (fault && *fault != Fault::kLostSync) return Failure(*fault);
    const IOStatus linked = target()->LinkFile(from, to, options, context);
    if (linked.ok()) state_->Changed({NameChange::Kind::kCreate, Normal(to), {}, {}});
    return linked;
  }

 private:
  const std::shared_ptr<State> state_;
};

struct FaultyStore::Environment {
  explicit Environment(std::shared_ptr<State> state)
      : env(rocksdb::NewCompositeEnv(std::make_shared<Files>(std::move(state)))) {}
  const std::unique_ptr<rocksdb::Env> env;
};

FaultyStore::FaultyStore()
    : state_(std::make_shared<State>()), environment_(std::make_unique<Environment>(state_)) {}
FaultyStore::~FaultyStore() = default;

Result<std::unique_ptr<storage::KeyValue>> FaultyStore::Open(const std::string& path,
                                                             const storage::KeyValueOptions& options) {
  return storage::OpenRocksKeyValue(path, options, environment_->env.get());
}

void FaultyStore::FailAfter(uint64_t steps, Fault fault, uint64_t count) {
  const std::lock_guard lock(state_->mutex);
  state_->fault = fault;
  state_->first_fault = state_->steps + steps;
  state_->last_fault = count > kNever - state_->first_fault ? kNever : state_->first_fault + count;
}

void FaultyStore::StopAfter(uint64_t steps) {
  const std::lock_guard lock(state_->mutex);
  state_->stop = state_->steps + steps;
}

void FaultyStore::Repair() {
  const std::lock_guard lock(state_->mutex);
  state_->first_fault = state_->last_fault = state_->stop = kNever;
}

uint64_t FaultyStore::steps() const {
  const std::lock_guard lock(state_->mutex);
  return state_->steps;
}

uint64_t FaultyStore::faults() const {
  const std::lock_guard lock(state_->mutex);
  return state_->faults;
}

bool FaultyStore::lost_sync() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lost_sync;
}

namespace {

// Cuts the unsynced end of a file, or empties some of its blocks.
void LoseData(const fs::path& path, uint64_t synced, Random* random) {
  std::error_code failed;
  const uint64_t size = fs::file_size(path, failed);
  if (failed || size <= synced) return;
  const uint64_t kept = synced + random->Below(size - synced + 1);
  if (random->Below(3) != 0) {
    fs::resize_file(path, kept, failed);
    return;
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (uint64_t block = synced / kBlock; block * kBlock < size; ++block) {
    if (random->Below(2) == 0) continue;
    const uint64_t from = std::max(block * kBlock, synced), to = std::min((block + 1) * kBlock, size);
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(to - from, '\0');
  }
}

}  // namespace

void FaultyStore::LosePower(Random* random) {
  Repair();
  const std::lock_guard lock(state_->mutex);
  std::error_code ignored;
  for (const auto& [path, synced] : state_->synced) LoseData(path, synced, random);
  state_->synced.clear();
  for (auto& [path, folder] : state_->folders) {
    const size_t kept = random->Below(folder.unsynced.size() + 1);
    while (folder.unsynced.size() > kept) {
      Undo(folder.unsynced.back());
      folder.unsynced.pop_back();
    }
    state_->SyncFolder(path);
    fs::path stash = path;
    stash += kStashSuffix;
    fs::remove_all(stash, ignored);
  }
}

}  // namespace trine::test
