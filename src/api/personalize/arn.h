// ARNs, the names of resources in this API: "arn:aws:personalize:REGION:ACCOUNT:TYPE/PATH".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trine::api::personalize {

struct Arn {
  std::string region, account;
  std::string type;  // "campaign", "dataset-group" ...
  std::string path;  // everything after the first '/': "for-you", "for-you/1f2e3d4c", "shop/ITEMS"
};
// nullopt for a text that is not an ARN of Personalize with a type and a path.
std::optional<Arn> ParseArn(std::string_view text);
std::string MakeArn(std::string_view region, std::string_view account, std::string_view type,
                    std::string_view path);
// An ARN without region and account, as recipes and their algorithms have: the service owns them.
std::string ServiceArn(std::string_view type, std::string_view path);

// The resource path of an ARN ("arn:aws:personalize:R:A:campaign/NAME" -> "NAME"); its region and account do
// not matter. A text that is not an ARN is returned unchanged. For ARNs in requests of other APIs.
std::string PathOfArn(std::string_view arn);

}  // namespace trine::api::personalize
