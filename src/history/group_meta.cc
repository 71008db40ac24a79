#include "history/group_meta.h"

#include <algorithm>

#include "base/check.h"
#include "base/varint.h"
#include "history/event_codec.h"
#include "storage/format_version.h"

namespace trine::history {
namespace {

constexpr char kVersion = 1;

bool DecodeImport(std::string_view* in, Import* import) {
  uint64_t number = 0, state = 0, kind = 0;
  if (!ConsumeVarint(in, &number) || !ConsumeVarint(in, &state) || !ConsumeVarint(in, &kind) ||
      !ConsumeVarint(in, &import->first.value) || !ConsumeVarint(in, &import->end.value) ||
      !ConsumeVarint(in, &import->events)) {
    return false;
  }
  if (number > UINT32_MAX || state < 1 || state > 3 || kind > 1) return false;
  import->number = static_cast<uint32_t>(number);
  import->state = static_cast<ImportState>(state);
  import->kind = static_cast<ImportKind>(kind);
  return true;
}

}  // namespace

bool GroupMeta::Visible(uint32_t import, ImportKind kind) const {
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
  AppendVarint(next.value, &out);
  AppendVarint(visible_events, &out);
  AppendVarint(users, &out);
  AppendVarint(epoch, &out);
  AppendVarint(next_import, &out);
  AppendVarint(imports.size(), &out);
  for (const Import& i : imports) {
    TRINE_CHECK_LT(i.number, next_import);
    TRINE_CHECK_LE(i.first, i.end);
    AppendVarint(i.number, &out);
    AppendVarint(static_cast<uint64_t>(i.state), &out);
    AppendVarint(static_cast<uint64_t>(i.kind), &out);
    AppendVarint(i.first.value, &out);
    AppendVarint(i.end.value, &out);
    AppendVarint(i.events, &out);
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
  if (!ConsumeVarint(&bytes, &meta.next.value) || !ConsumeVarint(&bytes, &meta.visible_events) ||
      !ConsumeVarint(&bytes, &meta.users) || !ConsumeVarint(&bytes, &meta.epoch) ||
      !ConsumeVarint(&bytes, &next_import) || next_import > UINT32_MAX || !ConsumeVarint(&bytes, &count) ||
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
