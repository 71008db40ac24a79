#include "catalogue/catalogue.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "catalogue/collection_marks.h"
#include "catalogue/declared_roles.h"
#include "catalogue/definition_codec.h"
#include "catalogue/lost_definitions.h"
#include "catalogue/name_pattern.h"
#include "catalogue/no_collection.h"
#include "catalogue/roles.h"
#include "catalogue/settings_view.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

using storage::Family;

constexpr std::string_view kNextIdKey = "catalogue/next_collection";

// A snapshot of the whole catalogue. Immutable once shared.
struct CatalogueState {
  std::map<std::string, CollectionPtr, std::less<>> by_name;
  std::map<CollectionId, CollectionPtr> by_id;
  std::map<std::string, Binding, std::less<>> bindings;  // by collection
  uint64_t generation = 0;

  void Put(CollectionPtr collection) {
    TRINE_CHECK_GT(collection->id.value, 0u);
    by_id[collection->id] = collection;
    TRINE_DCHECK_GE(by_id.size(), by_name.size());
    by_name[collection->name] = std::move(collection);
  }
  CollectionPtr Get(std::string_view name) const {
    const auto it = by_name.find(name);
    return it == by_name.end() ? nullptr : it->second;
  }
  // Returns the collections that have this alias.
  std::vector<CollectionPtr> WithAlias(std::string_view alias) const {
    std::vector<CollectionPtr> found;
    for (const auto& [name, collection] : by_name) {
      for (const Alias& a : collection->aliases) {
        if (a.name == alias) found.push_back(collection);
      }
    }
    return found;
  }
};
using StatePtr = std::shared_ptr<const CatalogueState>;

// Merges mappings within the limits of the collection's settings.
Result<Mapping> MergeWithin(const Mapping& base, const Mapping& more, const CollectionSettings& settings) {
  TRINE_ASSIGN(Mapping merged, Merge(base, more));
  const size_t most = MappingLimitsOf(settings).fields;
  if (const size_t count = merged.FieldCount(); count > most && count > base.FieldCount()) {
    return Error(ErrorCode::kMappingFieldLimit, "the mapping has too many fields")
        .Expected("at most " + std::to_string(most))
        .Detail("limit", std::to_string(most));
  }
  return merged;
}

// Checks that each alias has at most one write index and does not share its name with a collection.
Status CheckAliases(const CatalogueState& state) {
  std::map<std::string_view, std::string_view> writers;
  for (const auto& [name, collection] : state.by_name) {
    for (const Alias& alias : collection->aliases) {
      TRINE_TRY(CheckAliasName(alias.name));
      if (state.by_name.contains(alias.name)) {
        return Error(ErrorCode::kAliasNameTaken, "an index with the alias's name already exists")
            .Where(alias.name);
      }
      if (alias.is_write && !writers.emplace(alias.name, name).second) {
        return Error(ErrorCode::kManyWriteCollections, "an alias has more than one write index")
            .Where(alias.name)
            .Got(std::string(writers[alias.name]) + "," + name);
      }
    }
  }
  return Ok();
}

class EmbeddedCatalogue final : public Catalogue {
 public:
  EmbeddedCatalogue(storage::KeyValue& kv, const Clock& clock, Log& log)
      : kv_(kv), clock_(clock), log_(log), state_(std::make_shared<CatalogueState>()) {}

  Status Load();

  Result<CollectionPtr> Create(NewCollection spec) override;
  Status Drop(const std::string& name) override;
  CollectionPtr Get(std::string_view name) const override { return state()->Get(name); }
  CollectionPtr Get(CollectionId id) const override {
    const StatePtr now = state();
    const auto it = now->by_id.find(id);
    return it == now->by_id.end() ? nullptr : it->second;
  }
  Result<CollectionPtr> ResolveOne(std::string_view name) const override;
  Result<std::vector<CollectionPtr>> Resolve(std::string_view expression,
                                             bool ignore_unavailable) const override;
  std::vector<CollectionPtr> All() const override {
    std::vector<CollectionPtr> all;
    const StatePtr now = state();  // keeps the state alive while the loop reads it
    for (const auto& [name, collection] : now->by_name) all.push_back(collection);
    return all;
  }
  CollectionId NextId() const override {
    const MutexLock lock(write_mutex_);
    return CollectionId{next_id_};
  }
  Result<CollectionPtr> AddFields(std::string_view name, const Mapping& more) override;
  Result<CollectionPtr> PutSettings(std::string_view name, CollectionSettings settings) override;
  Status ChangeAliases(const std::vector<AliasChange>& changes,
                       const std::vector<std::string>& drops) override;
  Status PutBinding(Binding binding, const RoleDeclarations* declared) override;
  Result<std::vector<CollectionPtr>> UnfinishedBindings() const override;
  Status FinishBinding(CollectionId id) override;
  Status DropBinding(std::string_view collection) override;
  std::optional<Binding> BindingOf(std::string_view collection) const override {
    const StatePtr now = state();
    const auto it = now->bindings.find(collection);
    return it == now->bindings.end() ? std::nullopt : std::optional<Binding>(it->second);
  }
  std::optional<Binding> BindingOf(GroupId group) const override {
    for (const StatePtr now = state(); const auto& [name, binding] : now->bindings) {
      if (binding.group == group) return binding;
    }
    return std::nullopt;
  }
  uint64_t generation() const override { return state()->generation; }

 private:
  StatePtr state() const {
    const MutexLock lock(state_mutex_);
    return state_;
  }
  // Writes the batch, then makes `next` visible.
  Status Publish(const storage::WriteBatch& batch, std::shared_ptr<CatalogueState> next)
      TRINE_REQUIRES(write_mutex_) {
    TRINE_CHECK_EQ(next->by_id.size(), next->by_name.size());
    TRINE_CHECK_LE(next->bindings.size(), next->by_name.size());
    TRINE_CHECK_EQ(next->generation, state()->generation);  // made from the newest state
    TRINE_TRY(kv_.Write(batch, storage::Durability::kSync));
    ++next->generation;
    const MutexLock lock(state_mutex_);
    state_ = std::move(next);
    return Ok();
  }
  Result<CollectionPtr> Replace(Collection changed) TRINE_REQUIRES(write_mutex_);
  // Removes a collection, its binding and its declared roles from the state and, by the batch, from the
  // store.
  static void Remove(const Collection& collection, CatalogueState* state, storage::WriteBatch* batch);
  // One more than the largest id that has records. A collection whose definition is damaged keeps its id.
  uint32_t NextUnusedId() const;
  void PutRow(const Collection& collection, storage::WriteBatch* batch) const {
    batch->Put(Family::kResources, DefinitionKey(kCollectionKind, collection.name),
               EncodeCollection(collection));
  }
  Status LoadDefinitions(std::string_view kind,
                         const std::function<Status(std::string_view name, std::string_view value)>& read);

  storage::KeyValue& kv_;
  const Clock& clock_;
  Log& log_;
  // Held by a writer from reading the newest state until the changed state is stored and published.
  mutable Mutex write_mutex_ TRINE_ACQUIRED_BEFORE(state_mutex_);
  uint32_t next_id_ TRINE_GUARDED_BY(write_mutex_) = 1;
  mutable Mutex state_mutex_;  // held only to copy or replace the pointer
  StatePtr state_ TRINE_GUARDED_BY(state_mutex_);
};

Status EmbeddedCatalogue::LoadDefinitions(
    std::string_view kind, const std::function<Status(std::string_view name, std::string_view value)>& read) {
  const std::string prefix = DefinitionKey(kind, "");
  storage::WriteBatch aside;
  std::vector<std::string> unreadable;
  const auto cursor = kv_.Scan(Family::kResources);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const std::string_view name = cursor->key().substr(prefix.size());
    const Status status = read(name, cursor->value());
    if (status.ok()) continue;
    // The definition is intact, but another program version wrote it; setting it aside would hide it from
    // that version.
    if (status.error().kind() == ErrorKind::kFormatVersion) {
      return Error(status.error()).Where(std::string(kind) + " \"" + std::string(name) + "\"");
    }
    log_.Error("cannot read the definition of " + std::string(kind) + " \"" + std::string(name) +
               "\"; setting it aside: " + status.error().ToString());
    unreadable.push_back(std::string(kind) + "/" + std::string(name));
    aside.Put(Family::kResources, DefinitionKey(kSetAsideKind, unreadable.back()),
              std::string(cursor->value()));
    aside.Delete(Family::kResources, std::string(cursor->key()));
  }
  TRINE_TRY(cursor->status());
  if (aside.empty()) return Ok();
  if (const Status moved = kv_.Write(aside, storage::Durability::kSync); !moved.ok()) {
    log_.Warning("cannot set unreadable definitions aside: " + moved.error().ToString());
    for (const std::string& definition : unreadable) kv_.health().Damaged(DescribeUnreadable(definition));
  }
  return Ok();
}

uint32_t EmbeddedCatalogue::NextUnusedId() const {
  const auto cursor = kv_.Scan(Family::kRecordIds);
  cursor->SeekBefore(std::string(16, '\xff'));
  storage::KeyReader key(cursor->Valid() ? cursor->key() : std::string_view());
  uint32_t last = 0;
  return key.U32(&last) && last < UINT32_MAX ? last + 1 : 1;
}

Status EmbeddedCatalogue::Load() {
  const MutexLock opening(write_mutex_);
  auto next = std::make_shared<CatalogueState>();
  TRINE_TRY(LoadDefinitions(
      kCollectionKind,
      [&](std::string_view name, std::string_view value) TRINE_REQUIRES(write_mutex_) -> Status {
        TRINE_ASSIGN(Collection collection, DecodeCollection(value));
        if (collection.name != name || next->by_id.contains(collection.id)) {
          return Error(ErrorCode::kCorrupt, "its name or id belongs to another collection");
        }
        next_id_ = std::max(next_id_, collection.id.value + 1);
        next->Put(std::make_shared<Collection>(std::move(collection)));
        return Ok();
      }));
  TRINE_TRY(LoadDefinitions(kBindingKind, [&](std::string_view name, std::string_view value) -> Status {
    TRINE_ASSIGN(Binding binding, DecodeBinding(value));
    if (binding.collection != name || !next->by_name.contains(name)) {
      return Error(ErrorCode::kCorrupt, "it binds a collection that does not exist");
    }
    next->bindings[binding.collection] = std::move(binding);
    return Ok();
  }));
  const auto counter = kv_.Get(Family::kMeta, kNextIdKey);
  if (!counter.ok() && counter.error().kind() != ErrorKind::kCorrupt) return counter.error();
  if (counter.ok() && *counter) {
    const auto stored = format::ParseInt(**counter);
    if (stored && *stored > 0 && *stored <= UINT32_MAX)
      next_id_ = std::max(next_id_, static_cast<uint32_t>(*stored));
  }
  next_id_ = std::max(next_id_, NextUnusedId());
  std::set<CollectionId> known;
  for (const auto& [id, collection] : next->by_id) known.insert(id);
  TRINE_ASSIGN(const LostDefinitions lost, FindLostDefinitions(kv_, &known));
  for (const std::string& what : lost.sentences) kv_.health().Damaged(what);
  const MutexLock lock(state_mutex_);
  state_ = std::move(next);
  return Ok();
}

Result<CollectionPtr> EmbeddedCatalogue::Create(NewCollection spec) {
  TRINE_TRY(CheckCollectionName(spec.name, spec.hidden));
  const MutexLock lock(write_mutex_);
  const StatePtr now = state();
  if (const CollectionPtr there = now->Get(spec.name); there != nullptr) {
    return Error(ErrorCode::kCollectionExists, "an index with this name already exists")
        .Where(spec.name)
        .Detail("uuid", there->uuid);
  }
  if (!now->WithAlias(spec.name).empty()) {
    return Error(ErrorCode::kCollectionNameTaken, "an alias already has this name").Where(spec.name);
  }
  if (now->by_name.size() >= limits::kMaxCollections) {
    return Error(ErrorCode::kCollectionLimit, "the maximum number of collections is reached")
        .Expected("at most " + std::to_string(limits::kMaxCollections))
        .Got(std::to_string(now->by_name.size()));
  }
  auto collection = std::make_shared<Collection>();
  TRINE_CHECK(!now->by_id.contains(CollectionId{next_id_}));  // ids are never reused
  collection->id = CollectionId{next_id_};
  collection->name = std::move(spec.name);
  collection->created = clock_.Now();
  collection->uuid = MakeUuid(*collection);
  collection->hidden = spec.hidden;
  collection->settings = std::move(spec.settings);
  TRINE_ASSIGN(collection->mapping, MergeWithin(Mapping{}, spec.mapping, collection->settings));
  TRINE_TRY(CheckDeclaredRoles(collection->mapping));
  collection->aliases = std::move(spec.aliases);

  auto next = std::make_shared<CatalogueState>(*now);
  next->Put(collection);
  TRINE_TRY(CheckAliases(*next));
  storage::WriteBatch batch;
  PutRow(*collection, &batch);
  batch.Put(Family::kMeta, std::string(kNextIdKey), std::to_string(next_id_ + 1));
  TRINE_TRY(Publish(batch, std::move(next)));
  ++next_id_;
  return CollectionPtr(std::move(collection));
}

void EmbeddedCatalogue::Remove(const Collection& collection, CatalogueState* state,
                               storage::WriteBatch* batch) {
  const std::string name = collection.name;  // the state may hold the last reference to the collection
  const CollectionId id = collection.id;
  state->by_name.erase(name);
  state->by_id.erase(id);
  state->bindings.erase(name);
  batch->Delete(Family::kResources, DefinitionKey(kCollectionKind, name));
  batch->Delete(Family::kResources, DefinitionKey(kBindingKind, name));
  batch->Delete(Family::kResources, DeclaredRolesKey(name));
  batch->Put(Family::kMeta, DropMark(id), "");  // removed by Erase, with the records
}

Status EmbeddedCatalogue::Drop(const std::string& name) {
  const MutexLock lock(write_mutex_);
  const StatePtr now = state();
  const CollectionPtr collection = now->Get(name);
  if (collection == nullptr) return NoCollection(name);
  auto next = std::make_shared<CatalogueState>(*now);
  storage::WriteBatch batch;
  Remove(*collection, next.get(), &batch);
  return Publish(batch, std::move(next));
}

Result<CollectionPtr> EmbeddedCatalogue::ResolveOne(std::string_view name) const {
  const StatePtr now = state();
  if (const CollectionPtr collection = now->Get(name); collection != nullptr) return collection;
  const std::vector<CollectionPtr> found = now->WithAlias(name);
  if (found.empty()) return NoCollection(name);
  if (found.size() == 1) return found[0];
  for (const CollectionPtr& collection : found) {
    for (const Alias& alias : collection->aliases) {
      if (alias.name == name && alias.is_write) return collection;
    }
  }
  return Error(ErrorCode::kNoWriteCollection,
               "the alias names several indices, none of which is its write index")
      .Where(std::string(name));
}

Result<std::vector<CollectionPtr>> EmbeddedCatalogue::Resolve(std::string_view expression,
                                                              bool ignore_unavailable) const {
  const StatePtr now = state();
  std::map<std::string_view, CollectionPtr> found;
  const auto for_matching = [&](std::string_view pattern, const auto& use) {
    for (const auto& [name, collection] : now->by_name) {
      if (collection->hidden) continue;
      bool matches = MatchesPattern(pattern, name);
      for (const Alias& alias : collection->aliases) matches = matches || MatchesPattern(pattern, alias.name);
      if (matches) use(collection);
    }
  };
  const auto add = [&found](const CollectionPtr& c) { found.emplace(c->name, c); };
  if (expression.empty()) for_matching("*", add);
  while (!expression.empty()) {
    const size_t comma = expression.find(',');
    const std::string_view part = expression.substr(0, comma);
    expression = comma == std::string_view::npos ? "" : expression.substr(comma + 1);
    if (part.empty()) continue;
    if (part == "_all") {
      for_matching("*", add);
    } else if (part[0] == '-') {
      for_matching(part.substr(1), [&found](const CollectionPtr& c) { found.erase(c->name); });
    } else if (part.find('*') != std::string_view::npos) {
      for_matching(part, add);
    } else if (const CollectionPtr collection = now->Get(part); collection != nullptr) {
      add(collection);
    } else {
      const std::vector<CollectionPtr> aliased = now->WithAlias(part);
      if (aliased.empty() && !ignore_unavailable) return NoCollection(part);
      for (const CollectionPtr& c : aliased) add(c);
    }
  }
  std::vector<CollectionPtr> result;
  result.reserve(found.size());
  for (const auto& [name, collection] : found) result.push_back(collection);
  return result;
}

Result<CollectionPtr> EmbeddedCatalogue::Replace(Collection changed) {
  auto next = std::make_shared<CatalogueState>(*state());
  auto collection = std::make_shared<Collection>(std::move(changed));
  next->Put(collection);
  storage::WriteBatch batch;
  PutRow(*collection, &batch);
  TRINE_TRY(Publish(batch, std::move(next)));
  return CollectionPtr(std::move(collection));
}

Result<CollectionPtr> EmbeddedCatalogue::AddFields(std::string_view name, const Mapping& more) {
  const MutexLock lock(write_mutex_);
  const CollectionPtr now = Get(name);
  if (now == nullptr) return NoCollection(name);
  TRINE_ASSIGN(Mapping merged, MergeWithin(now->mapping, more, now->settings));
  if (!(merged.meta == now->mapping.meta)) TRINE_TRY(CheckDeclaredRoles(merged));
  if (EncodeMapping(merged) == EncodeMapping(now->mapping)) return now;
  Collection changed = *now;
  changed.mapping = std::move(merged);
  return Replace(std::move(changed));
}

Result<CollectionPtr> EmbeddedCatalogue::PutSettings(std::string_view name, CollectionSettings settings) {
  const MutexLock lock(write_mutex_);
  const CollectionPtr now = Get(name);
  if (now == nullptr) return NoCollection(name);
  Collection changed = *now;
  changed.settings = std::move(settings);
  return Replace(std::move(changed));
}

Status EmbeddedCatalogue::ChangeAliases(const std::vector<AliasChange>& changes,
                                        const std::vector<std::string>& drops) {
  const MutexLock lock(write_mutex_);
  auto next = std::make_shared<CatalogueState>(*state());
  storage::WriteBatch batch;
  for (const std::string& name : drops) {
    const CollectionPtr collection = next->Get(name);
    if (collection == nullptr) return NoCollection(name);
    Remove(*collection, next.get(), &batch);
  }
  std::set<std::string> changed;
  for (const AliasChange& change : changes) {
    const CollectionPtr now = next->Get(change.collection);
    if (now == nullptr) return NoCollection(change.collection);
    auto collection = std::make_shared<Collection>(*now);
    // An existing alias is replaced; removing an alias that does not exist changes nothing.
    std::erase_if(collection->aliases, [&](const Alias& a) { return a.name == change.alias.name; });
    if (change.add) collection->aliases.push_back(change.alias);
    changed.insert(collection->name);
    next->Put(std::move(collection));
  }
  TRINE_TRY(CheckAliases(*next));
  for (const std::string& name : changed) PutRow(*next->Get(name), &batch);
  if (batch.empty()) return Ok();
  const Status published = Publish(batch, std::move(next));
  if (published.ok() || published.error().code != ErrorCode::kUnavailable) return published;
  return Error(published.error()).Where(*changed.begin());
}

Status EmbeddedCatalogue::PutBinding(Binding binding, const RoleDeclarations* declared) {
  const MutexLock lock(write_mutex_);
  const StatePtr now = state();
  auto next = std::make_shared<CatalogueState>(*now);
  if (next->Get(binding.collection) == nullptr) return NoCollection(binding.collection);
  storage::WriteBatch batch;
  for (const auto& [name, other] : now->bindings) {
    if (other.group != binding.group || name == binding.collection) continue;
    if (const CollectionPtr bound = now->Get(name); bound != nullptr && !bound->hidden) {
      return Error(ErrorCode::kConflict, "the dataset group is already bound to index \"" + name + "\"")
          .Where(binding.collection);
    }
    batch.Delete(Family::kResources, DefinitionKey(kBindingKind, name));
    next->bindings.erase(name);
  }
  batch.Put(Family::kResources, DefinitionKey(kBindingKind, binding.collection), EncodeBinding(binding));
  if (!binding.item_id_field.empty()) {
    batch.Put(Family::kMeta, BindMark(now->Get(binding.collection)->id), "");  // removed by FinishBinding
  }
  if (declared != nullptr) AddDeclaredRoles(binding.collection, *declared, &batch);
  next->bindings[binding.collection] = std::move(binding);
  return Publish(batch, std::move(next));
}

Result<std::vector<CollectionPtr>> EmbeddedCatalogue::UnfinishedBindings() const {
  std::vector<CollectionPtr> marked;
  const std::string_view prefix = kBindMarkPrefix;
  const auto cursor = kv_.Scan(Family::kMeta);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    CollectionId id;
    if (!storage::KeyReader(cursor->key().substr(prefix.size())).U32(&id.value)) continue;
    // No collection has this id if it was dropped: its bind mark stays until its records are removed.
    if (const CollectionPtr collection = Get(id); collection != nullptr) marked.push_back(collection);
  }
  TRINE_TRY(cursor->status());
  return marked;
}

Status EmbeddedCatalogue::FinishBinding(CollectionId id) {
  storage::WriteBatch batch;
  batch.Delete(Family::kMeta, BindMark(id));
  return kv_.Write(batch, storage::Durability::kBuffered);
}

Status EmbeddedCatalogue::DropBinding(std::string_view collection) {
  const MutexLock lock(write_mutex_);
  auto next = std::make_shared<CatalogueState>(*state());
  const auto it = next->bindings.find(collection);
  if (it == next->bindings.end()) {
    return Error(ErrorCode::kNotFound,
                 "index \"" + std::string(collection) + "\" is not bound to a dataset group")
        .Where(std::string(collection));
  }
  next->bindings.erase(it);
  storage::WriteBatch batch;
  batch.Delete(Family::kResources, DefinitionKey(kBindingKind, collection));
  batch.Delete(Family::kResources, DeclaredRolesKey(collection));
  return Publish(batch, std::move(next));
}

}  // namespace

Result<std::unique_ptr<Catalogue>> OpenCatalogue(storage::KeyValue& kv, const Clock& clock, Log& log) {
  auto catalogue = std::make_unique<EmbeddedCatalogue>(kv, clock, log);
  TRINE_TRY(catalogue->Load());
  return std::unique_ptr<Catalogue>(std::move(catalogue));
}

}  // namespace trine::catalogue
