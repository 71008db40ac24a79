// Resources: the named objects of the recommendation API (dataset groups, schemas, datasets, jobs,
// solutions, versions, campaigns, recommenders, filters, trackers), their states, and the store that keeps
// them. All kinds have one shape, so that they are stored, listed, changed and deleted the same way.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "format/json.h"
#include "storage/key_value.h"

namespace trine::recommend {

// The numbers are stored; never reuse one.
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
  kDataDeletionJob = 13,  // unknown to 0.1.0, which reports it as unreadable
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
  // Unique within its kind: "shop", for a dataset "shop/INTERACTIONS", for a version "for-you/1f2e3d4c".
  std::string path;
  std::string name;
  std::string region;  // the region of the caller that created it
  std::string parent;  // path of the resource that it belongs to (group, solution, dataset); may be empty
  GroupId group;       // 0 for schemas, which belong to no group
  ResourceState state = ResourceState::kPending;
  std::string failure_reason;
  Millis created, updated;
  format::Json spec;  // object: the kind's own members in snake_case, listed in docs/formats/resources.md
};

// Keeps all resources in memory and in the `resources` family of the key-value store. Owned by the server.
//
// Thread-safe. One lock, `mutex_`, guards everything declared below it. Readers share it; writers hold it
// exclusively while they write the row, so that memory and store change in the same order. The locks inside
// KeyValue are taken after it. The `change` passed to Update runs under `mutex_` and must not call the store.
// A write is durable on return; on an error no resource has changed. Readers get copies.
class ResourceStore {
 public:
  // Reads all resources. A resource that cannot be decoded is skipped and logged as an error; its row is
  // kept. All references must outlive the store. kIo and kCorrupt come from the key-value store.
  static Result<std::unique_ptr<ResourceStore>> Open(storage::KeyValue& kv, const Clock& clock, Log& log);

  // Sets `created` and `updated`, and assigns a dataset group a GroupId that is never reused. Returns
  // kInvalid for a path that is empty or not UTF-8, kExists if the path is taken, and the error that
  // Readable returns for the path, so that an unreadable resource is not overwritten.
  Result<Resource> Create(Resource resource);
  std::optional<Resource> Get(ResourceKind kind, std::string_view path) const;
  // Returns why Open skipped a resource (kCorrupt or kFormatVersion), or Ok if Open did not skip it.
  // Call this before reporting a resource as missing.
  Status Readable(ResourceKind kind, std::string_view path) const;
  // Returns the resources of a kind in creation order; with `parent`, only those that belong to it.
  std::vector<Resource> List(ResourceKind kind, std::string_view parent = {}) const;
  // The number of resources of a kind. Takes no lock, so it does not wait for a write.
  size_t Count(ResourceKind kind) const { return counts_.at(static_cast<size_t>(kind)); }
  // Applies `change` to the stored resource and sets `updated`. Changes to kind, path, group and `created`
  // are ignored. `with` is written in the same atomic batch. Returns kNotFound if there is no such resource;
  // an error from `change` is returned, and nothing changes.
  Result<Resource> Update(ResourceKind kind, std::string_view path,
                          const std::function<Status(Resource&)>& change, storage::WriteBatch with = {});
  // Deletes a resource; one that Open skipped can be deleted too, whatever its row contains. kNotFound if
  // there is no such resource.
  Status Delete(ResourceKind kind, std::string_view path);
  // Return what is known about resources that Open skipped, in the order of their paths: kind, path and name,
  // and, where the row still tells it, the parent, the group (0: unknown) and the times. The state is
  // kFailed, with the error as the reason, and the spec is empty.
  std::vector<Resource> ListUnreadable(ResourceKind kind) const;
  std::optional<Resource> Unreadable(ResourceKind kind, std::string_view path) const;
  // The dataset group with this id.
  std::optional<Resource> GroupOf(GroupId group) const;

 private:
  struct StoredResource {
    Resource resource;
    uint64_t order = 0;  // position in creation order
  };
  ResourceStore(storage::KeyValue& kv, const Clock& clock, Log& log) : kv_(kv), clock_(clock), log_(log) {}
  struct SkippedResource {
    Error why;
    Resource known;
  };
  Status Load();
  Status LoadCounters() TRINE_REQUIRES(mutex_);
  Status LoadResources() TRINE_REQUIRES(mutex_);
  void Skip(const std::string& key, std::string_view row, Error why) TRINE_REQUIRES(mutex_);
  std::string EncodeCounters() const TRINE_REQUIRES_SHARED(mutex_);
  static std::string Encode(const StoredResource& stored);
  static Result<StoredResource> Decode(std::string_view text);

  storage::KeyValue& kv_;
  const Clock& clock_;
  Log& log_;
  mutable SharedMutex mutex_;
  std::map<std::string, StoredResource, std::less<>> all_ TRINE_GUARDED_BY(mutex_);  // by key
  // The resources that Open skipped, by their keys.
  std::map<std::string, SkippedResource, std::less<>> unreadable_ TRINE_GUARDED_BY(mutex_);
  std::array<std::atomic<size_t>, 14> counts_ = {};  // of `all_`, by kind
  uint64_t next_order_ TRINE_GUARDED_BY(mutex_) = 1;
  uint32_t next_group_ TRINE_GUARDED_BY(mutex_) = 1;
};

}  // namespace trine::recommend
