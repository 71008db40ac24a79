// SentenceParts: which items each place of a sentence is about, and how the sentence presents them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/item_mentions.h"
#include "language/stated_facts.h"

namespace trine::language {

// One or several items (with the same title, or that the sentence before named) of which at least one must
// meet a claim.
using Subject = std::vector<size_t>;

// A prepared sentence. Immutable.
struct SentenceParts {
  // `context`: the items that the released text named last; `items`: the number of all items.
  SentenceParts(std::string_view sentence, std::vector<Mention> found, const std::vector<size_t>& context,
                size_t items);

  // The subjects of the place [begin, end): the items after it in its noun phrase ("a blue [A]"), else the
  // group of items before it ("A and B are blue"), else the first item behind it, else those of the sentence
  // before. `amounts`: the amounts of money of the sentence, of which as many as a group has items follow the
  // order of the items. Empty: the sentence is about no item.
  std::vector<Subject> SubjectsAt(size_t begin, size_t end, const std::vector<StatedNumber>* amounts) const;
  // The items that the sentence names, without those that others are compared with.
  std::vector<size_t> NamedItems() const;

  std::string text;    // as it is shown
  std::string lower;   // small ASCII letters
  std::string masked;  // `text` with blanks in place of mentions
  std::vector<Mention> mentions;
  std::vector<Mention> subjects;  // mentions without the compared ones, unless there are no others
  std::vector<size_t> context;
  size_t items = 0;
  bool negated = false;       // "not", "않"
  bool is_question = false;   // ends with a question mark
  bool about_all = false;     // "both", "모두"
  bool about_others = false;  // "the other", "나머지"
  bool repeats_wish = false;  // "you asked for", "찾으시는"
};

}  // namespace trine::language
