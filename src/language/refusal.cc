// Finds marks of refusal in three steps: the text is split at blanks and punctuation; the longest entry of
// refusal_words.inc that matches from a word on is taken; and the clause of the mark is bounded by the
// punctuation and the marks around it. A mark that only looks like one ("not only", "no-show socks", 안경) is
// an entry of its own, or is a longer word and does not match.
#include "language/refusal.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "language/plain_text.h"

namespace trine::language {
namespace {

enum class Place { kAfter, kBefore, kUnclear, kNone };
enum class Form { kWord, kStem, kJoined, kLast, kVerb };

struct Entry {
  Place place;
  Form form;
  std::string_view words;
};
struct Opposite {
  std::string_view refused, wished;
};
#define REFUSAL_MARK(place, form, words, source)
#define REFUSING_VERB(word)
#define OTHER_VERB(word)
#define REFUSED_OPPOSITE(refused, wished)

constexpr Entry kEntries[] = {
#undef REFUSAL_MARK
#define REFUSAL_MARK(place, form, words, source) Entry{Place::place, Form::form, words},
#include "language/refusal_words.inc"
#undef REFUSAL_MARK
#define REFUSAL_MARK(place, form, words, source)
};
constexpr std::string_view kRefusingVerbs[] = {
#undef REFUSING_VERB
#define REFUSING_VERB(word) word,
#include "language/refusal_words.inc"
#undef REFUSING_VERB
#define REFUSING_VERB(word)
};
constexpr std::string_view kOtherVerbs[] = {
#undef OTHER_VERB
#define OTHER_VERB(word) word,
#include "language/refusal_words.inc"
#undef OTHER_VERB
#define OTHER_VERB(word)
};
constexpr Opposite kOpposites[] = {
#undef REFUSED_OPPOSITE
#define REFUSED_OPPOSITE(refused, wished) Opposite{refused, wished},
#include "language/refusal_words.inc"
};
#undef REFUSAL_MARK
#undef REFUSING_VERB
#undef OTHER_VERB
#undef REFUSED_OPPOSITE

// Adverbs that may stand between "don't" and its verb.
constexpr std::string_view kAdverbs[] = {"really", "ever", "even", "actually", "particularly", "especially"};
constexpr std::string_view kSpeakers[] = {"i", "we", "you", "they", "he", "she"};
constexpr size_t kMaxNameWords = 3;  // of a name that a mark may be part of

template <size_t N>
bool IsAmong(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class MarkFinder {
 public:
  MarkFinder(std::string_view text, const IsCatalogueName& is_name)
      : text_(text), is_name_(is_name), words_(SplitAtBlanks(text)) {}

  std::vector<RefusalMark> Find() {
    for (size_t i = 0; i < words_.size();) {
      if (IsPartOfName(i)) {
        ++i;
        continue;
      }
      size_t length = 0;
      if (const Entry* entry = LongestAt(i, &length)) {
        const size_t next = i + length;
        if (entry->form == Form::kVerb) {
          i = ReadVerb(i, next);
          continue;
        }
        if (entry->place != Place::kNone)
          AddMark(i, next, entry->place);
        else if (!is_name_(Text(i)))
          AddEmpty(i, next);
        i = next;
        continue;
      }
      i = ReadNegatedWord(i);
    }
    SetClauses();
    return std::move(marks_);
  }

 private:
  std::string_view Text(size_t i) const {
    return text_.substr(words_[i].begin, words_[i].end - words_[i].begin);
  }

  // Whether the word and its neighbour name something in the catalogue.
  bool IsPartOfName(size_t i) const {
    for (size_t first = i == 0 ? 0 : i - 1; first <= i; ++first) {
      std::string name(Text(first));
      for (size_t last = first + 1; last < words_.size() && last < first + kMaxNameWords; ++last) {
        if (words_[last].after_punctuation) break;
        name += " " + std::string(Text(last));
        if (last >= i && is_name_(name)) return true;
      }
    }
    return false;
  }

  // The number of words of the entry if it matches from the i-th word on, else 0.
  size_t MatchAt(const Entry& entry, size_t i) const {
    std::string_view rest = entry.words;
    for (size_t count = 0;; ++count) {
      const size_t blank = rest.find(' ');
      const std::string_view part = rest.substr(0, blank);
      if (i + count >= words_.size() || (count > 0 && words_[i + count].after_punctuation)) return 0;
      const std::string_view word = Text(i + count);
      const bool last = blank == std::string_view::npos;
      const bool any_ending = last && (entry.form == Form::kStem || entry.form == Form::kJoined);
      if (any_ending ? !word.starts_with(part) : word != part) return 0;
      if (!last) {
        rest.remove_prefix(blank + 1);
        continue;
      }
      const size_t next = i + count + 1;
      if (entry.form == Form::kLast && next < words_.size() && !words_[next].after_punctuation) return 0;
      return count + 1;
    }
  }

  const Entry* LongestAt(size_t i, size_t* length) const {
    const Entry* best = nullptr;
    for (const Entry& entry : kEntries) {
      if (best != nullptr && entry.words.size() <= best->words.size()) continue;
      const size_t count = MatchAt(entry, i);
      if (count == 0) continue;
      best = &entry;
      *length = count;
    }
    return best;
  }

  // Reads the verb after "don't". Returns the word after what was read.
  size_t ReadVerb(size_t first, size_t next) {
    while (next < words_.size() && IsAmong(Text(next), kAdverbs)) ++next;
    if (next >= words_.size() || words_[next].after_punctuation) return AddEmpty(first, next);
    const std::string_view verb = Text(next);
    if (IsAmong(verb, kOtherVerbs)) return AddEmpty(first, next + 1);
    if (!IsAmong(verb, kRefusingVerbs)) {
      AddNegatedWord(first, next, words_[next]);
      return next + 1;
    }
    // "I don't have a tent" refuses nothing, "a hoodie that doesn't have a zip" does.
    if (verb == "have" && first > 0 && IsAmong(Text(first - 1), kSpeakers)) return AddEmpty(first, next + 1);
    AddMark(first, next + 1, Place::kBefore);
    return next + 1;
  }

  // Reads a negated Korean predicate that begins at the i-th word: "무겁지 않은", "안 무거운". Returns the
  // word after what was read.
  size_t ReadNegatedWord(size_t i) {
    const std::string_view word = Text(i);
    if (i + 1 >= words_.size() || words_[i + 1].after_punctuation) return i + 1;
    const std::string_view next = Text(i + 1);
    const auto ends = [&word](std::string_view tail) {
      return word.size() > tail.size() && word.ends_with(tail);
    };
    const auto negates = [&next](std::string_view stem) { return next.starts_with(stem); };
    if ((ends("지") || ends("지는") || ends("지도") || ends("진") || ends("지가")) &&
        (negates("않") || negates("못한") || negates("마세") || negates("말아"))) {
      AddNegatedWord(i + 1, i + 2, words_[i]);
      return i + 2;
    }
    if ((word == "안" || word == "못") && IsPredicate(next)) {
      AddNegatedWord(i, i + 1, words_[i + 1]);
      return i + 2;
    }
    return i + 1;
  }

  // Whether a word ends like a predicate. 안 is also a noun ("차 안 방향제"), which a noun follows.
  bool IsPredicate(std::string_view word) const {
    if (is_name_(word)) return false;
    if (!OppositeOf(word).empty()) return true;
    static constexpr std::string_view kEndings[] = {"는", "은", "운", "한", "된", "진", "난",
                                                    "간", "린", "인", "고", "게", "아", "어",
                                                    "해", "요", "다", "며", "서"};
    return word.size() > 3 && HasHangul(word) &&
           std::any_of(std::begin(kEndings), std::end(kEndings),
                       [&](std::string_view e) { return word.ends_with(e); });
  }

  void AddMark(size_t first, size_t last, Place place) {
    TRINE_DCHECK_LT(first, last);
    RefusalMark mark;
    mark.begin = words_[first].begin;
    mark.end = words_[last - 1].end;
    mark.precedes = place != Place::kAfter;
    mark.unclear = place == Place::kUnclear;
    marks_.push_back(mark);
  }
  // Adds a mark that refuses nothing, so that its words are not taken for content. Returns `last`.
  size_t AddEmpty(size_t first, size_t last) {
    TRINE_DCHECK_LT(first, last);
    const size_t begin = words_[first].begin;
    AddStretch(first, last, begin, begin);
    return last;
  }
  void AddNegatedWord(size_t first, size_t last, const WrittenWord& negated) {
    TRINE_DCHECK_LT(first, last);
    AddStretch(first, last, negated.begin, negated.end);
  }
  void AddStretch(size_t first, size_t last, size_t from, size_t until) {
    RefusalMark mark;
    mark.begin = words_[first].begin;
    mark.end = words_[last - 1].end;
    mark.from = from;
    mark.until = until;
    mark.negates_one_word = true;
    marks_.push_back(mark);
  }

  // A clause ends at punctuation other than a comma, and at the next mark.
  void SetClauses() {
    for (size_t m = 0; m < marks_.size(); ++m) {
      RefusalMark& mark = marks_[m];
      if (mark.negates_one_word) continue;
      if (mark.precedes) {
        const size_t limit = m + 1 < marks_.size() ? BeginOf(marks_[m + 1]) : text_.size();
        mark.from = mark.end;
        mark.until = mark.end;
        while (mark.until < limit && !EndsClause(text_, mark.until)) ++mark.until;
      } else {
        const size_t limit = m > 0 ? EndOf(marks_[m - 1]) : 0;
        mark.from = mark.until = mark.begin;
        while (mark.from > limit && !EndsClause(text_, mark.from - 1)) --mark.from;
      }
    }
  }
  static size_t BeginOf(const RefusalMark& mark) {
    return mark.negates_one_word ? std::min(mark.begin, mark.from) : mark.begin;
  }
  static size_t EndOf(const RefusalMark& mark) {
    return mark.negates_one_word ? std::max(mark.end, mark.until) : mark.end;
  }

  std::string_view text_;
  const IsCatalogueName& is_name_;
  std::vector<WrittenWord> words_;
  std::vector<RefusalMark> marks_;
};

// The length of a mark at the end of a word with any ending ("없는" in "기모없는"); 0 if there is none or
// nothing is before it.
size_t JoinedMark(std::string_view word) {
  size_t longest = 0;
  for (const Entry& entry : kEntries) {
    if (entry.form != Form::kJoined) continue;
    const size_t at = word.rfind(entry.words);
    if (at != std::string_view::npos && at > 0) longest = std::max(longest, word.size() - at);
  }
  for (const Entry& entry : kEntries) {
    // "부담없는" is an adjective.
    if (entry.place == Place::kNone && word.starts_with(entry.words)) return 0;
  }
  return longest;
}

}  // namespace

std::vector<RefusalMark> FindRefusalMarks(std::string_view text, const IsCatalogueName& is_name) {
  return MarkFinder(text, is_name).Find();
}

std::string SeparateMarks(std::string_view text, const IsCatalogueName& is_name) {
  std::string out;
  size_t copied = 0;
  for (const WrittenWord& at : SplitAtBlanks(text)) {
    const std::string_view word = text.substr(at.begin, at.end - at.begin);
    out += text.substr(copied, at.begin - copied);
    copied = at.end;
    if (is_name(word)) {
      out += word;
      continue;
    }
    constexpr std::string_view kFree = "-free", kNon = "non-";
    if (word.size() > kFree.size() && word.ends_with(kFree) && !is_name("free")) {
      out += "no " + std::string(word.substr(0, word.size() - kFree.size()));
    } else if (word.size() > kNon.size() && word.starts_with(kNon) && !is_name("non")) {
      out += "no " + std::string(word.substr(kNon.size()));
    } else if (const size_t mark = JoinedMark(word); mark > 0) {
      out += std::string(word.substr(0, word.size() - mark)) + " " +
             std::string(word.substr(word.size() - mark));
    } else {
      out += word;
    }
  }
  out += text.substr(copied);
  // A curved apostrophe is written like a straight one.
  constexpr std::string_view kCurved = "\u2019";
  for (size_t at = out.find(kCurved); at != std::string::npos; at = out.find(kCurved, at + 1))
    out.replace(at, kCurved.size(), "'");
  return out;
}

std::string_view OppositeOf(std::string_view word) {
  for (const Opposite& entry : kOpposites) {
    const bool latin = static_cast<unsigned char>(entry.refused.front()) < 0x80;
    if (latin ? word == entry.refused : word.starts_with(entry.refused)) return entry.wished;
  }
  return {};
}

}  // namespace trine::language
