// The token filters that do not depend on a language. Names and behaviour are those of Lucene.
#pragma once

#include <cstdint>
#include <memory>
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
// Drops the terms of `words`. With `keep_last`, the last token of a text stays even if it is one of them,
// because it may be the beginning of a word that is being typed.
FilterPtr NewStopFilter(TermSet words, bool ignore_case = false, bool keep_last = false);
// Keeps terms of `min` to `max` code points, both inclusive.
FilterPtr NewLengthFilter(uint32_t min, uint32_t max);
// Removes white space at both ends of a term.
FilterPtr NewTrimFilter();
// Cuts each term to its first `length` code points.
FilterPtr NewTruncateFilter(uint32_t length);
FilterPtr NewReverseFilter();
// Drops a term that was seen before: anywhere in the text, or only at the same position.
FilterPtr NewUniqueFilter(bool only_on_same_position);
// The n-grams of every term, of `min` to `max` code points, all at the term's position; with `edge`, only
// those at its start. `preserve_original` also keeps terms that are shorter than `min` or longer than `max`.
FilterPtr NewNgramFilter(uint32_t min, uint32_t max, bool edge, bool preserve_original);
// Converts full-width Latin and half-width kana to their usual form.
FilterPtr NewCjkWidthFilter();
// Overlapping pairs of neighbouring Han, kana and Hangul characters. A character without a neighbour stays
// alone; with `output_unigrams`, every character is also a token of its own.
FilterPtr NewCjkBigramFilter(bool output_unigrams);
// Converts Latin letters with marks, and other characters that have an ASCII look-alike, to ASCII.
// `preserve_original` keeps the unconverted term too.
FilterPtr NewAsciiFoldingFilter(bool preserve_original);
// A Snowball stemmer. `language` is a name that libstemmer knows; otherwise kInvalid, with the names it
// knows.
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

// Applies rules in Solr's format. "a, b => c" replaces a and b by c; "a, b, c" makes the three equal, or maps
// all of them to the first when not `expand`. At each position the longest rule applies. Both sides of a rule
// are analysed by `analyzer`, the chain in front of the filter. A synonym of several words occupies the
// positions that follow, over the words that stand there. kInvalid when a rule cannot be parsed; kLimit when
// the rules are too many or too long.
Result<FilterPtr> NewSynonymFilter(const std::vector<std::string>& rules, bool expand,
                                   const Analyzer& analyzer);

// Lower-cases in place, code point by code point as Java's Character.toLowerCase does. Requires well-formed
// UTF-8.
void LowercaseTerm(std::string* term);

}  // namespace trine::analysis
