// DeclaredRoles: the roles and the currency that bindings declare, one stored row per collection.
#pragma once

#include <string_view>

#include "base/result.h"
#include "catalogue/roles.h"
#include "storage/key_value.h"

namespace trine::catalogue {

// Thread-safe; keeps nothing in memory. Catalogue::Drop and DropBinding remove the row of their collection.
class DeclaredRoles {
 public:
  explicit DeclaredRoles(storage::KeyValue& kv) : kv_(kv) {}
  // Returns nothing declared if there is no row. kCorrupt for a damaged row, kFormatVersion for one of
  // another format version.
  Result<RoleDeclarations> Of(std::string_view collection) const;
  // Replaces what is declared; an empty value removes the row. Durable when the call returns.
  Status Put(std::string_view collection, const RoleDeclarations& declared);

 private:
  storage::KeyValue& kv_;
};

// The key of the row, in the family `resources`.
std::string DeclaredRolesKey(std::string_view collection);

}  // namespace trine::catalogue
