// Orphans: hidden item collections whose dataset group was deleted.
#pragma once

#include "base/log.h"
#include "catalogue/catalogue.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"

namespace trine::operations {

// At start-up: removes those whose dataset group is no more. One whose group cannot be read stays, as long as
// a dataset of the group is known.
void DropOrphanedCollections(const catalogue::Catalogue& catalogue, const recommend::ResourceStore& resources,
                             Writer& writer, Log& log);

}  // namespace trine::operations
