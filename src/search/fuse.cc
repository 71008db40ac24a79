// The results must equal those of neural-search to the last bit (docs/formats/fusion.md). Every number is
// therefore a float32 unless stated otherwise, and the order of operations matters.
#include "search/fuse.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "base/check.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::search {
namespace {

using Normalization = Fusion::Normalization;
using Combination = Fusion::Combination;

constexpr float kMinScore = 0.001f;
constexpr float kMaxScore = 1.0f;
constexpr float kBoundLimit = 10000;

Error Invalid(std::string message) { return Error(ErrorCode::kFusion, std::move(message)); }

std::string ListOf(const std::vector<float>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ", ") + format::JavaFloat(values[i]);
  return out + "]";
}

const ScoreBound* BoundOf(const std::vector<ScoreBound>& bounds, size_t clause) {
  if (clause >= bounds.size() || bounds[clause].mode == ScoreBound::Mode::kIgnore) return nullptr;
  return &bounds[clause];
}

struct ScoreRange {
  float min = std::numeric_limits<float>::max();
  float max = std::numeric_limits<float>::denorm_min();
};
ScoreRange ScoreRangeOf(const std::vector<float>& scores) {
  ScoreRange e;
  for (const float score : scores) {
    e.min = std::min(e.min, score);
    e.max = std::max(e.max, score);
  }
  return e;
}

float MinMax31(float score, const ScoreRange& e, const ScoreBound* lower) {
  if (e.min == e.max && score == e.max) return kMaxScore;
  if (lower == nullptr) {
    const float n = (score - e.min) / (e.max - e.min);
    return n == 0 ? kMinScore : n;
  }
  const float b = lower->value;
  const bool plain = e.max < b || (lower->mode == ScoreBound::Mode::kApply && score < b);
  return plain ? (score - e.min) / (e.max - e.min) : (score - b) / (e.max - b);
}

float MinMax32(float score, const ScoreRange& e, const ScoreBound* lower, const ScoreBound* upper) {
  if (e.min == e.max && score == e.max) return kMaxScore;
  float min = e.min, max = e.max;
  const bool clip_lower = lower != nullptr && lower->mode == ScoreBound::Mode::kClip;
  const bool clip_upper = upper != nullptr && upper->mode == ScoreBound::Mode::kClip;
  if (clip_lower) {
    if (e.max >= lower->value) min = lower->value;
  } else if (lower != nullptr && e.max > lower->value && score > lower->value) {
    min = lower->value;
  }
  if (clip_upper) {
    if (e.min <= upper->value) max = upper->value;
  } else if (upper != nullptr && e.min < upper->value && score < upper->value) {
    max = upper->value;
  }
  if (clip_lower && score < min) return kMinScore;
  if (clip_upper && score > max) return kMaxScore;
  if (min == max) return kMaxScore;
  const float n = (score - min) / (max - min);
  return n == 0 ? kMinScore : n;
}

std::vector<float> MinMax(const Fusion& fusion, size_t clause, const std::vector<float>& scores) {
  const ScoreRange extent = ScoreRangeOf(scores);
  const ScoreBound* lower = BoundOf(fusion.lower_bounds, clause);
  const ScoreBound* upper = BoundOf(fusion.upper_bounds, clause);
  // In neural-search 3.1, a score below a clipping lower bound becomes negative, and the combination ignores
  // the score and its weight. Release 3.2 changed this and added upper bounds, so the rules of 3.2 apply if
  // upper bounds are set.
  const bool newer = !fusion.upper_bounds.empty();
  std::vector<float> out;
  out.reserve(scores.size());
  for (const float score : scores) {
    out.push_back(newer ? MinMax32(score, extent, lower, upper) : MinMax31(score, extent, lower));
  }
  return out;
}

std::vector<float> L2(const std::vector<float>& scores) {
  float squares = 0;
  for (const float score : scores) squares += score * score;
  const float norm = static_cast<float>(std::sqrt(static_cast<double>(squares)));
  std::vector<float> out;
  out.reserve(scores.size());
  for (const float score : scores) out.push_back(norm == 0 ? 0 : score / norm);
  return out;
}

// Returns the mean, corrected by the mean of the residuals, and the sample standard deviation. Both are
// computed in double, in two passes.
std::pair<float, float> MeanAndDeviation(const std::vector<float>& scores) {
  const double n = static_cast<double>(scores.size());
  double sum = 0;
  for (const float score : scores) sum += static_cast<double>(score);
  const double rough = sum / n;
  double left = 0;
  for (const float score : scores) left += static_cast<double>(score) - rough;
  const double mean = rough + left / n;
  if (scores.size() < 2) return {static_cast<float>(mean), 0.0f};
  double squares = 0, deviations = 0;
  for (const float score : scores) {
    const double d = static_cast<double>(score) - mean;
    squares += d * d;
    deviations += d;
  }
  const double variance = (squares - deviations * deviations / n) / (n - 1);
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(variance))};
}

std::vector<float> ZScore(const std::vector<float>& scores) {
  if (scores.empty()) return {};
  const auto [mean, deviation] = MeanAndDeviation(scores);
  const ScoreRange extent = ScoreRangeOf(scores);
  std::vector<float> out;
  for (const float score : scores) {
    if (score == mean) {
      out.push_back(extent.max);
    } else if (deviation == 0) {
      out.push_back(extent.min);
    } else {
      const float z = (score - mean) / deviation;
      out.push_back(z <= 0 ? kMinScore : z);
    }
  }
  return out;
}

// Returns 1 / (constant + rank), rounded half up to ten decimals and then to float32.
float ReciprocalRank(int rank_constant, size_t index) {
  TRINE_CHECK_GE(rank_constant, 1);
  const uint64_t n = static_cast<uint64_t>(rank_constant) + index + 1;
  constexpr uint64_t kScale = 10'000'000'000;
  const uint64_t digits = (2 * kScale + n) / (2 * n);
  const std::string text = std::to_string(digits) + "e-10";
  float value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

float Arithmetic(const std::vector<float>& scores, const std::vector<float>& weights) {
  float sum = 0, total = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] >= 0)) continue;
    sum += scores[i] * weights[i];
    total += weights[i];
  }
  return total == 0 ? 0 : sum / total;
}

float Geometric(const std::vector<float>& scores, const std::vector<float>& weights) {
  float sum = 0, total = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] <= 0) continue;  // false for NaN: as in OpenSearch, a NaN makes the sum NaN
    sum = static_cast<float>(static_cast<double>(sum) +
                             static_cast<double>(weights[i]) * std::log(static_cast<double>(scores[i])));
    total += weights[i];
  }
  if (total == 0) return 0;
  return static_cast<float>(std::exp(static_cast<double>(sum / total)));
}

float Harmonic(const std::vector<float>& scores, const std::vector<float>& weights) {
  float total = 0, reciprocals = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] <= 0) continue;
    total += weights[i];
    reciprocals += weights[i] / scores[i];
  }
  return reciprocals > 0 ? total / reciprocals : 0;
}

float RankSum(const std::vector<float>& scores, const std::vector<float>& weights) {
  float sum = 0;
  for (size_t i = 0; i < scores.size(); ++i) sum += scores[i] * weights[i];
  return sum;
}

float Combine(Combination combination, const std::vector<float>& scores, const std::vector<float>& weights) {
  TRINE_DCHECK_EQ(scores.size(), weights.size());
  switch (combination) {
    case Combination::kArithmetic:
      return Arithmetic(scores, weights);
    case Combination::kGeometric:
      return Geometric(scores, weights);
    case Combination::kHarmonic:
      return Harmonic(scores, weights);
    case Combination::kRrf:
      return RankSum(scores, weights);
  }
  return 0;
}

const char* NameOf(Normalization normalization) {
  switch (normalization) {
    case Normalization::kMinMax:
      return "min_max";
    case Normalization::kL2:
      return "l2";
    case Normalization::kZScore:
      return "z_score";
    case Normalization::kRrf:
      return "rrf";
    case Normalization::kNone:
      return "no";
  }
  return "?";
}
const char* NameOf(Combination combination) {
  switch (combination) {
    case Combination::kArithmetic:
      return "arithmetic_mean";
    case Combination::kGeometric:
      return "geometric_mean";
    case Combination::kHarmonic:
      return "harmonic_mean";
    case Combination::kRrf:
      return "rrf";
  }
  return "?";
}

Status CheckBounds(const Fusion& fusion, const std::vector<ScoreBound>& bounds, const char* name) {
  if (bounds.empty()) return Ok();
  if (fusion.normalization != Normalization::kMinMax) {
    return Invalid("the normalization does not support bounds").Expected("min_max").Where(name);
  }
  if (bounds.size() > limits::kMaxHybridClauses) {
    const std::string most = std::to_string(limits::kMaxHybridClauses);
    return Invalid("the normalization has too many bounds")
        .Expected("at most " + most)
        .Got(std::to_string(bounds.size()))
        .Where(name)
        .Detail("maximum", most);
  }
  for (const ScoreBound& bound : bounds) {
    if (!(std::fabs(bound.value) <= kBoundLimit)) {
      return Invalid("a normalization bound is out of range")
          .Expected("a number from -10000 to 10000")
          .Got(format::JavaFloat(bound.value))
          .Where(name);
    }
  }
  return Ok();
}

Status CheckCounts(const Fusion& fusion, size_t lists) {
  const std::string count = std::to_string(lists);
  if (!fusion.weights.empty() && fusion.weights.size() != lists) {
    return Invalid("the number of weights differs from the number of sub-queries")
        .Expected(count)
        .Got(std::to_string(fusion.weights.size()))
        .Where("weights")
        .Detail("sub_queries", count);
  }
  auto wrong = [lists](const std::vector<ScoreBound>& bounds) {
    return !bounds.empty() && bounds.size() != lists;
  };
  if (wrong(fusion.lower_bounds) || wrong(fusion.upper_bounds)) {
    const bool lower = wrong(fusion.lower_bounds);
    return Invalid("the number of bounds differs from the number of sub-queries")
        .Expected(count)
        .Got(std::to_string((lower ? fusion.lower_bounds : fusion.upper_bounds).size()))
        .Where(lower ? "lower_bounds" : "upper_bounds")
        .Detail("sub_queries", count);
  }
  return Ok();
}

// A hit in the union of the lists, with its normalised score in each list (0: not in the list).
struct FusedHit {
  Hit hit;
  std::vector<float> scores;
  std::vector<std::pair<size_t, std::shared_ptr<const Explanation>>> explanations;
};

std::vector<FusedHit> MergeLists(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists) {
  std::vector<FusedHit> all;
  std::map<std::tuple<size_t, uint32_t, Row>, size_t> places;
  for (size_t clause = 0; clause < lists.size(); ++clause) {
    std::vector<float> scores;
    for (const Hit& hit : lists[clause]) scores.push_back(hit.score);
    const std::vector<float> normalized = Normalize(fusion, clause, scores);
    TRINE_CHECK_EQ(normalized.size(), lists[clause].size());
    for (size_t i = 0; i < lists[clause].size(); ++i) {
      const Hit& hit = lists[clause][i];
      const auto [place, fresh] = places.emplace(std::tuple(hit.target, hit.segment, hit.row), all.size());
      if (fresh) {
        all.push_back({hit, std::vector<float>(lists.size(), 0.0f), {}});
        all.back().hit.clauses.assign(lists.size(), {});
      }
      FusedHit& one = all[place->second];
      one.scores[clause] = normalized[i];
      one.hit.clauses[clause] = {static_cast<uint32_t>(i + 1), hit.score};
      if (hit.explanation != nullptr) one.explanations.emplace_back(clause, hit.explanation);
      if (fresh) continue;
      for (const std::string& name : hit.matched_queries) {
        auto& names = one.hit.matched_queries;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  return all;
}

void ExplainFused(const Fusion& fusion, FusedHit* one) {
  if (one->explanations.empty()) return;
  Explanation all{one->hit.score, std::string(NameOf(fusion.combination)) + " combination of:", {}, true};
  for (const auto& [clause, explanation] : one->explanations) {
    all.details.push_back({one->scores[clause],
                           std::string(NameOf(fusion.normalization)) + " normalization of:",
                           {*explanation},
                           true});
  }
  one->hit.explanation = std::make_shared<const Explanation>(std::move(all));
}

bool RanksBefore(const Hit& a, const Hit& b) {
  const bool a_nan = std::isnan(a.score), b_nan = std::isnan(b.score);
  if (a_nan != b_nan) return a_nan;
  if (!a_nan && a.score != b.score) return a.score > b.score;
  return std::tie(a.target, a.segment, a.row) < std::tie(b.target, b.segment, b.row);
}

}  // namespace

Status Check(const Fusion& fusion) {
  float sum = 0;
  for (const float weight : fusion.weights) {
    if (!(weight >= 0 && weight <= 1)) {
      return Invalid("a weight is out of range")
          .Expected("numbers from 0 to 1")
          .Got(ListOf(fusion.weights))
          .Where("weights")
          .Detail("range", "0..1");
    }
    sum += weight;
  }
  if (!fusion.weights.empty() && std::fabs(1.0 - static_cast<double>(sum)) > static_cast<double>(0.01f)) {
    return Invalid("the weights do not sum to 1")
        .Got(ListOf(fusion.weights))
        .Where("weights")
        .Detail("sum", "1");
  }
  const bool z_score = fusion.normalization == Normalization::kZScore;
  if (z_score && fusion.combination != Combination::kArithmetic) {
    return Invalid("z_score cannot be combined with " + std::string(NameOf(fusion.combination)))
        .Expected("arithmetic_mean")
        .Got(NameOf(fusion.combination));
  }
  const bool ranks = fusion.normalization == Normalization::kRrf;
  if (fusion.combination == Combination::kRrf && !ranks) {
    return Invalid("the combination rrf requires the normalization rrf");
  }
  if (fusion.rank_constant < 1 || fusion.rank_constant > 10000) {
    return Invalid("the rank constant is out of range")
        .Expected("1 to 10000")
        .Got(std::to_string(fusion.rank_constant))
        .Where("rank_constant");
  }
  TRINE_TRY(CheckBounds(fusion, fusion.lower_bounds, "lower_bounds"));
  return CheckBounds(fusion, fusion.upper_bounds, "upper_bounds");
}

std::vector<float> Normalize(const Fusion& fusion, size_t clause, const std::vector<float>& scores) {
  switch (fusion.normalization) {
    case Normalization::kMinMax:
      return MinMax(fusion, clause, scores);
    case Normalization::kL2:
      return L2(scores);
    case Normalization::kZScore:
      return ZScore(scores);
    case Normalization::kNone:
      return scores;
    case Normalization::kRrf:
      break;
  }
  std::vector<float> out;
  for (size_t i = 0; i < scores.size(); ++i) out.push_back(ReciprocalRank(fusion.rank_constant, i));
  return out;
}

Result<std::vector<Hit>> Fuse(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists) {
  TRINE_TRY(CheckCounts(fusion, lists.size()));
  const std::vector<float> weights =
      fusion.weights.empty() ? std::vector<float>(lists.size(), 1.0f) : fusion.weights;
  std::vector<FusedHit> all = MergeLists(fusion, lists);
  std::vector<Hit> hits;
  hits.reserve(all.size());
  for (FusedHit& one : all) {
    one.hit.score = Combine(fusion.combination, one.scores, weights);
    one.hit.explanation = nullptr;
    ExplainFused(fusion, &one);
    hits.push_back(std::move(one.hit));
  }
  std::sort(hits.begin(), hits.end(), RanksBefore);
  return hits;
}

}  // namespace trine::search
