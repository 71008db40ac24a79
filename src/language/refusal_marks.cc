// One row per mark. A reader takes the longest row of its scope that matches, so that a longer phrase which
// refuses nothing is stronger than the mark that it begins with.
#include "language/refusal_marks.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace trine::language {
namespace {

using enum MarkLanguage;
using enum MarkSide;
using enum MarkForm;
using enum MarkSense;
using enum MarkSource;

constexpr Mark kMarks[] = {
#include "language/refusal_marks.inc"
};

struct Verb {
  std::string_view word;
  NegatedVerb meaning;
  bool object;  // NegatesObject
};
constexpr Verb kVerbs[] = {
    {"want", NegatedVerb::kRefuses, true},      {"wants", NegatedVerb::kRefuses, false},
    {"like", NegatedVerb::kRefuses, true},      {"need", NegatedVerb::kRefuses, true},
    {"show", NegatedVerb::kRefuses, true},      {"recommend", NegatedVerb::kRefuses, true},
    {"suggest", NegatedVerb::kRefuses, true},   {"give", NegatedVerb::kRefuses, true},
    {"send", NegatedVerb::kRefuses, false},     {"include", NegatedVerb::kRefuses, false},
    {"contain", NegatedVerb::kRefuses, false},  {"prefer", NegatedVerb::kRefuses, false},
    {"wear", NegatedVerb::kRefuses, false},     {"use", NegatedVerb::kRefuses, false},
    {"eat", NegatedVerb::kRefuses, false},      {"drink", NegatedVerb::kRefuses, false},
    {"buy", NegatedVerb::kRefuses, true},       {"love", NegatedVerb::kRefuses, false},
    {"enjoy", NegatedVerb::kRefuses, false},    {"stand", NegatedVerb::kRefuses, false},
    {"fancy", NegatedVerb::kRefuses, false},    {"have", NegatedVerb::kRefuses, false},
    {"be", NegatedVerb::kRefuses, false},       {"care", NegatedVerb::kRefuses, false},
    {"require", NegatedVerb::kRefuses, false},  {"come", NegatedVerb::kRefuses, false},
    {"afford", NegatedVerb::kRefuses, false},   {"search", NegatedVerb::kRefuses, false},
    {"wanna", NegatedVerb::kRefuses, true},     {"accept", NegatedVerb::kRefuses, false},
    {"tolerate", NegatedVerb::kRefuses, false}, {"know", NegatedVerb::kNothing, false},
    {"mind", NegatedVerb::kNothing, false},     {"matter", NegatedVerb::kNothing, false},
    {"see", NegatedVerb::kNothing, false},      {"find", NegatedVerb::kNothing, false},
    {"think", NegatedVerb::kNothing, false},    {"understand", NegatedVerb::kNothing, false},
    {"remember", NegatedVerb::kNothing, false}, {"worry", NegatedVerb::kNothing, false},
    {"hesitate", NegatedVerb::kNothing, false}, {"decide", NegatedVerb::kNothing, false},
    {"choose", NegatedVerb::kNothing, false},   {"wait", NegatedVerb::kNothing, false},
    {"i", NegatedVerb::kNothing, false},        {"we", NegatedVerb::kNothing, false},
    {"you", NegatedVerb::kNothing, false},      {"they", NegatedVerb::kNothing, false},
    {"it", NegatedVerb::kNothing, false},       {"there", NegatedVerb::kNothing, false},
    {"cost", NegatedVerb::kNothing, false},     {"exceed", NegatedVerb::kNothing, false},
    {"forget", NegatedVerb::kNothing, false},   {"get", NegatedVerb::kNothing, true},
    {"go", NegatedVerb::kNothing, false},       {"do", NegatedVerb::kNothing, false},
    {"tell", NegatedVerb::kNothing, false},
};

// A word, or the beginning of a Korean word, and the wish or the order that its refusal means, in a word
// which expresses it: a shopper who wants nothing heavy wants something light. Source: the antonyms (반대말)
// of the two dictionaries.
struct Opposite {
  std::string_view refused, wished;
};
constexpr Opposite kOpposites[] = {
    {"무거", "가벼운"},
    {"무겁", "가벼운"},
    {"heavy", "lightweight"},
    {"시끄", "조용"},
    {"noisy", "quiet"},
    {"loud", "quiet"},
    {"불편", "편안"},
    {"uncomfortable", "comfortable"},
    {"춥", "따뜻"},
    {"추운", "따뜻"},
    {"덥", "시원"},
    {"더운", "시원"},
    {"비싸", "저렴"},
    {"비싼", "저렴"},
    {"expensive", "affordable"},
    {"pricey", "affordable"},
    {"고가", "저렴"},
    {"bulky", "compact"},
};

// Verbs of trade and of cost, pronouns and auxiliaries. Source: Cambridge's English grammar.
constexpr std::string_view kBridges[] = {"a",
                                         "able",
                                         "afford",
                                         "allowed",
                                         "an",
                                         "account",
                                         "any",
                                         "anything",
                                         "are",
                                         "as",
                                         "at",
                                         "be",
                                         "been",
                                         "being",
                                         "bit",
                                         "budget",
                                         "buy",
                                         "buying",
                                         "by",
                                         "can",
                                         "case",
                                         "cent",
                                         "circumstances",
                                         "come",
                                         "comes",
                                         "coming",
                                         "cost",
                                         "costed",
                                         "costing",
                                         "costs",
                                         "could",
                                         "did",
                                         "do",
                                         "does",
                                         "doing",
                                         "dollar",
                                         "even",
                                         "ever",
                                         "everything",
                                         "fall",
                                         "falls",
                                         "far",
                                         "for",
                                         "get",
                                         "gets",
                                         "getting",
                                         "give",
                                         "go",
                                         "goes",
                                         "going",
                                         "gone",
                                         "had",
                                         "has",
                                         "have",
                                         "having",
                                         "i",
                                         "if",
                                         "in",
                                         "interested",
                                         "is",
                                         "it",
                                         "item",
                                         "items",
                                         "its",
                                         "it's",
                                         "just",
                                         "launched",
                                         "like",
                                         "little",
                                         "look",
                                         "looking",
                                         "made",
                                         "may",
                                         "means",
                                         "me",
                                         "might",
                                         "much",
                                         "must",
                                         "my",
                                         "need",
                                         "needing",
                                         "needs",
                                         "of",
                                         "on",
                                         "one",
                                         "ones",
                                         "our",
                                         "out",
                                         "pay",
                                         "paying",
                                         "penny",
                                         "please",
                                         "plan",
                                         "planning",
                                         "prepared",
                                         "price",
                                         "priced",
                                         "prices",
                                         "pricing",
                                         "product",
                                         "products",
                                         "rated",
                                         "rather",
                                         "rating",
                                         "ready",
                                         "recommend",
                                         "released",
                                         "run",
                                         "see",
                                         "seeing",
                                         "sell",
                                         "selling",
                                         "sells",
                                         "shall",
                                         "should",
                                         "show",
                                         "showing",
                                         "single",
                                         "size",
                                         "sized",
                                         "sizes",
                                         "so",
                                         "sold",
                                         "something",
                                         "spend",
                                         "spending",
                                         "spent",
                                         "stay",
                                         "suggest",
                                         "that",
                                         "that's",
                                         "the",
                                         "their",
                                         "them",
                                         "there",
                                         "these",
                                         "they",
                                         "thing",
                                         "things",
                                         "this",
                                         "those",
                                         "to",
                                         "too",
                                         "total",
                                         "us",
                                         "want",
                                         "wanting",
                                         "wants",
                                         "was",
                                         "way",
                                         "we",
                                         "weigh",
                                         "weighing",
                                         "weighs",
                                         "weight",
                                         "were",
                                         "which",
                                         "who",
                                         "will",
                                         "willing",
                                         "with",
                                         "won",
                                         "would",
                                         "you",
                                         "your"};

bool IsHangul(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool IsWordByte(char c) { return IsHangul(c) || IsAsciiDigit(c) || (c >= 'a' && c <= 'z') || c == '\''; }

// The end of the words of a mark that begins at `at`, with the ending of a Korean word; npos if the text does
// not have them there.
size_t EndOfMark(std::string_view text, size_t at, const Mark& mark) {
  if (!text.substr(at).starts_with(mark.words)) return std::string_view::npos;
  size_t end = at + mark.words.size();
  const bool ends = end == text.size() || !IsWordByte(text[end]);
  constexpr size_t kSyllable = 3;  // one of them begins many words
  const bool whole = mark.form == kWord || (mark.form == kLast && mark.words.size() <= kSyllable);
  if (mark.language == kEnglish || whole) return ends ? end : std::string_view::npos;
  while (end < text.size() && IsHangul(text[end])) ++end;
  return end;
}

}  // namespace

std::span<const Mark> Marks() { return kMarks; }

std::span<const Mark* const> MarksBeginningLike(std::string_view text) {
  using Table = std::unordered_map<std::string_view, std::vector<const Mark*>>;
  static const Table* const kTable = [] {
    auto* table = new Table;
    for (const Mark& mark : kMarks) (*table)[mark.words.substr(0, 2)].push_back(&mark);
    return table;
  }();
  const auto at = kTable->find(text.substr(0, 2));
  if (at == kTable->end()) return {};
  return at->second;
}

std::optional<MarkPlace> MarkAt(std::string_view text, size_t at, MarkScopes scope) {
  TRINE_DCHECK_LE(at, text.size());
  const Mark* best = nullptr;
  size_t best_end = 0;
  for (const Mark* mark : MarksBeginningLike(text.substr(at))) {
    if (mark->side == kBefore || !mark->Binds(scope)) continue;
    if (best != nullptr && mark->words.size() <= best->words.size()) continue;
    const size_t end = EndOfMark(text, at, *mark);
    if (end == std::string_view::npos) continue;
    best = mark;
    best_end = end;
  }
  if (best == nullptr || best->sense != kRefuses) return std::nullopt;
  return MarkPlace{best, at, best_end};
}

std::optional<MarkPlace> MarkBefore(std::string_view text, size_t end, MarkScopes scope) {
  TRINE_DCHECK_LE(end, text.size());
  using Table = std::unordered_map<std::string_view, std::vector<const Mark*>>;
  constexpr size_t kTail = 2;  // bytes of the end of a mark by which it is looked up
  static const Table* const kTable = [] {
    auto* table = new Table;
    for (const Mark& mark : kMarks) {
      // Those that need the words around them are left out.
      if (mark.side == kBefore && mark.form != kExceptive && mark.form != kBetween)
        (*table)[mark.words.substr(mark.words.size() - kTail)].push_back(&mark);
    }
    return table;
  }();
  if (end < kTail) return std::nullopt;
  const auto like = kTable->find(text.substr(end - kTail, kTail));
  if (like == kTable->end()) return std::nullopt;
  const std::string_view head = text.substr(0, end);
  const Mark* best = nullptr;
  for (const Mark* mark : like->second) {
    if (!mark->Binds(scope) || !head.ends_with(mark->words)) continue;
    if (best != nullptr && mark->words.size() <= best->words.size()) continue;
    const size_t begin = end - mark->words.size();
    if (begin == 0 || !IsWordByte(text[begin - 1])) best = mark;
  }
  if (best == nullptr || best->sense != kRefuses) return std::nullopt;
  return MarkPlace{best, end - best->words.size(), end};
}

std::span<const Mark* const> JoinedMarks() {
  static const auto* const kJoinedMarks = [] {
    auto* marks = new std::vector<const Mark*>;
    for (const Mark& mark : kMarks) {
      if (mark.form == kJoined) marks->push_back(&mark);
    }
    return marks;
  }();
  return *kJoinedMarks;
}

NegatedVerb NegatedVerbOf(std::string_view verb) {
  const auto at =
      std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const Verb& v) { return v.word == verb; });
  return at == std::end(kVerbs) ? NegatedVerb::kOther : at->meaning;
}

bool NegatesObject(std::string_view verb) {
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](const Verb& v) { return v.word == verb && v.object; });
}

std::string_view OppositeOf(std::string_view word) {
  for (const Opposite& entry : kOpposites) {
    const bool latin = !IsHangul(entry.refused.front());
    if (latin ? word == entry.refused : word.starts_with(entry.refused)) return entry.wished;
  }
  return {};
}

std::span<const std::string_view> BoundBridges() { return kBridges; }

}  // namespace trine::language
