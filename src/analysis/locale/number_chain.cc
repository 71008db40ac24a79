#include "analysis/locale/number_chain.h"

#include <algorithm>

#include "base/check.h"

namespace trine::analysis {
namespace {

// Chains with more groups are not dates, versions or numbers; their separators separate words.
constexpr size_t kMaxGroups = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsDigitAt(std::string_view text, size_t at) { return at < text.size() && IsDigit(text[at]); }

// Whether `chain` is a number with thousands separators, with or without decimals.
bool HasThousands(std::string_view chain) {
  const size_t first = chain.find(',');
  if (first == std::string_view::npos || first > 3 || chain[0] == '0') return false;
  const size_t point = std::min(chain.find('.'), chain.size());
  if (point < first) return false;
  size_t groups = 1;
  for (size_t at = first; at < point; at += 4) {
    if (chain[at] != ',' || at + 4 > point || ++groups > kMaxGroups) return false;
    if (std::find(chain.begin() + static_cast<ptrdiff_t>(at) + 1,
                  chain.begin() + static_cast<ptrdiff_t>(at) + 4,
                  ',') != chain.begin() + static_cast<ptrdiff_t>(at) + 4) {
      return false;
    }
  }
  return point == chain.size() || chain.find_first_of(".,", point + 1) == std::string_view::npos;
}

// Whether no element between two commas has more than kMaxGroups groups.
bool FewStops(std::string_view chain) {
  size_t stops = 0;
  for (const char c : chain) {
    stops = c == '.' ? stops + 1 : c == ',' ? 0 : stops;
    if (stops >= kMaxGroups) return false;
  }
  return true;
}

// "2024.01": a year and a month of two digits.
bool IsYearAndMonth(std::string_view number) {
  if (number.size() != 7 || number[4] != '.') return false;
  const std::string_view century = number.substr(0, 2);
  const std::string_view month = number.substr(5);
  return (century == "19" || century == "20") && month >= "01" && month <= "12";
}

}  // namespace

NumberChain ReadNumberChain(std::string_view text, size_t at) {
  TRINE_DCHECK(IsDigitAt(text, at));
  NumberChain chain;
  size_t end = at;
  for (;;) {
    while (IsDigitAt(text, end)) ++end;
    const bool more = end < text.size() && (text[end] == ',' || text[end] == '.') && IsDigitAt(text, end + 1);
    if (!more) break;
    ++end;
  }
  const std::string_view whole = text.substr(at, end - at);
  chain.end = end;
  chain.commas_join = HasThousands(whole);
  chain.stops_join = FewStops(whole);
  return chain;
}

std::vector<NumberPart> NumberParts(std::string_view number) {
  const auto commas = std::count(number.begin(), number.end(), ',');
  const auto stops = std::count(number.begin(), number.end(), '.');
  const bool list = commas >= 2 && stops == 0;
  const bool version = commas == 0 && (stops >= 2 || IsYearAndMonth(number));
  std::vector<NumberPart> parts;
  if (!list && !version) return parts;
  for (size_t from = 0; from < number.size();) {
    const size_t to = std::min(number.find_first_of(".,", from), number.size());
    parts.push_back({static_cast<uint32_t>(from), static_cast<uint32_t>(to)});
    from = to + 1;
  }
  return parts;
}

std::vector<uint32_t> NumberBeginnings(std::string_view number) {
  std::vector<uint32_t> lengths;
  if (number.find(',') != std::string_view::npos) return lengths;
  const std::vector<NumberPart> parts = NumberParts(number);
  for (size_t i = 1; i + 1 < parts.size(); ++i) lengths.push_back(parts[i].end);
  return lengths;
}

}  // namespace trine::analysis
