// MergeSegments: merges several segments into one without their deleted rows.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "index/live_bits.h"
#include "index/segment.h"
#include "index/segment_format.h"

namespace trine::index {

struct MergeSource {
  SegmentPtr segment;
  LiveBitsPtr live;  // rows that are not live are skipped; nullptr: all rows are live
};

struct MergeResult {
  uint64_t bytes = 0;
  uint32_t rows = 0;
  std::vector<std::vector<Row>> new_rows;  // by source, then by old row; kNoMoreRows: the row was skipped
};

// Requires sources in ascending order of seq_no. Rows keep their order. A field that has integers in one
// source and doubles in another is stored as doubles; vectors whose dimension differs from that in the oldest
// source with vectors are skipped. If no row is live, nothing is written and the result has 0 rows. Returns
// kTimeout soon after `stop` becomes true, or an error from `sink`; the bytes written so far are then
// unusable. Thread-safe. Holds one column of one field in memory at a time.
Result<MergeResult> MergeSegments(const std::vector<MergeSource>& sources, ByteSink* sink,
                                  const std::atomic<bool>& stop);

}  // namespace trine::index
