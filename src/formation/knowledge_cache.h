// KnowledgeCache: the newest Knowledge of each collection that questions use, rebuilt in the background as
// records change, and forgotten, with its saved vectors, after the collection was dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
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
// JobRunner::Start and RecordStore::NextSeqNo. `mutex_` is never held while records are read, an embedder is
// trained, or a function given to Await or Prepare runs. Two builds of one collection may overlap (Build and
// a background build); the result of the last to end is kept.
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

  // Whether Get returns a Knowledge that was built by the newest roles; it may lack the newest records.
  // Starts a background build, as Get does. An answer without the vocabulary of the catalogue is poor, so
  // that a request does well to wait (Await) if the build is fast.
  bool IsReady(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields = {});

  // Calls `done` once, when the background build that is running has ended; at once if there is none. On this
  // thread or on the one that builds: `done` must be cheap.
  void Await(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields,
             std::function<void()> done);

  // Builds in the background. Calls `done` once, as Await does: with Ok when a build that began after this
  // call has ended, or with the error of the build.
  void Prepare(const catalogue::CollectionPtr& collection, std::function<void(Status)> done);

  // Builds on this thread. On error, keeps the previous Knowledge.
  Status Build(const catalogue::CollectionPtr& collection, const Deadline& deadline,
               const std::vector<std::string>& fields = {});

  // Starts background builds for the non-empty collections that have saved vectors or a binding.
  void Warm();

 private:
  using Key = std::pair<CollectionId, std::vector<std::string>>;
  using Done = std::function<void(Status)>;
  struct Entry {
    std::shared_ptr<const Knowledge> knowledge;
    bool building = false;          // in the background
    std::vector<Done> at_end;       // called when the build that is running ends
    std::vector<Done> at_next_end;  // called when the build after it ends
  };

  Status StartBuild(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields,
                    Entry* entry) TRINE_REQUIRES(mutex_);
  // Runs on a thread of the JobRunner.
  void BuildInBackground(const catalogue::CollectionPtr& collection, const Key& key,
                         const std::stop_token& stop);
  // Removes the Knowledge and the saved vectors of collections that were dropped.
  Status ForgetDropped() TRINE_EXCLUDES(mutex_);

  const AskDependencies deps_;
  Mutex mutex_;
  uint64_t builds_ TRINE_GUARDED_BY(mutex_) = 0;  // background builds so far
  std::map<Key, Entry> entries_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::formation
