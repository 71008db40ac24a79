// The token filters of OpenSearch's nori plugin.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "analysis/filters.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/part_of_speech.h"

namespace trine::analysis {

// Drops the tokens whose part of speech is in `stop`. A token without one, such as a written word of the
// tokenizer `korean`, is kept.
FilterPtr NewPartOfSpeechFilter(PartOfSpeechSet stop);

// Replaces a term of Chinese characters by its reading in Hangul. A term without a reading, and every term if
// `dictionary` is nullptr, stays as it is.
FilterPtr NewReadingFormFilter(std::shared_ptr<const MorphemeDictionary> dictionary);

// Replaces adjacent tokens that form a number by one token with its decimal form, as Lucene's
// KoreanNumberFilter does: "3천2백" becomes 3200, "1.2만" 12000. Full stops and commas belong to a number, so
// the tokenizer must keep them (`discard_punctuation: false`). A token beside another one at its position,
// and a number that has more than 38 digits, stays as it is.
FilterPtr NewNumberFilter();

// The decimal form of a number in Arabic and Hangul numerals, or `number` itself if it cannot be read.
std::string DecimalForm(std::string_view number);

}  // namespace trine::analysis
