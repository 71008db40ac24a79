// Marks of collections that are dropped while their records are still there, so that a crash in
// between leaves nothing behind. Rows of family `meta`.
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
