#include "language/price_summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace trine::language {
namespace {

constexpr double kLeastWon = 100, kMostCents = 1000;  // medians between which a price may be either
constexpr std::array<std::string_view, 4> kJudged = {"KRW", "USD", "EUR", "GBP"};

}  // namespace

PriceSummary SummaryOf(const std::vector<double>& prices) {
  std::vector<double> known;
  std::copy_if(prices.begin(), prices.end(), std::back_inserter(known), [](double p) { return p >= 0; });
  if (known.empty()) return {};
  const bool whole = std::all_of(known.begin(), known.end(), [](double p) { return p == std::floor(p); });
  const auto middle = known.begin() + static_cast<ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  return {whole, *middle};
}

bool PriceSummary::MayBeIn(std::string_view code) const {
  if (!middle) return true;
  if (code == "KRW") return whole && *middle >= kLeastWon;
  if (code == "USD" || code == "EUR" || code == "GBP") return !whole || *middle <= kMostCents;
  return true;
}

std::vector<std::string> PriceSummary::PossibleCurrencies() const {
  std::vector<std::string> possible;
  for (const std::string_view code : kJudged) {
    if (MayBeIn(code)) possible.emplace_back(code);
  }
  return possible;
}

std::span<const std::string_view> JudgedCurrencies() { return kJudged; }

}  // namespace trine::language
