// Builders: components and built-in analyzers by name, from their options.
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

// What components share. Immutable, thread-safe.
struct AnalysisResources {
  std::shared_ptr<const WordSegmenter> words;
  std::shared_ptr<const MorphemeDictionary> korean;  // null: none
};

// Each: kNotFound when there is no such type, kInvalid when an option is unknown or wrong. The error
// names the component.
Result<std::shared_ptr<const Tokenizer>> BuildTokenizer(const ComponentSpec& spec,
                                                        const AnalysisResources& resources);
// `before` analyses as the chain in front of the filter does.
Result<FilterPtr> BuildFilter(const ComponentSpec& spec, const Analyzer& before);
Result<CharFilterPtr> BuildCharFilter(const ComponentSpec& spec);
// A built-in analyzer, with options.
Result<std::shared_ptr<const Analyzer>> BuildAnalyzer(const ComponentSpec& spec,
                                                      const AnalysisResources& resources);

}  // namespace trine::analysis
