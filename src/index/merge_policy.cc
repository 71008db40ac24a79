#include "index/merge_policy.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace trine::index {
namespace {

// Two sizes are on the same level if their logarithms to base merge_factor differ by at most this much. The
// value is that of LEVEL_LOG_SPAN in Lucene's LogMergePolicy.
constexpr double kLevelSpan = 0.75;

double LiveBytes(const MergeCandidate& c) {
  TRINE_CHECK_LE(c.live_rows, c.rows);
  return c.rows == 0 ? 0 : static_cast<double>(c.bytes) * c.live_rows / c.rows;
}

double LevelOf(const MergeCandidate& c, const MergePolicy& policy) {
  const double bytes = std::max(LiveBytes(c), static_cast<double>(policy.floor_bytes));
  return std::log(bytes / static_cast<double>(policy.floor_bytes)) /
         std::log(static_cast<double>(std::max<size_t>(policy.merge_factor, 2)));
}

bool IsAllowed(const std::vector<MergeCandidate>& segments, const MergeRange& range,
               const MergePolicy& policy) {
  TRINE_DCHECK_LT(range.begin, range.end);
  TRINE_DCHECK_LE(range.end, segments.size());
  double bytes = 0;
  for (size_t i = range.begin; i < range.end; ++i) {
    if (!segments[i].mergeable) return false;
    bytes += LiveBytes(segments[i]);
  }
  return bytes <= static_cast<double>(policy.max_bytes);
}

}  // namespace

std::optional<MergeRange> NextMerge(const std::vector<MergeCandidate>& segments, const MergePolicy& policy) {
  const size_t factor = std::max<size_t>(policy.merge_factor, 2);
  std::vector<double> levels;
  levels.reserve(segments.size());
  for (const MergeCandidate& c : segments) levels.push_back(LevelOf(c, policy));
  for (size_t begin = 0; begin < segments.size();) {
    const double top = *std::max_element(levels.begin() + static_cast<ptrdiff_t>(begin), levels.end());
    const double bottom = std::max(0.0, top - kLevelSpan);
    size_t end = segments.size();  // one past the last segment of the level
    while (levels[end - 1] < bottom) --end;
    TRINE_DCHECK_GT(end, begin);
    for (size_t i = begin; i + factor <= end;) {
      const MergeRange range{i, i + factor};
      if (IsAllowed(segments, range, policy)) return range;
      ++i;
    }
    begin = end;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    const MergeCandidate& c = segments[i];
    const double deleted = c.rows - c.live_rows;
    if (deleted > policy.max_deleted_fraction * c.rows && IsAllowed(segments, {i, i + 1}, policy)) {
      return MergeRange{i, i + 1};
    }
  }
  return std::nullopt;
}

}  // namespace trine::index
