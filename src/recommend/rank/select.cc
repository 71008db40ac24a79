#include "recommend/rank/select.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "numeric/top_k.h"

namespace trine::recommend {
namespace {

bool Worse(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score < b.score : a.item > b.item;
}

}  // namespace

BestFirst::BestFirst(std::span<const ScoredItem> items, size_t expected) : items_(items) {
  numeric::TopK<Item, double> best(std::min(expected, items.size()));
  for (const ScoredItem& item : items) {
    TRINE_DCHECK_EQ(item.score, item.score);  // not NaN
    if (item.score >= best.threshold()) best.Push(item.score, item.item);
  }
  for (const auto& [score, item] : best.Take()) best_.push_back({item, score});
}

bool BestFirst::Next(ScoredItem* item) {
  if (given_ < best_.size()) {
    *item = best_[given_++];
    return true;
  }
  if (!others_ordered_) {
    others_ordered_ = true;
    for (const ScoredItem& other : items_) {
      if (best_.empty() || Worse(other, best_.back())) others_.push_back(other);
    }
    std::ranges::make_heap(others_, Worse);
  }
  if (others_.empty()) return false;
  std::ranges::pop_heap(others_, Worse);
  *item = others_.back();
  others_.pop_back();
  return true;
}

std::vector<size_t> PromotedPlaces(size_t promoted, size_t count) {
  std::vector<size_t> places;
  TRINE_DCHECK_LE(promoted, count);
  for (size_t j = 0; j < promoted && count > 0; ++j) {
    const double middle =
        (static_cast<double>(j) + 0.5) * static_cast<double>(count) / static_cast<double>(promoted);
    places.push_back(std::min(count - 1, static_cast<size_t>(middle)));
  }
  return places;
}

std::vector<double> ShareOfOne(std::span<const ScoredItem> of, std::span<const ScoredItem> over,
                               double slope) {
  double greatest = -std::numeric_limits<double>::infinity();
  for (const ScoredItem& item : over) greatest = std::max(greatest, item.score);
  const auto mass = [&](const ScoredItem& item) {
    return static_cast<double>(std::exp(static_cast<float>(slope * (item.score - greatest))));
  };
  double sum = 0;
  for (const ScoredItem& item : over) sum += mass(item);
  std::vector<double> shares;
  shares.reserve(of.size());
  for (const ScoredItem& item : of) shares.push_back(sum > 0 ? mass(item) / sum : 0);
  return shares;
}

}  // namespace trine::recommend
