// DeclaredRoles: the roles and the currency that bindings declare, one stored row per collection.
#pragma once

#include <string_view>

#include "base/result.h"
#include "catalogue/roles.h"
#include "storage/key_value.h"

namespace trine::catalogue {

// Reads the rows. Catalogue::PutBinding writes them, in the write of the binding; Drop and DropBinding remove
// them. Thread-safe; keeps nothing in memory.
class DeclaredRoles {
 public:
  explicit DeclaredRoles(storage::KeyValue& kv) : kv_(kv) {}
  // Returns nothing declared if there is no row. kCorrupt for a damaged row, kFormatVersion for one of
  // another format version.
  Result<RoleDeclarations> Of(std::string_view collection) const;

 private:
  storage::KeyValue& kv_;
};

// Adds to the batch that what is declared is replaced; an empty value removes the row.
void AddDeclaredRoles(std::string_view collection, const RoleDeclarations& declared,
                      storage::WriteBatch* batch);
// The key of the row, in the family `resources`.
std::string DeclaredRolesKey(std::string_view collection);

}  // namespace trine::catalogue
