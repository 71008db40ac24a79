// The Korean tokenizer: content morphemes beside the words as written, or bigrams without a dictionary.
#pragma once

#include <memory>

#include "analysis/component.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/options.h"
#include "base/result.h"

namespace trine::analysis {

// `dictionary` may be null.
Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(
    OptionReader* options, std::shared_ptr<const MorphemeDictionary> dictionary);

}  // namespace trine::analysis
