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
#include "language/filler.h"
#include "language/plain_text.h"
#include "language/refusal_marks.h"
#include "language/synonyms.h"

namespace trine::language {
namespace {

// Adverbs that may stand between "don't" and its verb.
constexpr std::string_view kAdverbs[] = {"really", "ever", "even", "actually", "particularly", "especially"};
constexpr std::string_view kSpeakers[] = {"i", "we", "you", "they", "he", "she"};
// Determiners and pronouns after which "but" makes an exception, and those after which it leaves nothing
// else.
constexpr std::string_view kAll[] = {"any",        "anything", "anyone",    "anybody", "every",
                                     "everything", "everyone", "everybody", "all",     "whatever"};
constexpr std::string_view kNone[] = {"no", "nothing", "none", "nobody"};
// Marks that say of a product that it lacks something, so that to refuse the product asks for that.
constexpr std::string_view kLacks[] = {"without", "w/o",    "lacking", "isn't", "isnt",     "aren't", "arent",
                                       "doesn't", "doesnt", "don't",   "dont",  "does not", "do not"};
constexpr size_t kMaxNameWords = 6;  // longer names are not looked for around a mark

template <size_t N>
bool IsAmong(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Whether a word ends like a Korean predicate that describes a noun: 매운. Few nouns end like this.
bool IsAttributive(std::string_view word) {
  static constexpr std::string_view kEndings[] = {"운", "은", "는", "한", "된", "쓴", "큰"};
  return word.size() > std::string_view("큰").size() &&
         std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view e) { return word.ends_with(e); });
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
      if (const size_t next = ReadException(i); next > i) {
        i = next;
        continue;
      }
      size_t length = 0;
      const Mark* mark = LongestAt(i, &length);
      i = mark != nullptr ? ReadMark(*mark, i, i + length) : ReadNegatedWord(i);
    }
    SetClauses();
    for (size_t m = 0; m + 1 < marks_.size(); ++m)
      marks_[m + 1].double_negation = MayCancel(marks_[m], marks_[m + 1]);
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

  // Reads the "but" that a determiner at the i-th word makes an exception: "any brand but". "No colour but
  // black" asks for black. Returns the word after what was read; `i` if there is no such "but".
  size_t ReadException(size_t i) {
    constexpr size_t kMostBetween = 3;
    const bool all = IsAmong(Text(i), kAll);
    if (!all && !IsAmong(Text(i), kNone)) return i;
    size_t but = i + 1;
    bool links = true;
    for (; but < words_.size() && Text(but) != "but"; ++but) {
      if (words_[but].after_punctuation || but - i > kMostBetween) return i;
      links = links && (IsRefusalLink(Text(but)) || Text(but) == "other" || Text(but) == "else");
    }
    if (EndsPart(but) || EndsPart(but + 1) || is_in_name_[but]) return i;
    if (!all) return links ? AddEmpty(i, but + 1) : i;
    // "any hammer but in red" and "any hammer but cheap" add a condition.
    const std::string_view next = Text(but + 1);
    size_t length = 0;
    if (LongestAt(but + 1, &length) != nullptr || (IsStopWord(next) && !IsRefusalLink(next))) return i;
    AddMark(links ? i : but, but + 1, MarkSide::kBefore, false);
    return but + 1;
  }

  // Whether two marks that follow each other may cancel each other: one says what a product lacks, and the
  // other refuses the product.
  bool MayCancel(const RefusalMark& one, const RefusalMark& next) const {
    const auto text = [this](const RefusalMark& mark) {
      return text_.substr(mark.begin, mark.end - mark.begin);
    };
    if (EndOf(one) > next.begin || next.negates_one_word || one.beside || next.beside) return false;
    const std::string_view between = text_.substr(EndOf(one), next.begin - EndOf(one));
    if (between.find_first_of(",;.!?\n") != std::string_view::npos) return false;
    if (next.precedes) {
      const bool direct = std::count(between.begin(), between.end(), ' ') <= 4;  // " a rain coat that "
      return one.precedes && !one.negates_one_word && direct && IsAmong(text(next), kLacks);
    }
    // The attributive forms of Korean predicates: 없는, 아닌, "안 들어간", 매운.
    static constexpr std::string_view kAttributive[] = {"는", "은", "인", "닌", "운", "한", "된", "간", "린"};
    const std::string_view lacks = one.negates_one_word ? text_.substr(0, EndOf(one)) : text(one);
    return !one.precedes && SplitAtBlanks(between).size() == 1 &&
           std::any_of(std::begin(kAttributive), std::end(kAttributive),
                       [&](std::string_view form) { return lacks.ends_with(form); });
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
    if (mark.form == MarkForm::kBetween) {
      if (first == 0 || words_[first].after_punctuation || last) return next;
      AddMark(first, next, mark.side, false);
      marks_.back().ordinary = marks_.back().between = true;
      return next;
    }
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
      if (mark.form == MarkForm::kExceptive) return 0;  // ReadException
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
    // "less hot" is not refused, and not asked for.
    if (word == "덜" && (IsPredicate(next) || DescribesNext(i + 1))) {
      AddNegatedWord(i, i + 1, words_[i + 1]);
      marks_.back().unclear = true;
      return i + 2;
    }
    if ((word == "안" || word == "못") && (IsPredicate(next) || DescribesNext(i + 1))) {
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

  // Whether a word that the catalogue has describes the word behind it: the 매운 of "안 매운 라면".
  bool DescribesNext(size_t i) const { return IsAttributive(Text(i)) && !EndsPart(i + 1); }

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

// A mark at the end of a word, with the bytes before the mark, of the mark with its ending, and of the word
// that is written together with it: "핑크" "빼고" "원피스". Without a mark, `mark` is 0.
struct JoinedParts {
  size_t before = 0, mark = 0, behind = 0;
};

// Whether a word, perhaps with its particle, is a name of the catalogue, a colour or a product.
bool IsKnown(std::string_view word, const IsCatalogueName& is_name) {
  const std::string_view stem = word.substr(0, analysis::LengthWithoutParticle(word));
  for (const std::string_view form : {word, stem}) {
    if (is_name(form) || !GoodsSynonyms(form).empty() || !ColourSynonyms(form).empty()) return true;
  }
  return false;
}

// Where the word that is written together with a mark and its ending begins; the length of the text if there
// is none: 4 syllables in "어요코트" behind 싫. `complete`: the mark needs no ending.
size_t BeginOfJoined(std::string_view rest, bool complete, const IsCatalogueName& is_name) {
  constexpr size_t kSyllable = 3, kLeast = 2 * kSyllable;
  // The beginnings of the endings of "아닌데요", "말고가요", and of dependent nouns: "없는거".
  static constexpr std::string_view kEndings[] = {"데", "가", "거", "것", "게", "걸", "건", "지", "줄", "요"};
  const bool ending = std::any_of(std::begin(kEndings), std::end(kEndings),
                                  [rest](std::string_view e) { return rest.starts_with(e); });
  if (complete && !ending && rest.size() >= kLeast) return 0;
  for (size_t at = 0; at + kLeast <= rest.size(); at += kSyllable) {
    if (IsKnown(rest.substr(at), is_name)) return at;
  }
  return rest.size();
}

// The parts of a word that is a known one and a mark, written together without need: "핑크는안돼요".
JoinedParts PartsAtStem(std::string_view word, const IsCatalogueName& is_name) {
  constexpr size_t kSyllable = 3, kLeast = 2 * kSyllable;
  for (size_t at = kLeast; at + kLeast <= word.size(); at += kSyllable) {
    const std::string_view rest = word.substr(at);
    for (const Mark* mark : MarksBeginningLike(rest)) {
      const bool stem = mark->form == MarkForm::kStem && mark->words.size() >= kLeast;
      if (stem && mark->Binds(kNoun) && mark->sense == MarkSense::kRefuses && rest.starts_with(mark->words) &&
          IsKnown(word.substr(0, at), is_name))
        return {at, rest.size(), 0};
    }
  }
  return {};
}

// The parts of a word that ends with a mark with any ending ("없는" in "기모없는"). The first mark counts.
JoinedParts PartsAtMark(std::string_view word, const IsCatalogueName& is_name) {
  const auto is_wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(word.begin(), word.end(), is_wide)) return {};
  for (const Mark* mark : MarksBeginningLike(word)) {
    const bool nothing = mark->sense == MarkSense::kNothing || mark->sense == MarkSense::kOrdinary;
    // "부담없는" is an adjective.
    if (nothing && mark->Binds(kNoun) && word.starts_with(mark->words)) return {};
  }
  const Mark* first = nullptr;
  size_t begin = word.size();
  for (const Mark* mark : JoinedMarks()) {
    if (!mark->Binds(kNoun)) continue;
    const size_t at = word.rfind(mark->words);
    if (at == std::string_view::npos || at == 0 || at >= begin) continue;
    first = mark;
    begin = at;
  }
  if (first == nullptr) return PartsAtStem(word, is_name);
  static constexpr std::string_view kComplete[] = {"말고", "말구", "빼고", "없는", "아닌", "보다는", "보단"};
  const std::string_view rest = word.substr(begin + first->words.size());
  const size_t behind = BeginOfJoined(rest, IsAmong(first->words, kComplete), is_name);
  return {begin, first->words.size() + behind, rest.size() - behind};
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

// Where a word is to be divided because a negation is written together with its predicate: "안매운" if the
// catalogue has the predicate, "맵지않은". 0 if there is none.
size_t LengthOfNegation(std::string_view word, const IsCatalogueName& is_name) {
  constexpr std::string_view kEnding = "지";
  for (const std::string_view negation : {"지않", "지못"}) {
    const size_t at = word.find(negation);
    if (at != std::string_view::npos && at > 0) return at + kEnding.size();
  }
  for (const std::string_view negation : {"안", "못"}) {
    if (!word.starts_with(negation)) continue;
    const std::string_view rest = word.substr(negation.size());
    return IsAttributive(rest) && is_name(rest) ? negation.size() : 0;
  }
  return 0;
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

// Writes the marks that are part of a word as words of their own. Use once.
class MarkSeparator {
 public:
  MarkSeparator(std::string_view text, const IsCatalogueName& is_name)
      : text_(text), is_name_(is_name), words_(SplitAtBlanks(text)) {}

  std::string Run() {
    size_t copied = 0;
    for (size_t i = 0; i < words_.size();) {
      out_ += text_.substr(copied, words_[i].begin - copied);
      begins_.resize(i + 1, out_.size());
      const size_t next = std::max(i + 1, WriteAbsence(i));
      if (next == i + 1 && !written_) Write(i);
      written_ = false;
      copied = words_[next - 1].end;
      begins_.resize(next, out_.size());
      i = next;
    }
    out_ += text_.substr(copied);
    return std::move(out_);
  }

 private:
  std::string_view Text(size_t i) const {
    return text_.substr(words_[i].begin, words_[i].end - words_[i].begin);
  }
  bool Follows(size_t i) const { return i < words_.size() && !words_[i].after_punctuation; }

  // Writes "leather-free", "leather free", "non-red" and "non red" as "no leather;" and "no red;". Returns
  // the word after what was written; 0 if there is no such word.
  size_t WriteAbsence(size_t i) {
    constexpr std::string_view kFree = "free", kNon = "non";
    const std::string_view word = Text(i);
    std::string_view absent;
    bool before = false;  // the mark precedes the word, so that it is about that word only
    size_t next = i + 1;
    if (word.size() > kFree.size() + 1 && word.ends_with("-free")) {
      absent = word.substr(0, word.size() - kFree.size() - 1);
    } else if (word.size() > kNon.size() + 1 && word.starts_with("non-")) {
      absent = word.substr(kNon.size() + 1);
      before = true;
    } else if (Follows(i + 1) && (word == kNon || (Text(i + 1) == kFree && IsAbsent(i)))) {
      before = word == kNon;
      absent = before ? Text(i + 1) : word;
      next = i + 2;
    }
    if (absent.empty()) return 0;
    const std::string name = before ? "non " + std::string(absent) : std::string(absent) + " free";
    if ((next == i + 1 && is_name_(word)) || is_name_(name) || IsPhrase(name) ||
        IsPhrase("no " + std::string(absent)))
      return 0;
    std::string_view conjunction = i >= 2 && !words_[i].after_punctuation ? Text(i - 1) : std::string_view();
    // "gluten and dairy free"
    const bool both =
        !before && (conjunction == "and" || conjunction == "or") && Follows(i - 1) && IsAbsent(i - 2);
    if (both) out_.insert(begins_[i - 2], "no ");
    out_ += (both ? "" : "no ") + std::string(absent) + (Follows(next) ? ";" : "");
    written_ = true;
    return next;
  }

  // Whether a word before "free" may name what is absent.
  bool IsAbsent(size_t i) const {
    const std::string_view word = Text(i);
    const bool letters = std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    // What is given for nothing is not absent, and "free of" is a mark of its own.
    static constexpr std::string_view kGiven[] = {"shipping", "delivery", "returns", "gift",
                                                  "size",     "gifts",    "sample",  "samples",
                                                  "trial",    "postage",  "of",      "from"};
    const bool given = i + 2 < words_.size() && IsAmong(Text(i + 2), kGiven);
    return letters && !given && word.size() > 2 && !IsStopWord(word) && !IsGenericNoun(word);
  }

  // Whether a phrase of the table of marks refuses nothing: "hands free", "no slip".
  static bool IsPhrase(std::string_view words) {
    const auto like = MarksBeginningLike(words);
    return std::any_of(like.begin(), like.end(), [words](const Mark* mark) {
      return mark->words == words &&
             (mark->sense == MarkSense::kNothing || mark->sense == MarkSense::kOrdinary);
    });
  }

  void Write(size_t i) {
    const std::string_view word = Text(i);
    constexpr std::string_view kThan = "보다";
    if (HasOperator(text_, words_[i])) {
      if (word.front() != '-') out_.back() = ' ';  // "!black"
      out_ += "without " + std::string(word.substr(word.front() == '-' ? 1 : 0));
    } else if (is_name_(word)) {
      out_ += word;
    } else if (const size_t length = WithoutPrefix(word, is_name_); length > 0) {
      const size_t prefix = word.size() - length, stem = analysis::LengthWithoutParticle(word);
      out_ += std::string(word.substr(prefix, stem - prefix)) + " 없는";
    } else if (word.ends_with(kThan) && IsKnown(word.substr(0, word.size() - kThan.size()), is_name_)) {
      // "레드보다 블랙" prefers the latter.
      out_ += std::string(word.substr(0, word.size() - kThan.size())) + " 보다는";
    } else if (const size_t negation = LengthOfNegation(word, is_name_); negation > 0) {
      out_ += std::string(word.substr(0, negation)) + " " + std::string(word.substr(negation));
    } else if (const JoinedParts parts = PartsAtMark(word, is_name_); parts.mark > 0) {
      out_ += std::string(word.substr(0, parts.before)) + " " +
              std::string(word.substr(parts.before, parts.mark));
      if (parts.behind > 0) out_ += " " + std::string(word.substr(parts.before + parts.mark));
    } else {
      out_ += word;
    }
  }

  std::string_view text_;
  const IsCatalogueName& is_name_;
  const std::vector<WrittenWord> words_;
  std::string out_;
  std::vector<size_t> begins_;  // where the words begin in `out_`
  bool written_ = false;        // WriteAbsence has written the word
};

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
  std::string out = MarkSeparator(text, is_name).Run();
  // A curved apostrophe is written like a straight one.
  constexpr std::string_view kCurved = "\u2019";
  for (size_t at = out.find(kCurved); at != std::string::npos; at = out.find(kCurved, at + 1))
    out.replace(at, kCurved.size(), "'");
  return out;
}

}  // namespace trine::language
