// SentenceChecker: lets the sentences of a language model through only if the given material supports them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "language/answer.h"
#include "language/grounding_material.h"

namespace trine::language {

struct CheckedSentence {
  std::string text;  // as the model wrote it, without markup, with the white space that follows it
  std::vector<Citation> citations;  // positions within the whole answer as released so far
  bool supported = false;           // false: the sentence must not be shown
  std::string why;                  // why it is not supported: 'the number "39000" is not in the items'
};

// Not thread-safe. One answer each.
class SentenceChecker {
 public:
  explicit SentenceChecker(GroundingMaterial material);
  ~SentenceChecker();
  SentenceChecker(const SentenceChecker&) = delete;

  // Takes the next part of the answer, and returns the sentences that it completes.
  std::vector<CheckedSentence> Add(std::string_view part);
  // Returns the last sentence, which need not end with a full stop.
  std::vector<CheckedSentence> Finish();
  // Judges a text that is not a part of the answer, such as a value in JSON: why its first unsupported
  // sentence is not supported; empty if all are.
  std::string WhyUnsupported(std::string_view text) const;
  // Whether the material or the question states the number, or counts the items with it.
  bool StatesNumber(double number) const;
  // Whether an item with one of these ids or titles may have the price: false only if items are named so and
  // all of them have other prices.
  bool MayHavePrice(const std::vector<std::string>& names, double amount) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trine::language
