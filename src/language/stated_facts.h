// StatedFacts: the numbers and words that a piece of material states, prepared for comparison with sentences.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trine::language {

// A number of a text with its unit: "39,000원", "950g", "2인용", "15%", "구만 원", "two dollars".
struct StatedNumber {
  double value = 0;
  double scale = 1;                  // the factor of the last numeral: 10,000 for 만
  std::string currency = {};         // ISO 4217; empty: not an amount of money, or without a sign
  std::string unit = {};             // canonical ("year" for 년); empty: none. Not with `currency`
  std::string next_word = {};        // the English word behind the number, folded: "2 chairs"
  std::optional<double> grams = {};  // the mass, if it is one
  bool is_read = true;               // false: the digits are not one number, so that it equals no other
  bool is_spelled = false;           // in words
  bool in_column = false;            // the value of a named attribute
  bool is_price = false;             // the value of a price, perhaps in an unknown currency
  size_t begin = 0, end = 0;         // bytes [begin, end) of the text, with the unit
};
// The numbers of a text, in its order; digits of a word ("q30") are none. Numbers in words are found before a
// unit, a currency or a counter only, or with two or more words. Thread-safe. Any bytes are accepted.
std::vector<StatedNumber> FindNumbers(std::string_view text);
// Whether a number of a sentence is stated by a number of the material: equal values with units that do not
// contradict each other. Masses are compared in grams. Amounts of money need the same currency.
bool IsSameNumber(const StatedNumber& said, const StatedNumber& stated);
// Whether the unit measures something (mass, length, time, share ...), so that a number with it does not
// count items.
bool IsMeasure(std::string_view unit);

// One piece of material: a product, a passage of a document, a fact.
class StatedFacts {
 public:
  explicit StatedFacts(std::string_view text = {});
  // Adds the value of a named attribute. `currency`: of amounts in columns named for a price.
  void AddColumn(std::string_view name, std::string_view value, std::string_view currency);
  // Adds an amount that the text does not spell out.
  void Add(StatedNumber number) { numbers_.push_back(std::move(number)); }

  bool States(const StatedNumber& said) const;
  // Whether the text has a number of this value, whatever its unit.
  bool States(double value) const;
  // Whether the text has the folded word (HasWord), and not only with a negation beside it: "not waterproof",
  // "방수 아님".
  bool Says(std::string_view folded_word) const;
  // Whether the folded text contains these folded bytes anywhere, such as those of a quotation.
  bool Contains(std::string_view folded) const { return folded_.find(folded) != std::string::npos; }
  const std::string& folded() const { return folded_; }

 private:
  std::string folded_;
  std::vector<StatedNumber> numbers_;
};

// Whether a negation stands before or behind the word [begin, end) of a folded text, in the same clause.
bool IsDenied(std::string_view folded, size_t begin, size_t end);
// Whether the folded text has a mark of negation ("not", "않", "없").
bool HasNegation(std::string_view folded);

}  // namespace trine::language
