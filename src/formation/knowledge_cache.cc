#include "formation/knowledge_cache.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/check.h"
#include "formation/visible_fields.h"

namespace trine::formation {
namespace {

// Bounds one background build: reading the records of a collection and training its embedder.
constexpr int64_t kBuildMillis = 120'000;
constexpr int64_t kFirstBuildWaitMillis = 1000;

std::string VectorsFile(CollectionId id) { return "vectors-" + std::to_string(id.value); }

// What the newest mapping and the binding of the collection declare. Stored roles that cannot be read count
// as none here; a build reports them.
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
  if (!current && !entry.building) {
    entry.building = true;
    const Status started = deps_.runner.Start(
        "knowledge of " + collection->name, [this, collection, fields](std::stop_token stop) {
          BuildInBackground(collection, fields, Deadline::After(deps_.clock, kBuildMillis, std::move(stop)));
        });
    if (!started.ok()) entry.building = false;  // the next question retries
  }
  return usable ? entry.knowledge : nullptr;
}

std::shared_ptr<const Knowledge> KnowledgeCache::GetOrWait(const catalogue::CollectionPtr& collection,
                                                           const Deadline& deadline,
                                                           const std::vector<std::string>& fields) {
  // Changed roles take effect at once if the build is fast enough; changed records may wait.
  if (auto knowledge = Get(collection, fields);
      knowledge != nullptr && knowledge->declarations == NewestDeclarations(deps_, *collection))
    return knowledge;
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(std::min(kFirstBuildWaitMillis, deadline.MillisLeft() / 2));
  const MutexLock lock(mutex_);
  while (entries_[{collection->id, fields}].building && build_finished_.WaitUntil(mutex_, until)) {
  }
  const auto& knowledge = entries_[{collection->id, fields}].knowledge;
  return knowledge && knowledge->vocabulary ? knowledge : nullptr;
}

void KnowledgeCache::BuildInBackground(const catalogue::CollectionPtr& collection,
                                       const std::vector<std::string>& fields, const Deadline& deadline) {
  const Status built = Build(collection, deadline, fields);
  if (!built.ok())
    deps_.log.Warning("cannot build the knowledge for index \"" + collection->name +
                      "\": " + built.error().ToString());
  const MutexLock lock(mutex_);
  Entry& entry = entries_[{collection->id, fields}];
  TRINE_CHECK(entry.building);
  entry.building = false;
  build_finished_.NotifyAll();
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
  TRINE_ASSIGN(auto built, BuildKnowledge({deps_.analyzers, deps_.records},
                                          VisiblePart(newest ? newest : collection, fields),
                                          binding ? &*binding : nullptr, declared, before, deadline));
  if (saved &&
      (before == nullptr || built->end != before->end || built->described_by != before->described_by)) {
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
