// How records are kept: rows of the families records, record_ids, item_ids and obsolete.
// docs/formats/keys.md, "Records".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "catalogue/record_store.h"

namespace trine::catalogue {

std::string RecordKey(CollectionId c, SeqNo seq_no);
std::string IdKey(CollectionId c, std::string_view id);
std::string CollectionKey(CollectionId c);    // what all keys of a collection begin with
std::string EndOfCollection(CollectionId c);  // above all of them

// A record with the number of live records after its operation. Sources are compressed when that pays.
std::string EncodeRecord(const Record& record, uint64_t live_count);
struct StoredRecord {
  Record record;
  uint64_t live_count = 0;
};
// `with_source` false leaves the source out. kCorrupt on bytes that EncodeRecord did not write.
Result<StoredRecord> DecodeRecord(SeqNo seq_no, std::string_view value, bool with_source = true);

// What an id leads to.
struct IdEntry {
  RecordVersion version;
  std::string item_id;  // of a collection bound by a field, else empty
};
std::string EncodeIdEntry(const IdEntry& entry);
Result<IdEntry> DecodeIdEntry(std::string_view value);

// Family obsolete: key (collection, seq_no of the operation), value the seq_no that it superseded. A delete
// has one in any case; of an id that was not there it names itself.
struct SupersededMark {
  SeqNo seq_no;
  bool by_delete = false;
};
std::string EncodeSupersededMark(const SupersededMark& mark);
Result<SupersededMark> DecodeSupersededMark(std::string_view value);

}  // namespace trine::catalogue
