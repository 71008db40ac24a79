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

struct RoleDeclarations;  // roles.h

struct NewCollection {
  std::string name;
  bool hidden = false;
  CollectionSettings settings;
  Mapping mapping;
  std::vector<Alias> aliases;
};

// Thread-safe: readers see immutable snapshots and never wait; writers are serialised, and a change is
// durable when its call returns. A call that fails changes nothing; store errors are returned unchanged. An
// interface because tests of the recommender and of the exporter use `FakeCatalogue`
// (test/support/fake_catalogue.h).
class Catalogue {
 public:
  virtual ~Catalogue() = default;
  // Creates a collection. kCollectionName for a name that breaks OpenSearch's rules (at most 255 bytes of
  // lower-case UTF-8, none of \ / * ? " < > | , # : or space, not starting with - _ +); hidden names must
  // start with ".items-" and others must not. kCollectionExists if a collection has the name,
  // kCollectionNameTaken if an alias has it, kCollectionLimit if there are kMaxCollections already.
  virtual Result<CollectionPtr> Create(NewCollection spec) = 0;
  // Removes a collection with its bindings and aliases; `name` is not resolved as an alias. A drop mark
  // stays until RecordStore::Erase has removed the records. kCollectionNotFound.
  virtual Status Drop(const std::string& name) = 0;
  // Returns the collection with this name (aliases are not resolved) or id; nullptr if there is none.
  virtual CollectionPtr Get(std::string_view name) const = 0;
  virtual CollectionPtr Get(CollectionId id) const = 0;
  // Returns the collection with this name; for an alias, its only collection or its write index.
  // kCollectionNotFound; kNoWriteCollection for an alias of several collections without a write index.
  virtual Result<CollectionPtr> ResolveOne(std::string_view name_or_alias) const = 0;
  // Resolves a comma-separated list of names, aliases, patterns with '*', exclusions ("-pattern") and "_all";
  // an empty expression means "_all". The result is sorted by name. Hidden collections match only their exact
  // name. kCollectionNotFound for a name without '*' that does not exist, unless `ignore_unavailable`.
  virtual Result<std::vector<CollectionPtr>> Resolve(std::string_view expression,
                                                     bool ignore_unavailable) const = 0;
  virtual std::vector<CollectionPtr> All() const = 0;  // hidden ones too, sorted by name
  // The id of the next collection: no collection ever had this id or a larger one.
  virtual CollectionId NextId() const = 0;
  // Adds fields to the mapping and returns the errors of Merge. Writes nothing if the mapping does not
  // change.
  virtual Result<CollectionPtr> AddFields(std::string_view name, const Mapping& more) = 0;
  virtual Result<CollectionPtr> PutSettings(std::string_view name, CollectionSettings settings) = 0;
  struct AliasChange {
    bool add = true;  // false: remove; an alias that does not exist is not an error
    std::string collection;
    Alias alias;
  };
  // Drops the collections `drops`, as Drop does, and then changes the aliases, in one write. Does all of this
  // or nothing. kCollectionNotFound, also for an alias of a dropped collection; kAliasName; kAliasNameTaken
  // if a collection has the name; kManyWriteCollections if an alias would have two write indexes.
  virtual Status ChangeAliases(const std::vector<AliasChange>& changes,
                               const std::vector<std::string>& drops = {}) = 0;

  // Adds or replaces the binding of a collection. If the group is bound to a hidden collection, the same
  // write removes that binding. If the new binding has an item id field, the write also sets a bind mark: the
  // caller must store the item ids of the existing records and then call FinishBinding. The write also
  // replaces the declared roles of the collection (declared_roles.h), unless `declared` is nullptr.
  // kCollectionNotFound; kConflict if the group is bound to another visible collection.
  virtual Status PutBinding(Binding binding, const RoleDeclarations* declared = nullptr) = 0;
  // Returns the collections with a bind mark. At startup, these are the ones whose binding was interrupted.
  virtual Result<std::vector<CollectionPtr>> UnfinishedBindings() const = 0;
  // Removes the bind mark, if there is one. The removal may be lost in a crash.
  virtual Status FinishBinding(CollectionId id) = 0;
  virtual Status DropBinding(std::string_view collection) = 0;  // kNotFound if it has none
  virtual std::optional<Binding> BindingOf(std::string_view collection) const = 0;
  virtual std::optional<Binding> BindingOf(GroupId group) const = 0;
  // Increases with every change, so that caches of derived data can detect changes.
  virtual uint64_t generation() const = 0;
};

// Reads every definition from `kv`. A damaged definition is logged and set aside (moved to another key); it
// does not stop the server. health() names what is lost (catalogue/lost_definitions.h). kFormatVersion if a
// definition has an unsupported format version; that definition is left unchanged.
Result<std::unique_ptr<Catalogue>> OpenCatalogue(storage::KeyValue& kv, const Clock& clock, Log& log);

}  // namespace trine::catalogue
