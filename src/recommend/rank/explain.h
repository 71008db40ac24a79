// Explain: the pieces of a score as causes, strongest first.
#pragma once

#include <vector>

#include "history/history.h"
#include "recommend/model/blend.h"
#include "recommend/model/scorer.h"
#include "recommend/rank/answer.h"

namespace trine::recommend {

inline constexpr size_t kMaxCauses = 8;

// What a person's score of an item is made of. `events` are what Liked::event points into. `more` is
// added as it stands (exploration). The amounts of the causes add up to the returned score.
struct Explained {
  double score = 0;
  std::vector<Cause> because;
};
Explained Explain(const Scorer& scorer, const Blend& blend, const std::vector<history::Event>& events,
                  Item item, std::vector<Cause> more = {});

}  // namespace trine::recommend
