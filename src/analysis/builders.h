// Builds components and built-in analyzers from the name of their type and their options.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/char_filters.h"
#include "analysis/component.h"
#include "analysis/filters.h"
#include "analysis/word_segmenter.h"
#include "base/result.h"

namespace trine::analysis {

class MorphemeDictionary;

// Expensive objects that components share. All of them are immutable and thread-safe.
struct AnalysisResources {
  std::shared_ptr<const WordSegmenter> words;
  std::shared_ptr<const MorphemeDictionary> korean;  // nullptr if there is no dictionary
};

// The four functions below fail with kNotFound if the type does not exist, with kInvalid if the value of an
// option is invalid, and with kUnsupported for an option that is not implemented. The error names the type
// and the option. The caller bounds the spread of n-grams (max_gram - min_gram): each additional length adds
// about as many n-grams as the text has characters.
Result<std::shared_ptr<const Tokenizer>> BuildTokenizer(const ComponentSpec& spec,
                                                        const AnalysisResources& resources);
// `before` is the chain in front of the filter, which a synonym filter uses to analyse its rules. It need not
// outlive the call. Also fails with kLimit if the synonym rules are too many or too long.
Result<FilterPtr> BuildFilter(const ComponentSpec& spec, const Analyzer& before,
                              const AnalysisResources& resources);
Result<CharFilterPtr> BuildCharFilter(const ComponentSpec& spec);
// A built-in analyzer with options.
Result<std::shared_ptr<const Analyzer>> BuildAnalyzer(const ComponentSpec& spec,
                                                      const AnalysisResources& resources);

}  // namespace trine::analysis
