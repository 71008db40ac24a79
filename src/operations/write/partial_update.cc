#include "operations/write/partial_update.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "format/member_index.h"

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
    const format::MemberIndex others(b);
    return std::all_of(a.object().begin(), a.object().end(), [&](const Json::Member& member) {
      const size_t at = others.Find(member.first);
      return at < b.object().size() && SameValue(member.second, b.object()[at].second);
    });
  }
  return a == b;
}

}  // namespace

bool MergeChanges(format::Json* document, const format::Json& changes) {
  TRINE_CHECK(document->is_object());
  TRINE_CHECK(changes.is_object());
  bool changed = false;
  format::Json::Object fresh;  // added at the end, because the index must not change
  const format::MemberIndex members(*document);
  for (const auto& [name, value] : changes.object()) {
    const size_t at = members.Find(name);
    format::Json* known = at < document->object().size() ? &document->object()[at].second : nullptr;
    if (known == nullptr) {
      fresh.emplace_back(name, value);
    } else if (known->is_object() && value.is_object()) {
      changed = MergeChanges(known, value) || changed;
    } else if (!SameValue(*known, value)) {
      *known = value;
      changed = true;
    }
  }
  if (fresh.empty()) return changed;
  document->object().insert(document->object().end(), std::make_move_iterator(fresh.begin()),
                            std::make_move_iterator(fresh.end()));
  return true;
}

}  // namespace trine::operations
