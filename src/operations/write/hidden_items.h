// Hidden items: the collection that stores the items of a dataset group that is not bound to an index.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "catalogue/catalogue.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// The definition of a group's hidden collection: named after the number of the group, with dynamic fields and
// without date detection, because attributes already have a type.
catalogue::NewCollection HiddenCollection(GroupId group);
// The group that a hidden collection was made for; nullopt for any other collection.
std::optional<GroupId> HiddenGroup(const catalogue::Collection& collection);
// The numeric attributes of `items` that the mapping lacks, as fields of type double. Needed because dynamic
// mapping would make a price of 12 a long, and the price of the next item may be 12.5.
catalogue::Mapping NumberFields(const catalogue::Collection& collection, const std::vector<ItemWrite>& items);

}  // namespace trine::operations
