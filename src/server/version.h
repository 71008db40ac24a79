// The version of this program. CMake's project(VERSION) is the only place that defines the number.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::server {

// "MAJOR.MINOR.PATCH".
std::string_view VersionNumber();

// Returns an object with the strings "version", "commit" (12 hex digits, or "unknown" outside a git
// checkout), "compiler" and "kernels" ("avx2" if this CPU has AVX2 and FMA, else "x86-64-v2").
format::Json VersionInfo();

}  // namespace trine::server
