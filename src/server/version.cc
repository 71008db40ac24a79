#include "server/version.h"

#ifndef TRINE_COMMIT
#define TRINE_COMMIT "unknown"
#endif

namespace trine::server {

format::Json Version() {
  format::Json v;
  v.Set("version", "0.1.0");
  v.Set("commit", TRINE_COMMIT);
  v.Set("compiler", "g++ " __VERSION__);
  __builtin_cpu_init();
  v.Set("kernels", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? "avx2" : "x86-64-v2");
  return v;
}

}  // namespace trine::server
