// Fuzzes imports: any bytes as CSV or NDJSON of any type, with and without a schema. Byte 0 chooses the
// type, the encoding and the schema. Counts must add up, and kept rows must be usable.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/limits.h"
#include "format/text.h"
#include "operations/import/import.h"

namespace {

using trine::Ok;
using trine::Status;
using trine::operations::ImportedRow;
using trine::operations::ImportOptions;

constexpr std::string_view kSchema =
    R"({"type":"record","name":"R","namespace":"n","fields":[{"name":"USER_ID","type":"string"},)"
    R"({"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},)"
    R"({"name":"PRICE","type":["null","float"]},{"name":"CATEGORY_L1","type":["null","string"]},)"
    R"({"name":"CATEGORY_L2","type":["null","string"]},{"name":"N","type":["null","int"]}],"version":"1.0"})";

void Check(const ImportedRow& row, ImportOptions::Type type) {
  using Type = ImportOptions::Type;
  if (type == Type::kInteractions) {
    if (row.event.item_id.empty() || row.event.item_id.size() > trine::limits::kMaxIdBytes) std::abort();
    if (row.event.user_id.empty() && row.event.session_id.empty()) std::abort();
  } else if (type == Type::kUsers) {
    if (row.user.id.empty() || !row.user.attributes.is_object()) std::abort();
  } else {
    if (type == Type::kItems && row.id.empty()) std::abort();
    if (!row.attributes.is_object()) std::abort();
    const auto again = trine::format::ParseJson(trine::format::ToString(row.attributes));
    if (!again.ok()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const trine::history::Schema schema = *trine::history::ParseSchema(kSchema);
  ImportOptions options;
  options.type = static_cast<ImportOptions::Type>(data[0] & 3);
  if (data[0] & 4) options.schema = &schema;
  if (data[0] & 8) options.columns = {{"ITEM_ID", "sku"}, {"CATEGORY_L1", "path"}, {"CATEGORY_L2", "path"}};
  if (data[0] & 16) options.encoding = "cp949";
  options.constants = {{"EVENT_TYPE", "view"}};
  options.offset_minutes = 540;
  options.max_rejects = 1000;
  uint64_t kept = 0, rejected = 0;
  trine::operations::ImportSinks sinks;
  sinks.row = [&](ImportedRow row) -> Status {
    Check(row, options.type);
    ++kept;
    return Ok();
  };
  sinks.reject = [&](uint64_t line, const std::string&, const trine::Error&) -> Status {
    if (line == 0) std::abort();
    ++rejected;
    return Ok();
  };
  const auto counts =
      trine::operations::Import(trine::format::NewStringSource(bytes), "any", options, sinks, {});
  if (counts.ok() &&
      (counts->kept != kept || counts->rejected != rejected || counts->rows != kept + rejected)) {
    std::abort();
  }
  return 0;
}
