// MentionFinder: where a sentence names the items of a list.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/answer.h"

namespace trine::language {

struct Mention {
  std::vector<size_t> items;  // one, or several with the same title; indices of the list
  size_t begin = 0, end = 0;  // bytes [begin, end) of the text, without a particle
  bool full = false;          // the title or the id, not a short form of the title
  bool compared = false;      // the sentence compares another item with it: "B보다", "than B"
};

// Finds titles, ids and short forms of titles: the last words ("폴딩 체어" for "초경량 폴딩 체어") and the
// part before brackets, if no other item has them in its title. Ignores the case of Latin letters. Immutable,
// thread-safe. Any bytes are accepted.
class MentionFinder {
 public:
  explicit MentionFinder(const std::vector<AnswerItem>& items);

  // The mentions of a text in its order, without overlaps; of several that overlap, the longest.
  std::vector<Mention> Find(std::string_view text) const;

 private:
  struct Name {
    std::string text;  // small letters
    std::vector<size_t> items;
    bool full = false, is_id = false;
  };
  void Add(std::string_view name, size_t item, bool full, bool is_id);
  void AddShortForms(const std::vector<AnswerItem>& items);

  std::vector<Name> names_;  // the longest first
};

// The text with blanks in place of the mentions.
std::string WithoutMentions(std::string_view text, const std::vector<Mention>& mentions);

}  // namespace trine::language
