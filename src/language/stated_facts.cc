#include "language/stated_facts.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "analysis/analyzer.h"
#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/role.h"
#include "format/quantity_text.h"
#include "language/amount_text.h"
#include "language/word_match.h"

namespace trine::language {
namespace {

constexpr size_t kMaxUnitBytes = 30;
constexpr double kRelativeTolerance = 1e-6;  // masses in other units are rounded: "1.2 kg", "1200 g"
constexpr size_t kNegationReach = 30;        // bytes between a word and the negation beside it
constexpr size_t kMaxSpelled = 100;          // numbers in words that are read from one text

bool IsLatin(char c) { return ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z'; }
re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

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

const std::map<std::string, std::string, std::less<>>& Units() {
  static const auto* const kUnits = [] {
    auto* units = new std::map<std::string, std::string, std::less<>>();
    const auto add = [units](const char* name, std::initializer_list<const char*> words) {
      for (const char* word : words) units->emplace(word, name);
    };
#define UNIT(name, ...) add(name, {__VA_ARGS__});
#include "language/number_words.inc"
#undef UNIT
    return units;
  }();
  return *kUnits;
}

// The canonical unit that a word names, without plurals, particles and the copula; empty if it is not known.
std::string KnownUnit(std::string_view word) {
  const std::string folded = analysis::Fold(word);
  std::string_view text = folded;
  if (const auto found = Units().find(text); found != Units().end()) return found->second;
  if (text.ends_with('s') && text.size() > 2) {
    const auto found = Units().find(text.substr(0, text.size() - 1));
    return found == Units().end() ? "" : found->second;
  }
  // A Korean unit is followed by particles, the copula or a noun: "2인용이에요", "3년간", "2인용텐트".
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0x80) return "";
  for (size_t size = text.size(); size >= 3; size -= 3) {
    const auto found = Units().find(CutUtf8(text, size));
    if (found == Units().end()) continue;
    // One syllable is a unit only before a known ending, because it may begin another word.
    static const RE2 kEnding(
        R"((?:은|는|이|가|을|를|의|에|로|으로|도|만|간|동안|짜리|입니다|이에요|예요|이고|이며|인|이라|이면|면|정도|쯤|용|까지|부터|이상|이하|밖에|씩|후|전|안|내).*)");
    const std::string_view tail = text.substr(CutUtf8(text, size).size());
    if (size > 3 || tail.empty() || RE2::FullMatch(Piece(tail), kEnding)) return found->second;
  }
  return "";
}

bool Equal(double a, double b) {
  return std::abs(a - b) <= kRelativeTolerance * std::max(std::abs(a), std::abs(b));
}

// Sets the unit of a number from the text behind it.
void ReadUnit(std::string_view text, StatedNumber* number) {
  size_t at = number->end;
  const std::string_view beside = UnitAt(text, at);
  const bool gap = beside.empty() && at + 1 < text.size() && (text[at] == ' ' || text[at] == '-');
  const std::string_view word = gap ? UnitAt(text, at + 1) : beside;
  if (word.empty()) return;
  if (IsLatin(word[0]) && gap) number->next_word = analysis::Fold(word);
  std::string unit = KnownUnit(word);
  // "in" and "m" behind a blank are words and not units.
  if (gap && (word == "in" || word.size() == 1) && !format::GramsPer(word) && word != "%") unit.clear();
  // Behind a blank, only a known unit is one: "5 chairs" counts chairs, but "15 costs" has no unit.
  if (unit.empty() && gap) return;
  number->unit = unit.empty() ? analysis::Fold(word) : unit;
  number->end = at + (gap ? 1 : 0) + word.size();
  if (const auto grams = format::GramsPer(number->unit)) number->grams = number->value * *grams;
}

// The value of Korean numerals ("구만 오천"); nullopt for a text that is none.
std::optional<double> KoreanNumeral(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kDigits = {"일", "이", "삼", "사", "오",
                                                              "육", "칠", "팔", "구"};
  double total = 0, section = 0, digit = 0;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::string_view syllable = CutUtf8(text.substr(at), 3);
    at += std::max<size_t>(syllable.size(), 1);
    const auto found = std::find(kDigits.begin(), kDigits.end(), syllable);
    if (found != kDigits.end()) {
      if (digit > 0) return std::nullopt;
      digit = static_cast<double>(found - kDigits.begin() + 1);
      continue;
    }
    const double small = syllable == "십" ? 10 : syllable == "백" ? 100 : syllable == "천" ? 1000 : 0;
    const double large = syllable == "만" ? 1e4 : syllable == "억" ? 1e8 : 0;
    if (small > 0) {
      section += std::max(digit, 1.0) * small;
    } else if (large > 0) {
      total += std::max(section + digit, 1.0) * large;
      section = 0;
    } else {
      return std::nullopt;
    }
    digit = 0;
  }
  return total + section + digit;
}

// The value of English number words ("thirty-nine thousand"); nullopt for a text that is none.
std::optional<double> EnglishNumeral(std::string_view text) {
  static const auto* const kWords = new std::map<std::string, double, std::less<>>{
      {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},       {"five", 5},
      {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},       {"ten", 10},
      {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},  {"fifteen", 15},
      {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},  {"twenty", 20},
      {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},     {"seventy", 70},
      {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"thousand", 1e3}, {"million", 1e6}};
  double total = 0, section = 0;
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" -", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty() || word == "and") continue;
    const auto found = kWords->find(word);
    if (found == kWords->end()) return std::nullopt;
    any = true;
    if (found->second < 100) {
      section += found->second;
    } else if (found->second == 100) {
      section = std::max(section, 1.0) * 100;
    } else {
      total += std::max(section, 1.0) * found->second;
      section = 0;
    }
  }
  return any ? std::optional(total + section) : std::nullopt;
}

std::string SpelledCurrency(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kNames = {{{"원", "KRW"},
                                                                                            {"won", "KRW"},
                                                                                            {"달러", "USD"},
                                                                                            {"dollar", "USD"},
                                                                                            {"bucks", "USD"},
                                                                                            {"유로", "EUR"},
                                                                                            {"euro", "EUR"},
                                                                                            {"엔", "JPY"},
                                                                                            {"yen", "JPY"},
                                                                                            {"위안", "CNY"},
                                                                                            {"yuan", "CNY"}}};
  for (const auto& [name, code] : kNames) {
    if (word.starts_with(name)) return std::string(code);
  }
  return "";
}

void AddSpelled(std::string_view text, std::vector<StatedNumber>* out) {
  static const RE2 kKorean(
      R"((?:^|[^가-힣0-9])((?:[일이삼사오육칠팔구십백천만억]+\s?)*[십백천만억][일이삼사오육칠팔구]?)\s?(원|달러|유로|엔|위안|퍼센트|프로|그램|킬로))");
  static const RE2 kCounted(
      R"((?:^|[^가-힣])(두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s?(개|가지|종류|종|상품|제품|벌|켤레|대|점|권|병|팩))");
  static const RE2 kEnglish(
      R"(\b((?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)(?:[ -](?:and )?)?)+)\b\s*([a-z]*))");
  static constexpr std::array<std::string_view, 9> kNative = {"두",   "세",   "네",   "다섯", "여섯",
                                                              "일곱", "여덟", "아홉", "열"};
  const std::string lower = ToLowerAscii(text);
  re2::StringPiece rest(lower), words, unit;
  const auto add = [&](double value, std::string currency, std::string known) {
    StatedNumber number;
    number.value = value;
    number.is_spelled = true;
    number.begin = static_cast<size_t>(words.data() - lower.data());
    number.end = static_cast<size_t>(unit.data() - lower.data()) + unit.size();
    number.currency = std::move(currency);
    number.unit = std::move(known);
    number.next_word = number.currency.empty() ? std::string(unit.data(), unit.size()) : "";
    if (const auto grams = format::GramsPer(number.unit)) number.grams = value * *grams;
    out->push_back(std::move(number));
  };
  const auto view = [](const re2::StringPiece& piece) {
    return std::string_view(piece.data(), piece.size());
  };
  while (out->size() < kMaxSpelled && RE2::FindAndConsume(&rest, kKorean, &words, &unit)) {
    const std::string currency = SpelledCurrency(view(unit));
    if (const auto value = KoreanNumeral(view(words)))
      add(*value, currency, currency.empty() ? KnownUnit(view(unit)) : "");
  }
  rest = lower;
  while (out->size() < kMaxSpelled && RE2::FindAndConsume(&rest, kCounted, &words, &unit))
    add(static_cast<double>(std::find(kNative.begin(), kNative.end(), view(words)) - kNative.begin() + 2), "",
        std::string(view(unit)));
  rest = lower;
  while (out->size() < kMaxSpelled && RE2::FindAndConsume(&rest, kEnglish, &words, &unit)) {
    const auto value = EnglishNumeral(Trim(view(words), " -"));
    if (!value) continue;
    const std::string currency = SpelledCurrency(view(unit));
    const std::string known = currency.empty() ? KnownUnit(view(unit)) : "";
    const bool one = *value == 1 && currency.empty() && known.empty();
    if (!one) add(*value, currency, view(unit).size() > 2 || known == "%" ? known : "");
  }
}

}  // namespace

std::vector<StatedNumber> FindNumbers(std::string_view text) {
  std::vector<StatedNumber> out;
  for (const format::AmountPlace& place : format::FindAmounts(text)) {
    TRINE_DCHECK_LE(place.end, text.size());
    StatedNumber number;
    number.value = place.money.amount;
    number.scale = place.scale;
    number.currency = place.money.currency;
    number.is_read = place.is_read;
    number.begin = place.begin;
    number.end = place.end;
    if (number.currency.empty()) ReadUnit(text, &number);
    out.push_back(std::move(number));
  }
  std::vector<StatedNumber> spelled;
  AddSpelled(text, &spelled);
  for (StatedNumber& number : spelled) {
    const bool taken = std::any_of(out.begin(), out.end(), [&](const StatedNumber& other) {
      return !other.is_spelled && number.begin < other.end && other.begin < number.end;
    });
    if (!taken) out.push_back(std::move(number));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return out;
}

bool IsMeasure(std::string_view unit) {
  return std::any_of(Units().begin(), Units().end(),
                     [unit](const auto& known) { return known.second == unit; });
}

bool IsSameNumber(const StatedNumber& said, const StatedNumber& stated) {
  if (!said.is_read || !stated.is_read) return false;
  if (said.grams || (stated.grams && !said.unit.empty()))
    return said.grams && stated.grams && Equal(*said.grams, *stated.grams);
  if (!Equal(said.value, stated.value)) return false;
  if (!said.currency.empty()) {
    if (!stated.currency.empty()) return stated.currency == said.currency;
    // A column of prices, or prose without signs, has bare numbers; a mass or a count is not money.
    return stated.is_price || (!stated.in_column && stated.unit.empty());
  }
  if (!stated.currency.empty() || stated.is_price) return said.unit.empty();
  if (said.unit == "%" || stated.unit == "%") return said.unit == stated.unit;
  if (said.unit == stated.unit || said.unit.empty()) return true;
  if (stated.unit.empty()) return stated.in_column || !IsMeasure(said.unit);
  if (IsMeasure(said.unit) || IsMeasure(stated.unit)) return false;
  // Particles follow Korean units, so that the first syllable decides: "5박이면", "5박을".
  const std::string_view first = CutUtf8(said.unit, 3);
  if (first.size() == 3 && stated.unit.starts_with(first)) return true;
  return said.unit.starts_with(stated.unit) || stated.unit.starts_with(said.unit);
}

StatedFacts::StatedFacts(std::string_view text) : folded_(analysis::Fold(text)), numbers_(FindNumbers(text)) {
  // Blanks and apostrophes may group the digits of one number: "40 000 won".
  const std::string joined = WithJoinedGroups(analysis::Fold(WithPlainSeparators(text)));
  if (joined == folded_) return;
  for (StatedNumber& number : FindNumbers(joined)) numbers_.push_back(std::move(number));
}

void StatedFacts::AddColumn(std::string_view name, std::string_view value, std::string_view currency) {
  const auto role = catalogue::RoleOfName(name);
  const bool price = role && role->role == catalogue::Role::kPrice;
  // A Boolean member has its meaning in its name: "waterproof: true".
  const std::string folded = analysis::Fold(value);
  const bool yes = folded == "true" || folded == "yes" || folded == "y" || folded == "예";
  const bool no = folded == "false" || folded == "no" || folded == "n" || folded == "아니오";
  folded_ += "\n" + (no ? "not " + analysis::Fold(name) : yes ? analysis::Fold(name) : folded);
  for (StatedNumber number : FindNumbers(value)) {
    number.in_column = true;
    number.is_price = price;
    if (price && number.currency.empty())
      number.currency = role->currency.empty() ? currency : role->currency;
    const auto grams =
        role && role->role == catalogue::Role::kWeight ? format::GramsPer(role->unit) : std::nullopt;
    if (grams && number.unit.empty()) number.grams = number.value * *grams;
    numbers_.push_back(std::move(number));
  }
}

bool StatedFacts::States(const StatedNumber& said) const {
  return std::any_of(numbers_.begin(), numbers_.end(),
                     [&](const StatedNumber& stated) { return IsSameNumber(said, stated); });
}

bool StatedFacts::States(double value) const {
  return std::any_of(numbers_.begin(), numbers_.end(), [&](const StatedNumber& stated) {
    return stated.is_read && Equal(stated.value, value);
  });
}

bool StatedFacts::Says(std::string_view folded_word) const {
  for (size_t from = 0; from <= folded_.size();) {
    const auto found = FindWord(folded_, folded_word, from);
    if (!found) return false;
    if (!IsDenied(folded_, found->first, found->second)) return true;
    from = found->second;
  }
  return false;
}

bool IsDenied(std::string_view folded, size_t begin, size_t end) {
  TRINE_CHECK_LE(begin, end);
  TRINE_CHECK_LE(end, folded.size());
  static const RE2 kBefore(
      R"((?:\b(?:not|no|non|never|without|isn't|isn’t|aren't|aren’t|doesn't|don't|lacks?|neither|nor|except)\b|비|미)[\s-]*(?:a |an |the |any |is |be |fully |really |have |has |it |come with |made of )*$)");
  static const RE2 kAfter(
      R"(^[^.,;!?\n]{0,12}(?:아님|아닙|아니|아닌|안\s?되|안\s?됨|않|없|불가|못|미지원)|^[- ]?(?:free\b|불가|less\b))");
  std::string_view before = folded.substr(0, begin), after = folded.substr(end, kNegationReach);
  before = before.substr(before.size() - std::min(before.size(), kNegationReach));
  before = before.substr(before.find_last_of(".,;!?\n") + 1);
  return RE2::PartialMatch(Piece(before), kBefore) || RE2::PartialMatch(Piece(after), kAfter);
}

bool HasNegation(std::string_view folded) {
  static const RE2 kNegation(
      R"((?:아니|아닙|아닌|않|없|말고|제외|못|불가)|\b(?:not|no|none|without|cannot|except|neither|never|nothing)\b|n't\b|n’t\b)");
  return RE2::PartialMatch(Piece(folded), kNegation);
}

}  // namespace trine::language
