// IntentMatcher: decides whether a record is what a question asks for, and by which of its words. The
// nearness of vectors says which records are closest, never that one of them matches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "formation/knowledge.h"
#include "language/intent.h"

namespace trine::formation {

// Made for one question. Immutable; thread-safe. The intent and the roles outlive it. Without a vocabulary
// (nullptr: not built yet) a head word is always looked for.
class IntentMatcher {
 public:
  IntentMatcher(const language::QueryIntent& intent, const FieldRoles& roles,
                const language::Vocabulary* vocabulary);

  // Whether the record has, for each field that the question names values of, one of these values. A field
  // and its translation ("colour", "colour_en") count as one.
  bool HasNamedFacets(const format::Json& source) const;
  // Whether the record has the named values, and its titles or facet values contain the head word of the
  // question unless a named value expresses it. Every record matches a question that names nothing ("anything
  // light?").
  bool Matches(const format::Json& source) const;
  // The words of the question that occur in the titles and facet values of the record, in the order of the
  // question.
  std::vector<std::string> MatchedWords(const format::Json& source) const;

 private:
  const language::QueryIntent& intent_;
  const FieldRoles& roles_;
  const language::IntentTerm* head_ = nullptr;  // the head word, unless a named value expresses it
};

// Whether `word` occurs in `text`; both are folded. A Korean word of two or more syllables may be part of a
// longer word; a single syllable and a Latin word must be a word of their own, the latter also in the plural.
bool HasWord(std::string_view text, std::string_view word);

// `other_season_factor` for a record that names seasons and not this one, else 1.
double SeasonFactor(const format::Json& source, const FieldRoles& roles, std::string_view season,
                    double other_season_factor);

}  // namespace trine::formation
