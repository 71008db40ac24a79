// Which adjacent segments to merge: the logarithmic policy, as Lucene's LogMergePolicy. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace trine::index {

struct MergeCandidate {
  uint64_t bytes = 0;
  uint32_t rows = 0;
  uint32_t live_rows = 0;
  bool mergeable = true;  // false: may not be touched now (being merged, not visible yet)
};

struct MergePolicy {
  size_t merge_factor = 10;            // at least 2
  uint64_t floor_bytes = 512u << 10;   // smaller ones count as this much: many tiny ones merge at once
  uint64_t max_bytes = 2ull << 30;     // a merge that would give more is not made
  double max_deleted_fraction = 0.33;  // a segment with more deleted rows is rewritten alone
};

// Segments [begin, end) of the list.
struct MergeRange {
  size_t begin = 0, end = 0;
  friend bool operator==(const MergeRange&, const MergeRange&) = default;
};

// The next merge worth making, or nullopt. Sizes count live rows only. Applied until nullopt it leaves
// fewer than merge_factor neighbours on a level, so about merge_factor * log(size) segments.
std::optional<MergeRange> NextMerge(const std::vector<MergeCandidate>& segments, const MergePolicy& policy);

}  // namespace trine::index
