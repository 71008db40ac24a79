// Exact nearest neighbours: every live row with a vector (that passes the filter) is measured.
#include <algorithm>
#include <cmath>

#include "search/score/nodes.h"

namespace trine::search {
namespace {

using catalogue::VectorSpace;

struct Candidate {
  float score;
  uint32_t segment;
  Row row;
};
// Higher scores first, then the order of segments and rows.
bool Nearer(const Candidate& a, const Candidate& b) {
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

// What `max_distance` bounds: the squared distance for l2, 1 - cos, the negated inner product, and the
// plain distance of the others.
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

class Nearing {
 public:
  Nearing(const Nearest& clause, const Plan* filter, Run& run)
      : clause_(clause), filter_(filter), run_(run) {}

  void Scan(const index::SegmentReader& segment, size_t ordinal) {
    const index::VectorColumn* column = segment.vectors(clause_.field);
    if (column == nullptr || column->dimension() != clause_.vector.size()) return;
    if (filter_ != nullptr) {
      const CursorPtr cursor = filter_->Open({segment, ordinal, run_});
      if (cursor == nullptr) return;
      for (Row row = cursor->row(); row != kNoMoreRows; row = cursor->Next()) {
        if (!segment.live(row)) continue;
        if (const float* vector = column->Find(row)) Offer(vector, ordinal, row);
        if (OutOfTime()) return;
      }
      return;
    }
    for (size_t i = 0, n = column->size(); i < n; ++i) {
      const Row row = column->row_at(i);
      if (segment.live(row)) Offer(column->at(i), ordinal, row);
      if (OutOfTime()) return;
    }
  }
  std::vector<Candidate> Take() { return std::move(kept_); }

 private:
  void Offer(const float* vector, size_t ordinal, Row row) {
    const float distance = Distance(clause_.space, clause_.vector.data(), vector, clause_.vector.size());
    if (std::isnan(distance)) return;
    if (clause_.max_distance && distance > *clause_.max_distance) return;
    const Candidate candidate{ScoreOf(clause_.space, distance), static_cast<uint32_t>(ordinal), row};
    if (clause_.min_score && candidate.score < *clause_.min_score) return;
    // A heap with the farthest on top once k are held.
    if (clause_.k == 0 || kept_.size() < clause_.k) {
      kept_.push_back(candidate);
      if (clause_.k > 0) std::push_heap(kept_.begin(), kept_.end(), Nearer);
    } else if (Nearer(candidate, kept_.front())) {
      std::pop_heap(kept_.begin(), kept_.end(), Nearer);
      kept_.back() = candidate;
      std::push_heap(kept_.begin(), kept_.end(), Nearer);
    }
  }
  bool OutOfTime() { return (++seen_ & 1023) == 0 && run_.deadline.Passed(); }

  const Nearest& clause_;
  const Plan* const filter_;
  Run& run_;
  std::vector<Candidate> kept_;
  uint64_t seen_ = 0;
};

}  // namespace

RowLists FindNearest(const Nearest& clause, float boost, const Plan* filter, const index::IndexReader& reader,
                     Run& run) {
  Nearing nearing(clause, filter, run);
  const auto& segments = reader.segments();
  for (size_t i = 0; i < segments.size(); ++i) nearing.Scan(*segments[i], i);
  RowLists lists(segments.size());
  for (const Candidate& c : nearing.Take()) lists[c.segment].push_back({c.row, c.score * boost});
  for (auto& list : lists) {
    std::sort(list.begin(), list.end(), [](const ScoredRow& a, const ScoredRow& b) { return a.row < b.row; });
  }
  return lists;
}

}  // namespace trine::search
