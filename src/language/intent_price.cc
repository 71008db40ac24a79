// FindPrice: finds the price range that a question states, with regular expressions. Spelled-out Korean
// numerals are converted to digits first.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "format/text.h"
#include "language/intent_rules.h"

namespace trine::language {
namespace {

// Amounts that are recognisably money: with 원, 만, a currency sign or a currency's name.
#define TRINE_WON \
  R"(((?:₩\s*)?[0-9][0-9,.]*\s*(?:만|천)?(?:\s*[0-9]+\s*천)?\s*원|[0-9][0-9,.]*\s*만(?:\s*[0-9]+\s*천)?))"
#define TRINE_SIGNED \
  R"(((?:[$₩€£]\s*|krw\s*|usd\s*)[0-9][0-9,]*(?:\.[0-9]+)?|[0-9][0-9,]*(?:\.[0-9]+)?\s*(?:dollars|usd|won|krw|bucks|euros)))"
// A number without a currency. After a word such as "under" it is an amount of money, unless a unit follows
// the number.
#define TRINE_BARE \
  R"(([0-9][0-9,]*(?:\.[0-9]+)?)(?:\s*$|\s*[^0-9a-z.%\s"']|\s+(?:for|and|with|please|that|which|or|in|to)\b))"

// In each pattern the first group is the amount, or the lower bound; the second is the upper bound.
struct Patterns {
  RE2 won_range{TRINE_WON R"(\s*(?:에서|부터|~|-)\s*)" TRINE_WON};
  RE2 short_range{R"(([0-9][0-9,.]*)\s*(?:~|-|에서)\s*([0-9][0-9,.]*)\s*만\s*원?)"};
  RE2 won_band{R"(([0-9][0-9,.]*\s*만)\s*원?\s*대)"};
  RE2 won_about{TRINE_WON R"(\s*(?:짜리|정도|쯤|안팎))"};
  RE2 foreign_max{
      R"(([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:달러|불|유로)\s*(?:이하|미만|이내|안쪽|안으로|밑|아래|까지|보다 싼|보다 저렴|넘지))"};
  RE2 foreign_min{R"(([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:달러|불|유로)\s*(?:이상|초과|넘는|부터|보다 비싼))"};
  RE2 won_max{TRINE_WON R"(\s*(?:이하|미만|이내|안쪽|안으로|밑|아래|까지|보다 싼|보다 저렴|넘지))"};
  RE2 won_min{TRINE_WON R"(\s*(?:이상|초과|넘는|부터|보다 비싼))"};
  RE2 between{
      R"(between\s+(?:[$₩€£]\s*)?([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:dollars|usd|won|krw)?\s+and\s+(?:[$₩€£]\s*)?([0-9][0-9,]*(?:\.[0-9]+)?))"};
  RE2 signed_range{
      R"([$₩€£]\s*([0-9][0-9,]*(?:\.[0-9]+)?)\s*(?:-|to|~)\s*(?:[$₩€£]\s*)?([0-9][0-9,]*(?:\.[0-9]+)?))"};
  RE2 max_signed{
      R"((?:under|below|less than|up to|at most|cheaper than|within|max(?:imum)?|no more than|not more than)\s+)" TRINE_SIGNED};
  RE2 max_bare{R"((?:priced? (?:under|below|less than)|under|below|less than|cheaper than)\s+)" TRINE_BARE};
  RE2 min_signed{R"((?:over|above|more than|at least|from|min(?:imum)?)\s+)" TRINE_SIGNED};
  RE2 signed_or_less{TRINE_SIGNED R"(\s+or\s+(?:less|under|below|cheaper))"};
  RE2 signed_or_more{TRINE_SIGNED R"(\s+or\s+(?:more|above))"};
};

const Patterns& All() {
  static const Patterns kPatterns;
  return kPatterns;
}

std::optional<double> Amount(std::string text) {
  for (const char* word : {"dollars", "usd", "won", "krw", "bucks", "euros"}) {
    const size_t at = text.find(word);
    if (at != std::string::npos) text.erase(at, std::string_view(word).size());
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.' || text.back() == ',')) text.pop_back();
  const size_t start = text.find_first_not_of(' ');
  return format::ParseMoney(start == std::string::npos ? "" : std::string_view(text).substr(start));
}

bool Find(std::string_view text, const RE2& pattern, std::optional<double>* amount) {
  std::string found;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern, &found)) return false;
  *amount = Amount(found);
  return amount->has_value();
}

bool FindTwo(std::string_view text, const RE2& pattern, double scale, PriceBounds* bounds) {
  std::string low, high;
  if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern, &low, &high)) return false;
  const auto a = Amount(low), b = Amount(high);
  if (!a || !b || *a * scale > *b * scale) return false;
  bounds->min = *a * scale;
  bounds->max = *b * scale;
  return true;
}

// The value of a Korean numeral below a thousand, such as "이십오" or "백"; 1 for an empty one.
int SpelledValue(std::string_view numeral) {
  static constexpr std::array<std::string_view, 9> kDigits = {"일", "이", "삼", "사", "오",
                                                              "육", "칠", "팔", "구"};
  if (numeral.empty()) return 1;
  int sum = 0, digit = 0;
  for (size_t i = 0; i + 3 <= numeral.size(); i += 3) {
    const std::string_view syllable = numeral.substr(i, 3);
    const auto it = std::find(kDigits.begin(), kDigits.end(), syllable);
    if (it != kDigits.end()) {
      digit = static_cast<int>(it - kDigits.begin()) + 1;
      continue;
    }
    sum += std::max(digit, 1) * (syllable == "백" ? 100 : 10);
    digit = 0;
  }
  return sum + digit;
}

// Writes spelled-out amounts in digits: "십만원 이하" as "10만원 이하", "만원짜리" as "1만원짜리", "만
// 오천원" as "1만 5천원". Converts a numeral only at the start of a word and before 원, 천 or a bound such as
// 이하, so "이만 안녕" stays unchanged.
std::string WithDigits(std::string_view folded) {
  static const RE2 kSpelled(
      R"((^|[^0-9가-힣]|[0-9]\s*만\s*)([일이삼사오육칠팔구]?백?[일이삼사오육칠팔구]?십?[일이삼사오육칠팔구]?)(만|천)(\s*(?:원|[일이삼사오육칠팔구]천|[0-9]+\s*천|이상|이하|미만|이내|대)))");
  std::string text(folded);
  // Each round converts one numeral; a question contains few.
  for (int round = 0; round < 8; ++round) {
    re2::StringPiece before, numeral, unit, after;
    if (!RE2::PartialMatch(text, kSpelled, &before, &numeral, &unit, &after)) break;
    const size_t at = static_cast<size_t>(numeral.data() - text.data());
    const std::string digits = std::to_string(SpelledValue({numeral.data(), numeral.size()}));
    text.replace(at, numeral.size(), digits);
  }
  return text;
}

std::string CurrencyOf(std::string_view folded) {
  struct Sign {
    const char* sign;
    const char* currency;
  };
  static constexpr std::array kSigns = {Sign{"$", "USD"},     Sign{"usd", "USD"},  Sign{"dollar", "USD"},
                                        Sign{"bucks", "USD"}, Sign{"달러", "USD"}, Sign{"€", "EUR"},
                                        Sign{"euro", "EUR"},  Sign{"유로", "EUR"}, Sign{"£", "GBP"},
                                        Sign{"₩", "KRW"},     Sign{"won", "KRW"},  Sign{"krw", "KRW"}};
  static const RE2 kWon(R"([0-9]\s*(?:만|천)?\s*원|[0-9]\s*만)");
  static const RE2 kBul(R"([0-9]\s*불)");
  const re2::StringPiece piece(folded.data(), folded.size());
  for (const Sign& sign : kSigns) {
    if (folded.find(sign.sign) != std::string_view::npos) return sign.currency;
  }
  if (RE2::PartialMatch(piece, kWon)) return "KRW";
  return RE2::PartialMatch(piece, kBul) ? "USD" : "";
}

PriceBounds FindBounds(std::string_view folded) {
  const Patterns& p = All();
  PriceBounds bounds;
  if (FindTwo(folded, p.won_range, 1, &bounds) || FindTwo(folded, p.short_range, 10'000, &bounds) ||
      FindTwo(folded, p.between, 1, &bounds) || FindTwo(folded, p.signed_range, 1, &bounds))
    return bounds;
  if (std::optional<double> band; Find(folded, p.won_band, &band)) {
    // "3만원대" is 30,000 to 39,999; "10만원대" 100,000 to 199,999.
    double step = 10'000;
    while (step * 10 <= *band) step *= 10;
    return {*band, *band + step - 1, ""};
  }
  if (std::optional<double> about; Find(folded, p.won_about, &about)) {
    // Allows a fifth on both sides, because a product that costs 9,900 counts as "만원짜리".
    return {std::round(*about * 0.8), std::round(*about * 1.2), ""};
  }
  for (const RE2* pattern : {&p.won_max, &p.foreign_max, &p.max_signed, &p.signed_or_less, &p.max_bare}) {
    if (Find(folded, *pattern, &bounds.max)) break;
  }
  for (const RE2* pattern : {&p.won_min, &p.foreign_min, &p.min_signed, &p.signed_or_more}) {
    if (Find(folded, *pattern, &bounds.min)) break;
  }
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) bounds.min.reset();
  return bounds;
}

}  // namespace

PriceBounds FindPrice(std::string_view folded) {
  const std::string text = WithDigits(folded);
  PriceBounds bounds = FindBounds(text);
  TRINE_DCHECK(!bounds.min || !bounds.max || *bounds.min <= *bounds.max);
  if (bounds.min || bounds.max) bounds.currency = CurrencyOf(text);
  return bounds;
}

bool IsMoneyWord(std::string_view folded) {
  static const RE2 kMoney(
      R"([₩$€£]?[0-9,.~]*[일이삼사오육칠팔구십백]*(?:만|천)?[0-9일이삼사오육칠팔구]*천?(?:원|달러|유로)(?:대|짜리|정도|쯤|에서|부터|까지|이하|미만|이상|이내|으로|로|선|보다)*)"
      R"(|[0-9,.~]+(?:만|천)(?:대|에서|부터|까지|이하|미만|이상|이내|짜리)*|[일이삼사오육칠팔구십백]+만(?:대|이하|이상|미만))");
  // A bare "원" also matches.
  return RE2::FullMatch(re2::StringPiece(folded.data(), folded.size()), kMoney);
}

}  // namespace trine::language
