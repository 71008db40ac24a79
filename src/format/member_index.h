// MemberIndex: finds the members of a JSON object by name without a scan for each name.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "format/json.h"

namespace trine::format {

// The object must outlive the index, and no member may be added, removed or renamed; values may change. Small
// objects are scanned, which is faster. Not thread-safe.
class MemberIndex {
 public:
  static constexpr size_t kScanned = 16;  // members up to which an object is scanned

  // Requires an object.
  explicit MemberIndex(const Json& object) : members_(object.object()) {
    if (members_.size() <= kScanned) return;
    places_.reserve(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) places_.emplace(members_[i].first, i);
  }
  // The position of the member in the object; Json::Object::size() if there is none.
  size_t Find(std::string_view name) const {
    if (members_.size() > kScanned) {
      const auto found = places_.find(name);
      return found == places_.end() ? members_.size() : found->second;
    }
    size_t at = 0;
    while (at < members_.size() && members_[at].first != name) ++at;
    return at;
  }

 private:
  const Json::Object& members_;
  std::unordered_map<std::string_view, size_t> places_;  // empty for a small object
};

}  // namespace trine::format
