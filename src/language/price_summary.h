// PriceSummary: what the prices of a catalogue or of a list say about their currency. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// A summary of the prices of a catalogue, from which the currency is judged if nothing else names it.
struct PriceSummary {
  bool whole = true;             // no price has a fraction
  std::optional<double> middle;  // the median; nullopt if no price is known

  // Whether the prices can be amounts in this currency: won are whole numbers that are rarely below 100,
  // dollars and euros rarely above 1,000.
  bool MayBeIn(std::string_view currency) const;
  // Of the currencies that are judged (won, dollars, euros and pounds), those that the prices can be in.
  std::vector<std::string> PossibleCurrencies() const;
};
// `prices` may contain NaN, of records without a price.
PriceSummary SummaryOf(const std::vector<double>& prices);
// The codes of the currencies that are judged.
std::span<const std::string_view> JudgedCurrencies();

}  // namespace trine::language
