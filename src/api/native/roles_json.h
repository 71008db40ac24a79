// Prints the roles of an index's fields as JSON of the native API.
#pragma once

#include <vector>

#include "catalogue/roles.h"
#include "format/json.h"

namespace trine::api::native {

// Sets "roles" [{"role", "field", "source", "evidence"}], "facets" [{"field", "delimiter"}], "currency" and
// "currency_evidence" (null if the currency is unknown), and "missing" [{"role", "field"}], the declared
// fields that the mapping does not have. Requires an object.
void SetRoles(const catalogue::Roles& roles, format::Json* out);

}  // namespace trine::api::native
