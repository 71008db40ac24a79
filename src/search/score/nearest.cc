// Exact nearest neighbours: measures the distance to every live row that has a vector and passes the filter.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

using catalogue::VectorSpace;

constexpr uint64_t kRowsPerDeadlineCheck = 1024;  // scanning this many vectors takes less than a millisecond

struct Neighbour {
  float score;
  uint32_t segment;
  Row row;
};
// Higher scores first, then the order of segments and rows.
bool RanksBefore(const Neighbour& a, const Neighbour& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.segment != b.segment) return a.segment < b.segment;
  return a.row < b.row;
}

float SquaredDistance(const float* a, const float* b, size_t n) {
  float sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const float d = a[i] - b[i];
    sum += d * d;
  }
  return sum;
}
float Dot(const float* a, const float* b, size_t n) {
  float sum = 0;
  for (size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Returns the distance that max_distance bounds: the squared distance for L2, 1 - cos for cosine, the negated
// inner product, and the plain distance for L1 and Linf.
float Distance(VectorSpace space, const float* a, const float* b, size_t n) {
  switch (space) {
    case VectorSpace::kL2:
      return SquaredDistance(a, b, n);
    case VectorSpace::kCosine: {
      const float norms = std::sqrt(Dot(a, a, n)) * std::sqrt(Dot(b, b, n));
      return norms > 0 ? 1 - Dot(a, b, n) / norms : 1;
    }
    case VectorSpace::kInnerProduct:
      return -Dot(a, b, n);
    case VectorSpace::kL1: {
      float sum = 0;
      for (size_t i = 0; i < n; ++i) sum += std::fabs(a[i] - b[i]);
      return sum;
    }
    case VectorSpace::kLinf: {
      float most = 0;
      for (size_t i = 0; i < n; ++i) most = std::max(most, std::fabs(a[i] - b[i]));
      return most;
    }
  }
  return 0;
}

float ScoreOf(VectorSpace space, float distance) {
  switch (space) {
    case VectorSpace::kCosine:
      return std::max((2 - distance) / 2, 0.0f);
    case VectorSpace::kInnerProduct:
      return distance <= 0 ? 1 - distance : 1 / (1 + distance);
    default:
      return 1 / (1 + distance);
  }
}

class NearestScan {
 public:
  NearestScan(const NearestClause& clause, const Plan* filter, QueryContext& context)
      : clause_(clause), filter_(filter), context_(context) {}

  void Scan(const index::SegmentReader& segment, size_t ordinal) {
    const index::VectorColumn* column = segment.vectors(clause_.field);
    if (column == nullptr || column->dimension() != clause_.vector.size()) return;
    if (filter_ != nullptr) {
      const CursorPtr cursor = filter_->Open({segment, ordinal, context_});
      if (cursor == nullptr) return;
      for (Row row = cursor->row(); row != kNoMoreRows; row = cursor->Next()) {
        if (!segment.live(row)) continue;
        if (const float* vector = column->Find(row)) Offer(vector, ordinal, row);
        if (DeadlinePassed()) return;
      }
      return;
    }
    for (size_t i = 0, n = column->size(); i < n; ++i) {
      const Row row = column->row_at(i);
      if (segment.live(row)) Offer(column->at(i), ordinal, row);
      if (DeadlinePassed()) return;
    }
  }
  std::vector<Neighbour> Take() { return std::move(kept_); }

 private:
  void Offer(const float* vector, size_t ordinal, Row row) {
    TRINE_DCHECK(vector != nullptr);
    const float distance = Distance(clause_.space, clause_.vector.data(), vector, clause_.vector.size());
    if (std::isnan(distance)) return;
    if (clause_.max_distance && distance > *clause_.max_distance) return;
    const Neighbour neighbour{ScoreOf(clause_.space, distance), static_cast<uint32_t>(ordinal), row};
    if (clause_.min_score && neighbour.score < *clause_.min_score) return;
    // If k > 0, kept_ is a heap with the farthest neighbour on top.
    if (clause_.k == 0 || kept_.size() < clause_.k) {
      kept_.push_back(neighbour);
      if (clause_.k > 0) std::push_heap(kept_.begin(), kept_.end(), RanksBefore);
    } else if (RanksBefore(neighbour, kept_.front())) {
      std::pop_heap(kept_.begin(), kept_.end(), RanksBefore);
      kept_.back() = neighbour;
      std::push_heap(kept_.begin(), kept_.end(), RanksBefore);
    }
  }
  bool DeadlinePassed() { return ++seen_ % kRowsPerDeadlineCheck == 0 && context_.deadline.Passed(); }

  const NearestClause& clause_;
  const Plan* const filter_;
  QueryContext& context_;
  std::vector<Neighbour> kept_;
  uint64_t seen_ = 0;
};

}  // namespace

RowLists FindNearest(const NearestClause& clause, float boost, const Plan* filter,
                     const index::IndexReader& reader, QueryContext& context) {
  NearestScan scan(clause, filter, context);
  const auto& segments = reader.segments();
  for (size_t i = 0; i < segments.size(); ++i) scan.Scan(*segments[i], i);
  RowLists lists(segments.size());
  for (const Neighbour& c : scan.Take()) lists[c.segment].push_back({c.row, c.score * boost});
  for (auto& list : lists) {
    std::sort(list.begin(), list.end(), [](const ScoredRow& a, const ScoredRow& b) { return a.row < b.row; });
  }
  return lists;
}

}  // namespace trine::search
