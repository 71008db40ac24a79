// IntentMatcher: whether a record is what a question asks for, and by which of its words. Nearness of vectors
// says which records are closest, never that they fit; this does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "formation/knowledge.h"
#include "language/intent.h"

namespace trine::formation {

// Of one question. Borrows the intent and the vocabulary (nullptr: none yet). Thread-safe.
class IntentMatcher {
 public:
  IntentMatcher(const language::QueryIntent& intent, const FieldRoles& roles,
                const language::Vocabulary* vocabulary);

  // Whether the record carries one of the values that the question named, field by field. Fields that say the
  // same in two languages ("colour", "colour_en") are one.
  bool HasNamedFacets(const format::Json& source) const;
  // Whether it is what was asked for: named values, and the thing by its name where no value stands for it. A
  // question that names nothing ("anything light?") fits all.
  bool Matches(const format::Json& source) const;
  // The person's own words that its titles and values carry, in their order.
  std::vector<std::string> MatchedWords(const format::Json& source) const;

 private:
  const language::QueryIntent& intent_;
  const FieldRoles& roles_;
  const language::IntentTerm* head_ = nullptr;  // that no value stands for; nullptr: none is asked for
};

// Whether `word` stands in `text`, both folded: a Korean word of two syllables and more anywhere, a single
// syllable and a Latin word as a word, its plural too.
bool HasWord(std::string_view text, std::string_view word);

// 1, or less for a record of another season than the question's: a question for autumn is rarely for a summer
// thing. Records that say no season, or every one, count whole.
double SeasonFactor(const format::Json& source, const FieldRoles& roles, std::string_view season,
                    double other_season_factor);

}  // namespace trine::formation
