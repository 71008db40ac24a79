#include "history/group_log.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/text.h"
#include "history/event_codec.h"
#include "history/keys.h"

namespace trine::history {

using storage::Durability;
using storage::Family;
using storage::WriteBatch;

namespace {

// Whether all members except person, event id and session are equal. The time as sent counts: the arrival
// time, which replaces a time in the future, is different each time that the same event is sent.
bool SameProperties(const Event& a, const Event& b) {
  return a.item_id == b.item_id && EqualsIgnoreCase(a.type, b.type) &&
         a.claimed_time.value_or(a.time) == b.claimed_time.value_or(b.time) && a.value == b.value &&
         a.recommendation_id == b.recommendation_id && a.impression == b.impression &&
         std::ranges::is_permutation(a.attributes, b.attributes);
}

}  // namespace

GroupLog::WriterTurn::WriterTurn(GroupLog& log) : log_(log) {
  const MutexLock lock(log_.mutex_);
  while (log_.writing_) log_.turn_free_.Wait(log_.mutex_);
  TRINE_CHECK(!log_.writing_);
  log_.writing_ = true;
}

GroupLog::WriterTurn::~WriterTurn() {
  const MutexLock lock(log_.mutex_);
  TRINE_CHECK(log_.writing_);
  log_.writing_ = false;
  log_.turn_free_.NotifyAll();
}

GroupLog::GroupLog(storage::KeyValue& kv, Log& log, GroupId group, GroupMeta meta)
    : kv_(kv), log_(log), group_(group), meta_(std::make_shared<const GroupMeta>(std::move(meta))) {}

std::shared_ptr<const GroupMeta> GroupLog::meta() const {
  const MutexLock lock(meta_mutex_);
  return meta_;
}

Status GroupLog::WriteMeta(WriteBatch batch, GroupMeta next, const Commit& commit) {
  // Positions, epochs and import numbers must never decrease, or data derived from them would silently be
  // wrong.
  const std::shared_ptr<const GroupMeta> now = meta();
  TRINE_CHECK_GE(next.next, now->next);
  TRINE_CHECK_GE(next.epoch, now->epoch);
  TRINE_CHECK_GE(next.next_import, now->next_import);
  batch.Put(Family::kMeta, keys::GroupMeta(group_), next.Encode());
  TRINE_TRY(commit ? commit(std::move(batch)) : kv_.Write(batch, Durability::kSync));
  auto shown = std::make_shared<const GroupMeta>(std::move(next));
  const bool changed_past = shown->epoch != now->epoch;
  {
    const MutexLock lock(meta_mutex_);
    meta_ = std::move(shown);
  }
  if (changed_past) items_.Clear();
  return Ok();
}

std::string GroupLog::SliceOf(const Event& event) const {
  return event.user_id.empty() ? keys::UserSlice(group_, keys::SliceOwner::kSession, event.session_id)
                               : keys::UserSlice(group_, keys::SliceOwner::kUser, event.user_id);
}

Result<AppendResult> GroupLog::Append(std::vector<Event> events, const Publish& publish) {
  for (const Event& event : events) TRINE_TRY(CheckEvent(event));
  PendingAppend mine;
  mine.events = std::move(events);
  std::vector<PendingAppend*> calls;
  {
    const MutexLock lock(mutex_);
    queue_.push_back(&mine);
    while (!mine.done && writing_) turn_free_.Wait(mutex_);
    if (mine.done) return std::move(mine.result);
    // This thread writes the events of all waiting calls.
    writing_ = true;
    calls.swap(queue_);
  }
  const Status written = CommitAppends(calls);
  for (PendingAppend* call : calls) {
    if (!written.ok()) {
      call->result = written.error();
    } else if (!call->events.empty()) {
      publish(call->events);
    }
  }
  const MutexLock lock(mutex_);
  for (PendingAppend* call : calls) {
    TRINE_CHECK(!call->done);
    call->done = true;
  }
  TRINE_CHECK(mine.done);  // this thread's call was in the queue that it wrote
  writing_ = false;
  turn_free_.NotifyAll();
  return std::move(mine.result);
}

Status GroupLog::CommitAppends(const std::vector<PendingAppend*>& calls) {
  std::vector<Event*> events;
  for (PendingAppend* call : calls) {
    for (Event& event : call->events) events.push_back(&event);
  }
  SessionMoves moves;
  TRINE_TRY(JoinSessions(events, 0, &moves));
  TRINE_TRY(DropDuplicates(calls, std::move(moves.duplicate_keys)));
  GroupMeta next = *meta();
  moves.CountDropped(&next);
  WriteBatch batch = std::move(moves.batch);
  for (PendingAppend* call : calls) {
    AppendResult appended = *call->result;
    appended.first = next.next;
    for (Event& event : call->events) {
      event.seq = next.next;
      event.import = 0;
      ++next.next.value;
      std::string bytes = EncodeEvent(event);
      batch.Put(Family::kUserEvents, keys::UserEvent(group_, event), bytes);
      batch.Put(Family::kInteractions, keys::Interaction(group_, event.seq), std::move(bytes));
      PutDuplicateKey(event, &batch);
    }
    appended.end = next.next;
    TRINE_CHECK_EQ(appended.end.value - appended.first.value, call->events.size());
    next.visible_events += call->events.size();
    call->result = appended;
  }
  if (batch.empty()) return Ok();
  TRINE_TRY(WriteMeta(std::move(batch), std::move(next)));
  if (items_.idle()) return Ok();
  for (const std::string& slice : moves.slices) items_.Forget(slice);
  for (const PendingAppend* call : calls) {
    for (const Event& event : call->events) items_.Add(SliceOf(event), event);
  }
  return Ok();
}

std::string GroupLog::DuplicateKey(const Event& event) const {
  return event.event_id.empty() ? keys::PropertiesKey(group_, event) : keys::EventIdKey(group_, event);
}

std::string GroupLog::OldDuplicateKey(const Event& event) const {
  return event.event_id.empty() ? keys::OldContentKey(group_, event) : keys::OldEventIdKey(group_, event);
}

void GroupLog::PutDuplicateKey(const Event& event, WriteBatch* batch) const {
  batch->Put(Family::kEventIds, DuplicateKey(event), storage::KeyBuilder().U64(event.seq.value).Take());
}

Result<std::optional<Event>> GroupLog::FindStoredDuplicate(const Event& event,
                                                           std::string_view stored_seq) const {
  std::optional<Event> none;
  uint64_t seq = 0;
  storage::KeyReader reader(stored_seq);
  if (!reader.U64(&seq)) return none;
  auto bytes = kv_.Get(Family::kInteractions, keys::Interaction(group_, EventSeq{seq}));
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::kCorrupt) return none;  // health() names the row
  TRINE_TRY(bytes);
  if (!*bytes) return none;
  auto stored = DecodeEvent(**bytes);
  if (!stored.ok() || stored->unverified != event.unverified) return none;
  // The event was found by a hash, which others may have, too.
  const bool same_person =
      stored->user_id == event.user_id && (!event.user_id.empty() || stored->session_id == event.session_id);
  if (!same_person || stored->event_id != event.event_id) return none;
  if (event.event_id.empty() && !SameProperties(*stored, event)) return none;
  stored->seq = EventSeq{seq};
  return std::optional<Event>(*std::move(stored));
}

void GroupLog::SessionMoves::CountDropped(GroupMeta* next) const {
  next->visible_events -= std::min(next->visible_events, dropped);
  if (dropped_verified) ++next->epoch;
}

Status GroupLog::DropDuplicates(const std::vector<PendingAppend*>& calls,
                                std::unordered_set<std::string> fresh) const {
  std::vector<std::string> lookups;
  for (const PendingAppend* call : calls) {
    for (const Event& event : call->events) {
      lookups.push_back(DuplicateKey(event));
      lookups.push_back(OldDuplicateKey(event));
    }
  }
  if (lookups.empty()) return Ok();
  TRINE_ASSIGN(auto found, kv_.MultiGet(Family::kEventIds, lookups));
  TRINE_CHECK_EQ(found.size(), lookups.size());
  size_t at = 0;
  for (PendingAppend* call : calls) {
    std::vector<Event> kept;
    AppendResult appended;
    for (Event& event : call->events) {
      bool duplicate = fresh.contains(lookups[at]);
      for (size_t k = 0; k < 2 && !duplicate; ++k) {
        if (!found[at + k]) continue;
        TRINE_ASSIGN(const std::optional<Event> stored, FindStoredDuplicate(event, *found[at + k]));
        duplicate = stored.has_value();
      }
      if (duplicate) {
        ++appended.duplicates;
      } else {
        fresh.insert(lookups[at]);
        kept.push_back(std::move(event));
      }
      at += 2;
    }
    call->events = std::move(kept);
    call->result = appended;
  }
  return Ok();
}

// If an import is published or replaced between reading the meta and opening the cursor, only part of its
// rows would be visible. The epoch has then changed, so the function retries.
std::pair<std::unique_ptr<storage::Cursor>, std::shared_ptr<const GroupMeta>> GroupLog::OpenConsistentCursor(
    Family family, std::string_view prefix) const {
  while (true) {
    std::shared_ptr<const GroupMeta> before = meta();
    std::unique_ptr<storage::Cursor> cursor = kv_.ScanPrefix(family, prefix);
    if (meta()->epoch == before->epoch) return {std::move(cursor), std::move(before)};
  }
}

void GroupLog::LogSkippedEvent(EventSeq seq, const Error& why) const {
  kv_.health().Damaged("event " + std::to_string(seq.value) + " of group " + std::to_string(group_.value) +
                       ": " + why.ToString());
}

std::vector<std::string> GroupLog::SlicesOf(std::string_view user, std::string_view session) const {
  std::vector<std::string> slices;
  if (!user.empty()) slices.push_back(keys::UserSlice(group_, keys::SliceOwner::kUser, user));
  if (!session.empty()) slices.push_back(keys::UserSlice(group_, keys::SliceOwner::kSession, session));
  return slices;
}

Status GroupLog::ScanSlice(
    const std::string& prefix,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto [cursor, now] = OpenConsistentCursor(Family::kUserEvents, prefix);
  for (; cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const auto import = DecodeImportNumber(cursor->value());
    if (import.ok() && !now->Visible(*import, ImportKind::kEvents)) continue;
    if (!visit(cursor->key(), cursor->value())) return Ok();
  }
  return cursor->status();
}

Status GroupLog::VisitSlice(const std::string& prefix, const std::function<bool(Event)>& visit) const {
  return ScanSlice(prefix, [&](std::string_view key, std::string_view value) {
    auto event = DecodeEvent(value);
    if (!event.ok()) {
      LogSkippedEvent(keys::SeqOfUserEvent(key), event.error());
      return true;
    }
    event->seq = keys::SeqOfUserEvent(key);
    return visit(*std::move(event));
  });
}

Status GroupLog::ReadSlice(const std::string& prefix, size_t limit, std::vector<Event>* out) const {
  if (limit == 0) return Ok();
  size_t taken = 0;
  return VisitSlice(prefix, [&](Event event) {
    out->push_back(std::move(event));
    return ++taken < limit;
  });
}

Result<std::vector<Event>> GroupLog::UserEvents(std::string_view user, std::string_view session,
                                                size_t limit) const {
  std::vector<Event> events;
  events.reserve(std::min<size_t>(limit, 256));
  for (const std::string& slice : SlicesOf(user, session)) {
    const auto of_others = static_cast<std::ptrdiff_t>(events.size());
    TRINE_TRY(ReadSlice(slice, limit, &events));
    std::inplace_merge(
        events.begin(), events.begin() + of_others, events.end(),
        [](const Event& a, const Event& b) { return a.time != b.time ? a.time > b.time : a.seq > b.seq; });
  }
  if (events.size() > limit) events.resize(limit);
  return events;
}

Status GroupLog::ScanPerson(std::string_view user, std::string_view session,
                            const std::function<bool(const Event&)>& visit) const {
  bool more = true;
  for (const std::string& slice : SlicesOf(user, session)) {
    if (more) TRINE_TRY(VisitSlice(slice, [&](const Event& event) { return more = visit(event); }));
  }
  return Ok();
}

Result<PersonItems> GroupLog::ReadItems(const std::string& prefix, const std::string& column,
                                        size_t newest_per_type) const {
  PersonItems items;
  std::map<std::string, size_t, std::less<>> seen;  // events by type; only if their number is bounded
  const auto counts = [&](std::string_view type) {
    return newest_per_type == 0 || ++seen[ToLowerAscii(type)] <= newest_per_type;
  };
  if (!column.empty()) {
    TRINE_TRY(VisitSlice(prefix, [&](const Event& event) {
      if (!counts(event.type)) return true;
      ++items.events;
      for (const auto& [name, value] : event.attributes) {
        if (!EqualsIgnoreCase(name, column)) continue;
        items.Add(value, event.item_id);
        --items.events;  // the event is counted already
      }
      return true;
    }));
    return items;
  }
  TRINE_TRY(ScanSlice(prefix, [&](std::string_view key, std::string_view value) {
    const auto event = DecodeEventSummary(value);
    if (!event.ok()) {
      LogSkippedEvent(keys::SeqOfUserEvent(key), event.error());
    } else if (counts(event->type)) {
      items.Add(ToLowerAscii(event->type), event->item_id);
    }
    return true;
  }));
  return items;
}

Result<PersonItemsParts> GroupLog::ItemsOf(std::string_view user, std::string_view session,
                                           size_t newest_per_type) const {
  return ItemsByColumn(user, session, "", newest_per_type);
}

Result<PersonItemsParts> GroupLog::ItemsByColumn(std::string_view user, std::string_view session,
                                                 std::string_view column, size_t newest_per_type) const {
  const std::string name = ToUpperAscii(column);
  PersonItemsParts all;
  for (const std::string& slice : SlicesOf(user, session)) {
    if (newest_per_type != 0) {
      TRINE_ASSIGN(PersonItems items, ReadItems(slice, name, newest_per_type));
      all.push_back(std::make_shared<const PersonItems>(std::move(items)));
      continue;
    }
    TRINE_ASSIGN(const PersonItemsParts parts,
                 items_.Get(slice, name, [&] { return ReadItems(slice, name, 0); }));
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return all;
}

Status GroupLog::Scan(EventSeq from, const std::function<Result<bool>(const Event&)>& visit) const {
  const auto [cursor, now] = OpenConsistentCursor(Family::kInteractions, keys::Interaction(group_, from));
  const std::string end = keys::GroupEnd(group_);
  for (; cursor->Valid() && cursor->key() < end; cursor->Next()) {
    storage::KeyReader reader(cursor->key());
    uint32_t group = 0;
    EventSeq seq;
    if (!reader.U32(&group) || !reader.U64(&seq.value)) continue;
    // The cursor may be newer than the meta. Rows past the meta's end are visible to later readers only.
    if (seq >= now->next) break;
    const auto import = DecodeImportNumber(cursor->value());
    if (import.ok() && !now->Visible(*import, ImportKind::kEvents)) continue;
    auto event = DecodeEvent(cursor->value());
    if (!event.ok()) {
      LogSkippedEvent(seq, event.error());
      continue;
    }
    event->seq = seq;
    TRINE_ASSIGN(const bool more, visit(*event));
    if (!more) return Ok();
  }
  return cursor->status();
}

}  // namespace trine::history
