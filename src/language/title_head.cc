#include "language/title_head.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "language/plain_text.h"
#include "language/synonyms.h"

namespace trine::language {
namespace {

enum class Source { kCambridge, kNikl, kUsage };
using enum Source;
struct Tail {
  std::string_view word;
  Source source;
};
constexpr Tail kTails[] = {
#include "language/title_tails.inc"
};
static_assert(std::adjacent_find(std::begin(kTails), std::end(kTails), [](const Tail& a, const Tail& b) {
                return a.word >= b.word;
              }) == std::end(kTails));

constexpr std::string_view kPrepositions[] = {"for", "with", "without", "by", "from", "in",
                                              "of",  "to",   "on",      "at", "as"};

bool IsPreposition(std::string_view word) {
  return std::find(std::begin(kPrepositions), std::end(kPrepositions), word) != std::end(kPrepositions);
}

// Whether a word behind the head of a title names nothing.
bool IsTail(std::string_view word) {
  const auto is_digit = [](char c) { return IsAsciiDigit(c); };
  if (std::any_of(word.begin(), word.end(), is_digit)) return true;
  const auto at = std::lower_bound(std::begin(kTails), std::end(kTails), word,
                                   [](const Tail& tail, std::string_view w) { return tail.word < w; });
  if (at != std::end(kTails) && at->word == word) return true;
  return !ColourSynonyms(word).empty() || FindGender(word).has_value();
}

// Whether a written word has neither letters nor digits: "-", "|".
bool IsSeparator(std::string_view word) {
  return std::none_of(word.begin(), word.end(), [](char c) {
    return IsAsciiDigit(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace

std::string_view TitleHead(std::string_view folded_title) {
  std::string_view head;
  bool open = true;  // the part may still have its head
  for (const WrittenWord& at : SplitAtBlanks(folded_title)) {
    const std::string_view word = folded_title.substr(at.begin, at.end - at.begin);
    if (at.after_punctuation || IsSeparator(word)) open = true;
    if ((at.after_punctuation || IsSeparator(word) || IsPreposition(word)) && !head.empty()) return head;
    if (IsPreposition(word)) open = false;
    if (open && !IsSeparator(word) && !IsTail(word)) head = word;
  }
  return head;
}

}  // namespace trine::language
