#include "base/mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>
#include <vector>

namespace trine {
namespace {

class Account {
 public:
  void Deposit(int amount) {
    const MutexLock lock(mutex_);
    Add(amount);
  }
  int balance() {
    const MutexLock lock(mutex_);
    return balance_;
  }

 private:
  void Add(int amount) TRINE_REQUIRES(mutex_) { balance_ += amount; }
  Mutex mutex_;
  int balance_ TRINE_GUARDED_BY(mutex_) = 0;
};

TEST(Mutex, PreventsLostUpdates) {
  Account account;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&account] {
      for (int i = 0; i < 10'000; ++i) account.Deposit(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(account.balance(), 40'000);
}

TEST(Mutex, ExcludesOtherThreadsWhileLocked) {
  Mutex mutex;
  const auto is_free = [&mutex] {
    bool free = false;
    std::thread([&]() TRINE_NO_THREAD_SAFETY_ANALYSIS {
      free = mutex.try_lock();
      if (free) mutex.unlock();
    }).join();
    return free;
  };
  {
    const MutexLock lock(mutex);
    EXPECT_FALSE(is_free());
  }
  EXPECT_TRUE(is_free());
}

TEST(SharedMutex, AllowsManyReadersOrOneWriter) {
  SharedMutex mutex;
  const auto may = [&mutex](bool read) {
    bool free = false;
    std::thread([&]() TRINE_NO_THREAD_SAFETY_ANALYSIS {
      free = read ? mutex.try_lock_shared() : mutex.try_lock();
      if (free && read) mutex.unlock_shared();
      if (free && !read) mutex.unlock();
    }).join();
    return free;
  };
  {
    const ReaderLock lock(mutex);
    EXPECT_TRUE(may(true));
    EXPECT_FALSE(may(false));
  }
  {
    const WriterLock lock(mutex);
    EXPECT_FALSE(may(true));
    EXPECT_FALSE(may(false));
  }
  EXPECT_TRUE(may(false));
}

TEST(CondVar, PassesValuesBetweenThreads) {
  Mutex mutex;
  CondVar changed;
  std::deque<int> values;
  std::thread producer([&] {
    for (int i = 1; i <= 100; ++i) {
      const MutexLock lock(mutex);
      values.push_back(i);
      changed.NotifyOne();
    }
  });
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    const MutexLock lock(mutex);
    while (values.empty()) changed.Wait(mutex);
    sum += values.front();
    values.pop_front();
  }
  producer.join();
  EXPECT_EQ(sum, 5050);
}

TEST(CondVar, ReacquiresTheLockAfterATimedWait) {
  Mutex mutex;
  CondVar never;
  const MutexLock lock(mutex);
  while (never.WaitFor(mutex, std::chrono::milliseconds(1))) {
  }
  bool free = true;
  std::thread([&]() TRINE_NO_THREAD_SAFETY_ANALYSIS {
    free = mutex.try_lock();
    if (free) mutex.unlock();
  }).join();
  EXPECT_FALSE(free);
}

TEST(Mutex, WorksWithConditionVariableAny) {
  Mutex mutex;
  std::condition_variable_any changed;
  bool ready = false;
  std::thread other([&] {
    const MutexLock lock(mutex);
    ready = true;
    changed.notify_all();
  });
  {
    const MutexLock lock(mutex);
    while (!ready) changed.wait(mutex);
  }
  other.join();
  EXPECT_TRUE(ready);
}

}  // namespace
}  // namespace trine
