// Blend: how much of the person goes into an answer, and what that does to each candidate. Scores are
// blended, not ranks; a guard keeps what the question does not mean from rising by taste.
#pragma once

#include <string>
#include <vector>

#include "language/intent.h"
#include "recommend/recommender.h"

namespace trine::formation {

struct PersonalWeight {
  double value = 0;
  std::string why;
};

// "What is popular?", "anything new?": that is the order, and the person's own taste has little to say.
bool AsksForPopularOrNew(const language::QueryIntent& intent);
// "auto": much for browsing, little for a named product, less while little is known of the person
// (`events` of theirs were read).
PersonalWeight AutoWeight(const language::QueryIntent& intent, size_t events);

// One candidate before and after. Search scores are fused ones in 0..1; personal scores are >= 0.
struct CandidateScores {
  double search = 0;
  double personal = 0;
  double rule = 0;  // what a soft wish adds ("light"), 0..1
  double base = 0, taste = 0, popularity = 0, exploration = 0,
         wish = 0;  // parts of `score`; they add up to it
  double score = 0;
};
// Parts of the personal score by what they rest on, in shares of 1.
struct PersonalShares {
  double taste = 0, popularity = 0, exploration = 0;
};
PersonalShares PersonalSharesOf(const std::vector<recommend::Cause>& because);

// Fills the parts and the score of each candidate. The personal part counts whole for a candidate whose
// search score is at least kGuardWhole of the best one, and not at all at or below kGuardNone of it: at
// every weight, 1 included. With no relevance to go by (every search score 0) the personal order stands.
inline constexpr double kGuardWhole = 0.6, kGuardNone = 0.3;
inline constexpr double kWishShare = 0.5;  // the most that a wish adds
void BlendScores(double weight, const std::vector<PersonalShares>& shares,
                 std::vector<CandidateScores>* candidates);

}  // namespace trine::formation
