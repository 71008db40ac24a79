// The characters that Korean analysis treats differently from their Unicode category.
#pragma once

#include <string>
#include <string_view>

#include "analysis/component.h"

namespace trine::analysis {

// Prepares `source` for normalisation, which would otherwise hide what these characters mean:
//
//   - A middle dot that Unicode calls a letter (U+318D ㆍ, U+119E or U+11A2 that no consonant precedes,
//     U+A78F, U+1427), or that normalisation turns into a full stop (U+2024), becomes U+00B7, which
//     separates words. Other middle dots separate words already.
//   - Characters without a form of their own are removed: variation selectors, the soft hyphen, U+2060 and
//     U+FEFF, the keycap U+20E3 after a digit, # or *, and joiners (U+200C, U+200D) except between emoji.
//
// Returns false if `source` has no such character; `text` and `to_source` are then unchanged. Otherwise sets
// `text`, and `to_source` to the map from its UTF-16 offsets to those of `source`. Requires well-formed UTF-8
// and an empty map. Source: UnicodeData.txt (names with MIDDLE DOT, and their cross references) and
// DerivedCoreProperties.txt (Default_Ignorable_Code_Point) of Unicode 15.
bool PrepareKoreanSource(std::string_view source, std::string* text, OffsetMap* to_source);

// Whether an emoji that begins with `c` is a term. Copyright signs, arrows and geometric shapes are
// decoration in titles, so they are not, although Unicode lists them as emoji.
bool BeginsEmojiTerm(char32_t c);

// `emoji` without its skin tones, or `emoji` itself if nothing would be left.
std::string WithoutSkinTone(std::string_view emoji);

}  // namespace trine::analysis
