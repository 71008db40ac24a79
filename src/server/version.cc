#include "server/version.h"

#ifndef TRINE_VERSION
#error "CMakeLists.txt defines TRINE_VERSION for this file, from project(VERSION)"
#endif
#ifndef TRINE_COMMIT
#define TRINE_COMMIT "unknown"
#endif

namespace trine::server {

std::string_view VersionNumber() { return TRINE_VERSION; }

format::Json VersionInfo() {
  format::Json info;
  info.Set("version", VersionNumber());
  info.Set("commit", TRINE_COMMIT);
  info.Set("compiler", "g++ " __VERSION__);
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  info.Set("kernels", avx2 ? "avx2" : "x86-64-v2");
  return info;
}

}  // namespace trine::server
