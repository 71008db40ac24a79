#include "operations/jobs/job_run.h"

#include <optional>
#include <utility>

namespace trine::operations {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;

std::string SpecText(const Resource& resource, std::string_view member) {
  const Json* value = resource.spec.Find(member);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

Result<Resource> RequireResource(const JobDependencies& deps, ResourceKind kind, const std::string& path,
                                 std::string_view what) {
  if (std::optional<Resource> found = deps.resources.Get(kind, path)) return *std::move(found);
  return Error(ErrorCode::kNotFound, "the " + std::string(what) + " \"" + path + "\" does not exist")
      .Where(path);
}

std::string AsFileName(std::string_view path) {
  std::string name;
  for (const char c : path) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += kept ? c : '.';
  }
  if (name.starts_with('.')) name.insert(0, "_");
  return name;
}

}  // namespace trine::operations
