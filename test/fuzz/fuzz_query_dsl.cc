// Fuzzes the query DSL: any JSON is either parsed to a query, which can be printed and checked, or rejected
// with a message.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/opensearch/json/query_parser.h"
#include "search/query/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = trine::format::ParseJson(text);
  if (!json.ok()) return 0;
  const auto query = trine::api::opensearch::ParseQuery(*json);
  if (!query.ok()) {
    if (query.error().message.empty()) std::abort();
    return 0;
  }
  if (trine::search::ToText(**query).empty()) std::abort();
  const auto checked = trine::search::Check(*query);
  if (!checked.ok() && checked.error().message.empty()) std::abort();
  return 0;
}
