#include "test/support/failing_allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/check.h"

namespace {

std::atomic<bool> armed{false}, has_failed{false}, for_others{false};
std::atomic<uint64_t> left_to_succeed{0}, left_to_fail{0};
thread_local bool armed_here = false;  // this thread made the object

bool MustFail() {
  if (!armed || for_others == armed_here) return false;
  for (uint64_t left = left_to_succeed; left > 0;) {
    if (left_to_succeed.compare_exchange_weak(left, left - 1)) return false;
  }
  for (uint64_t left = left_to_fail; left > 0;) {
    if (left_to_fail.compare_exchange_weak(left, left - 1)) return has_failed = true;
  }
  return false;
}

void* Allocate(std::size_t bytes) noexcept {
  return MustFail() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}

}  // namespace

namespace trine::test {

FailingAllocations::FailingAllocations(uint64_t succeed, uint64_t fail, Threads threads) {
  TRINE_CHECK(!armed);
  left_to_succeed = succeed;
  left_to_fail = fail;
  for_others = threads == Threads::kOthers;
  has_failed = false;
  armed_here = true;
  armed = true;
}

FailingAllocations::~FailingAllocations() {
  armed = false;
  armed_here = false;
}

bool FailingAllocations::reached() { return has_failed; }

}  // namespace trine::test

void* operator new(std::size_t bytes) {
  if (void* memory = Allocate(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return Allocate(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return Allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
