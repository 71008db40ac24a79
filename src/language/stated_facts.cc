#include "language/stated_facts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "language/word_match.h"

namespace trine::language {
namespace {

constexpr size_t kMaxUnitBytes = 24;
constexpr double kRelativeTolerance = 1e-6;  // masses in other units are rounded: "1.2 kg", "1200 g"
constexpr size_t kNegationReach = 24;        // bytes between a word and the negation beside it

bool IsLatin(char c) { return ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z'; }

// The unit at `at`: letters of one script, or a percent sign.
std::string_view UnitAt(std::string_view text, size_t at) {
  if (at >= text.size()) return {};
  if (text[at] == '%') return text.substr(at, 1);
  size_t end = at;
  if (IsLatin(text[at])) {
    while (end < text.size() && IsLatin(text[end])) ++end;
  } else {
    // A Hangul syllable has three bytes, of which the first is 0xEA to 0xED.
    while (end + 2 < text.size() && static_cast<unsigned char>(text[end]) >= 0xEA &&
           static_cast<unsigned char>(text[end]) <= 0xED)
      end += 3;
  }
  return end - at > kMaxUnitBytes ? std::string_view() : text.substr(at, end - at);
}

bool Equal(double a, double b) {
  return std::abs(a - b) <= kRelativeTolerance * std::max(std::abs(a), std::abs(b));
}

bool IsPercent(std::string_view unit) {
  return unit == "%" || unit.starts_with("퍼센트") || unit == "percent";
}

// A Korean unit without the particles and endings behind it: "초" of "초면". Units of the metric system, of
// time and counters; the longest one counts.
std::string_view WithoutEnding(std::string_view unit) {
  static constexpr std::array<std::string_view, 22> kUnits = {
      "밀리미터", "센티미터", "킬로미터", "밀리리터", "미터", "센티", "리터", "와트", "볼트", "시간", "개월",
      "단계",     "인용",     "인치",     "초",       "분",   "일",   "주",   "년",   "명",   "회",   "개"};
  for (const std::string_view known : kUnits) {
    if (unit.starts_with(known)) return known;
  }
  return unit;
}

// Whether the two units may mean the same: one begins with the other, because particles follow Korean units.
bool Compatible(std::string_view said, std::string_view stated) {
  if (said.empty() || stated.empty()) return true;
  if (IsPercent(said) || IsPercent(stated)) return IsPercent(said) && IsPercent(stated);
  said = WithoutEnding(said);
  stated = WithoutEnding(stated);
  return said.starts_with(stated) || stated.starts_with(said);
}

}  // namespace

std::vector<StatedNumber> FindNumbers(std::string_view text) {
  std::vector<StatedNumber> out;
  for (const format::AmountPlace& place : format::FindAmounts(text)) {
    StatedNumber& number = out.emplace_back();
    number.value = place.money.amount;
    number.currency = place.money.currency;
    number.is_read = place.is_read;
    number.begin = place.begin;
    number.end = place.end;
    TRINE_DCHECK_LE(place.end, text.size());
    if (number.currency.empty()) {
      size_t at = place.end;
      const bool blank = at < text.size() && text[at] == ' ';
      const std::string_view beside = UnitAt(text, at);
      const std::string_view unit = beside.empty() && blank ? UnitAt(text, at + 1) : beside;
      const auto grams = format::GramsPer(unit);
      // Behind a blank, only a known unit is one: "5 chairs" counts chairs, but "15 costs" has no unit.
      if (!beside.empty() || grams || IsPercent(unit)) {
        number.unit = analysis::Fold(unit);
        number.end = at + (beside.empty() ? 1 : 0) + unit.size();
      }
      if (grams) number.grams = number.value * *grams;
    }
  }
  return out;
}

bool IsSameNumber(const StatedNumber& said, const StatedNumber& stated) {
  if (!said.is_read || !stated.is_read) return false;
  if (said.grams && stated.grams) return Equal(*said.grams, *stated.grams);
  if (!Equal(said.value, stated.value)) return false;
  if (!said.currency.empty()) {
    // A price column has bare numbers; a mass or a count is not money.
    return stated.currency == said.currency || (stated.currency.empty() && stated.unit.empty());
  }
  if (!stated.currency.empty()) return said.unit.empty();
  return Compatible(said.unit, stated.unit);
}

StatedFacts::StatedFacts(std::string_view text)
    : folded_(analysis::Fold(text)), numbers_(FindNumbers(text)) {}

bool StatedFacts::States(const StatedNumber& said) const {
  return std::any_of(numbers_.begin(), numbers_.end(),
                     [&](const StatedNumber& stated) { return IsSameNumber(said, stated); });
}

bool StatedFacts::States(double value) const {
  return std::any_of(numbers_.begin(), numbers_.end(), [&](const StatedNumber& stated) {
    return stated.is_read && Equal(stated.value, value);
  });
}

bool StatedFacts::Says(std::string_view folded_word, bool negated) const {
  const std::string_view text = folded_;
  for (size_t from = 0; from <= text.size();) {
    const auto found = FindWord(text, folded_word, from);
    if (!found) return false;
    if (negated) return true;
    const size_t begin = found->first - std::min(found->first, kNegationReach);
    // A negation stands before an English word and behind a Korean one, within the same clause.
    std::string_view before = text.substr(begin, found->first - begin);
    std::string_view after = text.substr(found->second, kNegationReach);
    before = before.substr(before.find_last_of(".,;!?\n") + 1);
    after = after.substr(0, after.find_first_of(".,;!?\n"));
    static constexpr std::array<std::string_view, 7> kBefore = {"not ",   "non-",     "non ", "no ",
                                                                "isn't ", "without ", "비"};
    static constexpr std::array<std::string_view, 7> kAfter = {"아님",  "아닙", "아니", "안 되",
                                                               "안 됨", "않",   "없"};
    const bool denied = std::any_of(kBefore.begin(), kBefore.end(),
                                    [&](std::string_view mark) { return before.ends_with(mark); }) ||
                        std::any_of(kAfter.begin(), kAfter.end(), [&](std::string_view mark) {
                          return after.find(mark) != std::string_view::npos;
                        });
    if (!denied) return true;
    from = found->second;
  }
  return false;
}

bool HasNegation(std::string_view folded) {
  static constexpr std::array<std::string_view, 6> kKorean = {"아니", "아닙", "않", "없", "말고", "제외"};
  static constexpr std::array<std::string_view, 8> kEnglish = {"not",     "no",    "without", "isn't",
                                                               "doesn't", "don't", "aren't",  "except"};
  const auto in = [&](std::string_view mark) { return folded.find(mark) != std::string_view::npos; };
  return std::any_of(kKorean.begin(), kKorean.end(), in) ||
         std::any_of(kEnglish.begin(), kEnglish.end(),
                     [&](std::string_view word) { return HasWord(folded, word); });
}

}  // namespace trine::language
