#include "catalogue/lost_definitions.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "catalogue/collection_marks.h"
#include "catalogue/definition_codec.h"
#include "catalogue/record_codec.h"

namespace trine::catalogue {
namespace {

using storage::Family;

// Adds what is known about the rows of one kind. `read` returns why a row cannot be read.
template <typename Read>
Status FindUnreadable(const storage::KeyValue& kv, std::string_view kind, Read read, LostDefinitions* lost) {
  const std::string prefix = DefinitionKey(kind, "");
  const auto cursor = kv.Scan(Family::kResources);
  for (cursor->Seek(prefix); cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
    const Status good = read(cursor->value());
    if (good.ok() || good.error().kind() == ErrorKind::kFormatVersion) continue;
    std::string name(cursor->key().substr(prefix.size()));
    if (kind != kSetAsideKind) name = std::string(kind) + "/" + name;
    lost->sentences.push_back(DescribeUnreadable(name));
    lost->keys.emplace_back(cursor->key());
  }
  return cursor->status();
}

// The first collection from this one on that has ids; nullopt if there is none.
Result<std::optional<CollectionId>> NextWithRecords(const storage::KeyValue& kv, CollectionId from) {
  const auto cursor = kv.Scan(Family::kRecordIds);
  cursor->Seek(CollectionKey(from));
  CollectionId found;
  if (cursor->Valid() && storage::KeyReader(cursor->key()).U32(&found.value)) return std::optional(found);
  TRINE_TRY(cursor->status());
  return std::optional<CollectionId>();
}

}  // namespace

Result<bool> HasRecords(const storage::KeyValue& kv, CollectionId collection) {
  TRINE_ASSIGN(const auto first, NextWithRecords(kv, collection));
  if (first != collection) return false;
  TRINE_ASSIGN(const auto dropped, kv.Get(Family::kMeta, DropMark(collection)));
  return !dropped;
}

std::string DescribeUnreadable(const std::string& definition) {
  return "the definition " + definition + " cannot be read; it is kept, but not used";
}

Result<LostDefinitions> FindLostDefinitions(const storage::KeyValue& kv,
                                            const std::set<CollectionId>* known) {
  LostDefinitions lost;
  std::set<CollectionId> defined;
  bool newer = false;  // a definition of another version says nothing about its collection
  if (known != nullptr) {
    defined = *known;
  } else {
    TRINE_TRY(FindUnreadable(
        kv, kCollectionKind,
        [&](std::string_view text) -> Status {
          const auto collection = DecodeCollection(text);
          if (collection.ok()) defined.insert(collection->id);
          newer = newer || (!collection.ok() && collection.error().kind() == ErrorKind::kFormatVersion);
          return collection.ok() ? Ok() : Status(collection.error());
        },
        &lost));
    TRINE_TRY(FindUnreadable(
        kv, kBindingKind,
        [](std::string_view text) -> Status {
          const auto binding = DecodeBinding(text);
          return binding.ok() ? Ok() : Status(binding.error());
        },
        &lost));
  }
  const auto unreadable = [](std::string_view) -> Status { return Error(ErrorCode::kCorrupt, "set aside"); };
  TRINE_TRY(FindUnreadable(kv, kSetAsideKind, unreadable, &lost));
  if (newer) return lost;
  CollectionId from{1};
  while (true) {
    TRINE_ASSIGN(const auto next, NextWithRecords(kv, from));
    if (!next || next->value == UINT32_MAX) break;
    from = CollectionId{next->value + 1};
    if (defined.contains(*next)) continue;
    TRINE_ASSIGN(const bool kept, HasRecords(kv, *next));
    if (!kept) continue;
    lost.collections.push_back(*next);
    lost.sentences.push_back("collection " + std::to_string(next->value) +
                             " has documents, which are kept, but its definition is lost, so nothing serves "
                             "them");
  }
  return lost;
}

std::string EncodeRecoveredCollection(CollectionId id, const std::string& name, Millis created) {
  Collection collection;
  collection.id = id;
  collection.name = name;
  collection.created = created;
  collection.uuid = MakeUuid(collection);
  return EncodeCollection(collection);
}

}  // namespace trine::catalogue
