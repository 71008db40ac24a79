#include "storage/mend_current.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/directory.h"
#include "storage/key_value.h"
#include "storage/rocks_db.h"
#include "storage/store_files.h"

namespace trine::storage {
namespace {

constexpr const char* kCurrent = "CURRENT";

// The manifests in a folder, newest first. Their numbers have leading zeros, but grow longer in the end.
Result<std::vector<std::string>> Manifests(Directory& folder) {
  TRINE_ASSIGN(std::vector<std::string> names, folder.List());
  std::erase_if(names, [](const std::string& name) { return !IsManifestName(name); });
  std::ranges::sort(names, [](const std::string& a, const std::string& b) {
    return std::pair(a.size(), a) > std::pair(b.size(), b);
  });
  return names;
}

}  // namespace

Result<std::string> MendCurrent(const std::string& path) {
  TRINE_TRY(CheckFileTypes(path));
  std::error_code unreadable;
  const bool missing = !std::filesystem::exists(path + "/" + kCurrent, unreadable) && !unreadable &&
                       !NewestManifest(path).empty();
  const Status intact = missing ? Status(MissingStore(path)) : CheckCurrent(path);
  if (intact.ok()) return std::string();
  if (!missing && intact.error().code != ErrorCode::kCorrupt) return intact.error();
  TRINE_ASSIGN(const auto folder, OpenExistingDirectory(path));
  {
    TRINE_ASSIGN([[maybe_unused]] const FileDescriptor lock, LockStore(path, StoreLock::kExclusive));
    if (!missing) {
      TRINE_ASSIGN(const auto damaged, folder->Open(kCurrent));
      TRINE_TRY(WriteFileAtomically(*folder, "CURRENT.broken", damaged->bytes()));
    }
  }
  TRINE_ASSIGN(const std::vector<std::string> manifests, Manifests(*folder));
  KeyValueOptions options;
  options.read_only = options.exclusive = options.salvage = true;
  for (const std::string& name : manifests) {
    TRINE_TRY(WriteFileAtomically(*folder, kCurrent, name + "\n"));
    if (OpenKeyValue(path, options).ok()) return name;
  }
  TRINE_TRY(missing ? folder->Remove(kCurrent) : folder->Rename("CURRENT.broken", kCurrent));
  TRINE_TRY(folder->Sync());
  return intact.error();
}

}  // namespace trine::storage
