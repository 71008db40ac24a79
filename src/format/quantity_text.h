// Amounts of money and masses inside the texts of shops: "12,900원 / 품절", "US$49.99", "1.2 kg".
// Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::format {

struct Money {
  double amount = 0;
  std::string currency;  // ISO 4217: "KRW", "USD" ...; empty: the text has no currency sign
};
// Finds the only amount of money in `text`. An amount has a currency sign or name, or is the whole text.
// nullopt if there is none, or if there are several that differ, because a range has no single price. `begin`
// and `end`, if given, receive the bytes [begin, end) of the amount with its sign.
std::optional<Money> FindMoney(std::string_view text, size_t* begin = nullptr, size_t* end = nullptr);

// An amount of money, or a bare number, at bytes [begin, end) of a text.
struct AmountPlace {
  Money money;
  size_t begin = 0, end = 0;
  double scale = 1;  // 10,000 for 만, 1,000 for 천, 1e8 for 억: of the last such unit that the amount has
  bool is_read = true;  // false: the digits are not one number ("49,99 €"), so that the amount is unknown
};
// All amounts and bare numbers of a text, in its order. Digits of a word ("q30") are none.
std::vector<AmountPlace> FindAmounts(std::string_view text);

// Whether a number is written with a dot before each group of three digits: "29.900", "1.234.567". It is
// grouped only if its currency has no cents; "29.900" is otherwise a fraction.
bool IsGroupedByDots(std::string_view number);
// Whether the currency has no smaller unit in use: won and yen.
bool HasNoCents(std::string_view currency);

// Returns the ISO 4217 code that `text` is, in any case, if it is the code of a widely used currency; else an
// empty string. Also knows a few names ("원", "달러").
std::string CurrencyCode(std::string_view text);

// Formats an amount as a shop shows it: "39,000원" in Korean and "₩39,000" otherwise for KRW, "$49.99" for
// USD, "49.99 CHF" for a currency without a common sign. Without a currency, the bare number: "39,000".
std::string FormatMoney(double amount, std::string_view currency, bool korean);

// The grams in one unit of mass ("g": 1, "kg": 1000, "lb": 453.59237); nullopt for another unit.
std::optional<double> GramsPer(std::string_view unit);
// Reads a text that is one mass, such as "950g" or "1,046 g", in grams; nullopt for anything else, and for a
// number without a unit.
std::optional<double> ParseGrams(std::string_view text);

}  // namespace trine::format
