#include "cli/print.h"

#include <cstdio>

#include "format/text.h"

namespace trine::cli {

using format::Json;

std::string PrintableText(const Json* value, bool keep_newlines) {
  if (value == nullptr || value->is_null()) return "";
  return format::Printable(value->is_string() ? value->string() : format::ToString(*value), keep_newlines);
}

std::vector<std::string> TitleFields(Connection& connection, const std::string& index) {
  std::vector<std::string> fields;
  const auto answer = connection.Call("GET", "/_trine/roles/" + format::PercentEncode(index), {});
  const Json* roles = answer.ok() ? answer->Find("roles") : nullptr;
  if (roles == nullptr || !roles->is_array()) return fields;
  for (const Json& one : roles->array()) {
    const Json *role = one.Find("role"), *field = one.Find("field");
    if (role != nullptr && field != nullptr && *role == Json("title") && field->is_string())
      fields.push_back(field->string());
  }
  return fields;
}

std::string TitleOf(const Json* source, const std::vector<std::string>& fields) {
  if (source == nullptr) return "";
  for (const std::string& field : fields) {
    const Json* title = source->FindPath(field);
    if (title != nullptr && title->is_string() && !title->string().empty()) return PrintableText(title);
  }
  return "";
}

void PrintDocument(const Json& value) {
  std::printf("%s\n", format::ToString(value, {.pretty = true}).c_str());
}

}  // namespace trine::cli
