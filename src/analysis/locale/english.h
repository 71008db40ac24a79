// English: stop words, the possessive, and words excluded from stemming.
#pragma once

#include <string>
#include <string_view>

#include "analysis/filters.h"

namespace trine::analysis {

// Lucene's 33 English stop words.
TermSet EnglishStopWords();
// The stop words of Lucene's CJK analyzer: the English ones except "an", and in addition "s", "t" and "www".
TermSet CjkStopWords();

// Removes a final 's or 'S with any of three apostrophes: U+0027, U+2019, U+FF07.
FilterPtr NewPossessiveFilter();

// Applies `stemmer` to every token except those in `exclusions`.
FilterPtr NewExclusionFilter(TermSet exclusions, FilterPtr stemmer);

}  // namespace trine::analysis
