#include "base/job_runner.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <new>

namespace trine {
namespace {

// Waits until the token requests a stop.
void WaitForStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
}

TEST(JobRunner, DrainWaitsForAllJobs) {
  std::atomic<int> ran = 0;
  const auto runner = NewThreadJobRunner(2, 100);
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(runner->Start("job" + std::to_string(i), [&](const std::stop_token&) { ++ran; }).ok());
  runner->Drain();
  EXPECT_EQ(ran, 50);
  runner->Drain();
}

TEST(JobRunner, JobsGiveWayToOtherThreads) {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  std::atomic<int> in_job = 0;
  const auto runner = NewThreadJobRunner(1, 4);
  ASSERT_TRUE(
      runner->Start("a", [&](const std::stop_token&) { in_job = ::getpriority(PRIO_PROCESS, 0); }).ok());
  runner->Drain();
  EXPECT_EQ(in_job, std::max(before, kJobNiceness));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), before) << "other threads keep theirs";
}

TEST(JobRunner, AJobWithoutMemoryEndsAlone) {
  const auto runner = NewThreadJobRunner(1, 4);
  ASSERT_TRUE(runner->Start("a", [](const std::stop_token&) { throw std::bad_alloc(); }).ok());
  runner->Drain();
  std::atomic<bool> ran = false;
  ASSERT_TRUE(runner->Start("a", [&](const std::stop_token&) { ran = true; }).ok());
  runner->Drain();
  EXPECT_TRUE(ran);
}

TEST(JobRunner, RejectsANameUntilItsJobHasFinished) {
  std::latch go(1);
  const auto runner = NewThreadJobRunner(1, 4);
  ASSERT_TRUE(runner->Start("a", [&](const std::stop_token&) { go.wait(); }).ok());
  EXPECT_EQ(runner->Start("a", [](const std::stop_token&) {}).error().kind(), ErrorKind::kExists);
  go.count_down();
  runner->Drain();
  EXPECT_TRUE(runner->Start("a", [](const std::stop_token&) {}).ok());
}

TEST(JobRunner, StopsRunningAndQueuedJobs) {
  std::latch started(1);
  std::atomic<bool> waiting_was_told = false;
  const auto runner = NewThreadJobRunner(1, 4);
  ASSERT_TRUE(runner
                  ->Start("running",
                          [&](const std::stop_token& stop) {
                            started.count_down();
                            WaitForStop(stop);
                          })
                  .ok());
  ASSERT_TRUE(
      runner->Start("waiting", [&](const std::stop_token& stop) { waiting_was_told = stop.stop_requested(); })
          .ok());
  started.wait();
  EXPECT_TRUE(runner->Stop("waiting").ok());
  EXPECT_TRUE(runner->Stop("running").ok());
  runner->Drain();
  EXPECT_TRUE(waiting_was_told);
  EXPECT_EQ(runner->Stop("running").error().kind(), ErrorKind::kNotFound);
}

TEST(JobRunner, FullQueueRejectsAJobAndFreesItsName) {
  std::latch started(1), go(1);
  const auto runner = NewThreadJobRunner(1, 1);
  ASSERT_TRUE(runner
                  ->Start("a",
                          [&](const std::stop_token&) {
                            started.count_down();
                            go.wait();
                          })
                  .ok());
  started.wait();
  ASSERT_TRUE(runner->Start("b", [](const std::stop_token&) {}).ok());
  EXPECT_EQ(runner->Start("c", [](const std::stop_token&) {}).error().kind(), ErrorKind::kBusy);
  EXPECT_EQ(runner->Stop("c").error().kind(), ErrorKind::kNotFound);
  go.count_down();
  runner->Drain();
}

TEST(JobRunner, DestructorStopsRunningJobs) {
  std::latch started(1);
  auto runner = NewThreadJobRunner(1, 4);
  ASSERT_TRUE(runner
                  ->Start("forever",
                          [&](const std::stop_token& stop) {
                            started.count_down();
                            WaitForStop(stop);
                          })
                  .ok());
  started.wait();
  runner.reset();  // hangs if the job is not asked to stop
}

}  // namespace
}  // namespace trine
