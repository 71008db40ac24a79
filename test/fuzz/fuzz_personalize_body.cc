// Fuzzes the validation of request bodies against the shape of their operation, and the readers of properties
// and batch lines. The first line of an input is the name of the operation.
#include <cstdint>
#include <string_view>

#include "api/personalize/batch_lines.h"
#include "api/personalize/operation_table.h"
#include "api/personalize/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trine;
  using namespace trine::api::personalize;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view name = text.substr(0, line), body = text.substr(line + 1);
  static const operations::BatchCodec kCodec = NewBatchCodec();
  static_cast<void>(kCodec.read(body).ok());
  static_cast<void>(kCodec.write(body, Error(ErrorCode::kInvalid, "x")).size());
  const auto json = format::ParseJson(body);
  if (!json.ok()) return 0;
  for (const Endpoint endpoint : {Endpoint::kControl, Endpoint::kRuntime, Endpoint::kEvents}) {
    const Operation* operation = FindOperation(endpoint, name);
    if (operation != nullptr) static_cast<void>(Validate(*json, operation->input).ok());
  }
  const auto properties = ReadProperties(&*json, 32000);
  if (properties.ok()) static_cast<void>(ToColumns(*properties, nullptr).ok());
  return 0;
}
