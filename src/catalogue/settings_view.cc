#include "catalogue/settings_view.h"

#include <algorithm>

#include "base/limits.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

using format::Json;

size_t LimitOf(const CollectionSettings& settings, std::string_view name, size_t most) {
  const Json* given = settings.client_settings.Find(name);
  const auto number =
      given != nullptr && given->is_string() ? format::ParseInt(given->string()) : std::nullopt;
  return number && *number > 0 ? std::min(static_cast<size_t>(*number), most) : most;
}

}  // namespace

MappingLimits MappingLimitsOf(const CollectionSettings& settings) {
  return {LimitOf(settings, "index.mapping.total_fields.limit", limits::kMaxMappingFields),
          LimitOf(settings, "index.mapping.depth.limit", limits::kMaxDocumentDepth)};
}

Result<std::pair<std::string, float>> ParseBoostedField(const std::string& text) {
  const size_t caret = text.rfind('^');
  const auto boost = caret == std::string::npos
                         ? std::optional<double>(1)
                         : format::ParseDouble(std::string_view(text).substr(caret + 1));
  if (text.empty() || caret == 0 || !boost || !(*boost >= 0))
    return Error(ErrorCode::kInvalid, "cannot parse a field with a boost")
        .Expected("a name such as title^2")
        .Got(text);
  return std::pair(text.substr(0, caret), static_cast<float>(*boost));
}

std::vector<std::pair<std::string, float>> DefaultFieldsOf(const CollectionSettings& settings) {
  std::vector<std::pair<std::string, float>> fields;
  const Json* given = settings.client_settings.Find("index.query.default_field");
  if (given == nullptr) return fields;
  const auto add = [&fields](const Json& one) {
    if (!one.is_string()) return;
    if (auto field = ParseBoostedField(one.string()); field.ok()) fields.push_back(std::move(*field));
  };
  if (!given->is_array()) add(*given);
  if (given->is_array()) std::ranges::for_each(given->array(), add);
  return fields;
}

}  // namespace trine::catalogue
