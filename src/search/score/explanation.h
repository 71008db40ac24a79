// Explanation: how the score of one row came about, as a tree of values.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace trine::search {

struct Explanation {
  float value = 0;
  std::string description;
  std::vector<Explanation> details;
  bool match = true;  // false: the row does not match, and the description says why
};

inline Explanation Matched(float value, std::string description, std::vector<Explanation> details = {}) {
  return Explanation{value, std::move(description), std::move(details), true};
}
inline Explanation NotMatched(std::string description, std::vector<Explanation> details = {}) {
  return Explanation{0, std::move(description), std::move(details), false};
}

}  // namespace trine::search
