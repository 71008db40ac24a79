// Merger: several segments, oldest first, become one without their deleted rows.
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
  LiveBitsPtr live;  // rows not live here are left out
};

struct MergeResult {
  uint64_t bytes = 0;
  uint32_t rows = 0;
  std::vector<std::vector<Row>> new_rows;  // by source, by old row; kNoMoreRows: left out
};

// Rows keep their order. A field that is whole numbers in one source and fractions in another becomes
// fractions; vectors of another dimension than the oldest source's are left out. With no live row at
// all nothing is written (rows = 0). `stop`: gives up with kTimeout soon after it becomes true.
// Thread-safe; holds one column of one field in memory at a time.
Result<MergeResult> MergeSegments(const std::vector<MergeSource>& sources, ByteSink* sink,
                                  const std::atomic<bool>& stop);

}  // namespace trine::index
