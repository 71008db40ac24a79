// Fuzzes the parsers of strings in queries: minimum_should_match, dates with their formats and date math,
// time zones and numbers. No input may crash a parser, and parsed values must be in range.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "catalogue/mapping.h"
#include "search/query/date_math.h"
#include "search/query/minimum_should_match.h"
#include "search/query/schema.h"

// The input is the text, optionally followed by a line feed and a date format.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trine;
  using namespace trine::search;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const std::string_view text = input.substr(0, line);
  const std::string_view format = line == std::string_view::npos ? "" : input.substr(line + 1);

  for (const int optional : {0, 1, 3, 1024}) {
    const auto minimum = MinimumShouldMatch(text, optional);
    TRINE_CHECK(!minimum.ok() || *minimum >= 0);
  }
  const auto zone = ParseTimeZone(text);
  TRINE_CHECK(!zone.ok() || std::abs(zone->OffsetAt(Millis{1795354496789})) <= 18 * 3600);
  const DateOptions down{format, format::TimeZone::AtOffset(9 * 3600), Millis{1795354496789}, false};
  DateOptions up = down;
  up.round_up = true;
  const auto first = ParseDate(text, down);
  const auto last = ParseDate(text, up);
  TRINE_CHECK(first.ok() == last.ok());

  const format::Json value{std::string(text)};
  catalogue::Field field;
  for (const auto type :
       {catalogue::FieldType::kLong, catalogue::FieldType::kByte, catalogue::FieldType::kHalfFloat}) {
    field.type = type;
    static_cast<void>(ParseInteger(value, "f", type));
    static_cast<void>(ParseReal(value, "f", field));
  }
  static_cast<void>(ParseBoolean(value, "f"));
  return 0;
}
