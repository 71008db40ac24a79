// CollectionIndex and IndexSet through their public functions: refresh, deletes, flush, reopening, merging,
// damage.
#include "index/index_set.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "index/segment_repair.h"
#include "storage/directory.h"
#include "test/support/faulty_directory.h"

namespace trine::index {
namespace {

IndexDocument Title(uint64_t seq_no, const std::string& id, const std::vector<std::string>& words) {
  IndexDocument document{SeqNo{seq_no}, id, {}};
  FieldContent title;
  title.field = "title";
  title.has_terms = title.with_norms = title.with_positions = true;
  title.length = static_cast<uint32_t>(words.size());
  for (uint32_t i = 0; i < words.size(); ++i) title.occurrences.push_back({words[i], i});
  document.fields.push_back(std::move(title));
  return document;
}

class IndexTest : public ::testing::Test {
 protected:
  IndexTest() { Open(); }
  void Open() {
    index_.reset();
    set_.reset();
    options_.background_merges = false;
    set_ = std::make_unique<IndexSet>(disk_.Root(), options_, clock_, NullLog(), NullMetrics());
    index_ = set_->Open(CollectionId{7}).value();
  }
  void Add(uint64_t seq_no, const std::string& id, const std::vector<std::string>& words) {
    ASSERT_TRUE(index_->Add(Title(seq_no, id, words)).ok());
    index_->Advance(SeqNo{seq_no + 1});
  }
  std::multiset<std::string> LiveIds() {
    std::multiset<std::string> ids;
    const IndexReaderPtr reader = index_->reader();
    for (const auto& segment : reader->segments()) {
      for (Row row = 0; row < segment->rows(); ++row) {
        if (segment->live(row)) ids.insert(std::string(segment->id(row)));
      }
    }
    return ids;
  }
  using Ids = std::multiset<std::string>;

  // Runs a callback the next time the index reads the clock, which a merge does before it reads its sources.
  class InterruptingClock final : public Clock {
   public:
    Millis Now() const override { return Millis{0}; }
    int64_t MonotonicNanos() const override {
      if (auto run = std::exchange(next_, nullptr)) run();
      return 0;
    }
    void OnNextLook(std::function<void()> run) { next_ = std::move(run); }

   private:
    mutable std::function<void()> next_;
  };

  test::FaultyDisk disk_;
  InterruptingClock clock_;
  IndexOptions options_;
  std::unique_ptr<IndexSet> set_;
  std::shared_ptr<CollectionIndex> index_;
};

TEST_F(IndexTest, DocumentsAreInvisibleUntilRefresh) {
  Add(0, "a", {"red", "chair"});
  EXPECT_EQ(LiveIds(), Ids{});
  EXPECT_TRUE(index_->Refresh().value());
  EXPECT_EQ(LiveIds(), Ids{"a"});
  EXPECT_EQ(index_->reader()->end_seq_no(), SeqNo{1});
  EXPECT_FALSE(index_->Refresh().value());
}

TEST_F(IndexTest, AddWithReplacesHidesTheOldVersion) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Refresh().ok());
  ASSERT_TRUE(index_->Add(Title(1, "a", {"blue"}), SeqNo{0}).ok());  // replaces a row in a segment
  EXPECT_EQ(LiveIds(), Ids{"a"});
  ASSERT_TRUE(index_->Add(Title(2, "a", {"green"}), SeqNo{1}).ok());  // replaces a row in the buffer
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds(), Ids{"a"});
  EXPECT_EQ(index_->reader()->segments().back()->seq_no(1), SeqNo{2});
  // A document that cannot be added does not hide the previous version.
  ASSERT_FALSE(index_->Add(Title(3, "a", {std::string(40'000, 'x')}), SeqNo{2}).ok());
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds(), Ids{"a"});
}

TEST_F(IndexTest, ReadersAreSnapshots) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Refresh().ok());
  const IndexReaderPtr before = index_->reader();
  EXPECT_FALSE(index_->oldest_reader_end());
  ASSERT_TRUE(index_->Delete(SeqNo{0}).ok());
  EXPECT_EQ(LiveIds(), Ids{"a"});
  ASSERT_TRUE(index_->Refresh().value());
  EXPECT_EQ(LiveIds(), Ids{});
  EXPECT_TRUE(before->segments()[0]->live(0));
  EXPECT_EQ(index_->oldest_reader_end(), before->end_seq_no());
}

TEST_F(IndexTest, CountsDeletedRowsUntilMerge) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Delete(SeqNo{0}).ok());
  Add(1, "a", {"red"});
  ASSERT_TRUE(index_->Refresh().value());
  const auto reader = index_->reader();
  EXPECT_EQ(reader->live_rows(), 1u);
  EXPECT_EQ(reader->deleted_rows(), 1u);
  EXPECT_EQ(reader->segments()[0]->terms("title")->Find("red")->row_count, 2u);
  EXPECT_EQ(reader->segments()[0]->Find("a"), Row{1});
  ASSERT_TRUE(index_->Merge(1).ok());
  EXPECT_EQ(index_->reader()->deleted_rows(), 0u);
  EXPECT_EQ(index_->reader()->segments()[0]->terms("title")->Find("red")->row_count, 1u);
}

TEST_F(IndexTest, FlushSurvivesACrashAndReplayAddsNoDuplicates) {
  Add(0, "a", {"red"});
  Add(1, "b", {"blue"});
  ASSERT_TRUE(index_->Flush().ok());
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{2});
  Add(2, "c", {"green"});
  ASSERT_TRUE(index_->Delete(SeqNo{0}).ok());
  index_->Advance(SeqNo{4});
  ASSERT_TRUE(index_->Refresh().ok());
  disk_.Crash();
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{2});
  EXPECT_EQ(LiveIds(), (Ids{"a", "b"}));
  Add(0, "a", {"red"});  // replay may start earlier than needed
  Add(1, "b", {"blue"});
  Add(2, "c", {"green"});
  ASSERT_TRUE(index_->Delete(SeqNo{0}).ok());
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds(), (Ids{"b", "c"}));
}

// The flush makes the sources of the merge durable; the merge must not undo that.
TEST_F(IndexTest, HeapMergeDoesNotUndoAConcurrentFlush) {
  // Two segments in files, then two on the heap, which are the smallest and are therefore merged.
  for (uint64_t i = 0; i < 5; ++i) {
    Add(i, "id" + std::to_string(i), std::vector<std::string>(i < 3 ? 500 : 1, "word"));
    if (i == 1 || i == 2) {
      ASSERT_TRUE(index_->Flush().ok());
    } else if (i > 2) {
      ASSERT_TRUE(index_->Refresh().ok());
    }
  }
  ASSERT_EQ(index_->reader()->segments().size(), 4u);
  clock_.OnNextLook([&] { EXPECT_TRUE(index_->Flush().ok()); });
  ASSERT_TRUE(index_->Merge(3).ok());
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{5});
  ASSERT_TRUE(index_->Delete(SeqNo{0}).ok());
  index_->Advance(SeqNo{6});
  ASSERT_TRUE(index_->Refresh().ok());
  ASSERT_TRUE(index_->Merge(3).ok());  // merges the file with the deleted row and writes a new manifest
  const Ids live = {"id1", "id2", "id3", "id4"};
  EXPECT_EQ(LiveIds(), live);
  disk_.Crash();
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{5});
  EXPECT_EQ(LiveIds(), live) << "nothing below the durable position is replayed";
}

TEST_F(IndexTest, FlushMakesDeletesDurableAndMergesRemoveObsoleteFiles) {
  for (uint64_t i = 0; i < 30; ++i) {
    Add(i, "id" + std::to_string(i), {"word" + std::to_string(i % 3)});
    if (i % 5 == 4) {
      ASSERT_TRUE(index_->Flush().ok());
    }
  }
  for (uint64_t i = 0; i < 30; i += 2) ASSERT_TRUE(index_->Delete(SeqNo{i}).ok());
  index_->Advance(SeqNo{45});
  ASSERT_TRUE(index_->Flush().ok());
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{45});
  EXPECT_EQ(LiveIds().size(), 15u);
  ASSERT_TRUE(index_->Merge(1).ok());
  EXPECT_EQ(LiveIds().size(), 15u);
  const auto files = disk_.Root()->Folder("c7").value()->List().value();
  EXPECT_EQ(files.size(), 2u) << "one segment and the manifest";
  ASSERT_TRUE(set_->Verify().ok());
  Open();
  EXPECT_EQ(LiveIds().size(), 15u);
  EXPECT_EQ(index_->stats().deleted_rows, 0u);
}

// While the disk fails, readers see the same rows; the first flush after the repair makes everything durable.
TEST_F(IndexTest, FailedFlushesAndMergesChangeNothing) {
  const struct {
    const char* name;
    std::function<void()> fail, repair;
    ErrorCode code;
  } faults[] = {
      {"sync", [&] { disk_.FailSyncs(true); }, [&] { disk_.FailSyncs(false); }, ErrorCode::kIo},
      {"space", [&] { disk_.SetSpaceLeft(0); }, [&] { disk_.SetSpaceLeft(1u << 30); }, ErrorCode::kNoSpace},
  };
  uint64_t next = 0;
  Ids live;
  const auto add = [&] {
    const std::string id = "id" + std::to_string(next);
    Add(next++, id, {"red"});
    live.insert(id);
    ASSERT_TRUE(index_->Refresh().ok());
  };
  for (const auto& fault : faults) {
    SCOPED_TRACE(fault.name);
    add();
    ASSERT_TRUE(index_->Flush().ok());
    const SeqNo durable = index_->durable_seq_no();
    add();
    fault.fail();
    for (int attempt = 0; attempt < 2; ++attempt) {
      const Status failed = index_->Flush();
      ASSERT_FALSE(failed.ok());
      EXPECT_EQ(failed.error().code, fault.code);
      EXPECT_EQ(index_->durable_seq_no(), durable);
      EXPECT_EQ(LiveIds(), live);
    }
    const Status merged = index_->Merge(1);
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().code, fault.code);
    EXPECT_EQ(LiveIds(), live);
    add();  // writes continue in memory
    EXPECT_EQ(LiveIds(), live);
    fault.repair();
    ASSERT_TRUE(index_->Flush().ok());
    EXPECT_EQ(index_->durable_seq_no(), SeqNo{next});
    ASSERT_TRUE(index_->Merge(1).ok());
    EXPECT_EQ(index_->reader()->segments().size(), 1u);
    EXPECT_TRUE(set_->Verify().ok());
    disk_.Crash();
    Open();
    EXPECT_EQ(index_->durable_seq_no(), SeqNo{next});
    EXPECT_EQ(LiveIds(), live);
  }
}

// The disk fails at every step of a flush or a merge in turn (create, append, sync, rename, remove); then the
// machine crashes. Replay from the durable position restores every row.
TEST_F(IndexTest, LosesNothingWhenAFlushOrMergeFailsAtAnyStep) {
  for (const bool merge : {false, true}) {
    SCOPED_TRACE(merge ? "merge" : "flush");
    disk_.Crash();
    Open();
    uint64_t next = index_->durable_seq_no().value;
    const uint64_t first = next;
    Ids live = LiveIds();
    const auto id_of = [](uint64_t seq_no) { return "id" + std::to_string(seq_no); };
    // Even operations add a document; odd ones delete the document added three operations earlier.
    const auto apply = [&](uint64_t seq_no) {
      if ((seq_no - first) % 2 == 0) {
        Add(seq_no, id_of(seq_no), {"red"});
      } else if (seq_no >= first + 3) {
        ASSERT_TRUE(index_->Delete(SeqNo{seq_no - 3}).ok());
      }
      index_->Advance(SeqNo{seq_no + 1});
    };
    uint64_t stop = 0;
    for (bool done = false; !done; ++stop) {
      ASSERT_LT(stop, 100u);
      SCOPED_TRACE(stop);
      live.insert(id_of(next));
      if (next >= first + 2) live.erase(id_of(next - 2));
      apply(next++);
      apply(next++);
      ASSERT_TRUE(index_->Refresh().ok());
      if (merge) {
        ASSERT_TRUE(index_->Flush().ok());
      }
      const SeqNo durable = index_->durable_seq_no();
      disk_.StopAfter(stop);
      const Status status = merge ? index_->Merge(1) : index_->Flush();
      done = status.ok();
      EXPECT_EQ(LiveIds(), live);
      if (!done) {
        EXPECT_EQ(status.error().kind(), ErrorKind::kIo);
        EXPECT_EQ(index_->durable_seq_no(), durable);
      }
      disk_.Crash();
      Open();
      ASSERT_GE(index_->durable_seq_no(), durable);
      for (uint64_t seq_no = index_->durable_seq_no().value; seq_no < next; ++seq_no) apply(seq_no);
      ASSERT_TRUE(index_->Refresh().ok());
      EXPECT_EQ(LiveIds(), live);
      EXPECT_TRUE(set_->Verify().ok());
    }
    EXPECT_GT(stop, 5u) << "a file, its sync, the folder, the manifest and its rename can each fail";
  }
}

TEST_F(IndexTest, MovesABrokenFileAsideAndStartsEmpty) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  disk_.FlipByte("c7/_1.seg", 70);
  EXPECT_EQ(set_->Verify().error().kind(), ErrorKind::kCorrupt);
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{0});
  EXPECT_EQ(LiveIds(), Ids{});
  EXPECT_TRUE(disk_.Root()->Folder("c7").value()->Open("broken-_1.seg").ok());
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  Open();
  EXPECT_EQ(LiveIds(), Ids{"a"});
}

TEST_F(IndexTest, StartsEmptyIfABrokenFileCannotBeMovedAside) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  disk_.FlipByte("c7/_1.seg", 70);
  disk_.StopAfter(0);
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{0});
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds(), Ids{"a"}) << "replayed into memory";
}

// Three files, of which the second is damaged: a and b, then c to f, then g.
class RepairTest : public IndexTest {
 protected:
  RepairTest() {
    for (const std::vector<std::string>& file :
         {std::vector<std::string>{"a", "b"}, {"c", "d", "e", "f"}, {"g"}}) {
      for (const std::string& id : file) AddNext(id);
      EXPECT_TRUE(index_->Refresh().ok());
      EXPECT_TRUE(index_->Flush().ok());
    }
  }
  void AddNext(const std::string& id, std::optional<SeqNo> replaces = std::nullopt) {
    ASSERT_TRUE(index_->Add(Title(next_, id, {"red"}), replaces).ok());
    index_->Advance(SeqNo{++next_});
  }
  std::unique_ptr<SegmentRepair> Begin() {
    auto begun = index_->BeginRepair();
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    return begun.ok() ? std::move(begun).value() : nullptr;
  }
  void AddAgain(SegmentRepair* repair, const std::vector<std::pair<uint64_t, std::string>>& rows) {
    for (const auto& [seq_no, id] : rows) ASSERT_TRUE(repair->Add(Title(seq_no, id, {"red"})).ok());
  }
  uint64_t next_ = 0;
};

TEST_F(RepairTest, ReadersLeaveOutADamagedSegmentUntilItIsReplaced) {
  index_->MarkDamaged(77, "a file that a merge has replaced");
  EXPECT_FALSE(index_->damaged());
  EXPECT_EQ(index_->BeginRepair().error().kind(), ErrorKind::kNotFound);
  index_->MarkDamaged(2, "the second file is damaged");
  index_->MarkDamaged(2, "and again");
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
  EXPECT_EQ(index_->reader()->damage(), "the second file is damaged");
  ASSERT_TRUE(index_->damaged());
  EXPECT_EQ(index_->damaged()->begin, SeqNo{2});
  EXPECT_EQ(index_->damaged()->end, SeqNo{6});
  auto repair = Begin();
  EXPECT_EQ(index_->BeginRepair().error().kind(), ErrorKind::kInUse);
  AddAgain(repair.get(), {{2, "c"}, {3, "d"}, {4, "e"}, {5, "f"}});
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
  ASSERT_TRUE(repair->Commit().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(index_->reader()->damage(), "");
  EXPECT_FALSE(index_->damaged());
  repair.reset();
  disk_.Crash();
  Open();
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "e", "f", "g"})) << "durable";
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{7});
  EXPECT_TRUE(set_->Verify().ok());
  EXPECT_FALSE(disk_.Root()->Folder("c7").value()->Open("_2.seg").ok()) << "removed";
}

// Rows that are deleted or replaced while the repair runs, before and after a refresh, and after it.
TEST_F(RepairTest, WritesGoOnDuringARepair) {
  index_->MarkDamaged(2, "damaged");
  ASSERT_TRUE(index_->Delete(SeqNo{2}).ok());  // c, before the repair begins: its record is not newest
  auto repair = Begin();
  AddAgain(repair.get(), {{3, "d"}, {4, "e"}, {5, "f"}});
  AddNext("d", SeqNo{3});
  ASSERT_TRUE(index_->Refresh().ok());
  ASSERT_TRUE(index_->Flush().ok());
  ASSERT_TRUE(index_->Merge(0).ok());
  ASSERT_TRUE(index_->Delete(SeqNo{4}).ok());  // e, not refreshed
  AddNext("h");
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g", "d"}));
  ASSERT_TRUE(repair->Commit().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "e", "f", "g", "d"})) << "no refresh has shown the second delete";
  ASSERT_TRUE(index_->Delete(SeqNo{5}).ok());
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g", "d", "h"}));
  ASSERT_TRUE(index_->Flush().ok());
  disk_.Crash();
  repair.reset();
  Open();
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g", "d", "h"}));
}

TEST_F(RepairTest, WritesSeveralFilesIfOneBufferIsTooSmall) {
  options_.buffer_bytes = 1;
  Open();
  index_->MarkDamaged(2, "damaged");
  auto repair = Begin();
  AddAgain(repair.get(), {{2, "c"}, {3, "d"}, {4, "wrong"}, {5, "f"}});
  repair->Delete(SeqNo{4});
  repair->Delete(SeqNo{77});
  ASSERT_TRUE(repair->Commit().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "f", "g"}));
  EXPECT_EQ(index_->stats().segments, 6u);
  ASSERT_TRUE(index_->Delete(SeqNo{3}).ok());
  ASSERT_TRUE(index_->Refresh().ok());
  ASSERT_TRUE(index_->Merge(1).ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "f", "g"}));
  repair.reset();
  Open();
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "f", "g"}));
}

TEST_F(RepairTest, ASegmentOfDeletedRecordsLeavesNothing) {
  index_->MarkDamaged(2, "damaged");
  ASSERT_TRUE(Begin()->Commit().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
  Open();
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
}

TEST_F(RepairTest, GivingUpLeavesTheIndexAsItWas) {
  options_.buffer_bytes = 1;
  Open();
  index_->MarkDamaged(2, "damaged");
  const auto files = disk_.Root()->Folder("c7").value()->List().value();
  auto repair = Begin();
  AddAgain(repair.get(), {{2, "c"}, {3, "d"}});
  repair.reset();
  EXPECT_EQ(disk_.Root()->Folder("c7").value()->List().value(), files);
  EXPECT_TRUE(index_->damaged());
  repair = Begin();
  disk_.SetSpaceLeft(0);
  EXPECT_EQ(repair->Add(Title(2, "c", {"red"})).error().code, ErrorCode::kNoSpace);
  disk_.SetSpaceLeft(1u << 30);
  repair.reset();
  repair = Begin();
  AddAgain(repair.get(), {{2, "c"}});
  index_->Stop();
  EXPECT_EQ(repair->Add(Title(3, "d", {"red"})).error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(repair->Commit().error().kind(), ErrorKind::kUnavailable);
  repair.reset();
  EXPECT_EQ(index_->BeginRepair().error().kind(), ErrorKind::kUnavailable);
  Open();
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "e", "f", "g"}))
      << "the damaged file, which is not verified here";
}

TEST_F(RepairTest, AMergeFindsADamagedSourceAndLeavesItOut) {
  options_.verify_bytes = 0;
  index_.reset();
  set_.reset();
  disk_.FlipByte("c7/_2.seg", 70);
  Open();
  ASSERT_TRUE(index_->Merge(1).ok());
  ASSERT_TRUE(index_->damaged());
  EXPECT_EQ(index_->damaged()->what, "the index file _2.seg has a wrong checksum");
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
  auto repair = Begin();
  AddAgain(repair.get(), {{2, "c"}, {3, "d"}, {4, "e"}, {5, "f"}});
  ASSERT_TRUE(repair->Commit().ok());
  ASSERT_TRUE(index_->Merge(1).ok());
  EXPECT_EQ(index_->stats().segments, 1u);
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "e", "f", "g"}));
}

// The damage is reported while a merge reads the file.
TEST_F(RepairTest, TheResultOfAMergeOfADamagedFileIsNotUsed) {
  clock_.OnNextLook([&] { index_->MarkDamaged(2, "damaged"); });
  const Status merged = index_->Merge(1);
  ASSERT_FALSE(merged.ok());
  EXPECT_EQ(merged.error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "g"}));
  auto repair = Begin();
  AddAgain(repair.get(), {{2, "c"}, {3, "d"}, {4, "e"}, {5, "f"}});
  ASSERT_TRUE(repair->Commit().ok());
  EXPECT_EQ(LiveIds(), (Ids{"a", "b", "c", "d", "e", "f", "g"}));
}

TEST_F(IndexTest, StartsEmptyOnRequest) {
  Add(0, "a", {"red"});
  Add(1, "b", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  Open();
  ASSERT_TRUE(index_->StartEmpty("a test").ok());
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{0});
  EXPECT_EQ(LiveIds(), Ids{});
  Open();
  EXPECT_EQ(LiveIds(), Ids{});
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  Open();
  EXPECT_EQ(LiveIds(), Ids{"a"});
}

// The result of the merge would bring the rows back.
TEST_F(IndexTest, StartsEmptyWhileAMergeRuns) {
  for (uint64_t i = 0; i < 6; ++i) {
    Add(i, std::to_string(i), {"red"});
    ASSERT_TRUE(index_->Flush().ok());
  }
  Open();
  std::thread emptying;
  Status emptied = Ok();
  clock_.OnNextLook([&] {
    std::atomic<bool> started = false;
    emptying = std::thread([&] {
      started = true;
      emptied = index_->StartEmpty("a test");
    });
    while (!started) std::this_thread::yield();
  });
  ASSERT_TRUE(index_->Merge(1).ok());
  emptying.join();
  ASSERT_TRUE(emptied.ok());
  EXPECT_EQ(LiveIds(), Ids{});
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{0});
  Open();
  EXPECT_EQ(LiveIds(), Ids{}) << "nothing came back";
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  ASSERT_TRUE(index_->Refresh().ok());
  ASSERT_TRUE(index_->Merge(1).ok());
  EXPECT_EQ(LiveIds(), Ids{"a"});
}

TEST_F(IndexTest, RebuildsAnIndexWithUnsupportedFormatVersion) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  std::string manifest = "trine index manifest 2\nlayout of tomorrow\n";
  char last[16];
  std::snprintf(last, sizeof(last), "end %08x\n", storage::Crc32c(manifest));
  auto folder = disk_.Root()->Folder("c7").value();
  ASSERT_TRUE(storage::WriteFileAtomically(*folder, "manifest", manifest + last).ok());
  EXPECT_EQ(set_->Verify().error().kind(), ErrorKind::kFormatVersion);
  Open();
  EXPECT_EQ(index_->durable_seq_no(), SeqNo{0});
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  Open();
  EXPECT_EQ(LiveIds(), Ids{"a"});
  EXPECT_TRUE(set_->Verify().ok());
}

TEST_F(IndexTest, FullBufferBecomesAnInvisibleSegment) {
  options_.buffer_bytes = 10'000;
  Open();
  for (uint64_t i = 0; i < 1000; ++i)
    Add(i, "id" + std::to_string(i), {"a", "b", "word" + std::to_string(i)});
  EXPECT_GT(index_->stats().segments, 3u);
  EXPECT_LT(index_->stats().memory_bytes, 100'000u);
  EXPECT_EQ(LiveIds().size(), 0u);
  ASSERT_TRUE(index_->Refresh().ok());
  EXPECT_EQ(LiveIds().size(), 1000u);
}

TEST_F(IndexTest, DropRemovesEveryFile) {
  Add(0, "a", {"red"});
  ASSERT_TRUE(index_->Flush().ok());
  ASSERT_TRUE(set_->Drop(CollectionId{7}).ok());
  EXPECT_EQ(set_->Get(CollectionId{7}), nullptr);
  EXPECT_FALSE(index_->Flush().ok());
  EXPECT_TRUE(disk_.Root()->ListFolders().value().empty());
}

}  // namespace
}  // namespace trine::index
