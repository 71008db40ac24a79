// Quantities: numbers of a question that are not amounts of money, with their units and bounds: "1kg 이하",
// "4인용", "under 2 kg", "65,75인치", "아이폰 15".
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <cstddef>
#include <functional>
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
  size_t begin = 0, end = 0;              // bytes [begin, end) of the question
  size_t apart_begin = 0, apart_end = 0;  // a negation apart from it, as in PriceCondition
  bool may_be_volume = false;             // ounces of a product that is sold by volume: no mass
  bool negated = false;                   // the bound is turned round by a negation
  bool is_mass() const { return !grams.empty(); }
  // Whether the texts of products can tell whether they are within the bounds: the unit is one of which a
  // product has one number (people, inches, volume ...), not lengths, ages or counts of stars.
  bool is_judged() const;
};
// The quantities of a question, in its order. Numbers that belong to an amount of money, or are letters and
// digits of one word ("q30"), are none. `is_size` tells numbers that the catalogue has as sizes, to read
// "240,250" as two. At most 8. Takes the result of WithDigits.
std::vector<Quantity> FindQuantities(std::string_view question,
                                     const std::function<bool(std::string_view)>& is_size = {});

// Whether a product's text states the quantity: one of the same numbers with the same unit, or a unit with
// the same meaning ("4인용", "4인", "4-person"). A bare number must stand alone. False for a bounded
// quantity, because what a number in a text means is not known.
bool StatesQuantity(std::string_view folded_text, const Quantity& quantity);

// Whether a product whose titles and facet values are `folded_text` is within the bounds of a quantity that
// is_judged(): all its numbers in the unit are, or none is. nullopt if it has none, or several that differ in
// this.
std::optional<bool> IsWithin(std::string_view folded_text, const Quantity& quantity);

// The only mass in a text, in grams; nullopt if there is none, or several that differ.
std::optional<double> StatedGrams(std::string_view folded_text);

}  // namespace trine::language
