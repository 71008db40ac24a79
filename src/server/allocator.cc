#include "server/allocator.h"

#include <sys/types.h>

#include <cstddef>

#include "base/check.h"

// jemalloc's control function (jemalloc(3), mallctl); nullptr in programs that are linked without it, such as
// tests.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old_value, size_t* old_size,
                                             void* new_value, size_t new_size) noexcept;

namespace trine::server {
namespace {

template <typename T>
bool Set(const char* name, T value) {
  return mallctl(name, nullptr, nullptr, &value, sizeof(value)) == 0;
}

}  // namespace

bool GiveBackFreedMemory(std::chrono::milliseconds delay) {
  TRINE_CHECK_GT(delay.count(), 0);
  const auto millis = static_cast<ssize_t>(delay.count());
  if (mallctl == nullptr) return false;
  // The first sets new arenas, the second all existing ones (MALLCTL_ARENAS_ALL).
  const bool set = Set("arenas.dirty_decay_ms", millis) & Set("arena.4096.dirty_decay_ms", millis);
  // May fail where no thread can be made; then the threads that free memory do the work.
  Set("background_thread", true);
  return set;
}

}  // namespace trine::server
