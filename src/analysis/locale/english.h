// English: stop words, the possessive.
#pragma once

#include <string>
#include <string_view>

#include "analysis/filters.h"

namespace trine::analysis {

// Lucene's 33 English stop words.
TermSet EnglishStopWords();
// Those of Lucene's CJK analyzer: the same, with three more and without "an".
TermSet CjkStopWords();

// Cuts a final 's (with any of the three apostrophes, s or S).
FilterPtr NewPossessiveFilter();

// A filter that leaves `exclusions` as they are and hands the rest to `stemmer`.
FilterPtr NewExclusionFilter(TermSet exclusions, FilterPtr stemmer);

}  // namespace trine::analysis
