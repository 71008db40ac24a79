#include "api/personalize/arn.h"

#include "base/check.h"

namespace trine::api::personalize {

std::optional<Arn> ParseArn(std::string_view text) {
  // An ARN is "arn:partition:service:region:account:resource". `parts` receives all but the resource.
  std::string_view parts[5];
  for (std::string_view& part : parts) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn" || parts[1].empty() || parts[2] != "personalize") return std::nullopt;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  return Arn{std::string(parts[3]), std::string(parts[4]), std::string(text.substr(0, slash)),
             std::string(text.substr(slash + 1))};
}

std::string MakeArn(std::string_view region, std::string_view account, std::string_view type,
                    std::string_view path) {
  TRINE_DCHECK(!type.empty());
  std::string arn = "arn:aws:personalize:";
  return arn.append(region).append(":").append(account).append(":").append(type).append("/").append(path);
}

std::string ServiceArn(std::string_view type, std::string_view path) { return MakeArn("", "", type, path); }

std::string PathOfArn(std::string_view arn) {
  const std::optional<Arn> parsed = ParseArn(arn);
  return parsed ? parsed->path : std::string(arn);
}

}  // namespace trine::api::personalize
