// Whether an index belongs to the stored records.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "catalogue/record_store.h"
#include "index/reader.h"

namespace trine::operations {

struct IndexOwner {
  CollectionId id;
  std::string name;
};

// Returns why an index does not belong to the stored records of its collection: it is ahead of them, or some
// of its rows are of other records. Then the facts are an older copy or lost their newest part. `end` is one
// past the largest seq_no of an operation in the index. Compares a sample of the live rows of each segment.
std::optional<Error> FindForeignIndex(
    const catalogue::RecordStore& records, const IndexOwner& owner, SeqNo end,
    const std::vector<std::shared_ptr<const index::SegmentReader>>& segments);

// The finding that there is an index of a collection that was never made, as far as the facts know.
std::string LostCollection(CollectionId id);

}  // namespace trine::operations
