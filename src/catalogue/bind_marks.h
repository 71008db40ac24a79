// Bind marks: rows of family `meta`. Each identifies a collection in which some records may still lack the
// item id of a new binding (Catalogue::UnfinishedBindings).
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
