#include "operations/write/refresher.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>

namespace trine::operations {

void Refresher::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Refresher::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  Wake();
  thread_.join();
}

void Refresher::Wake() {
  {
    const MutexLock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

// Calls Tick of every writer, sleeps, and repeats. Sleeps until woken if nothing will be due, otherwise for
// kStepNanos at most. The limit is needed because Tick uses the Clock, which tests advance by hand, but the
// wait uses the system clock and would not notice that the Clock was advanced.
void Refresher::Run(const std::stop_token& stop) {
  constexpr int64_t kStepNanos = 20'000'000;
  while (!stop.stop_requested()) {
    std::optional<int64_t> next;
    try {
      for (const std::shared_ptr<CollectionWriter>& writer : writers_()) {
        const std::optional<int64_t> due = writer->Tick(flush_interval_ms_);
        if (due) next = std::min(next.value_or(*due), *due);
      }
    } catch (const std::bad_alloc&) {
      next = kStepNanos;  // there was not even memory to report the failure
    }
    const MutexLock lock(mutex_);
    const auto woken = [this]() TRINE_REQUIRES(mutex_) { return woken_; };
    if (!next) {
      changed_.wait(mutex_, stop, woken);
    } else {
      changed_.wait_for(mutex_, stop, std::chrono::nanoseconds(std::min(*next, kStepNanos)), woken);
    }
    woken_ = false;
  }
}

}  // namespace trine::operations
