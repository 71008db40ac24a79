// The co-occurrence rules of recommend/model/rules.h by definition: counts every pair of positions in a map,
// without regard to speed.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace trine::test {

struct NaiveRules {
  std::map<std::pair<uint32_t, uint32_t>, double> counts;  // weighted co-occurrences of (a, b)
  std::map<uint32_t, double> n;                            // occurrences of each item

  explicit NaiveRules(const std::vector<std::vector<uint32_t>>& sequences, double back = 0.4,
                      size_t window = 20) {
    for (const auto& s : sequences) {
      for (size_t i = 0; i < s.size(); ++i) {
        ++n[s[i]];
        for (size_t j = i + 1; j < s.size() && j - i <= window; ++j) {
          if (s[i] == s[j]) continue;
          const double weight = std::pow(0.85, static_cast<double>(j - i - 1));
          counts[{s[i], s[j]}] += weight;
          counts[{s[j], s[i]}] += back * weight;
        }
      }
    }
  }
  double M(uint32_t a, uint32_t b) const {
    const auto found = counts.find({a, b});
    if (found == counts.end()) return 0;
    return found->second / (std::pow(n.at(a), 0.6) * std::pow(n.at(b), 0.4) + 10);
  }
  // The sum of 0.75^age * M(item, b) over the history, newest item (age 0) first.
  double Score(const std::vector<uint32_t>& newest_first, uint32_t b) const {
    double score = 0;
    for (size_t age = 0; age < newest_first.size(); ++age) {
      score += std::pow(0.75, static_cast<double>(age)) * M(newest_first[age], b);
    }
    return score;
  }
};

}  // namespace trine::test
