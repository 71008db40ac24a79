// The version of this program. CMake's project(VERSION) is the only place that defines the number.
#pragma once

#include <string_view>

#include "format/json.h"

namespace trine::server {

// "MAJOR.MINOR.PATCH".
std::string_view VersionNumber();

// An object of texts: "version", "commit" (12 digits, or "unknown" outside a git checkout), "compiler", and
// "kernels", the instruction set that the distance kernels use on this CPU.
format::Json VersionInfo();

}  // namespace trine::server
