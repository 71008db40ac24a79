// The tokenizers that every language shares. Option names and defaults are those of Lucene.
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
inline constexpr uint32_t kLargestMaxTokenLength = 1u << 20;  // what may be asked for

std::shared_ptr<const Tokenizer> NewStandardTokenizer(std::shared_ptr<const WordSegmenter> rules,
                                                      uint32_t max_token_length = kDefaultMaxTokenLength);
std::shared_ptr<const Tokenizer> NewWhitespaceTokenizer(uint32_t max_token_length = kDefaultMaxTokenLength);
// Runs of letters; `lower` makes them lower case.
std::shared_ptr<const Tokenizer> NewLetterTokenizer(bool lower);
// The whole text as one token, even an empty one.
std::shared_ptr<const Tokenizer> NewKeywordTokenizer();

// Which characters an n-gram tokenizer keeps together; others end a run. No kind: all of them.
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
struct NgramOptions {
  uint32_t min = 1;
  uint32_t max = 2;
  bool edge = false;  // only grams at the start of a run
  CharacterKinds kinds;
};
std::shared_ptr<const Tokenizer> NewNgramTokenizer(NgramOptions options);
// Splits at matches of `pattern` (group -1), or gives what the group matched. kInvalid when RE2 refuses the
// pattern or the group is not there.
Result<std::shared_ptr<const Tokenizer>> NewPatternTokenizer(const std::string& pattern, int group,
                                                             bool ignore_case);

// Java's Character.isWhitespace, isLetter.
bool IsSpace(char32_t c);
bool IsLetter(char32_t c);

}  // namespace trine::analysis
