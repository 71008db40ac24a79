// The files that a RocksDB store writes beside its data and does without: OPTIONS-<n> and IDENTITY.
#pragma once

#include <string>

#include "base/result.h"
#include "storage/directory.h"

namespace trine::storage {

inline constexpr const char* kOptionsPrefix = "OPTIONS-";
inline constexpr const char* kIdentityFile = "IDENTITY";

// Reads one of these files. kCorrupt if RocksDB cannot have written it. They have no checksum, so a changed
// digit that leaves a valid number is not noticed; the store never uses what they say.
Status CheckSideFile(Directory& folder, const std::string& name);

}  // namespace trine::storage
