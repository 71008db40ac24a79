// Log: the interface through which library code reports what an operator should know. Library code never
// prints; `server` implements a Log that writes to stderr, and tests pass one that records the lines.
#pragma once

#include <string_view>

namespace trine {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Thread-safe. Implementations must not throw and must not call back into the engine.
class Log {
 public:
  virtual ~Log() = default;
  virtual void Write(LogLevel level, std::string_view message) = 0;
  void Debug(std::string_view m) { Write(LogLevel::kDebug, m); }
  void Info(std::string_view m) { Write(LogLevel::kInfo, m); }
  void Warning(std::string_view m) { Write(LogLevel::kWarning, m); }
  void Error(std::string_view m) { Write(LogLevel::kError, m); }
};

// Discards everything. For tests and tools. Lives for the whole process.
Log& NullLog();

}  // namespace trine
