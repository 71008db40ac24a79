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
std::string EndOfCollection(CollectionId c);  // greater than all of them

// A record with the number of live records of its collection after its operation. Sources are compressed
// when that saves an eighth. The seq_no is not part of the value: it is in the key.
std::string EncodeRecord(const Record& record, uint64_t live_count);
struct StoredRecord {
  Record record;
  uint64_t live_count = 0;
};
// `with_source` false leaves the source out. kFormatVersion for another format version; kCorrupt for other
// bytes that EncodeRecord did not write.
Result<StoredRecord> DecodeRecord(SeqNo seq_no, std::string_view value, bool with_source = true);

// The newest version of an id.
struct IdEntry {
  RecordVersion version;
  std::string item_id;  // when the collection is bound by a field, else empty
};
std::string EncodeIdEntry(const IdEntry& entry);
// Errors as DecodeRecord.
Result<IdEntry> DecodeIdEntry(std::string_view value);

// Family obsolete: the key is (collection, seq_no of the operation), the value the seq_no that it
// superseded. Every delete has such a row; the delete of an id that did not exist names itself.
struct SupersededMark {
  SeqNo seq_no;
  bool by_delete = false;
};
std::string EncodeSupersededMark(const SupersededMark& mark);
Result<SupersededMark> DecodeSupersededMark(std::string_view value);

}  // namespace trine::catalogue
