#include "operations/write/partial_update.h"

#include "base/check.h"

namespace trine::operations {

bool MergeChanges(format::Json* document, const format::Json& changes) {
  TRINE_CHECK(document->is_object());
  TRINE_CHECK(changes.is_object());
  bool changed = false;
  for (const auto& [name, value] : changes.object()) {
    format::Json* known = document->Find(name);
    if (known == nullptr) {
      document->Set(name, value);
      changed = true;
    } else if (known->is_object() && value.is_object()) {
      changed = MergeChanges(known, value) || changed;
    } else if (!(*known == value)) {
      *known = value;
      changed = true;
    }
  }
  return changed;
}

}  // namespace trine::operations
