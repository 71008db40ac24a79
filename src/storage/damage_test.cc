// Damaged blocks: cursors skip them, and the store reports them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "storage/key_value.h"
#include "storage/readable_range.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::storage {
namespace {

namespace fs = std::filesystem;

rc::Gen<std::string> SmallKey() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\0\xff", 4)));
}

// A table with one damaged block: the keys from index `first` up to `last`. As in a real table, a seek is
// damaged if the key that it would find is in the block.
RC_GTEST_PROP(ReadableRange, FindsTheKeysNextToTheDamage, ()) {
  std::set<std::string> keys;
  for (int i = *rc::gen::inRange(1, 30); i > 0; --i) keys.insert("a" + *SmallKey());
  const std::vector<std::string> all(keys.begin(), keys.end());
  const size_t first = *rc::gen::inRange<size_t>(0, all.size());
  const size_t last = *rc::gen::inRange<size_t>(first, all.size());
  const auto damaged = [&](size_t i) { return i >= first && i <= last; };
  size_t at = all.size();
  const auto seek = [&](const std::string& key) {
    at = static_cast<size_t>(std::ranges::lower_bound(all, key) - all.begin());
    if (at == all.size()) return SeekOutcome::kEnd;
    return damaged(at) ? SeekOutcome::kDamaged : SeekOutcome::kKey;
  };
  const SeekOutcome after = SeekPastDamage(all[first], seek);
  RC_ASSERT((after == SeekOutcome::kKey) == (last + 1 < all.size()));
  if (after == SeekOutcome::kKey) RC_ASSERT(at == last + 1);
  size_t before = all.size();
  const auto seek_back = [&](const std::string& key) {
    const auto above = static_cast<size_t>(std::ranges::upper_bound(all, key) - all.begin());
    if (above == 0) return SeekOutcome::kEnd;
    before = above - 1;
    return damaged(before) ? SeekOutcome::kDamaged : SeekOutcome::kKey;
  };
  const SeekOutcome below = SeekBeforeDamage(all[last], seek_back);
  RC_ASSERT((below == SeekOutcome::kKey) == (first > 0));
  if (below == SeekOutcome::kKey) RC_ASSERT(before == first - 1);
}

constexpr uint32_t kRows = 20'000;

std::string Key(uint32_t i) { return KeyBuilder().U32(1).U64(i).Take(); }

class DamageTest : public testing::Test {
 protected:
  explicit DamageTest(Family family = Family::kRecords) {
    auto kv = *OpenKeyValue(path_);
    WriteBatch batch;
    for (uint32_t i = 0; i < kRows; ++i) {
      // Text that does not compress away, so that the rows fill many blocks.
      std::string value;
      for (uint32_t n = i + 1; value.size() < 60; n = n * 1664525 + 1013904223) value += std::to_string(n);
      batch.Put(family, Key(i), value);
    }
    TRINE_CHECK(kv->Write(batch, Durability::kSync).ok());
    TRINE_CHECK(kv->Flush().ok());
  }
  std::string Table() const {
    std::string largest;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() != ".sst") continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path().string();
    }
    return largest;
  }
  // Flips one bit at the given part of the table's size.
  void Flip(double where) {
    const std::string path = Table();
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(static_cast<double>(fs::file_size(path)) * where);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
  }
  std::unique_ptr<KeyValue> Open() {
    KeyValueOptions options;
    options.log = &log_;
    auto opened = OpenKeyValue(path_, options);
    EXPECT_TRUE(opened.ok()) << opened.error().ToString();
    return std::move(opened).value();
  }
  static std::vector<uint32_t> Scan(const KeyValue& kv, uint64_t* skipped) {
    std::vector<uint32_t> found;
    const auto cursor = kv.Scan(Family::kRecords);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) {
      KeyReader reader(cursor->key());
      uint32_t collection = 0;
      uint64_t row = 0;
      EXPECT_TRUE(reader.U32(&collection) && reader.U64(&row));
      found.push_back(static_cast<uint32_t>(row));
    }
    EXPECT_TRUE(cursor->status().ok()) << cursor->status().error().ToString();
    *skipped = cursor->skipped();
    return found;
  }

  test::TempFolder folder_;
  const std::string path_ = folder_.path("db");
  test::CapturingLog log_;
};

TEST_F(DamageTest, ABlockCostsItsOwnRowsAndNoMore) {
  for (const double where : {0.001, 0.5, 0.9}) {
    Flip(where);
    const auto kv = Open();
    uint64_t skipped = 0;
    const std::vector<uint32_t> found = Scan(*kv, &skipped);
    EXPECT_EQ(skipped, 1u) << where;
    EXPECT_LT(found.size(), kRows);
    EXPECT_GT(found.size(), kRows - 500u) << where;
    EXPECT_TRUE(std::ranges::is_sorted(found));
    EXPECT_EQ(kv->health().level(), HealthLevel::kDegraded);
    ASSERT_EQ(kv->health().problems().size(), 1u);
    EXPECT_NE(kv->health().problems()[0].find("records between"), std::string::npos)
        << kv->health().problems()[0];
    const std::string logged = log_.text();
    static_cast<void>(Scan(*kv, &skipped));
    EXPECT_EQ(log_.text(), logged) << "the same damage is logged once";
    EXPECT_EQ(kv->health().findings(), 1u);
    Flip(where);  // repairs it
    fs::remove(path_ + "/trine.damage");
  }
}

TEST_F(DamageTest, TheNextStartKnowsTheDamageWithoutReadingEverything) {
  Flip(0.5);
  uint64_t skipped = 0;
  static_cast<void>(Scan(*Open(), &skipped));
  EXPECT_EQ(Open()->health().level(), HealthLevel::kDegraded);
}

TEST_F(DamageTest, SingleRowsAreAnErrorAndListsHaveAGap) {
  Flip(0.5);
  const auto kv = Open();
  uint64_t skipped = 0;
  const std::vector<uint32_t> found = Scan(*kv, &skipped);
  uint32_t lost = 0;
  while (lost < found.size() && found[lost] == lost) ++lost;
  const auto one = kv->Get(Family::kRecords, Key(lost));
  ASSERT_FALSE(one.ok());
  EXPECT_EQ(one.error().kind(), ErrorKind::kCorrupt);
  const auto many = kv->MultiGet(Family::kRecords, {Key(0), Key(lost), Key(kRows - 1)});
  ASSERT_TRUE(many.ok()) << many.error().ToString();
  EXPECT_TRUE((*many)[0].has_value());
  EXPECT_FALSE((*many)[1].has_value());
  EXPECT_TRUE((*many)[2].has_value());
}

TEST_F(DamageTest, CursorsSkipDamageBackwards) {
  Flip(0.5);
  const auto kv = Open();
  const auto cursor = kv->Scan(Family::kRecords);
  size_t rows = 0;
  for (cursor->SeekBefore(Key(kRows)); cursor->Valid(); cursor->Prev()) ++rows;
  EXPECT_TRUE(cursor->status().ok());
  EXPECT_EQ(cursor->skipped(), 1u);
  EXPECT_GT(rows, kRows - 500u);
  EXPECT_LT(rows, kRows);
}

// All rows have the prefix (1, ""), so a cursor that is limited to it must find those after the damage, too.
class DamagedUserTest : public DamageTest {
 protected:
  DamagedUserTest() : DamageTest(Family::kUserEvents) {}
};

TEST_F(DamagedUserTest, CursorsOfOnePrefixSkipDamage) {
  const std::string prefix = KeyBuilder().U32(1).Text("").Take();
  for (const double where : {0.001, 0.5, 0.9}) {
    Flip(where);
    const auto kv = Open();
    const auto cursor = kv->ScanPrefix(Family::kUserEvents, prefix);
    // The cursor shows the store as it was when it was made, also after the damage.
    WriteBatch later;
    later.Put(Family::kUserEvents, Key(kRows), "later");
    ASSERT_TRUE(kv->Write(later, Durability::kBuffered).ok());
    size_t rows = 0;
    for (; cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
      EXPECT_NE(cursor->value(), "later") << where;
      ++rows;
    }
    EXPECT_TRUE(cursor->status().ok());
    EXPECT_EQ(cursor->skipped(), 1u) << where;
    EXPECT_GT(rows, kRows - 500u) << where;
    EXPECT_LT(rows, kRows) << where;
    EXPECT_EQ(kv->health().level(), HealthLevel::kDegraded);
    uint64_t skipped = 0;
    const auto all = kv->Scan(Family::kUserEvents);
    for (all->Seek(""); all->Valid(); all->Next()) skipped = all->skipped();
    EXPECT_EQ(skipped, 1u);
    // The first block begins where each cursor began.
    EXPECT_EQ(kv->health().findings(), where > 0.1 ? 1u : 2u) << "both cursors name the same range";
    WriteBatch undo;
    undo.Delete(Family::kUserEvents, Key(kRows));
    ASSERT_TRUE(kv->Write(undo, Durability::kSync).ok());
    Flip(where);  // repairs it
    fs::remove(path_ + "/trine.damage");
  }
}

// Two people whose rows are in many blocks, so that damage touches one of them, or both.
class DamagedPeopleTest : public DamageTest {
 protected:
  static std::string Prefix(uint64_t person) {
    return KeyBuilder().U32(7).Text("u" + std::to_string(person)).Take();
  }
  DamagedPeopleTest() : DamageTest(Family::kMeta) {
    auto kv = Open();
    WriteBatch batch;
    for (uint64_t person = 0; person < kPeople; ++person) {
      for (uint64_t n = 0; n < kEach; ++n) {
        std::string value;
        for (uint64_t x = person * kEach + n + 1; value.size() < 60; x = x * 1664525 + 1013904223)
          value += std::to_string(x % 1'000'000'007);
        batch.Put(Family::kUserEvents, Prefix(person) + KeyBuilder().U64(n).Take(), value);
      }
    }
    TRINE_CHECK(kv->Write(batch, Durability::kSync).ok());
    TRINE_CHECK(kv->Flush().ok());
  }
  static constexpr uint64_t kPeople = 9, kEach = 2500;
};

TEST_F(DamagedPeopleTest, DamageCostsRowsOfThosePeopleOnlyWhoseBlockItIs) {
  for (int part = 1; part < 40; ++part) {
    const double where = part / 45.0;
    Flip(where);
    const auto kv = Open();
    uint64_t rows = 0, touched = 0;
    for (uint64_t person = 0; person < kPeople; ++person) {
      const auto cursor = kv->ScanPrefix(Family::kUserEvents, Prefix(person));
      uint64_t own = 0;
      for (; cursor->Valid() && cursor->key().starts_with(Prefix(person)); cursor->Next()) ++own;
      EXPECT_TRUE(cursor->status().ok()) << cursor->status().error().ToString();
      EXPECT_TRUE(own == kEach || cursor->skipped() == 1) << part << " " << person;
      rows += own;
      touched += own < kEach ? 1 : 0;
    }
    EXPECT_GE(touched, 1u) << part;
    EXPECT_LE(touched, 2u) << part;
    EXPECT_GT(rows, kPeople * kEach - 500) << part;
    const auto all = ReadEveryRow(*kv);
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(all->skipped, 1u) << part;
    EXPECT_EQ(all->rows, rows + kRows) << part;
    EXPECT_EQ(kv->VerifyChecksums().error().kind(), ErrorKind::kCorrupt);
    Flip(where);  // repairs it
    fs::remove(path_ + "/trine.damage");
  }
}

}  // namespace
}  // namespace trine::storage
