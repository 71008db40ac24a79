// The log of the program: lines on standard error.
#pragma once

#include <memory>

#include "base/log.h"

namespace trine::server {

// A thread-safe log that writes "TIME LEVEL MESSAGE" lines to standard error and drops messages below
// `least`. Control characters in messages are replaced and long messages are cut: names from requests and
// catalogues reach the log and must not steer a terminal or forge a line.
std::unique_ptr<Log> NewConsoleLog(LogLevel least);

}  // namespace trine::server
