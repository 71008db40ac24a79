// FailingAllocations: makes operator new throw std::bad_alloc, to test how code behaves without memory.
// Linked into the tests of some floors only (CMakeLists.txt), because it replaces the allocator.
#pragma once

#include <cstdint>

namespace trine::test {

// While it exists, the first `succeed` allocations of some threads succeed, the `fail` after them fail, and
// all later ones succeed again. At most one may exist at a time.
class FailingAllocations {
 public:
  enum class Threads { kThis, kOthers };
  FailingAllocations(uint64_t succeed, uint64_t fail, Threads threads = Threads::kThis);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
  // Whether an allocation has failed.
  static bool reached();
};

}  // namespace trine::test
