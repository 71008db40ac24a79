// ARNs: how this wire names resources. "arn:aws:personalize:<region>:<account>:<type>/<path>".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trine::api::personalize {

struct Arn {
  std::string region, account;
  std::string type;  // "campaign", "dataset-group" ...
  std::string path;  // what follows the first '/': "for-you", "for-you/1f2e3d4c", "shop/ITEMS"
};
// nullopt for anything that is not an ARN of this service with a type and a path.
std::optional<Arn> ParseArn(std::string_view text);
std::string MakeArn(std::string_view region, std::string_view account, std::string_view type,
                    std::string_view path);
// Recipes and what belongs to them are the service's own: no region and no account.
std::string ServiceArn(std::string_view type, std::string_view path);

}  // namespace trine::api::personalize
