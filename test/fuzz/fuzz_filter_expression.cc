// Fuzzes filter expressions and filter values: any bytes are either accepted or rejected, and an accepted
// filter can be bound to a request with or without values.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/personalize/filter_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(api::personalize::ParseFilterValue(text).ok());
  const auto filter = api::personalize::ParseFilter(text);
  if (!filter.ok()) return 0;
  if (filter->clauses.empty()) std::abort();
  recommend::FilterValues values;
  for (const auto& name : filter->Parameters()) values.push_back({name, {"1", "x"}});
  const auto attribute = [](std::string_view name) -> const format::Json* {
    static const format::Json kValue("1|x");
    return name.size() % 2 == 0 ? &kValue : nullptr;
  };
  recommend::FilterSubject subject;
  subject.current_item = attribute;
  static_cast<void>(recommend::Bind(*filter, {}, subject).ok());
  const auto bound = recommend::Bind(*filter, values, subject);
  if (bound.ok()) static_cast<void>((*bound)->Passes("item", attribute));
  return 0;
}
