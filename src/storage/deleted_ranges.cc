#include "storage/deleted_ranges.h"

#include <algorithm>

#include "base/check.h"

namespace trine::storage {
namespace {

constexpr size_t kOwnerBytes = 4;

bool HasOwner(Family family) { return family != Family::kMeta && family != Family::kResources; }

}  // namespace

void DeletedRanges::Note(const WriteBatch& batch) {
  const bool deletes =
      std::ranges::any_of(batch.ops(), [](const auto& op) { return !op.value && HasOwner(op.family); });
  if (!deletes) return;
  const MutexLock lock(mutex_);
  for (const WriteBatch::Op& op : batch.ops()) {
    if (op.value || !HasOwner(op.family) || op.key.size() < kOwnerBytes) continue;
    const bool range = !op.end.empty();
    if (range && op.end <= op.key) continue;
    Add({op.family, op.key, range ? op.end : op.key, 1, range});
  }
}

void DeletedRanges::Add(DeletedRange range) {
  TRINE_DCHECK_LE(range.first, range.last);
  const auto key = std::pair(range.family, range.first.substr(0, kOwnerBytes));
  const auto found = ranges_.find(key);
  if (found == ranges_.end()) {
    if (ranges_.size() < kMaxRanges) ranges_.emplace(key, std::move(range));
    return;
  }
  DeletedRange& known = found->second;
  known.first = std::min(known.first, range.first);
  known.last = std::max(known.last, range.last);
  known.deletes += range.deletes;
  known.whole = known.whole || range.whole;
}

std::vector<DeletedRange> DeletedRanges::Take() {
  std::vector<DeletedRange> taken;
  const MutexLock lock(mutex_);
  for (auto at = ranges_.begin(); at != ranges_.end();) {
    const bool worth = at->second.whole || at->second.deletes >= kManyDeletes;
    if (worth) taken.push_back(std::move(at->second));
    at = worth ? ranges_.erase(at) : std::next(at);
  }
  return taken;
}

void DeletedRanges::PutBack(DeletedRange range) {
  const MutexLock lock(mutex_);
  Add(std::move(range));
}

}  // namespace trine::storage
