#include "operations/write/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/check.h"

namespace trine::operations {
namespace {

constexpr size_t kChunk = 32;  // elements taken at a time: few enough to balance, enough to keep `next` cheap

// Shared by the caller and the helpers. A helper that starts after all elements were taken does nothing, so
// `work` may be gone by then. `mutex` is a leaf.
struct SharedLoop {
  std::atomic<size_t> next{0};
  size_t count = 0;
  const std::function<void(size_t)>* work = nullptr;
  std::mutex mutex;
  std::condition_variable idle;
  size_t running = 0;  // helpers inside TakeAll; guarded by mutex

  void TakeAll() {
    for (size_t from = next.fetch_add(kChunk); from < count; from = next.fetch_add(kChunk)) {
      const size_t end = std::min(from + kChunk, count);
      for (size_t i = from; i < end; ++i) (*work)(i);
    }
  }
  void Help() {
    {
      const std::lock_guard lock(mutex);
      if (next.load() >= count) return;
      ++running;
    }
    TakeAll();
    const std::lock_guard lock(mutex);
    TRINE_CHECK_GT(running, 0U);
    if (--running == 0) idle.notify_all();
  }
};

}  // namespace

void ParallelFor(ThreadPool* pool, size_t count, const std::function<void(size_t)>& work) {
  constexpr size_t kHelpers = 8;
  if (pool == nullptr || count <= kChunk) {
    for (size_t i = 0; i < count; ++i) work(i);
    return;
  }
  const auto loop = std::make_shared<SharedLoop>();
  loop->count = count;
  loop->work = &work;
  const size_t helpers = std::min(kHelpers, count / kChunk);
  for (size_t i = 0; i < helpers; ++i) {
    if (!pool->Submit([loop] { loop->Help(); }).ok()) break;
  }
  loop->TakeAll();
  std::unique_lock lock(loop->mutex);
  loop->idle.wait(lock, [&] { return loop->running == 0; });
}

}  // namespace trine::operations
