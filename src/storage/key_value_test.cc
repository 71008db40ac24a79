#include "storage/key_value.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rocksdb/db.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/rocksdb_error.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

using test::TempFolder;

std::unique_ptr<KeyValue> MustOpen(const std::string& path, const KeyValueOptions& options = {}) {
  auto opened = OpenKeyValue(path, options);
  EXPECT_TRUE(opened.ok()) << opened.error().ToString();
  return opened.ok() ? std::move(opened).value() : nullptr;
}

Status PutOne(KeyValue& kv, Family family, std::string key, std::string value,
              Durability how = Durability::kBuffered) {
  WriteBatch batch;
  batch.Put(family, std::move(key), std::move(value));
  return kv.Write(batch, how);
}

std::vector<std::string> AllForward(const KeyValue& kv, Family family) {
  std::vector<std::string> all;
  const auto cursor = kv.Scan(family);
  for (cursor->Seek(""); cursor->Valid(); cursor->Next()) {
    all.push_back(std::string(cursor->key()) + "=" + std::string(cursor->value()));
  }
  EXPECT_TRUE(cursor->status().ok());
  return all;
}

struct Subject {
  std::unique_ptr<TempFolder> folder;
  std::unique_ptr<KeyValue> kv;
};
Subject RocksSubject() {
  Subject s;
  s.folder = std::make_unique<TempFolder>();
  s.kv = MustOpen(s.folder->path("db"));
  return s;
}
Subject MemorySubject() { return {nullptr, NewMemoryKeyValue()}; }
using Maker = Subject (*)();

class KeyValueConformance : public testing::TestWithParam<std::pair<const char*, Maker>> {
 protected:
  Subject subject_ = GetParam().second();
  KeyValue& kv_ = *subject_.kv;
};

TEST_P(KeyValueConformance, PutsGetsAndDeletes) {
  WriteBatch batch;
  batch.Put(Family::kRecords, "a", "1");
  batch.Put(Family::kRecords, std::string("b\0c", 3), "");
  batch.Put(Family::kUsers, "a", "other family");
  batch.Put(Family::kRecords, "a", "2");
  ASSERT_TRUE(kv_.Write(batch, Durability::kSync).ok());
  EXPECT_EQ(**kv_.Get(Family::kRecords, "a"), "2");
  EXPECT_EQ(**kv_.Get(Family::kRecords, std::string_view("b\0c", 3)), "");
  EXPECT_EQ(**kv_.Get(Family::kUsers, "a"), "other family");
  EXPECT_EQ(*kv_.Get(Family::kRecords, "none"), std::nullopt);
  const auto many = *kv_.MultiGet(Family::kRecords, {"none", "a", "a"});
  EXPECT_EQ(many, (std::vector<std::optional<std::string>>{std::nullopt, "2", "2"}));
  WriteBatch gone;
  gone.Delete(Family::kRecords, "a");
  gone.Delete(Family::kRecords, "never there");
  ASSERT_TRUE(kv_.Write(gone, Durability::kSync).ok());
  EXPECT_EQ(*kv_.Get(Family::kRecords, "a"), std::nullopt);
  EXPECT_TRUE(kv_.Write(WriteBatch(), Durability::kSync).ok());
  EXPECT_TRUE(kv_.MultiGet(Family::kRecords, {})->empty());
}

TEST_P(KeyValueConformance, DeletesRanges) {
  WriteBatch batch;
  for (const char* key : {"a", "b", "c", "d"}) batch.Put(Family::kRecords, key, key);
  batch.DeleteRange(Family::kRecords, "b", "d");
  batch.Put(Family::kRecords, "bb", "after");  // after the range deletion, so it is kept
  batch.DeleteRange(Family::kRecords, "z", "a");
  batch.DeleteRange(Family::kRecords, "d", "d");
  ASSERT_TRUE(kv_.Write(batch, Durability::kBuffered).ok());
  EXPECT_EQ(AllForward(kv_, Family::kRecords), (std::vector<std::string>{"a=a", "bb=after", "d=d"}));
}

TEST_P(KeyValueConformance, CursorsMoveForwardsAndBackwards) {
  for (const char* key : {"b", "d", "f"}) ASSERT_TRUE(PutOne(kv_, Family::kMeta, key, "").ok());
  const auto cursor = kv_.Scan(Family::kMeta);
  EXPECT_FALSE(cursor->Valid());
  cursor->Seek("c");
  EXPECT_EQ(cursor->key(), "d");
  cursor->Prev();
  EXPECT_EQ(cursor->key(), "b");
  cursor->Prev();
  EXPECT_FALSE(cursor->Valid());
  cursor->SeekBefore("d");
  EXPECT_EQ(cursor->key(), "b");
  cursor->SeekBefore("e");
  EXPECT_EQ(cursor->key(), "d");
  cursor->SeekBefore("zz");
  EXPECT_EQ(cursor->key(), "f");
  cursor->Next();
  EXPECT_FALSE(cursor->Valid());
  cursor->SeekBefore("b");
  EXPECT_FALSE(cursor->Valid());
  cursor->Seek("g");
  EXPECT_FALSE(cursor->Valid());
}

TEST_P(KeyValueConformance, CursorsDoNotSeeWritesAfterScan) {
  ASSERT_TRUE(PutOne(kv_, Family::kMeta, "a", "old").ok());
  const auto cursor = kv_.Scan(Family::kMeta);
  ASSERT_TRUE(PutOne(kv_, Family::kMeta, "a", "new").ok());
  ASSERT_TRUE(PutOne(kv_, Family::kMeta, "b", "new").ok());
  cursor->Seek("");
  EXPECT_EQ(cursor->value(), "old");
  cursor->Next();
  EXPECT_FALSE(cursor->Valid());
}

TEST_P(KeyValueConformance, FlushesVerifiesAndCopiesTheStore) {
  const TempFolder folder;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(PutOne(kv_, Family::kRecords, std::to_string(i), std::string(100, 'v')).ok());
  }
  ASSERT_TRUE(kv_.Flush().ok());
  EXPECT_TRUE(kv_.VerifyChecksums().ok());
  ASSERT_TRUE(kv_.Checkpoint(folder.path("copy")).ok());
  ASSERT_TRUE(PutOne(kv_, Family::kRecords, "later", "").ok());
  std::filesystem::create_directory(folder.path("empty"));
  EXPECT_TRUE(kv_.Checkpoint(folder.path("empty")).ok());
  EXPECT_EQ(kv_.Checkpoint(folder.path("copy")).error().kind(), ErrorKind::kExists);
  const auto copy = MustOpen(folder.path("copy"), {.create = false});
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(AllForward(*copy, Family::kRecords).size(), 1000u);
}

TEST_P(KeyValueConformance, AcceptsConcurrentWrites) {
  constexpr int kThreads = 4, kWrites = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kWrites; ++i) {
        const std::string key = std::to_string(t) + ":" + std::to_string(i);
        if (!PutOne(kv_, Family::kInteractions, key, key, Durability::kSync).ok()) return;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(AllForward(kv_, Family::kInteractions).size(), static_cast<size_t>(kThreads) * kWrites);
}

INSTANTIATE_TEST_SUITE_P(All, KeyValueConformance,
                         testing::Values(std::pair{"rocksdb", &RocksSubject},
                                         std::pair{"memory", &MemorySubject}),
                         [](const auto& test) { return std::string(test.param.first); });

rc::Gen<std::string> SmallKey() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\0\xff", 4))));
}

WriteBatch AnyBatch() {
  WriteBatch batch;
  const int ops = *rc::gen::inRange(0, 12);
  for (int i = 0; i < ops; ++i) {
    const auto family = *rc::gen::elementOf(std::vector<Family>{Family::kRecords, Family::kEventIds});
    const std::string key = *SmallKey();
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        batch.Delete(family, key);
        break;
      case 1:
        batch.DeleteRange(family, key, *SmallKey());
        break;
      default:
        batch.Put(family, key, *rc::gen::arbitrary<std::string>());
    }
  }
  return batch;
}

// Random batches, flushes and cursor moves have the same results in RocksDB and in memory, also after RocksDB
// is reopened.
RC_GTEST_PROP(KeyValue, RocksDbMatchesTheInMemoryStore, ()) {
  // All cases share one store, emptied before each case: creating a store takes longer than a case.
  static const TempFolder kFolder;
  auto rocks = MustOpen(kFolder.path());
  const auto twin = NewMemoryKeyValue();
  WriteBatch clear;
  for (const Family family : {Family::kRecords, Family::kEventIds}) {
    clear.DeleteRange(family, "", std::string(50, '\xff'));
  }
  RC_ASSERT(rocks->Write(clear, Durability::kBuffered).ok());
  const int batches = *rc::gen::inRange(1, 8);
  for (int i = 0; i < batches; ++i) {
    const WriteBatch batch = AnyBatch();
    RC_ASSERT(rocks->Write(batch, Durability::kBuffered).ok());
    RC_ASSERT(twin->Write(batch, Durability::kBuffered).ok());
    if (*rc::gen::inRange(0, 4) == 0) RC_ASSERT(rocks->Flush().ok());
  }
  if (*rc::gen::inRange(0, 4) == 0) {
    rocks.reset();
    rocks = MustOpen(kFolder.path());
  }
  for (const Family family : {Family::kRecords, Family::kEventIds}) {
    RC_ASSERT(AllForward(*rocks, family) == AllForward(*twin, family));
    const auto a = rocks->Scan(family), b = twin->Scan(family);
    for (int i = 0; i < 10; ++i) {
      const std::string key = *SmallKey();
      const int move = *rc::gen::inRange(0, 4);
      for (Cursor* c : {a.get(), b.get()}) {
        if (move == 0) c->Seek(key);
        if (move == 1) c->SeekBefore(key);
        if (move == 2 && c->Valid()) c->Next();
        if (move == 3 && c->Valid()) c->Prev();
      }
      RC_ASSERT(a->Valid() == b->Valid());
      if (a->Valid()) RC_ASSERT(a->key() == b->key() && a->value() == b->value());
      RC_ASSERT(*rocks->Get(family, key) == *twin->Get(family, key));
    }
  }
}

// The rows of a prefix, as a caller of ScanPrefix reads them.
std::vector<std::string> RowsOf(const KeyValue& kv, Family family, const std::string& prefix) {
  std::vector<std::string> rows;
  const auto cursor = kv.ScanPrefix(family, prefix);
  for (; cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    rows.push_back(std::string(cursor->key()) + "=" + std::string(cursor->value()));
  }
  RC_ASSERT(cursor->status().ok());
  return rows;
}

// Cursors of one prefix find the same rows in RocksDB, which uses filters, as in memory: of a user, of a
// whole group, and of prefixes that end within a key's part.
RC_GTEST_PROP(KeyValue, PrefixesMatchTheInMemoryStore, ()) {
  static const TempFolder kFolder;
  auto rocks = MustOpen(kFolder.path());
  const auto twin = NewMemoryKeyValue();
  const auto group = [] { return KeyBuilder().U32(*rc::gen::inRange(1U, 3U)); };
  const auto user = [&] { return group().Text(*SmallKey()).Take(); };
  for (const Family family : {Family::kUserEvents, Family::kUsers}) {
    WriteBatch clear;
    clear.DeleteRange(family, "", std::string(50, '\xff'));
    RC_ASSERT(rocks->Write(clear, Durability::kBuffered).ok());
    for (int i = *rc::gen::inRange(1, 30); i > 0; --i) {
      WriteBatch batch;
      const std::string key = KeyBuilder().Tail(user()).Tail(*SmallKey()).Take();
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          batch.Delete(family, key);
          break;
        case 1:
          batch.DeleteRange(family, key, key + "\xff");
          break;
        default:
          batch.Put(family, key, std::to_string(i));
      }
      for (KeyValue* kv : {rocks.get(), twin.get()}) RC_ASSERT(kv->Write(batch, Durability::kBuffered).ok());
      if (*rc::gen::inRange(0, 8) == 0) RC_ASSERT(rocks->Flush().ok());
    }
    if (*rc::gen::inRange(0, 4) == 0) {
      rocks.reset();
      rocks = MustOpen(kFolder.path());
    }
    for (int i = 0; i < 10; ++i) {
      std::string prefix = user();
      if (*rc::gen::inRange(0, 4) == 0) prefix.resize(*rc::gen::inRange<size_t>(0, prefix.size()));
      RC_ASSERT(RowsOf(*rocks, family, prefix) == RowsOf(*twin, family, prefix));
    }
  }
}

TEST(RocksKeyValue, AllowsOneWriterAtATime) {
  const TempFolder folder;
  const auto first = MustOpen(folder.path());
  ASSERT_TRUE(PutOne(*first, Family::kMeta, "a", "1").ok());
  const auto second = OpenKeyValue(folder.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kInUse) << second.error().ToString();
  const auto reader = MustOpen(folder.path(), {.read_only = true});
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(**reader->Get(Family::kMeta, "a"), "1");
  EXPECT_FALSE(PutOne(*reader, Family::kMeta, "b", "2").ok());
}

// A child process: runs this program again with one of the disabled tests below. A fork without exec would
// inherit RocksDB's locks without its threads.
class Child {
 public:
  Child(const std::string& test, const std::string& folder) {
    int acks[2];
    TRINE_CHECK(::pipe(acks) == 0);
    const std::string filter = "--gtest_filter=" + test;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(acks[1], kAckDescriptor);
      for (const int fd : acks) {
        if (fd != kAckDescriptor) ::close(fd);
      }
      ::setenv("TRINE_TEST_FOLDER", folder.c_str(), 1);
      ::execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests", "--gtest_brief=1",
              nullptr);
      ::_exit(127);
    }
    ::close(acks[1]);
    acks_ = acks[0];
  }
  ~Child() {
    Kill();
    ::close(acks_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Waits for one acknowledgement. Returns false if the child has exited and no acknowledgement is left.
  bool Ack() {
    char byte;
    return ::read(acks_, &byte, 1) == 1;
  }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  static bool SendAck() { return ::write(kAckDescriptor, "k", 1) == 1; }
  static std::string Folder() {
    const char* folder = ::getenv("TRINE_TEST_FOLDER");
    return folder == nullptr ? "" : folder;
  }

 private:
  static constexpr int kAckDescriptor = 100;
  pid_t pid_ = -1;
  int acks_ = -1;
};

TEST(RocksChild, DISABLED_HoldsTheStore) {
  const auto kv = MustOpen(Child::Folder());
  if (kv != nullptr && Child::SendAck()) ::pause();
}

TEST(RocksChild, DISABLED_WritesUntilKilled) {
  const auto kv = MustOpen(Child::Folder());
  for (uint32_t i = 0; kv != nullptr; ++i) {
    const std::string key = KeyBuilder().U32(i).Take();
    if (!PutOne(*kv, Family::kRecords, key, std::string(i % 3000, 'x'), Durability::kSync).ok()) return;
    if (!Child::SendAck()) return;
  }
}

TEST(RocksKeyValue, ReportsAStoreOpenInAnotherProcessAsInUse) {
  const TempFolder folder;
  Child child("RocksChild.DISABLED_HoldsTheStore", folder.path());
  ASSERT_TRUE(child.Ack());
  EXPECT_EQ(OpenKeyValue(folder.path()).error().kind(), ErrorKind::kInUse);
  child.Kill();
  EXPECT_NE(MustOpen(folder.path()), nullptr);
}

TEST(RocksKeyValue, ReportsAMissingStoreAsNotFound) {
  const TempFolder folder;
  EXPECT_EQ(OpenKeyValue(folder.path(), {.create = false}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(OpenKeyValue(folder.path("none"), {.create = false}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(OpenKeyValue(folder.path("none"), {.read_only = true}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(OpenKeyValue("").error().kind(), ErrorKind::kInvalid);
}

// Adds a column family, as a newer version of this program would.
void AddColumnFamily(const std::string& folder, const std::string& name) {
  rocksdb::Options o;
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(o, folder, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& family : names) families.emplace_back(family, o);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(o, folder, families, &handles, &db).ok());
  rocksdb::ColumnFamilyHandle* added = nullptr;
  ASSERT_TRUE(db->CreateColumnFamily(o, name, &added).ok());
  handles.push_back(added);
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
}

TEST(RocksKeyValue, RejectsColumnFamiliesFromNewerVersions) {
  const TempFolder folder;
  ASSERT_NE(MustOpen(folder.path()), nullptr);
  AddColumnFamily(folder.path(), "carts");
  for (const bool read_only : {false, true}) {
    const auto newer = OpenKeyValue(folder.path(), {.read_only = read_only});
    ASSERT_FALSE(newer.ok());
    EXPECT_EQ(newer.error().kind(), ErrorKind::kFormatVersion) << newer.error().ToString();
    EXPECT_EQ(newer.error().got, "carts");
  }
}

TEST(RocksKeyValue, CompletesAnInterruptedCreation) {
  const TempFolder folder;
  rocksdb::Options o;
  o.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(o, folder.path(), &db).ok());  // the default family only
  delete db;
  EXPECT_EQ(OpenKeyValue(folder.path(), {.read_only = true}).error().kind(), ErrorKind::kNotFound);
  const auto kv = MustOpen(folder.path());
  ASSERT_NE(kv, nullptr);
  EXPECT_TRUE(PutOne(*kv, Family::kEventIds, "a", "1").ok());
}

TEST(RocksKeyValue, ReleasesItsLockIfOpenFails) {
  const TempFolder folder;
  ASSERT_NE(MustOpen(folder.path()), nullptr);
  std::filesystem::rename(folder.path("CURRENT"), folder.path("kept"));
  std::ofstream(folder.path("CURRENT")) << "nonsense";
  EXPECT_FALSE(OpenKeyValue(folder.path()).ok());
  std::filesystem::rename(folder.path("kept"), folder.path("CURRENT"));
  EXPECT_NE(MustOpen(folder.path()), nullptr);
}

TEST(StoreError, ClassifiesByCodeAndSubcode) {
  using rocksdb::Status;
  const auto code = [](const Status& s) { return StoreError(s, "folder").code; };
  EXPECT_EQ(code(Status::NoSpace("lock ")), ErrorCode::kNoSpace);
  EXPECT_EQ(code(Status::SpaceLimit()), ErrorCode::kNoSpace);
  EXPECT_EQ(code(Status::IOError("While lock file: /LOCK", "no space")), ErrorCode::kIo);
  EXPECT_EQ(code(Status::Corruption("x", "create_if_missing")), ErrorCode::kCorrupt);
  EXPECT_EQ(code(Status::Busy()), ErrorCode::kBusy);
  EXPECT_EQ(code(Status::TimedOut(Status::kLockTimeout)), ErrorCode::kBusy);
  EXPECT_EQ(code(Status::TryAgain()), ErrorCode::kBusy);
  EXPECT_EQ(code(Status::NotSupported("x")), ErrorCode::kInternal);
  EXPECT_EQ(code(Status::InvalidArgument("Column families not opened")), ErrorCode::kIo);
  EXPECT_EQ(StoreError(Status::NoSpace(), "folder").where, "folder");
}

// A child acknowledges each kSync write until it is killed. No acknowledged write is lost.
TEST(RocksKeyValue, AcknowledgedWritesSurviveKill) {
  for (uint32_t round = 0; round < 5; ++round) {
    const TempFolder folder;
    Child child("RocksChild.DISABLED_WritesUntilKilled", folder.path());
    uint32_t acknowledged = 0;
    while (acknowledged < 40 + 13 * round && child.Ack()) ++acknowledged;
    child.Kill();
    while (child.Ack()) ++acknowledged;
    ASSERT_GE(acknowledged, 40 + 13 * round);
    const auto kv = MustOpen(folder.path());
    ASSERT_NE(kv, nullptr);
    for (uint32_t i = 0; i < acknowledged; ++i) {
      const auto value = *kv->Get(Family::kRecords, KeyBuilder().U32(i).Take());
      ASSERT_TRUE(value.has_value()) << i << " of " << acknowledged;
      EXPECT_EQ(value->size(), i % 3000);
    }
  }
}

std::string NewestFile(const std::string& folder, const std::string& extension) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (path.ends_with(extension) && std::filesystem::file_size(path) > 0 && path > newest) newest = path;
  }
  return newest;
}

void FlipMiddle(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  file.seekg(middle);
  const char byte = static_cast<char>(file.get() ^ 0x55);
  file.seekp(middle);
  file.put(byte);
}

TEST(RocksKeyValue, ReportsTheCorruptTableFile) {
  const TempFolder folder;
  auto kv = MustOpen(folder.path());
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(PutOne(*kv, Family::kRecords, std::to_string(i), std::to_string(i * 7919)).ok());
  }
  ASSERT_TRUE(kv->Flush().ok());
  kv.reset();
  const std::string table = NewestFile(folder.path(), ".sst");
  FlipMiddle(table);
  const auto broken = OpenKeyValue(folder.path());
  const Status checked = broken.ok() ? (*broken)->VerifyChecksums() : Status(broken.error());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(checked.error().ToString().find(std::filesystem::path(table).filename().string()),
            std::string::npos)
      << checked.error().ToString();
}

TEST(RocksKeyValue, ReportsTheCorruptLogFileAndSalvagesTheStore) {
  const TempFolder folder;
  auto kv = MustOpen(folder.path());
  for (int i = 0; i < 200; ++i) {
    const std::string key = KeyBuilder().U32(static_cast<uint32_t>(i)).Take();
    ASSERT_TRUE(PutOne(*kv, Family::kRecords, key, "value", Durability::kSync).ok());
  }
  kv.reset();
  const std::string log = NewestFile(folder.path(), ".log");
  ASSERT_FALSE(log.empty());
  FlipMiddle(log);
  const auto broken = OpenKeyValue(folder.path());
  ASSERT_FALSE(broken.ok()) << "acknowledged writes were dropped silently";
  EXPECT_EQ(broken.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(broken.error().ToString().find(std::filesystem::path(log).filename().string()), std::string::npos)
      << broken.error().ToString();
  const auto salvaged = MustOpen(folder.path(), {.salvage = true});
  ASSERT_NE(salvaged, nullptr);
  const size_t kept = AllForward(*salvaged, Family::kRecords).size();
  EXPECT_GT(kept, 50u);
  EXPECT_LT(kept, 150u);
}

TEST(RocksKeyValue, OpensIfTheLogIsTruncatedAnywhere) {
  const TempFolder folder;
  auto kv = MustOpen(folder.path("db"));
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(
        PutOne(*kv, Family::kRecords, KeyBuilder().U32(static_cast<uint32_t>(i)).Take(), "value").ok());
  }
  kv.reset();
  const auto size = std::filesystem::file_size(NewestFile(folder.path("db"), ".log"));
  size_t last = 0;
  for (size_t cut = 0; cut <= size; cut += 37) {
    const std::string copy = folder.path("cut" + std::to_string(cut));
    std::filesystem::copy(folder.path("db"), copy, std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(NewestFile(copy, ".log"), cut);
    const auto opened = MustOpen(copy);
    ASSERT_NE(opened, nullptr) << cut;
    const size_t kept = AllForward(*opened, Family::kRecords).size();
    EXPECT_GE(kept, last);
    last = kept;
  }
  EXPECT_GE(last, 38u);
}

TEST(RocksKeyValue, ReportsACorruptManifest) {
  const TempFolder folder;
  MustOpen(folder.path()).reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().filename().string().starts_with("MANIFEST")) FlipMiddle(entry.path().string());
  }
  const auto broken = OpenKeyValue(folder.path());
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().kind(), ErrorKind::kCorrupt) << broken.error().ToString();
  EXPECT_NE(broken.error().ToString().find("MANIFEST"), std::string::npos) << broken.error().ToString();
}

TEST(KeyBuilder, RoundTripsThroughKeyReader) {
  constexpr std::string_view kText("한\0글", 7);
  const std::string key = KeyBuilder().U16(7).U32(1u << 31).U64(UINT64_MAX).Text(kText).Tail("rest").Take();
  KeyReader reader(key);
  uint16_t a = 0;
  uint32_t b = 0;
  uint64_t c = 0;
  std::string_view text;
  ASSERT_TRUE(reader.U16(&a) && reader.U32(&b) && reader.U64(&c) && reader.Text(&text));
  EXPECT_EQ(a, 7);
  EXPECT_EQ(b, 1u << 31);
  EXPECT_EQ(c, UINT64_MAX);
  EXPECT_EQ(text, kText);
  EXPECT_EQ(reader.Tail(), "rest");
}

RC_GTEST_PROP(Keys, SortByIntegerValue, (uint64_t a, uint64_t b, const std::string& tail)) {
  RC_ASSERT((a < b) ==
            (KeyBuilder().U64(a).Tail(tail).Take() < KeyBuilder().U64(b).Tail(tail).Take() && a != b));
}

RC_GTEST_PROP(Keys, ReaderRejectsTruncatedKeys, (const std::string& text)) {
  const std::string key = KeyBuilder().U64(1).Text(text).Take();
  for (size_t n = 0; n < key.size(); ++n) {
    KeyReader reader(std::string_view(key).substr(0, n));
    uint64_t v = 0;
    std::string_view read;
    RC_ASSERT(!(reader.U64(&v) && reader.Text(&read)));
  }
}

}  // namespace
}  // namespace trine::storage
