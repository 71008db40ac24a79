// IdMaker: random identifiers for resources and answers.
#pragma once

#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "base/random.h"

namespace trine::api::personalize {

// Ids are unique in practice. They are not secrets: the generator is not cryptographic. Thread-safe.
class IdMaker {
 public:
  // Seeds from the operating system.
  IdMaker();
  explicit IdMaker(uint64_t seed) : random_(seed) {}

  // A version 4 UUID in lower case: "6f1e2d3c-...", 36 characters.
  std::string Uuid();
  // Eight hexadecimal digits.
  std::string Hex8();

 private:
  Mutex mutex_;
  Random random_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::api::personalize
