// Bind marks: rows of family `meta` that name collections whose records do not all have the item id of a new
// binding yet (Catalogue::UnfinishedBindings).
#pragma once

#include <string>

#include "base/ids.h"
#include "storage/key_value.h"

namespace trine::catalogue {

inline constexpr char kBindMarkPrefix[] = "catalogue/binding/";

inline std::string BindMark(CollectionId id) {
  return kBindMarkPrefix + storage::KeyBuilder().U32(id.value).Take();
}

}  // namespace trine::catalogue
