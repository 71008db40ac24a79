// Allocator: settings of jemalloc, with which the program is linked.
#pragma once

namespace trine::server {

// Gives memory that was freed back to the operating system soon, instead of keeping it for ten seconds: with
// --memory-limit the sum of what several threads have just freed would otherwise count against the limit. A
// thread of the allocator does it, so that no request waits for it. Returns false if the program has another
// allocator, which stays as it is. Affects the whole process.
bool GiveBackFreedMemorySoon();

}  // namespace trine::server
