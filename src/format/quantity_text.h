// Amounts of money and masses inside the texts of shops: "12,900원 / 품절", "US$49.99", "1.2 kg".
// Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trine::format {

struct Money {
  double amount = 0;
  std::string currency;  // ISO 4217: "KRW", "USD" ...; empty: the text has no currency sign
};
// Finds the only amount of money in `text`. An amount has a currency sign or name, or is the whole text.
// nullopt if there is none, or if there are several that differ, because a range has no single price. `begin`
// and `end`, if given, receive the bytes [begin, end) of the amount with its sign.
std::optional<Money> FindMoney(std::string_view text, size_t* begin = nullptr, size_t* end = nullptr);

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
