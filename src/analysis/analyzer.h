// Analyzer: turns text into tokens. A field's documents and queries use the same analyzer unless the mapping
// specifies another one for search.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/part_of_speech.h"
#include "base/result.h"

namespace trine::analysis {

// Each type keeps its number in all versions. The number of a removed type is never given to another one.
enum class TokenType : uint8_t {
  kAlphanum = 0,
  kNum = 1,
  kHangul = 2,
  kIdeographic = 3,
  kHiragana = 4,
  kKatakana = 5,
  kEmoji = 6,
  kWord = 7,
  kSynonym = 8,
  kSoutheastAsian = 9,
  kShingle = 10
};

// One term of a text. `start` and `end` are offsets in UTF-16 code units in the text before any character
// filter, as OpenSearch reports them. `position` counts from 0 and never decreases; tokens at one position
// are alternatives of each other.
struct Token {
  std::string term;
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t position = 0;
  TokenType type = TokenType::kAlphanum;
  PartOfSpeech tag = PartOfSpeech::kNone;
};

// Immutable, thread-safe. Any bytes are accepted: each ill-formed part is read as U+FFFD. Never fails. A
// component that turns one token into many stops at a bound (TokenCollector, component.h).
//
// An interface because tests use a much simpler second implementation (test/support/small_shop.cc); the
// production one is AnalyzerChain (component.h).
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Appends the tokens of `text` to `tokens`; their positions start at 0 whatever `tokens` already holds.
  virtual void Analyze(std::string_view text, std::vector<Token>* tokens) const = 0;
  // Returns only the terms of `text`, in the order of Analyze.
  std::vector<std::string> Terms(std::string_view text) const;
};

// One component of a custom chain, e.g. {"ngram", {{"min_gram","2"}}}. Option values are strings, even for
// numbers and booleans; list elements are separated by '\n'.
struct ComponentSpec {
  std::string type;
  std::map<std::string, std::string> options;
};
struct AnalyzerSpec {
  // Each name is a built-in component or one that AnalysisSettings defines. If `tokenizer` is empty, the
  // whole text is one token.
  std::string tokenizer;
  std::vector<std::string> filters;
  std::vector<std::string> char_filters;
};
// The analysis components that one collection defines for itself (OpenSearch's `index.analysis`), by name.
struct AnalysisSettings {
  std::map<std::string, AnalyzerSpec> analyzers;  // of type "custom"
  std::map<std::string, ComponentSpec>
      configured;  // built-in analyzers with options ("standard", "stop" ...)
  std::map<std::string, ComponentSpec> tokenizers;
  std::map<std::string, ComponentSpec> filters;
  std::map<std::string, ComponentSpec> char_filters;
  std::map<std::string, AnalyzerSpec> normalizers;
};

// Creates analyzers and holds the resources they share: the word segmenter and the Korean dictionary.
// Thread-safe. The server owns one; the analyzers it creates may outlive it.
//
// An interface because tests that implement Analyzer implement Analyzers as well.
class Analyzers {
 public:
  virtual ~Analyzers() = default;
  // A built-in analyzer without options: standard, simple, whitespace, keyword, stop, english, cjk, korean
  // (alias nori). Any other name is kNotFound; the error lists the known names.
  virtual Result<std::shared_ptr<const Analyzer>> Find(std::string_view name) const = 0;
  // The analyzer or normalizer that `settings` defines under this name, else the built-in one. kNotFound if
  // there is neither, kInvalid if a component or option in the definition is invalid, kLimit if the chain has
  // more than 64 filters. The error identifies the component.
  virtual Result<std::shared_ptr<const Analyzer>> Build(std::string_view name,
                                                        const AnalysisSettings& settings) const = 0;
  // A chain given component by component, as in an `_analyze` request. Fails as Build does.
  virtual Result<std::shared_ptr<const Analyzer>> BuildChain(const AnalyzerSpec& spec,
                                                             const AnalysisSettings& settings) const = 0;
  // The lines of a file that index settings name, such as the user dictionary "shop/brands.txt": a path below
  // the folder of word files. kInvalid if there is no such folder, if the path leaves it, or if the file is
  // not a regular file of at most 4 MiB that can be read.
  virtual Result<std::vector<std::string>> ReadWordFile(std::string_view path) const = 0;
  // Whether the Korean dictionary is loaded; without it, "korean" falls back to overlapping bigrams.
  virtual bool has_korean_dictionary() const = 0;
};

// The version of the terms that the built-in components make. It increases with every change after which the
// same text can give other terms, because an index that was built with other terms must then be rebuilt.
// 1: release 0.1.0. 2: lists of numbers, middle dots, emoji and long Latin words in Korean text.
inline constexpr uint32_t kTermsVersion = 2;

struct AnalyzersOptions {
  // Folder of the Korean dictionary (mecab-ko-dic); empty if there is none.
  std::string korean_dictionary_dir;
  // Folder of the files that index settings may name (ReadWordFile); empty if there is none.
  std::string word_file_dir;
};
// kUnavailable if the folder does not contain a readable dictionary.
Result<std::unique_ptr<Analyzers>> NewAnalyzers(const AnalyzersOptions& options);

// The form in which names and values of any language are compared: NFKC with case folding (Unicode
// NFKC_Casefold), with each run of white space reduced to one space and the white space at both ends removed.
// Any bytes are accepted; the result is well-formed UTF-8.
std::string Fold(std::string_view text);

}  // namespace trine::analysis
