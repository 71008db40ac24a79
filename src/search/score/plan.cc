#include "search/score/plan.h"

namespace trine::search {

BatchSourcePtr Plan::OpenBatches(const SegmentContext& segment) const {
  return BatchesFromCursor(Open(segment), scoring_);
}
std::optional<uint64_t> Plan::Count(const index::SegmentReader&, size_t) const { return std::nullopt; }
uint64_t Plan::CountAtLeast(const index::SegmentReader& segment, size_t ordinal) const {
  return Count(segment, ordinal).value_or(0);
}

}  // namespace trine::search
