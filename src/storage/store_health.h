// StoreHealth: what is known about a store: whether it accepts writes, and what of its data is damaged or
// missing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/health.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trine::storage {

// Owned by its KeyValue, which reports failed and successful writes; every reader of the store reports rows
// that it had to skip. One line is logged for each change and each new finding, not for each request.
// Thread-safe; the only lock is a leaf, and the log is written under it.
class StoreHealth {
 public:
  // At most this many findings are kept by name; further ones are only counted.
  static constexpr size_t kMaxNamed = 100;

  // The log must outlive this object. Without a log, nothing is logged.
  void SetLog(Log* log);

  // The store cannot make writes durable, for the reason `why`. Only the first call after WritesWork is
  // logged.
  void WritesFailed(const Error& why);
  // The store accepts writes again.
  void WritesWork();
  // Ok if the store accepts writes, otherwise the error for a write that is refused: with the code of the
  // reason (such as kIo or kNoSpace), and the reason in its message.
  Status Writable() const;

  // Rows or blocks cannot be read, and were skipped. `what` names them in a sentence without a full stop.
  // Returns whether this was not reported before.
  bool Damaged(const std::string& what);
  // Writes that were acknowledged are missing. As Damaged.
  bool Missing(const std::string& what);

  HealthLevel level() const;
  // One sentence per problem: first why writes are refused, then the named findings, then how many more there
  // are. Empty if the level is kOk.
  std::vector<std::string> problems() const;
  // The number of different findings so far.
  uint64_t findings() const;

 private:
  bool Add(const std::string& what, const char* prefix);

  mutable Mutex mutex_;
  Log* log_ TRINE_GUARDED_BY(mutex_) = nullptr;
  std::optional<Error> refused_ TRINE_GUARDED_BY(mutex_);
  std::set<std::string> named_ TRINE_GUARDED_BY(mutex_);
  uint64_t unnamed_ TRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trine::storage
