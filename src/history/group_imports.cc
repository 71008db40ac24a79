// Imports: rows that are written under an import number and stay invisible until that import is published.
#include <algorithm>

#include "base/check.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Durability;
using storage::Family;
using storage::WriteBatch;

namespace {

constexpr size_t kRowsPerRemoval = 20'000;  // removals per batch; bounds the memory

}  // namespace

Result<uint32_t> GroupLog::BeginImport() {
  const WriterTurn turn(*this);
  GroupMeta next = *meta();
  Import import;
  TRINE_CHECK_GT(next.next_import, 0u);  // 0 means streamed
  import.number = next.next_import++;
  TRINE_CHECK(next.Find(import.number) == nullptr);
  import.first = import.end = next.next;
  next.imports.push_back(import);
  TRINE_TRY(WriteMeta({}, std::move(next)));
  return import.number;
}

Result<Import> GroupLog::OpenImport(uint32_t number) const {
  GroupMeta now = *meta();
  const Import* import = now.Find(number);
  if (import != nullptr && import->state == ImportState::kOpen) return *import;
  return Error(ErrorCode::kNotFound, "import " + std::to_string(number) + " is not open");
}

Status GroupLog::AppendImported(uint32_t number, std::vector<Event> events) {
  for (const Event& event : events) TRINE_TRY(CheckEvent(event));
  const WriterTurn turn(*this);
  TRINE_TRY(OpenImport(number));
  GroupMeta next = *meta();
  Import& import = *next.Find(number);
  if (import.events == 0) import.first = next.next;
  WriteBatch batch;
  for (Event& event : events) {
    event.seq = next.next;
    event.import = number;
    import.has_sessions = import.has_sessions || !event.session_id.empty();
    ++next.next.value;
    std::string bytes = EncodeEvent(event);
    batch.Put(Family::kUserEvents, keys::UserEvent(group_, event), bytes);
    batch.Put(Family::kInteractions, keys::Interaction(group_, event.seq), std::move(bytes));
  }
  import.events += events.size();
  import.end = next.next;
  TRINE_CHECK_LE(import.first, import.end);
  TRINE_CHECK_LE(import.events, import.end.value - import.first.value);
  return WriteMeta(std::move(batch), std::move(next));
}

Status GroupLog::PublishImport(uint32_t number, ImportKind kind, bool replace, const Commit& commit) {
  TRINE_ASSIGN(const Import open, OpenImport(number));
  if (kind == ImportKind::kEvents && open.has_sessions) TRINE_TRY(JoinImportedSessions(open));
  std::vector<Import> vanishing;
  {
    const WriterTurn turn(*this);
    TRINE_TRY(OpenImport(number));
    GroupMeta next = *meta();
    for (Import& import : next.imports) {
      if (!replace || import.state != ImportState::kPublished || import.kind != kind) continue;
      import.state = ImportState::kVanishing;
      if (kind == ImportKind::kEvents) next.visible_events -= std::min(next.visible_events, import.events);
      vanishing.push_back(import);
    }
    Import& import = *next.Find(number);
    TRINE_CHECK(import.state == ImportState::kOpen);
    import.state = ImportState::kPublished;
    import.kind = kind;
    ++next.epoch;
    if (kind == ImportKind::kEvents) {
      next.visible_events += import.events;
    } else {
      next.users = 0;
      const std::string group = keys::Group(group_);
      const std::unique_ptr<storage::Cursor> cursor = kv_.ScanPrefix(Family::kUsers, group);
      TRINE_TRY(ScanVisibleUsers(*cursor, next, group, [&](const User&) -> Result<bool> {
        ++next.users;
        return true;
      }));
    }
    TRINE_TRY(WriteMeta({}, std::move(next), commit));
  }
  for (const Import& import : vanishing) {
    if (const Status removed = RemoveImport(import); !removed.ok()) {
      // The import is published all the same; to report a failure would make its caller import again.
      RemoveLater(import.number);
      log_.Warning("cannot remove the rows of import " + std::to_string(import.number) + " of group " +
                   std::to_string(group_.value) +
                   ", which has been replaced; they are removed later: " + removed.error().ToString());
    }
  }
  return Ok();
}

Status GroupLog::AbandonImport(uint32_t number) {
  TRINE_TRY(OpenImport(number));
  Status removed = MakeVanish(number);
  if (!removed.ok()) RemoveLater(number);
  return removed;
}

// Removes the rows of an import that nobody continues.
Status GroupLog::MakeVanish(uint32_t number) {
  Import vanishing;
  {
    // The import ceases to be open in this turn, so no thread can add rows to it afterwards.
    const WriterTurn turn(*this);
    GroupMeta next = *meta();
    Import* import = next.Find(number);
    if (import == nullptr || import->state == ImportState::kPublished) return Ok();
    const bool open = import->state == ImportState::kOpen;
    import->state = ImportState::kVanishing;
    vanishing = *import;
    if (open) TRINE_TRY(WriteMeta({}, std::move(next)));
  }
  return RemoveImport(vanishing);
}

void GroupLog::RemoveLater(uint32_t number) {
  const MutexLock lock(failed_mutex_);
  failed_imports_.insert(number);
}

Status GroupLog::RemoveFailedImports() {
  std::set<uint32_t> failed;
  {
    const MutexLock lock(failed_mutex_);
    failed.swap(failed_imports_);
  }
  Status all = Ok();
  for (const uint32_t number : failed) {
    Status removed = MakeVanish(number);
    if (removed.ok()) continue;
    RemoveLater(number);
    all = std::move(removed);
  }
  return all;
}

Status GroupLog::RemoveImport(const Import& import) {
  TRINE_TRY(RemoveRows(import));
  return ForgetImport(import.number);
}

Status GroupLog::ForgetImport(uint32_t number) {
  const WriterTurn turn(*this);
  GroupMeta next = *meta();
  std::erase_if(next.imports, [&](const Import& i) { return i.number == number; });
  return WriteMeta({}, std::move(next));
}

Status GroupLog::RemoveUnpublishedImports() {
  const std::shared_ptr<const GroupMeta> now = meta();
  for (const Import& import : now->imports) {
    if (import.state == ImportState::kPublished) continue;
    log_.Info("removing import " + std::to_string(import.number) + " from group " +
              std::to_string(group_.value) + ": the import was never published, or has been replaced");
    TRINE_TRY(RemoveImport(import));
  }
  return Ok();
}

Status GroupLog::RemoveRows(const Import& import) {
  TRINE_CHECK_NE(import.number, 0u);  // the rows with import number 0 are the streamed ones
  WriteBatch batch;
  size_t rows = 0;
  const auto flush = [&](bool last) -> Status {
    if (rows == 0 || (rows < kRowsPerRemoval && !last)) return Ok();
    batch.Put(Family::kMeta, keys::RemovedMark(group_), "");
    TRINE_TRY(kv_.Write(batch, Durability::kBuffered));
    batch = {};
    rows = 0;
    return Ok();
  };
  std::unique_ptr<storage::Cursor> cursor = kv_.Scan(Family::kInteractions);
  const std::string end = keys::Interaction(group_, import.end);
  for (cursor->Seek(keys::Interaction(group_, import.first)); cursor->Valid() && cursor->key() < end;
       cursor->Next()) {
    auto event = DecodeEvent(cursor->value());
    if (!event.ok() || event->import != import.number) continue;
    storage::KeyReader reader(cursor->key().substr(4));
    if (!reader.U64(&event->seq.value)) continue;
    batch.Delete(Family::kUserEvents, keys::UserEvent(group_, *event));
    batch.Delete(Family::kInteractions, std::string(cursor->key()));
    ++rows;
    TRINE_TRY(flush(false));
  }
  TRINE_TRY(cursor->status());
  cursor = kv_.Scan(Family::kUsers);
  const std::string group = keys::Group(group_);
  for (cursor->Seek(group); cursor->Valid() && cursor->key().starts_with(group); cursor->Next()) {
    storage::KeyReader reader(cursor->key().substr(cursor->key().size() - 4));
    uint32_t number = 0;
    if (!reader.U32(&number) || number != import.number) continue;
    batch.Delete(Family::kUsers, std::string(cursor->key()));
    ++rows;
    TRINE_TRY(flush(false));
  }
  TRINE_TRY(cursor->status());
  return flush(true);
}

}  // namespace trine::history
