// Marks: rows of family `meta` that identify collections with unfinished work. A drop mark: the collection
// was dropped and its records are still stored; OpenRecordStore removes what a crash left behind. A bind
// mark: some records may still lack the item id of a new binding (Catalogue::UnfinishedBindings).
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "storage/key_value.h"

namespace trine::catalogue {

inline constexpr std::string_view kDropMarkPrefix = "catalogue/dropped/";
inline constexpr std::string_view kBindMarkPrefix = "catalogue/binding/";

inline std::string MarkOf(std::string_view prefix, CollectionId id) {
  return std::string(prefix) + storage::KeyBuilder().U32(id.value).Take();
}
inline std::string DropMark(CollectionId id) { return MarkOf(kDropMarkPrefix, id); }
inline std::string BindMark(CollectionId id) { return MarkOf(kBindMarkPrefix, id); }

}  // namespace trine::catalogue
