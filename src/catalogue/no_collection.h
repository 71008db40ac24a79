// The error for a collection that does not exist.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trine::catalogue {

// kCollectionNotFound, at `name`. Thread-safe.
inline Error NoCollection(std::string_view name) {
  return Error(ErrorCode::kCollectionNotFound, "there is no index with this name").Where(std::string(name));
}

}  // namespace trine::catalogue
