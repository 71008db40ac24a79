// English: stop words, the possessive.
#pragma once

#include <string>
#include <string_view>

#include "analysis/filters.h"

namespace trine::analysis {

// Lucene's 33 English stop words.
TermSet EnglishStopWords();
// The same and four more, as Lucene's CJK analyzer has them.
TermSet CjkStopWords();

// Cuts a final 's (with any of the three apostrophes, s or S).
FilterPtr NewPossessiveFilter();

// A filter that leaves `exclusions` as they are and hands the rest to `stemmer`.
FilterPtr NewExclusionFilter(TermSet exclusions, FilterPtr stemmer);

}  // namespace trine::analysis
