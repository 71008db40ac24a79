// Fit: the counting models of one part of the data, and lists ranked by them.
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

struct Fit {
  Statistics statistics;
  Lifts lifts;
  RuleTable rules;
  uint64_t events = 0;
};

// Fits on the events for which `used[event]` is not 0. kTimeout when stopped.
Result<Fit> FitCounts(const TrainingData& data, const std::vector<char>& used, const RecipePlan& plan,
                      const std::stop_token& stop);

// Someone whose further events are known: [begin, split) is given, [split, end) is to be found.
struct HeldOut {
  uint32_t person = 0;
  uint64_t begin = 0, split = 0, end = 0;
};
// The different items to be found, sorted.
std::vector<Item> Targets(const TrainingData& data, const HeldOut& held);

// The person as the scorer wants them, at the moment of the first event to be found. With `newest`
// only the last event is given (answers about one item).
Person PersonOf(const TrainingData& data, const Statistics& statistics, const HeldOut& held, bool newest,
                const std::vector<std::pair<std::string, double>>& event_weights);

// The `k` best items that were seen in training or are in the catalogue, best first, ties by number.
class Ranker {
 public:
  Ranker(const TrainingData& data, const Fit& fit, const RecipePlan& plan, const TrainingSpec& spec);
  std::vector<Item> Best(const HeldOut& held, const Blend& blend, size_t k);
  // Score of every item of the table; lowest() for those that are no candidates.
  const std::vector<double>& Scores(const HeldOut& held, const Blend& blend);
  bool IsCandidate(Item i) const { return candidate_[i] != 0; }
  size_t candidates() const { return candidates_; }
  // fn(parts of every item) for tuning; only for people's recipes.
  void Measure(const HeldOut& held, const std::function<void(Item, const Parts&)>& fn);

 private:
  Scorer MakeScorer(const Person& person, const Blend& blend);
  const TrainingData& data_;
  const Fit& fit_;
  const RecipePlan& plan_;
  const RecipeKind kind_;
  const RuleRows rows_;
  std::vector<std::pair<std::string, double>> event_weights_;
  std::vector<char> ignored_, candidate_;
  size_t candidates_ = 0;
  ScorerScratch scratch_;
  std::vector<double> scores_;
};

// Columns of a table that take no part, by number.
std::vector<char> IgnoredColumns(const ItemTable& items, const std::vector<std::string>& excluded);

}  // namespace trine::recommend
