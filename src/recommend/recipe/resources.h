// Resources: the named things of the recommendation wing (dataset groups, schemas, datasets, jobs,
// solutions, versions, campaigns, recommenders, filters, trackers), their states and where they are
// kept. One shape for all, so that every kind is stored, listed, changed and deleted the same way.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "format/json.h"
#include "storage/key_value.h"

namespace trine::recommend {

// Reaches disk; never reuse a number.
enum class ResourceKind : int {
  kDatasetGroup = 1,
  kSchema = 2,
  kDataset = 3,
  kImportJob = 4,
  kExportJob = 5,
  kEventTracker = 6,
  kSolution = 7,
  kSolutionVersion = 8,
  kCampaign = 9,
  kRecommender = 10,
  kFilter = 11,
  kBatchInferenceJob = 12,
};
enum class ResourceState : int {
  kPending = 1,
  kInProgress = 2,
  kActive = 3,
  kFailed = 4,
  kStopping = 5,
  kStopped = 6,
  kInactive = 7,
};

struct Resource {
  ResourceKind kind = ResourceKind::kDatasetGroup;
  // Unique within its kind: "shop", a dataset "shop/INTERACTIONS", a version "for-you/1f2e3d4c".
  std::string path;
  std::string name;
  std::string region;  // of the caller that created it
  std::string parent;  // path of the thing it hangs on (group, solution, dataset); may be empty
  GroupId group;       // 0: none (schemas)
  ResourceState state = ResourceState::kPending;
  std::string failure_reason;
  Millis created, updated;
  format::Json spec;  // object; the kind's own members, snake_case, listed in docs/formats/resources.md
};

// Thread-safe; durable when a write returns. Readers get copies.
class ResourceStore {
 public:
  virtual ~ResourceStore() = default;
  // Stamps created and updated. kExists when the path is taken. A dataset group is given its GroupId.
  virtual Result<Resource> Create(Resource resource) = 0;
  virtual std::optional<Resource> Get(ResourceKind kind, std::string_view path) const = 0;
  // By kind, in creation order; `parent` empty: all.
  virtual std::vector<Resource> List(ResourceKind kind, std::string_view parent = {}) const = 0;
  // Applies `change` to the stored resource under the lock and stamps updated; kNotFound.
  virtual Result<Resource> Update(ResourceKind kind, std::string_view path,
                                  const std::function<Status(Resource&)>& change) = 0;
  virtual Status Delete(ResourceKind kind, std::string_view path) = 0;
  virtual std::optional<Resource> GroupOf(GroupId group) const = 0;
};
Result<std::unique_ptr<ResourceStore>> OpenResourceStore(storage::KeyValue& kv, const Clock& clock, Log& log);

}  // namespace trine::recommend
