// Scrolls: searches that are read page by page over a view that does not change.
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
#include "search/search.h"

namespace trine::api::opensearch {

// One open scroll. The targets hold their readers, so that what is read stays as it was. Pages are
// merged from one lane per target, each read with search_after over a total order (the sort and then the
// place in the index), so that memory does not grow with the result. Used by one request at a time, which
// holds mutex() while it reads a page.
class ScrollContext {
 public:
  ScrollContext(std::vector<search::Target> targets, ParsedSearch ask);

  // The next page; empty at the end. `total`, `max_score` are of the first page.
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
  std::vector<search::SortKey> order_;  // ends with the place
  bool own_sort_;                       // the caller gave a sort, which hits show
  Mutex mutex_;
  std::vector<Lane> lanes_ TRINE_GUARDED_BY(mutex_);
  uint64_t total_ TRINE_GUARDED_BY(mutex_) = 0;
  bool total_is_lower_bound_ TRINE_GUARDED_BY(mutex_) = false;
  std::optional<float> max_score_ TRINE_GUARDED_BY(mutex_);
  bool first_ TRINE_GUARDED_BY(mutex_) = true;
};

// The open scrolls. A scroll lives until it is closed or was not read for `keep_alive`. Thread-safe.
class Scrolls {
 public:
  explicit Scrolls(const Clock& clock) : clock_(clock) {}
  // `body_bytes` is the size of the request body, which the context keeps. kBusy when too many are open,
  // or when their bodies together pass limits::kMaxScrollBytes.
  Result<std::string> Open(std::shared_ptr<ScrollContext> context, int64_t keep_alive_ms, size_t body_bytes);
  // nullptr when there is no such scroll, or no longer. `keep_alive_ms` restarts the clock from now; nullopt
  // keeps the former duration.
  std::shared_ptr<ScrollContext> Get(const std::string& id, std::optional<int64_t> keep_alive_ms);
  bool Close(const std::string& id);
  size_t CloseAll();
  // Whether the text has the form of an id that Open gives.
  static bool IsId(const std::string& id);

 private:
  struct Entry {
    std::shared_ptr<ScrollContext> context;
    int64_t keep_alive_ms = 0, expires_nanos = 0;
    size_t body_bytes = 0;
  };
  void DropExpired() TRINE_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Entry> open_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::api::opensearch
