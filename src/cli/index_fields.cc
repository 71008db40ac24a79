#include "cli/index_fields.h"

#include <algorithm>
#include <string_view>

#include "base/nearest_name.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;
using Fields = std::vector<std::pair<std::string, std::string>>;

// The depth of mappings is limited by the server.
void Collect(const Json& properties, const std::string& prefix, Fields* fields) {
  if (!properties.is_object()) return;
  for (const auto& [name, field] : properties.object()) {
    const std::string path = prefix + name;
    const Json* type = field.Find("type");
    if (type != nullptr && type->is_string()) fields->emplace_back(path, type->string());
    for (const char* inner : {"properties", "fields"}) {
      if (const Json* more = field.Find(inner); more != nullptr) Collect(*more, path + ".", fields);
    }
  }
}

bool MatchesPattern(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t from = star; from <= name.size(); ++from) {
    if (MatchesPattern(rest, name.substr(from))) return true;
  }
  return false;
}

}  // namespace

Result<Fields> IndexFields(Connection& connection, const std::string& index) {
  TRINE_ASSIGN(const Json answer,
               connection.Call("GET", "/" + format::PercentEncode(index) + "/_mapping", {}));
  Fields fields;
  if (!answer.is_object()) return fields;
  for (const auto& [name, one] : answer.object()) {
    if (const Json* properties = one.FindPath("mappings.properties")) Collect(*properties, "", &fields);
  }
  return fields;
}

Result<std::vector<std::string>> SplitFields(const std::string& text, const Fields& known) {
  constexpr size_t kMaxPattern = 255;  // matching patterns with many stars is slow
  std::vector<std::string> names, fields;
  for (const auto& [name, type] : known) names.push_back(name);
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string field(Trim(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (field.empty()) continue;
    const std::string name = field.substr(0, field.find('^'));
    const bool exists = name.size() <= kMaxPattern &&
                        std::any_of(names.begin(), names.end(),
                                    [&](const std::string& one) { return MatchesPattern(name, one); });
    if (!exists)
      return Error(ErrorCode::kUsage, "the index has no field " + name + NearestNameHint(name, names))
          .Where("--fields");
    fields.push_back(field);
  }
  if (fields.empty()) return Error(ErrorCode::kUsage, "missing value of --fields: the fields to search");
  return fields;
}

}  // namespace trine::cli
