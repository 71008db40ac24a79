// The Korean tokenizer: content morphemes and the written words around them, or bigrams without a dictionary.
#pragma once

#include <memory>

#include "analysis/component.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/options.h"
#include "base/result.h"

namespace trine::analysis {

// If `dictionary` is nullptr, the tokenizer makes bigrams. Reads the options `decompound_mode` and
// `discard_punctuation`; options->Finish() reports invalid values.
Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(
    OptionReader* options, std::shared_ptr<const MorphemeDictionary> dictionary);

}  // namespace trine::analysis
