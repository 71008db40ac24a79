// Partial updates: merge changes into a document.
#pragma once

#include "format/json.h"

namespace trine::operations {

// Merges the members of `changes` into `document`; both must be objects. Objects are merged member by member,
// every other value replaces the old one. Returns whether the document changed.
bool MergeChanges(format::Json* document, const format::Json& changes);

}  // namespace trine::operations
