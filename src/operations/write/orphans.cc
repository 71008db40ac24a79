#include "operations/write/orphans.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "operations/write/hidden_items.h"

namespace trine::operations {

void DropOrphanedCollections(const catalogue::Catalogue& catalogue, const recommend::ResourceStore& resources,
                             Writer& writer, Log& log) {
  using recommend::ResourceKind;
  // A row that cannot be read was not deleted.
  for (const ResourceKind kind : {ResourceKind::kDatasetGroup, ResourceKind::kDataset}) {
    if (!resources.ListUnreadable(kind).empty()) return;
  }
  const std::vector<recommend::Resource> datasets = resources.List(ResourceKind::kDataset);
  for (const catalogue::CollectionPtr& collection : catalogue.All()) {
    const std::optional<GroupId> group = HiddenGroup(*collection);
    if (!group || resources.GroupOf(*group)) continue;
    if (std::ranges::find(datasets, *group, &recommend::Resource::group) != datasets.end()) continue;
    log.Info("dropping collection \"" + collection->name + "\", because its dataset group was deleted");
    if (const Status dropped = writer.DropCollection(collection->name); !dropped.ok()) {
      log.Warning("cannot drop collection \"" + collection->name + "\": " + dropped.error().ToString());
    }
  }
}

}  // namespace trine::operations
