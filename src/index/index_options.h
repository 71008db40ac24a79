// IndexOptions: sizes and merge behaviour of the indexes of one data directory.
#pragma once

#include <cstddef>

namespace trine::index {

// The defaults suit a server with some gigabytes of memory; tests make the sizes small so that segments,
// files and merges appear early.
struct IndexOptions {
  // A buffer with more bytes than this becomes a segment on the heap without waiting for a refresh. A
  // larger number means fewer and larger segments during an import, but more memory per collection.
  size_t buffer_bytes = 64u << 20;
  // The number of adjacent segments of similar size that are merged into one. At least 2. A larger number
  // means less writing, but more segments that every search must visit.
  size_t merge_factor = 10;
  // Segments with fewer bytes stay on the heap until a flush or a merge.
  size_t memory_segment_bytes = 4u << 20;
  // False: merges run only in Merge and Flush (tests, benchmarks).
  bool background_merges = true;
  // The body checksum of segment files up to this size is verified when they are opened; larger files are
  // verified by merges and by IndexSet::Verify.
  size_t verify_bytes = 64u << 20;
};

}  // namespace trine::index
