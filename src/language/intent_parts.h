// The single parts of an intent, a function each; the words they know are tables beside them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/intent.h"

namespace trine::language {

struct PriceBounds {
  std::optional<double> min, max;
};
// "5만원 이하", "3만원대", "1만원에서 2만원", "under $50", "between 20 and 40 dollars". `folded` is lower
// case.
PriceBounds FindPrice(std::string_view folded);

// The table's name of the first entry of which a spelling occurs; empty: none.
std::string FindUse(std::string_view folded);
std::string FindSeason(std::string_view folded, std::string_view season_now);
Intent::Sort FindSort(std::string_view folded);
bool AsksForOutfit(std::string_view folded);

// Every wish whose spelling occurs, with the words that catalogues write for it; `said` are the
// spellings that did occur.
struct Wish {
  std::string name;
  std::vector<std::string> words, said;
};
std::vector<Wish> FindWishes(std::string_view folded);
// Whether a word only says a wish, a price or a sort ("가볍", "light", "만원").
bool IsWishWord(std::string_view folded);

// What an outfit is made of: names of garment kinds, as catalogues call them.
const std::vector<std::string>& GarmentWords();

}  // namespace trine::language
