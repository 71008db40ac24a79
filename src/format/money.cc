// Amounts of money in the forms that shops and shoppers write.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"

namespace trine::format {
namespace {

struct CurrencySign {
  std::string_view text;
  bool has_cents;
};
constexpr CurrencySign kCurrencySigns[] = {{"₩", false},   {"￦", false},  {"US$", true}, {"$", true},
                                           {"€", true},    {"£", true},    {"¥", false},  {"원", false},
                                           {"won", false}, {"KRW", false}, {"USD", true}, {"EUR", true},
                                           {"GBP", true},  {"JPY", false}};

void TrimSpaces(std::string_view* s) { *s = Trim(*s, " "); }

// Removes one currency sign from the front or the back. Returns whether it is of a currency without cents.
bool DropCurrencySign(std::string_view* s) {
  for (const CurrencySign& sign : kCurrencySigns) {
    const bool first = s->starts_with(sign.text);
    if (!first && !s->ends_with(sign.text)) continue;
    if (first)
      s->remove_prefix(sign.text.size());
    else
      s->remove_suffix(sign.text.size());
    TrimSpaces(s);
    return !sign.has_cents;
  }
  return false;
}

bool ConsumePrefix(std::string_view* s, std::string_view token) {
  if (!s->starts_with(token)) return false;
  s->remove_prefix(token.size());
  return true;
}

// Consumes digits, without commas or with one before every group of three, and optional decimals after '.'.
std::optional<double> ConsumeNumber(std::string_view* s) {
  std::string plain;
  size_t i = 0, since_comma = 0;
  bool commas = false;
  for (; i < s->size(); ++i) {
    const char c = (*s)[i];
    if (c >= '0' && c <= '9') {
      plain += c;
      ++since_comma;
    } else if (c == ',') {
      if (commas ? since_comma != 3 : since_comma < 1 || since_comma > 3) return std::nullopt;
      commas = true;
      since_comma = 0;
    } else {
      break;
    }
  }
  if (plain.empty() || (commas && since_comma != 3)) return std::nullopt;
  if (i < s->size() && (*s)[i] == '.') {
    const size_t dot = i++;
    while (i < s->size() && (*s)[i] >= '0' && (*s)[i] <= '9') ++i;
    if (i == dot + 1) return std::nullopt;
    plain += s->substr(dot, i - dot);
  }
  s->remove_prefix(i);
  return ParseDouble(plain);
}

// Consumes a Korean digit word, 일 (1) to 구 (9). Returns 0 if there is none.
int ConsumeDigitWord(std::string_view* s) {
  constexpr std::string_view kWords[] = {"일", "이", "삼", "사", "오", "육", "칠", "팔", "구"};
  for (int i = 0; i < 9; ++i) {
    if (ConsumePrefix(s, kWords[i])) return i + 1;
  }
  return 0;
}

// Parses Korean numerals such as "1억 2천만", "1만 2천", "만오천", "3만5천900". The units within a group of
// four digits (천, 백, 십) must descend, and so must the groups (억, 만). A unit without a number counts
// once.
std::optional<double> ParseKorean(std::string_view s) {
  struct Unit {
    std::string_view name;
    double value;
  };
  constexpr Unit kGroups[] = {{"억", 1e8}, {"만", 1e4}};
  constexpr Unit kInner[] = {{"천", 1000}, {"백", 100}, {"십", 10}};
  double total = 0, group = 0, last_group = 1e12, last_inner = 1e4;
  bool any_unit = false;
  while (!s.empty()) {
    std::optional<double> number = ConsumeNumber(&s);
    if (!number) {
      if (const int word = ConsumeDigitWord(&s)) number = word;
    }
    TrimSpaces(&s);
    double inner = 1;
    for (const Unit& unit : kInner) {
      if (ConsumePrefix(&s, unit.name)) {
        inner = unit.value;
        break;
      }
    }
    const bool has_inner = inner > 1;
    if (has_inner || number) {
      if (inner >= last_inner) return std::nullopt;
      last_inner = inner;
      group += number.value_or(1) * inner;
    }
    TrimSpaces(&s);
    bool has_group = false;
    for (const Unit& unit : kGroups) {
      if (!ConsumePrefix(&s, unit.name)) continue;
      if (unit.value >= last_group) return std::nullopt;
      last_group = unit.value;
      total += (group == 0 ? 1 : group) * unit.value;
      group = 0;
      last_inner = 1e4;
      has_group = true;
      break;
    }
    if (!has_inner && !has_group && (!number || !s.empty())) return std::nullopt;
    any_unit |= has_inner || has_group;
    TrimSpaces(&s);
  }
  if (!any_unit) return std::nullopt;
  return total + group;
}

}  // namespace

bool IsGroupedByDots(std::string_view number) {
  size_t digits = number.find('.');
  if (digits == std::string_view::npos || digits < 1 || digits > 3) return false;
  if (!std::all_of(number.begin(), number.begin() + static_cast<ptrdiff_t>(digits), IsAsciiDigit))
    return false;
  for (number.remove_prefix(digits); !number.empty(); number.remove_prefix(4)) {
    if (number.size() < 4 || number[0] != '.') return false;
    if (!std::all_of(number.begin() + 1, number.begin() + 4, IsAsciiDigit)) return false;
  }
  return true;
}

std::optional<double> ParseMoney(std::string_view text) {
  TrimSpaces(&text);
  bool minus = ConsumePrefix(&text, "-");
  bool whole = DropCurrencySign(&text);
  if (!minus) minus = ConsumePrefix(&text, "-");
  whole = DropCurrencySign(&text) || whole;
  if (text.empty() || text.size() > 64) return std::nullopt;
  std::string plain;
  if (whole && IsGroupedByDots(text)) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '.'; });
    text = plain;
  }
  std::string_view rest = text;
  std::optional<double> value = ConsumeNumber(&rest);
  if (!value || !rest.empty()) value = ParseKorean(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return minus ? -*value : *value;
}

}  // namespace trine::format
