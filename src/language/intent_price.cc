// Price bounds in a sentence.
#include <re2/re2.h>

#include <array>

#include "format/text.h"
#include "language/intent_parts.h"

namespace trine::language {
namespace {

// An amount that says it is money: with 원, 만, or a currency sign.
#define TRINE_WON \
  R"(((?:₩\s*)?[0-9][0-9,.]*\s*(?:만|천)?(?:\s*[0-9]+\s*천)?\s*원|[0-9][0-9,.]*\s*만(?:\s*[0-9]+\s*천)?))"
#define TRINE_SIGNED \
  R"(((?:[$₩€£]\s*|krw\s*|usd\s*)[0-9][0-9,]*(?:\.[0-9]+)?|[0-9][0-9,]*(?:\.[0-9]+)?\s*(?:dollars|usd|won|krw|bucks|euros)))"
// After "under" a bare number is money unless a unit follows.
#define TRINE_BARE \
  R"(([0-9][0-9,]*(?:\.[0-9]+)?)(?:\s*$|\s*[^0-9a-z.%\s"']|\s+(?:for|and|with|please|that|which|or|in|to)\b))"

struct Patterns {
  RE2 won_range{TRINE_WON R"(\s*(?:에서|부터|~|-)\s*)" TRINE_WON};
  RE2 short_range{R"(([0-9][0-9,.]*)\s*(?:~|-|에서)\s*([0-9][0-9,.]*)\s*만\s*원?)"};
  RE2 won_band{R"(([0-9][0-9,.]*\s*만)\s*원?\s*대)"};
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

}  // namespace

PriceBounds FindPrice(std::string_view folded) {
  const Patterns& p = All();
  PriceBounds bounds;
  if (FindTwo(folded, p.won_range, 1, &bounds) || FindTwo(folded, p.short_range, 10'000, &bounds) ||
      FindTwo(folded, p.between, 1, &bounds) || FindTwo(folded, p.signed_range, 1, &bounds))
    return bounds;
  if (std::optional<double> band; Find(folded, p.won_band, &band)) {
    // "3만원대" is 30,000 to 39,999; "10만원대" 100,000 to 199,999.
    double step = 10'000;
    while (step * 10 <= *band) step *= 10;
    return {*band, *band + step - 1};
  }
  for (const RE2* pattern : {&p.won_max, &p.max_signed, &p.signed_or_less, &p.max_bare}) {
    if (Find(folded, *pattern, &bounds.max)) break;
  }
  for (const RE2* pattern : {&p.won_min, &p.min_signed, &p.signed_or_more}) {
    if (Find(folded, *pattern, &bounds.min)) break;
  }
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) bounds.min.reset();
  return bounds;
}

}  // namespace trine::language
