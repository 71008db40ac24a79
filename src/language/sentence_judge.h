// SentenceJudge: whether the material supports a sentence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/claim_vocabulary.h"
#include "language/grounding_material.h"
#include "language/item_mentions.h"
#include "language/sentence_names.h"
#include "language/sentence_subjects.h"
#include "language/stated_facts.h"

namespace trine::language {

// Prepared material. Immutable, thread-safe. The essay in sentence_judge.cc says how a sentence is judged.
class SentenceJudge {
 public:
  explicit SentenceJudge(const GroundingMaterial& material);

  struct Verdict {
    std::vector<Mention> mentions;
    std::vector<size_t> named;  // the items that the sentence is about, if it names any
    std::string why;            // empty: supported
  };
  // `sentence` is a result of WithoutMarkup; `context` are the items that the text before it named last.
  Verdict Judge(std::string_view sentence, const std::vector<size_t>& context) const;

  // Whether the material or the question states the number, or counts the items with it.
  bool StatesNumber(double number) const;
  // Whether an item with this id or title, in a JSON object, has the price; true if no item is named so, or
  // its price is not known.
  bool MayHavePrice(const std::vector<std::string>& names, double amount) const;
  const GroundingMaterial& material() const { return material_; }

 private:
  struct Item {
    StatedFacts facts;                 // title, id, attributes and reason
    std::vector<StatedNumber> prices;  // the price, or the amounts of the text if there is no price
    bool has_price = false;
    std::string title;  // folded
  };
  // A claim that the items do not support; a passage may.
  struct Failure {
    enum class Kind { kNumber, kWords, kName } kind = Kind::kNumber;
    StatedNumber number = {};
    std::vector<std::string> words = {};
    bool is_hard = false;  // a wrong price of a named item, which no passage excuses
    std::string why = {};
  };

  void AddItem(const AnswerItem& item);
  void AddToldNames();
  void AddPassages(const std::vector<std::string>& texts);
  void AddPassage(std::string_view passage);
  std::string WhyNever(const SentenceParts& parts) const;
  std::vector<Failure> FailuresOf(const SentenceParts& parts) const;
  void CheckNumbers(const SentenceParts& parts, std::vector<Failure>* failures) const;
  void CheckMoney(const SentenceParts& parts, const StatedNumber& said,
                  const std::vector<StatedNumber>& amounts, std::vector<Failure>* failures) const;
  void CheckWords(const SentenceParts& parts, std::vector<Failure>* failures) const;
  void CheckNames(const SentenceParts& parts, std::vector<Failure>* failures) const;
  void CheckIds(const SentenceParts& parts, std::vector<Failure>* failures) const;
  void CheckSizes(const SentenceParts& parts, std::vector<Failure>* failures) const;
  void CheckListLine(const SentenceParts& parts, std::vector<Failure>* failures) const;
  bool IsCount(const SentenceParts& parts, const StatedNumber& said) const;
  // Whether the price of the item is the amount, within it as a bound, or in its range ("3만원대").
  bool HoldsPrice(const SentenceParts& parts, size_t item, const StatedNumber& said) const;
  bool IsDifference(const SentenceParts& parts, const StatedNumber& said) const;
  bool IsTotal(const SentenceParts& parts, const StatedNumber& said) const;
  bool IsKnownName(std::string_view folded) const;
  bool IsExcused(const SentenceParts& parts, const std::vector<Failure>& failures) const;
  static std::string Said(const SentenceParts& parts, const StatedNumber& number);

  const GroundingMaterial material_;
  MentionFinder mentions_;
  ClaimVocabulary vocabulary_;
  std::vector<Item> items_;
  std::vector<StatedFacts> passages_;    // of documents and facts
  std::vector<std::string> quotable_;    // facts and reasons, which may be repeated as they are
  std::vector<std::string> told_names_;  // titles of other items that facts quote
  std::vector<std::string> links_;       // addresses that are the value of an attribute
  std::vector<std::string> heads_;       // the last words of titles
  StatedFacts question_;
  std::string known_;  // all of the material, folded
};

}  // namespace trine::language
