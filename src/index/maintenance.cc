#include "index/maintenance.h"

namespace trine::index {

Maintenance::Maintenance() : thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

void Maintenance::Ask(std::weak_ptr<Maintained> what) {
  {
    std::lock_guard lock(mutex_);
    for (const auto& other : waiting_) {
      if (!other.owner_before(what) && !what.owner_before(other)) return;
    }
    waiting_.push_back(std::move(what));
  }
  ready_.notify_one();
}

void Maintenance::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Maintained> next = waiting_.front().lock();
    waiting_.pop_front();
    if (next == nullptr) continue;
    lock.unlock();
    next->Maintain();
    lock.lock();
  }
}

}  // namespace trine::index
