// The token filters that every language shares. Names and behaviour are those of Lucene.
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
// Drops terms of `words`; with `keep_last`, a stop word at the very end stays (it may be a prefix being
// typed).
FilterPtr NewStopFilter(TermSet words, bool ignore_case = false, bool keep_last = false);
// Keeps terms of min to max code points.
FilterPtr NewLengthFilter(uint32_t min, uint32_t max);
FilterPtr NewTrimFilter();
// Cuts terms to `length` code points.
FilterPtr NewTruncateFilter(uint32_t length);
FilterPtr NewReverseFilter();
// Drops a term seen before: anywhere in the text, or at the same position only.
FilterPtr NewUniqueFilter(bool only_on_same_position);
// n-grams of every term, at the term's position; `edge`: only those at its start.
FilterPtr NewNgramFilter(uint32_t min, uint32_t max, bool edge, bool preserve_original);
// Full-width Latin and half-width kana to their usual form.
FilterPtr NewCjkWidthFilter();
// Overlapping pairs of neighbouring Han, kana and Hangul characters; a lone one stays.
FilterPtr NewCjkBigramFilter(bool output_unigrams);
// Latin letters with marks and other look-alikes to ASCII; `preserve_original` keeps both.
FilterPtr NewAsciiFoldingFilter(bool preserve_original);
// `language` as libstemmer names it; kInvalid names the ones there are.
Result<FilterPtr> NewSnowballFilter(const std::string& language);

struct ShingleOptions {
  uint32_t min = 2;
  uint32_t max = 2;
  bool output_unigrams = true;
  bool output_unigrams_if_no_shingles = false;
  std::string separator = " ";
  std::string filler = "_";
};
FilterPtr NewShingleFilter(ShingleOptions options);

// Rules in Solr's form: "a, b c => d" replaces, "a, b, c" makes equal (or maps all to the first when
// not `expand`). Both sides are analysed by `analyzer`, the chain in front of the filter. A synonym of
// several words lies over the positions that follow. kInvalid names the rule that cannot be read.
Result<FilterPtr> NewSynonymFilter(const std::vector<std::string>& rules, bool expand,
                                   const Analyzer& analyzer);

// Lower case by single code points (Java's Character.toLowerCase), in place.
void LowercaseTerm(std::string* term);

}  // namespace trine::analysis
