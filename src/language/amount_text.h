// How numbers and units are written in questions: where a number ends, and which syllables are not units.
//
// All functions are thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trine::language {

// The number at the start of a text, as it is written: "1,200.5", the "44" of "44,55,66". Empty if there is
// none.
std::string_view NumberAt(std::string_view text);

// The end of the Korean particles that follow at `end`, if the word ends with them: after the 원 of
// "5만원으로 살", the end of "으로". `end` if there are none.
size_t EndOfParticles(std::string_view folded, size_t end);

// The text with a placeholder of the same length for each 원, 만, 천, 엔 or 불 after a number that is not a
// unit but begins another word: "55 원피스", "3 만두", "2 천연비누". For the functions that read amounts and
// quantities. Takes folded text (analysis::Fold).
std::string WithoutFalseUnits(std::string_view folded);

}  // namespace trine::language
