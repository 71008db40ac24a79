// Answers: one function a kind of recipe, from what is asked to the list that is given.
#pragma once

#include "base/result.h"
#include "recommend/candidate/source_cache.h"
#include "recommend/model/scorer.h"
#include "recommend/recipe/asked.h"
#include "recommend/recommender.h"

namespace trine::recommend {

// What answers borrow for one request.
struct AnswerTools {
  SourceCache& cache;
  ScorerScratch* scratch;
  const Clock& clock;
  uint64_t request_number = 0;  // exploration draws anew for each
};

// Items for a person: the blend, exploration, without what was bought when the recipe says so.
Result<Recommendation> AnswerUser(const RecommendRequest& request, const Asked& asked, AnswerTools& tools);
// Items that go with an item. An item that nobody knows is answered with popular ones.
Result<Recommendation> AnswerRelated(const RecommendRequest& request, Asked& asked, AnswerTools& tools);
// Popular and trending items.
Result<Recommendation> AnswerCounts(const RecommendRequest& request, const Asked& asked, AnswerTools& tools);
// A given list in the person's order (or by counts, for the recipes that count).
Result<Recommendation> AnswerRanking(const RankRequest& request, const Asked& asked, AnswerTools& tools);

// Scores by counts alone of every candidate, for the popular and trending recipes.
struct Counted {
  std::vector<ScoredItem> scored;
  Cause cause;  // of each, with its amount to be filled in
  std::string note;
};
Counted CountItems(const Served& served, const Asked& asked);

// What was missing, in words; nothing when all was there.
void AddNotes(const Served& served, const Asked& asked, Recommendation* answer);
void AddNote(std::string_view words, Recommendation* answer);
// Filter and promotions applied.
Result<std::vector<Placed>> PlaceRequest(const RecommendRequest& request, const Asked& asked,
                                         AnswerTools& tools, Item current,
                                         const std::vector<ScoredItem>& scored);

}  // namespace trine::recommend
