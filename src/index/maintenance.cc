#include "index/maintenance.h"

#include <utility>

namespace trine::index {

Maintenance::Maintenance(std::function<void(CollectionIndex&)> maintain)
    : maintain_(std::move(maintain)), thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

void Maintenance::Schedule(std::weak_ptr<CollectionIndex> index) {
  {
    std::lock_guard lock(mutex_);
    for (const auto& other : queue_) {
      if (!other.owner_before(index) && !index.owner_before(other)) return;
    }
    queue_.push_back(std::move(index));
  }
  ready_.notify_one();
}

void Maintenance::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<CollectionIndex> next = queue_.front().lock();
    queue_.pop_front();
    if (next == nullptr) continue;
    lock.unlock();
    maintain_(*next);
    lock.lock();
  }
}

}  // namespace trine::index
