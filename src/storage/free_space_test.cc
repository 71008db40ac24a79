#include "storage/free_space.h"

#include <gtest/gtest.h>

#include <map>

#include "storage/key_value.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

constexpr uint64_t kMega = 1u << 20;

TEST(SpaceAmount, IsReadInBytesAndPercent) {
  const std::map<std::string, uint64_t> of_1000_mb = {
      {"0", 0},
      {"4096", 4096},
      {"5%", 50 * kMega},
      {"0%", 0},
      {"2.5%", 25 * kMega},
      {"1b", 1},
      {"3k", 3072},
      {"3KB", 3072},
      {"7m", 7 * kMega},
      {"7Mb", 7 * kMega},
      {"1g", 1024 * kMega},
      {"2GB", 2048 * kMega},
      {"1tb", kMega * kMega},
  };
  for (const auto& [text, bytes] : of_1000_mb) {
    const auto amount = ParseSpaceAmount(text);
    ASSERT_TRUE(amount.ok()) << text;
    EXPECT_EQ(amount->Of(1000 * kMega), bytes) << text;
  }
  for (const char* text : {"", "%", "-1", "-1%", "100%", "1e1%", "nan%", "inf%", "5 %", "1.5gb", "12pb", "mb",
                           "1 gb", "99999999999tb", "5%x", "0x10", "+5"}) {
    const auto amount = ParseSpaceAmount(text);
    ASSERT_FALSE(amount.ok()) << text;
    EXPECT_EQ(amount.error().kind(), ErrorKind::kInvalid) << text;
    EXPECT_EQ(amount.error().got, text);
  }
}

TEST(SpaceAmount, DefaultsSuitSmallAndLargeDisks) {
  const SpaceMarks marks;
  EXPECT_EQ(marks.reserved.Of(100 * kMega), 5 * kMega);
  EXPECT_EQ(marks.reserved.Of(kMega * kMega), 256 * kMega);
  EXPECT_EQ(marks.low.Of(kMega * kMega), 1024 * kMega);
  EXPECT_EQ(marks.reserved.ToString(), "256mb or 5%, whichever is less");
  EXPECT_TRUE(CheckSpaceMarks(marks).ok());
}

TEST(SpaceMarks, MustBeInOrderIfTheyCanBeCompared) {
  const auto marks = [](const char* low, const char* reserved) {
    return SpaceMarks{*ParseSpaceAmount(low), *ParseSpaceAmount(reserved)};
  };
  EXPECT_TRUE(CheckSpaceMarks(marks("10%", "5%")).ok());
  EXPECT_TRUE(CheckSpaceMarks(marks("1gb", "1gb")).ok());
  EXPECT_TRUE(CheckSpaceMarks(marks("1gb", "50%")).ok());
  EXPECT_TRUE(CheckSpaceMarks(marks("0", "1gb")).ok()) << "0 turns the warning off";
  EXPECT_TRUE(CheckSpaceMarks(marks("0%", "5%")).ok());
  EXPECT_EQ(CheckSpaceMarks(marks("5%", "10%")).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(CheckSpaceMarks(marks("1gb", "2gb")).error().got, "2gb");
  SpaceMarks large;
  large.reserved = *ParseSpaceAmount("50gb");
  EXPECT_TRUE(CheckSpaceMarks(large).ok()) << "the default of the other mark adapts";
}

TEST(MeasureDisk, ReportsTheDiskOfAFolder) {
  const test::TempFolder folder;
  const auto space = MeasureDisk(folder.path());
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->total, 0u);
  EXPECT_LE(space->free, space->total);
  EXPECT_EQ(MeasureDisk(folder.path("none")).error().kind(), ErrorKind::kNotFound);
}

// A batch with one operation for each letter: Meta, Resources and reCords are stored, D deletes, R deletes a
// range.
WriteBatch Batch(const std::string& letters) {
  WriteBatch batch;
  for (const char letter : letters) {
    if (letter == 'm') batch.Put(Family::kMeta, "k", "v");
    if (letter == 'r') batch.Put(Family::kResources, "k", "v");
    if (letter == 'c') batch.Put(Family::kRecords, "k", "v");
    if (letter == 'D') batch.Delete(Family::kRecords, "k");
    if (letter == 'R') batch.DeleteRange(Family::kRecords, "k", "l");
  }
  return batch;
}

class SpaceGuardTest : public testing::Test {
 protected:
  SpaceGuardTest() { kv_->health().SetLog(&log_); }
  // The health with this much free space: "ok", "warning" or "refused".
  std::string At(uint64_t free_mega) {
    disks_["data"].free = free_mega * kMega;
    guard_.Check();
    if (!kv_->health().Writable().ok()) return "refused";
    return guard_.warning() ? "warning" : "ok";
  }
  Status Write(const std::string& letters) { return kv_->Write(Batch(letters), Durability::kSync); }

  test::CapturingLog log_;
  const std::unique_ptr<KeyValue> kv_ = NewMemoryKeyValue();
  std::map<std::string, DiskSpace> disks_ = {{"data", {1000 * kMega, 1000 * kMega}}};
  std::optional<Error> broken_;
  SpaceGuard guard_{{"data", "facts", "missing"},
                    {*ParseSpaceAmount("20%"), *ParseSpaceAmount("100mb")},
                    kv_->health(),
                    log_,
                    [this](const std::string& folder) -> Result<DiskSpace> {
                      if (broken_) return *broken_;
                      if (!disks_.contains(folder)) return Error(ErrorCode::kNotFound, "no such folder");
                      return disks_[folder];
                    }};
};

TEST_F(SpaceGuardTest, WarnsThenRefusesNewDataThenRecovers) {
  EXPECT_EQ(At(200), "ok");
  EXPECT_EQ(At(199), "warning");
  EXPECT_NE(guard_.warning()->find("199 MiB of 1000 MiB are free on the disk of data"), std::string::npos)
      << *guard_.warning();
  EXPECT_TRUE(Write("c").ok());
  EXPECT_EQ(At(99), "refused");
  EXPECT_EQ(kv_->health().level(), HealthLevel::kFailing);
  EXPECT_EQ(At(105), "refused") << "still near the mark";
  EXPECT_EQ(At(110), "warning");
  EXPECT_TRUE(Write("c").ok());
  EXPECT_EQ(At(500), "ok");
  EXPECT_EQ(kv_->health().level(), HealthLevel::kOk);
  const std::string log = log_.text();
  EXPECT_EQ(log.find("new data is refused"), log.rfind("new data is refused")) << log;
}

TEST_F(SpaceGuardTest, BatchesThatFreeSpaceAreAccepted) {
  At(10);
  for (const char* refused : {"c", "r", "rm", "cD", "cR", "cm"}) {
    const Status written = Write(refused);
    ASSERT_FALSE(written.ok()) << refused;
    EXPECT_TRUE(IsSpaceReserved(written.error())) << refused;
  }
  for (const char* accepted : {"", "m", "D", "R", "Dm", "rD", "Rrm"})
    EXPECT_TRUE(Write(accepted).ok()) << accepted;
}

TEST_F(SpaceGuardTest, SmallBatchesAreBounded) {
  At(10);
  for (const bool replaces : {false, true}) {
    for (const size_t bytes : {kSmallBatchBytes / 2, kSmallBatchBytes + 1}) {
      WriteBatch batch;
      if (replaces) batch.Delete(Family::kResources, "pipeline");
      batch.Put(replaces ? Family::kResources : Family::kMeta, "pipeline", std::string(bytes, 'x'));
      EXPECT_EQ(kv_->Write(batch, Durability::kSync).ok(), bytes < kSmallBatchBytes) << replaces << bytes;
    }
  }
}

TEST_F(SpaceGuardTest, TheReasonHasThePresentAmount) {
  At(90);
  EXPECT_NE(kv_->health().problems()[0].find("90 MiB of 1000 MiB are free"), std::string::npos);
  At(33);
  EXPECT_NE(kv_->health().problems()[0].find("33 MiB of 1000 MiB are free"), std::string::npos);
  EXPECT_NE(kv_->health().Writable().error().message.find("33 MiB"), std::string::npos);
  EXPECT_EQ(log_.text().find("33 MiB"), std::string::npos) << "only the change is logged";
}

TEST_F(SpaceGuardTest, RefusedWritesAreCounted) {
  At(10);
  EXPECT_FALSE(Write("c").ok());
  EXPECT_FALSE(Write("c").ok());
  EXPECT_TRUE(Write("D").ok());
  EXPECT_EQ(kv_->health().TakeRefused(), 2u);
  EXPECT_EQ(kv_->health().TakeRefused(), 0u);
}

TEST_F(SpaceGuardTest, ABrokenStoreStaysBroken) {
  const Error broken(ErrorCode::kIo, "the disk is broken");
  EXPECT_FALSE(IsSpaceReserved(broken));
  kv_->health().WritesFailed(broken);
  At(10);
  EXPECT_EQ(Write("D").error().code, ErrorCode::kIo);
  EXPECT_EQ(Write("D").error().DetailOf("blocked"), "store");
  At(900);
  EXPECT_EQ(Write("D").error().code, ErrorCode::kIo) << "more space does not repair it";
  At(10);
  kv_->health().WritesWork();
  EXPECT_EQ(At(10), "refused") << "after the repair, space is still low";
  EXPECT_TRUE(Write("D").ok());
}

TEST_F(SpaceGuardTest, TheFullestDiskCounts) {
  EXPECT_EQ(At(900), "ok");
  disks_["facts"] = {50 * kMega, 10'000 * kMega};
  EXPECT_EQ(At(900), "refused");
  EXPECT_NE(kv_->health().problems()[0].find("disk of facts"), std::string::npos)
      << kv_->health().problems()[0];
  disks_["facts"].free = 10'000 * kMega;
  EXPECT_EQ(At(900), "ok");
}

TEST_F(SpaceGuardTest, ADiskThatCannotBeMeasuredChangesNothing) {
  EXPECT_EQ(At(50), "refused");
  broken_ = Error(ErrorCode::kIo, "the disk does not answer");
  EXPECT_EQ(At(900), "refused");
  broken_.reset();
  EXPECT_EQ(At(900), "ok");
}

// Deletions need some space, so the watermark cannot be turned off completely.
TEST(SpaceReserve, SomeSpaceIsAlwaysKept) {
  const auto kv = NewMemoryKeyValue();
  DiskSpace disk;
  SpaceMarks marks;
  marks.low = marks.reserved = *ParseSpaceAmount("0");
  SpaceGuard guard({"data"}, marks, kv->health(), NullLog(),
                   [&](const std::string&) -> Result<DiskSpace> { return disk; });
  const auto refused = [&](uint64_t free, uint64_t total) {
    disk = {free, total};
    guard.Check();
    return !kv->health().Writable().ok();
  };
  EXPECT_FALSE(refused(40 * kMega, 10'000 * kMega));
  EXPECT_TRUE(refused(31 * kMega, 10'000 * kMega));
  EXPECT_NE(kv->health().problems()[0].find("the least possible one, 32mb"), std::string::npos)
      << kv->health().problems()[0];
  EXPECT_FALSE(refused(40 * kMega, 10'000 * kMega));
  EXPECT_FALSE(refused(17 * kMega, 128 * kMega)) << "a small disk";
  EXPECT_TRUE(refused(15 * kMega, 128 * kMega));
  EXPECT_FALSE(guard.warning().has_value());
}

// The same on RocksDB, where a flush must also work while space is reserved.
TEST(SpaceReserve, HoldsForTheStoreOnDisk) {
  const test::TempFolder folder;
  const auto kv = std::move(OpenKeyValue(folder.path("db"))).value();
  ASSERT_TRUE(kv->Write(Batch("c"), Durability::kSync).ok());
  uint64_t free = 0;
  SpaceGuard guard({"data"}, {}, kv->health(), NullLog(), [&](const std::string&) -> Result<DiskSpace> {
    return DiskSpace{free, 1u << 30};
  });
  guard.Check();
  EXPECT_TRUE(IsSpaceReserved(kv->Write(Batch("c"), Durability::kSync).error()));
  EXPECT_TRUE(kv->Flush().ok());
  EXPECT_FALSE(kv->Recover().ok()) << "nothing is broken, so nothing is opened again";
  EXPECT_TRUE(kv->Write(Batch("D"), Durability::kSync).ok());
  free = 1u << 30;
  guard.Check();
  EXPECT_TRUE(kv->Write(Batch("c"), Durability::kSync).ok());
}

}  // namespace
}  // namespace trine::storage
