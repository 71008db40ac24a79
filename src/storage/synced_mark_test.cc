#include "storage/synced_mark.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
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
  EXPECT_EQ(SyncedMark::Read(path).sequence, std::nullopt);
  EXPECT_EQ(SyncedMark::Read(path).damage, "") << "a missing file is not damaged";
  SyncedMark mark;
  mark.Advance(9);
  EXPECT_EQ(SyncedMark::Read(path).sequence, std::nullopt) << "not opened yet";
  EXPECT_TRUE(mark.Open(path, 5));
  EXPECT_EQ(SyncedMark::Read(path).sequence, 5u);
  mark.Advance(0x1234567890abcdef);
  mark.Advance(7);
  EXPECT_EQ(SyncedMark::Read(path).sequence, 0x1234567890abcdefu);
  EXPECT_EQ(fs::file_size(path), 33u);
  EXPECT_TRUE(mark.Open(path, 3));
  EXPECT_EQ(SyncedMark::Read(path).sequence, 3u) << "opening sets the mark back";
}

TEST(SyncedMark, DamageIsTold) {
  const test::TempFolder folder;
  const std::string path = folder.path("mark");
  SyncedMark mark;
  ASSERT_TRUE(mark.Open(path, 77));
  for (int at = 0; at < 33; ++at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
    file.flush();
    EXPECT_EQ(SyncedMark::Read(path).sequence, std::nullopt) << at;
    EXPECT_EQ(SyncedMark::Read(path).damage, "has a wrong checksum") << at;
    file.seekp(at);
    file.put(byte);
  }
  EXPECT_EQ(SyncedMark::Read(path).sequence, 77u);
  for (const uint64_t size : {1, 20, 32, 34, 5000}) {
    fs::resize_file(path, size);
    EXPECT_EQ(SyncedMark::Read(path).sequence, std::nullopt) << size;
    EXPECT_EQ(SyncedMark::Read(path).damage, "has a wrong size") << size;
  }
  EXPECT_TRUE(mark.Open(path, 78));
  EXPECT_EQ(SyncedMark::Read(path).sequence, 78u) << "opening mends the file";
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_NE(SyncedMark::Read(path).damage, "");
  EXPECT_FALSE(mark.Open(path, 78));
}

// A loss of power may leave a new file empty or full of zeros.
TEST(SyncedMark, ABlankFileIsNoDamage) {
  const test::TempFolder folder;
  const std::string path = folder.path("mark");
  for (const size_t size : {0, 1, 33}) {
    std::ofstream(path, std::ios::binary) << std::string(size, '\0');
    EXPECT_EQ(SyncedMark::Read(path).sequence, std::nullopt) << size;
    EXPECT_EQ(SyncedMark::Read(path).damage, "") << size;
  }
  SyncedMark mark;
  EXPECT_TRUE(mark.Open(path, 4));
  EXPECT_EQ(SyncedMark::Read(path).sequence, 4u);
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

// A log that was complete when the next one was begun: the store's manifest names it.
TEST_F(CutLogTest, AnOlderLogThatIsGoneOrShorterIsNoticed) {
  const auto logs = [&] {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) found.insert(entry.path());
    }
    return found;
  };
  for (const bool gone : {true, false}) {
    fs::remove_all(path_);
    {
      KeyValueOptions options;
      options.log = &log_;
      options.write_buffer_bytes = 2u << 20;
      const auto kv = std::move(OpenKeyValue(path_, options)).value();
      Put(*kv, 0, 1);
      // Small rows fill the buffer of their family, and the next log begins; the other family stays in this
      // one.
      for (int i = 0; logs().size() < 2; ++i) {
        ASSERT_LT(i, 100);
        WriteBatch batch;
        for (int k = 0; k < 1000; ++k) batch.Put(Family::kUsers, "u" + std::to_string(i * 1000 + k), "1");
        ASSERT_TRUE(kv->Write(batch, Durability::kSync).ok());
      }
      WriteBatch last;
      last.Put(Family::kUsers, "last", "1");
      ASSERT_TRUE(kv->Write(last, Durability::kSync).ok());
    }
    const fs::path oldest = *logs().begin();
    if (gone) {
      fs::remove(oldest);
    } else {
      fs::resize_file(oldest, fs::file_size(oldest) / 2);
    }
    KeyValueOptions salvage;
    salvage.read_only = salvage.salvage = true;
    const auto salvaged = OpenKeyValue(path_, salvage);
    ASSERT_TRUE(salvaged.ok()) << salvaged.error().ToString();
    EXPECT_TRUE((*salvaged)->Get(Family::kUsers, "last")->has_value()) << "in the other log";
    for (const bool read_only : {true, false}) {
      KeyValueOptions options;
      options.log = &log_;
      options.read_only = read_only;
      const auto opened = OpenKeyValue(path_, options);
      ASSERT_FALSE(opened.ok()) << gone;
      EXPECT_EQ(opened.error().kind(), ErrorKind::kCorrupt) << opened.error().ToString();
      const std::string number = std::to_string(std::stoi(oldest.stem().string()));
      EXPECT_NE(opened.error().ToString().find("log number: " + number), std::string::npos)
          << opened.error().ToString();
    }
  }
}

// Without a mark, a log that was cut is not noticed, but that is said.
TEST_F(CutLogTest, AMarkThatIsGoneIsRemarkedOnce) {
  const std::string mark = path_ + "/trine.synced";
  const std::vector<std::function<void()>> losses = {
      [&] { fs::remove(mark); },
      [&] { fs::resize_file(mark, 0); },
      [&] { std::ofstream(mark, std::ios::binary) << std::string(33, '\0'); },
  };
  for (const auto& lose : losses) {
    fs::remove_all(path_);
    Put(*Open(), 0, 10);
    EXPECT_TRUE(Open(true)->health().remarks().empty());
    lose();
    ASSERT_EQ(Open(true)->health().remarks().size(), 1u) << "read-only";
    const auto kv = Open();
    ASSERT_EQ(kv->health().remarks().size(), 1u);
    EXPECT_NE(kv->health().remarks()[0].find("trine.synced of the facts is missing"), std::string::npos);
    EXPECT_EQ(kv->health().level(), HealthLevel::kOk) << "a loss of power may leave such a file";
    Put(*kv, 10, 20);
  }
  EXPECT_TRUE(Open()->health().remarks().empty()) << "the start made it again";
}

TEST_F(CutLogTest, AStoreOfAnOlderVersionHasNoMark) {
  Open();
  fs::remove(path_ + "/trine.synced");
  EXPECT_TRUE(Open()->health().remarks().empty()) << "no write has stated that there is a mark";
  Put(*Open(), 0, 1);
  fs::remove(path_ + "/trine.synced");
  EXPECT_EQ(Open()->health().remarks().size(), 1u);
}

TEST_F(CutLogTest, ADamagedMarkIsReportedUntilItIsAccepted) {
  for (const std::string& content : {std::string(33, 'x'), std::string("synced 0000")}) {
    fs::remove_all(path_);
    Put(*Open(), 0, 10);
    std::ofstream(path_ + "/trine.synced", std::ios::binary) << content;
    for (const bool read_only : {true, true, false, false, true}) {
      const auto kv = Open(read_only);
      ASSERT_EQ(kv->health().problems().size(), 1u);
      EXPECT_TRUE(kv->health().problems()[0].starts_with(SentenceOf(Finding::kUnsure)))
          << kv->health().problems()[0];
      EXPECT_EQ(kv->health().level(), HealthLevel::kDegraded);
      EXPECT_TRUE((*kv->Get(Family::kRecords, "key9")).has_value());
      if (!read_only) Put(*kv, 10, 20);
    }
    EXPECT_TRUE(SyncedMark::Read(path_ + "/trine.synced").sequence.has_value()) << "compares again";
  }
  EXPECT_NE(log_.text().find("it is unknown whether acknowledged writes are missing"), std::string::npos);
}

// What a derived file tells about missing writes is known to later processes, which cannot find it out again.
TEST_F(CutLogTest, MissingWritesThatOthersNoticeAreRemembered) {
  Open()->health().Missing("the index of \"docs\" is ahead");
  for (int start = 0; start < 2; ++start) {
    const auto kv = Open(start == 1);
    ASSERT_EQ(kv->health().problems().size(), 1u);
    EXPECT_EQ(kv->health().problems()[0], "acknowledged writes are missing: the index of \"docs\" is ahead");
    EXPECT_FALSE(kv->health().Missing("the index of \"docs\" is ahead")) << "reported once";
  }
  EXPECT_EQ(fs::file_size(path_ + "/trine.damage"),
            std::string("missing: the index of \"docs\" is ahead\n").size());
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
  EXPECT_TRUE(log.empty() || SyncedMark::Read(path_ + "/trine.synced").sequence.has_value());
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
