// Makes components and built-in analyzers by the name of their type, from their options.
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

// Costly objects that components share. All of them are immutable and thread-safe.
struct AnalysisResources {
  std::shared_ptr<const WordSegmenter> words;
  std::shared_ptr<const MorphemeDictionary> korean;  // nullptr when there is no dictionary
};

// All four fail with kNotFound when the type does not exist, and with kInvalid when an option is unknown or
// its value is wrong. The error names the type and the option.
Result<std::shared_ptr<const Tokenizer>> BuildTokenizer(const ComponentSpec& spec,
                                                        const AnalysisResources& resources);
// `before` is the chain in front of the filter, by which a synonym filter analyses its rules. It need not
// outlive the call.
Result<FilterPtr> BuildFilter(const ComponentSpec& spec, const Analyzer& before);
Result<CharFilterPtr> BuildCharFilter(const ComponentSpec& spec);
// A built-in analyzer with options.
Result<std::shared_ptr<const Analyzer>> BuildAnalyzer(const ComponentSpec& spec,
                                                      const AnalysisResources& resources);

}  // namespace trine::analysis
