#include "analysis/locale/korean_text.h"

#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "analysis/filters.h"
#include "analysis/locale/korean.h"
#include "analysis/utf8.h"
#include "base/check.h"

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

bool IsDigitAt(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Sets `text` to the source in NFKC and records in `to_source` the offsets that normalisation moved.
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
        out->to_source.Add(to + i, int64_t{from} - (to + i));
      }
    }
    from += old_length;
    to += new_length;
    if (it.hasChange()) out->to_source.Add(to, int64_t{from} - to);
  }
}

void FindWords(KoreanText* out) {
  const std::string_view text = out->text;
  bool in_word = false;
  const auto end_word = [&] {
    if (!in_word) return;
    TRINE_DCHECK(!out->words.empty() && !out->runs.empty());
    KoreanWord& word = out->words.back();
    word.end = out->runs.back().end;
    TRINE_DCHECK_LT(word.start, word.end);
    word.run_count = static_cast<uint32_t>(out->runs.size()) - word.first_run;
    in_word = false;
  };
  for (size_t i = 0; i < text.size();) {
    const auto at = static_cast<uint32_t>(i);
    const char32_t c = DecodeUtf8(text, &i);
    RunKind kind = RunKind::kLetters;
    const bool joins = in_word && (c == '.' || c == ',') && out->runs.back().kind == RunKind::kNumber &&
                       IsDigitAt(text, at - 1) && IsDigitAt(text, i);
    if (joins) {
      kind = RunKind::kNumber;
    } else if (in_word && IsMark(c)) {
      kind = out->runs.back().kind;
    } else if (!Classify(c, &kind)) {
      end_word();
      continue;
    }
    if (!in_word) {
      out->words.push_back({at, at, static_cast<uint32_t>(out->runs.size()), 0});
    }
    if (!in_word || out->runs.back().kind != kind) out->runs.push_back({at, at, kind});
    out->runs.back().end = static_cast<uint32_t>(i);
    in_word = true;
  }
  end_word();
}

}  // namespace

KoreanText ReadKoreanText(std::string_view source) {
  KoreanText out;
  TRINE_DCHECK(IsValidUtf8(source));
  Normalise(source, &out);
  FindWords(&out);
  return out;
}

}  // namespace trine::analysis
