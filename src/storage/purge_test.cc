// KeyValue::Purge leaves nothing of deleted rows in the files of a store on disk.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "storage/key_value.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

constexpr const char* kSecret = "person-4711";

class PurgeTest : public testing::Test {
 protected:
  static std::string Key(uint32_t owner, const std::string& rest) {
    return KeyBuilder().U32(owner).Tail(rest).Take();
  }
  void Put(uint32_t owner, const std::string& rest) {
    WriteBatch batch;
    batch.Put(Family::kUserEvents, Key(owner, rest), "value of " + rest);
    ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  }
  void Delete(uint32_t owner, const std::string& rest) {
    WriteBatch batch;
    batch.Delete(Family::kUserEvents, Key(owner, rest));
    ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  }
  std::vector<KeyRange> Owner(uint32_t owner) const {
    return {{Family::kUserEvents, Key(owner, ""), Key(owner + 1, "")}};
  }
  // The files that contain the text.
  std::vector<std::string> FilesWith(const std::string& text) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      if (bytes.find(text) != std::string::npos) found.push_back(entry.path().filename().string());
    }
    return found;
  }
  // RocksDB removes files that it no longer needs on a thread of its own.
  std::vector<std::string> RemainingFilesWith(const std::string& text) const {
    for (int i = 0; i < 500 && !FilesWith(text).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return FilesWith(text);
  }

  const test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  std::unique_ptr<KeyValue> kv_ = std::move(OpenKeyValue(path_)).value();
};

TEST_F(PurgeTest, RemovesRowsKeysAndDeletionsFromAllFiles) {
  const std::string log = std::string(kSecret) + "-log", table = std::string(kSecret) + "-table";
  Put(1, table);
  Put(1, "somebody");
  ASSERT_TRUE(kv_->Flush().ok());  // the keys are now the bounds of a table file in the manifest
  Put(1, log);
  Delete(1, table);
  Delete(1, log);
  EXPECT_FALSE(FilesWith(kSecret).empty());
  ASSERT_TRUE(kv_->Purge(Owner(1), {}).ok());
  EXPECT_EQ(RemainingFilesWith(kSecret), std::vector<std::string>{});
  EXPECT_EQ(**kv_->Get(Family::kUserEvents, Key(1, "somebody")), "value of somebody");
  kv_.reset();
  kv_ = std::move(OpenKeyValue(path_)).value();
  EXPECT_TRUE(kv_->Get(Family::kUserEvents, Key(1, "somebody"))->has_value());
  EXPECT_EQ(FilesWith(kSecret), std::vector<std::string>{});
}

TEST_F(PurgeTest, RemovesDeletedRanges) {
  for (int i = 0; i < 100; ++i) Put(1, kSecret + std::to_string(i));
  ASSERT_TRUE(kv_->Flush().ok());
  WriteBatch batch;
  batch.DeleteRange(Family::kUserEvents, Key(1, ""), Key(2, ""));
  ASSERT_TRUE(kv_->Write(batch, Durability::kSync).ok());
  ASSERT_TRUE(kv_->Purge(Owner(1), {}).ok());
  EXPECT_EQ(RemainingFilesWith(kSecret), std::vector<std::string>{});
}

TEST_F(PurgeTest, AStoppedCallFails) {
  Put(1, kSecret);
  Delete(1, kSecret);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(kv_->Purge(Owner(1), stop.get_token()).error().code, ErrorCode::kStopped);
  EXPECT_TRUE(kv_->Purge(Owner(1), {}).ok());
}

TEST_F(PurgeTest, FailsIfRowsCannotBeRewritten) {
  Put(1, kSecret);
  kv_->health().Damaged("a row");
  EXPECT_EQ(kv_->Purge(Owner(1), {}).error().code, ErrorCode::kCorrupt);
  kv_->health().WritesFailed(Error(ErrorCode::kIo, "the disk is broken"));
  EXPECT_EQ(kv_->Purge(Owner(1), {}).error().kind(), ErrorKind::kIo);
  kv_.reset();
  KeyValueOptions reading;
  reading.read_only = true;
  kv_ = std::move(OpenKeyValue(path_, reading)).value();
  EXPECT_EQ(kv_->Purge(Owner(1), {}).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace trine::storage
