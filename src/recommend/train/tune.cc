#include "recommend/train/tune.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/random.h"

namespace trine::recommend {
namespace {

constexpr double kHeldBack = 0.1;   // this share of the events, the newest, is held out
constexpr size_t kMaxPeople = 400;  // held-out people
constexpr size_t kMaxTargets = 5;   // per person
// With fewer people the quality would be mostly noise, so nothing is tuned.
constexpr size_t kLeastPeople = 20;
constexpr size_t kMaxCells = 24u << 20;  // components of all cases together: 96 MB
constexpr double kClearGain = 1.004;     // a weight changes only if quality grows by this factor
// In the order of AppendComponents. The first and the last are not tuned.
constexpr std::array kWeights = {&ScoreWeights::rules,  &ScoreWeights::taste,      &ScoreWeights::people,
                                 &ScoreWeights::season, &ScoreWeights::popularity, &ScoreWeights::recent,
                                 &ScoreWeights::repeat, &ScoreWeights::cold_taste};
constexpr size_t kComponentCount = kWeights.size();

// The components of every candidate for one person, and the candidates that the person used.
struct TuningCase {
  std::vector<float> components;    // kComponentCount per candidate
  std::vector<uint32_t> positives;  // indices of the candidates that were used, ascending
  std::vector<uint32_t> targets;    // a sample of `positives`
};

void AppendComponents(const ScoreComponents& p, std::vector<float>* out) {
  const std::array components = {p.rules,  p.taste, p.people + p.region, p.season, p.popularity, p.recent,
                                 p.repeat, p.cold};
  static_assert(components.size() == kComponentCount);
  for (const double part : components) out->push_back(static_cast<float>(part));
}

double ScoreOf(const float* components, const ScoreWeights& weights) {
  double score = 0;
  for (size_t k = 0; k < kComponentCount; ++k) score += weights.*kWeights[k] * components[k];
  return score;
}

// The mean gain of the targets. A target gains 1 / log2(rank + 1) if its rank is at most 25. At any rank, it
// also gains 0.3 times this value, so that weights improve the rest of the list too.
double RankingQuality(const std::vector<TuningCase>& cases, const ScoreWeights& weights) {
  double sum = 0;
  std::vector<double> scores;
  for (const TuningCase& c : cases) {
    TRINE_DCHECK(!c.targets.empty());
    const size_t n = c.components.size() / kComponentCount;
    scores.resize(n);
    for (size_t i = 0; i < n; ++i) scores[i] = ScoreOf(&c.components[i * kComponentCount], weights);
    double gain = 0;
    for (const uint32_t target : c.targets) {
      const double mine = scores[target];
      double rank = 0.5;
      for (const double other : scores) rank += other > mine ? 1.0 : other == mine ? 0.5 : 0.0;
      const double of_rank = 1 / std::log2(rank + 1);
      gain += 0.3 * of_rank + (rank <= 25 ? of_rank : 0);
    }
    sum += gain / static_cast<double>(c.targets.size());
  }
  return sum / static_cast<double>(cases.size());
}

std::vector<HeldOut> HoldOutNewest(const TrainingData& data, int64_t from, uint64_t seed, size_t limit) {
  std::vector<HeldOut> held;
  for (uint32_t p = 0; p < data.people.size(); ++p) {
    const TrainingPerson& person = data.people[p];
    const auto begin = data.events.begin() + static_cast<std::ptrdiff_t>(person.begin);
    const auto end = data.events.begin() + static_cast<std::ptrdiff_t>(person.end);
    const auto split =
        std::lower_bound(begin, end, from, [](const TrainingEvent& e, int64_t t) { return e.time < t; });
    if (split == end) continue;
    held.push_back({p, person.begin, static_cast<uint64_t>(split - data.events.begin()), person.end});
  }
  Random random(seed);
  for (size_t i = held.size(); i > 1; --i) std::swap(held[i - 1], held[random.Below(i)]);
  if (held.size() > limit) held.resize(limit);
  return held;
}

std::vector<TuningCase> MeasureTuningCases(OfflineRanker& ranker, const TrainingData& data,
                                           const std::vector<HeldOut>& held, uint64_t seed) {
  std::vector<TuningCase> cases;
  Random random(seed + 2);
  for (const HeldOut& h : held) {
    const std::vector<Item> targets = Targets(data, h);
    TuningCase c;
    uint32_t place = 0;
    ranker.Measure(h, [&](Item i, const ScoreComponents& components) {
      AppendComponents(components, &c.components);
      if (std::ranges::binary_search(targets, i)) c.positives.push_back(place);
      ++place;
    });
    if (c.positives.empty()) continue;
    c.targets = c.positives;
    // Thirty targets per person contain little more information than five, and cost six times as much.
    for (size_t t = 0; t < kMaxTargets && t < c.targets.size(); ++t) {
      std::swap(c.targets[t], c.targets[t + random.Below(c.targets.size() - t)]);
    }
    if (c.targets.size() > kMaxTargets) c.targets.resize(kMaxTargets);
    cases.push_back(std::move(c));
  }
  return cases;
}

ScoreWeights SearchWeights(const std::vector<TuningCase>& cases, ScoreWeights weights) {
  constexpr double kGrid[] = {0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6};
  // The grid contains large weights, because in some shops most purchases are repetitions. In other shops,
  // repetitions never occur. The negative weights are small even so, because an item of the person's history
  // still matches their taste when it is ranked in a list that the caller chose.
  constexpr double kRepeatGrid[] = {-0.3, -0.1, 0, 0.15, 0.3, 0.6, 1.2, 2.4, 4.8, 9.6};
  double best = RankingQuality(cases, weights);
  for (int round = 0; round < 2; ++round) {
    bool moved = false;
    // The weight of rules stays 1, because only ratios matter. The weight cold_taste stays unchanged too,
    // because the data contains too few cold items to learn from.
    for (size_t k = 1; k + 1 < kComponentCount; ++k) {
      ScoreWeights winner = weights;
      const std::span<const double> grid =
          kWeights[k] == &ScoreWeights::repeat ? std::span<const double>(kRepeatGrid) : kGrid;
      for (const double weight : grid) {
        ScoreWeights trial = weights;
        trial.*kWeights[k] = weight;
        const double quality = RankingQuality(cases, trial);
        if (quality > best * kClearGain) {
          best = quality;
          winner = trial;
          moved = true;
        }
      }
      weights = winner;
    }
    if (!moved) break;
  }
  return weights;
}

// Fits 1 / (1 + exp(-(slope * score + offset))) by Newton's method to the candidates that were used and a
// weighted sample of the others (Platt 1999).
void Calibrate(const std::vector<TuningCase>& cases, uint64_t seed, ScoreWeights* weights) {
  constexpr size_t kOthers = 60;  // sampled candidates per person
  struct Point {
    double score, weight, label;
  };
  std::vector<Point> points;
  Random random(seed + 1);
  for (const TuningCase& c : cases) {
    const size_t n = c.components.size() / kComponentCount;
    for (const uint32_t t : c.positives)
      points.push_back({ScoreOf(&c.components[t * kComponentCount], *weights), 1, 1});
    const size_t sampled = std::min(kOthers, n);
    for (size_t k = 0; k < sampled; ++k) {
      const auto i = static_cast<uint32_t>(random.Below(n));
      if (std::ranges::binary_search(c.positives, i)) continue;
      points.push_back({ScoreOf(&c.components[i * kComponentCount], *weights),
                        static_cast<double>(n - c.positives.size()) / static_cast<double>(sampled), 0});
    }
  }
  double slope = weights->slope, offset = weights->offset;
  for (int step = 0; step < 30; ++step) {
    double g0 = 1e-3 * (weights->slope - slope), g1 = 0, h00 = 1e-3, h01 = 0, h11 = 1e-6;
    for (const Point& p : points) {
      const double chance = 1 / (1 + std::exp(-(slope * p.score + offset)));
      const double error = p.weight * (p.label - chance), curve = p.weight * chance * (1 - chance);
      g0 += error * p.score;
      g1 += error;
      h00 += curve * p.score * p.score;
      h01 += curve * p.score;
      h11 += curve;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12)) break;
    slope += std::clamp((h11 * g0 - h01 * g1) / determinant, -2.0, 2.0);
    offset += std::clamp((h00 * g1 - h01 * g0) / determinant, -2.0, 2.0);
  }
  weights->slope = std::clamp(slope, 0.2, 30.0);
  weights->offset = std::clamp(offset, -25.0, 5.0);
}

}  // namespace

Result<TuningResult> TuneWeights(const TrainingData& data, const RecipePlan& plan, const TrainingSpec& spec,
                                 const std::stop_token& stop) {
  TRINE_CHECK(!data.events.empty());
  TuningResult result{plan.weights, false, 0};
  std::vector<int64_t> times;
  for (const TrainingEvent& e : data.events) times.push_back(e.time);
  std::ranges::sort(times);
  const int64_t from = times[static_cast<size_t>((1 - kHeldBack) * static_cast<double>(times.size()))];
  std::vector<char> used(data.events.size());
  for (size_t at = 0; at < used.size(); ++at) used[at] = data.events[at].time < from ? 1 : 0;
  if (std::ranges::find(used, 1) == used.end()) return result;  // no event is older than the held-out ones
  TRINE_ASSIGN(const FittedModel fit, FitModel(data, used, plan, stop));
  OfflineRanker ranker(data, fit, plan, spec);
  const size_t limit =
      std::min(kMaxPeople, kMaxCells / kComponentCount / std::max<size_t>(1, ranker.candidates()));
  const std::vector<TuningCase> cases =
      MeasureTuningCases(ranker, data, HoldOutNewest(data, from, spec.seed, limit), spec.seed);
  result.people = cases.size();
  if (cases.size() < kLeastPeople) return result;
  if (stop.stop_requested()) return Error(ErrorCode::kStopped, "training was stopped");
  result.weights = SearchWeights(cases, plan.weights);
  Calibrate(cases, spec.seed, &result.weights);
  result.weights.horizon_days =
      std::max(0.5, static_cast<double>(times.back() - from) / static_cast<double>(kDayMillis));
  const uint64_t purchases = fit.statistics.purchases();
  if (purchases > 0)
    result.weights.purchase_share = static_cast<double>(purchases) / static_cast<double>(fit.events);
  result.tuned = true;
  return result;
}

}  // namespace trine::recommend
