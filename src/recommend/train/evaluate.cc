#include "recommend/train/evaluate.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <set>

#include "base/check.h"
#include "base/random.h"
#include "recommend/train/fit.h"
#include "recommend/train/leave_one_out.h"
#include "recommend/train/spec_codec.h"
#include "recommend/train/tune.h"
#include "storage/directory.h"

namespace trine::recommend {
namespace {

constexpr size_t kTop = 10;

// The result of one arm (one of the compared ways to score items) for one person.
struct Outcome {
  double hit = 0, ndcg = 0;
};

struct ArmRun {
  std::string name;
  std::vector<Outcome> outcomes;  // by person
  std::set<Item> shown;
};

// The events before a moment, with all items and people.
TrainingData Before(const TrainingData& data, int64_t moment) {
  TrainingData past;
  past.items = data.items;
  past.types = data.types;
  past.people = data.people;
  past.now = Millis{moment};
  for (TrainingPerson& person : past.people) {
    const uint64_t begin = past.events.size();
    for (uint64_t at = person.begin; at < person.end && data.events[at].time < moment; ++at) {
      past.events.push_back(data.events[at]);
    }
    person.begin = begin;
    person.end = past.events.size();
  }
  return past;
}

std::vector<HeldOut> People(const TrainingData& data, int64_t moment, const EvaluationOptions& options) {
  std::vector<HeldOut> held;
  for (uint32_t p = 0; p < data.people.size(); ++p) {
    uint64_t split = data.people[p].begin;
    while (split < data.people[p].end && data.events[split].time < moment) ++split;
    if (split < data.people[p].end) held.push_back({p, data.people[p].begin, split, data.people[p].end});
  }
  Random random(options.seed);
  for (size_t i = held.size(); i > 1; --i) std::swap(held[i - 1], held[random.Below(i)]);
  if (held.size() > options.max_people) held.resize(options.max_people);
  return held;
}

Outcome EvaluateScores(const std::vector<double>& scores, const std::vector<Item>& targets) {
  Outcome outcome;
  double best = 0;
  for (size_t t = 0; t < targets.size(); ++t) {
    best += GainAt(static_cast<double>(t + 1), kTop);
    TRINE_DCHECK_LT(targets[t], scores.size());
    const double mine = scores[targets[t]];
    if (mine == std::numeric_limits<double>::lowest())
      continue;  // the item was not a candidate before the split
    size_t above = 0, equal = 0;
    for (const double s : scores) {
      above += s > mine ? 1 : 0;
      equal += s == mine ? 1 : 0;
    }
    const double rank = MeanRank(above, equal - 1);
    outcome.ndcg += GainAt(rank, kTop);
    if (rank <= kTop) outcome.hit = 1;
  }
  outcome.ndcg /= best;
  return outcome;
}

void AddTopItems(const std::vector<double>& scores, std::set<Item>* shown) {
  std::vector<Item> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const size_t k = std::min(kTop, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
                    [&](Item a, Item b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  shown->insert(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k));
}

Interval MeanWithInterval(const std::vector<double>& values, const EvaluationOptions& options) {
  Interval interval;
  if (values.empty()) return interval;
  const auto n = static_cast<double>(values.size());
  interval.value = std::accumulate(values.begin(), values.end(), 0.0) / n;
  Random random(options.seed + 7);
  std::vector<double> means;
  for (size_t r = 0; r < options.resamples; ++r) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[random.Below(values.size())];
    means.push_back(sum / n);
  }
  std::ranges::sort(means);
  if (!means.empty()) {
    interval.low = means[static_cast<size_t>(0.025 * static_cast<double>(means.size() - 1))];
    interval.high = means[static_cast<size_t>(0.975 * static_cast<double>(means.size() - 1))];
  }
  return interval;
}

std::vector<double> Column(const ArmRun& run, double Outcome::*member) {
  std::vector<double> values;
  for (const Outcome& o : run.outcomes) values.push_back(o.*member);
  return values;
}

ScoreWeights SingleWeight(double ScoreWeights::*part) {
  ScoreWeights weights;
  weights.rules = weights.taste = weights.cold_taste = weights.people = weights.season = weights.popularity =
      weights.recent = weights.repeat = 0;
  weights.*part = 1;
  return weights;
}

// Ranks the person's own most frequent items first, then popular ones.
ScoreWeights RepetitionWeights() {
  ScoreWeights weights = SingleWeight(&ScoreWeights::repeat);
  weights.popularity = 1e-3;
  return weights;
}

void Summarise(const std::vector<ArmRun>& runs, const EvaluationOptions& options, size_t items,
               Evaluation* evaluation) {
  for (const ArmRun& run : runs) {
    evaluation->arms.push_back(
        {run.name, MeanWithInterval(Column(run, &Outcome::hit), options),
         MeanWithInterval(Column(run, &Outcome::ndcg), options),
         static_cast<double>(run.shown.size()) / std::max<double>(1, static_cast<double>(items))});
  }
  const std::vector<double> served_ndcg = Column(runs.back(), &Outcome::ndcg);
  for (size_t r = 0; r + 1 < runs.size(); ++r) {
    std::vector<double> gain = Column(runs[r], &Outcome::ndcg);
    TRINE_CHECK_EQ(gain.size(), served_ndcg.size());
    for (size_t i = 0; i < gain.size(); ++i) gain[i] = served_ndcg[i] - gain[i];
    evaluation->gains.emplace_back(runs[r].name, MeanWithInterval(gain, options));
  }
}

}  // namespace

Result<Evaluation> EvaluateTimeSplit(const TrainingData& data, const TrainingSpec& spec,
                                     const EvaluationOptions& options, const std::stop_token& stop) {
  std::vector<int64_t> times;
  for (const TrainingEvent& e : data.events) times.push_back(e.time);
  std::ranges::sort(times);
  const Error too_little = Error(ErrorCode::kTooLittleData, "too few events to split by time");
  if (times.size() < 10) return too_little;
  const int64_t moment =
      times[static_cast<size_t>((1 - options.future_share) * static_cast<double>(times.size() - 1))];
  const TrainingData past = Before(data, moment);
  if (past.events.empty()) return too_little;

  Evaluation evaluation;
  evaluation.moment = Millis{moment};
  evaluation.events_before = past.events.size();
  evaluation.events_after = data.events.size() - past.events.size();
  const auto begin = std::chrono::steady_clock::now();
  const RecipePlan plan = PlanFor(spec);
  TRINE_ASSIGN(const TuningResult tuned, TuneWeights(past, plan, spec, stop));
  TRINE_ASSIGN(const FittedModel fit, FitModel(past, std::vector<char>(past.events.size(), 1), plan, stop));
  evaluation.seconds_to_fit = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  const std::pair<const char*, ScoreWeights> arms[] = {
      {"popularity", SingleWeight(&ScoreWeights::popularity)},
      {"recent popularity", SingleWeight(&ScoreWeights::recent)},
      {"co-occurrence", SingleWeight(&ScoreWeights::rules)},
      {"repetition", RepetitionWeights()},
      {"served blend", tuned.weights}};
  std::vector<ArmRun> runs;
  for (const auto& arm : arms) runs.push_back({arm.first, {}, {}});
  OfflineRanker ranker(data, fit, plan, spec);
  evaluation.items = ranker.candidates();
  for (const HeldOut& held : People(data, moment, options)) {
    if (stop.stop_requested()) return Error(ErrorCode::kStopped, "the evaluation was stopped");
    ++evaluation.people;
    evaluation.known_people += held.split > held.begin ? 1 : 0;
    const std::vector<Item> targets = Targets(data, held);
    for (size_t a = 0; a < runs.size(); ++a) {
      const std::vector<double>& scores = ranker.Scores(held, arms[a].second);
      runs[a].outcomes.push_back(EvaluateScores(scores, targets));
      AddTopItems(scores, &runs[a].shown);
    }
  }
  Summarise(runs, options, evaluation.items, &evaluation);
  return evaluation;
}

Result<Evaluation> EvaluateSnapshot(const std::string& folder, const EvaluationOptions& options,
                                    const std::stop_token& stop) {
  TRINE_ASSIGN(const auto dir, storage::OpenDirectory(folder));
  TRINE_ASSIGN(const auto spec_bytes, dir->Open(kSpecFile));
  TRINE_ASSIGN(const SnapshotSpec snapshot, ReadSpec(spec_bytes->bytes()));
  TRINE_ASSIGN(const TrainingData data,
               ReadTrainingData(*dir, snapshot.training, snapshot.binding, snapshot.now, snapshot.declared));
  return EvaluateTimeSplit(data, snapshot.training, options, stop);
}

}  // namespace trine::recommend
