// Analyzer: text in, tokens out. Used with the same chain at index and query time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::analysis {

// Numbered: explain and _analyze output name them; never reuse.
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

// Offsets are UTF-16 code units into the original text (what OpenSearch clients expect); `position`
// counts from 0, a token at the same position as the one before is an alternative of it.
struct Token {
  std::string term;
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t position = 0;
  TokenType type = TokenType::kAlphanum;
};

// Immutable, thread-safe. Any bytes are accepted: broken UTF-8 is read as U+FFFD. Terms longer than
// the tokenizer's limit are split, never lost.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Appends the tokens of `text`; positions start at 0.
  virtual void Analyze(std::string_view text, std::vector<Token>* tokens) const = 0;
  std::vector<std::string> Terms(std::string_view text) const;
};

// One component of a custom chain, e.g. {"ngram", {{"min_gram","2"}}}; list options are joined by
// '\n'. Option values are text; numbers and booleans are parsed, errors name the option.
struct ComponentSpec {
  std::string type;
  std::map<std::string, std::string> options;
};
struct AnalyzerSpec {
  std::string tokenizer;  // built-in name or a name from `AnalysisSettings`
  std::vector<std::string> filters;
  std::vector<std::string> char_filters;
};
// What one collection defines for itself (index.analysis of the original).
struct AnalysisSettings {
  std::map<std::string, AnalyzerSpec> analyzers;  // type "custom"
  std::map<std::string, ComponentSpec>
      configured;  // built-in analyzers with options ("standard", "stop" ...)
  std::map<std::string, ComponentSpec> tokenizers;
  std::map<std::string, ComponentSpec> filters;
  std::map<std::string, ComponentSpec> char_filters;
  std::map<std::string, AnalyzerSpec> normalizers;
};

// Holds what is costly and shared (dictionaries, stemmers). Thread-safe; lives as long as the server.
class Analyzers {
 public:
  virtual ~Analyzers() = default;
  // A built-in analyzer: standard simple whitespace keyword stop english korean (alias nori), cjk.
  // kNotFound names the ones there are.
  virtual Result<std::shared_ptr<const Analyzer>> Find(std::string_view name) const = 0;
  // Looks in `settings` first, then among the built-in ones.
  virtual Result<std::shared_ptr<const Analyzer>> Build(std::string_view name,
                                                        const AnalysisSettings& settings) const = 0;
  // A chain given part by part (the _analyze call).
  virtual Result<std::shared_ptr<const Analyzer>> BuildChain(const AnalyzerSpec& spec,
                                                             const AnalysisSettings& settings) const = 0;
  // Whether the Korean dictionary is there; without it "korean" is overlapping Hangul bigrams.
  virtual bool has_korean_dictionary() const = 0;
};

struct AnalyzersOptions {
  // Folder of the Korean dictionary; empty: none.
  std::string korean_dictionary_dir;
};
Result<std::unique_ptr<Analyzers>> NewAnalyzers(const AnalyzersOptions& options);

// NFKC, lower case, width folded, spaces collapsed: for comparing names and values in any language.
std::string Fold(std::string_view text);

}  // namespace trine::analysis
