#include "cli/print.h"

#include <cstdio>

#include "format/text.h"

namespace trine::cli {

using format::Json;

std::string PrintableText(const Json* value, bool keep_newlines) {
  if (value == nullptr || value->is_null()) return "";
  return format::Printable(value->is_string() ? value->string() : format::ToString(*value), keep_newlines);
}

std::string TitleOf(const Json* source) {
  if (source == nullptr) return "";
  for (const char* field : {"title", "name", "TITLE", "NAME", "Description", "PRODUCT_DESCRIPTION"}) {
    if (const Json* title = source->Find(field); title != nullptr && title->is_string())
      return PrintableText(title);
  }
  return "";
}

void PrintDocument(const Json& value) {
  std::printf("%s\n", format::ToString(value, {.pretty = true}).c_str());
}

}  // namespace trine::cli
