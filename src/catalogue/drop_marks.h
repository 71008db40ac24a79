// Drop marks: rows of family `meta` that name dropped collections whose records are still stored. Opening
// the record store finishes the work that a crash interrupted.
#pragma once

#include <string>

#include "base/ids.h"
#include "storage/key_value.h"

namespace trine::catalogue {

inline constexpr char kDropMarkPrefix[] = "catalogue/dropped/";

inline std::string DropMark(CollectionId id) {
  return kDropMarkPrefix + storage::KeyBuilder().U32(id.value).Take();
}

}  // namespace trine::catalogue
