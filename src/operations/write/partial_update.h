// Partial updates: a document with changes merged in.
#pragma once

#include "format/json.h"

namespace trine::operations {

// Merges the members of `changes` into `document` (both objects): objects member by member, everything
// else replaces. True when the document changed.
bool MergeChanges(format::Json* document, const format::Json& changes);

}  // namespace trine::operations
