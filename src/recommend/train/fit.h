// Fits the counting models (statistics, lifts and rules) to part of the training data, and ranks items with
// them offline.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "recommend/model/lifts.h"
#include "recommend/model/rules.h"
#include "recommend/model/scorer.h"
#include "recommend/model/statistics.h"
#include "recommend/train/recipe_plan.h"
#include "recommend/train/training_data.h"

namespace trine::recommend {

// Owned by the caller; immutable once fitted.
struct FittedModel {
  Statistics statistics;
  Lifts lifts;
  RuleTable rules;
  uint64_t events = 0;  // number of events that were counted
};

// Fits to the events with used[event] != 0. Requires one entry of `used` per event. Returns kStopped if
// stopped.
Result<FittedModel> FitModel(const TrainingData& data, const std::vector<char>& used, const RecipePlan& plan,
                             const std::stop_token& stop);

// A person whose later events are held out: events [begin, split) are given, [split, end) are to be
// predicted.
struct HeldOut {
  uint32_t person = 0;
  uint64_t begin = 0, split = 0, end = 0;
};
// The distinct items to be predicted, ascending.
std::vector<Item> Targets(const TrainingData& data, const HeldOut& held);

// The person's profile at the moment of the first held-out event. With `newest`, the profile contains
// only the last item before that event, as for recipes that recommend related items.
UserProfile ProfileBefore(const TrainingData& data, const Statistics& statistics, const HeldOut& held,
                          bool newest, const EventSelection& events);

// Ranks all candidates for a held-out person, as serving would. Candidates are the items that the model saw
// in training and all items in the catalogue. Borrows its arguments. Not thread-safe.
class OfflineRanker {
 public:
  OfflineRanker(const TrainingData& data, const FittedModel& fit, const RecipePlan& plan,
                const TrainingSpec& spec);
  // The `k` best candidates, best first; items with equal scores are ordered by number.
  std::vector<Item> Best(const HeldOut& held, const ScoreWeights& weights, size_t k);
  // The score of every item of the table; lowest() for items that are not candidates. Valid until the next
  // call.
  const std::vector<double>& Scores(const HeldOut& held, const ScoreWeights& weights);
  bool IsCandidate(Item i) const { return candidate_[i] != 0; }
  size_t candidates() const { return candidates_; }
  // Calls fn(item, components) for every candidate, ascending. Only for tuning recipes that score items for a
  // person.
  void Measure(const HeldOut& held, const std::function<void(Item, const ScoreComponents&)>& fn);

 private:
  Scorer MakeScorer(const UserProfile& person, const ScoreWeights& weights);
  const TrainingData& data_;
  const FittedModel& fit_;
  const RecipePlan& plan_;
  const RecipeKind kind_;
  const RuleRows rows_;
  std::vector<char> ignored_, candidate_;
  size_t candidates_ = 0;
  ScorerScratch scratch_;
  std::vector<double> scores_;
};

// Returns one element per column of the table: 1 if it is not used, else 0. The tokens of all texts share one
// column, so they are ignored together: if the caller excluded one of the columns that they came from, or if
// none of these columns is used.
std::vector<char> IgnoredColumns(const ItemTable& items, const ColumnChoice& columns);

}  // namespace trine::recommend
