// The program's log: lines on standard error.
#pragma once

#include <memory>

#include "base/log.h"

namespace trine::server {

// Returns a thread-safe log that writes "TIME LEVEL MESSAGE" lines to standard error and drops messages below
// `least`. It removes or replaces control characters and truncates long messages, because messages contain
// names from requests and catalogues, which must not control a terminal or forge a log line.
std::unique_ptr<Log> NewConsoleLog(LogLevel least);

}  // namespace trine::server
