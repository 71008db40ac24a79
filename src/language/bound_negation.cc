#include "language/bound_negation.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "language/refusal_marks.h"

namespace trine::language {
namespace {

constexpr size_t kMaxClauseWords = 16;  // read backwards from a bound

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

template <typename Words>
bool Among(const Words& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// A word of a clause, without apostrophes: "dont".
struct Token {
  std::string word;
  size_t begin = 0, end = 0;
};

// The words between the beginning of the clause and `end`.
std::vector<Token> ClauseBefore(std::string_view text, size_t end) {
  static constexpr std::array<std::string_view, 6> kEnds = {"but",    "and",     "although",
                                                            "though", "however", "while"};
  std::vector<Token> tokens;
  for (size_t at = 0; at < end;) {
    const size_t stop = std::min(text.find(' ', at), end);
    std::string_view word = text.substr(at, stop - at);
    const bool ends =
        word.find_first_of(",;!?()") != std::string_view::npos || word.ends_with('.') || word.ends_with(':');
    Token token{"", at, stop};
    for (const char c : word) {
      const bool plain = IsAsciiDigit(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
      if (plain) token.word += c;
    }
    // U+2019, the typographic apostrophe.
    if (const size_t mark = token.word.find("\u2019"); mark != std::string::npos) token.word.erase(mark, 3);
    const bool nothing_but =
        token.word == "but" && !tokens.empty() &&
        Among(std::array<std::string_view, 3>{"anything", "everything", "nothing"}, tokens.back().word);
    if (Among(kEnds, token.word) && !nothing_but) {
      tokens.clear();
    } else if (!token.word.empty()) {
      tokens.push_back(std::move(token));
    }
    if (ends) tokens.clear();
    at = stop + 1;
  }
  if (tokens.size() > kMaxClauseWords)
    tokens.erase(tokens.begin(), tokens.end() - static_cast<ptrdiff_t>(kMaxClauseWords));
  return tokens;
}

bool IsBridge(const std::string& word) {
  return Among(BoundBridges(), word) || word == "im" || word == "its" || word == "thats" || word == "id";
}

// Whether the words of a mark, without apostrophes, end with the i-th token. Sets `*first` to the place of
// the first of them.
bool EndsAt(const std::vector<Token>& tokens, size_t i, std::string_view words, size_t* first) {
  for (*first = i;; --*first) {
    const size_t blank = words.rfind(' ');
    std::string last(words.substr(blank == std::string_view::npos ? 0 : blank + 1));
    std::erase(last, '\'');
    if (tokens[*first].word != last) return false;
    if (blank == std::string_view::npos) return true;
    if (*first == 0) return false;
    words = words.substr(0, blank);
  }
}

// The longest mark of bounds that ends with the i-th token; nullptr if there is none.
const Mark* MarkEndingAt(const std::vector<Token>& tokens, size_t i, size_t* first) {
  const Mark* best = nullptr;
  for (const Mark& mark : Marks()) {
    const bool before = mark.side == MarkSide::kBefore;
    const bool interjection = mark.side == MarkSide::kBeside && mark.language == MarkLanguage::kEnglish;
    if (!mark.Binds(kBound) || !(before || interjection)) continue;
    if (best != nullptr && mark.words.size() <= best->words.size()) continue;
    size_t begin = i;
    if (!EndsAt(tokens, i, mark.words, &begin)) continue;
    best = &mark;
    *first = begin;
  }
  return best;
}

// Whether a mark is an auxiliary with n't, which may also be written without the apostrophe.
bool IsNegatedAuxiliary(const Mark& mark) {
  return mark.words.ends_with("n't") || mark.words.ends_with("nt");
}
bool IsNegatedAuxiliary(const std::vector<Token>& tokens, size_t i) {
  size_t first = i;
  const Mark* mark = MarkEndingAt(tokens, i, &first);
  return mark != nullptr && IsNegatedAuxiliary(*mark);
}

bool IsPronoun(const std::string& word) {
  return Among(std::array<std::string_view, 7>{"you", "there", "we", "they", "it", "i", "anyone"}, word);
}

// Whether the i-th word negates what follows it. Sets `*first` to the index of the first word that belongs to
// it: the "other" of "other than".
bool IsNegationAt(const std::vector<Token>& tokens, size_t i, size_t* first) {
  *first = i;
  const std::string& word = tokens[i].word;
  const std::string next = i + 1 < tokens.size() ? tokens[i + 1].word : "";
  const std::string before = i > 0 ? tokens[i - 1].word : "";
  // "keep it from going over 5".
  for (size_t k = i; word == "from" && k-- > 0 && k + 4 > i;) {
    if (!Among(std::array<std::string_view, 7>{"keep", "keeps", "keeping", "prevent", "prevents", "stop",
                                               "refrain"},
               tokens[k].word))
      continue;
    *first = k;
    return true;
  }
  const Mark* mark = MarkEndingAt(tokens, i, first);
  if (mark == nullptr) return false;
  if (IsNegatedAuxiliary(*mark)) return !IsPronoun(next);  // "don't you have" asks, and denies nothing
  // "do you not have anything under 5?".
  static constexpr std::array<std::string_view, 6> kAsking = {"do", "does", "are", "is", "can", "could"};
  return !(word == "not" && IsPronoun(before) && i > 1 && Among(kAsking, tokens[i - 2].word));
}

// Whether a negation that follows a noun describes it ("hoodie without a zip", "hoodie not black", "which is
// not black"), so that it does not govern the rest of the clause.
bool DescribesNoun(const std::vector<Token>& tokens, size_t negation) {
  const std::string& word = tokens[negation].word;
  if (word == "without" || word == "no") return true;
  static constexpr std::array<std::string_view, 20> kAuxiliaries = {
      "do",  "does",  "did", "will", "would", "can", "could", "should", "must", "shall",
      "may", "might", "to",  "has",  "have",  "i",   "you",   "we",     "they", "cannot"};
  return word == "not" && negation > 0 && !Among(kAuxiliaries, tokens[negation - 1].word);
}

// Reads the words before a bound, from the last to the first.
Negation NegationBefore(std::string_view text, size_t begin, size_t end, bool lower) {
  const std::vector<Token> tokens = ClauseBefore(text, begin);
  Negation found{Negation::Kind::kNone, begin, end};
  size_t count = 0, between = 0;     // negations, and words between the nearest one and the bound
  size_t negation = 0, content = 0;  // the places of that negation and of the first such word
  bool unclear = false, other_words = false;
  for (size_t i = tokens.size(); i-- > 0;) {
    size_t first = i;
    if (IsNegationAt(tokens, i, &first)) {
      // In "nah over 5" the interjection may be about something else.
      const Mark* mark = MarkEndingAt(tokens, i, &first);
      unclear = unclear || (mark != nullptr && mark->sense == MarkSense::kUnclear);
      if (count == 0) negation = first;
      ++count;
      if (between == 0) found.begin = tokens[first].begin;
      i = first;
    } else if (tokens[i].word == "or") {
      // "nothing red or over 5": the scope of the negation is not known.
      if (count == 0) unclear = true;
    } else if (!IsBridge(tokens[i].word)) {
      if (count > 0) {
        other_words = true;
        break;
      }
      content = i;
      ++between;
    }
  }
  if (count == 0) return {Negation::Kind::kNone, begin, end};
  found.kind = Negation::Kind::kOnce;
  if (count > 1 || unclear) {
    found.kind = Negation::Kind::kUnclear;
  } else if (between > 0) {
    // A negated verb ("don't want a tent over 5") or "no tent over 5" also negates the bound on its object.
    const std::string& word = tokens[negation].word;
    const bool verb = (IsNegatedAuxiliary(tokens, negation) || word == "not" || word == "never") &&
                      negation + 1 < content && NegatesObject(tokens[negation + 1].word);
    const bool next = between == 1 && content + 1 == tokens.size();
    if (next && (verb || (word == "no" && !other_words && lower))) {
      found.begin = begin;
      found.apart_begin = tokens[negation].begin;
      found.apart_end = tokens[content].begin;
    } else if (other_words && DescribesNoun(tokens, negation)) {
      return {Negation::Kind::kNone, begin, end};  // "hoodie without a zip under 5"
    } else {
      found.begin = begin;
      found.kind = Negation::Kind::kUnclear;
    }
  }
  return found;
}

// The words between a bound and its negation: particles, "the ones that are", "the products".
const RE2& Connection() {
  static const RE2 kConnection(
      R"(^(?:일\s*경우|인\s*경우|이라면|이면|이고|인|의|으로는|로는|으로|로|은|는|이|가|을|를|도|만|면)?)"
      R"((?:\s*(?:되는|하는|나가는|드는|짜리인|짜리))?(?:은|는|도|만)?)"
      R"((?:\s*(?:가격대|가격|제품|상품|모델|물건|것들|것|거|건|애들|금액|사이즈|치수|크기)(?:은|는|이|가|을|를|도|만|으로|로)?)?)"
      R"((?:\s*(?:절대로|절대|전부|모두|무조건|꼭|제발|좀|다))?\s*)");
  return kConnection;
}

// Whether a bound is the topic of a sentence that negates ("5 이하는 너무 싸서 싫어"), so that the meaning of
// the sentence for the bound is not known.
bool SaysMoreOf(std::string_view tail) {
  static const RE2 kTopic(R"(^(?:은|는|인 건|인 것은|인 거는)\s)"), kEnd(R"([,;.!?\n])");
  if (!RE2::PartialMatch(Piece(tail), kTopic)) return false;
  re2::StringPiece mark;
  const re2::StringPiece whole = Piece(tail);
  if (kEnd.Match(whole, 0, whole.size(), RE2::UNANCHORED, &mark, 1))
    tail = tail.substr(0, static_cast<size_t>(mark.data() - whole.data()));
  return std::any_of(Marks().begin(), Marks().end(), [&](const Mark& one) {
    return one.language == MarkLanguage::kKorean && one.Binds(kBound) && one.sense == MarkSense::kRefuses &&
           tail.find(" " + std::string(one.words)) != std::string_view::npos;
  });
}

// Reads the words after a bound.
Negation NegationAfter(std::string_view text, size_t begin, size_t end) {
  const Negation none{Negation::Kind::kNone, begin, end};
  re2::StringPiece rest = Piece(text.substr(end));
  const RE2& connection = Connection();
  if (!RE2::Consume(&rest, connection)) return none;
  size_t word_begin = text.size() - rest.size();
  auto mark = MarkAt(text, word_begin, kBound);
  if (!mark) {
    // The connection may have taken the first syllable of the mark: the 거 of "거절할게요".
    word_begin = std::min(text.find_first_not_of(' ', end), text.size());
    mark = MarkAt(text, word_begin, kBound);
  }
  if (!mark) return {SaysMoreOf(text.substr(end)) ? Negation::Kind::kUnclear : none.kind, begin, end};
  const size_t stop = mark->end;
  const std::string_view said = text.substr(word_begin, stop - word_begin), rest_text = text.substr(stop);
  // "빼지 말고" and "안 되는 건 아니에요" negate twice, "안 돼요?" asks.
  static const RE2 kVerb(R"(^\s*(?:않|말|마|못))");
  static const RE2 kNegatedNoun(R"(^\s*(?:건|것은|것이|게|거)?\s*(?:아니|아닌|아님|아닙))");
  const bool open =
      !said.starts_with("금지") && (said.ends_with("지") || said.ends_with("지는") || said.ends_with("지도"));
  const bool again = (open && RE2::PartialMatch(Piece(rest_text), kVerb)) ||
                     RE2::PartialMatch(Piece(rest_text), kNegatedNoun);
  const bool asks = said.starts_with("안") && (Trim(rest_text).starts_with("?") || said.ends_with("나요") ||
                                               said.ends_with("까요") || said.ends_with("까"));
  if (open && !again) return none;
  return {again || asks ? Negation::Kind::kUnclear : Negation::Kind::kOnce, begin, stop};
}

}  // namespace

Negation FindNegation(std::string_view text, size_t begin, size_t end, bool lower) {
  TRINE_DCHECK_LE(begin, end);
  TRINE_DCHECK_LE(end, text.size());
  Negation before = NegationBefore(text, begin, end, lower);
  const Negation after = NegationAfter(text, begin, end);
  if (after.kind == Negation::Kind::kNone) return before;
  if (before.kind == Negation::Kind::kNone) return after;
  before.kind = Negation::Kind::kUnclear;
  before.end = after.end;
  return before;
}

std::optional<RejectedNoun> FindRejectedNoun(std::string_view text, size_t end) {
  TRINE_DCHECK_LE(end, text.size());
  static const RE2 kNounBefore(R"(^(?:의|인|짜리)?\s*([가-힣a-z]+?)(?:은|는|을|를|도|만)?\s+)");
  re2::StringPiece rest = Piece(text.substr(end)), noun;
  if (!RE2::Consume(&rest, kNounBefore, &noun)) return std::nullopt;
  // "5 이상은 빼고" has no noun.
  static constexpr std::array<std::string_view, 9> kParticles = {"은", "는", "이", "가", "을",
                                                                 "를", "도", "만", "의"};
  const std::string_view word(noun.data(), noun.size());
  const auto mark = MarkAt(text, text.size() - rest.size(), kNumber | kBound);
  if (!mark || Among(kParticles, word)) return std::nullopt;
  return RejectedNoun{word, mark->end};
}

}  // namespace trine::language
