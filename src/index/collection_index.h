// CollectionIndex: the inverted index, columns and vectors of one collection: a buffer, a list of segments
// (on the heap or in mapped files), the reader built from them at the last refresh, and a manifest that
// records what is durable.
//
// Three positions move independently:
//   visible   what reader() shows; moved by Refresh
//   accepted  what Add and Delete received: the buffer, the segments, and deletes that wait for a refresh
//   durable   what the manifest lists; moved by Flush, and kept consistent by merges
// Durable segments always come first in the list: a merge replaces adjacent segments with one, and the
// manifest lists the file segments that precede the first one on the heap. After a crash, the operations from
// durable_seq_no on are replayed; a document with a seq_no below the manifest's add_end was already added and
// is not added twice.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "index/buffer.h"
#include "index/document.h"
#include "index/index_options.h"
#include "index/maintenance.h"
#include "index/manifest.h"
#include "index/merge_policy.h"
#include "index/merger.h"
#include "index/reader.h"
#include "index/segment.h"
#include "storage/directory.h"

namespace trine::index {

class SegmentRepair;

// Thread-safe. Readers never wait for writers. Owned through shared_ptr by the IndexSet and by the writer of
// the collection. Lock order: file_mutex_, then mutex_, then reader_mutex_. Files are written under
// file_mutex_ alone (a merge writes its segment under no lock), so that Add waits for the disk only if it
// must free memory. Open holds file_mutex_ and mutex_ while it reads the files, which blocks nobody because
// no other thread has the index yet.
class CollectionIndex final : public std::enable_shared_from_this<CollectionIndex> {
 public:
  // Opens the files that the folder's manifest lists. A manifest or segment that is damaged or has an
  // unsupported format version is logged and moved aside; the index then starts empty with durable_seq_no 0,
  // so that replay rebuilds it. Clock, log and metrics must outlive the index. kIo if the folder cannot be
  // read.
  static Result<std::shared_ptr<CollectionIndex>> Open(std::unique_ptr<storage::Directory> folder,
                                                       const IndexOptions& options, const Clock& clock,
                                                       Log& log, Metrics& metrics,
                                                       std::weak_ptr<Maintenance> maintenance);

  // Puts a document into the buffer; it is searchable after the next Refresh. With `replaces`, the row of the
  // record's previous version is deleted in the same step, so that no Refresh shows both rows or neither.
  // Documents arrive in ascending order of seq_no. If the seq_no is smaller than an earlier one, this is the
  // replay of a document that was already added, and only `replaces` takes effect. Same errors as
  // Buffer::Add; on error nothing changes. Except kBusy, if the operating system has no memory: then every
  // operation from accepted_end() on must be added again.
  Status Add(const IndexDocument& document, std::optional<SeqNo> replaces = std::nullopt);
  // Removes all rows and files, so that replay builds the index again. `why` is logged. Requires that nothing
  // was added since Open. Waits for a merge that runs. On error the rows and files are kept.
  Status StartEmpty(const std::string& why);
  // A segment whose file is damaged. Its rows are those of the operations with begin <= seq_no < end.
  struct DamagedSegment {
    SeqNo begin, end;
    std::string what;  // a sentence without a full stop
  };
  // Readers leave out the segment in this file from now on, until a repair has replaced it. `what` names the
  // file and says what is wrong in a sentence without a full stop. Without effect if the index no longer has
  // the file.
  void MarkDamaged(uint64_t file, const std::string& what);
  // The oldest segment that MarkDamaged or a merge found to be damaged; nullopt if there is none.
  std::optional<DamagedSegment> damaged() const;
  // Begins to build the rows of the segment that damaged() returns again; see SegmentRepair. kNotFound if
  // there is none; kInUse while another repair or a merge uses it, or before its first refresh; kUnavailable
  // after Stop.
  Result<std::unique_ptr<SegmentRepair>> BeginRepair();
  // Marks the row with this seq_no as deleted from the next Refresh on, wherever it is stored. A seq_no
  // without a row is not an error.
  Status Delete(SeqNo seq_no);
  // Every operation with a smaller seq_no was accepted; see Advance.
  SeqNo accepted_end() const;
  // States that every operation with seq_no < `end` was passed to Add or Delete, or needs no row. A smaller
  // `end` than before changes nothing.
  void Advance(SeqNo end);
  // Makes everything accepted so far searchable. Returns whether the set of visible rows changed.
  Result<bool> Refresh();
  // Writes everything in memory to checksummed files, syncs them, and moves durable_seq_no to the largest
  // `end` passed to Advance. kUnavailable after Stop; kIo if a file cannot be written, and then the durable
  // state stays unchanged.
  Status Flush();
  // Merges until at most `max_segments` are left and purges deleted rows; 0 makes only the merges that the
  // policy selects.
  Status Merge(size_t max_segments);
  // The newest snapshot; never nullptr.
  IndexReaderPtr reader() const;
  // Operations with a smaller seq_no survive a crash without replay; replay starts at this seq_no.
  SeqNo durable_seq_no() const;
  // One past the largest seq_no of an operation in the files, for comparison with the stored records.
  SeqNo end_seq_no() const;
  // The smallest end_seq_no() of the readers older than reader() that somebody still holds; nullopt if there
  // is none. A search on such a reader may still fetch records that were superseded at or after this seq_no.
  std::optional<SeqNo> oldest_reader_end() const;
  struct Stats {
    uint64_t segments = 0;
    uint64_t live_rows = 0, deleted_rows = 0;  // in segments; rows with pending deletes count as live
    uint64_t buffered_rows = 0;
    uint64_t file_bytes = 0, memory_bytes = 0;  // memory: buffer and segments on the heap
  };
  Stats stats() const;
  // Runs every merge that is due, one after another; returns soon after Stop. For the maintenance thread.
  void Maintain();

  // Waits for a running merge or flush to end; after this call no file is written.
  void Stop();

 private:
  struct SegmentEntry {
    uint64_t key = 0;  // identifies the entry in this process; stays the same when it moves from heap to file
    SegmentPtr segment;
    LiveBitsPtr live;                  // the live bits that readers see
    std::vector<Row> pending_deletes;  // rows to be deleted at the next refresh
    bool visible = false;              // a refresh has made it part of the reader
    bool merging = false;              // a running merge reads it; it must not be dropped
    uint64_t file = 0;                 // number of its file; 0: it is on the heap
    uint64_t live_file = 0;            // number of its live bits file; 0: none
    uint32_t live_file_rows = 0;       // live rows according to that file
    SeqNo add_end;                     // documents with a smaller seq_no are in this entry or an older one
    std::string damage;  // what is wrong with its file, which readers and merges leave out; empty: nothing
  };
  // The deletes since a repair began, of the rows that are built again. The first `refreshed` of them were
  // made before the last refresh.
  struct RunningRepair {
    uint64_t key = 0;  // of the damaged entry
    SeqNo begin, end;
    std::vector<SeqNo> deleted;
    size_t refreshed = 0;
  };

  CollectionIndex(std::unique_ptr<storage::Directory> folder, const IndexOptions& options, const Clock& clock,
                  Log& log, Metrics& metrics, std::weak_ptr<Maintenance> maintenance);

  // Opening (collection_index_open.cc).
  Status Load() TRINE_REQUIRES(file_mutex_, mutex_);
  Status LoadSegments(const Manifest& manifest) TRINE_REQUIRES(file_mutex_, mutex_);
  Result<SegmentEntry> LoadEntry(const ManifestSegment& named, std::string* broken_file)
      TRINE_REQUIRES(mutex_);
  Status ResetToEmpty(const Error& why, const std::string& broken_file) TRINE_REQUIRES(file_mutex_, mutex_);
  Status RemoveOrphanFiles() TRINE_REQUIRES(file_mutex_);

  void MarkDeleted(SeqNo seq_no) TRINE_REQUIRES(mutex_);
  Status AddToBuffer(const IndexDocument& document) TRINE_REQUIRES(mutex_);
  void SealBuffer() TRINE_REQUIRES(mutex_);
  SegmentEntry* FindEntry(uint64_t key) TRINE_REQUIRES(mutex_);
  void Publish(bool changed) TRINE_REQUIRES(mutex_) TRINE_EXCLUDES(reader_mutex_);
  uint64_t HeapBytes() const TRINE_REQUIRES(mutex_);
  bool NoMergeRunning() const TRINE_REQUIRES(mutex_);
  static LiveBitsPtr LiveAfterPendingDeletes(const SegmentEntry& entry);

  // Files (collection_index_files.cc).
  Status WriteEntry(uint64_t key) TRINE_REQUIRES(file_mutex_) TRINE_EXCLUDES(mutex_);
  Status WriteLiveBits(uint64_t key) TRINE_REQUIRES(file_mutex_) TRINE_EXCLUDES(mutex_);
  struct DurablePosition {
    SeqNo end, add_end;
  };
  // Writes a manifest that lists the file segments that precede the first one on the heap. `durable`:
  // positions below which every operation is now in those files; nullopt keeps the manifest's positions.
  Status CommitManifest(std::optional<DurablePosition> durable) TRINE_REQUIRES(file_mutex_)
      TRINE_EXCLUDES(mutex_);
  void RemoveObsoleteFiles() TRINE_REQUIRES(file_mutex_) TRINE_EXCLUDES(mutex_);
  Status WriteFile(const std::string& name, std::string_view bytes) TRINE_REQUIRES(file_mutex_)
      TRINE_EXCLUDES(mutex_);

  // Merging (collection_index_merge.cc). The caller holds no lock unless the annotation says so.
  struct MergePlan {
    std::vector<uint64_t> keys;
    std::vector<MergeSource> sources;
    bool from_files = false;
    bool to_file = false;
  };
  MergePlan PlanMerge(const MergeRange& range) TRINE_REQUIRES(mutex_);
  std::vector<MergeCandidate> Candidates() const TRINE_REQUIRES(mutex_);
  std::optional<MergeRange> ForcedMerge(size_t max_segments) const TRINE_REQUIRES(mutex_);
  Status RunMerge(const MergePlan& plan) TRINE_EXCLUDES(file_mutex_, mutex_);
  Status MergeAndCommit(const MergePlan& plan);
  bool SourcesAreIntact(const MergePlan& plan) TRINE_EXCLUDES(file_mutex_, mutex_);
  Status CommitMerge(const MergePlan& plan, SegmentPtr merged, const MergeResult& result, uint64_t number);
  bool AnySourceInFile(const MergePlan& plan) TRINE_REQUIRES(mutex_);
  bool AnySourceDamaged(const MergePlan& plan) TRINE_REQUIRES(mutex_);
  void ReplaceEntries(const MergePlan& plan, SegmentPtr merged, const MergeResult& result, uint64_t number)
      TRINE_REQUIRES(mutex_);
  Status MergeHeapRuns();
  Status SpillHeap();

  // Repair (collection_index_repair.cc).
  friend class SegmentRepair;
  void LeaveOut(SegmentEntry* entry, const std::string& what) TRINE_REQUIRES(mutex_);
  Result<uint64_t> WriteRepairedFile(std::string_view bytes) TRINE_EXCLUDES(file_mutex_, mutex_);
  Status CommitRepair(SegmentRepair* repair) TRINE_EXCLUDES(file_mutex_, mutex_);
  void ReplaceDamaged(SegmentRepair* repair) TRINE_REQUIRES(file_mutex_, mutex_);
  void AbandonRepair(const SegmentRepair& repair) TRINE_EXCLUDES(file_mutex_, mutex_);
  void RequestMaintenance();
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

  Mutex file_mutex_ TRINE_ACQUIRED_BEFORE(mutex_);
  Manifest manifest_ TRINE_GUARDED_BY(file_mutex_);  // as on disk
  // Files that this index wrote or opened and has not removed.
  std::set<std::string> owned_files_ TRINE_GUARDED_BY(file_mutex_);

  mutable Mutex mutex_ TRINE_ACQUIRED_BEFORE(reader_mutex_);
  CondVar merged_;  // notified when a merge ends
  std::unique_ptr<Buffer> buffer_ TRINE_GUARDED_BY(mutex_) TRINE_PT_GUARDED_BY(mutex_);
  std::vector<SegmentEntry> entries_ TRINE_GUARDED_BY(mutex_);  // oldest first
  SeqNo end_ TRINE_GUARDED_BY(mutex_);                          // the largest `end` passed to Advance
  SeqNo visible_end_ TRINE_GUARDED_BY(mutex_);                  // end_ at the last refresh
  SeqNo add_end_ TRINE_GUARDED_BY(mutex_);                      // one past the largest seq_no added
  SeqNo durable_ TRINE_GUARDED_BY(mutex_);
  uint64_t next_key_ TRINE_GUARDED_BY(mutex_) = 1;
  uint64_t generation_ TRINE_GUARDED_BY(mutex_) = 0;
  bool unpublished_ TRINE_GUARDED_BY(mutex_) = false;  // visible rows changed since the last Publish
  std::optional<RunningRepair> repair_ TRINE_GUARDED_BY(mutex_);
  std::atomic<uint64_t> next_number_{1};                  // the next file number
  std::atomic<bool> background_merges_suspended_{false};  // no more background merges until a flush succeeds

  mutable Mutex reader_mutex_;
  IndexReaderPtr reader_ TRINE_GUARDED_BY(reader_mutex_);
  mutable std::vector<std::weak_ptr<const IndexReader>> old_readers_ TRINE_GUARDED_BY(reader_mutex_);
};

}  // namespace trine::index
