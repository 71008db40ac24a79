// Tokenizes Korean text for search.
//
// Problem: a Korean word as written (eojeol) is content with particles and endings attached, and compounds
// are written with or without spaces as the writer likes: 캠핑체어를, 캠핑 체어는. A search for 체어 must
// find both.
//
// Method: one written word yields several tokens, for example
//
//     position 0   캠핑체어를   the word as written, so that a name missing from the dictionary is found
//     position 0   캠핑체어     its content without the particle, as one term
//     position 0   캠핑         its morphemes, one per position; verbs in dictionary form (샀다: 사다)
//     position 1   체어
//
// Alternatives at one position count once in a document's length, and a query scores them as one term, as in
// Lucene. The phrase "캠핑 체어" matches morphemes at positions 0 and 1 however the document spaces them.
// Measured on KorQuAD, this beats bigrams and morphemes alone. Adding bigrams gains .001 for three times the
// postings. The table is in docs/decisions/0002-korean-analysis.md.
//
// MeCab receives the words of a sentence with one space between them. Brackets, quotes and ill-formed
// characters are dropped, so they cannot change how the words beside them are split.
#include "analysis/locale/korean_tokenizer.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "analysis/filters.h"
#include "analysis/locale/korean.h"
#include "analysis/locale/korean_characters.h"
#include "analysis/locale/korean_text.h"
#include "analysis/locale/number_chain.h"
#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

// 255 Hangul syllables. A longer word yields only its morphemes, and a longer morpheme is cut.
constexpr uint32_t kMaxTermBytes = 255 * 3;

TokenType TypeOf(RunKind kind) {
  switch (kind) {
    case RunKind::kHangul:
      return TokenType::kHangul;
    case RunKind::kHan:
      return TokenType::kIdeographic;
    case RunKind::kKana:
      return TokenType::kKatakana;
    case RunKind::kNumber:
      return TokenType::kNum;
    case RunKind::kEmoji:
      return TokenType::kEmoji;
    case RunKind::kUserWord:
      return TokenType::kWord;
    case RunKind::kLetters:
      break;
  }
  return TokenType::kAlphanum;
}

// A term of one word, with offsets into KoreanText::text.
struct PendingTerm {
  std::string text;
  uint32_t start;  // bytes of KoreanText::text
  uint32_t end;
  uint32_t position;  // counted from the word's first position
  TokenType type;
  PartOfSpeech tag = PartOfSpeech::kNone;
};

// Collects the tokens of one text, word by word, and maps their offsets back to the source.
class TokenWriter {
 public:
  TokenWriter(const KoreanText& korean, std::vector<Token>* tokens)
      : korean_(korean), cursor_(korean.text), tokens_(*tokens) {}

  // Adds the terms of one word, which occupy `positions` positions. A term that already exists at its
  // position is dropped. Requires words in ascending order and terms within the word.
  void AddWord(const KoreanWord& word, std::vector<PendingTerm>* terms, uint32_t positions) {
    std::stable_sort(terms->begin(), terms->end(),
                     [](const PendingTerm& a, const PendingTerm& b) { return a.position < b.position; });
    const uint32_t word_units = cursor_.At(word.start);
    const std::string_view text = std::string_view(korean_.text).substr(word.start, word.end - word.start);
    size_t first = tokens_.size();  // index of the first token at the current position
    uint32_t at = word.start;       // the byte offset that `units` corresponds to
    uint32_t units = word_units;
    for (PendingTerm& term : *terms) {
      if (first < tokens_.size() && tokens_[first].position != position_ + term.position)
        first = tokens_.size();
      const bool twice = std::any_of(tokens_.begin() + static_cast<ptrdiff_t>(first), tokens_.end(),
                                     [&](const Token& token) { return token.term == term.text; });
      if (twice) continue;
      TRINE_DCHECK_GE(term.start, word.start);
      TRINE_DCHECK_LE(term.start, term.end);
      TRINE_DCHECK_LE(term.end, korean_.text.size());
      TRINE_DCHECK(term.position < positions || positions == 0);
      if (term.start < at) {
        at = word.start;
        units = word_units;
      }
      const uint32_t start = units += Utf16Length(text.substr(at - word.start, term.start - at));
      at = term.start;
      const uint32_t end = start + Utf16Length(text.substr(term.start - word.start, term.end - term.start));
      const uint32_t source_start = korean_.SourceStart(start);
      tokens_.push_back({std::move(term.text), source_start, std::max(source_start, korean_.SourceEnd(end)),
                         position_ + term.position, term.type, term.tag});
    }
    position_ += positions;
  }
  // Bytes [from, to) of the text in lower case; with `number`, without the commas between thousands.
  std::string Text(uint32_t from, uint32_t to, bool number) const {
    std::string text = korean_.text.substr(from, to - from);
    if (number) std::erase(text, ',');
    LowercaseTerm(&text);
    return text;
  }

 private:
  const KoreanText& korean_;
  Utf16Cursor cursor_;
  std::vector<Token>& tokens_;
  uint32_t position_ = 0;
};

// Adds the terms of the number in bytes [start, end): the number at `position`, a version's beginnings beside
// it, and its parts, one per position from there on. Returns the number of positions.
uint32_t AddNumber(const KoreanText& korean, const TokenWriter& out, uint32_t start, uint32_t end,
                   uint32_t position, std::vector<PendingTerm>* terms) {
  const std::string_view number = std::string_view(korean.text).substr(start, end - start);
  const auto add = [&](uint32_t from, uint32_t to, uint32_t at) {
    terms->push_back({out.Text(start + from, start + to, true), start + from, start + to, at, TokenType::kNum,
                      PartOfSpeech::kSN});
  };
  add(0, end - start, position);
  if (number.find_first_of(".,") == std::string_view::npos) return 1;
  for (const uint32_t length : NumberBeginnings(number)) add(0, length, position);
  uint32_t positions = 0;
  for (const NumberPart& part : NumberParts(number)) add(part.start, part.end, position + positions++);
  return std::max(positions, 1u);
}

// Adds an emoji, with and without its skin tones, at one position.
void AddEmoji(const KoreanText& korean, const KoreanWord& word, TokenWriter* out) {
  const std::string emoji = korean.text.substr(word.start, word.end - word.start);
  std::vector<PendingTerm> terms;
  terms.push_back({emoji, word.start, word.end, 0, TokenType::kEmoji});
  terms.push_back({WithoutSkinTone(emoji), word.start, word.end, 0, TokenType::kEmoji});
  out->AddWord(word, &terms, 1);
}

bool IsEmoji(const KoreanText& korean, const KoreanWord& word) {
  return korean.runs[word.first_run].kind == RunKind::kEmoji;
}

// Overlapping pairs of characters, for use without a dictionary.
class BigramTokenizer final : public Tokenizer {
 public:
  explicit BigramTokenizer(KoreanTokenizerResources resources) : resources_(std::move(resources)) {}
  void Tokenize(std::string_view source, std::vector<Token>* tokens) const override {
    const KoreanText korean = ReadKoreanText(source, {*resources_.words, resources_.user.get()});
    TokenWriter out(korean, tokens);
    std::vector<PendingTerm> terms;
    for (const KoreanWord& word : korean.words) {
      if (IsEmoji(korean, word)) {
        AddEmoji(korean, word, &out);
        continue;
      }
      terms.clear();
      uint32_t position = 0;
      if (word.end - word.start <= kMaxTermBytes) {
        terms.push_back({out.Text(word.start, word.end, true), word.start, word.end, 0, TokenType::kWord});
      }
      for (uint32_t i = 0; i < word.run_count; ++i) {
        AddScriptRun(korean, korean.runs[word.first_run + i], out, &terms, &position);
      }
      out.AddWord(word, &terms, position);
    }
  }

 private:
  static void AddScriptRun(const KoreanText& korean, const ScriptRun& run, const TokenWriter& out,
                           std::vector<PendingTerm>* terms, uint32_t* position) {
    const std::string_view text = std::string_view(korean.text).substr(run.start, run.end - run.start);
    const TokenType type = TypeOf(run.kind);
    if (run.kind == RunKind::kNumber) {
      const uint32_t end = Cut(korean.text, run.start, run.end);
      *position += AddNumber(korean, out, run.start, end, *position, terms);
      return;
    }
    if (run.kind == RunKind::kLetters || run.kind == RunKind::kUserWord || CountCodePoints(text) == 1) {
      const uint32_t to = Cut(korean.text, run.start, run.end);
      terms->push_back({out.Text(run.start, to, false), run.start, to, (*position)++, type});
      return;
    }
    // Besides the pairs, adds the word without its particle as one term. A noun of one syllable needs it,
    // because it otherwise occurs only in a pair with its particle (책 in 책을). A noun of three or more
    // syllables benefits, because one long term is more precise than pairs.
    constexpr size_t kSyllable = 3;
    const auto stem = static_cast<uint32_t>(LengthWithoutParticle(text));
    if (stem < text.size() && (stem == kSyllable || stem > 2 * kSyllable)) {
      terms->push_back(
          {out.Text(run.start, run.start + stem, false), run.start, run.start + stem, *position, type});
    }
    for (size_t first = 0;;) {
      size_t second = first;
      static_cast<void>(DecodeUtf8(text, &second));
      if (second == text.size()) break;
      size_t after = second;
      static_cast<void>(DecodeUtf8(text, &after));
      const auto from = static_cast<uint32_t>(run.start + first);
      const auto to = static_cast<uint32_t>(run.start + after);
      terms->push_back({out.Text(from, to, false), from, to, (*position)++, type});
      first = second;
    }
  }

  const KoreanTokenizerResources resources_;

 public:
  // The end of the longest allowed term that begins at `from`: a code point boundary, at most `end`.
  static uint32_t Cut(std::string_view text, uint32_t from, uint32_t end) {
    if (end - from <= kMaxTermBytes) return end;
    uint32_t to = from + kMaxTermBytes;
    while ((static_cast<unsigned char>(text[to]) & 0xC0) == 0x80) --to;
    return to;
  }
};

// Whether a compound yields only itself, only its parts, or both (option `decompound_mode`).
enum class Decompound { kNone, kDiscard, kMixed };

class MorphemeTokenizer final : public Tokenizer {
 public:
  MorphemeTokenizer(KoreanTokenizerResources resources, Decompound decompound)
      : resources_(std::move(resources)), dictionary_(resources_.dictionary), decompound_(decompound) {
    TRINE_CHECK(dictionary_ != nullptr);
  }

  void Tokenize(std::string_view source, std::vector<Token>* tokens) const override {
    const KoreanText korean = ReadKoreanText(source, {*resources_.words, resources_.user.get()});
    TokenWriter out(korean, tokens);
    for (size_t first = 0; first < korean.words.size();) {
      const size_t last = SentenceEnd(korean, first);
      Sentence(korean, first, last, &out);
      first = last;
    }
  }

 private:
  static constexpr size_t kMaxSentenceBytes = 2048;   // keeps the lattice of one analysis small
  static constexpr uint32_t kLongKanaBytes = 24 * 3;  // the characters that MeCab joins

  // The index of the first word after the sentence that begins at word `first`. A sentence ends where a full
  // stop, question mark, exclamation mark or line break separates two words, or before it gets longer than
  // kMaxSentenceBytes.
  static size_t SentenceEnd(const KoreanText& korean, size_t first) {
    for (size_t i = first + 1; i < korean.words.size(); ++i) {
      const uint32_t from = korean.words[i - 1].end;
      const uint32_t to = korean.words[i].start;
      const std::string_view between = std::string_view(korean.text).substr(from, to - from);
      if (between.find_first_of(".?!\n") != std::string_view::npos) return i;
      if (korean.words[i].end - korean.words[first].start > kMaxSentenceBytes) return i;
    }
    return korean.words.size();
  }

  void Sentence(const KoreanText& korean, size_t first, size_t last, TokenWriter* out) const {
    std::string text;
    std::vector<uint32_t> starts;  // offset of each word in `text`
    std::vector<ForcedWord> forced;
    auto user =
        std::lower_bound(korean.user_words.begin(), korean.user_words.end(), korean.words[first].start,
                         [](const ForcedWord& word, uint32_t at) { return word.start < at; });
    for (size_t i = first; i < last; ++i) {
      const KoreanWord& word = korean.words[i];
      if (i > first && !IsEmoji(korean, word)) text.push_back(' ');
      starts.push_back(static_cast<uint32_t>(text.size()));
      if (IsEmoji(korean, word)) continue;
      for (; user != korean.user_words.end() && user->start < word.end; ++user) {
        const uint32_t start = user->start - word.start + starts.back();
        forced.push_back({start, start + user->end - user->start, user->parts});
      }
      for (uint32_t at = word.start; at < word.end; ++at) {
        const char c = korean.text[at];
        // In the text for MeCab, a digit replaces each full stop or comma inside a number, and a lower-case
        // letter replaces each capital. Both take one byte, so offsets stay the same.
        text.push_back(c == '.' || c == ',' ? '0' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
      }
    }
    TRINE_DCHECK_EQ(starts.size(), last - first);
    std::vector<Morpheme> morphemes;
    dictionary_->Analyze(text, forced, &morphemes);
    size_t next = 0;
    for (size_t i = first; i < last; ++i) {
      const KoreanWord& word = korean.words[i];
      if (IsEmoji(korean, word)) {
        AddEmoji(korean, word, out);
        continue;
      }
      const uint32_t start = starts[i - first];
      const uint32_t end = start + (word.end - word.start);
      const size_t from = next;
      while (next < morphemes.size() && morphemes[next].start < end) {
        Morpheme& m = morphemes[next++];
        m.start = m.start - start + word.start;
        m.end = m.end - start + word.start;
      }
      AddWord(korean, word,
              {morphemes.begin() + static_cast<ptrdiff_t>(from),
               morphemes.begin() + static_cast<ptrdiff_t>(next)},
              out);
    }
  }

  // Joins the morphemes of a run of letters or digits to one. MeCab joins at most 24 characters of an unknown
  // word and makes each further one a morpheme of its own, which would match any document with that letter.
  static void JoinRuns(const KoreanText& korean, const KoreanWord& word, std::vector<Morpheme>* morphemes) {
    if (morphemes->size() < 2) return;
    for (uint32_t i = 0; i < word.run_count; ++i) {
      const ScriptRun& run = korean.runs[word.first_run + i];
      const bool number = run.kind == RunKind::kNumber;
      const bool kana = run.kind == RunKind::kKana && run.end - run.start > kLongKanaBytes;
      if (!number && !kana && run.kind != RunKind::kLetters) continue;
      const auto begin = std::find_if(morphemes->begin(), morphemes->end(),
                                      [&](const Morpheme& m) { return m.start >= run.start; });
      const auto end =
          std::find_if(begin, morphemes->end(), [&](const Morpheme& m) { return m.end > run.end; });
      if (end - begin < 2 || begin->start != run.start || std::prev(end)->end != run.end) continue;
      const Morpheme joined{korean.text.substr(run.start, run.end - run.start),
                            number ? "SN" : "SL",
                            run.start,
                            run.end,
                            true,
                            true,
                            begin->node};
      *begin = joined;
      morphemes->erase(begin + 1, end);
    }
  }

  // Particles, endings, verb affixes and symbols carry no content. Noun suffixes do (가격대, 남성용).
  static bool IsContent(const std::string& tag) {
    if (tag.empty()) return false;
    switch (tag[0]) {
      case 'J':
      case 'E':
      case 'I':
        return false;
      case 'S':
        return tag.starts_with("SL") || tag.starts_with("SN") || tag.starts_with("SH");
      case 'X':
        return tag.starts_with("XR") || tag.starts_with("XSN");
      case 'V':
        return tag.starts_with("VV") || tag.starts_with("VA");
      default:
        return true;  // nouns, pronouns, numerals, adverbs, determiners, unknown
    }
  }

  // Whether the analysis of a word looks wrong, as it often does for a name that is not in the dictionary.
  // In such an analysis, a particle or an ending is followed by content (에어팟 as 에 + 어 + 팟), a noun is
  // directly followed by a verb (헬리녹스는 as 헬리 + 녹슬다), or the name and its particle form one unknown
  // word. The first two do not occur in Korean words. In all three cases the tokenizer also removes a
  // particle that matches the last syllables of the word.
  static bool IsSuspicious(std::span<const Morpheme> morphemes) {
    bool gap = false;
    bool noun = false;
    for (const Morpheme& m : morphemes) {
      if (!m.known && m.tag.starts_with("UN")) return true;
      const bool content = IsContent(m.tag);
      const bool verb = m.tag.starts_with("VV") || m.tag.starts_with("VA");
      if (content && (gap || (noun && verb))) return true;
      gap |= !content;
      noun = m.tag.starts_with("NN");
    }
    return false;
  }
  // The end of a word's last content morpheme, or of the word if it has none.
  static uint32_t ContentEnd(const KoreanWord& word, std::span<const Morpheme> morphemes) {
    uint32_t end = word.end;
    for (const Morpheme& m : morphemes) {
      if (IsContent(m.tag)) end = m.end;
    }
    return end;
  }

  // Analyses a stem on its own, as in a query for the bare name. Returns whether the result consists of nouns
  // and symbols only.
  bool StemAlone(std::string_view stem, uint32_t start, std::vector<Morpheme>* morphemes) const {
    std::string text(stem);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '.' || c == ','; }, '0');
    dictionary_->Analyze(text, {}, morphemes);
    for (Morpheme& m : *morphemes) {
      m.start += start;
      m.end += start;
    }
    return std::all_of(morphemes->begin(), morphemes->end(),
                       [](const Morpheme& m) { return m.tag.starts_with("N") || m.tag.starts_with("S"); });
  }

  void AddWord(const KoreanText& korean, const KoreanWord& word, std::vector<Morpheme> morphemes,
               TokenWriter* out) const {
    std::vector<PendingTerm> terms;
    JoinRuns(korean, word, &morphemes);
    const bool keep_whole = word.end - word.start <= kMaxTermBytes;
    const auto add_whole = [&](uint32_t to) {
      const TokenType type =
          word.run_count == 1 ? TypeOf(korean.runs[word.first_run].kind) : TokenType::kWord;
      terms.push_back({out->Text(word.start, to, true), word.start, to, 0, type});
    };
    if (keep_whole) add_whole(word.end);
    std::vector<Morpheme> again;
    if (keep_whole && IsSuspicious(morphemes)) {
      add_whole(ContentEnd(word, morphemes));
      const std::string_view text = std::string_view(korean.text).substr(word.start, word.end - word.start);
      const auto stem = static_cast<uint32_t>(LengthWithoutParticle(text));
      add_whole(word.start + stem);
      const bool user =
          std::any_of(morphemes.begin(), morphemes.end(), [](const Morpheme& m) { return m.forced; });
      if (!user && stem < text.size() && StemAlone(text.substr(0, stem), word.start, &again)) {
        morphemes = std::move(again);
        JoinRuns(korean, word, &morphemes);
      }
    }
    uint32_t position = 0;
    for (size_t i = 0; i < morphemes.size();) {
      if (!IsKept(morphemes[i].tag)) {
        ++i;
        continue;
      }
      size_t j = i;
      while (j < morphemes.size() && IsKept(morphemes[j].tag)) ++j;
      AddRun(korean, std::span(morphemes).subspan(i, j - i), *out, &terms, &position);
      i = j;
    }
    if (position == 0 && !keep_whole) {
      const uint32_t to = BigramTokenizer::Cut(korean.text, word.start, word.end);
      terms.push_back({out->Text(word.start, to, true), word.start, to, 0, TokenType::kWord});
    }
    out->AddWord(word, &terms, std::max(position, 1u));
  }

  // Adds a run of adjacent content morphemes: as one term, as one term per morpheme, or both, depending on
  // decompound_mode. Requires a run that is not empty.
  void AddRun(const KoreanText& korean, std::span<const Morpheme> run, const TokenWriter& out,
              std::vector<PendingTerm>* terms, uint32_t* position) const {
    TRINE_DCHECK(!run.empty());
    const uint32_t from = run.front().start;
    const uint32_t to = run.back().end;
    // False if a stem shares a syllable with its ending (하 and 았 in 했). No range of bytes of the text then
    // contains the run alone, so the run cannot be one term.
    const bool exact = std::all_of(run.begin(), run.end(), [](const Morpheme& m) { return m.exact; });
    if (exact && run.size() > 1 && decompound_ != Decompound::kDiscard && to - from <= kMaxTermBytes) {
      terms->push_back({out.Text(from, to, true), from, to, *position, TokenType::kWord});
      if (decompound_ == Decompound::kNone) {
        *position += AddPartsOfNumbers(korean, run, out, *position, terms);
        return;
      }
    }
    for (const Morpheme& m : run) {
      std::string text;
      TokenType type = TokenType::kHangul;
      if (m.tag.starts_with("SN")) {
        const uint32_t end = BigramTokenizer::Cut(korean.text, m.start, m.end);
        *position += AddNumber(korean, out, m.start, end, *position, terms);
        continue;
      }
      if (m.tag.starts_with("V")) {
        text = m.form + "다";
      } else {
        if (m.tag.starts_with("SL")) type = TokenType::kAlphanum;
        if (m.tag.starts_with("SH")) type = TokenType::kIdeographic;
        text = m.exact ? out.Text(m.start, m.end, false) : m.form;
      }
      text.resize(BigramTokenizer::Cut(text, 0, static_cast<uint32_t>(text.size())));
      terms->push_back({std::move(text), m.start, m.end, (*position)++, type, PartOfSpeechOf(m.tag)});
    }
  }

  // Adds the terms of the numbers in `run` that have parts. Returns the number of positions, at least 1.
  static uint32_t AddPartsOfNumbers(const KoreanText& korean, std::span<const Morpheme> run,
                                    const TokenWriter& out, uint32_t position,
                                    std::vector<PendingTerm>* terms) {
    uint32_t positions = 1;
    for (const Morpheme& m : run) {
      const std::string_view text = std::string_view(korean.text).substr(m.start, m.end - m.start);
      if (!m.tag.starts_with("SN") || NumberParts(text).empty()) continue;
      positions = std::max(positions, AddNumber(korean, out, m.start, m.end, position, terms));
    }
    return positions;
  }

  // Whether morphemes with this tag become terms.
  bool IsKept(const std::string& tag) const {
    return IsContent(tag) && !resources_.stop_tags.test(static_cast<size_t>(PartOfSpeechOf(tag)));
  }

  const KoreanTokenizerResources resources_;
  std::shared_ptr<const MorphemeDictionary> dictionary_;
  Decompound decompound_;
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> MakeKoreanTokenizer(OptionReader* options,
                                                             KoreanTokenizerResources resources) {
  TRINE_CHECK(resources.words != nullptr);
  const std::string mode = options->Choice("decompound_mode", "mixed", {"none", "discard", "mixed"});
  TRINE_ASSIGN(resources.user, ReadUserWords(options));
  if (!options->Bool("discard_punctuation", true)) {
    options->Fail("discard_punctuation", "true; the tokenizer nori_tokenizer can keep punctuation");
  }
  if (resources.dictionary == nullptr) {
    return std::shared_ptr<const Tokenizer>(std::make_shared<BigramTokenizer>(std::move(resources)));
  }
  const Decompound decompound = mode == "none"      ? Decompound::kNone
                                : mode == "discard" ? Decompound::kDiscard
                                                    : Decompound::kMixed;
  return std::shared_ptr<const Tokenizer>(
      std::make_shared<MorphemeTokenizer>(std::move(resources), decompound));
}

}  // namespace trine::analysis
