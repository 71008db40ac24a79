#include "language/bounds.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/text.h"

namespace trine::language {
namespace {

enum class Place { kAfter, kStem, kBefore };
enum class Side { kMost, kLeast };
enum class Edge { kInclusive, kExclusive };

struct Entry {
  Place place;
  Side side;
  Edge edge;
  std::string_view word;
};
constexpr Entry kWords[] = {
#define BOUND_WORD(place, side, edge, word, source) Entry{Place::place, Side::side, Edge::edge, word},
#include "language/bound_words.inc"
#undef BOUND_WORD
};
// Words that begin like a bound but are none: "2인용 이상한 텐트" is a strange tent, 밑창 a sole.
constexpr std::array<std::string_view, 9> kFalseBounds = {"이상한", "이상하", "이상해", "이상형", "밑단",
                                                          "밑창",   "밑반",   "밑가",   "아래층"};

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

template <size_t N>
bool BeginsWithAny(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.starts_with(w); });
}

std::string_view WithoutBlanksAtEnd(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" :") + 1);  // "예산: 5만원"
}

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '-')) ++at;
  return at;
}

// The end of a Korean particle at `at` that a blank follows ("을" of "5만원을 넘는"); `at` if there is none.
size_t SkipParticle(std::string_view text, size_t at) {
  constexpr std::array<std::string_view, 6> kParticles = {"을 ", "를 ", "이 ", "가 ", "은 ", "는 "};
  return BeginsWithAny(text.substr(at), kParticles) ? at + 3 : at;
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

std::optional<BoundWord> WordAfter(std::string_view text, size_t begin, size_t end) {
  const size_t at = SkipBlanks(text, SkipParticle(text, end));
  const std::string_view tail = text.substr(at);
  if (BeginsWithAny(tail, kFalseBounds)) return std::nullopt;
  const Entry* entry = Longest([&](const Entry& e) {
    if (e.place == Place::kBefore || !tail.starts_with(e.word)) return false;
    // A Latin word must end where the text's word ends.
    return !IsLatin(e.word.back()) || e.word.size() == tail.size() || !IsLatin(tail[e.word.size()]);
  });
  if (entry == nullptr) return std::nullopt;
  size_t stop = at + entry->word.size();
  if (entry->place == Place::kStem) {
    while (stop < text.size() && IsWide(text[stop])) ++stop;
  }
  return BoundWord{entry->word, entry->side == Side::kMost, entry->edge == Edge::kExclusive, false, begin,
                   stop};
}

// Whether a text ends with a word that negates what follows.
bool EndsNegated(std::string_view head, size_t* begin) {
  for (const std::string_view word : {"not", "no", "n't", "never", "cannot"}) {
    if (!head.ends_with(word)) continue;
    const size_t at = head.size() - word.size();
    if (at > 0 && IsLatin(head[at - 1]) && word != "n't") continue;
    *begin = at;
    return true;
  }
  return false;
}

std::optional<BoundWord> WordBefore(std::string_view text, size_t begin, size_t end) {
  const std::string_view head = WithoutBlanksAtEnd(text.substr(0, begin));
  const Entry* entry = Longest([&](const Entry& e) {
    if (e.place != Place::kBefore || !head.ends_with(e.word)) return false;
    const size_t at = head.size() - e.word.size();
    // A word must begin where the text's word begins.
    if (at == 0) return true;
    return IsLatin(e.word.front()) ? !IsLatin(head[at - 1]) : !IsWide(e.word.front()) || head[at - 1] == ' ';
  });
  if (entry == nullptr) return std::nullopt;
  BoundWord bound{entry->word, entry->side == Side::kMost,       entry->edge == Edge::kExclusive,
                  true,        head.size() - entry->word.size(), end};
  // "not over 5" is "at most 5".
  if (bound.exclusive && EndsNegated(WithoutBlanksAtEnd(head.substr(0, bound.begin)), &bound.begin)) {
    bound.exclusive = false;
    bound.upper = !bound.upper;
  }
  return bound;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// Whether a word that follows one number is a conjunction and the word before the next number: "over 30 and
// under 50".
bool BelongsToNextNumber(std::string_view text, const BoundWord& after) {
  static const RE2 kConjunction(R"(\s*(?:and|or)\s.*)"),
      kNumber(R"(^\s*(?:[$€£¥₩₹]|(?:usd|krw|eur|won)\s)?\s*\d)");
  return RE2::FullMatch(Piece(after.word), kConjunction) &&
         RE2::PartialMatch(Piece(text.substr(after.end)), kNumber);
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

Bounds BoundWord::Of(double number) const {
  Bounds bounds;
  (upper ? bounds.max : bounds.min) = number;
  (upper ? bounds.max_exclusive : bounds.min_exclusive) = exclusive;
  return bounds;
}

std::optional<BoundWord> FindBoundWord(std::string_view text, size_t begin, size_t end) {
  TRINE_DCHECK_LE(begin, end);
  TRINE_DCHECK_LE(end, text.size());
  if (auto after = WordAfter(text, begin, end); after && !BelongsToNextNumber(text, *after)) return after;
  return WordBefore(text, begin, end);
}

bool IsRejected(std::string_view text, size_t* begin, size_t* end) {
  TRINE_DCHECK_LE(*begin, *end);
  TRINE_DCHECK_LE(*end, text.size());
  static const RE2 kAfter(
      R"((?:[\s-]*(?:사이즈|치수|크기|제품|상품|모델|짜리|것|거|sizes?|models?|ones?))?)"
      R"((?:은|는|이|가|을|를|도|만|로|으로)?\s*(?:말고|말구|빼고|뺀|제외[가-힣]*|아닌|아니고|아니라|대신에?|싫[가-힣]*))");
  static const RE2 kBefore(
      R"((?:^|[^a-z])((?:not|no|without|except(?:\s+for)?|excluding|instead\s+of|other\s+than|rather\s+than|(?:do|does)(?:n't|\s+not)\s+(?:want|need|like))\s+(?:(?:an?|the|any|in|for|sizes?|from)\s+)*)$)");
  re2::StringPiece rest = Piece(text.substr(*end)), before;
  if (RE2::Consume(&rest, kAfter)) {
    *end = text.size() - rest.size();
    return true;
  }
  if (!RE2::PartialMatch(Piece(text.substr(0, *begin)), kBefore, &before)) return false;
  *begin = static_cast<size_t>(before.data() - text.data());
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
