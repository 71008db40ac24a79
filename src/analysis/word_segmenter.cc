// The word rules are a regular language over character properties, and Lucene's scanner finds the longest
// match at each offset. So the rules are written here as expressions over sets of properties. They are
// compiled to an automaton (Thompson, "Regular expression search algorithm", 1968), which is then made
// deterministic (Rabin and Scott, "Finite automata and their decision problems", 1959). Its alphabet is about
// 45 classes of characters; no rule distinguishes two characters in one class. A search takes one table
// look-up per character.
//
// Why not ICU's break iterator: it finds the same boundaries in plain text, but it needs UTF-16, stops at
// every boundary between spaces and punctuation, does not report a word's type, and differs for emoji, Han,
// kana and Thai.
#include "analysis/word_segmenter.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <map>

#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

enum Property : uint32_t {
  kLetter = 1u << 0,  // ALetter or Hebrew_Letter
  kHebrew = 1u << 1,
  kNumeric = 1u << 2,
  kKatakana = 1u << 3,
  kMidLetter = 1u << 4,  // MidLetter, MidNumLet or Single_Quote
  kMidNumber = 1u << 5,  // MidNum, MidNumLet or Single_Quote
  kSingleQuote = 1u << 6,
  kDoubleQuote = 1u << 7,
  kExtendNumLet = 1u << 8,
  kExtend = 1u << 9,  // Extend, Format, ZWJ
  kJoiner = 1u << 10,
  kEmojiSelector = 1u << 11,
  kTextSelector = 1u << 12,
  kRegional = 1u << 13,
  kHangul = 1u << 14,
  kHan = 1u << 15,
  kHiragana = 1u << 16,
  kComplex = 1u << 17,  // scripts without spaces: Thai, Lao, Khmer, Myanmar
  kKeycapBase = 1u << 18,
  kKeycap = 1u << 19,
  kEmoji = 1u << 20,
  kModifierBase = 1u << 21,
  kModifier = 1u << 22,
  kTag = 1u << 23,
  kTagEnd = 1u << 24,
};

// Tone letters and Armenian punctuation that became letters after Unicode 12.1, the version that Lucene
// follows. Characters added to Unicode since then have the properties that the linked ICU gives them; Lucene
// drops those characters.
bool BecameLetterLater(char32_t c) {
  return (c >= 0x2E5 && c <= 0x2EB) || c == 0x55A || c == 0x55F || c == 0x58A || (c >= 0xA708 && c <= 0xA716);
}

uint32_t WordBreakProperties(char32_t c) {
  if (BecameLetterLater(c)) return 0;
  switch (u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
      return kLetter;
    case U_WB_HEBREW_LETTER:
      return kLetter | kHebrew;
    case U_WB_NUMERIC:
      return kNumeric;
    case U_WB_KATAKANA:
      return kKatakana;
    case U_WB_MIDLETTER:
      return kMidLetter;
    case U_WB_MIDNUM:
      return kMidNumber;
    case U_WB_MIDNUMLET:
      return kMidLetter | kMidNumber;
    case U_WB_SINGLE_QUOTE:
      return kMidLetter | kMidNumber | kSingleQuote;
    case U_WB_DOUBLE_QUOTE:
      return kDoubleQuote;
    case U_WB_EXTENDNUMLET:
      return kExtendNumLet;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
      return kExtend;
    case U_WB_ZWJ:
      return kExtend | kJoiner;
    case U_WB_REGIONAL_INDICATOR:
      return kRegional;
    default:
      return 0;
  }
}

uint32_t EmojiProperties(char32_t c) {
  const auto has = [c](UProperty p) { return u_hasBinaryProperty(static_cast<UChar32>(c), p) != 0; };
  uint32_t p = 0;
  if (c >= '0' && c <= '9') return kKeycapBase;
  if (c == '#' || c == '*') return kKeycapBase;
  if (has(UCHAR_EMOJI_MODIFIER)) return kModifier;
  if (has(UCHAR_EXTENDED_PICTOGRAPHIC)) p |= kEmoji;
  if (has(UCHAR_EMOJI) && !has(UCHAR_REGIONAL_INDICATOR)) p |= kEmoji;
  if (has(UCHAR_EMOJI_MODIFIER_BASE)) p |= kModifierBase;
  return p;
}

uint32_t PropertiesOf(char32_t c) {
  if (c >= 0xAC00 && c <= 0xD7A3) return kLetter | kHangul;
  uint32_t p = WordBreakProperties(c) | EmojiProperties(c);
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  if (script == USCRIPT_HAN) p |= kHan;
  if (script == USCRIPT_HIRAGANA) p |= kHiragana;
  if (script == USCRIPT_HANGUL && (p & kLetter) != 0) p |= kHangul;
  if (c >= 0xFF10 && c <= 0xFF19) p |= kNumeric;
  if (u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) p |= kComplex;
  if (c == 0x20E3) p |= kKeycap;
  if (c == 0xFE0F) p |= kEmojiSelector;
  if (c == 0xFE0E) p |= kTextSelector;
  if (c >= 0xE0020 && c <= 0xE007E) p |= kTag;
  if (c == 0xE007F) p |= kTagEnd;
  return p;
}

// A part of the automaton under construction: its entry and its single exit, as states of the Nfa.
struct Fragment {
  int in = 0;
  int out = 0;
};

// A nondeterministic automaton; the methods build fragments from fragments.
class Nfa {
 public:
  struct Edge {
    uint32_t any = 0;   // taken on a character with one of these properties ...
    uint32_t none = 0;  // ... and none of these; both 0: consumes no character
    int to = 0;
  };
  int NewState() {
    edges_.emplace_back();
    return static_cast<int>(edges_.size()) - 1;
  }
  // Adds an edge that consumes no character.
  void Free(int from, int to) { edges_[from].push_back({0, 0, to}); }
  Fragment One(uint32_t any, uint32_t none = 0) {
    const Fragment f{NewState(), NewState()};
    edges_[f.in].push_back({any, none, f.out});
    return f;
  }
  Fragment Seq(std::initializer_list<Fragment> parts) {
    const Fragment* last = nullptr;
    for (const Fragment& part : parts) {
      if (last != nullptr) Free(last->out, part.in);
      last = &part;
    }
    return {parts.begin()->in, last->out};
  }
  Fragment Or(std::initializer_list<Fragment> parts) {
    const Fragment f{NewState(), NewState()};
    for (const Fragment& part : parts) {
      Free(f.in, part.in);
      Free(part.out, f.out);
    }
    return f;
  }
  Fragment Maybe(Fragment part) {
    const Fragment f{NewState(), NewState()};
    Free(f.in, part.in);
    Free(part.out, f.out);
    Free(f.in, f.out);
    return f;
  }
  Fragment Plus(Fragment part) {
    const Fragment f{NewState(), NewState()};
    Free(f.in, part.in);
    Free(part.out, f.out);
    Free(part.out, part.in);
    return f;
  }
  Fragment Star(Fragment part) { return Maybe(Plus(part)); }
  // A character together with the Extend, Format and ZWJ characters after it (rule WB4).
  Fragment Ex(uint32_t any) { return Seq({One(any), Star(One(kExtend))}); }
  // Like Ex, but for an emoji: excludes the presentation selectors after it, which EmojiRule matches.
  Fragment EmojiEx(uint32_t any) {
    return Seq({One(any), Star(One(kExtend, kEmojiSelector | kTextSelector))});
  }
  const std::vector<std::vector<Edge>>& edges() const { return edges_; }

 private:
  std::vector<std::vector<Edge>> edges_;
};

Fragment NumberRule(Nfa* n) {  // WB8, WB11, WB12, WB13a, WB13b
  const auto low = [n] { return n->Star(n->Ex(kExtendNumLet)); };
  return n->Seq(
      {low(), n->Ex(kNumeric), n->Star(n->Seq({n->Or({low(), n->Ex(kMidNumber)}), n->Ex(kNumeric)})), low()});
}

// WB5 to WB10, WB13: a part of a word. Includes an underscore only between two katakana, two letters or two
// digits; WordRule joins parts at the other underscores.
Fragment WordPart(Nfa* n) {
  const auto low = [n] { return n->Star(n->Ex(kExtendNumLet)); };
  const Fragment katakana = n->Seq({n->Ex(kKatakana), n->Star(n->Seq({low(), n->Ex(kKatakana)}))});
  const Fragment hebrew =
      n->Seq({n->Ex(kHebrew), n->Or({n->Ex(kSingleQuote), n->Seq({n->Ex(kDoubleQuote), n->Ex(kHebrew)})})});
  const Fragment number =
      n->Seq({n->Ex(kNumeric), n->Star(n->Seq({n->Or({low(), n->Ex(kMidNumber)}), n->Ex(kNumeric)}))});
  const Fragment letters =
      n->Seq({n->Ex(kLetter), n->Star(n->Seq({n->Or({low(), n->Ex(kMidLetter)}), n->Ex(kLetter)}))});
  return n->Or({katakana, n->Plus(n->Or({hebrew, number, letters}))});
}

Fragment WordRule(Nfa* n) {
  return n->Seq({n->Star(n->Ex(kExtendNumLet)), WordPart(n),
                 n->Star(n->Seq({n->Plus(n->Ex(kExtendNumLet)), WordPart(n)})),
                 n->Star(n->Ex(kExtendNumLet))});
}

Fragment EmojiRule(Nfa* n) {  // UTS #51 emoji sequences in place of WB3c, WB15, WB16
  const auto joiners = [n] { return n->Star(n->One(kJoiner)); };
  const auto element = [&] {
    return n->Or({n->Seq({joiners(), n->EmojiEx(kEmoji), n->Maybe(n->One(kEmojiSelector))}),
                  n->Seq({n->Maybe(n->Seq({joiners(), n->EmojiEx(kModifierBase)})), n->EmojiEx(kModifier)})});
  };
  const Fragment tail = n->Or(
      {n->Star(n->Seq({n->One(kJoiner), element()})), n->Seq({n->Plus(n->One(kTag)), n->One(kTagEnd)})});
  const Fragment keycap =
      n->Seq({n->EmojiEx(kKeycapBase), n->Maybe(n->One(kEmojiSelector)), n->EmojiEx(kKeycap)});
  return n->Or({n->Seq({element(), tail}), keycap, n->Seq({n->Ex(kRegional), n->Ex(kRegional)})});
}

struct Rule {
  Fragment fragment;
  TokenType type;
};

// If several rules find the longest match, the first of them in this list gives the word its type.
std::vector<Rule> Rules(Nfa* n) {
  return {{EmojiRule(n), TokenType::kEmoji},
          {NumberRule(n), TokenType::kNum},
          {n->Plus(n->Ex(kHangul)), TokenType::kHangul},
          {n->Plus(n->Ex(kKatakana)), TokenType::kKatakana},
          {WordRule(n), TokenType::kAlphanum},
          {n->Plus(n->Ex(kComplex)), TokenType::kSoutheastAsian},
          {n->Ex(kHan), TokenType::kIdeographic},
          {n->Ex(kHiragana), TokenType::kHiragana}};
}

}  // namespace

// Builds the tables of a WordSegmenter: first the character classes, then the states.
class WordSegmenterBuilder {
 public:
  explicit WordSegmenterBuilder(WordSegmenter* rules) : rules_(*rules) {}
  void Build() {
    MakeClasses();
    MakeStates();
  }

 private:
  uint8_t ClassFor(uint32_t properties) {
    const auto [it, added] = class_ids_.try_emplace(properties, static_cast<uint8_t>(masks_.size()));
    if (added) masks_.push_back(properties);
    TRINE_CHECK_LE(masks_.size(), 256u);  // a class is one byte
    return it->second;
  }

  void MakeClasses() {
    std::map<std::vector<uint8_t>, uint16_t> seen;
    std::vector<uint8_t> block(256);
    for (char32_t first = 0; first < 0x110000; first += 256) {
      // Most blocks of 256 code points contain only one class; looking up every character in these blocks
      // would slow down startup.
      const bool han = (first >= 0x4E00 && first <= 0x9E00) || (first >= 0x20000 && first <= 0x2F700);
      const bool empty = (first >= 0x40000 && first < 0xE0000) || first >= 0xE0200;
      for (char32_t i = 0; i < 256; ++i) {
        block[i] = ClassFor(empty ? 0 : han && Assigned(first + i) ? kHan : PropertiesOf(first + i));
      }
      const auto [it, added] = seen.try_emplace(block, static_cast<uint16_t>(seen.size()));
      if (added) rules_.classes_.insert(rules_.classes_.end(), block.begin(), block.end());
      rules_.blocks_.push_back(it->second);
    }
    rules_.class_count_ = masks_.size();
    TRINE_CHECK_LE(seen.size(), 65536u);  // a block's number is two bytes
    TRINE_CHECK_EQ(rules_.blocks_.size(), 0x110000u >> 8);
  }
  static bool Assigned(char32_t c) { return u_charType(static_cast<UChar32>(c)) == U_OTHER_LETTER; }

  using States = std::vector<int>;  // sorted
  // Adds the states that can be reached without consuming a character.
  void Close(States* states) const {
    std::vector<bool> in(nfa_.edges().size());
    for (const int s : *states) in[s] = true;
    for (size_t i = 0; i < states->size(); ++i) {
      for (const Nfa::Edge& edge : nfa_.edges()[(*states)[i]]) {
        if ((edge.any | edge.none) != 0 || in[edge.to]) continue;
        in[edge.to] = true;
        states->push_back(edge.to);
      }
    }
    std::sort(states->begin(), states->end());
  }

  uint16_t StateFor(States states) {
    const auto [it, added] =
        state_ids_.try_emplace(std::move(states), static_cast<uint16_t>(pending_.size()));
    if (added) {
      pending_.push_back(it->first);
      uint8_t accept = WordSegmenter::kNone;
      for (auto rule = all_.rbegin(); rule != all_.rend(); ++rule) {
        if (std::binary_search(it->first.begin(), it->first.end(), rule->fragment.out)) {
          accept = static_cast<uint8_t>(rule->type);
        }
      }
      rules_.accepts_.push_back(accept);
    }
    return it->second;
  }

  void MakeStates() {
    all_ = Rules(&nfa_);
    StateFor({});  // state 0: a dead end
    States start;
    for (const Rule& rule : all_) start.push_back(rule.fragment.in);
    Close(&start);
    StateFor(start);  // state 1
    for (size_t i = 0; i < pending_.size(); ++i) {
      for (const uint32_t mask : masks_) {
        States to;
        for (const int s : pending_[i]) {
          for (const Nfa::Edge& edge : nfa_.edges()[s]) {
            if ((edge.any & mask) != 0 && (edge.none & mask) == 0) to.push_back(edge.to);
          }
        }
        std::sort(to.begin(), to.end());
        to.erase(std::unique(to.begin(), to.end()), to.end());
        Close(&to);
        rules_.next_.push_back(StateFor(std::move(to)));
      }
    }
    TRINE_CHECK_LE(pending_.size(), 65536u);  // a state is two bytes
    TRINE_CHECK_EQ(rules_.next_.size(), pending_.size() * rules_.class_count_);
    TRINE_CHECK_EQ(rules_.accepts_.size(), pending_.size());
  }

  WordSegmenter& rules_;
  std::map<uint32_t, uint8_t> class_ids_;
  std::vector<uint32_t> masks_;
  Nfa nfa_;
  std::vector<Rule> all_;
  std::map<States, uint16_t> state_ids_;
  std::vector<States> pending_;
};

WordSegmenter::WordSegmenter() { WordSegmenterBuilder(this).Build(); }

WordSegmenter::Match WordSegmenter::Longest(std::string_view text, size_t at, uint32_t max_units) const {
  TRINE_DCHECK_LE(at, text.size());
  Match match;
  uint16_t state = 1;
  uint32_t units = 0;
  for (size_t i = at; i < text.size();) {
    const char32_t c = DecodeUtf8(text, &i);
    units += Utf16Units(c);
    if (units > max_units) break;
    TRINE_DCHECK_LE(c, 0x10FFFFu);
    state = next_[state * class_count_ + ClassOf(c)];
    if (state == kDead) break;
    if (accepts_[state] != kNone) {
      match = {i - at, units, static_cast<TokenType>(accepts_[state])};
    }
  }
  return match;
}

}  // namespace trine::analysis
