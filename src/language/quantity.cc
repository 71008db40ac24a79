#include "language/quantity.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/amount_text.h"

namespace trine::language {
namespace {

constexpr size_t kMaxQuantities = 8;

// Units that mean the same; the first is the name of the group. Words in common use in Korean and English
// shops.
using Units = std::array<std::string_view, 9>;
constexpr std::array kUnits = {
    Units{"kg", "킬로", "킬로그램", "kgs", "kilo", "kilos", "kilogram", "kilograms"},
    Units{"g", "그램", "그람", "gram", "grams"},
    Units{"mg"},
    Units{"lb", "lbs", "pound", "pounds"},
    Units{"oz", "ounce", "ounces"},
    Units{"인용", "인", "명", "인분", "p", "person", "persons", "people", "man"},
    Units{"인치", "inch", "inches", "in", "형"},
    Units{"cm", "센티", "센티미터", "센치"},
    Units{"mm", "밀리", "밀리미터"},
    Units{"m", "미터", "meter", "meters", "metre", "metres"},
    Units{"km"},
    Units{"l", "리터", "ℓ", "liter", "liters", "litre", "litres"},
    Units{"ml", "밀리리터", "cc"},
    Units{"gb", "기가", "기가바이트"},
    Units{"tb", "테라"},
    Units{"mah"},
    Units{"w", "와트", "watt", "watts"},
    Units{"v", "볼트"},
    Units{"hz"},
    Units{"%", "퍼센트", "percent"},
    Units{"점", "별", "star", "stars", "points"},
    Units{"개", "개입", "pcs", "pieces", "pack", "ea"},
    Units{"세트", "set", "sets"},
    Units{"팩"},
    Units{"병", "bottles"},
    Units{"박스", "상자", "box", "boxes"},
    Units{"장", "매", "sheets"},
    Units{"켤레", "pairs"},
    Units{"호"},
    Units{"단", "tier", "tiers"},
    Units{"구"},
    Units{"년", "년식", "year", "years"},
    Units{"개월", "month", "months"},
    Units{"일", "day", "days"},
    Units{"시간", "hour", "hours"},
    Units{"분", "minute", "minutes"},
    Units{"도", "°c", "℃"},
    Units{"평"},
    Units{"살", "세"},
};

const Units* GroupOf(std::string_view unit) {
  for (const Units& group : kUnits) {
    if (std::find(group.begin(), group.end(), unit) != group.end() && !unit.empty()) return &group;
  }
  return nullptr;
}

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The longest unit that `text` begins with; empty if there is none. A Latin unit must not be part of a longer
// word.
std::string_view UnitAt(std::string_view text) {
  std::string_view best;
  for (const Units& group : kUnits) {
    for (const std::string_view unit : group) {
      if (unit.size() <= best.size() || !text.starts_with(unit)) continue;
      const bool inside = IsLatin(unit.back()) && unit.size() < text.size() &&
                          (IsLatin(text[unit.size()]) || IsAsciiDigit(text[unit.size()]));
      if (!inside) best = unit;
    }
  }
  return best;
}

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
  return at;
}

// Comparators after a Korean quantity and before an English one.
constexpr std::array<std::string_view, 9> kMostAfter = {"이하", "미만", "이내", "까지",       "안쪽",
                                                        "아래", "밑",   "넘지", "보다 가벼운"};
constexpr std::array<std::string_view, 6> kLeastAfter = {"이상", "초과",        "넘는",
                                                         "부터", "보다 무거운", "보다 큰"};
constexpr std::array<std::string_view, 10> kMostBefore = {
    "under",  "below",        "less than",    "up to",        "at most",
    "within", "lighter than", "smaller than", "no more than", "max"};
constexpr std::array<std::string_view, 8> kLeastBefore = {
    "over", "above", "more than", "at least", "heavier than", "larger than", "bigger than", "from"};
constexpr std::array<std::string_view, 4> kMostTail = {"or less", "or lighter", "or under", "or below"};
constexpr std::array<std::string_view, 3> kLeastTail = {"or more", "or above", "or over"};

enum class Bound { kNone, kMost, kLeast };

template <size_t N>
size_t Begins(std::string_view text, const std::array<std::string_view, N>& words) {
  for (const std::string_view word : words) {
    if (text.starts_with(word)) return word.size();
  }
  return 0;
}

template <size_t N>
size_t Ends(std::string_view text, const std::array<std::string_view, N>& words) {
  for (const std::string_view word : words) {
    if (!text.ends_with(word)) continue;
    const size_t at = text.size() - word.size();
    if (at == 0 || !IsLatin(text[at - 1])) return word.size();
  }
  return 0;
}

// The bound at [*begin, *end) of the text; widens the range by the comparator.
Bound BoundOf(std::string_view text, size_t* begin, size_t* end) {
  const size_t after = SkipBlanks(text, *end);
  const std::string_view tail = text.substr(after);
  for (const auto& [size, bound] :
       {std::pair(Begins(tail, kMostAfter), Bound::kMost),
        std::pair(Begins(tail, kLeastAfter), Bound::kLeast), std::pair(Begins(tail, kMostTail), Bound::kMost),
        std::pair(Begins(tail, kLeastTail), Bound::kLeast)}) {
    if (size == 0) continue;
    *end = after + size;
    return bound;
  }
  const std::string_view head = Trim(text.substr(0, *begin));
  const auto start = static_cast<size_t>(head.data() - text.data());
  // "no more than" ends with "more than", so that upper bounds are tried first.
  for (const auto& [size, bound] : {std::pair(Ends(head, kMostBefore), Bound::kMost),
                                    std::pair(Ends(head, kLeastBefore), Bound::kLeast)}) {
    if (size == 0) continue;
    *begin = start + head.size() - size;
    return bound;
  }
  return Bound::kNone;
}

// A number with its unit at a place of a text.
struct Measure {
  double number;
  std::string_view unit;
  size_t begin, end;
};

// The next number at or after `*at` that stands alone or has a known unit; moves `*at` past it.
std::optional<Measure> NextMeasure(std::string_view text, size_t* at) {
  while (*at < text.size()) {
    const size_t begin = *at;
    if (!IsAsciiDigit(text[begin])) {
      ++*at;
      continue;
    }
    const size_t end = begin + NumberAt(text.substr(begin)).size();
    *at = end;
    const auto number = format::ParseMoney(text.substr(begin, end - begin));
    // Part of a word or an id: "q30", "item_456", "sku-7".
    const bool joined = begin > 0 && (text[begin - 1] == '_' || text[begin - 1] == '.' ||
                                      (text[begin - 1] == '-' && begin > 1 && IsLatin(text[begin - 2])));
    const bool inside = joined || (begin > 0 && IsLatin(text[begin - 1]));
    if (!number || inside) continue;
    std::string_view unit = UnitAt(text.substr(end));
    size_t unit_at = end;
    if (unit.empty() && end < text.size() && (text[end] == ' ' || text[end] == '-')) {
      unit_at = end + 1;
      unit = UnitAt(text.substr(unit_at));
      // A single letter or syllable after a blank is a word of its own.
      if (unit == "in" || unit == "man" || (unit.size() == 1 && unit != "g" && unit != "l" && unit != "%"))
        unit = {};
    }
    if (unit.empty() && end < text.size() && IsLatin(text[end])) continue;
    *at = unit.empty() ? end : unit_at + unit.size();
    return Measure{*number, unit, begin, *at};
  }
  return std::nullopt;
}

// All measures of a text. The numbers of a list have the unit of its last one: "65,75인치", "1~2인용".
std::vector<Measure> AllMeasures(std::string_view text) {
  std::vector<Measure> measures;
  for (size_t at = 0;;) {
    const auto measure = NextMeasure(text, &at);
    if (!measure) break;
    measures.push_back(*measure);
  }
  constexpr std::array<std::string_view, 6> kJoins = {",", ", ", "/", "~", "-", "·"};
  for (size_t i = measures.size(); i-- > 1;) {
    Measure& before = measures[i - 1];
    const std::string_view between = text.substr(before.end, measures[i].begin - before.end);
    if (before.unit.empty() && std::find(kJoins.begin(), kJoins.end(), between) != kJoins.end())
      before.unit = measures[i].unit;
  }
  return measures;
}

}  // namespace

std::string WithoutMoney(std::string_view folded) {
  static const RE2 kMoney(
      R"((?:us\$|[$₩€£¥₹]|\bkrw|\busd|\beur)\s*[0-9][0-9,.]*k?(?:\s*(?:-|~|to|and)\s*(?:[$₩€£])?[0-9][0-9,.]*k?)?)"
      R"(|[0-9][0-9,.]*\s*(?:(?:~|-|에서)\s*[0-9][0-9,.]*\s*)?(?:만|천|백|억)?\s*(?:[0-9]+\s*(?:천|백)\s*)*(?:원|달러|불|유로|엔|위안|루피|dollars?|usd|won|krw|bucks|euros?|yen|yuan)대?)"
      R"(|[0-9][0-9,.]*\s*만(?:\s*[0-9]+\s*천)?대?)"
      R"(|between\s+[0-9][0-9,.]*k?\s+and\s+[0-9][0-9,.]*k?)");
  std::string out(folded);
  const std::string text = WithoutFalseUnits(folded);
  re2::StringPiece rest(text), found;
  while (kMoney.Match(rest, 0, rest.size(), RE2::UNANCHORED, &found, 1) && !found.empty()) {
    const auto at = static_cast<size_t>(found.data() - text.data());
    std::fill_n(out.begin() + static_cast<ptrdiff_t>(at), found.size(), ' ');
    rest = re2::StringPiece(text.data() + at + found.size(), text.size() - at - found.size());
  }
  return out;
}

std::vector<Quantity> FindQuantities(std::string_view folded_question) {
  const std::string text = WithoutMoney(folded_question);
  std::vector<Quantity> out;
  for (size_t at = 0; out.size() < kMaxQuantities;) {
    const auto measure = NextMeasure(text, &at);
    if (!measure) break;
    Quantity quantity;
    quantity.number = measure->number;
    quantity.unit = measure->unit;
    size_t begin = measure->begin, end = measure->end;
    const Bound bound = BoundOf(text, &begin, &end);
    quantity.bounded = bound != Bound::kNone;
    quantity.text = Trim(std::string_view(text).substr(begin, end - begin));
    const auto grams = format::GramsPer(quantity.unit);
    if (grams && bound == Bound::kMost) quantity.max_grams = quantity.number * *grams;
    if (grams && bound == Bound::kLeast) quantity.min_grams = quantity.number * *grams;
    at = std::max(at, end);
    out.push_back(std::move(quantity));
  }
  return out;
}

std::optional<double> StatedGrams(std::string_view folded_text) {
  std::optional<double> only;
  for (size_t at = 0;;) {
    const auto measure = NextMeasure(folded_text, &at);
    if (!measure) return only;
    const auto grams = format::GramsPer(measure->unit);
    if (!grams) continue;
    if (only && *only != measure->number * *grams) return std::nullopt;
    only = measure->number * *grams;
  }
}

bool StatesQuantity(std::string_view folded_text, const Quantity& quantity) {
  if (quantity.bounded) return false;
  const Units* group = GroupOf(quantity.unit);
  const auto grams = format::GramsPer(quantity.unit);
  const std::vector<Measure> measures = AllMeasures(folded_text);
  return std::any_of(measures.begin(), measures.end(), [&](const Measure& measure) {
    const auto same_grams = format::GramsPer(measure.unit);
    if (grams && same_grams && std::abs(measure.number * *same_grams - quantity.number * *grams) < 0.5)
      return true;
    if (measure.number != quantity.number) return false;
    return quantity.unit.empty() || (group != nullptr && GroupOf(measure.unit) == group);
  });
}

}  // namespace trine::language
