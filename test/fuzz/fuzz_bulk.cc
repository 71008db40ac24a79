// Fuzzes _bulk bodies: each is either rejected as a whole, with a message, or yields operations that all have
// an index.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/opensearch/json/bulk_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  trine::api::opensearch::BulkDefaults defaults;
  if (size % 2 == 1) defaults.index = "i";
  const auto items = trine::api::opensearch::ParseBulk(body, defaults);
  if (!items.ok()) {
    if (items.error().message.empty()) std::abort();
    return 0;
  }
  for (const auto& item : *items) {
    if (item.op.collection.empty()) std::abort();
  }
  return 0;
}
