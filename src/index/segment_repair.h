// SegmentRepair: the rows of one damaged segment, built again beside the index until they replace it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "index/buffer.h"
#include "index/document.h"
#include "index/segment.h"

namespace trine::index {

class CollectionIndex;

// Made by CollectionIndex::BeginRepair, at most one at a time for an index, which it keeps alive. Writes,
// refreshes, flushes and merges go on meanwhile; the index records which of the rows they delete. The rows
// are written to files of at most IndexOptions::buffer_bytes, so that no more than one buffer is in memory.
// Destroying it without Commit removes these files and leaves the index as it was. Used by one thread.
class SegmentRepair {
 public:
  ~SegmentRepair();
  SegmentRepair(const SegmentRepair&) = delete;
  SegmentRepair& operator=(const SegmentRepair&) = delete;

  // The damaged segment has the rows of the operations with begin() <= seq_no < end().
  SeqNo begin() const { return begin_; }
  SeqNo end() const { return end_; }
  // Requires ascending seq_nos from begin() to end(). The errors of Buffer::Add, after which other documents
  // can be added; kBusy without memory, kUnavailable after CollectionIndex::Stop and the errors of writing a
  // file, after which the repair must be given up.
  Status Add(const IndexDocument& document);
  // Removes a row that was added. A seq_no without a row is not an error.
  void Delete(SeqNo seq_no) { removed_.push_back(seq_no); }
  // Replaces the damaged segment, and makes the change durable. If only the latter fails, it is made up for
  // by the next flush. Must be called at most once. The caller makes sure that no operation is stored and not
  // yet passed to the index.
  Status Commit();

 private:
  friend class CollectionIndex;
  struct Part {
    uint64_t number = 0;  // of its file
    SegmentPtr segment;
  };

  SegmentRepair(std::shared_ptr<CollectionIndex> index, SeqNo begin, SeqNo end, size_t part_bytes)
      : index_(std::move(index)), begin_(begin), end_(end), part_bytes_(part_bytes) {}
  Status WritePart();

  const std::shared_ptr<CollectionIndex> index_;
  const SeqNo begin_, end_;
  const size_t part_bytes_;
  Buffer buffer_;
  std::vector<Part> parts_;  // in ascending order of seq_no
  std::vector<SeqNo> removed_;
  bool replaced_ = false;  // the parts belong to the index now
};

}  // namespace trine::index
