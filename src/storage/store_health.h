// StoreHealth: what is known about a store: whether it accepts writes, and what of its data is damaged or
// missing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/health.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::storage {

// A kind of finding about the data of a store.
enum class Finding : int {
  kDamaged = 0,  // rows or blocks cannot be read, and were skipped
  kMissing = 1,  // writes that were acknowledged are missing
  kUnsure = 2,   // it cannot be told whether acknowledged writes are missing
};
// The beginning of the sentences about such findings in problems().
const char* SentenceOf(Finding finding);

// Owned by its KeyValue, which reports failed and successful writes; every reader of the store reports rows
// that it had to skip. One line is logged for each change and each new finding, not for each request.
// Thread-safe; the only lock is a leaf, and the log is written under it.
class StoreHealth {
 public:
  // At most this many findings are kept by name; further ones are only counted.
  static constexpr size_t kMaxNamed = 100;

  // The log must outlive this object. Without a log, nothing is logged.
  void SetLog(Log* log);

  // Receives each new finding of the kinds kMissing and kUnsure, which a later process could not make again.
  // Called without a lock.
  using Keep = std::function<void(Finding finding, const std::string& what)>;
  void SetKeep(Keep keep);

  // The store cannot make writes durable, for the reason `why`. Only the first call after WritesWork is
  // logged; a later one only replaces the reason if it is again that space is reserved, with another amount.
  void WritesFailed(const Error& why);
  // The store accepts writes again.
  void WritesWork();
  // Ok if the store accepts writes, otherwise the error for a write that is refused: with the code of the
  // reason (such as kIo or kNoSpace), the reason in its message, and the detail "blocked": "free_space" if
  // space is reserved (storage/free_space.h), otherwise "store". The caller may try again later.
  Status Writable() const;

  // Counts a write that was refused, for TakeRefused.
  void CountRefused();
  // Returns how many writes were refused since the last call.
  uint64_t TakeRefused();

  // `what` names what was found in a sentence without a full stop. Returns whether this was not reported
  // before.
  bool Report(Finding finding, const std::string& what);
  bool Damaged(const std::string& what) { return Report(Finding::kDamaged, what); }
  bool Missing(const std::string& what) { return Report(Finding::kMissing, what); }
  // Something that an operator should know and that changes nothing of the level. Logged as a warning.
  void Remark(const std::string& what);

  HealthLevel level() const;
  // One sentence per problem: first why writes are refused, then the named findings, then how many more there
  // are. Empty if the level is kOk.
  std::vector<std::string> problems() const;
  // The number of different findings so far.
  uint64_t findings() const;
  std::vector<std::string> remarks() const;

 private:
  mutable Mutex mutex_;
  Log* log_ TRINE_GUARDED_BY(mutex_) = nullptr;
  std::optional<Error> refused_ TRINE_GUARDED_BY(mutex_);
  std::set<std::string> named_ TRINE_GUARDED_BY(mutex_);
  uint64_t unnamed_ TRINE_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> remarks_ TRINE_GUARDED_BY(mutex_);  // at most kMaxNamed
  uint64_t refused_writes_ TRINE_GUARDED_BY(mutex_) = 0;
  Keep keep_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::storage
