// The amounts of money of a question, with the bounds that they set.
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/bounds.h"

namespace trine::language {

// Writes spelled-out Korean amounts in digits: "십만원 이하" as "10만원 이하", "만원짜리" as "1만원짜리", "만
// 오천원" as "1만 5천원". Converts a numeral only at the start of a word and before 원, 천 or a bound such as
// 이하, so "이만 안녕" stays unchanged.
std::string WithDigits(std::string_view folded);

// One amount or one range of amounts.
struct PriceCondition {
  std::string text;           // as in the question, with the words that belong to it: "5만원 미만"
  std::string currency;       // as stated: "KRW" "USD" "JPY" ...; empty: none
  Bounds bounds;              // empty: the amount sets no bound, or one that is not understood or rejected
  size_t begin = 0, end = 0;  // bytes [begin, end) of the question
  // A negation that is apart from the amount ("[don't want a] tent over 5 won"), at bytes [apart_begin,
  // apart_end): it turned the bound round and negates nothing else. Equal: none.
  size_t apart_begin = 0, apart_end = 0;
  bool negated = false;  // the bound is turned round by a negation
};
// The amounts of money of a question, in its order: "5만원 이하", "3만원대", "만원짜리", "1만원에서 2만원",
// "under $50", "50달러 미만", "between 20 and 40 dollars". A number without a currency is one only beside a
// word that bounds it and before no unit, and below a thousand only beside a word that is said of prices. Of
// alternatives ("under 20 or over 100 dollars") none sets a bound. At most 8. Takes the result of WithDigits.
std::vector<PriceCondition> FindPrices(std::string_view text);

// Replaces every amount of money, with the words that belong to it, with blanks of the same length.
std::string WithoutMoney(std::string_view text);

// Whether a word is an amount of money and nothing else ("오만원대", "10만원에서").
bool IsMoneyWord(std::string_view folded);

}  // namespace trine::language
