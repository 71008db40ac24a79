// Parallel: the same work on many elements by the caller and whatever threads of a pool are free.
#pragma once

#include <cstddef>
#include <functional>

#include "base/thread_pool.h"

namespace trine::operations {

// Calls work(i) once for every i in [0, count), in any order, on this thread and on `pool` (nullptr:
// this thread alone). A busy pool only means less help. Returns when all of it is done; `work` must not
// throw. Small counts stay on this thread.
void ParallelFor(ThreadPool* pool, size_t count, const std::function<void(size_t)>& work);

}  // namespace trine::operations
