// Fuzzes the reader of Avro schemas: an accepted schema must be consistent, and every cell is either read as
// its column's type or rejected.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "history/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trine::history;  // NOLINT: one small file
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto schema = ParseSchema(text);
  if (!schema.ok()) {
    const trine::ErrorCode code = schema.error().code;
    if (code != trine::ErrorCode::kSchemaSyntax && code != trine::ErrorCode::kLimit) std::abort();
    return 0;
  }
  if (schema->text != text || schema->columns.empty()) std::abort();
  for (const auto type : {DatasetType::kInteractions, DatasetType::kItems, DatasetType::kUsers}) {
    for (const bool ecommerce : {false, true}) {
      const auto good = CheckSchema(*schema, type, ecommerce);
      if (!good.ok() && good.error().code != trine::ErrorCode::kSchemaSyntax) std::abort();
    }
  }
  for (const Column& column : schema->columns) {
    if (schema->Find(column.name) == nullptr) std::abort();
    for (const std::string_view cell : {"", "1", "x", "1e999", "true", "\xff"}) {
      const auto value = ParseCell(column, cell);
      if (!value.ok() && value.error().code != trine::ErrorCode::kCellValue) std::abort();
    }
  }
  return 0;
}
