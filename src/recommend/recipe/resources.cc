#include "recommend/recipe/resources.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/utf8.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

using format::Json;
using storage::Durability;
using storage::Family;

constexpr std::string_view kKeyPrefix = "recommend.";
constexpr std::string_view kCounters = "recommend/counters";  // in meta: next order, next group

// Words that reach disk; never rename.
std::string_view Word(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kDatasetGroup:
      return "dataset_group";
    case ResourceKind::kSchema:
      return "schema";
    case ResourceKind::kDataset:
      return "dataset";
    case ResourceKind::kImportJob:
      return "import_job";
    case ResourceKind::kExportJob:
      return "export_job";
    case ResourceKind::kEventTracker:
      return "event_tracker";
    case ResourceKind::kSolution:
      return "solution";
    case ResourceKind::kSolutionVersion:
      return "solution_version";
    case ResourceKind::kCampaign:
      return "campaign";
    case ResourceKind::kRecommender:
      return "recommender";
    case ResourceKind::kFilter:
      return "filter";
    case ResourceKind::kBatchInferenceJob:
      return "batch_inference_job";
  }
  return "unknown";
}

struct Stored {
  Resource resource;
  uint64_t order = 0;  // of creation
};

std::string KeyOf(ResourceKind kind, std::string_view path) {
  return std::string(kKeyPrefix).append(Word(kind)).append(1, '\0').append(path);
}

std::string Encode(const Stored& stored) {
  const Resource& r = stored.resource;
  Json json;
  json.Set("version", 1);
  json.Set("kind", static_cast<int>(r.kind));
  json.Set("order", stored.order);
  json.Set("path", r.path);
  json.Set("name", r.name);
  json.Set("region", r.region);
  json.Set("parent", r.parent);
  json.Set("group", static_cast<int64_t>(r.group.value));
  json.Set("state", static_cast<int>(r.state));
  json.Set("failure_reason", r.failure_reason);
  json.Set("created", r.created.value);
  json.Set("updated", r.updated.value);
  json.Set("spec", r.spec);
  return format::ToString(json);
}

bool ReadText(const Json& json, std::string_view name, std::string* out) {
  const Json* value = json.Find(name);
  if (value == nullptr || !value->is_string()) return false;
  *out = value->string();
  return true;
}

bool ReadInt(const Json& json, std::string_view name, int64_t min, int64_t max, int64_t* out) {
  const Json* value = json.Find(name);
  if (value == nullptr || !value->is_int() || value->integer() < min || value->integer() > max) return false;
  *out = value->integer();
  return true;
}

Result<Stored> Decode(std::string_view text) {
  const Error broken = Error(ErrorCode::kCorrupt, "a stored resource cannot be read back");
  auto json = format::ParseJson(text);
  if (!json.ok()) return broken;
  Stored stored;
  Resource& r = stored.resource;
  int64_t version = 0, kind = 0, order = 0, group = 0, state = 0;
  const Json* spec = json->Find("spec");
  if (!ReadInt(*json, "version", 1, 1, &version) || !ReadInt(*json, "kind", 1, 12, &kind) ||
      !ReadInt(*json, "order", 0, INT64_MAX, &order) || !ReadText(*json, "path", &r.path) ||
      !ReadText(*json, "name", &r.name) || !ReadText(*json, "region", &r.region) ||
      !ReadText(*json, "parent", &r.parent) || !ReadInt(*json, "group", 0, UINT32_MAX, &group) ||
      !ReadInt(*json, "state", 1, 7, &state) || !ReadText(*json, "failure_reason", &r.failure_reason) ||
      !ReadInt(*json, "created", INT64_MIN, INT64_MAX, &r.created.value) ||
      !ReadInt(*json, "updated", INT64_MIN, INT64_MAX, &r.updated.value) || spec == nullptr) {
    return broken;
  }
  r.kind = static_cast<ResourceKind>(kind);
  r.group = GroupId{static_cast<uint32_t>(group)};
  r.state = static_cast<ResourceState>(state);
  r.spec = *spec;
  stored.order = static_cast<uint64_t>(order);
  return stored;
}

class StoredResources final : public ResourceStore {
 public:
  StoredResources(storage::KeyValue& kv, const Clock& clock, Log& log) : kv_(kv), clock_(clock), log_(log) {}
  Status Open();

  Result<Resource> Create(Resource resource) override;
  std::optional<Resource> Get(ResourceKind kind, std::string_view path) const override {
    const std::shared_lock lock(mutex_);
    const auto found = all_.find(KeyOf(kind, path));
    if (found == all_.end()) return std::nullopt;
    return found->second.resource;
  }
  std::vector<Resource> List(ResourceKind kind, std::string_view parent) const override;
  Result<Resource> Update(ResourceKind kind, std::string_view path,
                          const std::function<Status(Resource&)>& change) override;
  Status Delete(ResourceKind kind, std::string_view path) override;
  std::optional<Resource> GroupOf(GroupId group) const override;

 private:
  static Error Missing(ResourceKind kind, std::string_view path) {
    return Error(ErrorCode::kNotFound,
                 "there is no " + std::string(Word(kind)) + " '" + std::string(path) + "'");
  }
  std::string Counters() const;

  storage::KeyValue& kv_;
  const Clock& clock_;
  Log& log_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Stored, std::less<>> all_;  // by key
  uint64_t next_order_ = 1;
  uint32_t next_group_ = 1;
};

std::string StoredResources::Counters() const {
  Json json;
  json.Set("next_order", next_order_);
  json.Set("next_group", static_cast<int64_t>(next_group_));
  return format::ToString(json);
}

Status StoredResources::Open() {
  TRINE_ASSIGN(const auto counters, kv_.Get(Family::kMeta, kCounters));
  if (counters) {
    const auto json = format::ParseJson(*counters);
    int64_t order = 0, group = 0;
    if (json.ok() && ReadInt(*json, "next_order", 1, INT64_MAX, &order) &&
        ReadInt(*json, "next_group", 1, UINT32_MAX, &group)) {
      next_order_ = static_cast<uint64_t>(order);
      next_group_ = static_cast<uint32_t>(group);
    } else {
      log_.Error("the counters of resources cannot be read back; counting again from the resources");
    }
  }
  const auto cursor = kv_.Scan(Family::kResources);
  for (cursor->Seek(kKeyPrefix); cursor->Valid() && cursor->key().starts_with(kKeyPrefix); cursor->Next()) {
    auto stored = Decode(cursor->value());
    const std::string key(cursor->key());
    if (!stored.ok() || KeyOf(stored->resource.kind, stored->resource.path) != key) {
      log_.Error("set aside a resource that cannot be read back: " + key.substr(kKeyPrefix.size()));
      continue;
    }
    next_order_ = std::max(next_order_, stored->order + 1);
    next_group_ = std::max(next_group_, stored->resource.group.value + 1);
    all_.emplace(key, *std::move(stored));
  }
  return cursor->status();
}

Result<Resource> StoredResources::Create(Resource resource) {
  if (resource.path.empty() || !IsValidUtf8(resource.path)) {
    return Error(ErrorCode::kInvalid, "a resource needs a path of UTF-8 text");
  }
  const std::unique_lock lock(mutex_);
  const std::string key = KeyOf(resource.kind, resource.path);
  if (all_.contains(key)) {
    return Error(ErrorCode::kExists,
                 "there is already a " + std::string(Word(resource.kind)) + " '" + resource.path + "'");
  }
  const uint64_t order = next_order_++;
  if (resource.kind == ResourceKind::kDatasetGroup) resource.group = GroupId{next_group_++};
  resource.created = resource.updated = clock_.Now();
  Stored stored{std::move(resource), order};
  storage::WriteBatch batch;
  batch.Put(Family::kResources, key, Encode(stored));
  batch.Put(Family::kMeta, std::string(kCounters), Counters());
  TRINE_TRY(kv_.Write(batch, Durability::kSync));
  return all_.emplace(key, std::move(stored)).first->second.resource;
}

std::vector<Resource> StoredResources::List(ResourceKind kind, std::string_view parent) const {
  const std::shared_lock lock(mutex_);
  std::vector<const Stored*> found;
  const std::string prefix = KeyOf(kind, "");
  for (auto at = all_.lower_bound(prefix); at != all_.end() && at->first.starts_with(prefix); ++at) {
    if (parent.empty() || at->second.resource.parent == parent) found.push_back(&at->second);
  }
  std::ranges::sort(found, {}, &Stored::order);
  std::vector<Resource> list;
  list.reserve(found.size());
  for (const Stored* stored : found) list.push_back(stored->resource);
  return list;
}

Result<Resource> StoredResources::Update(ResourceKind kind, std::string_view path,
                                         const std::function<Status(Resource&)>& change) {
  const std::unique_lock lock(mutex_);
  const auto found = all_.find(KeyOf(kind, path));
  if (found == all_.end()) return Missing(kind, path);
  Stored changed = found->second;
  TRINE_TRY(change(changed.resource));
  // What a resource is called and since when does not change.
  const Resource& before = found->second.resource;
  changed.resource.kind = before.kind;
  changed.resource.path = before.path;
  changed.resource.group = before.group;
  changed.resource.created = before.created;
  changed.resource.updated = clock_.Now();
  storage::WriteBatch batch;
  batch.Put(Family::kResources, found->first, Encode(changed));
  TRINE_TRY(kv_.Write(batch, Durability::kSync));
  found->second = std::move(changed);
  return found->second.resource;
}

Status StoredResources::Delete(ResourceKind kind, std::string_view path) {
  const std::unique_lock lock(mutex_);
  const auto found = all_.find(KeyOf(kind, path));
  if (found == all_.end()) return Missing(kind, path);
  storage::WriteBatch batch;
  batch.Delete(Family::kResources, found->first);
  TRINE_TRY(kv_.Write(batch, Durability::kSync));
  all_.erase(found);
  return Ok();
}

std::optional<Resource> StoredResources::GroupOf(GroupId group) const {
  const std::shared_lock lock(mutex_);
  const std::string prefix = KeyOf(ResourceKind::kDatasetGroup, "");
  for (auto at = all_.lower_bound(prefix); at != all_.end() && at->first.starts_with(prefix); ++at) {
    if (at->second.resource.group == group) return at->second.resource;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ResourceStore>> OpenResourceStore(storage::KeyValue& kv, const Clock& clock,
                                                         Log& log) {
  auto store = std::make_unique<StoredResources>(kv, clock, log);
  TRINE_TRY(store->Open());
  return std::unique_ptr<ResourceStore>(std::move(store));
}

}  // namespace trine::recommend
