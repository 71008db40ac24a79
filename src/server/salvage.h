// Salvage: copies the rows of damaged facts that can be read into a new store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace trine::server {

struct SalvageReport {
  uint64_t rows = 0;                // rows of the facts that can be read
  std::vector<std::string> damage;  // one sentence per damaged range or lost document; empty: no damage
  std::string set_aside;            // the folder of the damaged store; empty: nothing was changed
};

// Reads every row of the facts of a data directory and names what is damaged. Changes nothing.
// Errors of OpenDataDirectoryReadOnly; kCorrupt if the store cannot be opened at all.
Result<SalvageReport> ScanFacts(const std::string& data_dir);

// Replaces damaged facts by a new store with all rows that can be read. The damaged store is kept beside it
// as `facts.damaged`, with the list of what was dropped in its file `trine.dropped`, so the disk needs room
// for both. Documents whose record is lost are dropped with their ids; ids that are lost are restored from
// the newest record, and events from their second copy. A collection whose definition is lost gets another
// one, without fields and settings, named `recovered-` and its number. Without damage, nothing changes.
// kExists if `facts.damaged` already exists; otherwise as ScanFacts, and kIo and kNoSpace. After an error the
// facts are as before, except that a damaged or missing file CURRENT may have been mended
// (storage/mend_current.h).
Result<SalvageReport> SalvageFacts(const std::string& data_dir);

}  // namespace trine::server
