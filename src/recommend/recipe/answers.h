// Answers: one function per kind of recipe, from a request to the recommended list.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "recommend/candidate/record_cache.h"
#include "recommend/model/scorer.h"
#include "recommend/rank/answer.h"
#include "recommend/rank/place.h"
#include "recommend/rank/request.h"
#include "recommend/recipe/request_state.h"

namespace trine::recommend {

// The services and memory that an answer function borrows for one request.
struct AnswerDependencies {
  RecordCache& cache;
  ScorerScratch* scratch;
  const Clock& clock;
  uint64_t request_number = 0;  // seeds exploration, so that every request draws other items
};

// Items for a person, by score and exploration; without bought items for recipes that drop them.
Result<Recommendation> AnswerUser(const RecommendRequest& request, const RequestState& state,
                                  AnswerDependencies& dependencies);
// Items related to an item; popular ones when the item is unknown, which is not an error. Overwrites the
// profile, events and weights of `state`: the item takes the place of the person.
Result<Recommendation> AnswerRelated(const RecommendRequest& request, RequestState& state,
                                     AnswerDependencies& dependencies);
// Popular and trending items.
Result<Recommendation> AnswerCounts(const RecommendRequest& request, const RequestState& state,
                                    AnswerDependencies& dependencies);
// A given list in the person's order, or by counts for popular and trending recipes.
Result<Recommendation> AnswerRanking(const RankRequest& request, const RequestState& state,
                                     AnswerDependencies& dependencies);

// The scores of every candidate by counts alone, for popular and trending recipes.
struct CountedScores {
  std::vector<ScoredItem> scored;
  Cause cause;  // shared by all items; the amount is the item's score
  std::string note;
};
CountedScores ScoreByCounts(const ServingConfig& serving, const RequestState& state);

// Adds what was missing (a model, enough events) to the note. AddNote adds one phrase; an empty one adds
// nothing.
void AddNotes(const ServingConfig& serving, const RequestState& state, Recommendation* answer);
void AddNote(std::string_view words, Recommendation* answer);
// Applies the filter, the promotions and the count of a request. `current`: the item it is about, or kNone.
// Errors as of Bind (rank/filter.h).
Result<std::vector<PlacedItem>> PlaceItemsFor(const RecommendRequest& request, const RequestState& state,
                                              AnswerDependencies& dependencies, Item current,
                                              const std::vector<ScoredItem>& scored);

}  // namespace trine::recommend
