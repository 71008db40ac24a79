// The tokenizers that do not depend on a language. Option names and defaults are those of Lucene.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analysis/component.h"
#include "analysis/word_segmenter.h"
#include "base/result.h"

namespace trine::analysis {

inline constexpr uint32_t kDefaultMaxTokenLength = 255;       // UTF-16 units; longer tokens are split
inline constexpr uint32_t kLargestMaxTokenLength = 1u << 20;  // the largest value accepted

// Words by the rules of UAX #29, as in Lucene's StandardTokenizer. Words longer than `max_token_length` are
// split.
std::shared_ptr<const Tokenizer> NewStandardTokenizer(std::shared_ptr<const WordSegmenter> rules,
                                                      uint32_t max_token_length = kDefaultMaxTokenLength);
// Runs of characters other than white space; runs longer than `max_token_length` are split.
std::shared_ptr<const Tokenizer> NewWhitespaceTokenizer(uint32_t max_token_length = kDefaultMaxTokenLength);
// Runs of letters, in lower case if `lower`; runs longer than kDefaultMaxTokenLength are split.
std::shared_ptr<const Tokenizer> NewLetterTokenizer(bool lower);
// The whole text as one token, even when it is empty.
std::shared_ptr<const Tokenizer> NewKeywordTokenizer();

// The characters from which an n-gram tokenizer makes grams; any other character ends a run. If no kind is
// set, all characters count.
struct CharacterKinds {
  bool letter = false;
  bool digit = false;
  bool whitespace = false;
  bool punctuation = false;
  bool symbol = false;
  std::u32string custom;
  bool any() const { return letter || digit || whitespace || punctuation || symbol || !custom.empty(); }
  bool Has(char32_t c) const;
};
// Grams of `min` to `max` characters. Requires 1 <= min <= max.
struct NgramOptions {
  uint32_t min = 1;
  uint32_t max = 2;
  bool edge = false;  // only the grams at the start of a run
  CharacterKinds kinds;
};
std::shared_ptr<const Tokenizer> NewNgramTokenizer(NgramOptions options);
// With group -1, splits the text at the matches of `pattern`; with another group, each token is the text that
// this group matched (0: the whole match). The pattern is in RE2 syntax, without \C. kInvalid if the pattern
// does not compile or does not have the group.
Result<std::shared_ptr<const Tokenizer>> NewPatternTokenizer(const std::string& pattern, int group,
                                                             bool ignore_case);

// Like Java's Character.isWhitespace and Character.isLetter.
bool IsSpace(char32_t c);
bool IsLetter(char32_t c);

}  // namespace trine::analysis
