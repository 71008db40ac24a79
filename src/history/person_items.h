// PersonItems: the items of one person's events, by event type or by the values of another column; and
// PersonItemsCache, which keeps those of people with long histories.
//
// Filters and the exclusion of bought items ask whether a person ever did something to an item, so they need
// the whole history, not only its newest part. The person's slice of the log (family user_events) is the
// index: one scan over neighbouring rows, of which only the item and the type are decoded, about half a
// microsecond per event. A stored index by person and type would add a row to every event that is written and
// would have to be built at the first start for the data of earlier versions; an index in memory would need
// room for all people. Therefore neither exists: each request that asks scans a short history, and only
// histories of at least kLeastEvents events are kept, in bounded memory, after their first scan. The same
// holds for each other column that a filter names, for which the events are decoded in full.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/result.h"
#include "history/event.h"

namespace trine::history {

using ItemIds = std::unordered_set<std::string, StringHash, std::equal_to<>>;

// Plain data; shared instances are immutable.
struct PersonItems {
  // By event type in lower case (ASCII), or by the value of the column as it is stored.
  std::map<std::string, ItemIds, std::less<>> by_value;
  uint64_t events = 0;  // that were added, including those without an item
  uint64_t bytes = 0;   // estimated memory of `by_value`

  void Add(std::string_view value, std::string_view item);
  bool Has(std::string_view value, std::string_view item) const;
};
// The items of one person are those of all parts together.
using PersonItemsParts = std::vector<std::shared_ptr<const PersonItems>>;

// Owned by one GroupLog. Thread-safe; the lock is a leaf and is not held while `build` runs.
//
// The kept items of a person are a list of immutable parts, each larger than the next one, as in a
// log-structured merge tree: an added event becomes a part of its own, which is merged with the parts before
// it that are not larger. An entry is therefore copied a logarithmic number of times, and a request reads the
// parts without a lock.
class PersonItemsCache {
 public:
  static constexpr uint64_t kLeastEvents = 500;     // shorter histories are not kept
  static constexpr uint64_t kMaxBytes = 16u << 20;  // of all kept people; 100,000 items need about 9 MB

  // Returns the kept parts of the slice with this key prefix, by the type of the events or, if `column` is
  // not empty, by this column, whose name is in upper case. If there are none, calls `build`, which must read
  // the slice as it is after the call began, and keeps its result unless an event was added meanwhile.
  Result<PersonItemsParts> Get(const std::string& slice, const std::string& column,
                               const std::function<Result<PersonItems>()>& build);
  // Returns true if no slice is kept or being built, so that durable events need not be added.
  bool idle() const;
  // Adds a durable event. Must be called before the call that appended the event returns.
  void Add(const std::string& slice, const Event& event);
  void Forget(const std::string& slice);  // because rows moved from it or to it
  void Clear();                           // because rows vanished or became visible
  size_t size() const;                    // kept slices, counted for each column

 private:
  // The slice and the column. No slice is a prefix of another one, so those of one slice are adjacent.
  static std::string KeyOf(const std::string& slice, const std::string& column) { return slice + column; }
  struct Kept {
    std::string key;
    PersonItemsParts parts;
    uint64_t bytes = 0;  // of all parts
  };
  struct Builds {
    size_t running = 0;
    bool outdated = false;  // the slice changed since one of them began
  };
  void Keep(const std::string& key, PersonItems items) TRINE_REQUIRES(mutex_);
  void AddTo(const std::string& key, std::string_view value, std::string_view item) TRINE_REQUIRES(mutex_);
  void Drop(std::list<Kept>::iterator kept) TRINE_REQUIRES(mutex_);
  void DropLeastUsed() TRINE_REQUIRES(mutex_);  // until kMaxBytes holds

  mutable Mutex mutex_;
  std::list<Kept> by_use_ TRINE_GUARDED_BY(mutex_);  // the one used last is the first
  std::map<std::string, std::list<Kept>::iterator, std::less<>> by_key_ TRINE_GUARDED_BY(mutex_);
  std::map<std::string, Builds, std::less<>> builds_ TRINE_GUARDED_BY(mutex_);
  uint64_t bytes_ TRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trine::history
