// ClaimVocabulary: the words by which a sentence claims a property of an item.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/answer.h"

namespace trine::language {

// A claim of a sentence: an item has one of these properties, which mean the same.
struct FoundClaim {
  std::vector<std::string> words;  // folded; the first is the one of the sentence
  size_t begin = 0, end = 0;       // bytes of the sentence
  bool is_category = false;        // says the kind of an item, and only as a predicate ("is a chair")
};

// Knows the values of the items' attributes, colours, and the properties of claim_words.inc. Immutable,
// thread-safe. Any bytes are accepted.
class ClaimVocabulary {
 public:
  explicit ClaimVocabulary(const std::vector<AnswerItem>& items);
  // The claims of a sentence in small letters, in its order. A longer value hides the shorter ones inside it.
  std::vector<FoundClaim> Find(std::string_view lower) const;

 private:
  struct Entry {
    std::vector<std::string> words;
    bool is_category = false;
  };
  std::vector<Entry> values_;  // of attributes
};

}  // namespace trine::language
