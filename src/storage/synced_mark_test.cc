#include "storage/synced_mark.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "storage/key_value.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

namespace fs = std::filesystem;

TEST(SyncedMark, KeepsTheLargestSequence) {
  const test::TempFolder folder;
  const std::string path = folder.path("mark");
  EXPECT_EQ(SyncedMark::Read(path), std::nullopt);
  SyncedMark mark;
  mark.Advance(9);
  EXPECT_EQ(SyncedMark::Read(path), std::nullopt) << "not opened yet";
  mark.Open(path, 5);
  EXPECT_EQ(SyncedMark::Read(path), 5u);
  mark.Advance(0x1234567890abcdef);
  mark.Advance(7);
  EXPECT_EQ(SyncedMark::Read(path), 0x1234567890abcdefu);
  EXPECT_EQ(fs::file_size(path), 33u);
  mark.Open(path, 3);
  EXPECT_EQ(SyncedMark::Read(path), 3u) << "opening sets the mark back";
}

TEST(SyncedMark, DamageIsNotAMark) {
  const test::TempFolder folder;
  const std::string path = folder.path("mark");
  SyncedMark mark;
  mark.Open(path, 77);
  for (int at = 0; at < 33; ++at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
    file.flush();
    EXPECT_EQ(SyncedMark::Read(path), std::nullopt) << at;
    file.seekp(at);
    file.put(byte);
  }
  EXPECT_EQ(SyncedMark::Read(path), 77u);
  fs::resize_file(path, 20);
  EXPECT_EQ(SyncedMark::Read(path), std::nullopt);
}

// A store whose newest log is changed while it is closed.
class CutLogTest : public testing::Test {
 protected:
  std::unique_ptr<KeyValue> Open(bool read_only = false) {
    KeyValueOptions options;
    options.log = &log_;
    options.read_only = read_only;
    auto opened = OpenKeyValue(path_, options);
    EXPECT_TRUE(opened.ok()) << opened.error().ToString();
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static void Put(KeyValue& kv, int from, int to, Durability durability = Durability::kSync) {
    for (int i = from; i < to; ++i) {
      WriteBatch batch;
      batch.Put(Family::kRecords, "key" + std::to_string(i), std::string(500, 'v'));
      batch.Put(Family::kRecordIds, "id" + std::to_string(i), "1");
      ASSERT_TRUE(kv.Write(batch, durability).ok());
    }
  }
  // The newest log that is not empty.
  fs::path Log() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0 && entry.path() > newest)
        newest = entry.path();
    }
    return newest;
  }
  // Changes one byte of the newest log.
  void DamageLog(uint64_t bytes_before_end) const {
    const fs::path log = Log();
    std::fstream(log, std::ios::in | std::ios::out | std::ios::binary)
        .seekp(static_cast<int64_t>(fs::file_size(log) - bytes_before_end))
        .put('\x7f');
  }
  static bool SaysMissing(const KeyValue& kv) {
    for (const std::string& problem : kv.health().problems()) {
      if (problem.find("acknowledged writes are missing: the newest log") != std::string::npos) return true;
    }
    return false;
  }

  const test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  test::CapturingLog log_;
};

TEST_F(CutLogTest, ARemovedOrShortenedLogIsNoticedAndRemembered) {
  for (const double part : {0.0, 0.1, 0.5, 0.9, 0.999, 1.0}) {
    fs::remove_all(path_);
    Put(*Open(), 0, 100);
    const fs::path log = Log();
    if (part == 0) {
      fs::remove(log);
    } else {
      fs::resize_file(log, static_cast<uint64_t>(static_cast<double>(fs::file_size(log)) * part));
    }
    const bool lost = part < 1;
    EXPECT_EQ(SaysMissing(*Open(true)), lost) << part << ", read-only";
    EXPECT_EQ(SaysMissing(*Open(true)), lost) << part << ", which changes nothing";
    {
      const auto kv = Open();
      EXPECT_EQ(SaysMissing(*kv), lost) << part;
      EXPECT_EQ(kv->health().level(), lost ? HealthLevel::kDegraded : HealthLevel::kOk);
      Put(*kv, 100, 400);  // now the store has more writes than before
    }
    EXPECT_EQ(SaysMissing(*Open()), lost) << part << ", after further writes";
    EXPECT_EQ(SaysMissing(*Open(true)), lost) << part << ", after further writes, read-only";
  }
  EXPECT_NE(log_.text().find("acknowledged writes are missing"), std::string::npos);
}

TEST_F(CutLogTest, BufferedWritesMayBeLost) {
  Put(*Open(), 0, 10);
  Put(*Open(), 10, 20, Durability::kBuffered);
  const fs::path log = Log();
  fs::resize_file(log, fs::file_size(log) / 2);
  EXPECT_FALSE(SaysMissing(*Open()));
}

TEST_F(CutLogTest, NothingIsMissingAfterFlushesReopeningAndManyWriters) {
  for (int round = 0; round < 4; ++round) {
    const auto kv = Open();
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&kv, round, writer] {
        const int from = (round * 4 + writer) * 50;
        Put(*kv, from, from + 50, writer == 3 ? Durability::kBuffered : Durability::kSync);
      });
    }
    for (std::thread& writer : writers) writer.join();
    if (round % 2 == 1) {
      ASSERT_TRUE(kv->Flush().ok());
    }
    EXPECT_FALSE(SaysMissing(*kv));
  }
  const auto kv = Open();
  EXPECT_FALSE(SaysMissing(*kv));
  const fs::path log = Log();
  EXPECT_TRUE(log.empty() || SyncedMark::Read(path_ + "/trine.synced").has_value());
}

TEST_F(CutLogTest, GarbageAfterTheLastAcknowledgedWriteIsIgnored) {
  Put(*Open(), 0, 50);
  {
    // A record that was being written when the power failed: its header and a part of its bytes.
    const auto kv = Open();
    Put(*kv, 50, 51, Durability::kBuffered);
  }
  DamageLog(300);
  const auto read_only = Open(true);
  ASSERT_NE(read_only, nullptr);
  EXPECT_EQ(read_only->health().level(), HealthLevel::kOk);
  const auto kv = Open();
  ASSERT_NE(kv, nullptr);
  EXPECT_FALSE(SaysMissing(*kv));
  EXPECT_TRUE((*kv->Get(Family::kRecords, "key49")).has_value());
  EXPECT_FALSE((*kv->Get(Family::kRecords, "key50")).has_value());
}

// After a loss of power, the mark on the disk may be older than the last acknowledged write.
TEST_F(CutLogTest, GarbageIsIgnoredIfTheMarkIsOldMissingOrEmpty) {
  const std::string mark = path_ + "/trine.synced";
  for (const std::string old : {"older", "missing", "empty"}) {
    fs::remove_all(path_);
    Put(*Open(), 0, 10);
    fs::copy_file(mark, folder_.path("older"), fs::copy_options::overwrite_existing);
    Put(*Open(), 10, 50);
    Put(*Open(), 50, 51, Durability::kBuffered);
    DamageLog(300);
    fs::remove(mark);
    if (old == "older") fs::copy_file(folder_.path("older"), mark);
    if (old == "empty") std::ofstream(mark).flush();
    ASSERT_NE(Open(true), nullptr) << old;
    const auto kv = Open();
    ASSERT_NE(kv, nullptr) << old;
    EXPECT_FALSE(SaysMissing(*kv)) << old;
    EXPECT_TRUE((*kv->Get(Family::kRecords, "key49")).has_value()) << old;
    EXPECT_FALSE((*kv->Get(Family::kRecords, "key50")).has_value()) << old;
  }
}

TEST_F(CutLogTest, ALaterRecordShowsThatTheDamagedOneWasAcknowledged) {
  const std::string mark = path_ + "/trine.synced";
  Put(*Open(), 0, 10);
  fs::copy_file(mark, folder_.path("older"));
  Put(*Open(), 10, 200);  // several blocks of the log
  DamageLog(40'000);
  fs::copy_file(folder_.path("older"), mark, fs::copy_options::overwrite_existing);
  const auto opened = OpenKeyValue(path_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

// Records that were not synced, with a hole between them.
TEST_F(CutLogTest, AHoleAmongBufferedWritesEndsTheLog) {
  Put(*Open(), 0, 10);
  Put(*Open(), 10, 200, Durability::kBuffered);
  DamageLog(40'000);
  const auto kv = Open();
  ASSERT_NE(kv, nullptr);
  EXPECT_FALSE(SaysMissing(*kv));
  EXPECT_TRUE((*kv->Get(Family::kRecords, "key9")).has_value());
  EXPECT_FALSE((*kv->Get(Family::kRecords, "key199")).has_value());
}

TEST_F(CutLogTest, DamageBeforeTheLastAcknowledgedWriteStillRefusesToOpen) {
  Put(*Open(), 0, 50);
  const fs::path log = Log();
  std::fstream(log, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<int64_t>(fs::file_size(log)) / 2)
      .put('x');
  const auto opened = OpenKeyValue(path_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace trine::storage
