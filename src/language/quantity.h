// Quantities: numbers of a question that are not amounts of money, with their units and bounds: "1kg 이하",
// "4인용", "under 2 kg", "아이폰 15".
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

struct Quantity {
  std::string text;  // as in the folded question, with its unit and comparator: "1kg 이하"
  double number = 0;
  std::string unit;      // "kg", "인용" ...; empty: a bare number
  bool bounded = false;  // has a comparator such as 이하 or "under"; otherwise the number is exact
  // Of a mass, in grams; inclusive. Both empty: the quantity is not a mass, or it is exact.
  std::optional<double> min_grams, max_grams;
  bool is_mass() const { return min_grams || max_grams; }
};
// The quantities of a question, in its order. Numbers that belong to an amount of money, or are letters and
// digits of one word ("q30"), are none. At most 8.
std::vector<Quantity> FindQuantities(std::string_view folded_question);

// Whether a product's text states the quantity: the same number with the same unit, or a unit with the same
// meaning ("4인용", "4인", "4-person"). A bare number must stand alone. False for a bounded quantity, because
// what a number in a text means is not known.
bool StatesQuantity(std::string_view folded_text, const Quantity& quantity);

// The only mass in a text, in grams; nullopt if there is none, or several that differ.
std::optional<double> StatedGrams(std::string_view folded_text);

// Replaces every amount of money with blanks of the same length.
std::string WithoutMoney(std::string_view folded);

}  // namespace trine::language
