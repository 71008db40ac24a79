// WordSegmenter: finds words by the rules of UAX #29, with the token types of Lucene's StandardTokenizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::analysis {

// An automaton that finds the longest word at a given offset in a text. Construction takes about 10 ms. After
// that, the segmenter is immutable and thread-safe.
class WordSegmenter {
 public:
  struct Match {
    size_t bytes = 0;    // length; 0: no word begins here
    uint32_t units = 0;  // length in UTF-16 units
    TokenType type = TokenType::kAlphanum;
  };
  WordSegmenter();
  // Requires well-formed UTF-8; `at` must be a code point boundary. A word longer than `max_units` UTF-16
  // units is cut at that length, as in Lucene.
  Match Longest(std::string_view text, size_t at, uint32_t max_units) const;

 private:
  friend class WordSegmenterBuilder;
  uint8_t ClassOf(char32_t c) const {
    return classes_[static_cast<size_t>(blocks_[c >> 8]) << 8 | (c & 0xFF)];
  }

  static constexpr uint16_t kDead = 0;
  static constexpr uint8_t kNone = 0xFF;
  std::vector<uint16_t> blocks_;  // code point >> 8 -> block of classes_
  std::vector<uint8_t> classes_;  // blocks of 256 character classes
  size_t class_count_ = 0;
  std::vector<uint16_t> next_;    // state * class_count_ + class -> state
  std::vector<uint8_t> accepts_;  // state -> TokenType, or kNone
};

}  // namespace trine::analysis
