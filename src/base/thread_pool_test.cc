#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

namespace trine {
namespace {

TEST(ThreadPool, DestructorRunsQueuedTasks) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool("test", 3, 1000);
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  }
  EXPECT_EQ(ran, 500);
}

TEST(ThreadPool, UsesAllItsThreads) {
  constexpr int kThreads = 4;
  std::latch together(kThreads);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  {
    ThreadPool pool("test", kThreads, kThreads);
    for (int i = 0; i < kThreads; ++i) {
      ASSERT_TRUE(pool.Submit([&] {
                        {
                          std::lock_guard lock(mutex);
                          ids.insert(std::this_thread::get_id());
                        }
                        together.arrive_and_wait();  // returns only when all four tasks run at once
                      })
                      .ok());
    }
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(kThreads));
}

TEST(ThreadPool, StartsThreadsWhileAllAreBusyUpToItsMaximum) {
  constexpr int kMax = 16;
  std::latch together(kMax), go(1);
  std::atomic<int> ran = 0;
  {
    ThreadPool pool("test", 2, 100, {.max_threads = kMax});
    EXPECT_EQ(pool.threads(), 2u);
    for (int i = 0; i < kMax; ++i) {
      ASSERT_TRUE(pool.Submit([&] {
                        together.arrive_and_wait();  // returns only when all tasks run at once
                        go.wait();
                      })
                      .ok());
    }
    together.wait();
    ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
    EXPECT_EQ(pool.threads(), static_cast<size_t>(kMax));
    EXPECT_EQ(pool.waiting(), 1u);
    EXPECT_EQ(ran, 0);
    go.count_down();
  }
  EXPECT_EQ(ran, 1);
}

TEST(ThreadPool, ExtraThreadsEndWithoutWork) {
  std::latch together(4);
  ThreadPool pool("test", 1, 100, {.max_threads = 4, .idle = std::chrono::milliseconds(0)});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pool.Submit([&] { together.arrive_and_wait(); }).ok());
  together.wait();
  while (pool.threads() > 1) std::this_thread::yield();
  std::latch ran(1);
  ASSERT_TRUE(pool.Submit([&] { ran.count_down(); }).ok());
  ran.wait();  // the remaining thread works
  pool.Stop();
  EXPECT_FALSE(pool.Submit([] {}).ok());
}

TEST(ThreadPool, RejectsTasksWhenTheQueueIsFull) {
  std::latch started(1), go(1);
  std::atomic<int> ran = 0;
  ThreadPool pool("search", 1, 2);
  ASSERT_TRUE(pool.Submit([&] {
                    started.count_down();
                    go.wait();
                  })
                  .ok());
  started.wait();  // the running task is not in the queue
  ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  EXPECT_EQ(pool.waiting(), 2u);
  const Status full = pool.Submit([&] { ran += 100; });
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().kind(), ErrorKind::kBusy);
  EXPECT_EQ(full.error().code, ErrorCode::kQueueFull);
  EXPECT_NE(full.error().message.find("search"), std::string::npos);
  go.count_down();
  pool.Stop();
  EXPECT_EQ(ran, 2);
}

TEST(ThreadPool, RejectsTasksAfterStop) {
  ThreadPool pool("test", 2, 10);
  pool.Stop();
  pool.Stop();
  EXPECT_EQ(pool.Submit([] {}).error().kind(), ErrorKind::kBusy);
}

}  // namespace
}  // namespace trine
