// RecordStore: the records of all collections, each stored once under (collection, seq_no).
// A record seen through a collection is a document; seen through a dataset group it is an item.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "storage/key_value.h"

namespace trine::catalogue {

// Where the newest version of an id stands.
struct RecordVersion {
  SeqNo seq_no;
  uint64_t version = 0;
  uint64_t primary_term = 1;
  bool deleted = false;
  bool put_individually = false;  // see Record
};

struct Record {
  std::string id;
  SeqNo seq_no;
  uint64_t version = 0;
  uint64_t primary_term = 1;
  bool deleted = false;  // a tombstone has no source
  std::string source;    // JSON text exactly as given
  std::string routing;
  // An item that was put one by one since it came into being, not by imports alone: an import that
  // replaces what imports brought leaves it.
  bool put_individually = false;
};

// One put of a RecordTransaction. The views need to stay valid only until Put returns.
struct RecordPut {
  std::string_view id;
  std::string_view source;        // JSON text, stored byte for byte
  std::string_view item_id = {};  // when the collection is bound by a field, else empty
  std::string_view routing = {};
  // nullopt: one more than the version before, up to the largest signed 64-bit number, where it stays.
  std::optional<uint64_t> version = {};
  bool put_individually = false;  // a record that is marked so keeps the mark until it is deleted
};

// What a put or delete of a transaction did.
struct StagedWrite {
  RecordVersion current;
  std::optional<RecordVersion> previous;  // the version that it replaces, deleted ones included
};

// Writes of one collection that become durable and visible together. Holds the collection's write lock
// from RecordStore::Begin until it is destroyed, so that seq_nos reach the store in order; a transaction
// in which nothing is staged is that lock and nothing more. Used by one thread; must not outlive its
// store. Destroying it without Commit drops what was staged. Abstract because RecordStore is.
class RecordTransaction {
 public:
  virtual ~RecordTransaction() = default;
  // Assigns the next seq_no and stages the write; later calls of this transaction see it, readers of the
  // store do not. Requires that Commit was not called. kInvalid (code "id_bytes") for an empty or too long
  // id; what was staged before is unchanged on error. Deleting an id that does not exist is not an error.
  virtual Result<StagedWrite> Put(const RecordPut& put) = 0;
  virtual Result<StagedWrite> Delete(std::string_view id, std::optional<uint64_t> version) = 0;
  virtual bool empty() const = 0;  // nothing is staged
  // Writes everything staged in one synced batch, then makes it visible. On error nothing is stored or
  // visible. To be called at most once; the lock stays held.
  virtual Status Commit() = 0;
};

// Thread-safe. Reads never wait for a write lock. An interface because tests of the recommender and of
// the exporter read from `FakeRecords` (test/support/fake_catalogue.h).
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  virtual Result<std::optional<RecordVersion>> Version(CollectionId c, std::string_view id) const = 0;
  // The newest version by id (realtime); nullopt when missing or deleted.
  virtual Result<std::optional<Record>> Get(CollectionId c, std::string_view id) const = 0;
  // A given version by seq_no, for search hits; nullopt when it is gone.
  virtual Result<std::optional<Record>> Get(CollectionId c, SeqNo seq_no) const = 0;
  virtual Result<std::vector<std::optional<Record>>> MultiGet(CollectionId c,
                                                              const std::vector<SeqNo>& seq_nos) const = 0;
  // By item id of a bound collection (the record id when the binding names no field).
  virtual Result<std::optional<Record>> GetItem(const Binding& binding, CollectionId c,
                                                std::string_view item_id) const = 0;
  // The record ids of items of a collection that is bound by a field, in the given order; nullopt: no such
  // item.
  virtual Result<std::vector<std::optional<std::string>>> RecordIds(
      CollectionId c, const std::vector<std::string>& item_ids) const = 0;

  // Waits for the write lock of the collection, which the transaction then holds.
  virtual std::unique_ptr<RecordTransaction> Begin(CollectionId c) = 0;

  // Records with seq_no in [from, end), in order, tombstones and superseded ones included, for
  // replay into an index. `visit` returns false to stop.
  virtual Status Scan(CollectionId c, SeqNo from,
                      const std::function<Result<bool>(const Record&)>& visit) const = 0;
  // The live records only.
  virtual Status ScanLive(CollectionId c, const std::function<Result<bool>(const Record&)>& visit) const = 0;
  virtual SeqNo NextSeqNo(CollectionId c) const = 0;
  virtual uint64_t LiveCount(CollectionId c) const = 0;
  // Forgets superseded records below `safe` that no reader needs any more, and of the deletes below
  // `forget_deletes` (and `safe`) that there ever was such an id: its versions begin at 1 again. The last
  // operation of a collection stays. Takes the lock for some moments.
  virtual Status Purge(CollectionId c, SeqNo safe, SeqNo forget_deletes) = 0;
  // Removes everything of a dropped collection.
  virtual Status Erase(CollectionId c) = 0;
};

Result<std::unique_ptr<RecordStore>> OpenRecordStore(storage::KeyValue& kv, Log& log);

// Reads item attributes out of records: the item view. Names are those of the group's Items schema
// (ITEM_ID, CATEGORY_L1 ...); the binding maps them to record fields, else a field of the same name
// compared without case and underscores is taken. Immutable; thread-safe.
class AttributeReader {
 public:
  explicit AttributeReader(const Binding& binding);
  // The attribute of a parsed record; nullptr when it has none.
  const format::Json* Find(const format::Json& source, std::string_view attribute) const;
  // The record field path an attribute is written to.
  std::string PathFor(std::string_view attribute) const;
  // The item id of a record: the binding's field as text, else the record id.
  std::string ItemId(const format::Json& source, std::string_view record_id) const;

 private:
  Binding binding_;
};

// MultiGet for an answer that must not grow without end: takes the bytes of the sources off
// `bytes_left`, and is AnswerTooLong when they do not suffice; no more than a few records are then read
// in vain.
Result<std::vector<std::optional<Record>>> MultiGetWithin(const RecordStore& store, CollectionId c,
                                                          const std::vector<SeqNo>& seq_nos,
                                                          size_t* bytes_left);
// kAnswerTooLarge.
Error AnswerTooLong(size_t bytes);

}  // namespace trine::catalogue
