// An IndexReader for documents in plain containers, to compare with the segments on disk.
#pragma once

#include <set>
#include <vector>

#include "index/document.h"
#include "index/reader.h"

namespace trine::test {

struct MemorySegment {
  std::vector<index::IndexDocument> documents;  // one per row
  std::set<Row> deleted;
  uint32_t block_size = index::kBlockSize;  // postings per block bound; small blocks test pruning
  bool dense_norms = true;                  // false: dense_norms() returns nullptr, as a reader may
};

// Encodes a field length like Lucene's SmallFloat.intToByte4.
uint8_t NormOf(uint32_t length);

index::IndexReaderPtr MakeMemoryReader(std::vector<MemorySegment> segments);

}  // namespace trine::test
