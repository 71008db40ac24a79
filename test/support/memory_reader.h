// A reader over documents kept in plain containers: the naive twin of the segments on disk.
#pragma once

#include <set>
#include <vector>

#include "index/document.h"
#include "index/reader.h"

namespace trine::test {

struct MemorySegment {
  std::vector<index::IndexDocument> documents;  // one per row
  std::set<Row> deleted;
  uint32_t block_size = index::kBlockSize;  // postings per bound; small blocks test pruning
  bool dense_norms = true;                  // false: dense_norms() returns nullptr, as a reader may
};

// Length as Lucene's SmallFloat.intToByte4.
uint8_t NormOf(uint32_t length);

index::IndexReaderPtr MakeMemoryReader(std::vector<MemorySegment> segments);

}  // namespace trine::test
