#include "server/data_directory.h"

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace trine::server {
namespace {

constexpr std::string_view kFormat = "trine data directory 1\n";
constexpr const char* kMark = "format";
// The mark under this name states that the directory is being created. It is renamed to `format` when the
// store exists.
constexpr const char* kUnfinishedMark = "format.tmp";
constexpr const char* kFacts = "facts";

Status CheckMark(storage::Directory& root, std::string_view mark) {
  if (mark == kFormat) return Ok();
  return Error(ErrorCode::kInvalid, "the data directory was written by an incompatible version of Trine")
      .Expected(std::string(kFormat.substr(0, kFormat.size() - 1)))
      .Got(std::string(mark.substr(0, 60)))
      .Where(root.path());
}

// Returns whether the folder is empty or contains only what an interrupted creation leaves: the unfinished
// mark and a part of the store.
Result<bool> MayBecomeDataDirectory(storage::Directory& root) {
  TRINE_ASSIGN(const std::vector<std::string> files, root.List());
  TRINE_ASSIGN(const std::vector<std::string> folders, root.ListFolders());
  if (files.empty() && folders.empty()) return true;
  if (files != std::vector<std::string>{kUnfinishedMark}) return false;
  TRINE_ASSIGN(const auto mark, root.Open(kUnfinishedMark));
  return kFormat.starts_with(mark->bytes()) &&
         (folders.empty() || folders == std::vector<std::string>{kFacts});
}

Status WriteUnfinishedMark(storage::Directory& root) {
  TRINE_ASSIGN(const auto file, root.Create(kUnfinishedMark));
  TRINE_TRY(file->Append(kFormat));
  TRINE_TRY(file->Sync());
  TRINE_TRY(file->Close());
  return root.Sync();
}

Result<std::unique_ptr<storage::KeyValue>> CreateFacts(storage::Directory& root,
                                                       storage::KeyValueOptions options,
                                                       const OpenFacts& open_facts) {
  TRINE_TRY(WriteUnfinishedMark(root));
  options.create = true;
  TRINE_ASSIGN(auto facts, open_facts(root.path() + "/" + kFacts, options));
  TRINE_TRY(root.Rename(kUnfinishedMark, kMark));
  TRINE_TRY(root.Sync());
  return facts;
}

Error WithAdvice(Error error) {
  if (error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound)
    error.message += std::string("; ") + AdviceForFacts(error);
  return error;
}

}  // namespace

const char* AdviceForFacts(const Error& error) {
  constexpr const char* kSalvage = "restore a backup, or keep what can be read with: trine rebuild --salvage";
  const bool is_current = error.where.ends_with("/CURRENT");
  if (const std::string_view name = error.DetailOf("not_a_file"); !name.empty()) {
    // A salvage does not open such a store either.
    if (is_current) return "remove it, and then run: trine rebuild --salvage";
    const bool holds_data = name.starts_with("MANIFEST-") || name.ends_with(".log");
    if (!holds_data) return "remove it: the next start makes it again";
    return name.ends_with(".sst") ? kSalvage : "put the file back, or restore a backup with: trine restore";
  }
  if (error.kind() == ErrorKind::kNotFound) {
    return error.DetailOf("manifest").empty()
               ? "mount the disk, or restore a backup with trine restore; nothing was changed"
               : kSalvage;
  }
  if (!is_current && error.ToString().find("MANIFEST-") != std::string::npos)
    // RocksDB also names the manifest when it fails to open a table that the manifest lists.
    return "restore a backup with: trine restore; if the manifest itself is damaged, the store cannot be "
           "read "
           "at all; if a table is damaged, trine rebuild --salvage names it and keeps all others";
  return kSalvage;
}

Result<DataDirectory> OpenDataDirectory(const std::string& path, const storage::KeyValueOptions& options,
                                        const OpenFacts& open_facts) {
  DataDirectory opened;
  TRINE_ASSIGN(opened.root, storage::OpenDirectory(path));
  const auto mark = opened.root->Open(kMark);
  if (mark.ok()) {
    TRINE_TRY(CheckMark(*opened.root, (*mark)->bytes()));
    storage::KeyValueOptions existing = options;
    existing.create = false;
    auto facts = open_facts(opened.root->path() + "/" + kFacts, existing);
    if (!facts.ok()) return WithAdvice(std::move(facts).error());
    opened.facts = std::move(facts).value();
    return opened;
  }
  if (mark.error().kind() != ErrorKind::kNotFound) return mark.error();
  TRINE_ASSIGN(const bool may_create, MayBecomeDataDirectory(*opened.root));
  if (!may_create) {
    return Error(ErrorCode::kInvalid,
                 "the folder is not empty and is not a Trine data directory; choose another folder with "
                 "--data-dir")
        .Where(opened.root->path());
  }
  TRINE_ASSIGN(opened.facts, CreateFacts(*opened.root, options, open_facts));
  return opened;
}

Status RequireDataDirectory(const std::string& path) {
  const auto root = storage::OpenExistingDirectory(path);
  const auto not_one = [&] { return Error(ErrorCode::kUsage, "not a data directory").Where(path); };
  if (!root.ok()) return root.error().kind() == ErrorKind::kNotFound ? not_one() : root.error();
  const auto mark = (*root)->Open(kMark);
  if (mark.ok()) return CheckMark(**root, (*mark)->bytes());
  return mark.error().kind() == ErrorKind::kNotFound ? not_one() : mark.error();
}

Result<DataDirectory> OpenDataDirectoryReadOnly(const std::string& path) {
  TRINE_TRY(RequireDataDirectory(path));
  DataDirectory opened;
  TRINE_ASSIGN(opened.root, storage::OpenExistingDirectory(path));
  storage::KeyValueOptions options;
  options.read_only = options.exclusive = true;
  TRINE_ASSIGN(opened.facts, storage::OpenKeyValue(opened.root->path() + "/" + kFacts, options));
  return opened;
}

}  // namespace trine::server
