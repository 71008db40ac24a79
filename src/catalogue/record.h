// Record: one stored version of a document. RecordVersion: the same without id and content.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace trine::catalogue {

// The version numbers and flags of one record version.
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
  std::string source;    // JSON text, byte for byte as the client sent it
  std::string routing;
  // True if the item was put individually, not only by imports, at least once since it was created. An import
  // that replaces earlier imports keeps such an item.
  bool put_individually = false;
};

}  // namespace trine::catalogue
