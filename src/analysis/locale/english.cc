#include "analysis/locale/english.h"

#include <utility>
#include <vector>

namespace trine::analysis {
namespace {

class PossessiveFilter final : public TokenFilter {
 public:
  void Filter(std::vector<Token>* tokens) const override {
    for (Token& token : *tokens) {
      std::string& term = token.term;
      if (term.empty() || (term.back() != 's' && term.back() != 'S')) continue;
      const std::string_view before(term.data(), term.size() - 1);
      for (const std::string_view apostrophe : {"'", "\u2019", "\uFF07"}) {
        if (!before.ends_with(apostrophe)) continue;
        term.resize(before.size() - apostrophe.size());
        break;
      }
    }
  }
};

class ExclusionFilter final : public TokenFilter {
 public:
  ExclusionFilter(TermSet exclusions, FilterPtr stemmer)
      : exclusions_(std::move(exclusions)), stemmer_(std::move(stemmer)) {}
  void Filter(std::vector<Token>* tokens) const override {
    std::vector<Token> one(1);
    for (Token& token : *tokens) {
      if (exclusions_.contains(token.term)) continue;
      one[0] = std::move(token);
      stemmer_->Filter(&one);
      token = std::move(one[0]);
    }
  }

 private:
  TermSet exclusions_;
  FilterPtr stemmer_;
};

}  // namespace

TermSet EnglishStopWords() {
  return {"a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
          "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
          "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};
}

TermSet CjkStopWords() {
  TermSet words = EnglishStopWords();
  for (const char* word : {"s", "t", "www"}) words.emplace(word);
  words.erase("an");
  return words;
}

FilterPtr NewPossessiveFilter() { return std::make_shared<PossessiveFilter>(); }

FilterPtr NewExclusionFilter(TermSet exclusions, FilterPtr stemmer) {
  return std::make_shared<ExclusionFilter>(std::move(exclusions), std::move(stemmer));
}

}  // namespace trine::analysis
