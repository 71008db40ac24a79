// Porter's stemmer for English (Porter 1980, with the departures of the author's own program).
#pragma once

#include <string>

#include "analysis/filters.h"

namespace trine::analysis {

// Stems a lower-case word in place; words of one or two bytes stay. Other letters than a to z count
// as consonants. Thread-safe.
void PorterStem(std::string* word);

FilterPtr NewPorterFilter();

}  // namespace trine::analysis
