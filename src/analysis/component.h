// The parts an analyzer is made of: char filters, one tokenizer, token filters; and the chain of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::analysis {

// Leads from UTF-16 positions of a filtered text back to positions of the text before. Built by
// one char filter from left to right.
class OffsetMap {
 public:
  // From `position` (of the filtered text) on, the text before is `shift` units ahead. Positions
  // ascend; a second entry at one position replaces the first.
  void Add(uint32_t position, int64_t shift);
  // The same where the reason is text taken out: what ends at `position` ended in front of it.
  void AddRemoval(uint32_t position, int64_t shift);
  uint32_t Start(uint32_t position) const;
  uint32_t End(uint32_t position) const;
  // Makes the offsets of `tokens` from `first` on lead to the text before.
  void Correct(std::vector<Token>* tokens, size_t first = 0) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    uint32_t position;
    int64_t shift;      // for what starts at or behind the position
    int64_t end_shift;  // for what ends at it
  };
  const Entry* At(uint32_t position) const;
  std::vector<Entry> entries_;
};

// How far the char filters of one chain may still lengthen one text, in UTF-16 units: to ten times
// itself, a short one by 64 Ki all the same, and none by more than 1 Mi. A replacement that would go
// beyond is not made, nor any behind it that lengthens: the text stays as it is there, and none is lost.
class GrowthBudget {
 public:
  explicit GrowthBudget(std::string_view text);
  uint32_t left() const { return left_; }
  // False when less is left; then nothing is.
  bool Take(uint32_t units) {
    const bool enough = units <= left_;
    left_ = enough ? left_ - units : 0;
    return enough;
  }
  void Stop() { left_ = 0; }

 private:
  uint32_t left_;
};

// Gathers the tokens of a component that makes more of them than it takes (n-grams, shingles, synonyms).
// Holds 32 MiB of them, or twice what came in up to 256 MiB; what would follow is cut off, so that one
// text has the same tokens at all times.
class TokenCollector {
 public:
  // `incoming` may be empty (a tokenizer); `tokens` is appended to.
  TokenCollector(const std::vector<Token>& incoming, std::vector<Token>* tokens);
  // False: full. The token and all that follow are dropped.
  bool Add(Token token);
  bool full() const { return full_; }

 private:
  std::vector<Token>& tokens_;
  size_t left_;
  bool full_ = false;
};

// Immutable, thread-safe, as are all components.
class CharFilter {
 public:
  virtual ~CharFilter() = default;
  // `text` is well-formed UTF-8, and so is the result. `offsets` arrives empty.
  virtual std::string Filter(std::string_view text, GrowthBudget* growth, OffsetMap* offsets) const = 0;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Appends tokens of well-formed text; positions start at 0.
  virtual void Tokenize(std::string_view text, std::vector<Token>* tokens) const = 0;
};

class TokenFilter {
 public:
  virtual ~TokenFilter() = default;
  // Changes the whole stream of one text. A removed token leaves a gap in the positions.
  virtual void Filter(std::vector<Token>* tokens) const = 0;
};

// An Analyzer made of components, which it shares.
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
