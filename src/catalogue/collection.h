// Collection: the definition of one collection (settings, mapping, aliases), and the binding that joins a
// collection to a dataset group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/ids.h"
#include "catalogue/mapping.h"
#include "format/json.h"

namespace trine::catalogue {

struct Alias {
  std::string name;
  format::Json filter;  // the query as the client sent it, parsed by the code that uses the alias; null: none
  bool is_write = false;
  bool no_writes = false;  // nothing is written through this alias to the collection (is_write_index: false)
};

struct CollectionSettings {
  int64_t refresh_interval_ms = 1000;  // -1: no automatic refresh
  size_t max_result_window = 10000;
  size_t fusion_window = 1000;          // 0: the `size` of the request, as in OpenSearch
  std::string default_search_pipeline;  // empty: none
  std::string default_analyzer;         // empty: "standard"
  analysis::AnalysisSettings analysis;
  // The settings as the client sent them, needed to return them to clients. A flat object: its keys are
  // names such as "index.x.y" and its values are strings.
  format::Json client_settings;
};

// Immutable snapshot of one collection. Thread-safe.
struct Collection {
  CollectionId id;
  std::string name;
  std::string uuid;  // 22 characters, base64url
  Millis created;
  bool hidden = false;  // created for an Items dataset that is not bound to an index
  CollectionSettings settings;
  Mapping mapping;
  std::vector<Alias> aliases;
};
using CollectionPtr = std::shared_ptr<const Collection>;

// States that the records of a collection are the items of a dataset group.
struct Binding {
  std::string collection;  // name
  GroupId group;
  std::string item_id_field;  // path of the field with the item id; empty: the record id is the item id
  std::vector<std::pair<std::string, std::string>>
      fields;  // pairs of an item attribute (such as CATEGORY_L1) and the path of its record field
};

}  // namespace trine::catalogue
