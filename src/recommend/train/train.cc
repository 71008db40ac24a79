// TrainFromSnapshot: turns the files of a snapshot into a model and its metrics.
#include "recommend/train/train.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "base/check.h"
#include "base/random.h"
#include "recommend/model/trained_model.h"
#include "recommend/train/fit.h"
#include "recommend/train/metrics.h"
#include "recommend/train/spec_codec.h"
#include "recommend/train/training_data.h"
#include "recommend/train/tune.h"
#include "storage/directory.h"

namespace trine::recommend {
namespace {

constexpr double kTestShare = 0.1;       // share of the people who are tested
constexpr double kTargetShare = 0.1;     // this share of a tested person's events, the newest, is held out
constexpr size_t kLeastTestPeople = 5;   // with fewer, everybody is tested on their newest events
constexpr size_t kMaxTestPeople = 2000;  // more would not change the displayed digits

struct Split {
  std::vector<HeldOut> tested;
  std::vector<char> used;  // events to fit on
  bool small = false;
};

// Trains on nine tenths of the people. For each of the others, the oldest nine tenths of the events are given
// and the newest tenth must be predicted. With too few people, everybody is tested on their newest events,
// which are held out.
Split SplitPeople(const TrainingData& data, uint64_t seed) {
  Split split;
  split.used.assign(data.events.size(), 1);
  std::vector<uint32_t> able;
  for (uint32_t p = 0; p < data.people.size(); ++p) {
    if (data.people[p].end - data.people[p].begin >= 2) able.push_back(p);
  }
  Random random(seed);
  for (size_t i = able.size(); i > 1; --i) std::swap(able[i - 1], able[random.Below(i)]);
  auto tested = static_cast<size_t>(std::lround(kTestShare * static_cast<double>(able.size())));
  split.small = tested < kLeastTestPeople;
  if (split.small) tested = able.size();
  able.resize(tested);
  for (const uint32_t p : able) {
    const TrainingPerson& person = data.people[p];
    const uint64_t events = person.end - person.begin;
    const auto targets =
        std::max<uint64_t>(1, static_cast<uint64_t>(kTargetShare * static_cast<double>(events)));
    const HeldOut held{p, person.begin, person.end - targets, person.end};
    for (uint64_t at = split.small ? held.split : held.begin; at < held.end; ++at) split.used[at] = 0;
    if (split.tested.size() < kMaxTestPeople) split.tested.push_back(held);
  }
  return split;
}

void MeasureRanking(const TrainingData& data, const Split& split, const RecipePlan& plan,
                    const ScoreWeights& weights, const FittedModel& fit, const TrainingSpec& spec,
                    TrainingMetrics* metrics) {
  TRINE_CHECK_EQ(split.used.size(), data.events.size());
  OfflineRanker ranker(data, fit, plan, spec);
  std::set<Item> shown;
  double mrr = 0, ndcg5 = 0, ndcg10 = 0, ndcg25 = 0, p5 = 0, p10 = 0, p25 = 0;
  for (const HeldOut& held : split.tested) {
    const std::vector<Item> targets = Targets(data, held);
    const std::vector<Item> best = ranker.Best(held, weights, 25);
    std::vector<char> hits;
    hits.reserve(best.size());
    for (const Item i : best) hits.push_back(std::ranges::binary_search(targets, i) ? 1 : 0);
    shown.insert(best.begin(), best.end());
    mrr += ReciprocalRank(hits, 25);
    ndcg5 += Ndcg(hits, targets.size(), 5);
    ndcg10 += Ndcg(hits, targets.size(), 10);
    ndcg25 += Ndcg(hits, targets.size(), 25);
    p5 += Precision(hits, 5);
    p10 += Precision(hits, 10);
    p25 += Precision(hits, 25);
  }
  const auto n = std::max<double>(1, static_cast<double>(split.tested.size()));
  const auto items = std::max<double>(1, static_cast<double>(data.items.size()));
  metrics->values = {{"coverage", static_cast<double>(shown.size()) / items},
                     {"mrr_at_25", mrr / n},
                     {"ndcg_at_5", ndcg5 / n},
                     {"ndcg_at_10", ndcg10 / n},
                     {"ndcg_at_25", ndcg25 / n},
                     {"precision_at_5", p5 / n},
                     {"precision_at_10", p10 / n},
                     {"precision_at_25", p25 / n},
                     {"tested_users", static_cast<double>(split.tested.size())},
                     {"small_data", split.small ? 1.0 : 0.0}};
}

std::string ModelBytes(const TrainingData& data, const FittedModel& fit, const ScoreWeights& weights,
                       const RecipePlan& plan, const TrainingSpec& spec) {
  ModelContent content;
  ModelMeta& meta = content.meta;
  meta.recipe = spec.recipe;
  meta.weights = weights;
  meta.events = plan.events;
  meta.item_columns = ColumnsOf(spec, "items");
  meta.user_columns = ColumnsOf(spec, "users");
  meta.popularity_discount = plan.popularity_discount;
  meta.trend_slots = plan.trend_slots;
  meta.interactions = data.events.size();
  meta.users = data.people.size();
  meta.trained_at = data.now.value;
  for (Item i = 0; i < data.items.size(); ++i) {
    content.items.push_back(data.items.Id(i));
    content.people.push_back(fit.statistics.People(i));
  }
  content.rules = &fit.rules;
  return WriteModel(content);
}

Error NoInteractionLeft(const TrainingData& data) {
  return Error(ErrorCode::kTooLittleData,
               "no interaction to train on: no event matches the training specification")
      .Expected("at least one matching event")
      .Got(std::to_string(data.left_out) + " events, none of which match");
}

}  // namespace

Result<TrainingMetrics> TrainFromSnapshot(const std::string& folder, const TrainingProgress& progress,
                                          const std::stop_token& stop) {
  const auto begin = std::chrono::steady_clock::now();
  const auto report = [&](double share, const char* words) {
    if (progress) progress(share, words);
  };
  report(0, "reading the snapshot");
  TRINE_ASSIGN(const auto dir, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const auto spec_bytes, dir->Open(kSpecFile));
  TRINE_ASSIGN(const SnapshotSpec snapshot, ReadSpec(spec_bytes->bytes()));
  const TrainingSpec& spec = snapshot.training;
  TRINE_ASSIGN(const TrainingData data,
               ReadTrainingData(*dir, spec, snapshot.binding, snapshot.now, snapshot.declared));
  if (data.events.empty()) return NoInteractionLeft(data);
  const RecipePlan plan = PlanFor(spec);

  TuningResult tuned{plan.weights, false, 0};
  if (plan.tune) {
    report(0.2, "tuning weights on the newest events");
    TRINE_ASSIGN(tuned, TuneWeights(data, plan, spec, stop));
  }
  report(0.5, "fitting on nine tenths of the people");
  const Split split = SplitPeople(data, spec.seed);
  TrainingMetrics metrics;
  {
    TRINE_ASSIGN(const FittedModel partial, FitModel(data, split.used, plan, stop));
    report(0.6, "evaluating on the others");
    MeasureRanking(data, split, plan, tuned.weights, partial, spec, &metrics);
  }
  report(0.8, "fitting on everybody");
  TRINE_ASSIGN(const FittedModel fit, FitModel(data, std::vector<char>(data.events.size(), 1), plan, stop));
  metrics.interactions = data.events.size();
  metrics.users = data.people.size();
  metrics.items = data.items.size();
  metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report(0.95, "writing the model");
  TRINE_TRY(storage::WriteFileAtomically(*dir, kModelFile, ModelBytes(data, fit, tuned.weights, plan, spec)));
  TRINE_TRY(storage::WriteFileAtomically(*dir, kMetricsFile, WriteMetrics(metrics)));
  report(1, "done");
  return metrics;
}

}  // namespace trine::recommend
