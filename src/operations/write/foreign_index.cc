#include "operations/write/foreign_index.h"

#include <algorithm>

namespace trine::operations {

std::optional<Error> FindForeignIndex(
    const catalogue::RecordStore& records, const IndexOwner& owner, SeqNo end,
    const std::vector<std::shared_ptr<const index::SegmentReader>>& segments) {
  constexpr uint32_t kSampleRows = 16;
  const SeqNo stored = records.NextSeqNo(owner.id);
  if (end > stored) {
    return Error(ErrorCode::kCorrupt,
                 "the index of \"" + owner.name + "\" contains operations that are not stored")
        .Expected("operations up to " + std::to_string(stored.value))
        .Got("operations up to " + std::to_string(end.value));
  }
  for (const auto& segment : segments) {
    const uint32_t step = std::max(segment->rows() / kSampleRows, 1u);
    for (Row row = 0; row < segment->rows(); row += step) {
      if (!segment->live(row)) continue;
      const auto record = records.Get(owner.id, segment->seq_no(row));
      if (!record.ok() || (*record && (*record)->id == segment->id(row))) continue;
      return Error(ErrorCode::kCorrupt,
                   "the index of \"" + owner.name + "\" contains other documents than are stored")
          .Expected("document \"" + std::string(segment->id(row)) + "\" as operation " +
                    std::to_string(segment->seq_no(row).value))
          .Got(*record ? "\"" + (*record)->id + "\"" : "nothing");
    }
  }
  return std::nullopt;
}

std::string LostCollection(CollectionId id) {
  return "there is an index of collection " + std::to_string(id.value) +
         ", but the facts do not know a collection of this number";
}

}  // namespace trine::operations
