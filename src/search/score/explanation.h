// Explanation: how the score of one row was computed, as a tree of values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace trine::search {

struct Explanation {
  float value = 0;
  std::string description;
  std::vector<Explanation> details;
  bool match = true;      // false: the row does not match, and the description says why
  bool is_count = false;  // the value is a whole number of documents
};

inline Explanation Matched(float value, std::string description, std::vector<Explanation> details = {}) {
  return Explanation{value, std::move(description), std::move(details), true, false};
}
inline Explanation NotMatched(std::string description, std::vector<Explanation> details = {}) {
  return Explanation{0, std::move(description), std::move(details), false, false};
}

inline Explanation CountOfDocuments(uint64_t count, std::string description) {
  return Explanation{static_cast<float>(count), std::move(description), {}, true, true};
}

}  // namespace trine::search
