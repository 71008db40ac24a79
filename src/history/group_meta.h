// GroupMeta: the summary of one group: the end of its log, its counts, its imports. Written in the same
// batch as the rows that it describes, so that opening needs no scan. Layout: docs/formats/keys.md, "Group
// summary".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "history/event.h"

namespace trine::history {

// Reaches disk; never reuse a number.
enum class ImportState : int { kOpen = 1, kPublished = 2, kVanishing = 3 };

struct Import {
  uint32_t number = 0;
  ImportState state = ImportState::kOpen;
  ImportKind kind = ImportKind::kEvents;  // meaningful once published
  EventSeq first, end;                    // its events have seqs in [first, end)
  uint64_t events = 0;
  bool has_sessions = false;  // an event of it has a session id; only set while it is open, and not stored
};

// Plain data; shared snapshots are immutable.
struct GroupMeta {
  EventSeq next{1};
  uint64_t visible_events = 0;
  uint64_t users = 0;  // visible users
  uint64_t epoch = 0;
  uint32_t next_import = 1;
  std::vector<Import> imports;  // in ascending order by number

  // Returns whether the rows of this import are visible, which requires that it is published and has this
  // kind. Streamed rows (import 0) are always visible.
  bool Visible(uint32_t import, ImportKind kind) const;
  Import* Find(uint32_t number);  // nullptr if there is none
  std::string Encode() const;
  // kFormatVersion for an unsupported format version; kCorrupt for any other bytes that Encode did not write.
  static Result<GroupMeta> Decode(std::string_view bytes);
};

}  // namespace trine::history
