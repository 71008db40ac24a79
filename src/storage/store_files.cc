#include "storage/store_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trine::storage {
namespace {

namespace fs = std::filesystem;

bool IsReadAtStart(std::string_view name) {
  constexpr std::array kNames = {"CURRENT", "IDENTITY", "LOCK", "trine.lock", "trine.damage", "trine.synced"};
  return IsManifestName(name) || name.ends_with(".log") || std::ranges::find(kNames, name) != kNames.end();
}

Status CheckTypes(const std::string& path, bool (*is_wanted)(std::string_view name)) {
  std::error_code failed;
  for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
    if (!is_wanted(at->path().filename().string())) continue;
    std::error_code unknown;
    const fs::file_type type = at->status(unknown).type();
    if (unknown || type == fs::file_type::regular || type == fs::file_type::not_found) continue;
    return Error(ErrorCode::kCorrupt, "a file of the store is not a regular file")
        .Where(at->path().string())
        .Detail("not_a_file", at->path().filename().string());
  }
  return Ok();
}

}  // namespace

bool IsManifestName(std::string_view name) {
  constexpr std::string_view kPrefix = "MANIFEST-";
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() && name.size() < 40 &&
         name.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

std::string NewestManifest(const std::string& path) {
  std::string newest;
  std::error_code failed;
  for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
    std::string name = at->path().filename().string();
    // The numbers have leading zeros, but grow longer in the end.
    if (IsManifestName(name) && std::pair(name.size(), name) > std::pair(newest.size(), newest))
      newest = std::move(name);
  }
  return newest;
}

bool HoldsData(const std::string& path) {
  std::error_code failed;
  for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string extension = at->path().extension().string();
    std::error_code gone;
    if (extension == ".sst") return true;
    if (extension == ".log" && at->is_regular_file(gone) && at->file_size(gone) > 0 && !gone) return true;
  }
  return false;
}

Status CheckFileTypes(const std::string& path) { return CheckTypes(path, IsReadAtStart); }

Status CheckTableTypes(const std::string& path) {
  return CheckTypes(path, [](std::string_view name) { return name.ends_with(".sst"); });
}

}  // namespace trine::storage
