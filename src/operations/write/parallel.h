// ParallelFor: applies one function to many elements, on the calling thread and the free threads of a pool.
#pragma once

#include <cstddef>
#include <functional>

#include "base/thread_pool.h"

namespace trine::operations {

// Calls work(i) once for every i in [0, count), in any order, on this thread and on threads of `pool`
// (nullptr: this thread only). A busy pool reduces parallelism but is not an error. Returns when all calls
// have returned. `work` must not throw, and must not wait for another element. Small counts stay on this
// thread.
void ParallelFor(ThreadPool* pool, size_t count, const std::function<void(size_t)>& work);

}  // namespace trine::operations
