#include "index/maintenance.h"

#include <new>
#include <utility>

namespace trine::index {

Maintenance::Maintenance(std::function<void(CollectionIndex&)> maintain)
    : maintain_(std::move(maintain)), thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  ready_.NotifyAll();
  thread_.join();
}

void Maintenance::Schedule(std::weak_ptr<CollectionIndex> index) {
  {
    const MutexLock lock(mutex_);
    for (const auto& other : queue_) {
      if (!other.owner_before(index) && !index.owner_before(other)) return;
    }
    queue_.push_back(std::move(index));
  }
  ready_.NotifyOne();
}

void Maintenance::Run() {
  while (true) {
    std::shared_ptr<CollectionIndex> next;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) ready_.Wait(mutex_);
      if (stopping_) return;
      next = queue_.front().lock();
      queue_.pop_front();
    }
    try {
      if (next != nullptr) maintain_(*next);
    } catch (const std::bad_alloc&) {
      // There was not even memory to report it. The next refresh asks for maintenance again.
    }
    // Here `next` may be the last reference: the index is destroyed without a lock held.
  }
}

}  // namespace trine::index
