// RecordStore: the records of all collections, each version stored once under (collection, seq_no). A
// record seen through a collection is a document; seen through a dataset group it is an item.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "catalogue/collection.h"
#include "catalogue/record.h"
#include "format/json.h"
#include "storage/key_value.h"

namespace trine::catalogue {

// One put in a RecordTransaction. The views need to stay valid only until Put returns.
struct RecordPut {
  std::string_view id;
  std::string_view source;        // JSON text, stored byte for byte
  std::string_view item_id = {};  // empty unless the binding has an item id field
  std::string_view routing = {};
  // nullopt: the previous version plus one, capped at the largest signed 64-bit number.
  std::optional<uint64_t> version = {};
  bool put_individually = false;  // once set, stays set until the record is deleted
};

// The result of a put or delete in a transaction.
struct StagedWrite {
  RecordVersion current;
  std::optional<RecordVersion> previous;  // the version that the write replaces, deleted or not
};

// Writes to one collection that become durable and visible together. Holds the collection's write lock from
// RecordStore::Begin until it is destroyed, so that seq_nos reach the store in order; a transaction without
// writes only holds the lock. Used by one thread; must not outlive its store. Destroying it without Commit
// discards the staged writes. Abstract because RecordStore is.
class RecordTransaction {
 public:
  virtual ~RecordTransaction() = default;
  // Assigns the next seq_no and stages the write; later calls of this transaction see it, readers of the
  // store do not. Requires that Commit was not called. kDocumentId for an empty or too long id; earlier
  // writes stay staged on error. Deleting an id that does not exist is not an error.
  virtual Result<StagedWrite> Put(const RecordPut& put) = 0;
  virtual Result<StagedWrite> Delete(std::string_view id, std::optional<uint64_t> version) = 0;
  virtual bool empty() const = 0;  // no write is staged
  // Writes everything staged in one synced batch, then makes it visible. On error nothing is stored or
  // visible. Must be called at most once; the lock stays held.
  virtual Status Commit() = 0;
};

// Thread-safe. Reads never wait for a write lock. An interface because tests of the recommender and of
// the exporter read from `FakeRecords` (test/support/fake_catalogue.h).
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // Returns the newest version of an id, deleted or not; nullopt if the id was never written or its delete
  // was forgotten (see Purge).
  virtual Result<std::optional<RecordVersion>> Version(CollectionId c, std::string_view id) const = 0;
  // Returns the newest record of an id, even if the index does not show it yet; nullopt if it is missing or
  // deleted.
  virtual Result<std::optional<Record>> Get(CollectionId c, std::string_view id) const = 0;
  // Returns the record version with this seq_no, superseded or not, for search hits; nullopt if it was purged
  // or is a tombstone.
  virtual Result<std::optional<Record>> Get(CollectionId c, SeqNo seq_no) const = 0;
  // Like Get by seq_no, for many records at once; results are in the order of `seq_nos`. A damaged record has
  // no value; KeyValue::health names it.
  virtual Result<std::vector<std::optional<Record>>> MultiGet(CollectionId c,
                                                              const std::vector<SeqNo>& seq_nos) const = 0;
  // Returns the record of an item in the bound collection `c`. The item id is the record id unless the
  // binding has an item id field.
  virtual Result<std::optional<Record>> GetItem(const Binding& binding, CollectionId c,
                                                std::string_view item_id) const = 0;
  // Returns the record ids of items, in the order of `item_ids`; nullopt for an item that does not exist.
  // Only for a collection whose binding has an item id field.
  virtual Result<std::vector<std::optional<std::string>>> RecordIds(
      CollectionId c, const std::vector<std::string>& item_ids) const = 0;

  // Waits for the write lock of the collection, which the transaction then holds.
  virtual std::unique_ptr<RecordTransaction> Begin(CollectionId c) = 0;

  // Visits the records with seq_no >= from in ascending order, tombstones and superseded versions included,
  // until `visit` returns false; used to replay records into an index. Damaged records are skipped;
  // KeyValue::health names them.
  virtual Status Scan(CollectionId c, SeqNo from,
                      const std::function<Result<bool>(const Record&)>& visit) const = 0;
  // Visits the records that are live at the time of the call, in ascending order of seq_no, until `visit`
  // returns false. A Purge that runs meanwhile does not change what is visited.
  virtual Status ScanLive(CollectionId c, const std::function<Result<bool>(const Record&)>& visit) const = 0;
  virtual SeqNo NextSeqNo(CollectionId c) const = 0;
  virtual uint64_t LiveCount(CollectionId c) const = 0;
  // Removes record versions that were superseded by a write with seq_no < `safe`; the caller guarantees that
  // no reader needs them any more. Forgets deletes with a seq_no below both `safe` and `forget_deletes`: if
  // such an id is written again, its versions start at 1. Keeps the collection's last record, from which
  // numbering continues. Waits for the write lock and holds it only briefly.
  virtual Status Purge(CollectionId c, SeqNo safe, SeqNo forget_deletes) = 0;
  // Removes every row of a dropped collection. The caller makes sure that nobody writes to it any more.
  virtual Status Erase(CollectionId c) = 0;
  // Receives records that are lost to a reader of this store; nullptr in tests without a store.
  virtual storage::StoreHealth* health() const { return nullptr; }
};

Result<std::unique_ptr<RecordStore>> OpenRecordStore(storage::KeyValue& kv, Log& log);

// Reads item attributes from records. Attributes have the names of the group's Items schema (ITEM_ID,
// CATEGORY_L1 ...). The binding maps them to record fields; an attribute that it does not map is the
// top-level field with the same name, ignoring case and underscores. Immutable and thread-safe.
class AttributeReader {
 public:
  explicit AttributeReader(const Binding& binding);
  // Returns the attribute's value inside `source`; nullptr if the record does not have it.
  const format::Json* Find(const format::Json& source, std::string_view attribute) const;
  // Returns the path of the record field to which an attribute is written.
  std::string PathFor(std::string_view attribute) const;
  // Returns the item id of a record: the value of the binding's item id field if it is a non-empty string or
  // a number, else the record id.
  std::string ItemId(const format::Json& source, std::string_view record_id) const;

 private:
  Binding binding_;
};

// Bounds the records that are read for one answer, and reserves memory for them and for the text that is made
// of them, until it is destroyed. Movable. Not thread-safe.
class AnswerRoom {
 public:
  explicit AnswerRoom(MemoryBudget* memory = nullptr, size_t most = limits::kMaxAnswerBytes)
      : most_(most), memory_(memory, MemoryUse::kAnswers) {}
  // Takes room for records of `bytes` source bytes. kAnswerTooLarge if all records together exceed the bound;
  // kBusy if there is no memory for them.
  Status Take(size_t bytes);
  // The source bytes that may still be taken, if other work gives back its memory.
  size_t left() const;

 private:
  size_t most_, taken_ = 0;
  MemoryHold memory_;
};
// MultiGet within the room for an answer; returns the errors of AnswerRoom::Take. Reads in small batches, so
// that few records are read unnecessarily.
Result<std::vector<std::optional<Record>>> MultiGetWithin(const RecordStore& store, CollectionId c,
                                                          const std::vector<SeqNo>& seq_nos,
                                                          AnswerRoom* room);

}  // namespace trine::catalogue
