// Which negations govern a bound or a number of a question: "[does not cost] over 5", "5 이상은 [안 돼요]".
//
// All functions are thread-safe and take folded text (analysis::Fold).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace trine::language {

struct Negation {
  // kUnclear: a negation is near, and whether it governs the bound is not known: two negations, or words in
  // between that may be what it negates. Such a bound is not applied.
  enum class Kind { kNone, kOnce, kUnclear } kind = Kind::kNone;
  size_t begin = 0, end = 0;  // bytes [begin, end) of the text: of the bound with what negates it
  // The bytes of a negation that words separate from the bound: the "don't want a" of "I don't want a tent
  // over 5". Equal: none. The words in between are wanted.
  size_t apart_begin = 0, apart_end = 0;
};

// The negation of the bound or number at bytes [begin, end) of a text: before it in English, after it in
// Korean and in English ("over 5 is too much"). A clause ends at a punctuation mark and at "but" and "and"; a
// question such as "don't you have" negates nothing. `lower`: the bound is a lower one. In "no tents over 5"
// the negation governs an upper or a lower bound only if it is the lower one, because "no hood under 5" is
// about the hood. Requires begin <= end <= text.size().
Negation FindNegation(std::string_view text, size_t begin, size_t end, bool lower);

// A noun that the text rejects: the 후디 of "5 이상 후디는 빼고".
struct RejectedNoun {
  std::string_view noun;  // without its particle
  size_t end = 0;         // the end of the words that reject it
};
// The noun after the bound or number that ends at the byte `end`, which it describes; nullopt if no noun
// follows or if it is not rejected. Requires end <= text.size().
std::optional<RejectedNoun> FindRejectedNoun(std::string_view text, size_t end);

}  // namespace trine::language
