#include "language/title_head.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "language/plain_text.h"
#include "language/synonyms.h"
#include "language/word_match.h"

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
  if (word.size() == 1 || std::any_of(word.begin(), word.end(), is_digit)) return true;
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

// A part of a title: bytes [begin, end), of which those from `described` on only describe what is before:
// "for tablets".
struct Part {
  size_t begin = 0, described = 0, end = 0;
};

std::vector<Part> PartsOf(std::string_view title) {
  std::vector<Part> parts;
  for (const WrittenWord& at : SplitAtBlanks(title)) {
    const std::string_view word = title.substr(at.begin, at.end - at.begin);
    const bool separates = IsSeparator(word);
    if (parts.empty() || at.after_punctuation || separates)
      parts.push_back({at.begin, std::string_view::npos, 0});
    Part& part = parts.back();
    part.end = at.end;
    if (IsPreposition(word)) part.described = std::min(part.described, at.begin);
  }
  for (Part& part : parts) part.described = std::min(part.described, part.end);
  return parts;
}

// The last word of a text that names something; empty if there is none. Hyphens separate words.
std::string_view LastName(std::string_view text) {
  while (!text.empty()) {
    const size_t blank = text.find_last_of(" -");
    const std::string_view word = text.substr(blank == std::string_view::npos ? 0 : blank + 1);
    if (!word.empty() && !IsSeparator(word) && !IsTail(word)) return word;
    text = text.substr(0, blank == std::string_view::npos ? 0 : blank);
  }
  return {};
}

// Where the first word at or after `at` begins that is in another script, which repeats the name in another
// language: "후디 Hoodie". The length of the text if there is none.
size_t EndOfScript(std::string_view text, size_t at, bool hangul) {
  while (at < text.size()) {
    const size_t begin = std::min(text.find_first_not_of(" -", at), text.size());
    const size_t end = std::min(text.find_first_of(" -", begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (!word.empty() && !IsTail(word) && HasHangul(word) != hangul) return begin;
    at = end;
  }
  return text.size();
}

// The use of a word at bytes [begin, end) of a title.
WordInTitle UseAt(std::string_view title, const Part& part, size_t begin, size_t end) {
  if (begin >= part.described) return {TitleUse::kDescribes, {}};
  const size_t stop = std::min(title.find_first_of(" -", end), part.described);
  // What is written together with a Korean word: the 세트 of "볼펜세트", the 북 of "노트북".
  const std::string_view joined = end < stop ? title.substr(end, stop - end) : std::string_view();
  if (joined.starts_with("용")) return {TitleUse::kDescribes, {}};
  const size_t behind = std::max(end, std::min(stop, part.described));
  const size_t until =
      EndOfScript(title.substr(0, part.described), behind, HasHangul(title.substr(begin, end - begin)));
  if (const std::string_view last = LastName(title.substr(behind, until - behind)); !last.empty())
    return {TitleUse::kFollowed, last};
  if (joined.empty() || IsTail(joined)) return {TitleUse::kHead, {}};
  const size_t blank = title.substr(0, begin).find_last_of(" \n-([");
  const size_t word = blank == std::string_view::npos ? 0 : blank + 1;
  return {TitleUse::kFollowed, title.substr(word, stop - word)};
}

}  // namespace

bool IsTitleTail(std::string_view word) { return IsTail(word); }

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

WordInTitle UseInTitle(std::string_view folded_title, std::string_view word) {
  WordInTitle most;
  std::vector<Part> parts;
  for (size_t from = 0; from < folded_title.size();) {
    const auto found = FindWord(folded_title, word, from);
    if (!found) break;
    if (parts.empty()) parts = PartsOf(folded_title);
    const auto [begin, end] = *found;
    for (const Part& part : parts) {
      if (begin < part.begin || end > part.end) continue;
      const WordInTitle use = UseAt(folded_title, part, begin, end);
      if (use.use > most.use) most = use;
    }
    from = end;
  }
  return most;
}

}  // namespace trine::language
