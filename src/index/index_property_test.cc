// Compares random operations on an index with a naive index; crashes happen at random moments.
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "index/index_set.h"
#include "test/support/faulty_directory.h"
#include "test/support/naive_index.h"

namespace trine::index {
namespace {

// An index, the naive index, and the log of operations that a record store would keep. Tests make the disk
// fail; durable operations must survive.
class IndexHarness {
 public:
  IndexHarness(uint64_t seed, const IndexOptions& options) : random_(seed), options_(options) { Open(); }

  void UseIds(uint64_t count) { ids_ = count; }

  void Write() {
    const SeqNo seq_no{log_.size()};
    Operation op;
    op.id = "id" + std::to_string(random_.Below(ids_));
    if (const auto it = newest_.find(op.id); it != newest_.end()) {
      op.removes = it->second;
      newest_.erase(it);
    }
    if (random_.Below(6) != 0) {
      op.document = test::RandomDocument(seq_no, op.id, &random_);
      newest_[op.id] = seq_no;
    }
    log_.push_back(op.id);
    if (op.removes) {
      ASSERT_TRUE(index_->Delete(*op.removes).ok());
      twin_.Delete(*op.removes);
    }
    if (op.document) {
      twin_.Add(*op.document);
      ASSERT_TRUE(index_->Add(*op.document).ok());
    }
    index_->Advance(SeqNo{log_.size()});
  }

  void Refresh() {
    ASSERT_TRUE(index_->Refresh().ok());
    twin_.Refresh();
    EXPECT_EQ(index_->reader()->end_seq_no(), SeqNo{log_.size()});
  }

  void Flush() {
    const uint64_t end = log_.size();
    if (index_->Flush().ok()) durable_ = end;
  }
  void Merge(size_t to) { static_cast<void>(index_->Merge(to).ok()); }

  // Does what a server does at start-up: opens the index, replays operations that are not durable, and
  // refreshes.
  void Open() {
    index_.reset();
    set_.reset();
    set_ = std::make_unique<IndexSet>(disk_.Root(), options_, clock_, NullLog(), NullMetrics());
    index_ = set_->Open(CollectionId{1}).value();
    ASSERT_GE(index_->durable_seq_no().value, durable_) << "an acknowledged flush was lost";
    Replay(index_->durable_seq_no().value);
    Refresh();
  }

  void Crash() {
    disk_.Crash(&random_);
    Open();
  }

  void Check() {
    EXPECT_EQ(twin_.Difference(*index_->reader(), &random_), "");
    EXPECT_TRUE(set_->Verify().ok());
  }

  test::FaultyDisk& disk() { return disk_; }
  Random& random() { return random_; }
  CollectionIndex& index() { return *index_; }

 private:
  struct Operation {
    std::string id;
    std::optional<SeqNo> removes = std::nullopt;
    std::optional<IndexDocument> document = std::nullopt;
  };

  // Replays the newest operation of each id; older rows are found in the reader by id.
  void Replay(uint64_t from) {
    const IndexReaderPtr reader = index_->reader();
    std::map<std::string, uint64_t> last;
    for (uint64_t i = from; i < log_.size(); ++i) last[log_[i]] = i;
    for (uint64_t i = from; i < log_.size(); ++i) {
      if (last[log_[i]] != i) continue;
      for (const auto& segment : reader->segments()) {
        const std::optional<Row> row = segment->Find(log_[i]);
        if (row && segment->seq_no(*row).value < i) {
          ASSERT_TRUE(index_->Delete(segment->seq_no(*row)).ok());
        }
      }
      if (newest_.contains(log_[i])) {
        ASSERT_TRUE(index_->Add(*twin_.Find(SeqNo{i})).ok());
      }
    }
    index_->Advance(SeqNo{log_.size()});
  }

  test::FaultyDisk disk_;
  ManualClock clock_{Millis{0}};
  Random random_;
  IndexOptions options_;
  std::unique_ptr<IndexSet> set_;
  std::shared_ptr<CollectionIndex> index_;
  test::NaiveIndex twin_;
  std::vector<std::string> log_;  // ids by seq_no; the naive index has the documents
  std::map<std::string, SeqNo> newest_;
  uint64_t durable_ = 0;
  uint64_t ids_ = 200;
};

IndexOptions Small() {
  IndexOptions options;
  options.background_merges = false;
  options.merge_factor = 3;
  options.memory_segment_bytes = 20'000;
  options.buffer_bytes = 200'000;
  return options;
}

void Step(IndexHarness* harness) {
  switch (harness->random().Below(12)) {
    case 0:
      return harness->Flush();
    case 1:
      return harness->Merge(0);
    case 2:
      return harness->Merge(1 + harness->random().Below(3));
    case 3:
    case 4:
    case 5:
      return harness->Refresh();
    default:
      for (uint64_t n = harness->random().Below(60); n > 0; --n) harness->Write();
  }
}

TEST(IndexProperty, MatchesNaiveIndex) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    IndexHarness harness(seed, Small());
    for (int step = 0; step < 60; ++step) {
      Step(&harness);
      if (harness.random().Below(4) == 0) harness.Check();
      if (harness.random().Below(20) == 0) harness.Open();
      if (testing::Test::HasFailure()) return;
    }
    harness.Check();
  }
}

TEST(IndexProperty, LongPostingListsMatchNaiveIndex) {
  IndexHarness harness(77, Small());
  for (int i = 0; i < 4000; ++i) harness.Write();
  harness.Refresh();
  harness.Check();
  harness.Flush();
  harness.Merge(1);
  harness.Check();
}

TEST(IndexProperty, CrashKeepsDurableOperations) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    IndexHarness harness(seed, Small());
    for (int round = 0; round < 4; ++round) {
      for (uint64_t n = harness.random().Below(12); n > 0; --n) Step(&harness);
      // From a random disk operation on, everything fails, as in a machine crash.
      harness.disk().StopAfter(harness.random().Below(25));
      for (uint64_t n = 1 + harness.random().Below(6); n > 0; --n) Step(&harness);
      harness.Crash();
      harness.Check();
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(IndexProperty, FullDiskLosesNoOperations) {
  IndexHarness harness(5, Small());
  for (int i = 0; i < 10; ++i) Step(&harness);
  harness.disk().SetSpaceLeft(10'000);
  for (int i = 0; i < 40; ++i) Step(&harness);
  harness.Refresh();
  harness.Check();
  harness.Crash();
  harness.Check();
}

TEST(IndexProperty, BackgroundMergesDoNotChangeResults) {
  IndexOptions options = Small();
  options.background_merges = true;
  IndexHarness harness(9, options);
  for (int step = 0; step < 200; ++step) Step(&harness);
  harness.Refresh();
  harness.Check();
  harness.Open();
  harness.Check();
}

// Deletes, refreshes and flushes while a merge runs on another thread.
TEST(IndexProperty, KeepsWritesDuringMerges) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    IndexHarness harness(seed, Small());
    harness.UseIds(6000);  // so that merges take long
    for (int i = 0; i < 6000; ++i) {
      harness.Write();
      if (i % 1000 == 0) harness.Refresh();
    }
    harness.Refresh();
    std::thread merging([&harness] { harness.Merge(1); });
    for (int i = 0; i < 1000; ++i) {
      harness.Write();
      if (i % 20 == 0) harness.Refresh();
      if (i % 200 == 100) harness.Flush();
    }
    merging.join();
    harness.Refresh();
    harness.Check();
    harness.Crash();
    harness.Check();
  }
}

}  // namespace
}  // namespace trine::index
