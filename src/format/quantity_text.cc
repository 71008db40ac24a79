#include "format/quantity_text.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "format/text.h"

namespace trine::format {
namespace {

struct Sign {
  std::string_view text;
  std::string_view currency;
};
// Longer signs come before those that they contain. Latin names are in lower case.
constexpr std::array kBefore = {
    Sign{"us$", "USD"}, Sign{"hk$", "HKD"}, Sign{"a$", "AUD"},  Sign{"c$", "CAD"},  Sign{"$", "USD"},
    Sign{"₩", "KRW"},   Sign{"￦", "KRW"},  Sign{"€", "EUR"},   Sign{"£", "GBP"},   Sign{"¥", "JPY"},
    Sign{"₹", "INR"},   Sign{"krw", "KRW"}, Sign{"usd", "USD"}, Sign{"eur", "EUR"}, Sign{"gbp", "GBP"},
    Sign{"jpy", "JPY"}, Sign{"cny", "CNY"}, Sign{"inr", "INR"}};
constexpr std::array kAfter = {
    Sign{"원", "KRW"},      Sign{"won", "KRW"},    Sign{"krw", "KRW"},    Sign{"달러", "USD"},
    Sign{"dollars", "USD"}, Sign{"dollar", "USD"}, Sign{"bucks", "USD"},  Sign{"usd", "USD"},
    Sign{"$", "USD"},       Sign{"유로", "EUR"},   Sign{"euros", "EUR"},  Sign{"euro", "EUR"},
    Sign{"eur", "EUR"},     Sign{"€", "EUR"},      Sign{"파운드", "GBP"}, Sign{"gbp", "GBP"},
    Sign{"£", "GBP"},       Sign{"엔", "JPY"},     Sign{"yen", "JPY"},    Sign{"jpy", "JPY"},
    Sign{"위안", "CNY"},    Sign{"yuan", "CNY"},   Sign{"cny", "CNY"},    Sign{"루피", "INR"},
    Sign{"rupees", "INR"},  Sign{"inr", "INR"}};
constexpr std::array<std::string_view, 16> kCodes = {"KRW", "USD", "EUR", "GBP", "JPY", "CNY", "INR", "HKD",
                                                     "TWD", "SGD", "AUD", "CAD", "CHF", "THB", "VND", "IDR"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Whether `text` continues with `sign` at `at`. A Latin name must not be part of a longer word.
bool SignAt(std::string_view text, size_t at, std::string_view sign) {
  if (text.size() - at < sign.size() || !EqualsIgnoreCase(text.substr(at, sign.size()), sign)) return false;
  const size_t end = at + sign.size();
  return !IsLetter(sign.back()) || end == text.size() || !IsLetter(text[end]);
}

// The end of a number with its Korean units ("1만 2천", "12,900.50") that begins at `at`; `at` if there is
// none.
size_t NumberEnd(std::string_view text, size_t at) {
  size_t end = at;
  for (size_t i = at; i < text.size();) {
    if (IsAsciiDigit(text[i])) {
      end = ++i;
    } else if ((text[i] == ',' || text[i] == '.') && end == i && i + 1 < text.size() &&
               IsAsciiDigit(text[i + 1]) && i > at) {
      ++i;
    } else {
      size_t unit = i;
      while (unit < text.size() && text[unit] == ' ') ++unit;
      const std::string_view rest = text.substr(unit);
      const bool scale = rest.starts_with("만") || rest.starts_with("천") || rest.starts_with("억") ||
                         (unit == i && rest.starts_with("백"));  // "2 백팩" are two backpacks
      if (!scale || end == at) break;
      end = i = unit + 3;
      // Digits may follow after a blank: "1만 2천원".
      if (i + 1 < text.size() && text[i] == ' ' && IsAsciiDigit(text[i + 1])) ++i;
    }
  }
  return end;
}

// The scale of the last unit of a number with Korean units.
double ScaleOf(std::string_view number) {
  struct Unit {
    std::string_view name;
    double scale;
  };
  double scale = 1;
  size_t last = 0;
  for (const Unit& unit : {Unit{"천", 1e3}, Unit{"만", 1e4}, Unit{"억", 1e8}}) {
    const size_t at = number.rfind(unit.name);
    if (at == std::string_view::npos || at < last) continue;
    last = at;
    scale = unit.scale;
  }
  return scale;
}

// The amount at `at`; nullopt if no number begins there, after a sign.
std::optional<AmountPlace> AmountAt(std::string_view text, size_t at) {
  AmountPlace found;
  found.begin = found.end = at;
  size_t number = at;
  for (const Sign& sign : kBefore) {
    if (!SignAt(text, at, sign.text)) continue;
    found.money.currency = sign.currency;
    number = at + sign.text.size();
    while (number < text.size() && text[number] == ' ') ++number;
    break;
  }
  if (number >= text.size() || !IsAsciiDigit(text[number])) return std::nullopt;
  const size_t number_end = NumberEnd(text, number);
  found.end = number_end;
  size_t after = number_end;
  while (after < text.size() && text[after] == ' ') ++after;
  for (const Sign& sign : kAfter) {
    if (!found.money.currency.empty() || !SignAt(text, after, sign.text)) continue;
    found.money.currency = sign.currency;
    found.end = after + sign.text.size();
  }
  std::string digits(text.substr(number, number_end - number));
  found.scale = ScaleOf(digits);
  if (HasNoCents(found.money.currency) && IsGroupedByDots(digits)) std::erase(digits, '.');
  const auto amount = ParseMoney(digits);
  found.is_read = amount.has_value();
  found.money.amount = amount.value_or(0);
  return found;
}

}  // namespace

std::vector<AmountPlace> FindAmounts(std::string_view text) {
  std::vector<AmountPlace> out;
  for (size_t at = 0; at < text.size();) {
    const bool inside = at > 0 && (IsLetter(text[at - 1]) || IsAsciiDigit(text[at - 1]));
    const bool begins = !inside || static_cast<unsigned char>(text[at]) >= 0x80 || text[at] == '$';
    const auto found = begins ? AmountAt(text, at) : std::nullopt;
    if (!found) {
      ++at;
      continue;
    }
    at = found->end;
    out.push_back(*found);
  }
  return out;
}

std::optional<Money> FindMoney(std::string_view text, size_t* begin, size_t* end) {
  std::optional<AmountPlace> only;
  for (const AmountPlace& found : FindAmounts(text)) {
    const bool whole = Trim(text).size() == found.end - found.begin;
    if (!found.is_read || (found.money.currency.empty() && !whole)) continue;
    if (only && (only->money.amount != found.money.amount || only->money.currency != found.money.currency))
      return std::nullopt;
    only = only ? only : found;
  }
  if (!only) return std::nullopt;
  if (begin != nullptr) *begin = only->begin;
  if (end != nullptr) *end = only->end;
  return only->money;
}

bool HasNoCents(std::string_view currency) { return currency == "KRW" || currency == "JPY"; }

std::string CurrencyCode(std::string_view text) {
  text = Trim(text);
  for (const std::string_view code : kCodes) {
    if (EqualsIgnoreCase(text, code)) return std::string(code);
  }
  for (const Sign& sign : kAfter) {
    if (EqualsIgnoreCase(text, sign.text)) return std::string(sign.currency);
  }
  for (const Sign& sign : kBefore) {
    if (EqualsIgnoreCase(text, sign.text)) return std::string(sign.currency);
  }
  return "";
}

std::string FormatMoney(double amount, std::string_view currency, bool korean) {
  if (!std::isfinite(amount) || std::abs(amount) > 1e15) return ShortestDouble(amount);
  const bool minus = amount < 0;
  amount = std::abs(amount);
  const bool whole = amount == std::floor(amount);
  const bool cents = currency == "USD" || currency == "EUR" || currency == "GBP";
  std::string number = ShortestDouble(amount);
  if (!whole && cents) {
    const double hundredths = std::round(amount * 100);
    const auto units = static_cast<int64_t>(hundredths / 100), rest = static_cast<int64_t>(hundredths) % 100;
    number = std::to_string(units) + (rest < 10 ? ".0" : ".") + std::to_string(rest);
  }
  if (whole) number = std::to_string(static_cast<int64_t>(amount));
  const size_t dot = std::min(number.find('.'), number.size());
  if (number.find_first_not_of("0123456789.") == std::string::npos)
    number = WithCommas(number.substr(0, dot)) + number.substr(dot);
  const auto with = [&](std::string_view before, std::string_view after) {
    return (minus ? "-" : "") + std::string(before) + number + std::string(after);
  };
  if (currency == "KRW") return korean ? with("", "원") : with("₩", "");
  if (currency == "USD") return with("$", "");
  if (currency == "EUR") return with("€", "");
  if (currency == "GBP") return with("£", "");
  if (currency == "JPY") return korean ? with("", "엔") : with("¥", "");
  if (currency.empty()) return with("", "");
  return with("", " " + std::string(currency));
}

std::optional<double> GramsPer(std::string_view unit) {
  const std::string lower = ToLowerAscii(Trim(unit));
  if (lower == "g" || lower == "gram" || lower == "grams" || lower == "그램" || lower == "그람") return 1;
  if (lower == "kg" || lower == "kgs" || lower == "킬로" || lower == "킬로그램" || lower == "kilogram" ||
      lower == "kilograms" || lower == "kilo" || lower == "kilos" || lower == "키로" || lower == "키로그램")
    return 1000;
  if (lower == "mg") return 0.001;
  if (lower == "lb" || lower == "lbs" || lower == "pound" || lower == "pounds") return 453.59237;
  if (lower == "oz" || lower == "ounce" || lower == "ounces") return 28.349523125;
  return std::nullopt;
}

std::optional<double> ParseGrams(std::string_view text) {
  text = Trim(text);
  const size_t end = std::min(text.find_first_not_of("0123456789.,"), text.size());
  if (end == 0 || end == text.size()) return std::nullopt;
  const auto number = ParseMoney(text.substr(0, end));
  const auto grams = GramsPer(text.substr(end));
  return number && grams ? std::optional(*number * *grams) : std::nullopt;
}

}  // namespace trine::format
