// Words that mean the same: colours, genders, and goods with several names.
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// Words for the same colour, including the given one; empty if it is not a known colour.
std::vector<std::string> ColourSynonyms(std::string_view folded);
// Names of the same goods, including the given one ("후드티": "후디", "hoodie"); empty: none known.
std::vector<std::string> GoodsSynonyms(std::string_view folded);
// Words for the named gender, for the other gender, and for products that suit both genders.
struct GenderWords {
  std::vector<std::string> words, other_gender, unisex;
};
// nullopt if the word names neither men nor women.
std::optional<GenderWords> FindGender(std::string_view folded);
// Whether a field with this name contains the gender that a product is for ("gender", "성별").
bool IsGenderField(std::string_view folded);

}  // namespace trine::language
