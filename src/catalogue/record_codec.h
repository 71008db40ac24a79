// The stored form of records: keys and values of the families records, record_ids, item_ids and obsolete.
// Layout: docs/formats/keys.md, "Records".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "catalogue/record.h"

namespace trine::catalogue {

std::string RecordKey(CollectionId c, SeqNo seq_no);
std::string IdKey(CollectionId c, std::string_view id);
std::string CollectionKey(CollectionId c);    // the prefix of all keys of a collection
std::string EndOfCollection(CollectionId c);  // greater than all its keys

// Encodes a record with the number of records that are live in its collection after this write. Sources are
// compressed if that saves at least an eighth. The seq_no is in the key, not in the value.
std::string EncodeRecord(const Record& record, uint64_t live_count);
struct StoredRecord {
  Record record;
  uint64_t live_count = 0;
};
// If `with_source` is false, the record has no source. kFormatVersion for an unsupported format version;
// kCorrupt for any other bytes that EncodeRecord did not write.
Result<StoredRecord> DecodeRecord(SeqNo seq_no, std::string_view value, bool with_source = true);

// The entry of an id in family record_ids: its newest version.
struct IdEntry {
  RecordVersion version;
  std::string item_id;  // empty unless the binding has an item id field
};
std::string EncodeIdEntry(const IdEntry& entry);
// Same errors as DecodeRecord.
Result<IdEntry> DecodeIdEntry(std::string_view value);

// A row of family obsolete. Its key is (collection, seq_no of a write), and its value is the seq_no of the
// version that this write superseded. Every delete has such a row; a delete of an id that did not exist
// stores its own seq_no.
struct SupersededMark {
  SeqNo seq_no;
  bool by_delete = false;
};
std::string EncodeSupersededMark(const SupersededMark& mark);
Result<SupersededMark> DecodeSupersededMark(std::string_view value);

}  // namespace trine::catalogue
