// StatedFacts: the numbers and words that a piece of material states, prepared for comparison with sentences.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// A number of a text with its unit: "39,000원", "950g", "2인용", "15%".
struct StatedNumber {
  double value = 0;
  std::string currency;         // ISO 4217; empty: the number is not an amount of money, or has no sign
  std::string unit;             // folded; empty: none. Not together with `currency`
  std::optional<double> grams;  // the mass, if it is one
  bool is_read = true;          // false: the digits are not one number, so that it equals no other
  size_t begin = 0, end = 0;    // bytes [begin, end) of the text, with the unit
};
// The numbers of a text, in its order; digits of a word ("q30") are none. Thread-safe. Any bytes are
// accepted.
std::vector<StatedNumber> FindNumbers(std::string_view text);
// Whether a number of a sentence is stated by a number of the material: equal values with units that do not
// contradict each other. Masses are compared in grams.
bool IsSameNumber(const StatedNumber& said, const StatedNumber& stated);

// One piece of material: a product, a passage of a document, a fact. Immutable.
class StatedFacts {
 public:
  explicit StatedFacts(std::string_view text);
  // Adds an amount that the text does not spell out.
  void Add(StatedNumber number) { numbers_.push_back(std::move(number)); }

  bool States(const StatedNumber& said) const;
  // Whether the text has a number of this value, whatever its unit.
  bool States(double value) const;
  // Whether the text has the folded word (HasWord), and not only with a negation beside it: "not waterproof",
  // "방수 아님". `negated`: such a mention counts too.
  bool Says(std::string_view folded_word, bool negated) const;
  // Whether the folded text contains these folded bytes anywhere, such as those of a quotation.
  bool Contains(std::string_view folded) const { return folded_.find(folded) != std::string::npos; }

 private:
  std::string folded_;
  std::vector<StatedNumber> numbers_;
};

// Whether the folded text has a mark of negation ("not", "않", "없").
bool HasNegation(std::string_view folded);

}  // namespace trine::language
