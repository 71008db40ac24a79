#include "language/quantity.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"
#include "language/amount_text.h"
#include "language/intent_price.h"
#include "language/unit_words.h"

namespace trine::language {
namespace {

constexpr size_t kMaxQuantities = 8;

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

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

// All measures of a text. The numbers of a list or a range have the unit of its last one: "65,75인치",
// "1~2인용".
std::vector<Measure> AllMeasures(std::string_view text) {
  std::vector<Measure> measures;
  for (size_t at = 0;;) {
    const auto measure = NextMeasure(text, &at);
    if (!measure) break;
    measures.push_back(*measure);
  }
  for (size_t i = measures.size(); i-- > 1;) {
    Measure& before = measures[i - 1];
    const std::string_view between = text.substr(before.end, measures[i].begin - before.end);
    if (before.unit.empty() && (IsListJoin(between) || IsRangeJoin(between))) before.unit = measures[i].unit;
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
  explicit QuantityReader(std::string_view question)
      : text_(WithoutMoney(question)), measures_(AllMeasures(text_)) {}

  std::vector<Quantity> Read() {
    for (size_t i = 0; i < measures_.size() && out_.size() < kMaxQuantities;) {
      const size_t next = i + Length(i);
      Add(i, next);
      i = next;
    }
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

  // The number of measures that belong to the quantity that begins with the i-th one.
  size_t Length(size_t i) const {
    if (IsRangeAt(i)) return 2;
    size_t length = 1;
    while (i + length < measures_.size() && IsListJoin(Between(i + length - 1)) &&
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
    if (const auto word = FindBoundWord(text_, begin, end)) {
      begin = word->begin;
      end = word->end;
      quantity.bounded = true;
      // A range has its bounds already ("from 1 to 2 kg"); what a bound on a list means is not known.
      if (range && word->upper) quantity.bounds.max_exclusive = word->exclusive;
      if (last - first == 1) quantity.bounds = word->Of(quantity.number);
    }
    quantity.text = Trim(std::string_view(text_).substr(begin, end - begin));
    quantity.rejected = IsRejected(text_, &begin, &end);
    if (!quantity.rejected) RejectWithNoun(&end, &quantity);
    if (quantity.rejected && quantity.bounded) {
      // "1kg 이하 말고" is not understood, and named as it is written.
      quantity.bounds = {};
      quantity.text = Trim(std::string_view(text_).substr(begin, end - begin));
    }
    SetGrams(&quantity);
    quantity.begin = begin;
    quantity.end = end;
    out_.push_back(std::move(quantity));
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
    static const RE2 kNoun(
        R"(^\s*([가-힣a-z]+?)(?:은|는|을|를|도|만)?\s+(?:말고|말구|빼고|뺀|제외[가-힣]*|아닌|아니고|대신에?|싫[가-힣]*))");
    const std::string_view tail = std::string_view(text_).substr(*end);
    re2::StringPiece rest(tail.data(), tail.size()), noun;
    if (!RE2::Consume(&rest, kNoun, &noun)) return;
    const std::string_view after(rest.data(), rest.size());
    if (after.find(std::string_view(noun.data(), noun.size())) == std::string_view::npos) {
      quantity->bounded = true;
      quantity->bounds = {};
      return;
    }
    quantity->rejected = true;
    *end = text_.size() - after.size();
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

  std::string text_;  // the question without money, of the same length
  std::vector<Measure> measures_;
  std::vector<Quantity> out_;
};

}  // namespace

std::vector<Quantity> FindQuantities(std::string_view question) { return QuantityReader(question).Read(); }

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
