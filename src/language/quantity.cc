#include "language/quantity.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/amount_text.h"
#include "language/bound_negation.h"
#include "language/intent_price.h"
#include "language/unit_words.h"

namespace trine::language {
namespace {

constexpr size_t kMaxQuantities = 8;
constexpr double kMaxNumber = 1e15;  // the digits of a larger number are not exact

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Numbers that a catalogue has as sizes; may be empty.
using SizeTest = std::function<bool(std::string_view)>;

// A number with its unit at a place of a text.
struct Measure {
  double number;
  std::string_view unit;
  size_t begin, end;
};

size_t SkipBlank(std::string_view text, size_t at) {
  return at < text.size() && text[at] == ' ' ? at + 1 : at;
}

// The next number at or after `*at` that stands alone or has a known unit; moves `*at` past it.
std::optional<Measure> NextMeasure(std::string_view text, size_t* at, const SizeTest& is_size) {
  while (*at < text.size()) {
    const size_t begin = *at;
    if (!IsAsciiDigit(text[begin])) {
      ++*at;
      continue;
    }
    size_t end = begin + NumberAt(text.substr(begin)).size();
    // "240,250,260" are three sizes, "1,200 g" is one number.
    if (!format::GramsPer(UnitAt(text.substr(SkipBlank(text, end))))) {
      const auto sizes = SizesOf(text.substr(begin, end - begin), is_size);
      if (!sizes.empty()) end = begin + sizes[0].size();
    }
    *at = end;
    const auto number = format::ParseMoney(text.substr(begin, end - begin));
    if (number && *number > kMaxNumber) continue;
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

// Whether a number is a size of clothes or shoes in Korea: women's 44 to 99, chest in cm (KS K 0051), feet in
// mm (KS M 6681).
bool IsKoreanSize(double number) {
  const auto in_steps = [number](double low, double high, double step) {
    return number >= low && number <= high && std::fmod(number - low, step) == 0;
  };
  return in_steps(44, 99, 11) || in_steps(80, 130, 5) || in_steps(210, 310, 5);
}

// Whether two numbers with a blank between them are sizes, either of which suffices: "원피스 55 66".
bool AreSizes(std::string_view text, const Measure& a, const Measure& b, const SizeTest& is_size) {
  if (!a.unit.empty() || !(b.unit.empty() || IsSameUnit(b.unit, kSizeUnit))) return false;
  if (b.begin != a.end + 1 || text[a.end] != ' ') return false;
  const std::string_view second = text.substr(b.begin, NumberAt(text.substr(b.begin)).size());
  const bool known = is_size && is_size(text.substr(a.begin, a.end - a.begin)) && is_size(second);
  const bool alike = std::max(a.number, b.number) <= 2 * std::min(a.number, b.number);
  return known || (alike && IsKoreanSize(a.number) && IsKoreanSize(b.number));
}

// All measures of a text. The numbers of a list or a range have the unit of its last one: "65,75인치",
// "1~2인용".
std::vector<Measure> AllMeasures(std::string_view text, const SizeTest& is_size = {}) {
  std::vector<Measure> measures;
  for (size_t at = 0;;) {
    const auto measure = NextMeasure(text, &at, is_size);
    if (!measure) break;
    measures.push_back(*measure);
  }
  for (size_t i = measures.size(); i-- > 1;) {
    Measure& before = measures[i - 1];
    const std::string_view between = text.substr(before.end, measures[i].begin - before.end);
    const bool joined =
        IsListJoin(between) || IsRangeJoin(between) || AreSizes(text, before, measures[i], is_size);
    if (before.unit.empty() && joined) before.unit = measures[i].unit;
  }
  return measures;
}

double ToGrams(double number, double grams_per_unit) {
  constexpr double kPrecision = 1e6;  // 1.1 kg are 1,100 g and no fraction more
  return std::round(number * grams_per_unit * kPrecision) / kPrecision;
}

// Whether two neighbours are of one kind, so that a list or a range may have both.
bool IsSameKind(const Measure& a, const Measure& b) {
  if (a.unit == b.unit || IsSameUnit(a.unit, b.unit)) return true;
  return format::GramsPer(a.unit) && format::GramsPer(b.unit);
}

// Reads the quantities of one question. Use once.
class QuantityReader {
 public:
  QuantityReader(std::string_view question, const SizeTest& is_size)
      : question_(question),
        text_(WithJoinedGroups(WithoutMoney(question))),
        is_size_(is_size),
        measures_(AllMeasures(text_, is_size)) {}

  std::vector<Quantity> Read() {
    for (size_t i = 0; i < measures_.size() && out_.size() < kMaxQuantities;) {
      const size_t next = i + Length(i);
      Add(i, next);
      i = next;
    }
    AddLetterSizes();
    ClearAlternativeBounds();
    MergeAlternatives();
    return std::move(out_);
  }

 private:
  std::string_view Between(size_t i) const {
    return std::string_view(text_).substr(measures_[i].end, measures_[i + 1].begin - measures_[i].end);
  }
  bool IsRangeAt(size_t i) const {
    if (i + 1 >= measures_.size() || !IsSameKind(measures_[i], measures_[i + 1])) return false;
    const Measure &low = measures_[i], &high = measures_[i + 1];
    if (!IsRange(text_, low.begin, low.end, high.begin, high.end)) return false;
    // Two bare numbers with a hyphen are a model or a date.
    return !low.unit.empty() || Trim(Between(i)) != "-";
  }

  bool IsListAt(size_t i) const {
    Measure low = measures_[i];
    // The unit of a list was given to all of its numbers.
    if (IsSameUnit(low.unit, kSizeUnit)) low.unit = {};
    return IsListJoin(Between(i)) || AreSizes(text_, low, measures_[i + 1], is_size_);
  }

  // The number of measures that belong to the quantity that begins with the i-th one.
  size_t Length(size_t i) const {
    if (IsRangeAt(i)) return 2;
    size_t length = 1;
    while (i + length < measures_.size() && IsListAt(i + length - 1) &&
           IsSameKind(measures_[i + length - 1], measures_[i + length]) && !IsRangeAt(i + length))
      ++length;
    return length;
  }

  // Adds the quantity that consists of the measures [first, last).
  void Add(size_t first, size_t last) {
    const Measure &head = measures_[first], &tail = measures_[last - 1];
    Quantity quantity;
    quantity.number = head.number;
    quantity.unit = tail.unit;
    size_t begin = head.begin, end = tail.end;
    const bool range = IsRangeAt(first);
    if (range) {
      SetRange(head, tail, &quantity);
      static const RE2 kBetween(R"((between\s+)$)");
      re2::StringPiece word;
      if (RE2::PartialMatch(re2::StringPiece(text_.data(), begin), kBetween, &word)) begin -= word.size();
    } else {
      for (size_t i = first + 1; i < last; ++i)
        quantity.others.push_back(InUnitOf(measures_[i], quantity.unit));
      quantity.number = InUnitOf(head, quantity.unit);
    }
    const auto word = FindBoundWord(text_, begin, end);
    if (word && (!word->time || IsTime(quantity))) {
      begin = std::min(begin, word->begin);
      end = std::max(end, word->end);
      quantity.bounded = true;
      quantity.apart_begin = word->apart_begin;
      quantity.apart_end = word->apart_end;
      quantity.negated = word->negated;
      // A range has its bounds already ("from 1 to 2 kg"); a bound on a list has no known meaning.
      if (range && word->upper) quantity.bounds.max_exclusive = word->exclusive;
      if (range && (word->negated || !word->understood)) quantity.bounds = {};
      if (last - first == 1) quantity.bounds = word->Of(quantity.number);
      quantity.text = Trim(question_.substr(begin, end - begin));
      if (!quantity.negated && !quantity.bounds.empty() && IsNegative(head.begin)) quantity.bounds = {};
      RejectWithNoun(&end, &quantity);
      if (quantity.rejected) quantity.bounds = {};
      quantity.rejected = false;
    } else {
      Reject(range, &begin, &end, &quantity);
    }
    if (IsAlternative(text_, begin) && quantity.bounded) quantity.bounds = {};
    SetGrams(&quantity);
    quantity.begin = begin;
    quantity.end = end;
    out_.push_back(std::move(quantity));
  }

  // Reads what rejects a number without a bound: "55 말고", "not between 1 and 2 kg".
  void Reject(bool range, size_t* begin, size_t* end, Quantity* quantity) const {
    quantity->text = Trim(question_.substr(*begin, *end - *begin));
    quantity->rejected = IsRejected(text_, begin, end);
    if (!quantity->rejected) RejectWithNoun(end, quantity);
    const Negation negation = FindNegation(text_, *begin, *end, false);
    const bool negated = negation.kind != Negation::Kind::kNone;
    if (!range || !(negated || quantity->rejected) || !format::GramsPer(quantity->unit)) return;
    // The masses outside of a range are two ranges, so the condition is not applied.
    *begin = std::min(*begin, negation.begin);
    *end = std::max(*end, negation.end);
    quantity->text = Trim(question_.substr(*begin, *end - *begin));
    quantity->bounded = true;
    quantity->rejected = false;
    quantity->bounds = {};
  }

  // "-2kg" is not a mass.
  bool IsNegative(size_t begin) const {
    return begin > 0 && text_[begin - 1] == '-' && (begin == 1 || text_[begin - 2] == ' ');
  }

  // Whether a number is a point or a length of time.
  static bool IsTime(const Quantity& quantity) {
    constexpr std::array<std::string_view, 6> kTimes = {"년", "개월", "일", "시간", "분", "월"};
    const bool unit = std::any_of(kTimes.begin(), kTimes.end(), [&](std::string_view time) {
      return quantity.unit == time || IsSameUnit(quantity.unit, time);
    });
    return unit || (quantity.unit.empty() && quantity.number >= 1900 && quantity.number <= 2100);
  }

  // "XL 이상" and "size L or larger" are found, and not judged: letters are not numbers.
  void AddLetterSizes() {
    static const RE2 kSize(
        R"((?:^|[^a-z0-9])((?:xs|s|m|l|[2-6]?xl|x{2,4}l)(?:\s*사이즈|\s*size)?)(?:[^a-z]|$))");
    re2::StringPiece rest(text_), size;
    while (out_.size() < kMaxQuantities && RE2::PartialMatch(rest, kSize, &size)) {
      const size_t begin = static_cast<size_t>(size.data() - text_.data()), end = begin + size.size();
      rest = re2::StringPiece(text_.data() + end, text_.size() - end);
      const auto word = FindBoundWord(text_, begin, end);
      const bool taken = std::any_of(out_.begin(), out_.end(), [&](const Quantity& quantity) {
        return quantity.begin < end && begin < quantity.end;
      });
      if (!word || word->time || taken) continue;
      Quantity quantity;
      quantity.bounded = true;
      quantity.unit = "letter size";
      quantity.begin = std::min(begin, word->begin);
      quantity.end = std::max(end, word->end);
      quantity.text = Trim(question_.substr(quantity.begin, quantity.end - quantity.begin));
      out_.push_back(std::move(quantity));
    }
  }

  // Bounds that "or" joins are not met together ("1kg 이하 또는 3kg 이상"), so that none is applied.
  void ClearAlternativeBounds() {
    for (size_t i = 0; i + 1 < out_.size(); ++i) {
      Quantity &first = out_[i], &second = out_[i + 1];
      if (!first.bounded || !second.bounded || first.end > second.begin) continue;
      if (!AreAlternatives(std::string_view(text_).substr(first.end, second.begin - first.end))) continue;
      for (Quantity* quantity : {&first, &second}) quantity->bounds = quantity->grams = {};
    }
  }

  // No product has two sizes, so "1인용 텐트랑 2인용 텐트" asks for one of either kind.
  void MergeAlternatives() {
    const auto is_one = [](const Quantity& quantity) {
      const bool size = IsSameUnit(quantity.unit, "인용") || IsSameUnit(quantity.unit, kSizeUnit) ||
                        format::GramsPer(quantity.unit);
      return size && !quantity.bounded && !quantity.rejected && !quantity.range_end;
    };
    for (size_t i = 0; i < out_.size(); ++i) {
      for (size_t k = i + 1; is_one(out_[i]) && k < out_.size();) {
        const bool same = is_one(out_[k]) && IsSameUnit(out_[i].unit, out_[k].unit);
        if (!same) {
          ++k;
          continue;
        }
        out_[i].others.push_back(out_[k].number);
        out_[i].others.insert(out_[i].others.end(), out_[k].others.begin(), out_[k].others.end());
        out_[i].text += ", " + out_[k].text;
        out_.erase(out_.begin() + static_cast<ptrdiff_t>(k));
      }
    }
  }

  // "1인용 텐트 말고 2인용 텐트" rejects the number, and the noun is wanted. In "2인용 노란색 말고" it is not
  // known whether the number is wanted, so that it is neither demanded nor excluded.
  void RejectWithNoun(size_t* end, Quantity* quantity) const {
    const auto rejected = FindRejectedNoun(text_, *end);
    if (!rejected) return;
    if (text_.find(rejected->noun, rejected->end) == std::string::npos) {
      quantity->bounded = true;
      quantity->bounds = {};
      return;
    }
    quantity->rejected = true;
    *end = rejected->end;
  }

  // The number of a measure in another unit of the same kind.
  static double InUnitOf(const Measure& measure, std::string_view unit) {
    const auto from = format::GramsPer(measure.unit), to = format::GramsPer(unit);
    return from && to && *from != *to ? measure.number * *from / *to : measure.number;
  }

  static void SetRange(const Measure& low, const Measure& high, Quantity* quantity) {
    const double min = InUnitOf(low, high.unit);
    quantity->number = std::min(min, high.number);
    quantity->range_end = std::max(min, high.number);
    quantity->bounds.min = quantity->number;
    quantity->bounds.max = quantity->range_end;
  }

  static void SetGrams(Quantity* quantity) {
    const auto grams = format::GramsPer(quantity->unit);
    if (!grams) return;
    quantity->grams = quantity->bounds;
    for (auto* bound : {&quantity->grams.min, &quantity->grams.max}) {
      if (*bound) *bound = ToGrams(**bound, *grams);
    }
    quantity->bounded = quantity->bounded || quantity->range_end.has_value();
  }

  std::string_view question_;
  std::string text_;  // the question without money, of the same length
  const SizeTest& is_size_;
  std::vector<Measure> measures_;
  std::vector<Quantity> out_;
};

}  // namespace

bool Quantity::is_judged() const {
  constexpr std::array<std::string_view, 17> kUnits = {kFluidOunce, "인용", "인치", "l",  "ml",     "gb",
                                                       "tb",        "mah",  "w",    "v",  "hz",     "개",
                                                       "장",        "병",   "켤레", "호", kSizeUnit};
  return bounded && !bounds.empty() &&
         std::any_of(kUnits.begin(), kUnits.end(),
                     [this](std::string_view known) { return IsSameUnit(unit, known); });
}

std::vector<Quantity> FindQuantities(std::string_view question, const SizeTest& is_size) {
  return QuantityReader(question, is_size).Read();
}

std::optional<bool> IsWithin(std::string_view folded_text, const Quantity& quantity) {
  TRINE_DCHECK(quantity.is_judged());
  std::optional<bool> within;
  for (const Measure& measure : AllMeasures(folded_text)) {
    const bool size =
        measure.unit.empty() && IsSameUnit(quantity.unit, kSizeUnit) && IsKoreanSize(measure.number);
    if (!size && !IsSameUnit(measure.unit, quantity.unit)) continue;
    const bool inside = quantity.bounds.Contains(measure.number);
    // A product that comes in several sizes has one that is inside.
    if (within && *within != inside) return size ? std::optional(true) : std::nullopt;
    within = inside;
  }
  return within;
}

std::optional<double> StatedGrams(std::string_view folded_text) {
  std::optional<double> only;
  for (size_t at = 0;;) {
    const auto measure = NextMeasure(folded_text, &at, {});
    if (!measure) return only;
    const auto grams = format::GramsPer(measure->unit);
    if (!grams) continue;
    if (only && *only != measure->number * *grams) return std::nullopt;
    only = measure->number * *grams;
  }
}

bool StatesQuantity(std::string_view folded_text, const Quantity& quantity) {
  if (quantity.bounded) return false;
  const auto grams = format::GramsPer(quantity.unit);
  const auto asks_for = [&](double number) {
    if (quantity.range_end) return quantity.bounds.Contains(number);
    return number == quantity.number ||
           std::find(quantity.others.begin(), quantity.others.end(), number) != quantity.others.end();
  };
  const std::vector<Measure> measures = AllMeasures(folded_text);
  return std::any_of(measures.begin(), measures.end(), [&](const Measure& measure) {
    const auto same_grams = format::GramsPer(measure.unit);
    if (grams && same_grams) return asks_for(ToGrams(measure.number, *same_grams) / *grams);
    const bool size = measure.unit.empty() && IsSameUnit(quantity.unit, kSizeUnit);
    return asks_for(measure.number) &&
           (quantity.unit.empty() || size || IsSameUnit(measure.unit, quantity.unit));
  });
}

}  // namespace trine::language
