// Decides which adjacent segments to merge: the logarithmic policy of Lucene's LogMergePolicy. Pure
// functions.
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
  bool mergeable = true;  // false: the segment is being merged or is not visible yet
};

struct MergePolicy {
  size_t merge_factor = 10;  // at least 2
  uint64_t floor_bytes =
      512u << 10;  // smaller segments count as this size, so that many tiny ones merge at once
  uint64_t max_bytes = 2ull << 30;     // merges whose result would be larger are not made
  double max_deleted_fraction = 0.33;  // a segment with a larger share of deleted rows is rewritten alone
};

// The segments [begin, end) of a list.
struct MergeRange {
  size_t begin = 0, end = 0;
  friend bool operator==(const MergeRange&, const MergeRange&) = default;
};

// Returns the next merge worth making, or nullopt. Sizes count only live rows. Once it returns nullopt, each
// level has fewer than merge_factor adjacent segments, about merge_factor * log(size) in total. Requires
// live_rows <= rows.
std::optional<MergeRange> NextMerge(const std::vector<MergeCandidate>& segments, const MergePolicy& policy);

}  // namespace trine::index
