// Scrolls: searches whose results are read page by page from an unchanging view of the indexes.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/opensearch/json/search_body.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "net/http.h"
#include "search/search.h"

namespace trine::api::opensearch {

// One open scroll. It keeps its targets' readers, so later writes do not change its results. Pages are merged
// from one lane per target. Lanes are read with search_after in a total order (the sort keys, then the
// position in the index), so memory does not grow with the result. Used by one request at a time, which holds
// mutex() while it reads a page.
class ScrollContext {
 public:
  ScrollContext(std::vector<search::Target> targets, ParsedSearch ask);

  // Returns the next page, without records; empty at the end. `total` and `max_score` stay those of the first
  // page.
  Result<formation::SearchAnswer> Next(const search::Searcher& searcher, const Deadline& deadline)
      TRINE_REQUIRES(mutex());
  const ParsedSearch& ask() const { return ask_; }
  size_t target_count() const { return targets_.size(); }
  Mutex& mutex() TRINE_RETURN_CAPABILITY(mutex_) { return mutex_; }

 private:
  struct Lane {
    std::deque<search::Hit> hits;
    std::vector<search::SortValue> after;
    bool ended = false;
  };
  Status Fill(const search::Searcher& searcher, size_t lane, const Deadline& deadline) TRINE_REQUIRES(mutex_);
  // Whether the head of lane `a` comes before that of lane `b`.
  bool Before(const search::Hit& a, const search::Hit& b) const;

  std::vector<search::Target> targets_;
  ParsedSearch ask_;
  std::vector<search::SortKey> order_;  // ends with the position in the index
  bool own_sort_;                       // the request has a sort; hits then show their sort values
  Mutex mutex_;
  std::vector<Lane> lanes_ TRINE_GUARDED_BY(mutex_);
  uint64_t total_ TRINE_GUARDED_BY(mutex_) = 0;
  bool total_is_lower_bound_ TRINE_GUARDED_BY(mutex_) = false;
  std::optional<float> max_score_ TRINE_GUARDED_BY(mutex_);
  bool first_ TRINE_GUARDED_BY(mutex_) = true;
};

// The open scrolls. A scroll lives until it is closed or has not been read for its keep-alive time.
// Thread-safe.
class Scrolls {
 public:
  explicit Scrolls(const Clock& clock) : clock_(clock) {}
  // `body_bytes` is the size of the request body, which the context keeps. kBusy if too many scrolls are
  // open or their bodies together exceed limits::kMaxScrollBytes.
  // A scroll belongs to the credentials that opened it; nobody else can continue it, and only administrators
  // can close the scrolls of others, as in OpenSearch's security plugin.
  Result<std::string> Open(std::shared_ptr<ScrollContext> context, const net::Caller& caller,
                           int64_t keep_alive_ms, size_t body_bytes);
  // Restarts a scroll's keep-alive time; nullopt keeps its former duration. Returns nullptr if the scroll
  // does not exist, has expired or belongs to another caller.
  std::shared_ptr<ScrollContext> Get(const std::string& id, const net::Caller& caller,
                                     std::optional<int64_t> keep_alive_ms);
  // Closes a scroll that the caller may close. Returns false if there is none.
  bool Close(const std::string& id, const net::Caller& caller);
  // Closes every scroll that the caller may close. Returns how many.
  size_t CloseAll(const net::Caller& caller);
  // Whether the text has the form of an id that Open returns.
  static bool IsId(const std::string& id);

 private:
  struct Entry {
    std::shared_ptr<ScrollContext> context;
    int64_t keep_alive_ms = 0, expires_nanos = 0;
    size_t body_bytes = 0;
    std::string owner;  // the name of the credentials; empty without credentials
  };
  static bool MayClose(const Entry& entry, const net::Caller& caller) {
    return caller.role == net::Caller::Role::kAdmin || entry.owner == caller.name;
  }
  void DropExpired() TRINE_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Entry> open_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::api::opensearch
