// Answers: one function per kind of recipe, which turns a request into a recommended list.
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
  uint64_t request_number = 0;  // seeds exploration, so that requests draw different items
};

// Recommends items to a person, by score and exploration, without bought items if the recipe drops them.
Result<Recommendation> AnswerUser(const RecommendRequest& request, const RequestState& state,
                                  AnswerDependencies& dependencies);
// Recommends items related to an item, or popular items if the item is unknown, which is not an error.
// Overwrites the profile and weights of `state`: for scoring, the item takes the place of the person, whose
// history still decides what filters and the exclusion of bought items let pass.
Result<Recommendation> AnswerRelated(const RecommendRequest& request, RequestState& state,
                                     AnswerDependencies& dependencies);
// Recommends popular or trending items.
Result<Recommendation> AnswerCounts(const RecommendRequest& request, const RequestState& state,
                                    AnswerDependencies& dependencies);
// Orders a given list by the person's scores, or by counts for popular and trending recipes.
Result<Recommendation> AnswerRanking(const RankRequest& request, const RequestState& state,
                                     AnswerDependencies& dependencies);

// The score of every candidate by counts alone, for popular and trending recipes.
struct CountedScores {
  std::vector<ScoredItem> scored;
  Cause cause;  // shared by all items; the amount is the item's score
  std::string note;
};
CountedScores ScoreByCounts(const ServingConfig& serving, const RequestState& state);

// Appends phrases about missing data (no model, too few events) to the answer's note. AddNote adds one
// phrase; an empty phrase adds nothing.
void AddNotes(const ServingConfig& serving, const RequestState& state, Recommendation* answer);
void AddNote(std::string_view words, Recommendation* answer);
// Applies a request's filter, promotions and count. `current`: the item that the request is about, or kNone.
// Errors are those of Bind (rank/filter.h).
Result<std::vector<PlacedItem>> PlaceItemsFor(const RecommendRequest& request, const RequestState& state,
                                              AnswerDependencies& dependencies, Item current,
                                              const std::vector<ScoredItem>& scored);

}  // namespace trine::recommend
