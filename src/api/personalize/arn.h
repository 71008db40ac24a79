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
// Returns nullopt unless `text` is a Personalize ARN with a type and a path.
std::optional<Arn> ParseArn(std::string_view text);
std::string MakeArn(std::string_view region, std::string_view account, std::string_view type,
                    std::string_view path);
// Makes an ARN without region and account, for recipes and algorithms, which the service owns.
std::string ServiceArn(std::string_view type, std::string_view path);

// Returns the resource path of an ARN ("arn:aws:personalize:R:A:campaign/NAME" -> "NAME"); its region and
// account do not matter. A string that is not an ARN is returned unchanged. For ARNs in requests to other
// APIs.
std::string PathOfArn(std::string_view arn);

}  // namespace trine::api::personalize
