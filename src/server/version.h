// What this program is: version, commit, compiler, kernels.
#pragma once

#include "format/json.h"

namespace trine::server {

// Object of texts: version, commit, compiler, kernels.
format::Json Version();

}  // namespace trine::server
