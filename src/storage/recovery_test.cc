// Writes that fail: the store refuses further ones until it works again, and no failed batch comes back.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>

#include "storage/key_value.h"
#include "storage/rocks_key_value.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

// The faults of the disk. Counts down to 0 and then fails until it is reset.
struct Faults {
  std::atomic<int> syncs_left = -1;    // -1: all work
  std::atomic<bool> once = false;      // only one sync fails
  std::atomic<bool> full = false;      // appends write half of their bytes and then fail
  std::atomic<bool> all_fail = false;  // every new file and every sync fails
};

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, Faults& faults)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (!faults_.full) return target()->Append(data, options, context);
    const rocksdb::Slice half(data.data(), data.size() / 2);
    static_cast<void>(target()->Append(half, options, context).ok());
    rocksdb::IOStatus failed = rocksdb::IOStatus::NoSpace("the test's disk is full");
    failed.SetRetryable(true);
    return failed;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* context) override {
    return Append(data, options, context);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
    if (Fails()) return rocksdb::IOStatus::IOError("the test's sync failed");
    return target()->Sync(options, context);
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
    if (Fails()) return rocksdb::IOStatus::IOError("the test's sync failed");
    return target()->Fsync(options, context);
  }

 private:
  bool Fails() {
    if (faults_.all_fail) return true;
    if (faults_.syncs_left < 0) return false;
    if (faults_.syncs_left > 0) return --faults_.syncs_left, false;
    if (faults_.once) faults_.syncs_left = -1;
    return true;
  }
  Faults& faults_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(Faults& faults)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}
  const char* Name() const override { return "trine.FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    if (faults_.all_fail) return rocksdb::IOStatus::IOError("the test's disk is read-only");
    rocksdb::IOStatus opened = target()->NewWritableFile(name, options, file, context);
    if (opened.ok()) *file = std::make_unique<FaultyFile>(std::move(*file), faults_);
    return opened;
  }

 private:
  Faults& faults_;
};

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { Open(); }
  void Open(bool serve_reads = false) {
    KeyValueOptions options;
    options.log = &log_;
    options.serve_reads = serve_reads;
    if (serve_reads) options.create = false;
    kv_.reset();
    auto opened = OpenRocksKeyValue(folder_.path("db"), options, env_.get());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    kv_ = std::move(opened).value();
  }
  Status Put(const std::string& key) {
    WriteBatch batch;
    batch.Put(Family::kRecords, key, std::string(1000, 'v'));
    batch.Put(Family::kRecordIds, key, "1");
    return kv_->Write(batch, Durability::kSync);
  }
  std::string Keys() const {
    std::string all;
    for (const Family family : {Family::kRecords, Family::kRecordIds}) {
      const auto cursor = kv_->Scan(family);
      for (cursor->Seek(""); cursor->Valid(); cursor->Next()) all += std::string(cursor->key()) + " ";
      EXPECT_TRUE(cursor->status().ok());
    }
    return all;
  }

  test::TempFolder folder_;
  test::CapturingLog log_;
  Faults faults_;
  const std::unique_ptr<rocksdb::Env> env_ =
      rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(faults_));
  std::unique_ptr<KeyValue> kv_;
};

TEST_F(RecoveryTest, AFailedSyncStopsWritesUntilTheStoreWasOpenedAgain) {
  ASSERT_TRUE(Put("a").ok());
  faults_.syncs_left = 0;
  faults_.once = true;
  const Status failed = Put("b");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind(), ErrorKind::kIo);
  EXPECT_EQ(kv_->health().level(), HealthLevel::kFailing);
  const Status refused = Put("c");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("does not accept writes"), std::string::npos);
  EXPECT_NE(refused.error().message.find("the test's sync failed"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(Keys(), "a a ") << "reads work";
  ASSERT_TRUE(kv_->Recover().ok());
  EXPECT_EQ(kv_->health().level(), HealthLevel::kOk);
  EXPECT_EQ(Keys(), "a a ") << "a failed batch never comes back";
  ASSERT_TRUE(Put("d").ok());
  Open();
  EXPECT_EQ(Keys(), "a d a d ");
  const std::string text = log_.text();
  EXPECT_EQ(text.find("no longer accepts writes"), text.rfind("no longer accepts writes")) << text;
}

TEST_F(RecoveryTest, AFullDiskIsReportedAsSuchAndRecoversWithoutARestart) {
  ASSERT_TRUE(Put("a").ok());
  faults_.full = true;
  EXPECT_EQ(Put("b").error().code, ErrorCode::kNoSpace);
  EXPECT_EQ(Put("c").error().code, ErrorCode::kNoSpace);
  faults_.full = false;
  ASSERT_TRUE(kv_->Recover().ok());
  ASSERT_TRUE(Put("d").ok());
  EXPECT_EQ(Keys(), "a d a d ");
  Open();
  EXPECT_EQ(Keys(), "a d a d ");
}

TEST_F(RecoveryTest, AFailedFlushDoesNotLoseAcknowledgedWrites) {
  ASSERT_TRUE(Put("a").ok());
  faults_.syncs_left = 0;
  EXPECT_FALSE(kv_->Flush().ok());
  EXPECT_EQ(kv_->health().level(), HealthLevel::kFailing);
  faults_.syncs_left = -1;
  ASSERT_TRUE(kv_->Recover().ok());
  EXPECT_EQ(Keys(), "a a ");
  Open();
  EXPECT_EQ(Keys(), "a a ");
}

TEST_F(RecoveryTest, ReadsAreServedFromADiskThatCannotBeWritten) {
  ASSERT_TRUE(Put("a").ok());
  faults_.all_fail = true;
  Open(true);
  EXPECT_EQ(Keys(), "a a ");
  EXPECT_EQ(kv_->health().level(), HealthLevel::kFailing);
  EXPECT_FALSE(Put("b").ok());
  EXPECT_FALSE(kv_->Recover().ok());
  EXPECT_EQ(Keys(), "a a ") << "also after an attempt to recover";
  faults_.all_fail = false;
  ASSERT_TRUE(kv_->Recover().ok());
  ASSERT_TRUE(Put("c").ok());
  EXPECT_EQ(Keys(), "a c a c ");
}

TEST_F(RecoveryTest, RecoverWaitsForRunningCursors) {
  ASSERT_TRUE(Put("a").ok());
  auto cursor = kv_->Scan(Family::kRecords);
  cursor->Seek("");
  faults_.syncs_left = 0;
  faults_.once = true;
  ASSERT_FALSE(Put("b").ok());
  EXPECT_FALSE(kv_->Recover().ok()) << "the cursor uses the database that would be closed";
  EXPECT_EQ(cursor->key(), "a");
  cursor.reset();
  EXPECT_TRUE(kv_->Recover().ok());
}

}  // namespace
}  // namespace trine::storage
