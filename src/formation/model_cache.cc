#include "formation/model_cache.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace trine::formation {
namespace {

constexpr size_t kEntryBytes = 256;  // estimate for the nodes of the list and the map, and for short strings

// One text for all parts of a key. The length of each part precedes it, so that no two keys have the same
// text.
std::string TextOf(const ModelCacheKey& key) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  add(std::to_string(key.people.size()));
  for (const std::string& id : key.people) add(id);
  add(std::to_string(key.group.value));
  add(key.model);
  add(key.catalogue);
  add(key.prompt);
  return text;
}

}  // namespace

std::optional<std::string> ModelCache::Find(const ModelCacheKey& key) {
  const std::string text = TextOf(key);
  const MutexLock lock(mutex_);
  const auto found = by_key_.find(text);
  if (found == by_key_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->answer;
}

uint64_t ModelCache::erasures() const {
  const MutexLock lock(mutex_);
  return erasures_;
}

void ModelCache::Insert(const ModelCacheKey& key, std::string answer, uint64_t erasures) {
  Entry entry{TextOf(key), std::move(answer), key.people, key.group};
  entry.bytes = kEntryBytes + entry.key.size() + entry.answer.size();
  for (const std::string& id : entry.people) entry.bytes += sizeof(std::string) + id.size();
  if (entry.bytes > max_bytes_ || max_entries_ == 0) return;
  const MutexLock lock(mutex_);
  if (erasures != erasures_) return;
  if (const auto old = by_key_.find(entry.key); old != by_key_.end()) Remove(old->second);
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
  while (entries_.size() > max_entries_ || bytes_ > max_bytes_) Remove(std::prev(entries_.end()));
  TRINE_DCHECK_EQ(entries_.size(), by_key_.size());
}

void ModelCache::Forget(GroupId group, const std::vector<std::string>& ids) {
  const MutexLock lock(mutex_);
  ++erasures_;
  const auto concerns = [&](const Entry& entry) {
    if (ids.empty()) return entry.group == group;
    return std::any_of(entry.people.begin(), entry.people.end(), [&ids](const std::string& id) {
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    });
  };
  for (auto it = entries_.begin(); it != entries_.end();) it = concerns(*it) ? Remove(it) : std::next(it);
}

ModelCache::Entries::iterator ModelCache::Remove(Entries::iterator entry) {
  TRINE_CHECK_LE(entry->bytes, bytes_);
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  return entries_.erase(entry);
}

size_t ModelCache::entries() const {
  const MutexLock lock(mutex_);
  return entries_.size();
}

size_t ModelCache::bytes() const {
  const MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace trine::formation
