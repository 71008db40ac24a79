#include "language/filler.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "language/intent_rules.h"
#include "language/plain_text.h"
#include "language/unit_words.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

enum Kind : unsigned {
  kStop = 1,
  kGeneric = 2,
  kRequest = 4,
  kLink = 8,
  kNumeral = 16,
  kCounter = 32,
  kJoinedCounter = 64,
  kPartitive = 128,
  kOther = 256,
  kAspect = 512
};
enum class Source { kNikl, kCambridge };
using enum Source;

struct Entry {
  unsigned kinds;
  std::string_view word;
  Source source;
};
constexpr Entry kEntries[] = {
#include "language/filler_words.inc"
};
static_assert(std::adjacent_find(std::begin(kEntries), std::end(kEntries),
                                 [](const Entry& a, const Entry& b) { return a.word >= b.word; }) ==
              std::end(kEntries));

bool Is(Kind kind, std::string_view word) {
  const auto at = std::lower_bound(std::begin(kEntries), std::end(kEntries), word,
                                   [](const Entry& entry, std::string_view w) { return entry.word < w; });
  return at != std::end(kEntries) && at->word == word && (at->kinds & kind) != 0;
}

// Whether a word is an English pronoun or the like with a contracted verb: "that's", "i'd", "we've".
bool IsContraction(std::string_view word) {
  const size_t mark = word.find('\'');
  if (mark == std::string_view::npos || mark == 0) return false;
  const std::string_view verb = word.substr(mark + 1);
  for (const std::string_view known : {"s", "d", "ll", "re", "ve", "m"}) {
    if (verb == known) return Is(kStop, word.substr(0, mark));
  }
  return false;
}

// The words of a kind.
std::vector<std::string_view> WordsOfKind(Kind kind) {
  std::vector<std::string_view> words;
  for (const Entry& entry : kEntries) {
    if ((entry.kinds & kind) != 0) words.push_back(entry.word);
  }
  return words;
}

std::string_view WithoutParticle(std::string_view word) {
  return word.substr(0, analysis::LengthWithoutParticle(word));
}

bool IsCounter(std::string_view word) {
  const auto is = [](std::string_view w) { return Is(kCounter, w) || Is(kJoinedCounter, w); };
  return is(word) || is(WithoutParticle(word));
}

// Whether a word is a numeral and its counter: "두개", "한켤레만".
bool IsJoinedCount(std::string_view word) {
  static const auto* const kNumerals = new std::vector<std::string_view>(WordsOfKind(kNumeral));
  for (const std::string_view numeral : *kNumerals) {
    if (!word.starts_with(numeral) || !HasHangul(numeral)) continue;
    const std::string_view rest = word.substr(numeral.size());
    if (Is(kJoinedCounter, rest) || Is(kJoinedCounter, WithoutParticle(rest))) return true;
  }
  return false;
}

bool IsPlural(std::string_view word) { return !HasHangul(word) && Singular(word) != word; }

class CountBlanker {
 public:
  CountBlanker(const std::function<bool(std::string_view)>& is_name, std::string* text)
      : is_name_(is_name), text_(*text), words_(SplitAtBlanks(text_)) {}

  void Run() {
    for (size_t i = 0; i < words_.size(); ++i) {
      const size_t count = CountAt(i);
      if (count == 0) continue;
      const size_t begin = words_[i].begin, end = words_[i + count - 1].end;
      TRINE_DCHECK_LE(end, text_.size());
      std::fill(text_.begin() + static_cast<ptrdiff_t>(begin), text_.begin() + static_cast<ptrdiff_t>(end),
                ' ');
      i += count - 1;
    }
  }

 private:
  std::string Text(size_t i) const { return text_.substr(words_[i].begin, words_[i].end - words_[i].begin); }
  bool Follows(size_t i) const { return i < words_.size() && !words_[i].after_punctuation; }

  // The number of words from the i-th on that count or leave a property open.
  size_t CountAt(size_t i) const {
    const std::string word = Text(i);
    const bool next = Follows(i + 1);
    if (HasHangul(word)) {
      if (Is(kOther, word) && next) {
        const std::string aspect = Text(i + 1);
        if (Is(kAspect, aspect) || Is(kAspect, WithoutParticle(aspect))) return 2;
      }
      if (Is(kNumeral, word) && next && IsCounter(Text(i + 1))) return 2;
      return IsJoinedCount(word) && !is_name_(word) ? 1 : 0;
    }
    // "any colour but black" refuses a colour.
    const bool refuses = Follows(i + 2) && Text(i + 2) == "but";
    if (Is(kOther, word) && next && Is(kAspect, Text(i + 1)) && !refuses) return 2;
    if (Is(kPartitive, word) && next && Text(i + 1) == "of" && Follows(i + 2)) return 2;
    return Is(kNumeral, word) && CountsPlural(i) ? 1 : 0;
  }

  // Whether a plural follows the numeral, with adjectives before it. "two person tent" and "three way heads"
  // count parts of a thing.
  bool CountsPlural(size_t i) const {
    for (size_t at = i + 1; Follows(at); ++at) {
      const std::string word = Text(at);
      if (UnitAt(word) == word || is_name_(Text(i) + " " + word)) return false;
      if (IsPlural(word) || Is(kPartitive, word)) return true;
      if (!IsStopWord(word) && !IsWishWord(word) && ColourSynonyms(word).empty()) return false;
    }
    return false;
  }

  const std::function<bool(std::string_view)>& is_name_;
  std::string& text_;
  const std::vector<WrittenWord> words_;
};

}  // namespace

bool IsStopWord(std::string_view folded) {
  static const auto* const kRequests = new std::vector<std::string_view>(WordsOfKind(kRequest));
  return Is(kStop, folded) || IsContraction(folded) ||
         std::any_of(kRequests->begin(), kRequests->end(),
                     [&](std::string_view request) { return folded.starts_with(request); });
}
bool IsGenericNoun(std::string_view folded) { return Is(kGeneric, folded); }
bool IsRefusalLink(std::string_view folded) {
  return Is(kLink, folded) || (HasHangul(folded) && Is(kLink, WithoutParticle(folded)));
}

void BlankCounts(const std::function<bool(std::string_view)>& is_name, std::string* folded) {
  CountBlanker(is_name, folded).Run();
}

}  // namespace trine::language
