#include "history/group_meta.h"

#include <algorithm>

#include "base/check.h"
#include "history/event_codec.h"
#include "storage/format_version.h"

namespace trine::history {
namespace {

constexpr char kVersion = 1;

bool DecodeImport(std::string_view* in, Import* import) {
  uint64_t number = 0, state = 0, kind = 0;
  if (!GetVarint(in, &number) || !GetVarint(in, &state) || !GetVarint(in, &kind) ||
      !GetVarint(in, &import->first.value) || !GetVarint(in, &import->end.value) ||
      !GetVarint(in, &import->events)) {
    return false;
  }
  if (number > UINT32_MAX || state < 1 || state > 3 || kind > 1) return false;
  import->number = static_cast<uint32_t>(number);
  import->state = static_cast<ImportState>(state);
  import->kind = static_cast<History::ImportKind>(kind);
  return true;
}

}  // namespace

bool GroupMeta::Visible(uint32_t import, History::ImportKind kind) const {
  if (import == 0) return true;
  return std::ranges::any_of(imports, [&](const Import& i) {
    return i.number == import && i.state == ImportState::kPublished && i.kind == kind;
  });
}

Import* GroupMeta::Find(uint32_t number) {
  auto found = std::ranges::find(imports, number, &Import::number);
  return found == imports.end() ? nullptr : &*found;
}

std::string GroupMeta::Encode() const {
  TRINE_CHECK_GE(next.value, 1u);
  TRINE_CHECK_GE(next_import, 1u);
  std::string out(1, kVersion);
  PutVarint(next.value, &out);
  PutVarint(visible_events, &out);
  PutVarint(users, &out);
  PutVarint(epoch, &out);
  PutVarint(next_import, &out);
  PutVarint(imports.size(), &out);
  for (const Import& i : imports) {
    TRINE_CHECK_LT(i.number, next_import);
    TRINE_CHECK_LE(i.first, i.end);
    PutVarint(i.number, &out);
    PutVarint(static_cast<uint64_t>(i.state), &out);
    PutVarint(static_cast<uint64_t>(i.kind), &out);
    PutVarint(i.first.value, &out);
    PutVarint(i.end.value, &out);
    PutVarint(i.events, &out);
  }
  return out;
}

Result<GroupMeta> GroupMeta::Decode(std::string_view bytes) {
  const Error broken = Error(ErrorCode::kCorrupt, "the history summary of a dataset group is damaged");
  GroupMeta meta;
  if (bytes.empty() || bytes.front() == 0) return broken;  // versions begin at 1
  const auto version = static_cast<uint8_t>(bytes.front());
  if (version != kVersion) {
    return storage::UnsupportedFormatVersion("the history summary of a dataset group", version, kVersion);
  }
  bytes.remove_prefix(1);
  uint64_t next_import = 0, count = 0;
  if (!GetVarint(&bytes, &meta.next.value) || !GetVarint(&bytes, &meta.visible_events) ||
      !GetVarint(&bytes, &meta.users) || !GetVarint(&bytes, &meta.epoch) ||
      !GetVarint(&bytes, &next_import) || next_import > UINT32_MAX || !GetVarint(&bytes, &count) ||
      count > bytes.size()) {
    return broken;
  }
  meta.next_import = static_cast<uint32_t>(next_import);
  meta.imports.resize(count);
  for (Import& import : meta.imports) {
    if (!DecodeImport(&bytes, &import)) return broken;
  }
  if (!bytes.empty()) return broken;
  return meta;
}

}  // namespace trine::history
