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

// Whether a word names nothing at the end of a title: a number, a colour, "set".
bool IsTitleTail(std::string_view word);

// What a word says in a title, from the least to the most.
enum class TitleUse {
  kAbsent,
  kDescribes,  // it describes another thing: "case for tablets", "노트북용 파우치"
  kFollowed,   // another word follows, which is the head or describes the product too: "drill bit set"
  kHead
};
struct WordInTitle {
  TitleUse use = TitleUse::kAbsent;
  std::string_view last;  // kFollowed: the last word behind it that names something: "bit"
};
// The use of the folded word that says most about the product. `folded_title` may have several titles, one
// per line.
WordInTitle UseInTitle(std::string_view folded_title, std::string_view word);

}  // namespace trine::language
