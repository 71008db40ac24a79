// Finds marks of refusal in four steps: the text is split at blanks and punctuation; names of the catalogue
// that contain a mark are set aside; the longest row of the table of marks that matches from a word on is
// taken; and the clause of the mark is bounded by the punctuation and the marks around it. A mark that only
// looks like one ("not sure", 안경) has a row of its own, or is a longer word and does not match.
#include "language/refusal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "language/plain_text.h"
#include "language/refusal_marks.h"

namespace trine::language {
namespace {

// Adverbs that may stand between "don't" and its verb.
constexpr std::string_view kAdverbs[] = {"really", "ever", "even", "actually", "particularly", "especially"};
constexpr std::string_view kSpeakers[] = {"i", "we", "you", "they", "he", "she"};
constexpr size_t kMaxNameWords = 6;  // longer names are not looked for around a mark

template <size_t N>
bool IsAmong(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class MarkFinder {
 public:
  // The words that begin in `names` are not read.
  MarkFinder(std::string_view text, const std::vector<WrittenWord>& names, const IsCatalogueName& is_name)
      : text_(text), is_name_(is_name), words_(SplitAtBlanks(text)) {
    for (const WrittenWord& word : words_) {
      is_in_name_.push_back(std::any_of(names.begin(), names.end(), [&](const WrittenWord& name) {
        return word.begin >= name.begin && word.begin < name.end;
      }));
    }
  }

  std::vector<RefusalMark> Find() {
    for (size_t i = 0; i < words_.size();) {
      if (is_in_name_[i]) {
        ++i;
        continue;
      }
      size_t length = 0;
      const Mark* mark = LongestAt(i, &length);
      i = mark != nullptr ? ReadMark(*mark, i, i + length) : ReadNegatedWord(i);
    }
    SetClauses();
    return std::move(marks_);
  }

  std::vector<WrittenWord> Names() {
    std::vector<WrittenWord> names;
    for (const Span& name : FindNames()) names.push_back({words_[name.first].begin, name.end, false});
    return names;
  }

 private:
  // A name of the catalogue: the words [first, last], up to the byte `end`, without the last word's particle.
  struct Span {
    size_t first = 0, last = 0, end = 0;
  };

  std::string_view Text(size_t i) const {
    return text_.substr(words_[i].begin, words_[i].end - words_[i].begin);
  }
  bool EndsPart(size_t next) const { return next >= words_.size() || words_[next].after_punctuation; }

  // The names that contain a mark, in the order of the text, without overlaps. The longest name is taken.
  std::vector<Span> FindNames() const {
    std::vector<Span> names;
    for (size_t i = 0; i < words_.size(); ++i) {
      if (!names.empty() && i <= names.back().last) continue;
      size_t length = 0;
      const bool negates = Text(i) == "안" || Text(i) == "못";
      const Mark* mark = LongestAt(i, &length);
      if (!negates && mark == nullptr) continue;
      const size_t from = names.empty() ? 0 : names.back().last + 1;
      Span name = NameAround(i, from);
      if (name.end == 0 && mark != nullptr && mark->sense == MarkSense::kOrdinary && length > 1)
        name = {i, i + length - 1, words_[i + length - 1].end};
      if (name.end > 0) names.push_back(name);
    }
    return names;
  }

  // The longest name of several words from the word `from` on that contains the i-th word; its end is 0 if
  // there is none.
  Span NameAround(size_t i, size_t from) const {
    for (size_t length = std::min(kMaxNameWords, words_.size()); length > 1; --length) {
      for (size_t first = std::max(from, i + 1 >= length ? i + 1 - length : 0); first <= i; ++first) {
        const size_t last = first + length - 1;
        if (last >= words_.size()) break;
        const size_t begin = words_[first].begin, end = words_[last].end;
        if (is_name_(text_.substr(begin, end - begin))) return {first, last, end};
        const size_t stem = words_[last].begin + analysis::LengthWithoutParticle(Text(last));
        if (stem < end && stem > words_[last].begin && is_name_(text_.substr(begin, stem - begin)))
          return {first, last, stem};
      }
    }
    return {};
  }

  // Reads the mark of the words [first, next). Returns the word after what was read.
  size_t ReadMark(const Mark& mark, size_t first, size_t next) {
    if (mark.sense == MarkSense::kOrdinary) return next;
    if (mark.sense == MarkSense::kNothing) {
      if (!is_name_(Text(first))) AddEmpty(first, next);
      return next;
    }
    if (mark.form == MarkForm::kVerb) return ReadVerb(first, next);
    const bool last = EndsPart(next);
    if (mark.form == MarkForm::kLast) {
      const bool ordinary = is_name_(Text(first)), begins = first == 0 || words_[first].after_punctuation;
      if (!last && (ordinary || begins || NegationFollows(next))) return next;
      AddMark(first, next, mark.side, !last || ordinary);
      marks_.back().ordinary = true;
      return next;
    }
    // Between Korean words, a Latin "no" may be about either: "니트 no 기모", "블랙 no 후디".
    if (mark.words == "no" && first > 0 && !words_[first].after_punctuation && !last &&
        HasHangul(Text(first - 1)) && HasHangul(Text(next))) {
      AddMark(first, next, MarkSide::kBeside, true);
      return next;
    }
    // "빼지 말고" refuses nothing, or asks for it.
    const std::string_view word = Text(next - 1);
    const bool open = word.ends_with("지") || word.ends_with("지는") || word.ends_with("지도");
    if (open && !last && mark.side == MarkSide::kAfter && Negates(Text(next))) {
      AddMark(first, next + 1, mark.side, true);
      return next + 1;
    }
    AddMark(first, next, mark.side, mark.sense == MarkSense::kUnclear);
    return next;
  }

  // Whether a negation of a Korean predicate is near: 별로 is an adverb in "별로 비싸지 않은".
  bool NegationFollows(size_t next) const {
    constexpr size_t kNear = 3;
    for (size_t at = next; at < std::min(next + kNear, words_.size()); ++at) {
      if (words_[at].after_punctuation) return false;
      const std::string_view word = Text(at);
      for (const std::string_view negation : {"안", "못", "않", "없"}) {
        if (negation == "안" ? word == negation : word.starts_with(negation)) return true;
      }
    }
    return false;
  }
  static bool Negates(std::string_view word) {
    return word.starts_with("않") || word.starts_with("못") || word.starts_with("말") ||
           word.starts_with("마세") || word.starts_with("마요") || word == "마";
  }

  // The number of words of the mark if it matches from the i-th word on, else 0.
  size_t MatchAt(const Mark& mark, size_t i) const {
    std::string_view rest = mark.words;
    for (size_t count = 0;; ++count) {
      const size_t blank = rest.find(' ');
      const std::string_view part = rest.substr(0, blank);
      if (i + count >= words_.size() || is_in_name_[i + count]) return 0;
      if (count > 0 && words_[i + count].after_punctuation) return 0;
      const std::string_view word = Text(i + count);
      const bool last = blank == std::string_view::npos;
      const bool any_ending = last && (mark.form == MarkForm::kStem || mark.form == MarkForm::kJoined);
      if (any_ending ? !word.starts_with(part) : word != part) return 0;
      if (!last) {
        rest.remove_prefix(blank + 1);
        continue;
      }
      const bool alone = (i == 0 || words_[i].after_punctuation) && EndsPart(i + count + 1);
      return mark.form == MarkForm::kAlone && !alone ? 0 : count + 1;
    }
  }

  // The longest mark of nouns from the i-th word on; nullptr if there is none.
  const Mark* LongestAt(size_t i, size_t* length) const {
    const Mark* best = nullptr;
    for (const Mark* mark : MarksBeginningLike(text_.substr(words_[i].begin))) {
      if (!mark->Binds(kNoun) || (best != nullptr && mark->words.size() <= best->words.size())) continue;
      const size_t count = MatchAt(*mark, i);
      if (count == 0) continue;
      best = mark;
      *length = count;
    }
    return best;
  }

  // Reads the verb after "don't". Returns the word after what was read.
  size_t ReadVerb(size_t first, size_t next) {
    while (next < words_.size() && IsAmong(Text(next), kAdverbs)) ++next;
    if (next >= words_.size() || words_[next].after_punctuation) return AddEmpty(first, next);
    const std::string_view verb = Text(next);
    const NegatedVerb meaning = NegatedVerbOf(verb);
    if (meaning == NegatedVerb::kNothing) return AddEmpty(first, next + 1);
    if (meaning == NegatedVerb::kOther) {
      AddNegatedWord(first, next, words_[next]);
      return next + 1;
    }
    // "I don't have a tent" refuses nothing, "a hoodie that doesn't have a zip" does.
    if (verb == "have" && first > 0 && IsAmong(Text(first - 1), kSpeakers)) return AddEmpty(first, next + 1);
    AddMark(first, next + 1, MarkSide::kBefore, false);
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

  void AddMark(size_t first, size_t next, MarkSide side, bool unclear) {
    TRINE_DCHECK_LT(first, next);
    RefusalMark mark;
    mark.begin = words_[first].begin;
    mark.end = words_[next - 1].end;
    mark.precedes = side == MarkSide::kBefore;
    mark.beside = side == MarkSide::kBeside;
    mark.apart_before = words_[first].after_punctuation;
    mark.apart_behind = EndsPart(next);
    mark.unclear = unclear;
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
      const size_t next = m + 1 < marks_.size() ? BeginOf(marks_[m + 1]) : text_.size();
      mark.behind = mark.end;
      while (mark.behind < next && !EndsClause(text_, mark.behind)) ++mark.behind;
      if (mark.precedes) {
        mark.from = mark.end;
        mark.until = mark.behind;
      } else {
        mark.until = mark.begin;
        mark.from = BeginOfClause(text_, mark.begin, m > 0 ? EndOf(marks_[m - 1]) : 0);
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
  std::vector<bool> is_in_name_;  // by word
  std::vector<RefusalMark> marks_;
};

// The length of a mark at the end of a word with any ending ("없는" in "기모없는"); 0 if there is none or
// nothing is before it.
size_t JoinedMark(std::string_view word) {
  const auto is_wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(word.begin(), word.end(), is_wide)) return 0;
  for (const Mark* mark : MarksBeginningLike(word)) {
    const bool nothing = mark->sense == MarkSense::kNothing || mark->sense == MarkSense::kOrdinary;
    // "부담없는" is an adjective.
    if (nothing && mark->Binds(kNoun) && word.starts_with(mark->words)) return 0;
  }
  size_t longest = 0;
  for (const Mark& mark : Marks()) {
    if (mark.form != MarkForm::kJoined || !mark.Binds(kNoun)) continue;
    const size_t at = word.rfind(mark.words);
    if (at != std::string_view::npos && at > 0) longest = std::max(longest, word.size() - at);
  }
  return longest;
}

// Whether a word has the operator of exclusion that many searches know: "hoodie -black", "hoodie !black".
bool HasOperator(std::string_view text, const WrittenWord& at) {
  const std::string_view word = text.substr(at.begin, at.end - at.begin);
  const auto begins = [text](size_t place) { return place == 0 || text[place - 1] == ' '; };
  if (word.front() == '-')
    return begins(at.begin) && word.size() > 2 && word.back() != '-' && word[1] != '-' &&
           !IsAsciiDigit(word[1]);
  return at.begin > 0 && text[at.begin - 1] == '!' && begins(at.begin - 1) && !IsAsciiDigit(word.front());
}

// The length of the rest of a word that begins with a Korean prefix of absence, if the catalogue has the
// rest: "노기모", "무설탕". 0 if it has none.
size_t WithoutPrefix(std::string_view word, const IsCatalogueName& is_name) {
  constexpr size_t kLeast = 6;  // two syllables
  for (const std::string_view prefix : {"노", "무", "비"}) {
    if (!word.starts_with(prefix) || word.size() < prefix.size() + kLeast) continue;
    const std::string_view stem = word.substr(0, analysis::LengthWithoutParticle(word));
    if (stem.size() < prefix.size() + kLeast || is_name(stem)) continue;
    if (is_name(stem.substr(prefix.size()))) return word.size() - prefix.size();
  }
  return 0;
}

}  // namespace

std::vector<RefusalMark> FindRefusalMarks(std::string_view text, const std::vector<WrittenWord>& names,
                                          const IsCatalogueName& is_name) {
  return MarkFinder(text, names, is_name).Find();
}

std::vector<WrittenWord> FindMarkedNames(std::string_view text, const IsCatalogueName& is_name) {
  return MarkFinder(text, {}, is_name).Names();
}

size_t BeginOfClause(std::string_view text, size_t end, size_t limit) {
  TRINE_DCHECK_LE(end, text.size());
  size_t begin = end;
  while (begin > limit && text[begin - 1] == ' ') --begin;
  // A mark that is a clause of its own answers the clause before it: "black? no thanks".
  if (begin > limit && (text[begin - 1] == '?' || text[begin - 1] == '!')) --begin;
  while (begin > limit && !EndsClause(text, begin - 1)) --begin;
  return begin;
}

std::string SeparateMarks(std::string_view text, const IsCatalogueName& is_name) {
  std::string out;
  size_t copied = 0;
  for (const WrittenWord& at : SplitAtBlanks(text)) {
    const std::string_view word = text.substr(at.begin, at.end - at.begin);
    out += text.substr(copied, at.begin - copied);
    copied = at.end;
    constexpr std::string_view kFree = "-free", kNon = "non-";
    if (HasOperator(text, at)) {
      if (word.front() != '-') out.back() = ' ';  // "!black"
      out += "without " + std::string(word.substr(word.front() == '-' ? 1 : 0));
    } else if (is_name(word)) {
      out += word;
    } else if (const size_t length = WithoutPrefix(word, is_name); length > 0) {
      const size_t prefix = word.size() - length, stem = analysis::LengthWithoutParticle(word);
      out += std::string(word.substr(prefix, stem - prefix)) + " 없는";
    } else if (word.size() > kFree.size() && word.ends_with(kFree) && !is_name("free")) {
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

}  // namespace trine::language
