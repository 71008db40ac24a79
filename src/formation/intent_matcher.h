// IntentMatcher: decides whether a record matches a question, and which of the question's words it contains.
// Vector similarity cannot decide this: some record is always the nearest, even if none matches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/json.h"
#include "formation/knowledge.h"
#include "language/claim.h"
#include "language/intent.h"

namespace trine::formation {

// Made for one question. Immutable; thread-safe. The intent and the roles outlive it. Without a vocabulary
// (nullptr: not built yet) the head word is always required.
class IntentMatcher {
 public:
  IntentMatcher(const language::QueryIntent& intent, const catalogue::Roles& roles,
                const language::Vocabulary* vocabulary);

  // Whether the record has one of the named values of each field for which the question names values. A field
  // and its translation ("colour", "colour_en") count as one field. Instead of a category, the record may be
  // called what the question asks for: a "hair dryer" need not be in the category "hair".
  bool HasNamedFacets(const format::Json& source) const;
  // Whether the record matches the question. If the question names facet values, the record must have them,
  // and its titles or facet values must contain the head word unless a named value expresses it. If the
  // question names no facet values, the record's titles and facet values must contain the head word and at
  // least half of the question's words; it is also enough if the whole record contains all of the words.
  // Every record matches an open question ("anything light?").
  bool Matches(const format::Json& source) const;
  // Whether the record has one of the named values of each category field for which the question names
  // values, or is called what the question asks for. True if it names no category. A product outside of it
  // may have the word in its title: an earphone case.
  bool HasNamedCategories(const format::Json& source) const;
  // How closely the record is related to the thing that the question asks for, whatever its other values: 3
  // if its titles or facet values contain the head word, 2 if it has the named categories, 1 if the question
  // names no category and the record has one of its words, or if the question names nothing; otherwise 0.
  int Relatedness(const format::Json& source) const;
  // Whether the record has every number of the question that sets no bound ("55", "2인용").
  bool StatesNumbers(const format::Json& source) const;
  // The facts of the record, by which claims are judged.
  language::ProductFacts FactsOf(const format::Json& source) const;
  // The categories of the record, folded, one per line.
  std::string CategoriesOf(const format::Json& source) const;
  // The words of the question that occur in the titles and facet values of the record, in the order of the
  // question.
  std::vector<std::string> MatchedWords(const format::Json& source) const;

 private:
  // Whether the titles and facet values have the head word and every word that a category of the question
  // expresses. False if a category expresses the head word.
  bool IsCalled(const format::Json& source) const;
  // Whether the record has a value that the question names for the field or a translation of it.
  bool HasNamedFacet(const format::Json& source, std::string_view field) const;

  const language::QueryIntent& intent_;
  const catalogue::Roles& roles_;
  const language::IntentTerm* head_ = nullptr;  // the head word, unless a named value expresses it
};

// Returns `other_season_factor` if the record names seasons but not `season`, otherwise 1.
double SeasonFactor(const format::Json& source, const catalogue::Roles& roles, std::string_view season,
                    double other_season_factor);

}  // namespace trine::formation
