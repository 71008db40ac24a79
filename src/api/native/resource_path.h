// Paths of the resources that a client names by their path or their ARN. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::api::native {

// A resource as a client names it: by its path alone, then `type` is empty, or by an ARN.
struct ResourceName {
  std::string type, path;  // "dataset-group", "shop"
};
// Reads an ARN. A text that is not an ARN is a path.
using ReadResourceName = std::function<ResourceName(std::string_view name_or_arn)>;

// Return the path of a dataset group, and of a campaign or recommender. kInvalid, with `where`, for the ARN
// of another type of resource and for an incomplete one.
Result<std::string> GroupPath(const ReadResourceName& read, const std::string& name, std::string_view where);
Result<std::string> CampaignPath(const ReadResourceName& read, const std::string& name);

}  // namespace trine::api::native
