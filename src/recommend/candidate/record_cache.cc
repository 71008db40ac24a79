#include "recommend/candidate/record_cache.h"

namespace trine::recommend {

std::shared_ptr<const format::Json> RecordCache::Get(CollectionId collection, uint64_t seq_no) {
  const Key key{collection.value, seq_no};
  {
    const MutexLock lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) return found->second.json;
  }
  const auto record = records_.Get(collection, SeqNo{seq_no});
  if (!record.ok() || !record->has_value()) return nullptr;
  auto parsed = format::ParseJson((*record)->source);
  if (!parsed.ok()) return nullptr;
  auto json = std::make_shared<const format::Json>(*std::move(parsed));
  const MutexLock lock(mutex_);
  if (bytes_ > kMaxSourceBytes) {
    // Filters mostly read the same few thousand items, so clearing the cache costs less than tracking which
    // entries were used last.
    entries_.clear();
    bytes_ = 0;
  }
  if (entries_.try_emplace(key, Entry{json, (*record)->source.size()}).second)
    bytes_ += (*record)->source.size();
  return json;
}

}  // namespace trine::recommend
