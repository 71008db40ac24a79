// CapturingLog: collects warnings and errors, so that a test can check them.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/log.h"

namespace trine::test {

// Thread-safe.
class CapturingLog final : public Log {
 public:
  void Write(LogLevel level, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    if (level >= LogLevel::kWarning) text_ += std::string(message) + "\n";
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace trine::test
