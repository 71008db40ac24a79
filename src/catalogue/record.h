// Record: one version of a document as it is stored, and RecordVersion: its numbers alone.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace trine::catalogue {

// The newest version of an id.
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
  // The item was put individually at least once since it was created, not only by imports. An import that
  // replaces earlier imports does not remove it.
  bool put_individually = false;
};

}  // namespace trine::catalogue
