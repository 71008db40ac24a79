// Mending the file CURRENT of a store, which names the store's manifest.
#pragma once

#include <string>

#include "base/result.h"

namespace trine::storage {

// If the file CURRENT of the store in folder `path` does not name a manifest, or is missing beside one, makes
// it name the newest one with which the store can be opened, and keeps a damaged file as `CURRENT.broken`.
// Returns the name of that manifest; an empty string if there was nothing to mend. kCorrupt, or kNotFound for
// a missing file, if the store opens with no manifest; then CURRENT is as before. Requires that no process
// has the store open.
Result<std::string> MendCurrent(const std::string& path);

}  // namespace trine::storage
