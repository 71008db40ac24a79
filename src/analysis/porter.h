// Porter's stemmer for English: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with
// the changes in the author's own C program (words of up to two letters are unchanged, "bli" and "logi" are
// suffixes), as in Lucene's PorterStemFilter.
//
// Why not libstemmer's "porter": it differs from that program. Of 202,941 distinct words in English texts,
// 138 get a different stem, such as "technology" ("technologi" instead of "technolog"), "trekking" ("trekk"
// instead of "trek") and "is" ("i" instead of "is").
#pragma once

#include <string>

#include "analysis/filters.h"

namespace trine::analysis {

// Stems a lower-case word in place. Words of one or two letters are left unchanged. Letters other than a to z
// count as consonants; a word with more than 128 different letters outside ASCII is left unchanged. Requires
// well-formed UTF-8. Thread-safe.
void PorterStem(std::string* word);

FilterPtr NewPorterFilter();

}  // namespace trine::analysis
