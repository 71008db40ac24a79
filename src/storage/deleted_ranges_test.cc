#include "storage/deleted_ranges.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

std::string Key(uint32_t owner, uint64_t number) { return KeyBuilder().U32(owner).U64(number).Take(); }

TEST(DeletedRanges, RemembersWhatIsWorthARewrite) {
  DeletedRanges ranges;
  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Key(1, 0), Key(2, 0));
  batch.DeleteRange(Family::kRecords, Key(5, 0), Key(5, 0));  // empty
  batch.DeleteRange(Family::kMeta, "a", "b");                 // too small to matter
  batch.Put(Family::kRecords, Key(7, 0), "v");
  for (uint64_t i = 0; i + 1 < DeletedRanges::kManyDeletes; ++i) batch.Delete(Family::kUserEvents, Key(3, i));
  ranges.Note(batch);
  const auto taken = ranges.Take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].family, Family::kRecords);
  EXPECT_EQ(taken[0].first, Key(1, 0));
  EXPECT_EQ(taken[0].last, Key(2, 0));
  EXPECT_TRUE(taken[0].whole);
  EXPECT_TRUE(ranges.Take().empty());

  WriteBatch one;
  one.Delete(Family::kUserEvents, Key(3, 5000));
  ranges.Note(one);
  const auto many = ranges.Take();
  ASSERT_EQ(many.size(), 1u);
  EXPECT_EQ(many[0].first, Key(3, 0));
  EXPECT_EQ(many[0].last, Key(3, 5000));
  EXPECT_FALSE(many[0].whole);
  ranges.PutBack(many[0]);
  EXPECT_EQ(ranges.Take().size(), 1u);
}

TEST(DeletedRanges, AreBounded) {
  DeletedRanges ranges;
  for (uint32_t owner = 0; owner < DeletedRanges::kMaxRanges + 10; ++owner) {
    WriteBatch batch;
    batch.DeleteRange(Family::kRecords, Key(owner, 0), Key(owner + 1, 0));
    ranges.Note(batch);
  }
  EXPECT_EQ(ranges.Take().size(), DeletedRanges::kMaxRanges);
}

class ReclaimTest : public testing::Test {
 protected:
  uint64_t TableBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == ".sst") bytes += entry.file_size();
    }
    return bytes;
  }
  // Stores rows of an owner that do not compress, 1,000 bytes each.
  void Fill(uint32_t owner, uint64_t rows) {
    for (uint64_t i = 0; i < rows; ++i) {
      WriteBatch batch;
      std::string value;
      while (value.size() < 1000) value += static_cast<char>(random_.Below(256));
      batch.Put(Family::kRecords, Key(owner, i), std::move(value));
      ASSERT_TRUE(kv_->Write(batch, Durability::kBuffered).ok());
    }
    ASSERT_TRUE(kv_->Flush().ok());
  }

  const test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  std::unique_ptr<KeyValue> kv_ = std::move(OpenKeyValue(path_)).value();
  Random random_{1};
};

TEST_F(ReclaimTest, GivesTheSpaceOfADeletedOwnerBackAndKeepsOthers) {
  Fill(1, 3000);
  Fill(2, 100);
  Fill(1, 3000);
  const uint64_t full = TableBytes();
  ASSERT_GT(full, 3'000'000u);
  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Key(1, 0), Key(2, 0));
  ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  WriteBatch later;
  later.Put(Family::kRecords, Key(1, 7), "stored after the deletion");
  ASSERT_TRUE(kv_->Write(later, Durability::kSync).ok());
  EXPECT_GT(TableBytes(), full / 2) << "a deletion alone frees nothing";
  kv_->health().WritesFailed(Error(ErrorCode::kUnavailable, "little space").Detail("blocked", "free_space"));
  ASSERT_TRUE(kv_->Reclaim({}).ok());
  EXPECT_LT(TableBytes(), 300'000u);
  EXPECT_EQ(**kv_->Get(Family::kRecords, Key(1, 7)), "stored after the deletion");
  EXPECT_FALSE(kv_->Get(Family::kRecords, Key(1, 8))->has_value());
  for (uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(kv_->Get(Family::kRecords, Key(2, i))->has_value()) << i;
}

TEST_F(ReclaimTest, SingleDeletionsCountTogether) {
  Fill(1, 3000);
  const uint64_t full = TableBytes();
  WriteBatch batch;
  for (uint64_t i = 0; i < 2900; ++i) batch.Delete(Family::kRecords, Key(1, i));
  ASSERT_TRUE(kv_->Write(batch, Durability::kBuffered).ok());
  ASSERT_TRUE(kv_->Reclaim({}).ok());
  EXPECT_LT(TableBytes(), full / 4);
  EXPECT_TRUE(kv_->Get(Family::kRecords, Key(1, 2950))->has_value());
}

TEST_F(ReclaimTest, AStoppedCallContinuesLater) {
  Fill(1, 3000);
  const uint64_t full = TableBytes();
  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Key(1, 0), Key(2, 0));
  ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(kv_->Reclaim(stop.get_token()).ok());
  EXPECT_GT(TableBytes(), full / 2);
  EXPECT_TRUE(kv_->Reclaim({}).ok());
  EXPECT_LT(TableBytes(), full / 4);
}

TEST_F(ReclaimTest, ABrokenStoreIsLeftAlone) {
  Fill(1, 1000);
  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Key(1, 0), Key(2, 0));
  ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  const uint64_t full = TableBytes();
  kv_->health().WritesFailed(Error(ErrorCode::kIo, "the disk is broken"));
  EXPECT_TRUE(kv_->Reclaim({}).ok());
  EXPECT_EQ(TableBytes(), full);
}

}  // namespace
}  // namespace trine::storage
