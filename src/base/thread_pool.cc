#include "base/thread_pool.h"

#include <pthread.h>

#include <utility>

namespace trine {

ThreadPool::ThreadPool(std::string name, size_t threads, size_t queue_limit)
    : name_(std::move(name)), queue_limit_(queue_limit) {
  TRINE_CHECK_GE(threads, 1u);
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { RunWorker(); });
    pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
  }
}

ThreadPool::~ThreadPool() { Stop(); }

Status ThreadPool::Submit(std::function<void()> task) {
  TRINE_CHECK(task != nullptr);
  {
    const MutexLock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) {
      return Error(ErrorCode::kQueueFull, "the " + name_ + " queue is full")
          .Expected("fewer than " + std::to_string(queue_limit_) + " waiting requests");
    }
    queue_.push_back(std::move(task));
  }
  ready_.NotifyOne();
  return Ok();
}

void ThreadPool::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  ready_.NotifyAll();
  for (std::thread& t : threads_) {
    TRINE_CHECK(t.get_id() != std::this_thread::get_id());
    if (t.joinable()) t.join();
  }
}

size_t ThreadPool::waiting() const {
  const MutexLock lock(mutex_);
  return queue_.size();
}

void ThreadPool::RunWorker() {
  for (;;) {
    std::function<void()> task;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) ready_.Wait(mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace trine
