// Quantities: numbers of a question that are not amounts of money, with their units and bounds: "1kg 이하",
// "4인용", "under 2 kg", "65,75인치", "아이폰 15".
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/bounds.h"

namespace trine::language {

struct Quantity {
  std::string text;                 // as in the folded question, with its unit and the words that bound it
  double number = 0;                // the first one of a list or a range
  std::string unit;                 // "kg", "인용" ...; empty: a bare number
  std::vector<double> others;       // the rest of a list, any of which suffices: the 75 of "65,75인치"
  std::optional<double> range_end;  // "2~4인용": a product with a number from `number` to this one suffices
  bool bounded = false;   // has a word such as 이하 or "under", or is a range of masses; otherwise exact
  bool rejected = false;  // "55 말고": a product must not have it
  Bounds bounds;  // in the unit; of a range, and of a bounded quantity unless its words are not understood
  Bounds grams;   // the same of a mass, in grams; empty: the quantity is not a mass, or it is exact
  size_t begin = 0, end = 0;  // bytes [begin, end) of the question
  bool is_mass() const { return !grams.empty(); }
};
// The quantities of a question, in its order. Numbers that belong to an amount of money, or are letters and
// digits of one word ("q30"), are none. At most 8. Takes the result of WithDigits.
std::vector<Quantity> FindQuantities(std::string_view question);

// Whether a product's text states the quantity: one of the same numbers with the same unit, or a unit with
// the same meaning ("4인용", "4인", "4-person"). A bare number must stand alone. False for a bounded
// quantity, because what a number in a text means is not known.
bool StatesQuantity(std::string_view folded_text, const Quantity& quantity);

// The only mass in a text, in grams; nullopt if there is none, or several that differ.
std::optional<double> StatedGrams(std::string_view folded_text);

}  // namespace trine::language
