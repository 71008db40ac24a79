// UserWords: the words that an index adds to the Korean dictionary (nori's user dictionary).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace trine::analysis {

// Immutable after Parse, thread-safe. Words are compared without regard to the case of ASCII letters.
class UserWords {
 public:
  // The lengths in bytes of the parts of a compound, in order; empty if the word is not a compound.
  using Parts = std::vector<uint32_t>;

  // Each rule is one word ("c++"), or a compound and its parts ("세종시 세종 시"). Text from '#' on is a
  // comment, an empty rule is skipped, and the first rule for a word applies, as in Lucene. kInvalid if the
  // parts are longer than the word; kLimit if there are more than 100,000 words or one of more than 255
  // bytes. The error names the rule.
  static Result<std::shared_ptr<const UserWords>> Parse(const std::vector<std::string>& rules);

  // The longest word that begins at `at` in `folded`, and its parts; 0 and nullptr if there is none.
  // A word that begins or ends with an ASCII letter or digit matches only where the run of letters or of
  // digits begins or ends, so that "c" does not match within "cable". Requires text with ASCII letters in
  // lower case.
  struct Match {
    size_t bytes = 0;
    const Parts* parts = nullptr;
  };
  Match Longest(std::string_view folded, size_t at) const;

 private:
  std::unordered_map<std::string, Parts, StringHash, std::equal_to<>> words_;
  // For each byte that begins a word, the lengths of these words, the longest first.
  std::vector<std::vector<uint32_t>> lengths_ = std::vector<std::vector<uint32_t>>(256);
};

}  // namespace trine::analysis
