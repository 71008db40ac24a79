// An analyzer's components (character filters, one tokenizer, token filters) and the chain that combines
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::analysis {

// Maps UTF-16 offsets of a filtered text to offsets of the text before the filter. One character filter
// builds it from left to right. Not thread-safe while it is built.
class OffsetMap {
 public:
  // From `position` in the filtered text onwards, offsets in the unfiltered text are larger by `shift`.
  // Requires positions in ascending order; a second entry at one position replaces the first.
  void Add(uint32_t position, int64_t shift);
  // Like Add, for text that was removed at `position`: a token that ends there ends before the removed text.
  void AddRemoval(uint32_t position, int64_t shift);
  // The offset in the unfiltered text of a token that starts (or ends) at `position` in the filtered text.
  uint32_t Start(uint32_t position) const;
  uint32_t End(uint32_t position) const;
  // Maps the offsets of `tokens` from index `first` on.
  void Correct(std::vector<Token>* tokens, size_t first = 0) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    uint32_t position;
    int64_t shift;      // added to the offset of a token that starts at `position` or later
    int64_t end_shift;  // added to the offset of a token that ends exactly at `position`
  };
  // The last entry at or before `position`; nullptr if there is none.
  const Entry* At(uint32_t position) const;
  std::vector<Entry> entries_;
};

// The number of UTF-16 units by which the character filters of one chain may still lengthen one text. It
// starts at nine times the text's length, but at least 64 Ki and at most 1 Mi. A replacement that would
// exceed the budget is skipped, as is every later one that lengthens the text; the original text is kept.
class GrowthBudget {
 public:
  explicit GrowthBudget(std::string_view text);
  uint32_t left() const { return left_; }
  // Spends `units`. If fewer are left, spends all of them and returns false.
  bool Take(uint32_t units) {
    const bool enough = units <= left_;
    left_ = enough ? left_ - units : 0;
    return enough;
  }
  void Stop() { left_ = 0; }

 private:
  uint32_t left_;
};

// Collects the tokens of a component that makes more tokens than it receives (n-grams, shingles, synonyms),
// up to a bound: twice the bytes of the incoming tokens, but at least 32 MiB and at most 256 MiB. Tokens
// beyond the bound are dropped. The same text always gives the same tokens.
class TokenCollector {
 public:
  // Appends to `tokens`, which must outlive the collector. A tokenizer passes no `incoming` tokens.
  TokenCollector(const std::vector<Token>& incoming, std::vector<Token>* tokens);
  // Returns false if the bound is reached; this token and all later ones are then dropped.
  bool Add(Token token);
  bool full() const { return full_; }

 private:
  std::vector<Token>& tokens_;
  size_t left_;
  bool full_ = false;
};

// All components are immutable and thread-safe.
class CharFilter {
 public:
  virtual ~CharFilter() = default;
  // Returns the changed text and fills `offsets`, which must be empty. Requires well-formed UTF-8 and returns
  // well-formed UTF-8.
  virtual std::string Filter(std::string_view text, GrowthBudget* growth, OffsetMap* offsets) const = 0;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Appends the tokens of `text`; positions start at 0. Requires well-formed UTF-8; terms are well-formed
  // too.
  virtual void Tokenize(std::string_view text, std::vector<Token>* tokens) const = 0;
};

class TokenFilter {
 public:
  virtual ~TokenFilter() = default;
  // Changes the tokens of one text in place. Removing a token does not change the positions of the others.
  // Terms are well-formed UTF-8 before and after.
  virtual void Filter(std::vector<Token>* tokens) const = 0;
};

// An Analyzer made of components: character filters in order, the tokenizer, then the token filters in order.
class AnalyzerChain final : public Analyzer {
 public:
  AnalyzerChain(std::vector<std::shared_ptr<const CharFilter>> char_filters,
                std::shared_ptr<const Tokenizer> tokenizer,
                std::vector<std::shared_ptr<const TokenFilter>> filters);
  void Analyze(std::string_view text, std::vector<Token>* tokens) const override;

 private:
  void AnalyzeWellFormed(std::string_view text, std::vector<Token>* tokens) const;

  std::vector<std::shared_ptr<const CharFilter>> char_filters_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<std::shared_ptr<const TokenFilter>> filters_;
};

}  // namespace trine::analysis
