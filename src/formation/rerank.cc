#include "formation/rerank.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"

namespace trine::formation {
namespace {

// Computes log2 as a quotient of natural logarithms, as Java code does; std::log2 would differ in the last
// bit.
double Discount(uint32_t rank) {
  TRINE_DCHECK_GE(rank, 1U);
  return std::log(static_cast<double>(rank) + 1) / std::log(2.0);
}

}  // namespace

std::vector<float> BlendRanks(double weight, const std::vector<uint32_t>& personal_ranks) {
  std::vector<float> scores;
  scores.reserve(personal_ranks.size());
  for (size_t i = 0; i < personal_ranks.size(); ++i) {
    double score = (1.0 - weight) / Discount(static_cast<uint32_t>(i + 1));
    if (personal_ranks[i] > 0) score += weight / Discount(personal_ranks[i]);
    scores.push_back(static_cast<float>(score));
  }
  return scores;
}

std::vector<size_t> OrderByScore(const std::vector<float>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

}  // namespace trine::formation
