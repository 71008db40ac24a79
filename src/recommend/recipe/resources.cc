#include "recommend/recipe/resources.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

using format::Json;
using storage::Durability;
using storage::Family;

constexpr int64_t kRowVersion = 1;
constexpr std::string_view kKeyPrefix = "recommend.";
constexpr std::string_view kCounters = "recommend/counters";  // in Family::kMeta: next order and next group

// These names are part of the stored keys; never rename one.
std::string_view KindName(ResourceKind kind) {
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
    case ResourceKind::kDataDeletionJob:
      return "data_deletion_job";
  }
  return "unknown";
}

constexpr int kFirstKind = 1, kLastKind = 13;

std::optional<ResourceKind> KindNamed(std::string_view name) {
  for (int kind = kFirstKind; kind <= kLastKind; ++kind) {
    if (KindName(static_cast<ResourceKind>(kind)) == name) return static_cast<ResourceKind>(kind);
  }
  return std::nullopt;
}

std::string KeyOf(ResourceKind kind, std::string_view path) {
  return std::string(kKeyPrefix).append(KindName(kind)).append(1, '\0').append(path);
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

// Returns the group number in a row that cannot be decoded; 0 if it has none. Searches the text if it is not
// JSON, because a number that is given again would join the data of two groups.
GroupId FindGroup(std::string_view text, const Json* json) {
  int64_t group = 0;
  if (json != nullptr) {
    return ReadInt(*json, "group", 0, UINT32_MAX - 1, &group) ? GroupId{static_cast<uint32_t>(group)}
                                                              : GroupId{0};
  }
  constexpr std::string_view kMember = "\"group\":";
  const size_t at = text.find(kMember);
  if (at == std::string_view::npos) return GroupId{0};
  const std::string_view rest = text.substr(at + kMember.size());
  const auto number = format::ParseInt(rest.substr(0, rest.find_first_not_of("0123456789")));
  return number && *number > 0 && *number < UINT32_MAX ? GroupId{static_cast<uint32_t>(*number)} : GroupId{0};
}

Error NotFound(ResourceKind kind, std::string_view path) {
  return Error(ErrorCode::kNotFound,
               "there is no " + std::string(KindName(kind)) + " '" + std::string(path) + "'");
}

}  // namespace

std::string ResourceStore::Encode(const StoredResource& stored) {
  const Resource& r = stored.resource;
  Json json;
  json.Set("version", kRowVersion);
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

Result<ResourceStore::StoredResource> ResourceStore::Decode(std::string_view text) {
  const Error broken = Error(ErrorCode::kCorrupt, "cannot decode a stored resource");
  auto json = format::ParseJson(text);
  if (!json.ok()) return broken;
  StoredResource stored;
  Resource& r = stored.resource;
  int64_t version = 0, kind = 0, order = 0, group = 0, state = 0;
  const Json* spec = json->Find("spec");
  if (ReadInt(*json, "version", 0, INT64_MAX, &version) && version != kRowVersion) {
    return Error(ErrorCode::kFormatVersion, "unknown format version of a stored resource")
        .Expected(std::to_string(kRowVersion))
        .Got(std::to_string(version));
  }
  if (version != kRowVersion || !ReadInt(*json, "kind", kFirstKind, kLastKind, &kind) ||
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

std::string ResourceStore::EncodeCounters() const {
  Json json;
  json.Set("next_order", next_order_);
  json.Set("next_group", static_cast<int64_t>(next_group_));
  return format::ToString(json);
}

void ResourceStore::Skip(const std::string& key, std::string_view row, Error why) {
  log_.Error("cannot read the stored resource " + key.substr(kKeyPrefix.size()) +
             "; skipping it: " + why.ToString());
  const size_t end_of_kind = key.find('\0');
  Resource known;
  known.path = end_of_kind == std::string::npos ? key : key.substr(end_of_kind + 1);
  known.name = known.path.substr(known.path.rfind('/') + 1);
  known.state = ResourceState::kFailed;
  known.failure_reason = "the stored definition cannot be read: " + why.message;
  known.spec = Json::Object{};
  const auto json = format::ParseJson(row);
  const bool is_object = json.ok() && json->is_object();
  known.group = FindGroup(row, is_object ? &*json : nullptr);
  if (is_object) {
    ReadText(*json, "name", &known.name);
    ReadText(*json, "parent", &known.parent);
    ReadInt(*json, "created", 0, INT64_MAX, &known.created.value);
    ReadInt(*json, "updated", 0, INT64_MAX, &known.updated.value);
  }
  next_group_ = std::max(next_group_, known.group.value + 1);
  const auto kind = KindNamed(std::string_view(key).substr(0, end_of_kind).substr(kKeyPrefix.size()));
  if (kind) known.kind = *kind;
  if (!kind) return;  // a kind of a later release: nothing can name it
  std::string where = known.path;
  unreadable_.emplace(key, SkippedResource{std::move(why).Where(std::move(where)), std::move(known)});
}

Status ResourceStore::LoadCounters() {
  const auto counters = kv_.Get(Family::kMeta, kCounters);
  // Damaged counters are derived again, from the resources and from the groups that have rows.
  if (!counters.ok() && counters.error().kind() != ErrorKind::kCorrupt) return counters.error();
  if (!counters.ok() || !*counters) return Ok();
  const auto json = format::ParseJson(**counters);
  int64_t order = 0, group = 0;
  if (json.ok() && ReadInt(*json, "next_order", 1, INT64_MAX, &order) &&
      ReadInt(*json, "next_group", 1, UINT32_MAX, &group)) {
    next_order_ = static_cast<uint64_t>(order);
    next_group_ = static_cast<uint32_t>(group);
  } else {
    log_.Error("cannot decode the resource counters; deriving them from the stored resources and rows");
  }
  return Ok();
}

Status ResourceStore::LoadResources() {
  const auto cursor = kv_.Scan(Family::kResources);
  for (cursor->Seek(kKeyPrefix); cursor->Valid() && cursor->key().starts_with(kKeyPrefix); cursor->Next()) {
    auto stored = Decode(cursor->value());
    const std::string key(cursor->key());
    if (stored.ok() && KeyOf(stored->resource.kind, stored->resource.path) != key) {
      stored = Error(ErrorCode::kCorrupt, "the kind and path of the resource do not match its key");
    }
    if (!stored.ok()) {
      Skip(key, cursor->value(), std::move(stored).error());
      continue;
    }
    next_order_ = std::max(next_order_, stored->order + 1);
    next_group_ = std::max(next_group_, stored->resource.group.value + 1);
    ++counts_.at(static_cast<size_t>(stored->resource.kind));
    all_.emplace(key, *std::move(stored));
  }
  return cursor->status();
}

Status ResourceStore::Load() {
  const WriterLock lock(mutex_);
  TRINE_TRY(LoadCounters());
  TRINE_TRY(LoadResources());
  for (const Family family :
       {Family::kInteractions, Family::kUserEvents, Family::kUsers, Family::kEventIds}) {
    const auto rows = kv_.Scan(family);
    rows->SeekBefore(std::string(16, '\xff'));
    storage::KeyReader reader(rows->Valid() ? rows->key() : std::string_view());
    uint32_t group = 0;
    if (reader.U32(&group) && group < UINT32_MAX) next_group_ = std::max(next_group_, group + 1);
  }
  return Ok();
}

Result<Resource> ResourceStore::Create(Resource resource) {
  if (resource.path.empty() || !IsValidUtf8(resource.path)) {
    return Error(ErrorCode::kInvalid, "the path of a resource must be non-empty UTF-8");
  }
  const WriterLock lock(mutex_);
  const std::string key = KeyOf(resource.kind, resource.path);
  if (all_.contains(key)) {
    return Error(ErrorCode::kExists,
                 "there is already a " + std::string(KindName(resource.kind)) + " '" + resource.path + "'");
  }
  if (const auto found = unreadable_.find(key); found != unreadable_.end()) return found->second.why;
  const uint64_t order = next_order_++;
  if (resource.kind == ResourceKind::kDatasetGroup) resource.group = GroupId{next_group_++};
  resource.created = resource.updated = clock_.Now();
  StoredResource stored{std::move(resource), order};
  storage::WriteBatch batch;
  batch.Put(Family::kResources, key, Encode(stored));
  batch.Put(Family::kMeta, std::string(kCounters), EncodeCounters());
  TRINE_TRY(kv_.Write(batch, Durability::kSync));
  const auto [at, inserted] = all_.emplace(key, std::move(stored));
  TRINE_CHECK(inserted);
  ++counts_.at(static_cast<size_t>(at->second.resource.kind));
  return at->second.resource;
}

std::optional<Resource> ResourceStore::Get(ResourceKind kind, std::string_view path) const {
  const ReaderLock lock(mutex_);
  const auto found = all_.find(KeyOf(kind, path));
  if (found == all_.end()) return std::nullopt;
  return found->second.resource;
}

Status ResourceStore::Readable(ResourceKind kind, std::string_view path) const {
  const ReaderLock lock(mutex_);
  const auto found = unreadable_.find(KeyOf(kind, path));
  return found == unreadable_.end() ? Ok() : Status(found->second.why);
}

std::optional<Resource> ResourceStore::Unreadable(ResourceKind kind, std::string_view path) const {
  const ReaderLock lock(mutex_);
  const auto found = unreadable_.find(KeyOf(kind, path));
  if (found == unreadable_.end()) return std::nullopt;
  return found->second.known;
}

std::vector<Resource> ResourceStore::ListUnreadable(ResourceKind kind) const {
  const ReaderLock lock(mutex_);
  std::vector<Resource> list;
  const std::string prefix = KeyOf(kind, "");
  for (auto at = unreadable_.lower_bound(prefix); at != unreadable_.end() && at->first.starts_with(prefix);
       ++at) {
    list.push_back(at->second.known);
  }
  return list;
}

std::vector<Resource> ResourceStore::List(ResourceKind kind, std::string_view parent) const {
  const ReaderLock lock(mutex_);
  std::vector<const StoredResource*> found;
  const std::string prefix = KeyOf(kind, "");
  for (auto at = all_.lower_bound(prefix); at != all_.end() && at->first.starts_with(prefix); ++at) {
    if (parent.empty() || at->second.resource.parent == parent) found.push_back(&at->second);
  }
  std::ranges::sort(found, {}, &StoredResource::order);
  std::vector<Resource> list;
  list.reserve(found.size());
  for (const StoredResource* stored : found) list.push_back(stored->resource);
  return list;
}

Result<Resource> ResourceStore::Update(ResourceKind kind, std::string_view path,
                                       const std::function<Status(Resource&)>& change,
                                       storage::WriteBatch with) {
  const WriterLock lock(mutex_);
  const auto found = all_.find(KeyOf(kind, path));
  if (found == all_.end()) return NotFound(kind, path);
  StoredResource changed = found->second;
  TRINE_TRY(change(changed.resource));
  // The identity and the creation time never change.
  const Resource& before = found->second.resource;
  changed.resource.kind = before.kind;
  changed.resource.path = before.path;
  changed.resource.group = before.group;
  changed.resource.created = before.created;
  changed.resource.updated = clock_.Now();
  // Replaces a row, which is allowed while little space is free: most updates state what became of a job.
  with.Delete(Family::kResources, found->first);
  with.Put(Family::kResources, found->first, Encode(changed));
  TRINE_TRY(kv_.Write(with, Durability::kSync));
  found->second = std::move(changed);
  return found->second.resource;
}

Status ResourceStore::Delete(ResourceKind kind, std::string_view path) {
  const WriterLock lock(mutex_);
  const std::string key = KeyOf(kind, path);
  if (!all_.contains(key) && !unreadable_.contains(key)) return NotFound(kind, path);
  storage::WriteBatch batch;
  batch.Delete(Family::kResources, key);
  // Counters that were derived must not be derived again from fewer resources.
  batch.Put(Family::kMeta, std::string(kCounters), EncodeCounters());
  TRINE_TRY(kv_.Write(batch, Durability::kSync));
  counts_.at(static_cast<size_t>(kind)) -= all_.erase(key);
  unreadable_.erase(key);
  return Ok();
}

std::optional<Resource> ResourceStore::GroupOf(GroupId group) const {
  const ReaderLock lock(mutex_);
  const std::string prefix = KeyOf(ResourceKind::kDatasetGroup, "");
  for (auto at = all_.lower_bound(prefix); at != all_.end() && at->first.starts_with(prefix); ++at) {
    if (at->second.resource.group == group) return at->second.resource;
  }
  return std::nullopt;
}

Result<std::unique_ptr<ResourceStore>> ResourceStore::Open(storage::KeyValue& kv, const Clock& clock,
                                                           Log& log) {
  std::unique_ptr<ResourceStore> store(new ResourceStore(kv, clock, log));
  TRINE_TRY(store->Load());
  return store;
}

}  // namespace trine::recommend
