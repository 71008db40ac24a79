// The head of a product's title: the noun that says what the product is. The words before it describe it, and
// those behind it are colours, sizes, numbers and the like: "Stonebridge Pro [Drill] 18V - Red".
//
// All functions are thread-safe and take folded text (analysis::Fold). Any bytes are accepted.
#pragma once

#include <string_view>

namespace trine::language {

// The last word of the first part of a title that names something; empty if there is none. A part ends at
// punctuation and before an English preposition ("lamp with shelf", "case for tablets"). Words with a digit,
// colours, genders and the words of title_tails.inc name nothing at the end of a part.
std::string_view TitleHead(std::string_view folded_title);

}  // namespace trine::language
