// Catalogue: collections, their settings, mappings and aliases, and the bindings that join a
// collection to a dataset group. The list of what there is; records are in record_store.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "catalogue/mapping.h"
#include "format/json.h"
#include "storage/key_value.h"

namespace trine::catalogue {

struct Alias {
  std::string name;
  format::Json filter;  // as given, null: none (kept, parsed by the reader of the alias)
  bool is_write = false;
};

struct CollectionSettings {
  int64_t refresh_interval_ms = 1000;  // -1: never by itself
  size_t max_result_window = 10000;
  size_t fusion_window = 1000;          // 0: the request's own size (the original's behaviour)
  std::string default_search_pipeline;  // empty: none
  std::string default_analyzer;         // empty: "standard"
  analysis::AnalysisSettings analysis;
  format::Json client_settings;  // flat "index.x.y" -> text, as the client gave it, for echo
};

// Immutable snapshot of one collection. Thread-safe.
struct Collection {
  CollectionId id;
  std::string name;
  std::string uuid;  // 22 characters, base64url
  Millis created;
  bool hidden = false;  // made for an Items dataset that is bound to no index
  CollectionSettings settings;
  Mapping mapping;
  std::vector<Alias> aliases;
};
using CollectionPtr = std::shared_ptr<const Collection>;

// The catalogue binding: this collection's records are the items of this dataset group.
struct Binding {
  std::string collection;  // name
  GroupId group;
  std::string item_id_field;  // empty: the record id
  std::vector<std::pair<std::string, std::string>>
      fields;  // item attribute (CATEGORY_L1) -> record field path
};

struct NewCollection {
  std::string name;
  bool hidden = false;
  CollectionSettings settings;
  Mapping mapping;
  std::vector<Alias> aliases;
};

// Thread-safe: readers see snapshots, writers are serialised and durable when they return.
class Catalogue {
 public:
  virtual ~Catalogue() = default;
  // kCollectionExists, kCollectionName as the original's naming
  // rules: lower case, no \ / * ? " < > | space , # :, not starting with - _ +, at most 255 bytes.
  // Hidden names start with ".items-". kCollectionLimit when there are kMaxCollections.
  virtual Result<CollectionPtr> Create(NewCollection spec) = 0;
  virtual Status Drop(const std::string& name) = 0;  // the name only, no alias; records go in the background
  virtual CollectionPtr Get(std::string_view name) const = 0;  // nullptr: none; no aliases
  virtual CollectionPtr Get(CollectionId id) const = 0;
  // A name or an alias of exactly one collection (or its write index). kCollectionNotFound.
  virtual Result<CollectionPtr> ResolveOne(std::string_view name_or_alias) const = 0;
  // Comma list with wildcards, exclusions and "_all" / "". kNotFound for a plain name that is missing
  // unless `ignore_unavailable`. Hidden ones only by name. Sorted by name.
  virtual Result<std::vector<CollectionPtr>> Resolve(std::string_view expression,
                                                     bool ignore_unavailable) const = 0;
  virtual std::vector<CollectionPtr> All() const = 0;
  // Merges fields in; nothing changes on error.
  virtual Result<CollectionPtr> AddFields(std::string_view name, const Mapping& more) = 0;
  virtual Result<CollectionPtr> PutSettings(std::string_view name, CollectionSettings settings) = 0;
  struct AliasChange {
    bool add = true;
    std::string collection;
    Alias alias;
  };
  virtual Status ChangeAliases(const std::vector<AliasChange>& changes) = 0;  // all or nothing

  virtual Status PutBinding(Binding binding) = 0;  // replaces; kConflict when the group is bound elsewhere
  virtual Status DropBinding(std::string_view collection) = 0;
  virtual std::optional<Binding> BindingOf(std::string_view collection) const = 0;
  virtual std::optional<Binding> BindingOf(GroupId group) const = 0;
  // Grows with every change, for caches.
  virtual uint64_t generation() const = 0;
};

// Reads every definition from `kv`. A definition that cannot be read is set aside and named in the
// log; it never stops the server.
Result<std::unique_ptr<Catalogue>> OpenCatalogue(storage::KeyValue& kv, const Clock& clock, Log& log);

}  // namespace trine::catalogue
