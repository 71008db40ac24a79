// Orderly shutdown on SIGTERM and SIGINT.
#pragma once

#include <chrono>

namespace trine::server {

// Blocks SIGTERM and SIGINT in the calling thread and in every thread that it starts afterwards, and ignores
// SIGPIPE. Call it before the first thread is started: the signal would kill the process if any thread did
// not block it.
void BlockSignals();

// Waits until the process receives SIGTERM or SIGINT and returns that signal. Requires BlockSignals.
int WaitForSignal();

// Waits at most this long, and returns 0 if no signal was received.
int WaitForSignal(std::chrono::milliseconds most);

}  // namespace trine::server
