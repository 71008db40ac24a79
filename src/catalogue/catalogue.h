// Catalogue: all collections and their bindings to dataset groups (collection.h). Records are in
// record_store.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/result.h"
#include "catalogue/collection.h"
#include "catalogue/mapping.h"
#include "storage/key_value.h"

namespace trine::catalogue {

struct NewCollection {
  std::string name;
  bool hidden = false;
  CollectionSettings settings;
  Mapping mapping;
  std::vector<Alias> aliases;
};

// Thread-safe: readers see immutable snapshots and never wait; writers are serialised, and a change is
// durable when its call returns. Calls that fail change nothing; errors of the store are passed on. One
// implementation runs in the server; the interface stays because tests of the recommender and of the
// exporter use `FakeCatalogue` (test/support/fake_catalogue.h).
class Catalogue {
 public:
  virtual ~Catalogue() = default;
  // Creates a collection. kCollectionName for a name that breaks OpenSearch's rules (at most 255 bytes of
  // lower-case UTF-8, none of \ / * ? " < > | , # : or space, not starting with - _ +); hidden names must
  // start with ".items-" and others must not. kCollectionExists, kCollectionNameTaken when an alias has the
  // name, kCollectionLimit when there are kMaxCollections.
  virtual Result<CollectionPtr> Create(NewCollection spec) = 0;
  // Removes a collection with its bindings and aliases; `name` is not resolved as an alias. A drop mark
  // stays until RecordStore::Erase has removed the records. kCollectionNotFound.
  virtual Status Drop(const std::string& name) = 0;
  // By name (aliases are not resolved) or id; nullptr: none.
  virtual CollectionPtr Get(std::string_view name) const = 0;
  virtual CollectionPtr Get(CollectionId id) const = 0;
  // A collection by name, or by an alias of exactly one collection or with a write index.
  // kCollectionNotFound; kNoWriteCollection for an alias of several collections without a write index.
  virtual Result<CollectionPtr> ResolveOne(std::string_view name_or_alias) const = 0;
  // A comma-separated list of names, aliases, patterns with '*', exclusions ("-pattern") and "_all"; an
  // empty expression is "_all". Sorted by name. Hidden collections match only their exact name.
  // kCollectionNotFound for a name without '*' that does not exist, unless `ignore_unavailable`.
  virtual Result<std::vector<CollectionPtr>> Resolve(std::string_view expression,
                                                     bool ignore_unavailable) const = 0;
  virtual std::vector<CollectionPtr> All() const = 0;  // hidden ones too, sorted by name
  // Adds fields to the mapping; errors as Merge. A mapping that changes nothing is not written.
  virtual Result<CollectionPtr> AddFields(std::string_view name, const Mapping& more) = 0;
  virtual Result<CollectionPtr> PutSettings(std::string_view name, CollectionSettings settings) = 0;
  struct AliasChange {
    bool add = true;  // false: remove; an alias that does not exist is not an error
    std::string collection;
    Alias alias;
  };
  // Makes all changes or none. kCollectionNotFound, kAliasName, kAliasNameTaken when a collection has the
  // name, kManyWriteCollections when an alias would have two write indexes.
  virtual Status ChangeAliases(const std::vector<AliasChange>& changes) = 0;

  // Adds or replaces the binding of a collection. A group that is bound to a hidden collection moves from it
  // in the same write, which also sets a bind mark when the binding names a field: the records of the
  // collection may lack their item id until the caller has stored it and calls FinishBinding.
  // kCollectionNotFound; kConflict when the group is bound to another visible collection.
  virtual Status PutBinding(Binding binding) = 0;
  // The collections that have a bind mark, because a crash or a failing store interrupted a binding.
  virtual Result<std::vector<CollectionPtr>> UnfinishedBindings() const = 0;
  // Removes the bind mark, if there is one. The removal may be lost in a crash.
  virtual Status FinishBinding(CollectionId id) = 0;
  virtual Status DropBinding(std::string_view collection) = 0;  // kNotFound when it has none
  virtual std::optional<Binding> BindingOf(std::string_view collection) const = 0;
  virtual std::optional<Binding> BindingOf(GroupId group) const = 0;
  // Increases with every change, so that caches of derived data can detect one.
  virtual uint64_t generation() const = 0;
};

// Reads every definition from `kv`. A damaged definition is set aside and named in the log; it does not
// stop the server. kFormatVersion when a definition has another format version; it is left as it is.
Result<std::unique_ptr<Catalogue>> OpenCatalogue(storage::KeyValue& kv, const Clock& clock, Log& log);

}  // namespace trine::catalogue
