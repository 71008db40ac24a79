// The names in a sentence that the material must know: quotations, capitalised words, model numbers, and the
// topics of Korean sentences. Thread-safe. Any bytes are accepted.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

struct SentenceName {
  enum class Kind {
    kQuotation,    // in quotation marks
    kIdentifier,   // letters and digits: "SX-200"
    kCapitalised,  // a Latin word that is capitalised where ordinary words are not
    kTopic,        // the noun before 은 or 는, or before 추천
    kModifier,     // the word before the head of some title: "릴렉스 [체어]"
  } kind = Kind::kQuotation;
  std::string text;
  size_t begin = 0, end = 0;  // bytes of the sentence
};

// Finds the names of a sentence of which the mentions of items are blank. `heads`: the last words of the
// items' titles, folded. Words that are common in answers (common_words.inc) are not names.
std::vector<SentenceName> FindNames(std::string_view masked, const std::vector<std::string>& heads);

// Whether a folded word is common in answers, so that it is not a name.
bool IsCommonWord(std::string_view folded);

}  // namespace trine::language
