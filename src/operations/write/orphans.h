// Orphans: hidden item collections whose dataset group was deleted.
#pragma once

#include "base/log.h"
#include "catalogue/catalogue.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"

namespace trine::operations {

// Drops the hidden collections whose dataset group was deleted. Called at start-up. Needed because a crash
// after a group was deleted may leave its hidden collection behind. Does nothing while the record of a group
// or dataset cannot be read.
void DropOrphanedCollections(const catalogue::Catalogue& catalogue, const recommend::ResourceStore& resources,
                             Writer& writer, Log& log);

}  // namespace trine::operations
