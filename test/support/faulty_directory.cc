#include "test/support/faulty_directory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <vector>

namespace trine::test {
namespace {

struct Inode {
  std::string bytes;
  size_t synced = 0;
};
struct Node;

// The names in a folder at one moment.
struct Names {
  std::map<std::string, std::shared_ptr<Inode>> files;
  std::map<std::string, std::shared_ptr<Node>> folders;
};

struct Node {
  Names now;
  Names durable;
  std::vector<Names> since_sync;  // the state after each change, in order; a crash keeps a prefix
  void Changed() { since_sync.push_back(now); }
};

Error Io(const std::string& what, ErrorCode code = ErrorCode::kIo) { return Error(code, what); }

Status CheckName(const std::string& name) {
  bool right = !name.empty() && name[0] != '.';
  for (const char c : name) {
    right = right && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-');
  }
  if (right) return Ok();
  return Error(ErrorCode::kInvalid, "not a valid file name").Got(name);
}

Error Missing(const std::string& name) { return Error(ErrorCode::kNotFound, "no such file").Where(name); }

}  // namespace

struct FaultyDisk::State {
  std::mutex mutex;
  std::shared_ptr<Node> root = std::make_shared<Node>();
  uint64_t generation = 0;  // number of crashes; handles from an earlier generation fail
  uint64_t space_left = std::numeric_limits<uint64_t>::max();
  uint64_t steps = 0;
  uint64_t last_step = std::numeric_limits<uint64_t>::max();
  bool fail_syncs = false;

  // Called with the lock held before every change.
  Status Step(uint64_t handle_generation) {
    if (handle_generation != generation) return Io("the machine has crashed since this was opened");
    if (steps >= last_step) return Io("the process has stopped");
    ++steps;
    return Ok();
  }
};

namespace {

void CrashNode(Node* node, Random* random) {
  const size_t kept = random == nullptr ? 0 : random->Below(node->since_sync.size() + 1);
  node->now = kept == 0 ? node->durable : node->since_sync[kept - 1];
  node->durable = node->now;
  node->since_sync.clear();
  for (auto& [name, file] : node->now.files) {
    const size_t unsynced = file->bytes.size() - file->synced;
    if (random == nullptr) {
      file->bytes.resize(file->synced);
    } else {
      const size_t prefix = file->synced + random->Below(unsynced + 1);
      // A file system may have grown the file before it wrote the data.
      const size_t size =
          random->Below(2) == 0 ? prefix : prefix + random->Below(file->bytes.size() - prefix + 1);
      file->bytes.resize(prefix);
      file->bytes.resize(size, '\0');
    }
    file->synced = file->bytes.size();
  }
  for (auto& [name, folder] : node->now.folders) CrashNode(folder.get(), random);
}

class CopiedBytes final : public storage::FileBytes {
 public:
  explicit CopiedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string_view bytes() const override { return bytes_; }

 private:
  const std::string bytes_;
};

// These are templates because the disk's State is private.
template <typename State>
class FaultyFile final : public storage::WritableFile {
 public:
  FaultyFile(std::shared_ptr<State> disk, std::shared_ptr<Inode> inode)
      : disk_(std::move(disk)), inode_(std::move(inode)), generation_(disk_->generation) {}

  Status Append(std::string_view bytes) override {
    std::lock_guard lock(disk_->mutex);
    if (closed_) return Error(ErrorCode::kInternal, "cannot append to a closed file");
    TRINE_TRY(disk_->Step(generation_));
    const size_t fits = static_cast<size_t>(std::min<uint64_t>(bytes.size(), disk_->space_left));
    inode_->bytes += bytes.substr(0, fits);
    disk_->space_left -= fits;
    if (fits < bytes.size()) return Io("no space left on device", ErrorCode::kNoSpace);
    return Ok();
  }
  Status Sync() override {
    std::lock_guard lock(disk_->mutex);
    if (closed_) return Error(ErrorCode::kInternal, "cannot sync a closed file");
    TRINE_TRY(disk_->Step(generation_));
    if (disk_->fail_syncs) return Io("cannot sync a file");
    inode_->synced = inode_->bytes.size();
    return Ok();
  }
  Status Close() override {
    std::lock_guard lock(disk_->mutex);
    closed_ = true;
    return Ok();
  }

 private:
  std::shared_ptr<State> disk_;
  std::shared_ptr<Inode> inode_;
  const uint64_t generation_;
  bool closed_ = false;
};

template <typename State>
class FaultyDirectory final : public storage::Directory {
 public:
  FaultyDirectory(std::shared_ptr<State> disk, std::shared_ptr<Node> node, uint64_t generation,
                  std::string path)
      : disk_(std::move(disk)), node_(std::move(node)), generation_(generation), path_(std::move(path)) {}

  Result<std::unique_ptr<storage::WritableFile>> Create(const std::string& name) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(Begin(name));
    auto inode = std::make_shared<Inode>();
    node_->now.files[name] = inode;
    node_->Changed();
    return std::unique_ptr<storage::WritableFile>(std::make_unique<FaultyFile<State>>(disk_, inode));
  }
  Result<std::shared_ptr<const storage::FileBytes>> Open(const std::string& name) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(CheckName(name));
    if (generation_ != disk_->generation) return Io("the machine has crashed since this was opened");
    const auto file = node_->now.files.find(name);
    if (file == node_->now.files.end()) return Missing(name);
    return std::shared_ptr<const storage::FileBytes>(std::make_shared<CopiedBytes>(file->second->bytes));
  }
  Status Rename(const std::string& from, const std::string& to) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(CheckName(to));
    TRINE_TRY(Begin(from));
    const auto file = node_->now.files.find(from);
    if (file == node_->now.files.end()) return Missing(from);
    if (from == to) return Ok();
    const auto inode = file->second;
    node_->now.files.erase(file);
    node_->now.files[to] = inode;
    node_->Changed();
    return Ok();
  }
  Status Remove(const std::string& name) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(Begin(name));
    if (node_->now.files.erase(name) == 0) return Missing(name);
    node_->Changed();
    return Ok();
  }
  Result<std::vector<std::string>> List() override {
    std::lock_guard lock(disk_->mutex);
    if (generation_ != disk_->generation) return Io("the machine has crashed since this was opened");
    std::vector<std::string> names;
    for (const auto& [name, file] : node_->now.files) names.push_back(name);
    return names;
  }
  Result<std::vector<std::string>> ListFolders() override {
    std::lock_guard lock(disk_->mutex);
    if (generation_ != disk_->generation) return Io("the machine has crashed since this was opened");
    std::vector<std::string> names;
    for (const auto& [name, folder] : node_->now.folders) names.push_back(name);
    return names;
  }
  Status Sync() override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(disk_->Step(generation_));
    if (disk_->fail_syncs) return Io("cannot sync a folder");
    node_->durable = node_->now;
    node_->since_sync.clear();
    return Ok();
  }
  Result<std::unique_ptr<storage::Directory>> Folder(const std::string& name) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(CheckName(name));
    if (generation_ != disk_->generation) return Io("the machine has crashed since this was opened");
    if (!node_->now.folders.contains(name)) {
      TRINE_TRY(disk_->Step(generation_));
      auto made = std::make_shared<Node>();
      node_->now.folders[name] = made;
      node_->durable.folders[name] = made;
      for (Names& state : node_->since_sync) state.folders[name] = made;
    }
    return std::unique_ptr<storage::Directory>(
        std::make_unique<FaultyDirectory>(disk_, node_->now.folders[name], generation_, path_ + "/" + name));
  }
  Status RemoveFolder(const std::string& name) override {
    std::lock_guard lock(disk_->mutex);
    TRINE_TRY(Begin(name));
    if (node_->now.folders.erase(name) > 0) node_->Changed();
    return Ok();
  }
  std::string path() const override { return path_; }

 private:
  Status Begin(const std::string& name) {
    TRINE_TRY(CheckName(name));
    return disk_->Step(generation_);
  }
  std::shared_ptr<State> disk_;
  std::shared_ptr<Node> node_;
  const uint64_t generation_;
  const std::string path_;
};

}  // namespace

FaultyDisk::FaultyDisk() : state_(std::make_shared<State>()) {}
FaultyDisk::~FaultyDisk() = default;

std::unique_ptr<storage::Directory> FaultyDisk::Root() {
  std::lock_guard lock(state_->mutex);
  return std::make_unique<FaultyDirectory<State>>(state_, state_->root, state_->generation, "faulty:");
}

void FaultyDisk::Crash(Random* random) {
  std::lock_guard lock(state_->mutex);
  ++state_->generation;
  CrashNode(state_->root.get(), random);
  state_->space_left = std::numeric_limits<uint64_t>::max();
  state_->last_step = std::numeric_limits<uint64_t>::max();
  state_->fail_syncs = false;
}

void FaultyDisk::FlipByte(const std::string& path, size_t offset, unsigned char mask) {
  std::lock_guard lock(state_->mutex);
  Node* node = state_->root.get();
  size_t at = 0;
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', at)) {
    node = node->now.folders.at(path.substr(at, slash - at)).get();
    at = slash + 1;
  }
  char& byte = node->now.files.at(path.substr(at))->bytes.at(offset);
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ mask);
}

void FaultyDisk::SetSpaceLeft(uint64_t bytes) {
  std::lock_guard lock(state_->mutex);
  state_->space_left = bytes;
}
void FaultyDisk::FailSyncs(bool fail) {
  std::lock_guard lock(state_->mutex);
  state_->fail_syncs = fail;
}
void FaultyDisk::StopAfter(uint64_t steps) {
  std::lock_guard lock(state_->mutex);
  state_->last_step = state_->steps + steps;
}
uint64_t FaultyDisk::steps() const {
  std::lock_guard lock(state_->mutex);
  return state_->steps;
}

}  // namespace trine::test
