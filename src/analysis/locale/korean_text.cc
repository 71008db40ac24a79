#include "analysis/locale/korean_text.h"

#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "analysis/filters.h"
#include "analysis/locale/korean.h"
#include "analysis/locale/korean_characters.h"
#include "analysis/locale/number_chain.h"
#include "analysis/utf8.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

// Returns whether `c` may be part of a word; if so, sets `kind` to the kind of its run.
bool Classify(char32_t c, RunKind* kind) {
  if (IsHangulSyllable(c)) return *kind = RunKind::kHangul, true;
  if (c < 0x80) {
    if (c >= '0' && c <= '9') return *kind = RunKind::kNumber, true;
    *kind = RunKind::kLetters;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  if (IsHangul(c)) return *kind = RunKind::kHangul, true;
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  if ((mask & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) == 0) return false;
  if ((mask & U_GC_N_MASK) != 0) return *kind = RunKind::kNumber, true;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(c), &status)) {
    case USCRIPT_HANGUL:
      *kind = RunKind::kHangul;
      break;
    case USCRIPT_HAN:
      *kind = RunKind::kHan;
      break;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      *kind = RunKind::kKana;
      break;
    default:
      *kind = RunKind::kLetters;
  }
  return true;
}

bool IsMark(char32_t c) { return c >= 0x300 && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0; }

constexpr uint32_t kMaxEmojiUnits = 255;  // of one sequence, as in StandardTokenizer

// Sets `text` to the source in NFKC and records in `to_prepared` the offsets that normalisation moved.
void Normalise(std::string_view source, KoreanText* out) {
  static const icu::Normalizer2* const kNfkc = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* instance = icu::Normalizer2::getNFKCInstance(status);
    return U_SUCCESS(status) ? instance : nullptr;
  }();
  UErrorCode status = U_ZERO_ERROR;
  const icu::StringPiece input(source.data(), static_cast<int32_t>(source.size()));
  if (kNfkc == nullptr || kNfkc->isNormalizedUTF8(input, status)) {
    out->text = source;
    return;
  }
  icu::Edits edits;
  icu::StringByteSink<std::string> sink(&out->text);
  kNfkc->normalizeUTF8(0, input, sink, &edits, status);
  uint32_t from = 0;  // UTF-16 offset in the source
  uint32_t to = 0;    // UTF-16 offset in the result
  auto it = edits.getFineIterator();
  while (it.next(status)) {
    const auto old_length = Utf16Length(
        source.substr(static_cast<size_t>(it.sourceIndex()), static_cast<size_t>(it.oldLength())));
    const auto new_length = Utf16Length(std::string_view(out->text).substr(
        static_cast<size_t>(it.destinationIndex()), static_cast<size_t>(it.newLength())));
    if (it.hasChange()) {
      for (uint32_t i = 1; i < new_length; ++i) {  // offsets inside an edit map to its start
        out->to_prepared.Add(to + i, int64_t{from} - (to + i));
      }
    }
    from += old_length;
    to += new_length;
    if (it.hasChange()) out->to_prepared.Add(to, int64_t{from} - to);
  }
}

// Splits the text of a KoreanText into words and runs.
class WordFinder {
 public:
  WordFinder(const KoreanTextRules& rules, KoreanText* out) : rules_(rules), out_(*out), text_(out->text) {
    if (rules_.user != nullptr) folded_ = ToLowerAscii(text_);
  }

  void Find() {
    for (size_t i = 0; i < text_.size();) {
      const size_t at = i;
      if (TakeUserWord(&i)) continue;
      const char32_t c = DecodeUtf8(text_, &i);
      RunKind kind = RunKind::kLetters;
      if (Joins(c, at)) {
        kind = RunKind::kNumber;
      } else if (IsMark(c)) {
        if (!in_word_) continue;  // a mark without a letter is not a word
        kind = out_.runs.back().kind;
      } else if (!Classify(c, &kind)) {
        EndWord();
        TakeEmoji(c, at, &i);
        continue;
      }
      Extend(at, i, kind);
    }
    EndWord();
  }

 private:
  // Whether `c` at `at` is a full stop or comma inside a number. Reads the chain of digits that begins there.
  bool Joins(char32_t c, size_t at) {
    if (c >= '0' && c <= '9' && at >= chain_.end) chain_ = ReadNumberChain(text_, at);
    return in_word_ && at < chain_.end &&
           ((c == ',' && chain_.commas_join) || (c == '.' && chain_.stops_join));
  }

  void Extend(size_t from, size_t to, RunKind kind) {
    const auto start = static_cast<uint32_t>(from);
    if (!in_word_) out_.words.push_back({start, start, static_cast<uint32_t>(out_.runs.size()), 0});
    if (!in_word_ || kind == RunKind::kUserWord || out_.runs.back().kind != kind) {
      out_.runs.push_back({start, start, kind});
    }
    out_.runs.back().end = static_cast<uint32_t>(to);
    in_word_ = true;
  }

  void EndWord() {
    if (!in_word_) return;
    TRINE_DCHECK(!out_.words.empty() && !out_.runs.empty());
    KoreanWord& word = out_.words.back();
    word.end = out_.runs.back().end;
    TRINE_DCHECK_LT(word.start, word.end);
    word.run_count = static_cast<uint32_t>(out_.runs.size()) - word.first_run;
    in_word_ = false;
  }

  bool TakeUserWord(size_t* i) {
    if (rules_.user == nullptr) return false;
    const UserWords::Match match = rules_.user->Longest(folded_, *i);
    if (match.bytes == 0) return false;
    const size_t from = *i;
    *i += match.bytes;
    Extend(from, *i, RunKind::kUserWord);
    out_.user_words.push_back({static_cast<uint32_t>(from), static_cast<uint32_t>(*i), match.parts});
    return true;
  }

  // Adds the emoji that begins with `c` at `at`, if there is one, as a word of its own.
  void TakeEmoji(char32_t c, size_t at, size_t* i) {
    if (!BeginsEmojiTerm(c)) return;
    const WordSegmenter::Match match = rules_.emoji.Longest(text_, at, kMaxEmojiUnits);
    if (match.bytes == 0 || match.type != TokenType::kEmoji) return;
    *i = at + match.bytes;
    Extend(at, *i, RunKind::kEmoji);
    EndWord();
  }

  const KoreanTextRules& rules_;
  KoreanText& out_;
  const std::string_view text_;
  std::string folded_;  // `text_` with ASCII letters in lower case, if there is a user dictionary
  NumberChain chain_;
  bool in_word_ = false;
};

}  // namespace

KoreanText ReadKoreanText(std::string_view source, const KoreanTextRules& rules) {
  KoreanText out;
  TRINE_DCHECK(IsValidUtf8(source));
  std::string prepared;
  if (PrepareKoreanSource(source, &prepared, &out.to_source)) source = prepared;
  Normalise(source, &out);
  WordFinder(rules, &out).Find();
  return out;
}

}  // namespace trine::analysis
