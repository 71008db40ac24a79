#include "api/opensearch/handlers/scrolls.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

constexpr size_t kMaxOpen = 500;     // OpenSearch's search.max_open_scroll_context
constexpr size_t kLeastInLane = 64;  // fewest hits that a lane reads at once, unless a page has fewer
constexpr std::string_view kHead = "scroll1:";
constexpr size_t kDigits = 32;

// Ids must not be guessable: an id gives access to the results of a search.
std::string NewId() {
  std::random_device device;
  std::string text(kHead);
  for (size_t i = 0; i < kDigits; ++i) text += "0123456789abcdef"[device() & 15];
  return format::Base64(text);
}

}  // namespace

ScrollContext::ScrollContext(std::vector<search::Target> targets, ParsedSearch ask)
    : targets_(std::move(targets)), ask_(std::move(ask)), order_(ask_.request.sort), lanes_(targets_.size()) {
  own_sort_ = !order_.empty();
  if (order_.empty()) {
    order_.emplace_back();
    order_.back().by = search::SortKey::By::kScore;
    order_.back().descending = true;
  }
  if (order_.back().by != search::SortKey::By::kIndexOrder) {
    order_.emplace_back();
    order_.back().by = search::SortKey::By::kIndexOrder;
  }
  TRINE_CHECK_EQ(lanes_.size(), targets_.size());
}

bool ScrollContext::Before(const search::Hit& a, const search::Hit& b) const {
  TRINE_DCHECK_EQ(a.sort.size(), b.sort.size());
  for (size_t i = 0; i < order_.size() && i < a.sort.size() && i < b.sort.size(); ++i) {
    const int order = search::CompareSortValues(a.sort[i], b.sort[i], order_[i].descending);
    if (order != 0) return order < 0;
  }
  return false;
}

Status ScrollContext::Fill(const search::Searcher& searcher, size_t lane_number, const Deadline& deadline) {
  TRINE_DCHECK_LT(lane_number, lanes_.size());
  Lane& lane = lanes_[lane_number];
  if (lane.ended || !lane.hits.empty()) return Ok();
  search::SearchRequest request = ask_.request;
  request.sort = order_;
  request.search_after = lane.after;
  request.from = 0;
  // The more lanes, the less each reads ahead, so that about two pages of hits are in memory.
  request.size = std::min(request.size, std::max(kLeastInLane, 2 * request.size / lanes_.size()));
  TRINE_CHECK_GT(request.size, 0u);  // a lane that reads nothing would never end
  if (!own_sort_) request.track_scores = true;
  if (!lane.after.empty()) request.track_total_hits = 0;
  TRINE_ASSIGN(auto found, searcher.Search({targets_[lane_number]}, request, deadline));
  if (lane.after.empty()) {
    total_ += found.total;
    total_is_lower_bound_ |= found.total_is_lower_bound;
    if (found.max_score) max_score_ = std::max(max_score_.value_or(*found.max_score), *found.max_score);
  }
  TRINE_DCHECK_LE(found.hits.size(), request.size);
  lane.ended = found.hits.size() < request.size;
  for (search::Hit& hit : found.hits) {
    hit.target = lane_number;
    lane.after = hit.sort;
    lane.hits.push_back(std::move(hit));
  }
  return Ok();
}

Result<formation::SearchAnswer> ScrollContext::Next(const search::Searcher& searcher,
                                                    const Deadline& deadline) {
  formation::SearchAnswer answer;
  while (answer.hits.size() < ask_.request.size || first_) {
    size_t best = lanes_.size();
    for (size_t i = 0; i < lanes_.size(); ++i) {
      TRINE_TRY(Fill(searcher, i, deadline));
      if (lanes_[i].hits.empty()) continue;
      if (best == lanes_.size() || Before(lanes_[i].hits.front(), lanes_[best].hits.front())) best = i;
    }
    first_ = false;
    if (best == lanes_.size() || answer.hits.size() >= ask_.request.size) break;
    formation::RankedHit found;
    found.hit = std::move(lanes_[best].hits.front());
    lanes_[best].hits.pop_front();
    found.collection = targets_[best].collection;
    // The last sort key is the position in the index, which the constructor added. The caller sees only the
    // values of the request's own sort keys.
    if (!own_sort_)
      found.hit.sort.clear();
    else
      found.hit.sort.resize(std::min(found.hit.sort.size(), ask_.request.sort.size()));
    answer.hits.push_back(std::move(found));
  }
  answer.total = total_;
  answer.total_is_lower_bound = total_is_lower_bound_;
  answer.max_score = max_score_;
  answer.failures = formation::FailuresOf(targets_);
  return answer;
}

void Scrolls::DropExpired() {
  const int64_t now = clock_.MonotonicNanos();
  std::erase_if(open_, [now](const auto& entry) { return entry.second.expires_nanos <= now; });
}

Result<std::string> Scrolls::Open(std::shared_ptr<ScrollContext> context, const net::Caller& caller,
                                  int64_t keep_alive_ms, size_t body_bytes) {
  TRINE_CHECK(context != nullptr);
  TRINE_CHECK_GT(keep_alive_ms, 0);
  const MutexLock lock(mutex_);
  DropExpired();
  if (open_.size() >= kMaxOpen)
    return Error(ErrorCode::kBusy,
                 "Trying to create too many scroll contexts. Must be less than or equal to: [" +
                     std::to_string(kMaxOpen) + "].");
  size_t bytes = body_bytes;
  for (const auto& [id, entry] : open_) bytes += entry.body_bytes;
  if (bytes > limits::kMaxScrollBytes)
    return Error(ErrorCode::kBusy,
                 "Trying to create too many scroll contexts. The request bodies of open scrolls must take "
                 "less than or equal to: [" +
                     std::to_string(limits::kMaxScrollBytes) + "] bytes, but would take [" +
                     std::to_string(bytes) + "].");
  const std::string id = NewId();
  TRINE_DCHECK(IsId(id));
  TRINE_CHECK(!open_.contains(id));
  open_[id] = {std::move(context), keep_alive_ms, clock_.MonotonicNanos() + keep_alive_ms * 1'000'000,
               body_bytes, caller.name};
  return id;
}

std::shared_ptr<ScrollContext> Scrolls::Get(const std::string& id, const net::Caller& caller,
                                            std::optional<int64_t> keep_alive_ms) {
  const MutexLock lock(mutex_);
  DropExpired();
  const auto it = open_.find(id);
  if (it == open_.end() || it->second.owner != caller.name) return nullptr;
  if (keep_alive_ms) it->second.keep_alive_ms = *keep_alive_ms;
  it->second.expires_nanos = clock_.MonotonicNanos() + it->second.keep_alive_ms * 1'000'000;
  return it->second.context;
}

bool Scrolls::Close(const std::string& id, const net::Caller& caller) {
  const MutexLock lock(mutex_);
  const auto it = open_.find(id);
  if (it == open_.end() || !MayClose(it->second, caller)) return false;
  open_.erase(it);
  return true;
}

size_t Scrolls::CloseAll(const net::Caller& caller) {
  const MutexLock lock(mutex_);
  DropExpired();
  return std::erase_if(open_, [&](const auto& entry) { return MayClose(entry.second, caller); });
}

bool Scrolls::IsId(const std::string& id) {
  const auto text = format::UnBase64(id);
  return text && text->size() == kHead.size() + kDigits && text->rfind(kHead, 0) == 0;
}

}  // namespace trine::api::opensearch
