// CollectionIndex: the Index of one collection: a buffer, a list of segments (on the heap or mapped
// files), the reader made of them at the last refresh, and a manifest that says what is durable.
//
// Three things move apart from each other:
//   visible   what reader() shows; moved on by Refresh
//   taken     what Add and Delete gave; the buffer, segments, and deletes that wait for a refresh
//   durable   what the manifest names; moved on by Flush, and kept in step by merges
// Durable segments are always the first ones of the list: a merge replaces neighbours by one, and the
// manifest then names the longest run of file segments from the oldest on. Operations from
// durable_seq_no on are replayed after a crash; a document below the manifest's add_end is known and
// is not taken twice.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "index/buffer.h"
#include "index/index.h"
#include "index/maintenance.h"
#include "index/manifest.h"
#include "index/merge_policy.h"
#include "index/merger.h"
#include "index/segment.h"

namespace trine::index {

// Lock order: file_mutex_, then mutex_. Files are written under file_mutex_ alone, so that Add never
// waits for a disk.
class CollectionIndex final : public Index,
                              public Maintained,
                              public std::enable_shared_from_this<CollectionIndex> {
 public:
  // Opens the folder's manifest. What is corrupt is moved aside and named in the log; the index then
  // starts empty, durable_seq_no 0. kIo when the folder cannot be read.
  static Result<std::shared_ptr<CollectionIndex>> Open(std::unique_ptr<storage::Directory> folder,
                                                       const IndexOptions& options, const Clock& clock,
                                                       Log& log, Metrics& metrics,
                                                       std::weak_ptr<Maintenance> maintenance);

  Status Add(IndexDocument document, std::optional<SeqNo> replaces) override;
  Status Delete(SeqNo seq_no) override;
  void Advance(SeqNo end) override;
  Result<bool> Refresh() override;
  Status Flush() override;
  Status Merge(size_t max_segments) override;
  IndexReaderPtr reader() const override;
  SeqNo durable_seq_no() const override;
  bool has_old_readers() const override;
  Stats stats() const override;
  void Maintain() override;

  // No more files are written from here on; waits for a merge that runs.
  void Stop();

 private:
  struct Entry {
    uint64_t key = 0;  // names the entry in this process, from heap to file
    SegmentPtr segment;
    LiveBitsPtr live;          // what readers see
    std::vector<Row> waiting;  // deleted at the next refresh
    bool visible = false;
    bool merging = false;
    uint64_t file = 0;            // number of its file, 0: on the heap
    uint64_t live_file = 0;       // number of its live bits' file, 0: none
    uint32_t live_file_rows = 0;  // live rows in that file
    SeqNo add_end;                // documents with a smaller seq_no are in this entry or an older one
  };

  CollectionIndex(std::unique_ptr<storage::Directory> folder, const IndexOptions& options, const Clock& clock,
                  Log& log, Metrics& metrics, std::weak_ptr<Maintenance> maintenance);

  // Opening (collection_index_open.cc).
  Status Load();
  Status LoadSegments(const Manifest& manifest);
  Result<Entry> LoadEntry(const ManifestSegment& named, std::string* broken_file);
  Status StartEmpty(const Error& why, const std::string& broken_file);
  Status RemoveStrays();

  // Under mutex_.
  void MarkDeleted(SeqNo seq_no);
  void SealBuffer();
  Entry* Find(uint64_t key);
  void ApplyWaiting(Entry* entry);
  void Publish(bool changed);
  uint64_t HeapBytes() const;
  bool NothingMerges() const;
  static LiveBitsPtr WithWaiting(const Entry& entry);

  // Under file_mutex_ (collection_index_files.cc).
  Status WriteEntry(uint64_t key);
  Status WriteLive(uint64_t key);
  struct Durable {
    SeqNo end, add_end;
  };
  // Names the file segments from the oldest on; `durable`: everything below is in them now.
  Status CommitManifest(std::optional<Durable> durable);
  void RemoveObsolete();
  Status WriteFile(const std::string& name, std::string_view bytes);

  // Merging (collection_index_merge.cc); no lock held.
  struct Plan {
    std::vector<uint64_t> keys;
    std::vector<MergeSource> sources;
    bool from_files = false;
    bool to_file = false;
  };
  Plan MakePlan(const MergeRange& range);                            // under mutex_
  std::vector<MergeCandidate> Candidates() const;                    // under mutex_
  std::optional<MergeRange> ForcedMerge(size_t max_segments) const;  // under mutex_
  Status RunMerge(const Plan& plan);
  Status MergeAndCommit(const Plan& plan);
  Status CommitMerge(const Plan& plan, SegmentPtr merged, const MergeResult& result, uint64_t number);
  bool AnyInFiles(const Plan& plan);
  void ReplaceEntries(const Plan& plan, SegmentPtr merged, const MergeResult& result, uint64_t number);
  Status MergeHeapRuns();
  Status SpillHeap();
  void AskMaintenance();
  void Warn(std::string_view what, const Error& why);

  const std::unique_ptr<storage::Directory> folder_;
  const IndexOptions options_;
  const Clock& clock_;
  Log& log_;
  Histogram& merge_seconds_;
  Counter& broken_total_;
  const std::weak_ptr<Maintenance> maintenance_;
  MergePolicy policy_;
  std::atomic<bool> stop_{false};

  std::mutex file_mutex_;
  Manifest manifest_;              // as on disk; under file_mutex_
  std::set<std::string> written_;  // files of ours that are there; under file_mutex_

  mutable std::mutex mutex_;
  std::condition_variable merged_;  // a merge ended
  std::unique_ptr<Buffer> buffer_;
  std::vector<Entry> entries_;  // oldest first
  SeqNo end_;                   // of Advance
  SeqNo visible_end_;           // of Advance at the last refresh
  SeqNo add_end_;               // of Add
  SeqNo durable_;
  uint64_t next_key_ = 1;
  std::atomic<uint64_t> next_number_{1};  // of files
  uint64_t generation_ = 0;
  std::atomic<bool> merges_fail_{false};  // no more background merges until a flush succeeds

  mutable std::mutex reader_mutex_;
  IndexReaderPtr reader_;
  mutable std::vector<std::weak_ptr<const IndexReader>> old_readers_;
};

}  // namespace trine::index
