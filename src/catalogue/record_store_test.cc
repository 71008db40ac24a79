#include "catalogue/record_store.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "base/random.h"
#include "catalogue/collection_marks.h"
#include "catalogue/record_codec.h"
#include "test/support/failing_key_value.h"

namespace trine::catalogue {
namespace {

constexpr CollectionId kShop{3};

class RecordStoreTest : public ::testing::Test {
 protected:
  void Reopen() { store_ = OpenRecordStore(*kv_, NullLog()).value(); }
  StagedWrite Put(std::string_view id, std::string_view source, std::string_view item_id = "",
                  std::optional<uint64_t> version = {}) {
    const auto transaction = store_->Begin(kShop);
    const StagedWrite staged = transaction->Put({id, source, item_id, "", version}).value();
    transaction->Commit().value();
    return staged;
  }
  StagedWrite Delete(std::string_view id) {
    const auto transaction = store_->Begin(kShop);
    const StagedWrite staged = transaction->Delete(id, {}).value();
    transaction->Commit().value();
    return staged;
  }
  std::string Source(std::string_view id) {
    const auto record = store_->Get(kShop, id).value();
    return record ? record->source : "-";
  }
  std::map<std::string, std::string> Live() {
    std::map<std::string, std::string> live;
    store_
        ->ScanLive(kShop,
                   [&](const Record& r) -> Result<bool> {
                     EXPECT_TRUE(live.emplace(r.id, r.source).second) << r.id << " was visited twice";
                     return true;
                   })
        .value();
    return live;
  }
  size_t Rows(storage::Family family) {
    size_t rows = 0;
    const auto cursor = kv_->Scan(family);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) ++rows;
    return rows;
  }

  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  std::unique_ptr<RecordStore> store_ = OpenRecordStore(*kv_, NullLog()).value();
};

TEST_F(RecordStoreTest, AssignsAscendingVersionsAndSeqNos) {
  const StagedWrite first = Put("a", "{\"n\":1}");
  EXPECT_EQ(first.current.version, 1u);
  EXPECT_EQ(first.current.seq_no, SeqNo{0});
  EXPECT_FALSE(first.previous);
  const StagedWrite second = Put("a", "{\"n\":2}");
  EXPECT_EQ(second.current.version, 2u);
  EXPECT_EQ(second.previous->seq_no, SeqNo{0});
  const StagedWrite gone = Delete("a");
  EXPECT_EQ(gone.current.version, 3u);
  EXPECT_TRUE(gone.current.deleted);
  EXPECT_EQ(Source("a"), "-");
  const StagedWrite again = Put("a", "{\"n\":3}");
  EXPECT_EQ(again.current.version, 4u);
  EXPECT_TRUE(again.previous->deleted);
  EXPECT_EQ(Put("a", "{}", "", 90).current.version, 90u);
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{5});
  EXPECT_EQ(store_->Get(kShop, SeqNo{1}).value()->source, "{\"n\":2}");
  EXPECT_FALSE(store_->Get(kShop, SeqNo{2}).value()) << "a tombstone has no source";
}

TEST_F(RecordStoreTest, AcceptsVersionZero) {
  EXPECT_EQ(Put("a", "1", "", 0).current.version, 0u);
  Reopen();
  EXPECT_EQ(store_->Version(kShop, "a").value()->version, 0u);
  EXPECT_EQ(Put("a", "2").current.version, 1u) << "continues from 0";
}

TEST_F(RecordStoreTest, TransactionSeesItsOwnWrites) {
  const auto transaction = store_->Begin(kShop);
  EXPECT_EQ(transaction->Put({"a", "1", "x"}).value().current.version, 1u);
  EXPECT_EQ(transaction->Put({"a", "2", "y"}).value().current.version, 2u);
  const StagedWrite gone = transaction->Delete("a", {}).value();
  EXPECT_EQ(gone.previous->seq_no, SeqNo{1});
  EXPECT_EQ(transaction->Put({"b", "3", "x"}).value().current.seq_no, SeqNo{3});
  EXPECT_FALSE(store_->Version(kShop, "a").value()) << "nothing is written yet";
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{0});
  transaction->Commit().value();
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{4});
  EXPECT_EQ(store_->LiveCount(kShop), 1u);
  Binding binding{"shop", GroupId{1}, "sku", {}};
  EXPECT_EQ(store_->GetItem(binding, kShop, "x").value()->id, "b");
  EXPECT_EQ(store_->RecordIds(kShop, {"y", "x"}).value(),
            (std::vector<std::optional<std::string>>{std::nullopt, "b"}));
  EXPECT_FALSE(store_->GetItem(binding, kShop, "y").value());
}

TEST_F(RecordStoreTest, UncommittedTransactionChangesNothing) {
  Put("a", "1");
  {
    const auto transaction = store_->Begin(kShop);
    ASSERT_TRUE(transaction->Put({"a", "2"}).ok());
    ASSERT_TRUE(transaction->Delete("a", {}).ok());
  }
  EXPECT_EQ(store_->LiveCount(kShop), 1u);
  const StagedWrite next = Put("a", "3");
  EXPECT_EQ(next.current.seq_no, SeqNo{1});
  EXPECT_EQ(next.current.version, 2u);
}

TEST_F(RecordStoreTest, ItemIdBelongsToItsNewestOwner) {
  const Binding binding{"shop", GroupId{1}, "sku", {}};
  Put("a", "1", "sku1");
  Put("b", "2", "sku1");
  EXPECT_EQ(store_->GetItem(binding, kShop, "sku1").value()->id, "b");
  Delete("a");
  EXPECT_EQ(store_->GetItem(binding, kShop, "sku1").value()->id, "b");
  Put("b", "2", "sku2");
  EXPECT_FALSE(store_->GetItem(binding, kShop, "sku1").value());
  EXPECT_EQ(store_->GetItem(binding, kShop, "sku2").value()->id, "b");
  EXPECT_EQ(store_->GetItem({"shop", GroupId{1}, "", {}}, kShop, "b").value()->source, "2");
}

TEST_F(RecordStoreTest, KeepsPutIndividuallyFlagUntilDelete) {
  const auto put = [&](bool put_individually) {
    const auto transaction = store_->Begin(kShop);
    transaction->Put({"a", std::string(500, 'x'), "", "", {}, put_individually}).value();
    transaction->Commit().value();
    Reopen();
    const bool of_record = store_->Get(kShop, "a").value()->put_individually;
    EXPECT_EQ(store_->Version(kShop, "a").value()->put_individually, of_record);
    return of_record;
  };
  EXPECT_FALSE(put(false));
  EXPECT_TRUE(put(true));
  EXPECT_TRUE(put(false));
  Delete("a");
  EXPECT_FALSE(store_->Version(kShop, "a").value()->put_individually);
  EXPECT_FALSE(put(false));
}

TEST_F(RecordStoreTest, PurgeRemovesSupersededRecords) {
  Put("a", "1");  // 0
  Put("b", "1");  // 1
  Put("a", "2");  // 2 supersedes 0
  Put("b", "2");  // 3 supersedes 1
  store_->Purge(kShop, SeqNo{3}, SeqNo{3}).value();
  EXPECT_FALSE(store_->Get(kShop, SeqNo{0}).value());
  EXPECT_TRUE(store_->Get(kShop, SeqNo{1}).value()) << "superseded by 3, which readers may not see yet";
  store_->Purge(kShop, SeqNo{4}, SeqNo{4}).value();
  EXPECT_EQ(Rows(storage::Family::kRecords), 2u);
  EXPECT_EQ(Rows(storage::Family::kObsolete), 0u);
  EXPECT_EQ(Live(), (std::map<std::string, std::string>{{"a", "2"}, {"b", "2"}}));
}

TEST_F(RecordStoreTest, PurgeForgetsOldDeletes) {
  Put("a", "1", "item");  // 0
  Delete("a");            // 1
  Delete("never");        // 2
  Put("b", "1");          // 3
  store_->Purge(kShop, SeqNo{4}, SeqNo{1}).value();
  EXPECT_EQ(Rows(storage::Family::kRecords), 3u) << "the deleted record is gone, the tombstone is not";
  EXPECT_EQ(store_->Version(kShop, "a").value()->version, 2u);
  store_->Purge(kShop, SeqNo{2}, SeqNo{4}).value();
  EXPECT_FALSE(store_->Version(kShop, "a").value());
  EXPECT_TRUE(store_->Version(kShop, "never").value()) << "a replay may need the delete";
  store_->Purge(kShop, SeqNo{4}, SeqNo{4}).value();
  EXPECT_EQ(Rows(storage::Family::kRecords), 1u);
  EXPECT_EQ(Rows(storage::Family::kRecordIds), 1u);
  EXPECT_EQ(Rows(storage::Family::kItemIds), 0u);
  EXPECT_EQ(Rows(storage::Family::kObsolete), 0u);
  const StagedWrite again = Put("a", "2");
  EXPECT_EQ(again.current.version, 1u);
  EXPECT_EQ(again.current.seq_no, SeqNo{4});
  EXPECT_FALSE(again.previous);
  Reopen();
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{5});
  EXPECT_EQ(Live(), (std::map<std::string, std::string>{{"a", "2"}, {"b", "1"}}));
}

TEST_F(RecordStoreTest, PurgeKeepsTheLastDelete) {
  Put("a", "1");
  Delete("a");
  store_->Purge(kShop, SeqNo{2}, SeqNo{2}).value();
  Reopen();
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{2});
  EXPECT_EQ(store_->Version(kShop, "a").value()->version, 2u);
  EXPECT_EQ(Put("b", "1").current.seq_no, SeqNo{2});
  store_->Purge(kShop, SeqNo{3}, SeqNo{3}).value();
  EXPECT_FALSE(store_->Version(kShop, "a").value());
  EXPECT_EQ(Rows(storage::Family::kRecords), 1u);
}

TEST_F(RecordStoreTest, PurgeKeepsIdsThatWereWrittenAgain) {
  Put("a", "1");  // 0
  Delete("a");    // 1
  Put("a", "2");  // 2
  store_->Purge(kShop, SeqNo{2}, SeqNo{2}).value();
  EXPECT_EQ(Source("a"), "2");
  EXPECT_EQ(Rows(storage::Family::kRecords), 2u) << "the tombstone, which 2 superseded, is still stored";
  store_->Purge(kShop, SeqNo{3}, SeqNo{3}).value();
  EXPECT_EQ(Rows(storage::Family::kRecords), 1u);
  EXPECT_EQ(Rows(storage::Family::kObsolete), 0u);
  EXPECT_EQ(store_->Version(kShop, "a").value()->version, 3u);
}

TEST_F(RecordStoreTest, PurgesConcurrentlyWithWrites) {
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) Delete("id" + std::to_string(i));
  std::thread writer([&] {
    for (int i = 0; i < kCount; i += 2) Put("id" + std::to_string(i), "x");
  });
  for (int i = 0; i < 20; ++i) store_->Purge(kShop, SeqNo{kCount}, SeqNo{kCount}).value();
  writer.join();
  store_->Purge(kShop, store_->NextSeqNo(kShop), store_->NextSeqNo(kShop)).value();
  EXPECT_EQ(store_->LiveCount(kShop), kCount / 2u);
  EXPECT_EQ(Live().size(), kCount / 2u);
  EXPECT_EQ(Rows(storage::Family::kRecords), kCount / 2u);
  EXPECT_EQ(Rows(storage::Family::kRecordIds), kCount / 2u);
  for (int i = 0; i < kCount; i += 2) EXPECT_EQ(Source("id" + std::to_string(i)), "x");
}

// A catalogue that is read all the time must not keep its superseded versions for ever.
TEST_F(RecordStoreTest, APurgeDuringALiveScanRemovesRecordsAndChangesNothingForTheScan) {
  for (const char* id : {"a", "b", "c"}) {
    Put(id, "1");
    Put(id, "2");
  }
  Delete("c");
  std::vector<std::string> seen;
  store_
      ->ScanLive(kShop,
                 [&](const Record& r) -> Result<bool> {
                   seen.push_back(r.id + r.source);
                   Put("b", "3");
                   store_->Purge(kShop, store_->NextSeqNo(kShop), store_->NextSeqNo(kShop)).value();
                   EXPECT_LE(Rows(storage::Family::kRecords), 3u);
                   return true;
                 })
      .value();
  EXPECT_EQ(seen, (std::vector<std::string>{"a2", "b2"}));
  EXPECT_EQ(Live().size(), 2u);
}

TEST_F(RecordStoreTest, ReopeningRestoresCountsAndSeqNos) {
  for (int i = 0; i < 10; ++i) Put("id" + std::to_string(i), "x");
  Delete("id3");
  Put("id4", "y");
  Reopen();
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{12});
  EXPECT_EQ(store_->LiveCount(kShop), 9u);
  EXPECT_EQ(store_->NextSeqNo(CollectionId{4}), SeqNo{0});
  EXPECT_EQ(Put("new", "z").current.seq_no, SeqNo{12});
}

TEST_F(RecordStoreTest, SkipsDamagedRecordsAndRecountsLiveRecords) {
  for (int i = 0; i < 5; ++i) Put("id" + std::to_string(i), "x");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kRecords, RecordKey(kShop, SeqNo{4}), "\x01\xff");
  kv_->Write(batch, storage::Durability::kSync).value();
  Reopen();
  EXPECT_EQ(store_->LiveCount(kShop), 5u);
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{5});
  EXPECT_EQ(store_->Get(kShop, SeqNo{4}).error().kind(), ErrorKind::kCorrupt);
  size_t seen = 0;
  store_->Scan(kShop, SeqNo{0}, [&](const Record&) -> Result<bool> { return ++seen, true; }).value();
  EXPECT_EQ(seen, 4u);
}

TEST_F(RecordStoreTest, ReportsRecordsWithUnsupportedFormatVersion) {
  Put("a", "1");
  storage::WriteBatch batch;
  batch.Put(storage::Family::kRecords, RecordKey(kShop, SeqNo{0}), "\x07the layout of tomorrow");
  batch.Put(storage::Family::kRecordIds, IdKey(kShop, "a"), "\x02the layout of tomorrow");
  kv_->Write(batch, storage::Durability::kSync).value();
  const auto by_seq_no = store_->Get(kShop, SeqNo{0});
  ASSERT_FALSE(by_seq_no.ok());
  EXPECT_EQ(by_seq_no.error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(by_seq_no.error().expected, "format version 1");
  EXPECT_EQ(by_seq_no.error().got, "7");
  const auto by_id = store_->Get(kShop, "a");
  ASSERT_FALSE(by_id.ok());
  EXPECT_EQ(by_id.error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(by_id.error().got, "2");
  EXPECT_EQ(DecodeRecord(SeqNo{0}, "").error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(DecodeIdEntry(std::string(1, '\0')).error().kind(), ErrorKind::kCorrupt);
}

TEST_F(RecordStoreTest, FailedCommitStoresNothing) {
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
    test::FailingKeyValue kv;
    auto store = OpenRecordStore(kv, NullLog()).value();
    const auto put = [&](std::string_view id, std::string_view source) -> Status {
      const auto transaction = store->Begin(kShop);
      TRINE_TRY(transaction->Put({id, source, "item"}));
      return transaction->Commit();
    };
    put("a", "1").value();
    kv.FailWrites(code);
    const Status failed = put("a", "2");
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, code);
    EXPECT_EQ(failed.error().kind(), ErrorKind::kIo);
    EXPECT_FALSE(put("b", "1").ok());
    {
      const auto transaction = store->Begin(kShop);
      ASSERT_TRUE(transaction->Delete("a", {}).ok());
      EXPECT_EQ(transaction->Commit().error().code, code);
    }
    kv.Repair();
    for (const bool reopened : {false, true}) {
      if (reopened) store = OpenRecordStore(kv, NullLog()).value();
      EXPECT_EQ(store->NextSeqNo(kShop), SeqNo{1}) << reopened;
      EXPECT_EQ(store->LiveCount(kShop), 1u) << reopened;
      EXPECT_EQ(store->Get(kShop, "a").value()->source, "1") << reopened;
      EXPECT_FALSE(store->Version(kShop, "b").value()) << reopened;
    }
    put("a", "2").value();
    EXPECT_EQ(store->Version(kShop, "a").value()->version, 2u) << "the failed writes used no version";
    EXPECT_EQ(store->Get(kShop, "a").value()->seq_no, SeqNo{1});
  }
}

TEST_F(RecordStoreTest, FailedRemovalsKeepLiveRecords) {
  test::FailingKeyValue kv;
  const auto store = OpenRecordStore(kv, NullLog()).value();
  for (const char* source : {"1", "2"}) {
    const auto transaction = store->Begin(kShop);
    ASSERT_TRUE(transaction->Put({"a", source}).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  kv.FailWrites();
  EXPECT_EQ(store->Purge(kShop, SeqNo{2}, SeqNo{2}).error().kind(), ErrorKind::kIo);
  EXPECT_EQ(store->Erase(kShop).error().kind(), ErrorKind::kIo);
  kv.Repair();
  EXPECT_EQ(store->Get(kShop, "a").value()->source, "2");
  EXPECT_EQ(store->Get(kShop, SeqNo{0}).value()->source, "1") << "the purge removed nothing";
  ASSERT_TRUE(store->Purge(kShop, SeqNo{2}, SeqNo{2}).ok());
  EXPECT_FALSE(store->Get(kShop, SeqNo{0}).value());
  EXPECT_EQ(store->Get(kShop, "a").value()->source, "2");
}

TEST_F(RecordStoreTest, ReturnsKeyValueReadErrors) {
  test::FailingKeyValue kv;
  auto store = OpenRecordStore(kv, NullLog()).value();
  {
    const auto transaction = store->Begin(kShop);
    ASSERT_TRUE(transaction->Put({"a", "1", "item"}).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  const Binding binding{"shop", GroupId{1}, "sku", {}};
  AnswerRoom room;
  const auto none = [](const Record&) -> Result<bool> { return true; };
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kCorrupt}) {
    kv.FailReads(code);
    EXPECT_EQ(store->Version(kShop, "a").error().code, code);
    EXPECT_EQ(store->Get(kShop, "a").error().code, code);
    EXPECT_EQ(store->Get(kShop, SeqNo{0}).error().code, code);
    EXPECT_EQ(store->MultiGet(kShop, {SeqNo{0}}).error().code, code);
    EXPECT_EQ(MultiGetWithin(*store, kShop, {SeqNo{0}}, &room).error().code, code);
    EXPECT_EQ(store->GetItem(binding, kShop, "item").error().code, code);
    EXPECT_EQ(store->RecordIds(kShop, {"item"}).error().code, code);
    EXPECT_EQ(store->Scan(kShop, SeqNo{0}, none).error().code, code);
    EXPECT_EQ(store->ScanLive(kShop, none).error().code, code);
    EXPECT_EQ(store->Begin(kShop)->Put({"a", "2"}).error().code, code);
    EXPECT_EQ(store->Begin(kShop)->Delete("a", {}).error().code, code);
    EXPECT_EQ(OpenRecordStore(kv, NullLog()).error().code, code);
    kv.Repair();
    EXPECT_EQ(store->Get(kShop, "a").value()->source, "1");
  }
}

TEST_F(RecordStoreTest, EraseKeepsOtherCollections) {
  Put("a", "1", "item");
  Put("a", "2", "item");
  {
    const auto transaction = store_->Begin(CollectionId{4});
    ASSERT_TRUE(transaction->Put({"z", "9"}).ok());
    ASSERT_TRUE(transaction->Commit().ok());
    storage::WriteBatch batch;
    batch.Put(storage::Family::kMeta, DropMark(kShop), "");
    kv_->Write(batch, storage::Durability::kSync).value();
  }
  Reopen();  // the drop mark means that a crash came between Drop and Erase
  EXPECT_EQ(store_->NextSeqNo(kShop), SeqNo{0});
  EXPECT_EQ(Rows(storage::Family::kRecords), 1u);
  EXPECT_EQ(Rows(storage::Family::kRecordIds), 1u);
  EXPECT_EQ(Rows(storage::Family::kItemIds), 0u);
  EXPECT_EQ(Rows(storage::Family::kMeta), 0u);
  EXPECT_EQ(store_->LiveCount(CollectionId{4}), 1u);
}

TEST_F(RecordStoreTest, KeepsSourcesByteForByte) {
  std::string korean = "{\"title\":\"";
  for (int i = 0; i < 200; ++i) korean += "캠핑용 가벼운 의자 ";
  korean += "\"}";
  Put("korean", korean);
  std::string noise;
  Random random(5);
  for (int i = 0; i < 1000; ++i) noise += static_cast<char>(random.Below(256));
  Put("noise", noise);
  Put("empty", "");
  EXPECT_EQ(Source("korean"), korean);
  EXPECT_EQ(Source("noise"), noise);
  EXPECT_EQ(Source("empty"), "");
  const auto row = kv_->Get(storage::Family::kRecords, RecordKey(kShop, SeqNo{0})).value();
  EXPECT_LT(row->size(), korean.size() / 4);
}

TEST_F(RecordStoreTest, RejectsInvalidIds) {
  const auto transaction = store_->Begin(kShop);
  EXPECT_EQ(transaction->Put({std::string(513, 'x'), "{}", ""}).error().code, ErrorCode::kDocumentId);
  EXPECT_FALSE(transaction->Put({"", "{}"}).ok());
  EXPECT_TRUE(transaction->empty());
}

// Compares random operations with a std::map.
TEST_F(RecordStoreTest, RandomOperationsMatchStdMap) {
  for (const uint64_t seed : {1, 2, 3, 4}) {
    SCOPED_TRACE(seed);
    kv_ = storage::NewMemoryKeyValue();
    Reopen();
    Random random(seed);
    std::map<std::string, std::string> twin;
    struct Newest {
      uint64_t version = 0, seq_no = 0;
    };
    std::map<std::string, Newest> versions;
    uint64_t operations = 0;
    for (int step = 0; step < 300; ++step) {
      auto transaction = store_->Begin(kShop);
      auto twin_after = twin;
      auto versions_after = versions;
      const uint64_t size = 1 + random.Below(5);
      for (uint64_t i = 0; i < size; ++i) {
        const std::string id = "id" + std::to_string(random.Below(30));
        const bool remove = random.Below(4) == 0;
        const std::string source = std::string(random.Below(400), 'a') + std::to_string(random.Next());
        const StagedWrite staged =
            (remove ? transaction->Delete(id, {}) : transaction->Put({id, source})).value();
        Newest& newest = versions_after[id];
        EXPECT_EQ(staged.current.version, ++newest.version);
        newest.seq_no = operations + i;
        EXPECT_EQ(staged.current.seq_no.value, operations + i);
        EXPECT_EQ(staged.previous && !staged.previous->deleted, twin_after.contains(id));
        if (remove) {
          twin_after.erase(id);
        } else {
          twin_after[id] = source;
        }
      }
      if (random.Below(5) != 0) {
        transaction->Commit().value();
        twin = twin_after;
        versions = versions_after;
        operations += size;
      }
      transaction.reset();
      if (random.Below(10) == 0) {
        const uint64_t safe = random.Below(operations + 1), forget = random.Below(operations + 1);
        store_->Purge(kShop, SeqNo{safe}, SeqNo{forget}).value();
        std::erase_if(versions, [&](const auto& known) {
          const uint64_t seq_no = known.second.seq_no;
          return !twin.contains(known.first) && seq_no < std::min(safe, forget) && seq_no + 1 < operations;
        });
      }
      ASSERT_EQ(store_->LiveCount(kShop), twin.size());
      if (random.Below(20) == 0) {
        ASSERT_EQ(Live(), twin);
      }
    }
    Reopen();
    EXPECT_EQ(store_->LiveCount(kShop), twin.size());
    EXPECT_EQ(store_->NextSeqNo(kShop).value, operations);
    EXPECT_EQ(Live(), twin);
    for (const auto& [id, source] : twin) EXPECT_EQ(Source(id), source);
  }
}

TEST_F(RecordStoreTest, CapsVersionAtInt64Max) {
  EXPECT_EQ(Put("a", "1", "", INT64_MAX - 1).current.version, uint64_t{INT64_MAX} - 1);
  EXPECT_EQ(Put("a", "2").current.version, uint64_t{INT64_MAX});
  EXPECT_EQ(Put("a", "3").current.version, uint64_t{INT64_MAX});
  EXPECT_EQ(Source("a"), "3");
  EXPECT_EQ(Delete("a").current.version, uint64_t{INT64_MAX});
}

TEST_F(RecordStoreTest, MultiGetWithinRejectsLargeAnswers) {
  std::vector<SeqNo> places;
  for (size_t i = 0; i < 1000; ++i)
    places.push_back(Put("r" + std::to_string(i), std::string(i % 100, 'x')).current.seq_no);
  places[5] = SeqNo{1'000'000};  // no record has this seq_no
  const size_t whole = 1000 * 99 / 2 - 5;
  AnswerRoom enough(nullptr, whole);
  const auto all = MultiGetWithin(*store_, kShop, places, &enough);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(enough.left(), 0u);
  ASSERT_EQ(all->size(), 1000u);
  EXPECT_FALSE((*all)[5]);
  for (const size_t i : {0u, 7u, 8u, 999u}) EXPECT_EQ((*all)[i]->id, "r" + std::to_string(i));
  AnswerRoom less(nullptr, whole - 1);
  const auto refused = MultiGetWithin(*store_, kShop, places, &less);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kAnswerTooLarge);
  EXPECT_NE(refused.error().message.find(std::to_string(whole - 1)), std::string::npos);
}

TEST_F(RecordStoreTest, MultiGetWithinReservesMemoryForLargeAnswers) {
  std::vector<SeqNo> places;
  for (size_t i = 0; i < 20; ++i)
    places.push_back(Put("r" + std::to_string(i), std::string(10'000, 'x')).current.seq_no);
  MemoryBudget budget(MemoryBounds::Each(600'000));
  {
    AnswerRoom small(&budget);
    ASSERT_TRUE(MultiGetWithin(*store_, kShop, {places[0], places[1]}, &small).ok());
    EXPECT_EQ(budget.reserved(), 0u) << "few bytes are bounded by the number of threads";
    AnswerRoom room(&budget);
    ASSERT_TRUE(MultiGetWithin(*store_, kShop, places, &room).ok());
    EXPECT_EQ(budget.reserved(MemoryUse::kAnswers), 600'000u);
    EXPECT_EQ(room.left(), 0u);
    AnswerRoom other(&budget);
    const auto refused = MultiGetWithin(*store_, kShop, places, &other);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
    EXPECT_EQ(refused.error().DetailOf("durability"), "TRANSIENT");
  }
  EXPECT_EQ(budget.reserved(), 0u);
}

}  // namespace
}  // namespace trine::catalogue
