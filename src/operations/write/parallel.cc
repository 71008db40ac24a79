#include "operations/write/parallel.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>

#include "base/check.h"
#include "base/mutex.h"

namespace trine::operations {
namespace {

// Elements that a thread takes at a time: few enough to balance the load, many enough to keep contention on
// `next` low.
constexpr size_t kChunk = 32;

// Shared by the caller and the helpers. A helper that starts after all elements were taken does not use
// `work`, which may no longer exist by then. `mutex` is a leaf.
struct SharedLoop {
  std::atomic<size_t> next{0};
  size_t count = 0;
  const std::function<void(size_t)>* work = nullptr;
  Mutex mutex;
  CondVar idle;
  size_t running TRINE_GUARDED_BY(mutex) = 0;  // helpers inside TakeAll

  void TakeAll() {
    for (size_t from = next.fetch_add(kChunk); from < count; from = next.fetch_add(kChunk)) {
      const size_t end = std::min(from + kChunk, count);
      for (size_t i = from; i < end; ++i) (*work)(i);
    }
  }
  void Help() {
    {
      const MutexLock lock(mutex);
      if (next.load() >= count) return;
      ++running;
    }
    TakeAll();
    const MutexLock lock(mutex);
    TRINE_CHECK_GT(running, 0U);
    if (--running == 0) idle.NotifyAll();
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
  try {
    for (size_t i = 0; i < helpers; ++i) {
      if (!pool->Submit([loop] { loop->Help(); }).ok()) break;
    }
  } catch (const std::bad_alloc&) {
    // Fewer helpers. Leaving now would leave them with a function that no longer exists.
  }
  loop->TakeAll();
  const MutexLock lock(loop->mutex);
  while (loop->running != 0) loop->idle.Wait(loop->mutex);
}

}  // namespace trine::operations
