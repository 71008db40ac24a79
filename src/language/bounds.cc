#include "language/bounds.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "language/bound_negation.h"
#include "language/refusal_marks.h"

namespace trine::language {
namespace {

enum class Place { kAfter, kStem, kThan, kBefore };
enum class Side { kMost, kLeast };
enum class Edge { kInclusive, kExclusive };

enum class Sort { kComparison, kLimit, kTime };

struct Entry {
  Place place;
  Side side;
  Edge edge;
  Sort sort;
  std::string_view word;
};
constexpr Entry kWords[] = {
#define BOUND_WORD(place, side, edge, word, source) \
  Entry{Place::place, Side::side, Edge::edge, Sort::kComparison, word},
#define BOUND_LIMIT(place, side, edge, word, source) \
  Entry{Place::place, Side::side, Edge::edge, Sort::kLimit, word},
#define BOUND_TIME(place, side, edge, word, source) \
  Entry{Place::place, Side::side, Edge::edge, Sort::kTime, word},
#include "language/bound_words.inc"
#undef BOUND_WORD
};
// Words that begin like a bound but are none: "2인용 이상한 텐트" is a strange tent, 밑창 a sole.
constexpr std::array<std::string_view, 11> kFalseBounds = {
    "이상한", "이상하", "이상해", "이상형", "밑단", "밑창", "밑반", "밑가", "아래층", "넘버", "넘사"};

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }
bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

template <size_t N>
bool BeginsWithAny(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.starts_with(w); });
}

std::string_view Trimmed(std::string_view text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

// Whether a mark is negated itself: "55 빼지 말고".
bool IsNegatedAgain(std::string_view text, const MarkPlace& mark) {
  static const RE2 kNot(R"(^\s*(?:않|말|마|못))");
  const std::string_view said = text.substr(mark.begin, mark.end - mark.begin);
  const bool open = said.ends_with("지") || said.ends_with("지는") || said.ends_with("지도");
  return open && RE2::PartialMatch(Piece(text.substr(mark.end)), kNot);
}

std::string_view WithoutBlanksAtEnd(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" :") + 1);  // "예산: 5만원"
}

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
  return at;
}

// The end of a Korean particle at `at` ("을" of "5만원을 넘는"); `at` if there is none.
size_t SkipParticle(std::string_view text, size_t at) {
  constexpr std::array<std::string_view, 6> kParticles = {"을", "를", "이", "가", "은", "는"};
  return BeginsWithAny(text.substr(at), kParticles) ? at + 3 : at;
}

size_t SkipSyllables(std::string_view text, size_t at) {
  while (at < text.size() && IsWide(text[at])) ++at;
  return at;
}

// The longest entry at one side of a number; nullptr if there is none.
template <typename Fits>
const Entry* Longest(const Fits& fits) {
  const Entry* best = nullptr;
  for (const Entry& entry : kWords) {
    if ((best == nullptr || entry.word.size() > best->word.size()) && fits(entry)) best = &entry;
  }
  return best;
}

BoundWord WordOf(const Entry& entry, size_t begin, size_t end) {
  BoundWord bound;
  bound.word = entry.word;
  bound.upper = entry.side == Side::kMost;
  bound.exclusive = entry.edge == Edge::kExclusive;
  bound.before = entry.place == Place::kBefore;
  bound.time = entry.sort == Sort::kTime;
  bound.begin = begin;
  bound.end = end;
  return bound;
}

void Negate(BoundWord* bound) {
  bound->upper = !bound->upper;
  bound->exclusive = !bound->exclusive;
  bound->negated = true;
}

// Reads a stem with what negates it: "안 넘는", "넘지 않는", "보다 비싸지 않은". `at` is the place of the
// stem.
std::optional<BoundWord> StemAt(std::string_view text, size_t begin, size_t at, Place place) {
  bool negated = false;
  for (const std::string_view word : {"안 ", "못 ", "안"}) {
    if (negated || !text.substr(at).starts_with(word)) continue;
    const std::string_view tail = text.substr(at + word.size());
    negated =
        Longest([&](const Entry& e) { return e.place == place && tail.starts_with(e.word); }) != nullptr;
    if (negated) at += word.size();
  }
  const std::string_view tail = text.substr(at);
  if (BeginsWithAny(tail, kFalseBounds)) return std::nullopt;
  const Entry* entry = Longest([&](const Entry& e) { return e.place == place && tail.starts_with(e.word); });
  if (entry == nullptr) return std::nullopt;
  size_t stop = SkipSyllables(text, at + entry->word.size());
  BoundWord bound = WordOf(*entry, begin, stop);
  if (negated) Negate(&bound);
  // The negation of a verb or an adjective follows its ending -지.
  static const RE2 kNot(R"(^\s*(?:않|말|마|못)[가-힣]*)");
  const std::string_view said = text.substr(at, stop - at);
  re2::StringPiece rest(text.data() + stop, text.size() - stop);
  if ((said.ends_with("지") || said.ends_with("지는") || said.ends_with("지도")) &&
      RE2::Consume(&rest, kNot)) {
    bound.end = text.size() - rest.size();
    if (negated) bound.understood = false;
    Negate(&bound);
  }
  return bound;
}

// "보다 (더) 비싼".
std::optional<BoundWord> ThanAt(std::string_view text, size_t begin, size_t end) {
  static const RE2 kThan(R"(^\s*보다(?:는|도)?\s*(?:(?:더|훨씬|조금|좀|약간)\s*)?)");
  re2::StringPiece rest(text.data() + end, text.size() - end);
  if (!RE2::Consume(&rest, kThan)) return std::nullopt;
  return StemAt(text, begin, text.size() - rest.size(), Place::kThan);
}

// A word that follows the number directly, or after a particle.
std::optional<BoundWord> WordAfter(std::string_view text, size_t begin, size_t end) {
  if (auto than = ThanAt(text, begin, end)) return than;
  for (const size_t from : {end, SkipParticle(text, end)}) {
    const size_t at = SkipBlanks(text, from);
    const std::string_view tail = text.substr(at);
    if (BeginsWithAny(tail, kFalseBounds)) return std::nullopt;
    const Entry* entry = Longest([&](const Entry& e) {
      if (e.place != Place::kAfter || !tail.starts_with(e.word)) return false;
      // A Latin word must end where the text's word ends.
      return !IsLatin(e.word.back()) || e.word.size() == tail.size() || !IsLatin(tail[e.word.size()]);
    });
    const auto stem = StemAt(text, begin, at, Place::kStem);
    if (entry != nullptr) {
      BoundWord bound = WordOf(*entry, begin, at + entry->word.size());
      // "6만원 이상 넘지 않는": the verb says what the bound is.
      const size_t next = SkipBlanks(text, bound.end);
      const auto verb = next > bound.end ? StemAt(text, begin, next, Place::kStem) : std::nullopt;
      const bool negation = verb && (verb->word.starts_with("안") || verb->word.starts_with("못"));
      return verb && !negation ? verb : std::optional(bound);
    }
    if (stem) return stem;
  }
  return std::nullopt;
}

// The end of the text before a number, without what may stand between the number and the word that bounds it:
// "under [a budget of] 5".
std::string_view WithoutFillersAtEnd(std::string_view head) {
  static const RE2 kFiller(
      R"(^((?s:.*[^a-z])?)(?:an?|the|my|our|your|a\s+total\s+of|about|around|approximately|roughly|only|just|price\s+of|cost\s+of|budget\s+of|limit\s+of|total\s+of|weight\s+of|budget|limit)$)");
  for (int round = 0; round < 4; ++round) {
    re2::StringPiece rest;
    head = WithoutBlanksAtEnd(head);
    if (!RE2::FullMatch(Piece(head), kFiller, &rest)) break;
    head = head.substr(0, rest.size());
  }
  return head;
}

const Entry* EntryAtEnd(std::string_view head, bool limits) {
  const Entry* entry = Longest([&](const Entry& e) {
    if (e.place != Place::kBefore || (!limits && e.sort == Sort::kLimit) || !head.ends_with(e.word))
      return false;
    const size_t at = head.size() - e.word.size();
    // A word must begin where the text's word begins.
    if (at == 0) return true;
    if (e.word == "~") return head[at - 1] == ' ';
    return IsLatin(e.word.front()) ? !IsLatin(head[at - 1]) : !IsWide(e.word.front()) || head[at - 1] == ' ';
  });
  // The "from" of "stay away from 5" belongs to the mark.
  const auto mark = MarkBefore(head, head.size(), kBound);
  return entry != nullptr && mark && mark->mark->words.size() > entry->word.size() ? nullptr : entry;
}

std::optional<BoundWord> WordBefore(std::string_view text, size_t begin, size_t end) {
  // "over my budget of 5" is a comparison with a limit; "budget of 5" is the limit.
  const std::string_view head = WithoutBlanksAtEnd(text.substr(0, begin)), plain = WithoutFillersAtEnd(head);
  const Entry* entry = EntryAtEnd(head, false);
  size_t at = head.size();
  if (entry == nullptr && plain.size() < head.size()) {
    entry = EntryAtEnd(plain, false);
    at = plain.size();
  }
  if (entry == nullptr) {
    entry = EntryAtEnd(head, true);
    at = head.size();
  }
  if (entry == nullptr) return std::nullopt;
  return WordOf(*entry, at - entry->word.size(), end);
}

// Whether a word that follows one number is a conjunction and the word before the next number: "over 30 and
// under 50". A word that may stand on both sides belongs to the next number if this one has its own
// word: "min 30 max 50".
bool BelongsToNextNumber(std::string_view text, const BoundWord& after, bool has_own) {
  static const RE2 kConjunction(R"(\s*(?:and|or)\s.*)"),
      kAmount(R"(^\s*(?:of\s+|is\s+)?(?:[$€£¥₩₹]|(?:usd|krw|eur|won)\s)?\s*\d)");
  if (!RE2::PartialMatch(Piece(text.substr(after.end)), kAmount)) return false;
  if (RE2::FullMatch(Piece(after.word), kConjunction)) return true;
  const bool both = std::any_of(std::begin(kWords), std::end(kWords), [&](const Entry& e) {
    return e.place == Place::kBefore && e.word == after.word;
  });
  return both && has_own;
}

// Joins the words on both sides of a number. An upper bound and a lower one on the same number exclude each
// other, but for a budget, which says only that the number is money.
BoundWord Joined(const BoundWord& before, const BoundWord& after) {
  BoundWord bound = after;
  bound.begin = before.begin;
  const bool budget = before.word.starts_with("예산") || before.word.starts_with("budget");
  if (before.upper != after.upper && !budget) bound.understood = false;
  bound.before = true;
  return bound;
}

}  // namespace

bool Bounds::Contains(double number) const {
  if (empty()) return true;
  if (std::isnan(number)) return false;
  constexpr double kEqual = 1e-9;
  const auto equal = [number](double bound) { return std::abs(number - bound) <= kEqual * std::abs(bound); };
  const bool high_enough = !min || (equal(*min) ? !min_exclusive : number > *min);
  const bool low_enough = !max || (equal(*max) ? !max_exclusive : number < *max);
  return high_enough && low_enough;
}

std::optional<Bounds> Inverted(const Bounds& bounds) {
  TRINE_DCHECK(!bounds.empty());
  if (bounds.min && bounds.max) return std::nullopt;
  return Bounds{bounds.max, bounds.min, !bounds.max_exclusive && bounds.max,
                !bounds.min_exclusive && bounds.min};
}

Bounds BoundWord::Of(double number) const {
  Bounds bounds;
  if (!understood) return bounds;
  (upper ? bounds.max : bounds.min) = number;
  (upper ? bounds.max_exclusive : bounds.min_exclusive) = exclusive;
  return bounds;
}

std::optional<BoundWord> FindBoundWord(std::string_view text, size_t begin, size_t end) {
  TRINE_DCHECK_LE(begin, end);
  TRINE_DCHECK_LE(end, text.size());
  const auto before = WordBefore(text, begin, end);
  auto after = WordAfter(text, begin, end);
  if (after && BelongsToNextNumber(text, *after, before.has_value())) after.reset();
  if (!after && !before) return std::nullopt;
  BoundWord bound = !before ? *after : !after ? *before : Joined(*before, *after);
  const Negation negation = FindNegation(text, bound.begin, bound.end, !bound.upper);
  if (negation.kind == Negation::Kind::kNone) return bound;
  const bool limit = std::any_of(std::begin(kWords), std::end(kWords), [&](const Entry& e) {
    return e.word == bound.word && e.sort == Sort::kLimit && bound.before == (e.place == Place::kBefore);
  });
  bound.begin = negation.begin;
  bound.end = negation.end;
  bound.apart_begin = negation.apart_begin;
  bound.apart_end = negation.apart_end;
  // A verb that is negated by itself ("넘지 않는") and again is not understood.
  if (negation.kind == Negation::Kind::kUnclear || limit || bound.negated) bound.understood = false;
  Negate(&bound);
  return bound;
}

bool AreAlternatives(std::string_view between) {
  static const RE2 kAfter(R"(^(?:이)?(?:거나|나)(?:\s|$)|^(?:인|의)?\s*(?:또는|혹은|아니면|n?or)(?:\s|$))"),
      kBefore(R"((?:^|\s)(?:또는|혹은|아니면|or)\s+$|[가-힣](?:이나|거나|나)\s+$)"),
      kSuch(R"(^\s*or\s+(?:so|thereabouts|near)\b)");
  if (RE2::PartialMatch(Piece(between), kSuch)) return false;
  return RE2::PartialMatch(Piece(between), kAfter) || RE2::PartialMatch(Piece(between), kBefore);
}

bool IsAlternative(std::string_view text, size_t begin) {
  TRINE_DCHECK_LE(begin, text.size());
  static const RE2 kBefore(R"([^\s,]\s*,?\s+(?:또는|혹은|아니면|or)\s+$)");
  return RE2::PartialMatch(Piece(text.substr(0, begin)), kBefore);
}

bool IsRejected(std::string_view text, size_t* begin, size_t* end) {
  TRINE_DCHECK_LE(*begin, *end);
  TRINE_DCHECK_LE(*end, text.size());
  // "55 [사이즈는] 말고".
  static const RE2 kSizeNoun(
      R"((?:[\s-]*(?:사이즈|치수|크기|제품|상품|모델|짜리|것|거|sizes?|models?|ones?))?)"),
      kParticle(R"((?:은|는|이|가|을|를|도|만|로|으로)?)");
  re2::StringPiece rest = Piece(text.substr(*end));
  RE2::Consume(&rest, kSizeNoun);
  const size_t plain = text.size() - rest.size();
  RE2::Consume(&rest, kParticle);
  for (const size_t at : {text.size() - rest.size(), plain, *end}) {
    const auto mark = MarkAt(text, SkipBlanks(text, at), kNumber);
    if (!mark || IsNegatedAgain(text, *mark)) continue;
    *end = mark->end;
    return true;
  }
  // "not [in size] 55".
  static const RE2 kLink(R"(^((?s:.*[^a-z])?)(?:an?|the|any|in|for|sizes?|from)$)");
  std::string_view head = Trimmed(text.substr(0, *begin));
  if (head.size() == *begin) return false;
  auto mark = MarkBefore(text, head.size(), kNumber);
  for (re2::StringPiece before; !mark && RE2::FullMatch(Piece(head), kLink, &before);) {
    head = Trimmed(head.substr(0, before.size()));
    mark = MarkBefore(text, head.size(), kNumber);
  }
  if (!mark) {
    const size_t blank = head.rfind(' ');
    if (blank == std::string_view::npos || !NegatesObject(head.substr(blank + 1))) return false;
    mark = MarkBefore(text, Trimmed(head.substr(0, blank)).size(), kNumber);
    if (!mark || mark->mark->form != MarkForm::kVerb) return false;
  } else if (mark->mark->form == MarkForm::kVerb) {
    return false;
  }
  *begin = mark->begin;
  return true;
}

bool IsListJoin(std::string_view between) {
  static const RE2 kJoin(
      R"(\s*(?:,|/|·|、|이?나\s|이?랑\s|와\s|과\s|하고\s|또는|혹은|아니면|및|\sor\s|\sand\s)\s*)");
  return RE2::FullMatch(Piece(between), kJoin);
}

bool IsRange(std::string_view text, size_t low_begin, size_t low_end, size_t high_begin, size_t high_end) {
  TRINE_DCHECK_LE(low_begin, low_end);
  TRINE_DCHECK_LE(low_end, high_begin);
  TRINE_DCHECK_LE(high_end, text.size());
  static const RE2 kBetween(R"((?:^|[^a-z])between\s+$)"), kWithin(R"(^\s*사이)");
  const std::string_view join = text.substr(low_end, high_begin - low_end);
  if (IsRangeJoin(join)) return true;
  if (Trim(join) == "and") return RE2::PartialMatch(Piece(text.substr(0, low_begin)), kBetween);
  return IsListJoin(join) && RE2::PartialMatch(Piece(text.substr(high_end)), kWithin);
}

bool IsRangeJoin(std::string_view between) {
  static const RE2 kJoin(R"(\s*(?:~|∼|〜|-|–|에서(?:부터)?|부터|\sto\s)\s*)");
  return RE2::FullMatch(Piece(between), kJoin);
}

}  // namespace trine::language
