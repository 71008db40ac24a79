// The token filters that do not depend on a language. Names and behaviour are those of Lucene.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "analysis/component.h"
#include "base/hash.h"
#include "base/result.h"

namespace trine::analysis {

using TermSet = std::unordered_set<std::string, StringHash, std::equal_to<>>;
using FilterPtr = std::shared_ptr<const TokenFilter>;

FilterPtr NewLowercaseFilter();
FilterPtr NewUppercaseFilter();
// Drops the terms in `words`. With `keep_last`, the last token of a text is kept even if it is a stop word,
// because it may be the start of a word that is still being typed.
FilterPtr NewStopFilter(TermSet words, bool ignore_case = false, bool keep_last = false);
// Keeps terms of `min` to `max` code points, both inclusive.
FilterPtr NewLengthFilter(uint32_t min, uint32_t max);
// Removes white space at both ends of a term.
FilterPtr NewTrimFilter();
// Cuts each term to its first `length` code points.
FilterPtr NewTruncateFilter(uint32_t length);
FilterPtr NewReverseFilter();
// Drops repeated terms: all that occurred earlier in the text or, with `only_on_same_position`, only those
// that occurred earlier at the same position.
FilterPtr NewUniqueFilter(bool only_on_same_position);
// The n-grams of `min` to `max` code points in every term, all at the term's position; with `edge`, only the
// n-grams at the term's start. `preserve_original` also keeps terms that are shorter than `min` or longer
// than `max`.
FilterPtr NewNgramFilter(uint32_t min, uint32_t max, bool edge, bool preserve_original);
// Converts full-width Latin and half-width kana to their usual form.
FilterPtr NewCjkWidthFilter();
// Overlapping pairs of neighbouring Han, kana and Hangul characters. A character without a neighbour is a
// token by itself; with `output_unigrams`, so is every other character.
FilterPtr NewCjkBigramFilter(bool output_unigrams);
// Converts Latin letters with marks, and other characters that have an ASCII look-alike, to ASCII.
// `preserve_original` keeps the unconverted term too.
FilterPtr NewAsciiFoldingFilter(bool preserve_original);
// A Snowball stemmer. kInvalid if libstemmer does not support `language`; the error lists the supported
// languages.
Result<FilterPtr> NewSnowballFilter(const std::string& language);

// Word n-grams of `min` to `max` words.
struct ShingleOptions {
  uint32_t min = 2;
  uint32_t max = 2;
  bool output_unigrams = true;
  bool output_unigrams_if_no_shingles = false;
  std::string separator = " ";
  std::string filler = "_";  // stands for a word that a stop filter removed
};
FilterPtr NewShingleFilter(ShingleOptions options);

struct SynonymOptions {
  bool expand = true;    // false: "a, b, c" maps all of them to a
  bool lenient = false;  // leave out what the analyzer does not keep whole, instead of failing
};
// Applies rules in Solr's format. "a, b => c" replaces a and b with c. "a, b, c" makes all three synonyms of
// each other. At each position the longest matching rule applies. Both sides of a rule are analysed with
// `analyzer`, the chain in front of the filter. A synonym of several words occupies consecutive positions
// from that of the first matched word on, beside the words that are already there; where a rule leaves fewer
// words than it matched, the words behind move up. kInvalid if a rule cannot be parsed; kLimit if the rules
// are too many or too long.
Result<FilterPtr> NewSynonymFilter(const std::vector<std::string>& rules, SynonymOptions options,
                                   const Analyzer& analyzer);
// Returns an alternative of a rule of which the analyzer drops a word, for example a stop word. Such a rule
// would apply to other text than it says, so new definitions with it are refused. Definitions of release
// 0.1.0 may contain such rules.
std::optional<std::string> FindIncompleteSynonym(const std::vector<std::string>& rules,
                                                 const Analyzer& analyzer);

// Lower-cases in place, code point by code point as Java's Character.toLowerCase does. Requires well-formed
// UTF-8.
void LowercaseTerm(std::string* term);

}  // namespace trine::analysis
