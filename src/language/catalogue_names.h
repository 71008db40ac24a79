// The names of a catalogue in a question that are units whatever words they consist of: "not your mother's"
// is a brand, and refuses nothing.
//
// All functions are thread-safe and take folded text (analysis::Fold). Any bytes are accepted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/plain_text.h"
#include "language/vocabulary.h"

namespace trine::language {

// Whether a word or words with blanks between them are a value of the catalogue or a name that begins with a
// mark of refusal (Vocabulary::IsMarkedName), or one word, perhaps written as two, is in a title. False for
// nullptr.
bool IsName(const Vocabulary* vocabulary, std::string_view name);

// The names of a text that are units whatever they contain, in its order, without overlaps: those of several
// words with a mark of refusal (refusal.h), the words that are among `ids`, and brands that are marks, before
// a product noun ("nothing phone").
std::vector<WrittenWord> FindNames(std::string_view text, const Vocabulary* vocabulary,
                                   const std::vector<std::string>& ids);

}  // namespace trine::language
