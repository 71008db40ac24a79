#include "base/thread_pool.h"

#include <pthread.h>

#include <system_error>
#include <utility>

namespace trine {

ThreadPool::ThreadPool(std::string name, size_t threads, size_t queue_limit, ThreadPoolGrowth growth)
    : name_(std::move(name)), queue_limit_(queue_limit), growth_(growth) {
  TRINE_CHECK_GE(threads, 1u);
  const MutexLock lock(mutex_);
  for (size_t i = 0; i < threads; ++i) StartThread(false);
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
    GrowIfBusy();
  }
  ready_.NotifyOne();
  return Ok();
}

void ThreadPool::StartThread(bool is_extra) {
  const auto self = threads_.emplace(threads_.end());
  // The new thread takes the mutex before it touches its element of the list.
  *self = std::thread([this, self, is_extra] { RunWorker(self, is_extra); });
  pthread_setname_np(self->native_handle(), name_.substr(0, 15).c_str());
}

void ThreadPool::GrowIfBusy() {
  TRINE_DCHECK(!stopping_);
  // These threads end as soon as they have released the mutex and do not take it again.
  for (std::thread& t : ended_) t.join();
  ended_.clear();
  if (queue_.size() <= idle_ || threads_.size() >= growth_.max_threads) return;
  try {
    StartThread(true);
  } catch (const std::system_error&) {
    threads_.pop_back();
  }
}

void ThreadPool::Stop() {
  Threads threads;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    threads.splice(threads.end(), threads_);
    threads.splice(threads.end(), ended_);
  }
  ready_.NotifyAll();
  for (std::thread& t : threads) {
    TRINE_CHECK(t.get_id() != std::this_thread::get_id());
    if (t.joinable()) t.join();
  }
}

size_t ThreadPool::threads() const {
  const MutexLock lock(mutex_);
  return threads_.size();
}

size_t ThreadPool::waiting() const {
  const MutexLock lock(mutex_);
  return queue_.size();
}

void ThreadPool::RunWorker(Threads::iterator self, bool is_extra) {
  for (;;) {
    std::function<void()> task;
    {
      const MutexLock lock(mutex_);
      ++idle_;
      bool in_time = true;
      while (!stopping_ && queue_.empty() && in_time) {
        if (is_extra) {
          in_time = ready_.WaitFor(mutex_, growth_.idle);
        } else {
          ready_.Wait(mutex_);
        }
      }
      --idle_;
      if (queue_.empty()) {
        // After Stop has taken the lists, it joins this thread itself.
        if (!stopping_) ended_.splice(ended_.end(), threads_, self);
        return;
      }
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace trine
