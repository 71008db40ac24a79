// MemoryQueue: gives requests the memory for handling them, first come, first served. Large bodies that fit
// into memory one after the other, but not together, wait for each other without a thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "base/memory_budget.h"
#include "base/mutex.h"

namespace trine::net {

// Owned by ServerState; outlives its shares and places. Thread-safe. The lock is a leaf: functions that wait
// for memory are called without it. The waiting hold no memory for handling, so those that have it can always
// go on and give it back.
class MemoryQueue {
 public:
  explicit MemoryQueue(MemoryBudget& budget) : budget_(budget) {}
  ~MemoryQueue();
  MemoryQueue(const MemoryQueue&) = delete;
  MemoryQueue& operator=(const MemoryQueue&) = delete;

  // Reserved bytes, which are given back on destruction. Movable. Not thread-safe.
  class Share {
   public:
    Share() = default;
    ~Share() { Release(); }
    Share(Share&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept;
    void Release();
    bool empty() const { return queue_ == nullptr; }

   private:
    friend class MemoryQueue;
    Share(MemoryQueue* queue, size_t bytes) : queue_(queue), bytes_(bytes) {}
    MemoryQueue* queue_ = nullptr;  // nullptr: nothing is reserved
    size_t bytes_ = 0;
  };

  // The place of one request in the queue.
  struct Place {
    explicit Place(size_t b) : bytes(b) {}
    const size_t bytes;

   private:
    friend class MemoryQueue;
    // Guarded by the lock of the queue.
    Share share;                   // what was reserved for it
    bool waits = false;            // it is in the queue
    std::function<void()> resume;  // empty: it was called, or Join was not
  };
  using PlacePtr = std::shared_ptr<Place>;

  // Returns the memory, or an empty share if it does not fit now or others wait for memory.
  Share TryReserve(size_t bytes);
  // Puts the place at the end of the queue, or leaves it where it already waits. Calls `resume` once, on this
  // or another thread, when the memory of the place was reserved; `resume` must be cheap.
  void Join(const PlacePtr& place, std::function<void()> resume);
  // Returns the memory that was reserved for a place; empty if it still waits.
  Share Take(const PlacePtr& place);
  // Removes a place that has waited too long. Returns its memory if it was reserved in this moment.
  Share Leave(const PlacePtr& place);

 private:
  void Release(size_t bytes);
  void Grant();

  MemoryBudget& budget_;
  Mutex mutex_;
  std::deque<PlacePtr> waiting_ TRINE_GUARDED_BY(mutex_);
  bool granting_ TRINE_GUARDED_BY(mutex_) = false;  // a thread runs Grant
};

}  // namespace trine::net
