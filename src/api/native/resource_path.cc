#include "api/native/resource_path.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace trine::api::native {
namespace {

Result<std::string> PathOf(const ReadResourceName& read, const std::string& name,
                           std::initializer_list<std::string_view> types, std::string_view where) {
  ResourceName given = read(name);
  const bool is_arn = !given.type.empty();
  if (is_arn && std::ranges::find(types, given.type) != types.end()) return std::move(given.path);
  if (!is_arn && !name.starts_with("arn:")) return name;
  std::string expected = "a name or an ARN that ends in ";
  for (const std::string_view type : types)
    expected.append(type == *types.begin() ? "" : " or ").append(type).append("/NAME");
  return Error(ErrorCode::kInvalid, "the ARN names another type of resource, or is incomplete")
      .Expected(std::move(expected))
      .Got(name)
      .Where(std::string(where));
}

}  // namespace

Result<std::string> GroupPath(const ReadResourceName& read, const std::string& name, std::string_view where) {
  return PathOf(read, name, {"dataset-group"}, where);
}

Result<std::string> CampaignPath(const ReadResourceName& read, const std::string& name) {
  return PathOf(read, name, {"campaign", "recommender"}, "campaign");
}

}  // namespace trine::api::native
