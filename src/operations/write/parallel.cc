#include "operations/write/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace trine::operations {
namespace {

constexpr size_t kChunk = 32;  // elements taken at a time: less sharing, still even ends

// Shared by the caller and the helpers; a helper that starts late finds nothing left to take.
struct Share {
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
  const auto share = std::make_shared<Share>();
  share->count = count;
  share->work = &work;
  const size_t helpers = std::min(kHelpers, count / kChunk);
  for (size_t i = 0; i < helpers; ++i) {
    if (!pool->Submit([share] { share->Help(); }).ok()) break;
  }
  share->TakeAll();
  std::unique_lock lock(share->mutex);
  share->idle.wait(lock, [&] { return share->running == 0; });
}

}  // namespace trine::operations
