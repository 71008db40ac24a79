// How numbers and units are written in questions: where a number ends, and which syllables are not units.
//
// All functions are thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// The number at the start of a text, as it is written: "1,200.5", the "44" of "44,55,66". Empty if there is
// none.
std::string_view NumberAt(std::string_view text);

// The text with a comma for each blank that separates groups of three digits of one number, so that the
// functions that read numbers take them as one: "60 000 won or less". Blanks also separate numbers ("iphone
// 15 900 dollars"), so that a currency, a unit or a bound must be beside the number. The length stays. Takes
// folded text.
std::string WithJoinedGroups(std::string text);
// The same for the signs that only separate groups: no-break and thin blanks, and apostrophes ("60'000"). For
// text that is not folded yet, because folding turns these blanks into ordinary ones.
std::string WithPlainSeparators(std::string_view text);

// The numbers of a list of sizes that is written like one number with commas: 95, 100 and 105 of
// "95,100,105". Empty if it is one number: sizes of clothes and shoes rise in equal steps of 5 or 10. Numbers
// that `is_size` accepts are sizes too.
std::vector<std::string_view> SizesOf(std::string_view number,
                                      const std::function<bool(std::string_view)>& is_size = {});

// The end of the Korean particles that follow at `end`, if the word ends with them: after the 원 of
// "5만원으로 살", the end of "으로". `end` if there are none.
size_t EndOfParticles(std::string_view folded, size_t end);

// The beginning of the words that say what an amount or a quantity at `begin` is of: "가격이 5만원 이하",
// "price must be under 5", "weighing 1 kg". `begin` if there are none.
size_t BeginOfMeasure(std::string_view folded, size_t begin);

// The text with a placeholder of the same length for each 원, 만, 천, 엔 or 불 after a number that is not a
// unit but begins another word: "55 원피스", "3 만두", "2 천연비누". For the functions that read amounts and
// quantities. Takes folded text (analysis::Fold).
std::string WithoutFalseUnits(std::string_view folded);

}  // namespace trine::language
