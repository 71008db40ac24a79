// Search pipelines: named definitions of the steps after retrieval, which are fusion of a hybrid query and
// re-ranking for a person.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "format/json.h"
#include "search/fuse.h"
#include "storage/key_value.h"

namespace trine::formation {

// Re-ranks the head of the list for one person:
// score = (1-w)/log2(1+search rank) + w/log2(1+personal rank), ranks from 1, in double, cast to float.
struct PersonalRerank {
  std::string campaign;         // resource path: "my-rerank-campaign"
  std::string item_id_field;    // empty: the record id
  double weight = 0.3;          // 0..1
  size_t window = 200;          // number of top hits that are re-ranked; 0: only the hits on the page
  bool ignore_failure = false;  // true: a failure only adds a note; false: a failure fails the search
  std::string tag, description;
};
struct SearchPipeline {
  std::string name;
  std::optional<search::Fusion> fusion;  // of hybrid queries; nullopt: the default fusion
  std::vector<PersonalRerank> reranks;   // applied in order
  format::Json given;                    // the definition as the client sent it, returned on request
};

// The pipelines by name. Put and Delete are durable when they return; on error nothing has changed, neither
// on disk nor in memory.
//
// Thread-safe. `mutex_` is held across the durable write, so writers wait for each other's fsync and readers
// for the writer; the only other lock taken under it is that of KeyValue.
class PipelineStore {
 public:
  // Reads all definitions. A definition that cannot be decoded is logged and stays in `kv`, but Get and All
  // do not return it; it can be deleted and replaced. `kv` outlives the store.
  static Result<std::unique_ptr<PipelineStore>> Open(storage::KeyValue& kv, Log& log);

  Status Put(SearchPipeline pipeline);                                     // replaces one with the same name
  std::shared_ptr<const SearchPipeline> Get(std::string_view name) const;  // nullptr: none
  std::vector<std::shared_ptr<const SearchPipeline>> All() const;          // ordered by name
  Status Delete(const std::string& name);                                  // kNotFound if there is none
  // Returns kCorrupt if the definition with this name cannot be decoded, else Ok. Call this before reporting
  // a pipeline as missing.
  Status Readable(std::string_view name) const;
  std::vector<std::string> Unreadable() const;  // the names of those definitions, in order

 private:
  explicit PipelineStore(storage::KeyValue& kv) : kv_(kv) {}
  Status Load(Log& log);

  storage::KeyValue& kv_;
  mutable SharedMutex mutex_;
  std::map<std::string, std::shared_ptr<const SearchPipeline>, std::less<>> pipelines_
      TRINE_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> unreadable_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::formation
