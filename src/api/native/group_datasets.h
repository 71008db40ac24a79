// Datasets for groups that an import creates.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "history/schema.h"
#include "recommend/recipe/resources.h"

namespace trine::api::native {

// Makes sure that a group which an import created has a dataset of this type, so that Personalize's
// operations can describe, export and import into it. `rows` contains objects, and nullptr for rows without
// attributes. The schema has the columns that the type requires, and one column for each attribute in `rows`
// whose name and value are valid in a schema, but at most 90 columns in total. An inferred schema gains
// columns but never loses any. Does nothing for other groups, for a dataset with a schema that a user
// created, and for items and users without any attribute, because a schema needs a column besides the id.
Status EnsureDataset(recommend::ResourceStore& resources, const recommend::Resource& group,
                     history::DatasetType type, const std::vector<const format::Json*>& rows);

}  // namespace trine::api::native
