#include "net/memory_queue.h"

#include <algorithm>
#include <new>

#include "base/check.h"

namespace trine::net {

void MemoryQueue::Share::Release() {
  if (MemoryQueue* queue = std::exchange(queue_, nullptr)) queue->Release(bytes_);
}

MemoryQueue::Share& MemoryQueue::Share::operator=(Share&& other) noexcept {
  if (this == &other) return *this;
  Release();
  queue_ = std::exchange(other.queue_, nullptr);
  bytes_ = other.bytes_;
  return *this;
}

// A waiting request and its place refer to each other by `resume`.
MemoryQueue::~MemoryQueue() {
  std::deque<PlacePtr> left;
  {
    const MutexLock lock(mutex_);
    left.swap(waiting_);
  }
  for (const PlacePtr& place : left) place->resume = nullptr;
}

MemoryQueue::Share MemoryQueue::TryReserve(size_t bytes) {
  const MutexLock lock(mutex_);
  if (!waiting_.empty() || !budget_.TryReserve(MemoryUse::kHandling, bytes)) return {};
  return {this, bytes};
}

void MemoryQueue::Join(const PlacePtr& place, std::function<void()> resume) {
  TRINE_CHECK(place != nullptr);
  TRINE_CHECK(resume != nullptr);
  bool reserved = false;          // after the last call of Take
  std::function<void()> earlier;  // destroyed without the lock
  {
    const MutexLock lock(mutex_);
    reserved = !place->share.empty();
    if (!reserved) {
      if (!place->waits) waiting_.push_back(place);
      place->waits = true;
      earlier = std::exchange(place->resume, std::move(resume));
    }
  }
  if (reserved) return resume();
  Grant();
}

MemoryQueue::Share MemoryQueue::Take(const PlacePtr& place) {
  Grant();  // memory that other work has given back
  const MutexLock lock(mutex_);
  return std::move(place->share);
}

MemoryQueue::Share MemoryQueue::Leave(const PlacePtr& place) {
  std::function<void()> resume;  // destroyed without the lock
  Share share;
  {
    const MutexLock lock(mutex_);
    resume = std::exchange(place->resume, nullptr);
    share = std::move(place->share);
    if (std::exchange(place->waits, false)) std::erase(waiting_, place);
  }
  Grant();  // for those behind it, which may need less
  return share;
}

void MemoryQueue::Release(size_t bytes) {
  budget_.Release(MemoryUse::kHandling, bytes);
  Grant();
}

// Reserves memory for the first places in the queue, as long as it fits. A call of `resume` may destroy a
// share and so call Grant again; that call returns at once, because this one looks at the queue again.
void MemoryQueue::Grant() {
  for (bool first = true;; first = false) {
    PlacePtr next;
    std::function<void()> resume;
    {
      const MutexLock lock(mutex_);
      if (first && granting_) return;
      granting_ = !waiting_.empty() && budget_.TryReserve(MemoryUse::kHandling, waiting_.front()->bytes);
      if (!granting_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
      next->waits = false;
      next->share = Share(this, next->bytes);
      resume = std::exchange(next->resume, nullptr);
    }
    try {
      if (resume) resume();
    } catch (const std::bad_alloc&) {
      // The request goes on by itself a little later.
    }
  }
}

}  // namespace trine::net
