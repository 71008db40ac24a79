#include "recommend/train/tune.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/random.h"

namespace trine::recommend {
namespace {

constexpr double kHeldBack = 0.1;        // share of the events, the newest
constexpr size_t kMaxPeople = 400;       // whose futures are looked at
constexpr size_t kMaxTargets = 5;        // of one person
constexpr size_t kLeastPeople = 20;      // fewer tell nothing
constexpr size_t kMaxCells = 24u << 20;  // numbers of the table of parts: 96 MB
constexpr double kClearGain = 1.004;     // a weight leaves its place only for so much
// Beside the parts of AppendParts, in their order; the first and the last are not moved.
constexpr std::array kWeights = {&Blend::rules,      &Blend::taste,  &Blend::people, &Blend::season,
                                 &Blend::popularity, &Blend::recent, &Blend::repeat, &Blend::cold_taste};
constexpr size_t kPartCount = kWeights.size();

// The parts of every candidate for one person, and which of them came true.
struct Case {
  std::vector<float> parts;         // kPartCount a candidate
  std::vector<uint32_t> came_true;  // places among the candidates, sorted
  std::vector<uint32_t> targets;    // a few of them
};

void AppendParts(const Parts& p, std::vector<float>* out) {
  const std::array parts = {p.rules,  p.taste, p.people + p.region, p.season, p.popularity, p.recent,
                            p.repeat, p.cold};
  static_assert(parts.size() == kPartCount);
  for (const double part : parts) out->push_back(static_cast<float>(part));
}

double ScoreOf(const float* parts, const Blend& blend) {
  double score = 0;
  for (size_t k = 0; k < kPartCount; ++k) score += blend.*kWeights[k] * parts[k];
  return score;
}

// Gain of each target at its full rank, with the head of the list counted again.
double Quality(const std::vector<Case>& cases, const Blend& blend) {
  double sum = 0;
  std::vector<double> scores;
  for (const Case& c : cases) {
    const size_t n = c.parts.size() / kPartCount;
    scores.resize(n);
    for (size_t i = 0; i < n; ++i) scores[i] = ScoreOf(&c.parts[i * kPartCount], blend);
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

std::vector<HeldOut> NewestFutures(const TrainingData& data, int64_t from, uint64_t seed, size_t limit) {
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

std::vector<Case> MeasureCases(Ranker& ranker, const TrainingData& data, const std::vector<HeldOut>& held,
                               uint64_t seed) {
  std::vector<Case> cases;
  Random random(seed + 2);
  for (const HeldOut& h : held) {
    const std::vector<Item> targets = Targets(data, h);
    Case c;
    uint32_t place = 0;
    ranker.Measure(h, [&](Item i, const Parts& parts) {
      AppendParts(parts, &c.parts);
      if (std::ranges::binary_search(targets, i)) c.came_true.push_back(place);
      ++place;
    });
    if (c.came_true.empty()) continue;
    c.targets = c.came_true;
    // A basket of thirty things tells little more than a few of them, and costs as much as thirty.
    for (size_t t = 0; t < kMaxTargets && t < c.targets.size(); ++t) {
      std::swap(c.targets[t], c.targets[t + random.Below(c.targets.size() - t)]);
    }
    if (c.targets.size() > kMaxTargets) c.targets.resize(kMaxTargets);
    cases.push_back(std::move(c));
  }
  return cases;
}

Blend Climb(const std::vector<Case>& cases, Blend blend) {
  constexpr double kGrid[] = {0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6};
  // Some shops live by repetition. Where it never happens it still tells taste when somebody else chose
  // the candidates, so the penalty stays small.
  constexpr double kRepeatGrid[] = {-0.3, -0.1, 0, 0.15, 0.3, 0.6, 1.2, 2.4, 4.8, 9.6};
  double best = Quality(cases, blend);
  for (int round = 0; round < 2; ++round) {
    bool moved = false;
    // Rules stay 1: only ratios matter. Cold items stay as they are: the past that is fitted on
    // hardly has any, so that it cannot tell their worth.
    for (size_t k = 1; k + 1 < kPartCount; ++k) {
      Blend winner = blend;
      const std::span<const double> grid =
          kWeights[k] == &Blend::repeat ? std::span<const double>(kRepeatGrid) : kGrid;
      for (const double weight : grid) {
        Blend trial = blend;
        trial.*kWeights[k] = weight;
        const double quality = Quality(cases, trial);
        if (quality > best * kClearGain) {
          best = quality;
          winner = trial;
          moved = true;
        }
      }
      blend = winner;
    }
    if (!moved) break;
  }
  return blend;
}

// Fits 1 / (1 + exp(-(slope * score + offset))) by Newton's method to what came true and a weighted
// sample of what did not (Platt 1999).
void Calibrate(const std::vector<Case>& cases, uint64_t seed, Blend* blend) {
  constexpr size_t kOthers = 60;  // sampled candidates a person
  struct Point {
    double score, weight, label;
  };
  std::vector<Point> points;
  Random random(seed + 1);
  for (const Case& c : cases) {
    const size_t n = c.parts.size() / kPartCount;
    for (const uint32_t t : c.came_true) points.push_back({ScoreOf(&c.parts[t * kPartCount], *blend), 1, 1});
    const size_t sampled = std::min(kOthers, n);
    for (size_t k = 0; k < sampled; ++k) {
      const auto i = static_cast<uint32_t>(random.Below(n));
      if (std::ranges::binary_search(c.came_true, i)) continue;
      points.push_back({ScoreOf(&c.parts[i * kPartCount], *blend),
                        static_cast<double>(n - c.came_true.size()) / static_cast<double>(sampled), 0});
    }
  }
  double slope = blend->slope, offset = blend->offset;
  for (int step = 0; step < 30; ++step) {
    double g0 = 1e-3 * (blend->slope - slope), g1 = 0, h00 = 1e-3, h01 = 0, h11 = 1e-6;
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
  blend->slope = std::clamp(slope, 0.2, 30.0);
  blend->offset = std::clamp(offset, -25.0, 5.0);
}

}  // namespace

Result<Tuned> TuneBlend(const TrainingData& data, const RecipePlan& plan, const TrainingSpec& spec,
                        const std::stop_token& stop) {
  Tuned result{plan.blend, false, 0};
  std::vector<int64_t> times;
  for (const TrainingEvent& e : data.events) times.push_back(e.time);
  std::ranges::sort(times);
  const int64_t from = times[static_cast<size_t>((1 - kHeldBack) * static_cast<double>(times.size()))];
  std::vector<char> used(data.events.size());
  for (size_t at = 0; at < used.size(); ++at) used[at] = data.events[at].time < from ? 1 : 0;
  if (std::ranges::find(used, 1) == used.end()) return result;  // everything happened at once
  TRINE_ASSIGN(const Fit fit, FitCounts(data, used, plan, stop));
  Ranker ranker(data, fit, plan, spec);
  const size_t limit =
      std::min(kMaxPeople, kMaxCells / kPartCount / std::max<size_t>(1, ranker.candidates()));
  const std::vector<Case> cases =
      MeasureCases(ranker, data, NewestFutures(data, from, spec.seed, limit), spec.seed);
  result.people = cases.size();
  if (cases.size() < kLeastPeople) return result;
  if (stop.stop_requested()) return Error(ErrorCode::kStopped, "training was stopped");
  result.blend = Climb(cases, plan.blend);
  Calibrate(cases, spec.seed, &result.blend);
  result.blend.horizon_days = std::max(0.5, static_cast<double>(times.back() - from) / 86'400'000.0);
  const uint64_t purchases = fit.statistics.purchases();
  if (purchases > 0)
    result.blend.purchase_share = static_cast<double>(purchases) / static_cast<double>(fit.events);
  result.tuned = true;
  return result;
}

}  // namespace trine::recommend
