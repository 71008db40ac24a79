// Hidden items: the collection that keeps the items of a dataset group which is bound to no index.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "catalogue/catalogue.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// Its definition: named by the group's number, fields by dynamic rules, no guessing of dates.
catalogue::NewCollection HiddenCollection(GroupId group);
// The group that a hidden collection was made for.
std::optional<GroupId> HiddenGroup(const catalogue::Collection& collection);
// Numeric attributes that the mapping does not know yet, as doubles: a price that was first written
// as 12 may be 12.5 tomorrow.
catalogue::Mapping NumberFields(const catalogue::Collection& collection, const std::vector<ItemWrite>& items);

}  // namespace trine::operations
