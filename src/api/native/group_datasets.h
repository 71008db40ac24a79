// Datasets of groups that imports make: what the control plane lists, exports and imports into.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"
#include "recommend/recipe/resources.h"

namespace trine::api::native {

// Sees to it that a group has a dataset of this type with a schema of the type's own columns and those of
// `rows` (attributes by name, as far as a schema can name them). Only for groups that an import made
// (`by_import`); a schema that was inferred before gains columns and loses none. Items and users without
// any attribute have no dataset yet: a schema needs one column besides the id.
Status EnsureDataset(recommend::ResourceStore& resources, const recommend::Resource& group,
                     history::DatasetType type, const std::vector<const format::Json*>& rows);

}  // namespace trine::api::native
