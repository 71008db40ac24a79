// LostDefinitions: definitions that cannot be read, and collections whose documents are left without one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "storage/key_value.h"

namespace trine::catalogue {

struct LostDefinitions {
  std::vector<std::string> sentences;  // one, without a full stop, for each finding
  std::vector<std::string> keys;  // of definitions, also of those that were set aside, that cannot be read
  // Collections that have records and were not dropped, but have no definition. Documents are facts: they are
  // kept until somebody decides, although nothing serves them.
  std::vector<CollectionId> collections;
};
// Reads all definitions, and one row of each collection. An error of the disk. Definitions of an unsupported
// version are not lost. A caller that has read the definitions, and set aside those that it could not read,
// gives the collections that it knows, so that they are not read again.
Result<LostDefinitions> FindLostDefinitions(const storage::KeyValue& kv,
                                            const std::set<CollectionId>* known = nullptr);
// The finding that a definition, such as "catalogue.collection/goods", cannot be read.
std::string DescribeUnreadable(const std::string& definition);

// Whether records of this collection are stored, and it was not dropped.
Result<bool> HasRecords(const storage::KeyValue& kv, CollectionId collection);

// The stored form of a definition without fields and settings, under which the documents of a collection
// whose definition is lost can be read again.
std::string EncodeRecoveredCollection(CollectionId id, const std::string& name, Millis created);

}  // namespace trine::catalogue
