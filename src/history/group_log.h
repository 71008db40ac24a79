// GroupLog: the event log and the users of one dataset group. History delegates to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "history/event.h"
#include "history/group_meta.h"
#include "history/person_items.h"
#include "storage/key_value.h"

namespace trine::history {

// Owned by History. Its functions have the contracts of the History functions with the same names.
// Thread-safe. One thread at a time has the writer's turn; appends that wait for the turn are written
// together by the next writer, with one fsync for all of them. Readers never wait: they use the newest
// GroupMeta and a cursor of the store. A writer does not hold mutex_ during its turn. mutex_ and meta_mutex_
// are never held together or during a store call. The lock in items_ is a leaf.
class GroupLog {
 public:
  using Publish = std::function<void(const std::vector<Event>&)>;
  using Commit = std::function<Status(storage::WriteBatch)>;
  GroupLog(storage::KeyValue& kv, Log& log, GroupId group, GroupMeta meta);

  // Ensures that `publish` is called with the events that were kept, if any, before Append returns. The
  // thread that has the writer's turn calls its own `publish` for every append that it wrote, in log order,
  // so all callers must pass equivalent functions.
  Result<AppendResult> Append(std::vector<Event> events, const Publish& publish);
  Result<std::vector<Event>> UserEvents(std::string_view user, std::string_view session, size_t limit) const;
  Result<PersonItemsParts> ItemsOf(std::string_view user, std::string_view session,
                                   size_t newest_per_type) const;
  Result<PersonItemsParts> ItemsByColumn(std::string_view user, std::string_view session,
                                         std::string_view column, size_t newest_per_type) const;
  Status ScanPerson(std::string_view user, std::string_view session,
                    const std::function<bool(const Event&)>& visit) const;
  Result<std::optional<std::string>> UserOfSession(std::string_view session) const;
  Result<std::string> UserForRequest(std::string_view user, std::string_view session) const;
  Status Scan(EventSeq from, const std::function<Result<bool>(const Event&)>& visit) const;
  std::shared_ptr<const GroupMeta> meta() const;

  Status PutUsers(const std::vector<User>& users);
  Result<std::optional<User>> GetUser(std::string_view id) const;
  Status ScanUsers(const std::function<Result<bool>(const User&)>& visit) const;

  Result<uint32_t> BeginImport();
  Status AppendImported(uint32_t import, std::vector<Event> events);
  Status PutImportedUsers(uint32_t import, const std::vector<User>& users);
  Status PublishImport(uint32_t import, ImportKind kind, bool replace, const Commit& commit);
  Status AbandonImport(uint32_t import);
  // Removes the rows of imports that are open or vanishing. Must be called only while opening, before any
  // other write.
  Status RemoveUnpublishedImports();
  // Removes the rows of imports whose removal has failed earlier, such as on a full disk.
  Status RemoveFailedImports();

  using EraseCommit = std::function<Status(const Erased&, storage::WriteBatch)>;
  Result<Erased> EraseUsers(std::vector<std::string> ids, const EraseCommit& commit);
  // Continues the erasures of people that a former process began.
  Status FinishErasures();
  Result<bool> IsPurgePending() const;
  Status Purge(const std::stop_token& stop);
  Status EraseAll();

 private:
  struct PendingAppend {
    std::vector<Event> events;
    Result<AppendResult> result = AppendResult{};
    bool done = false;
  };
  // Waits for the writer's turn and holds it until destroyed.
  class WriterTurn {
   public:
    explicit WriterTurn(GroupLog& log);
    ~WriterTurn();
    WriterTurn(const WriterTurn&) = delete;
    WriterTurn& operator=(const WriterTurn&) = delete;

   private:
    GroupLog& log_;
  };

  // Changes of stored rows that assign sessions to users.
  struct SessionMoves {
    storage::WriteBatch batch;
    std::unordered_set<std::string> duplicate_keys;  // of the moved events, under their user
    std::vector<std::string> slices;                 // prefixes of the slices that lose or gain events
    uint64_t dropped = 0;                            // stored events that turn out to be duplicates
    bool dropped_verified = false;                   // whether shared counters contain one of them
    void CountDropped(GroupMeta* next) const;
  };
  Status CommitAppends(const std::vector<PendingAppend*>& calls);
  // Assigns the sessions of events that name a user to that user, and moves the stored anonymous events of
  // such a session to the user. Streamed events (import 0), which are not stored yet, get their user if they
  // are anonymous and their session belongs to one. The rows of an open import are stored already: they are
  // moved like the visible ones.
  Status JoinSessions(const std::vector<Event*>& events, uint32_t import, SessionMoves* moves) const;
  // Moves the anonymous events of a session to a user: all, or only the unverified ones.
  Status MoveSession(const std::string& session, const std::string& user, bool only_unverified,
                     uint32_t import, SessionMoves* moves) const;
  Status DropMovedDuplicates(std::vector<Event>* events, SessionMoves* moves) const;
  // JoinSessions for all rows of an open import.
  Status JoinImportedSessions(const Import& import);
  // A session that a stored row assigns to a user.
  struct OwnedSession {
    std::string session;
    bool unverified = false;  // the row was written by an unverified event
  };
  Result<std::vector<OwnedSession>> SessionsOf(const std::string& user) const;
  // Returns the user in the value of a session's row; nullopt if there is none.
  static std::optional<std::string> OwnerIn(const std::optional<std::string>& value,
                                            std::string_view session);
  std::string DuplicateKey(const Event& event) const;
  std::string OldDuplicateKey(const Event& event) const;                       // that 0.1.0 wrote
  void PutDuplicateKey(const Event& event, storage::WriteBatch* batch) const;  // requires event.seq
  // `fresh` holds the duplicate keys of events that are not stored under them yet.
  Status DropDuplicates(const std::vector<PendingAppend*>& calls,
                        std::unordered_set<std::string> fresh) const;
  // Returns the stored event that is a duplicate of `event`, if the one with this seq is.
  Result<std::optional<Event>> FindStoredDuplicate(const Event& event, std::string_view stored_seq) const;
  // Writes `batch` together with `next` by `commit`, then makes `next` visible to readers. Requires the
  // writer's turn.
  Status WriteMeta(storage::WriteBatch batch, GroupMeta next, const Commit& commit = {});
  // Returns a cursor as KeyValue::ScanPrefix does, and the GroupMeta that determines which of its rows are
  // visible, both from the same epoch.
  std::pair<std::unique_ptr<storage::Cursor>, std::shared_ptr<const GroupMeta>> OpenConsistentCursor(
      storage::Family family, std::string_view prefix) const;
  void LogSkippedEvent(EventSeq seq, const Error& why) const;
  // Visits the visible rows under `prefix`, newest first, until `visit` returns false.
  Status ScanSlice(const std::string& prefix,
                   const std::function<bool(std::string_view key, std::string_view value)>& visit) const;
  // Visits the visible events under `prefix`, newest first, until `visit` returns false. Unreadable events
  // are logged and skipped.
  Status VisitSlice(const std::string& prefix, const std::function<bool(Event)>& visit) const;
  Status ReadSlice(const std::string& prefix, size_t limit, std::vector<Event>* out) const;
  // By the type of the events, or by a column unless its name, in upper case, is empty.
  Result<PersonItems> ReadItems(const std::string& prefix, const std::string& column,
                                size_t newest_per_type) const;
  std::string SliceOf(const Event& event) const;  // the prefix of the slice that contains the event
  // The prefixes of the slices of a person: of the user, of the session, or of both.
  std::vector<std::string> SlicesOf(std::string_view user, std::string_view session) const;
  // Requires a cursor that ScanPrefix has opened for `prefix`.
  Status ScanVisibleUsers(storage::Cursor& cursor, const GroupMeta& meta, std::string_view prefix,
                          const std::function<Result<bool>(const User&)>& visit) const;
  Result<Import> OpenImport(uint32_t number) const;
  Status RemoveRows(const Import& import);
  Status ForgetImport(uint32_t import);
  // Lets the next purge also remove the bytes of imports that were removed, which may contain erased people.
  Status PurgeRemovedRows();
  Status RemoveImport(const Import& import);
  Status MakeVanish(uint32_t number);
  void RemoveLater(uint32_t number);
  class Erasure;  // group_erasure.cc

  storage::KeyValue& kv_;
  Log& log_;
  const GroupId group_;

  mutable Mutex mutex_;
  CondVar turn_free_;  // notified when the writer's turn ends
  bool writing_ TRINE_GUARDED_BY(mutex_) = false;
  std::vector<PendingAppend*> queue_ TRINE_GUARDED_BY(mutex_);

  Mutex failed_mutex_;
  std::set<uint32_t> failed_imports_ TRINE_GUARDED_BY(failed_mutex_);  // their rows are to be removed
  mutable Mutex meta_mutex_;  // held only to copy or replace the pointer
  std::shared_ptr<const GroupMeta> meta_ TRINE_GUARDED_BY(meta_mutex_);

  mutable PersonItemsCache items_;      // by the key prefix of the slice
  std::atomic<uint64_t> erasures_ = 0;  // batches that erased something since the log was opened
};

}  // namespace trine::history
