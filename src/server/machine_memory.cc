#include "server/machine_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

#include "format/text.h"

namespace trine::server {
namespace {

// The number in a file; SIZE_MAX if there is none ("max", or the file does not exist).
size_t NumberIn(const char* path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  const auto number = format::ParseInt(text);
  return number && *number > 0 ? static_cast<size_t>(*number) : SIZE_MAX;
}

size_t LimitOf(int resource) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return SIZE_MAX;
  return limit.rlim_cur / 2;
}

}  // namespace

size_t MachineMemory() {
  const auto pages = static_cast<size_t>(std::max(sysconf(_SC_PHYS_PAGES), 1L));
  const auto page_bytes = static_cast<size_t>(std::max(sysconf(_SC_PAGESIZE), 1L));
  return std::min({pages * page_bytes, NumberIn("/sys/fs/cgroup/memory.max"),
                   NumberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes"), LimitOf(RLIMIT_AS),
                   LimitOf(RLIMIT_DATA)});
}

}  // namespace trine::server
