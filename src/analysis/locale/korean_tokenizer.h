// The Korean tokenizer: content morphemes and the written words around them, or bigrams without a dictionary.
#pragma once

#include <memory>

#include "analysis/component.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/locale/user_words.h"
#include "analysis/options.h"
#include "analysis/part_of_speech.h"
#include "analysis/word_segmenter.h"
#include "base/result.h"

namespace trine::analysis {

// The resources of Korean tokenizers. Immutable and shared.
struct KoreanTokenizerResources {
  std::shared_ptr<const WordSegmenter> words;                      // finds emoji; not nullptr
  std::shared_ptr<const MorphemeDictionary> dictionary = nullptr;  // nullptr: overlapping bigrams
  std::shared_ptr<const UserWords> user = nullptr;                 // nullptr: no user dictionary
  PartOfSpeechSet stop_tags = {};  // morphemes that are left out besides those without content
};

// Reads the option `user_dictionary_rules`. nullptr if it is absent.
Result<std::shared_ptr<const UserWords>> ReadUserWords(OptionReader* options);

// Trine's own tokenizer. Reads the options `decompound_mode`, `discard_punctuation` and
// `user_dictionary_rules`; options->Finish() reports invalid values. Fails if the user dictionary is invalid.
Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(OptionReader* options,
                                                             KoreanTokenizerResources resources);

// The tokenizer of OpenSearch's nori plugin: every morpheme of the text, particles and endings too, each with
// its part of speech, and the same options. Without a dictionary it falls back to MakeKoreanTokenizer.
Result<std::shared_ptr<const Tokenizer>> MakeNoriTokenizer(OptionReader* options,
                                                           KoreanTokenizerResources resources);

}  // namespace trine::analysis
