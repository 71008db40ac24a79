#include "history/person_items.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/text.h"

namespace trine::history {
namespace {

// Estimated memory besides the text: a node of the set or map, its place in the table, and a string object.
constexpr uint64_t kItemBytes = 72;
constexpr uint64_t kValueBytes = 160;

// Adds the items of `from` to `into`.
void Merge(const PersonItems& from, PersonItems* into) {
  for (const auto& [value, items] : from.by_value) {
    for (const std::string& item : items) into->Add(value, item);
  }
}

}  // namespace

void PersonItems::Add(std::string_view value, std::string_view item) {
  ++events;
  if (item.empty()) return;
  const auto [entry, is_new_value] = by_value.try_emplace(std::string(value));
  if (is_new_value) bytes += kValueBytes + value.size();
  if (entry->second.contains(item)) return;
  entry->second.emplace(item);
  bytes += kItemBytes + item.size();
}

bool PersonItems::Has(std::string_view value, std::string_view item) const {
  const auto found = by_value.find(value);
  return found != by_value.end() && found->second.contains(item);
}

Result<PersonItemsParts> PersonItemsCache::Get(const std::string& slice, const std::string& column,
                                               const std::function<Result<PersonItems>()>& build) {
  const std::string key = KeyOf(slice, column);
  {
    const MutexLock lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second);
      return by_use_.front().parts;
    }
    ++builds_[key].running;
  }
  Result<PersonItems> built = build();
  const MutexLock lock(mutex_);
  const auto mine = builds_.find(key);
  TRINE_CHECK(mine != builds_.end());
  const bool outdated = mine->second.outdated;
  if (--mine->second.running == 0) builds_.erase(mine);
  if (!built.ok()) return built.error();
  const bool keep = !outdated && built->events >= kLeastEvents && built->bytes <= kMaxBytes;
  if (!keep) return PersonItemsParts{std::make_shared<const PersonItems>(*std::move(built))};
  Keep(key, *std::move(built));
  return by_use_.front().parts;
}

void PersonItemsCache::Keep(const std::string& key, PersonItems items) {
  TRINE_CHECK_LE(items.bytes, kMaxBytes);  // or it would be dropped at once
  if (const auto before = by_key_.find(key); before != by_key_.end()) Drop(before->second);
  const uint64_t bytes = items.bytes;
  by_use_.push_front({key, {std::make_shared<const PersonItems>(std::move(items))}, bytes});
  by_key_[key] = by_use_.begin();
  bytes_ += bytes;
  DropLeastUsed();
}

void PersonItemsCache::Drop(std::list<Kept>::iterator kept) {
  TRINE_CHECK_GE(bytes_, kept->bytes);
  bytes_ -= kept->bytes;
  by_key_.erase(kept->key);
  by_use_.erase(kept);
}

void PersonItemsCache::DropLeastUsed() {
  while (bytes_ > kMaxBytes) Drop(std::prev(by_use_.end()));
}

bool PersonItemsCache::idle() const {
  const MutexLock lock(mutex_);
  return by_key_.empty() && builds_.empty();
}

void PersonItemsCache::Add(const std::string& slice, const Event& event) {
  if (event.item_id.empty()) return;
  const MutexLock lock(mutex_);
  AddTo(KeyOf(slice, ""), ToLowerAscii(event.type), event.item_id);
  for (const auto& [name, value] : event.attributes)
    AddTo(KeyOf(slice, ToUpperAscii(name)), value, event.item_id);
}

void PersonItemsCache::AddTo(const std::string& key, std::string_view value, std::string_view item) {
  if (const auto build = builds_.find(key); build != builds_.end()) build->second.outdated = true;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  Kept& kept = *found->second;
  if (std::ranges::any_of(kept.parts, [&](const auto& part) { return part->Has(value, item); })) return;
  // Requests may still read the parts, so merged parts are new objects.
  PersonItems added;
  added.Add(value, item);
  bytes_ -= kept.bytes;
  while (!kept.parts.empty() && kept.parts.back()->bytes <= added.bytes) {
    kept.bytes -= kept.parts.back()->bytes;
    Merge(*kept.parts.back(), &added);
    kept.parts.pop_back();
  }
  kept.bytes += added.bytes;
  bytes_ += kept.bytes;
  kept.parts.push_back(std::make_shared<const PersonItems>(std::move(added)));
  DropLeastUsed();
}

void PersonItemsCache::Forget(const std::string& slice) {
  const MutexLock lock(mutex_);
  for (auto build = builds_.lower_bound(slice); build != builds_.end() && build->first.starts_with(slice);
       ++build) {
    build->second.outdated = true;
  }
  for (auto found = by_key_.lower_bound(slice); found != by_key_.end() && found->first.starts_with(slice);)
    Drop((found++)->second);
}

void PersonItemsCache::Clear() {
  const MutexLock lock(mutex_);
  for (auto& [key, build] : builds_) build.outdated = true;
  by_use_.clear();
  by_key_.clear();
  bytes_ = 0;
}

size_t PersonItemsCache::size() const {
  const MutexLock lock(mutex_);
  return by_use_.size();
}

}  // namespace trine::history
