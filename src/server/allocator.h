// Allocator: settings of jemalloc, with which the program is linked.
#pragma once

#include <chrono>

namespace trine::server {

// Gives memory back to the operating system this long after it was freed: with --memory-limit the sum of what
// several threads have just freed would otherwise count against the limit, and an idle server would keep it
// for good. A thread of the allocator does it, so that no request waits for it.
// Returns false if the program has another allocator, which stays as it is. Affects the whole process.
bool GiveBackFreedMemory(std::chrono::milliseconds delay);

}  // namespace trine::server
