// Search pipelines: named recipes for what happens to a search after retrieval. Domain objects; wire
// formats parse theirs into them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "format/json.h"
#include "search/fuse.h"
#include "storage/key_value.h"

namespace trine::formation {

// Re-ranks the head of the list for one person:
// score = (1-w)/log2(1+search rank) + w/log2(1+personal rank), ranks from 1, in double, cast to float.
struct PersonalRerank {
  std::string campaign;       // resource path: "my-rerank-campaign"
  std::string item_id_field;  // empty: the record id
  double weight = 0.3;        // 0..1
  size_t window = 200;        // hits of the whole list that are re-ranked; 0: the page only
  bool ignore_failure = false;
  std::string tag, description;
};
struct SearchPipeline {
  std::string name;
  std::optional<search::Fusion> fusion;  // none: the default fusion for hybrid queries
  std::vector<PersonalRerank> reranks;   // in order
  format::Json given;                    // as the client gave it, for echo
};

// Thread-safe, durable.
class PipelineStore {
 public:
  virtual ~PipelineStore() = default;
  virtual Status Put(SearchPipeline pipeline) = 0;                                     // replaces
  virtual std::shared_ptr<const SearchPipeline> Get(std::string_view name) const = 0;  // nullptr: none
  virtual std::vector<std::shared_ptr<const SearchPipeline>> All() const = 0;          // by name
  virtual Status Delete(const std::string& name) = 0;                                  // kNotFound
};
// A definition that cannot be read is set aside and named in the log.
Result<std::unique_ptr<PipelineStore>> OpenPipelineStore(storage::KeyValue& kv, Log& log);

}  // namespace trine::formation
