// Drop marks: rows of family `meta`. Each identifies a dropped collection whose records are still stored.
// OpenRecordStore removes the records that a crash left behind.
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
