// Tables that cannot be opened at all: the store opens for reading without them, and keeps all other rows.
#include "storage/lost_tables.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "storage/key_value.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

namespace fs = std::filesystem;

std::string Key(uint32_t i) { return KeyBuilder().U32(1).U64(i).Take(); }

class LostTablesTest : public testing::Test {
 protected:
  // Two tables of records with alternating keys, and one of ids.
  LostTablesTest() {
    const auto kv = *OpenKeyValue(path_);
    std::set<fs::path> before;
    for (uint32_t part = 0; part < 2; ++part) {
      WriteBatch batch;
      for (uint32_t i = part; i < kRows; i += 2) batch.Put(Family::kRecords, Key(i), "value");
      TRINE_CHECK(kv->Write(batch, Durability::kSync).ok());
      TRINE_CHECK(kv->Flush().ok());
      if (part == 0) odd_missing_ = Newest(&before);
      if (part == 1) even_missing_ = Newest(&before);
    }
    WriteBatch ids;
    ids.Put(Family::kRecordIds, Key(0), "id");
    TRINE_CHECK(kv->Write(ids, Durability::kSync).ok());
    TRINE_CHECK(kv->Flush().ok());
  }
  // The table that is new since the last call. Rows of the default family have a table, too, so it is the
  // largest one.
  fs::path Newest(std::set<fs::path>* before) const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() != ".sst" || !before->insert(entry.path()).second) continue;
      if (newest.empty() || entry.file_size() > fs::file_size(newest)) newest = entry.path();
    }
    return newest;
  }
  static std::vector<uint64_t> Rows(const KeyValue& kv) {
    std::vector<uint64_t> rows;
    const auto cursor = kv.Scan(Family::kRecords);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) {
      KeyReader reader(cursor->key());
      uint32_t collection = 0;
      uint64_t row = 0;
      EXPECT_TRUE(reader.U32(&collection) && reader.U64(&row));
      rows.push_back(row);
    }
    EXPECT_TRUE(cursor->status().ok());
    return rows;
  }

  static constexpr uint32_t kRows = 1000;
  test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  fs::path odd_missing_, even_missing_;  // without these files, only rows with odd, or even, numbers are left
};

struct Loss {
  std::string why;  // as reported
  std::function<void(const fs::path&)> lose;
};

std::vector<Loss> Losses() {
  return {
      {"is missing", [](const fs::path& file) { fs::remove(file); }},
      {"is missing",
       [](const fs::path& file) {
         fs::remove(file);
         fs::create_symlink("/nowhere/at/all", file);
       }},
      {"is not a regular file",
       [](const fs::path& file) {
         fs::remove(file);
         fs::create_directory(file);
       }},
      {"is not a regular file",
       [](const fs::path& file) {
         fs::remove(file);
         ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
       }},
      {"has 0 bytes instead of", [](const fs::path& file) { fs::resize_file(file, 0); }},
      {"has 100 bytes instead of", [](const fs::path& file) { fs::resize_file(file, 100); }},
      {"has ", [](const fs::path& file) { std::ofstream(file, std::ios::app) << "x"; }},
      {"cannot be opened",
       [](const fs::path& file) {
         std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
         bytes.seekp(-8, std::ios::end);
         bytes << "notmagic";
       }},
  };
}

TEST_F(LostTablesTest, ATableCostsItsOwnRowsAndNoMore) {
  const fs::path kept = folder_.path("kept");
  fs::copy(path_, kept);
  for (const fs::path& table : {odd_missing_, even_missing_}) {
    const uint64_t first = table == odd_missing_ ? 1 : 0;
    for (const Loss& loss : Losses()) {
      SCOPED_TRACE(loss.why);
      fs::remove_all(path_);
      fs::copy(kept, path_);
      loss.lose(table);
      KeyValueOptions writing;
      writing.create = false;
      writing.serve_reads = true;
      const auto refused = OpenKeyValue(path_, writing);
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
      const std::string text = refused.error().ToString();
      EXPECT_NE(text.find(table.filename().string() + " " + loss.why), std::string::npos) << text;
      const std::string last = std::to_string(table == odd_missing_ ? kRows - 2 : kRows - 1);
      EXPECT_NE(text.find("rows of records from 1/" + std::to_string(1 - first) + " to 1/" + last),
                std::string::npos)
          << text;
      for (const bool salvage : {false, true}) {
        KeyValueOptions reading;
        reading.read_only = true;
        reading.salvage = salvage;
        const auto kv = OpenKeyValue(path_, reading);
        ASSERT_TRUE(kv.ok()) << kv.error().ToString();
        const std::vector<uint64_t> rows = Rows(**kv);
        EXPECT_EQ(rows.size(), kRows / 2);
        for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i], 2 * i + first);
        EXPECT_EQ(*(*kv)->Get(Family::kRecordIds, Key(0)), "id");
        EXPECT_TRUE((*kv)->VerifyChecksums().ok());
        ASSERT_EQ((*kv)->health().problems().size(), 1u);
        EXPECT_NE((*kv)->health().problems()[0].find("acknowledged writes are missing: " +
                                                     table.filename().string()),
                  std::string::npos)
            << (*kv)->health().problems()[0];
      }
    }
  }
}

TEST_F(LostTablesTest, SeveralTablesAreNamedTogether) {
  fs::remove(odd_missing_);
  fs::remove(even_missing_);
  KeyValueOptions options;
  options.create = false;
  const std::string text = OpenKeyValue(path_, options).error().ToString();
  for (const fs::path& table : {odd_missing_, even_missing_})
    EXPECT_NE(text.find(table.filename().string() + " is missing"), std::string::npos) << text;
  options.read_only = true;
  const auto kv = OpenKeyValue(path_, options);
  ASSERT_TRUE(kv.ok()) << kv.error().ToString();
  EXPECT_EQ(Rows(**kv), std::vector<uint64_t>());
  EXPECT_EQ((*kv)->health().findings(), 2u);
}

TEST_F(LostTablesTest, APipeInPlaceOfAnotherFileIsRefusedAtOnce) {
  std::string manifest;
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename().string().starts_with("MANIFEST-"))
      manifest = entry.path().filename().string();
  }
  for (const std::string& name : {manifest, std::string("CURRENT"), std::string("trine.synced")}) {
    fs::rename(path_ + "/" + name, folder_.path("aside"));
    ASSERT_EQ(::mkfifo((path_ + "/" + name).c_str(), 0600), 0);
    for (const bool read_only : {false, true}) {
      KeyValueOptions options;
      options.create = false;
      options.read_only = read_only;
      const auto opened = OpenKeyValue(path_, options);
      ASSERT_FALSE(opened.ok()) << name;
      EXPECT_NE(opened.error().ToString().find("not a regular file"), std::string::npos);
      EXPECT_TRUE(opened.error().where.ends_with("/" + name)) << opened.error().ToString();
    }
    fs::remove(path_ + "/" + name);
    fs::rename(folder_.path("aside"), path_ + "/" + name);
  }
  EXPECT_TRUE(OpenKeyValue(path_).ok());
}

TEST_F(LostTablesTest, ACutManifestIsNotAnInterruptedCreation) {
  fs::path manifest;
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) manifest = entry.path();
  }
  const std::string copy = folder_.path("manifest");
  fs::copy(manifest, copy);
  int cut_families = 0;
  for (const uint64_t left : {0u, 1u, 60u, 100u, 150u, 200u, 300u}) {
    fs::copy_file(copy, manifest, fs::copy_options::overwrite_existing);
    fs::resize_file(manifest, left);
    for (const bool create : {false, true}) {
      KeyValueOptions options;
      options.create = create;
      const auto opened = OpenKeyValue(path_, options);
      ASSERT_FALSE(opened.ok()) << left;
      const std::string text = opened.error().ToString();
      EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << text;
      EXPECT_EQ(text.find("interrupted"), std::string::npos) << text;
      EXPECT_NE(text.find(manifest.filename().string()), std::string::npos) << text;
      cut_families += text.find("column families") != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GT(cut_families, 0);
}

// The end of each log lies at another place of a block.
TEST(ManifestWithout, ContinuesAfterTheLastCompleteRecord) {
  const auto table = [](uint64_t number) {
    LostTable lost;
    lost.number = number;
    return lost;
  };
  // One call with many tables makes a log whose parts cross blocks; further calls then go on one by one.
  std::string log = ManifestWithout("", std::vector<LostTable>(5450, table(1u << 20)));
  ASSERT_GT(log.size(), 2u * 32768);
  for (uint64_t n = 1; n < 1000; ++n) {
    const std::string next = ManifestWithout(log, {table(n)});
    ASSERT_TRUE(next.starts_with(log));
    ASSERT_GT(next.size(), log.size());
    if (n % 50 == 0) {
      ASSERT_EQ(ManifestWithout(log + "torn", {table(n)}), next);
      ASSERT_EQ(ManifestWithout(next.substr(0, next.size() - 1), {table(n)}), next);
    }
    log = next;
  }
  EXPECT_EQ(ManifestWithout(log, {}), log);
}

// A manifest that lists complete logs, and an earlier one of them that is gone.
class ForgottenLogsTest : public testing::Test {
 protected:
  ForgottenLogsTest() {
    options_.create_if_missing = options_.create_missing_column_families = true;
    options_.track_and_verify_wals_in_manifest = true;
    Handles handles;
    const auto db = Open(nullptr, &handles);
    TRINE_CHECK(db != nullptr);
    // The log is complete after the flush of one family, and the row of the other is in no table.
    for (rocksdb::ColumnFamilyHandle* handle : handles)
      TRINE_CHECK(db->Put(rocksdb::WriteOptions(), handle, "key", "value").ok());
    TRINE_CHECK(db->Flush(rocksdb::FlushOptions(), handles[0]).ok());
    TRINE_CHECK(db->Put(rocksdb::WriteOptions(), handles[1], "later", "value").ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles)
      TRINE_CHECK(db->DestroyColumnFamilyHandle(handle).ok());
    std::set<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() == ".log") logs.insert(entry.path());
    }
    TRINE_CHECK_EQ(logs.size(), 2u);
    fs::remove(*logs.begin());
  }
  using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;
  std::unique_ptr<rocksdb::DB> Open(rocksdb::Env* env, Handles* handles) {
    rocksdb::Options options = options_;
    if (env != nullptr) options.env = env;
    const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, options}, {"other", options}};
    rocksdb::DB* opened = nullptr;
    status_ = env == nullptr && !fs::exists(path_ + "/CURRENT")
                  ? rocksdb::DB::Open(options, path_, families, handles, &opened)
                  : rocksdb::DB::OpenForReadOnly(options, path_, families, handles, &opened);
    return std::unique_ptr<rocksdb::DB>(opened);
  }

  test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  rocksdb::Options options_;
  rocksdb::Status status_;
};

// RocksDB ignores fields of a manifest that it does not know, so a wrong number would not be noticed
// otherwise.
TEST_F(ForgottenLogsTest, TheLinkedRocksDbKnowsTheFieldThatForgetsLogs) {
  Handles handles;
  EXPECT_EQ(Open(rocksdb::Env::Default(), &handles), nullptr);
  EXPECT_NE(status_.ToString().find("Missing WAL"), std::string::npos) << status_.ToString();
  const auto env = NewEnvWithoutTables(rocksdb::FileSystem::Default(), {});
  const auto db = Open(env.get(), &handles);
  ASSERT_NE(db, nullptr) << status_.ToString();
  std::string value;
  EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), handles[0], "key", &value).ok());
  EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), handles[1], "later", &value).ok());
  EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), handles[1], "key", &value).IsNotFound());
  for (rocksdb::ColumnFamilyHandle* handle : handles) EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
}

}  // namespace
}  // namespace trine::storage
