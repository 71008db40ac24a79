#include "recommend/rank/select.h"

#include <algorithm>
#include <cmath>

namespace trine::recommend {
namespace {

bool Worse(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score < b.score : a.item > b.item;
}

}  // namespace

BestFirst::BestFirst(std::vector<ScoredItem> items) : heap_(std::move(items)) {
  std::ranges::make_heap(heap_, Worse);
}

bool BestFirst::Next(ScoredItem* item) {
  if (heap_.empty()) return false;
  std::ranges::pop_heap(heap_, Worse);
  *item = heap_.back();
  heap_.pop_back();
  return true;
}

std::vector<size_t> PromotedPlaces(size_t promoted, size_t count) {
  std::vector<size_t> places;
  for (size_t j = 0; j < promoted && count > 0; ++j) {
    const double middle =
        (static_cast<double>(j) + 0.5) * static_cast<double>(count) / static_cast<double>(promoted);
    places.push_back(std::min(count - 1, static_cast<size_t>(middle)));
  }
  return places;
}

std::vector<double> ShareOfOne(const std::vector<double>& scores, const std::vector<double>& over,
                               double slope) {
  if (over.empty()) return std::vector<double>(scores.size(), 0);
  const double greatest = *std::ranges::max_element(over);
  double sum = 0;
  for (const double s : over) sum += std::exp(slope * (s - greatest));
  std::vector<double> shares;
  shares.reserve(scores.size());
  for (const double s : scores) shares.push_back(std::exp(slope * (s - greatest)) / sum);
  return shares;
}

}  // namespace trine::recommend
