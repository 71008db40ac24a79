#include "search/query/minimum_should_match.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/check.h"
#include "format/text.h"

namespace trine::search {
namespace {

Error InvalidSpec(std::string_view spec) {
  return Error(ErrorCode::kInvalidQuery, "cannot parse minimum_should_match")
      .Expected("a number, a percentage, or conditions such as 2<75%")
      .Got(std::string(spec));
}

// Java's String.trim, which OpenSearch uses, also removes control characters.
std::string_view TrimControls(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int> SmallInt(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto v = format::ParseInt(text);
  if (!v || *v < -1'000'000 || *v > 1'000'000) return std::nullopt;
  return static_cast<int>(*v);
}

// Evaluates "3", "-1", "75%" or "-25%". Percentages are computed in float32, as OpenSearch does.
std::optional<int> EvaluateSimple(std::string_view spec, int optional) {
  spec = TrimControls(spec);
  int result = 0;
  if (!spec.empty() && spec.back() == '%') {
    const auto percent = SmallInt(spec.substr(0, spec.size() - 1));
    if (!percent) return std::nullopt;
    const float calc = static_cast<float>(static_cast<int64_t>(optional) * *percent) * (1 / 100.0f);
    result = calc < 0 ? optional + static_cast<int>(calc) : static_cast<int>(calc);
  } else {
    const auto count = SmallInt(spec);
    if (!count) return std::nullopt;
    result = *count < 0 ? optional + *count : *count;
  }
  return std::max(result, 0);
}

// Removes the spaces around each '<', so that the remaining spaces separate conditions.
std::string JoinConditions(std::string_view spec) {
  std::string out;
  for (const char c : spec) {
    const char last = out.empty() ? '\0' : out.back();
    if (c == ' ' && (last == '<' || last == ' ')) continue;
    if (c == '<' && last == ' ') out.pop_back();
    out += c;
  }
  return out;
}

}  // namespace

Result<int> MinimumShouldMatch(std::string_view given, int optional) {
  TRINE_CHECK_GE(optional, 0);
  const std::string_view spec = TrimControls(given);
  if (spec.find('<') == std::string_view::npos) {
    const auto simple = EvaluateSimple(spec, optional);
    if (!simple) return InvalidSpec(given);
    return *simple;
  }
  const std::string joined = JoinConditions(spec);
  std::string_view rest = joined;
  int result = optional;
  while (!rest.empty()) {
    const size_t space = rest.find(' ');
    const std::string_view part = rest.substr(0, space);
    rest = space == std::string_view::npos ? "" : rest.substr(space + 1);
    const size_t less = part.find('<');
    if (less == std::string_view::npos) return InvalidSpec(given);
    const auto bound = SmallInt(part.substr(0, less));
    const auto value = EvaluateSimple(part.substr(less + 1), optional);
    if (!bound || !value) return InvalidSpec(given);
    if (optional <= *bound) return result;
    result = *value;
  }
  return result;
}

}  // namespace trine::search
