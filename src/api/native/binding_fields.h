// Checks the field names of a binding.
#pragma once

#include "base/result.h"
#include "catalogue/collection.h"
#include "catalogue/mapping.h"

namespace trine::api::native {

// kInvalid if `item_id_field` or a value of `fields` names no field of the mapping; the message names the
// nearest field. A field that the mapping need not list is allowed: any field while the mapping is empty, and
// fields of an object (or mapping) that is not dynamic or not enabled.
Status CheckBindingFields(const catalogue::Mapping& mapping, const catalogue::Binding& binding);

}  // namespace trine::api::native
