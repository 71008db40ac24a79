#include "formation/knowledge_cache.h"

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "format/text.h"
#include "formation/visible_fields.h"

namespace trine::formation {
namespace {

// Bounds one background build: reading the records of a collection and training its embedder.
constexpr int64_t kBuildMillis = 120'000;

constexpr std::string_view kVectorsPrefix = "vectors-";
std::string VectorsFile(CollectionId id) { return std::string(kVectorsPrefix) + std::to_string(id.value); }

// Removes the saved vectors of collections that were dropped.
Status RemoveDroppedVectors(const AskDependencies& deps) {
  TRINE_ASSIGN(const auto files, deps.derived.List());
  for (const std::string& file : files) {
    if (!file.starts_with(kVectorsPrefix)) continue;
    const auto number = format::ParseInt(file.substr(kVectorsPrefix.size()));
    if (!number || *number < 0 || *number > UINT32_MAX) continue;
    if (deps.catalogue.Get(CollectionId{static_cast<uint32_t>(*number)}) != nullptr) continue;
    TRINE_TRY(deps.derived.Remove(file));
  }
  return Ok();
}

// The roles that the newest mapping and the binding of the collection declare. Stored roles that cannot be
// read count as none here; a build reports them.
std::string NewestDeclarations(const AskDependencies& deps, const catalogue::Collection& collection) {
  const auto newest = deps.catalogue.Get(collection.id);
  const auto binding = deps.catalogue.BindingOf(collection.name);
  const auto declared = deps.declared_roles.Of(collection.name);
  return DeclarationText(newest ? newest->mapping : collection.mapping, binding ? &*binding : nullptr,
                         declared.ok() ? *declared : catalogue::RoleDeclarations{});
}

}  // namespace

std::shared_ptr<const Knowledge> KnowledgeCache::Get(const catalogue::CollectionPtr& collection,
                                                     const std::vector<std::string>& fields) {
  TRINE_CHECK_NE(collection, nullptr);
  const std::string declarations = NewestDeclarations(deps_, *collection);
  const MutexLock lock(mutex_);
  Entry& entry = entries_[{collection->id, fields}];
  const bool usable = entry.knowledge && entry.knowledge->vocabulary;
  const bool current = usable && entry.knowledge->end == deps_.records.NextSeqNo(collection->id) &&
                       entry.knowledge->declarations == declarations;
  // If the build cannot be started, the next question tries again.
  if (!current && !entry.building) static_cast<void>(StartBuild(collection, fields, &entry).ok());
  return usable ? entry.knowledge : nullptr;
}

Status KnowledgeCache::StartBuild(const catalogue::CollectionPtr& collection,
                                  const std::vector<std::string>& fields, Entry* entry) {
  TRINE_CHECK(!entry->building);
  TRINE_TRY(
      deps_.runner.Start("knowledge of " + collection->name + " #" + std::to_string(++builds_),
                         [this, collection, key = Key(collection->id, fields)](const std::stop_token& stop) {
                           BuildInBackground(collection, key, stop);
                         }));
  entry->building = true;
  return Ok();
}

bool KnowledgeCache::IsReady(const catalogue::CollectionPtr& collection,
                             const std::vector<std::string>& fields) {
  const auto knowledge = Get(collection, fields);
  return knowledge != nullptr && knowledge->declarations == NewestDeclarations(deps_, *collection);
}

void KnowledgeCache::Await(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields,
                           std::function<void()> done) {
  TRINE_CHECK(done != nullptr);
  {
    const MutexLock lock(mutex_);
    Entry& entry = entries_[{collection->id, fields}];
    if (entry.building) {
      entry.at_end.push_back([done = std::move(done)](const Status&) { done(); });
      return;
    }
  }
  done();
}

void KnowledgeCache::Prepare(const catalogue::CollectionPtr& collection, Done done) {
  TRINE_CHECK(done != nullptr);
  Status started = Ok();
  {
    const MutexLock lock(mutex_);
    Entry& entry = entries_[{collection->id, {}}];
    if (entry.building) {
      entry.at_next_end.push_back(std::move(done));
      return;
    }
    started = StartBuild(collection, {}, &entry);
    if (started.ok()) {
      entry.at_end.push_back(std::move(done));
      return;
    }
  }
  done(std::move(started));
}

// Builds again as long as somebody waits for a build that begins later. After a build the entry is updated
// without new memory, so that no later build is held up by one that had none.
void KnowledgeCache::BuildInBackground(const catalogue::CollectionPtr& collection, const Key& key,
                                       const std::stop_token& stop) {
  for (bool again = true; again;) {
    const Status built = CatchBadAlloc([&]() -> Status {
      Status one = Build(collection, Deadline::After(deps_.clock, kBuildMillis, stop), key.second);
      if (!one.ok())
        deps_.log.Warning("cannot build the knowledge for index \"" + collection->name +
                          "\": " + one.error().ToString());
      return one;
    });
    std::vector<Done> ended;
    {
      const MutexLock lock(mutex_);
      Entry& entry = entries_.at(key);
      TRINE_CHECK(entry.building);
      ended.swap(entry.at_end);
      entry.at_end.swap(entry.at_next_end);
      again = !entry.at_end.empty();
      entry.building = again;
    }
    for (const Done& done : ended) done(built);
  }
  const Status forgotten = CatchBadAlloc([this] { return ForgetDropped(); });
  if (!forgotten.ok())
    deps_.log.Warning("cannot remove the item vectors of indexes that were dropped: " +
                      forgotten.error().ToString());
}

// A shop that makes a new index every night must not keep the knowledge of all of them.
Status KnowledgeCache::ForgetDropped() {
  std::set<CollectionId> dropped;
  {
    const MutexLock lock(mutex_);
    for (const auto& [known, entry] : entries_) dropped.insert(known.first);
  }
  // The catalogue takes a lock of its own.
  std::erase_if(dropped, [this](CollectionId id) { return deps_.catalogue.Get(id) != nullptr; });
  {
    const MutexLock lock(mutex_);
    std::erase_if(entries_, [&dropped](const auto& entry) {
      return !entry.second.building && dropped.contains(entry.first.first);
    });
  }
  return RemoveDroppedVectors(deps_);
}

Status KnowledgeCache::Build(const catalogue::CollectionPtr& collection, const Deadline& deadline,
                             const std::vector<std::string>& fields) {
  TRINE_CHECK_NE(collection, nullptr);
  const std::string file = VectorsFile(collection->id);
  std::shared_ptr<const Knowledge> before;
  {
    const MutexLock lock(mutex_);
    before = entries_[{collection->id, fields}].knowledge;
  }
  const bool saved = fields.empty();
  if (before == nullptr && saved) {
    auto loaded = LoadVectors(deps_.derived, file, deps_.analyzers);
    if (loaded.ok() && (*loaded)->end > deps_.records.NextSeqNo(collection->id))
      deps_.log.Error("the item vectors of index \"" + collection->name +
                      "\" include documents that are not stored; building them again");
    else if (loaded.ok())
      before = *loaded;
    else if (loaded.error().kind() != ErrorKind::kNotFound)
      deps_.log.Warning(loaded.error().ToString());
  }
  // The mapping may have grown since the caller obtained `collection`.
  const auto newest = deps_.catalogue.Get(collection->id);
  const auto binding = deps_.catalogue.BindingOf(collection->name);
  TRINE_ASSIGN(const auto declared, deps_.declared_roles.Of(collection->name));
  TRINE_ASSIGN(auto built, BuildKnowledge({deps_.analyzers, deps_.records, deps_.memory},
                                          VisiblePart(newest ? newest : collection, fields),
                                          binding ? &*binding : nullptr, declared, before, deadline));
  const bool was_without = before != nullptr && before->without_vectors.has_value();
  if (built->without_vectors && !was_without)
    deps_.log.Warning(
        "index \"" + collection->name +
        "\" gets no item vectors, so questions find words only: " + built->without_vectors->ToString());
  if (saved && built->vectors != nullptr &&
      (before == nullptr || built->end != before->end || built->vectors != before->vectors)) {
    if (Status written = SaveVectors(deps_.derived, file, *built); !written.ok())
      deps_.log.Warning("cannot save item vectors: " + written.error().ToString());
  }
  const MutexLock lock(mutex_);
  entries_[{collection->id, fields}].knowledge = std::move(built);
  return Ok();
}

void KnowledgeCache::Warm() {
  std::set<std::string> files;
  if (const auto listed = deps_.derived.List(); listed.ok()) files.insert(listed->begin(), listed->end());
  for (const auto& collection : deps_.catalogue.All()) {
    if (deps_.records.LiveCount(collection->id) == 0) continue;
    if (files.contains(VectorsFile(collection->id)) || deps_.catalogue.BindingOf(collection->name))
      static_cast<void>(Get(collection));
  }
}

}  // namespace trine::formation
