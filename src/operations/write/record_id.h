// RecordIds: generates ids for documents that come without one.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace trine::operations {

// Ids of 20 characters (base64url of the time, a number of this process and a counter). They are unique
// across restarts, and ids generated close in time are close in key order. Thread-safe. `clock` must outlive
// it.
class RecordIds {
 public:
  RecordIds(const Clock& clock, uint64_t process) : clock_(clock), process_(process) {}
  std::string Next();

 private:
  const Clock& clock_;
  const uint64_t process_;
  std::atomic<uint32_t> counter_{0};
};

}  // namespace trine::operations
