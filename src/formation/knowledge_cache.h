// KnowledgeCache: the newest Knowledge of each collection that questions use, rebuilt in the background as
// records change.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"
#include "catalogue/catalogue.h"
#include "formation/ask_dependencies.h"
#include "formation/knowledge.h"

namespace trine::formation {

// Owned by AskService. Outlives the background builds because the JobRunner is destroyed before it.
//
// Thread-safe. `mutex_` guards the map. Only two functions that take locks of their own are called under it:
// JobRunner::Start and RecordStore::NextSeqNo. `mutex_` is never held while records are read or an embedder
// is trained. Two builds of one collection may overlap (Build and a background build); the result of the last
// to end is kept.
class KnowledgeCache {
 public:
  explicit KnowledgeCache(const AskDependencies& deps) : deps_(deps) {}

  // Returns the newest Knowledge; nullptr until the first build is done. Starts a background build if records
  // were written or roles declared since the last build, and never waits for it.
  //
  // `fields`, here and below: the only top-level fields that the Knowledge may be built from; empty: all.
  // Such a Knowledge is not saved. The lists come from the credentials file, so there are few.
  std::shared_ptr<const Knowledge> Get(const catalogue::CollectionPtr& collection,
                                       const std::vector<std::string>& fields = {});

  // Like Get, but waits for the first build, and for the build after a change of the declared roles: at most
  // kFirstBuildWaitMillis, and at most half of the time left. Waiting pays off: a few thousand products are
  // built within that time, and answers without the vocabulary of the catalogue are poor.
  std::shared_ptr<const Knowledge> GetOrWait(const catalogue::CollectionPtr& collection,
                                             const Deadline& deadline,
                                             const std::vector<std::string>& fields = {});

  // Builds on this thread. On error, keeps the previous Knowledge.
  Status Build(const catalogue::CollectionPtr& collection, const Deadline& deadline,
               const std::vector<std::string>& fields = {});

  // Starts background builds for the non-empty collections that have saved vectors or a binding.
  void Warm();

 private:
  struct Entry {
    std::shared_ptr<const Knowledge> knowledge;
    bool building = false;  // in the background
  };

  // Runs on a thread of the JobRunner.
  void BuildInBackground(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields,
                         const Deadline& deadline);

  const AskDependencies deps_;
  Mutex mutex_;
  CondVar build_finished_;
  using Key = std::pair<CollectionId, std::vector<std::string>>;
  std::map<Key, Entry> entries_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::formation
