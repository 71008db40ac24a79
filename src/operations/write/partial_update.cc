#include "operations/write/partial_update.h"

#include <algorithm>

#include "base/check.h"

namespace trine::operations {
namespace {

using format::Json;

// Whether replacing `a` by `b` would change the document. As in OpenSearch, 1 and 1.0 are different, but 1.1
// and 1.10 are not.
bool SameValue(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a.is_whole_number() == b.is_whole_number() && a == b;
  if (a.is_array() && b.is_array()) {
    const Json::Array &x = a.array(), &y = b.array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), SameValue);
  }
  if (a.is_object() && b.is_object()) {
    if (a.object().size() != b.object().size()) return false;
    return std::all_of(a.object().begin(), a.object().end(), [&](const Json::Member& member) {
      const Json* other = b.Find(member.first);
      return other != nullptr && SameValue(member.second, *other);
    });
  }
  return a == b;
}

}  // namespace

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
    } else if (!SameValue(*known, value)) {
      *known = value;
      changed = true;
    }
  }
  return changed;
}

}  // namespace trine::operations
