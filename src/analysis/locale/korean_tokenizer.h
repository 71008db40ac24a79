// The Korean tokenizer: content morphemes and the written words around them, or bigrams without a dictionary.
#pragma once

#include <memory>

#include "analysis/component.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/options.h"
#include "base/result.h"

namespace trine::analysis {

// `dictionary` may be nullptr; then the tokenizer makes bigrams. Reads the options `decompound_mode` and
// `discard_punctuation`, whose errors the reader reports.
Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(
    OptionReader* options, std::shared_ptr<const MorphemeDictionary> dictionary);

}  // namespace trine::analysis
