// KoreanText: a text normalised for Korean analysis and split into words and runs of one script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/component.h"
#include "analysis/locale/morpheme_dictionary.h"
#include "analysis/locale/user_words.h"
#include "analysis/word_segmenter.h"

namespace trine::analysis {

enum class RunKind : uint8_t { kHangul, kHan, kKana, kNumber, kLetters, kEmoji, kUserWord };

// A part of a word in one script; bytes [start, end) of KoreanText::text.
struct ScriptRun {
  uint32_t start = 0;
  uint32_t end = 0;
  RunKind kind = RunKind::kLetters;
};

// A maximal sequence of letters, digits and words of the user dictionary, or one emoji; bytes [start, end) of
// KoreanText::text. Everything else (spaces, brackets, punctuation) separates words, so the marks beside a
// word never change how it is analysed. A full stop or comma between digits belongs to a number, a version or
// a date, but separates the elements of a list (number_chain.h). "20cm" is one word of two runs.
struct KoreanWord {
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t first_run = 0;
  uint32_t run_count = 0;
};

struct KoreanText {
  std::string text;  // the source, prepared (korean_characters.h) and in NFKC; its case is kept
  std::vector<ScriptRun> runs;
  std::vector<KoreanWord> words;
  std::vector<ForcedWord> user_words;  // words of the user dictionary, in bytes of `text`

  // The offset in the source of a token that starts (or ends) at the UTF-16 offset `at` of `text`.
  uint32_t SourceStart(uint32_t at) const { return to_source.Start(to_prepared.Start(at)); }
  uint32_t SourceEnd(uint32_t at) const { return to_source.End(to_prepared.End(at)); }
  OffsetMap to_prepared;
  OffsetMap to_source;
};

// The rules by which ReadKoreanText finds words. `user` may be nullptr. Both must outlive the KoreanText.
struct KoreanTextRules {
  const WordSegmenter& emoji;
  const UserWords* user = nullptr;
};

// Requires well-formed UTF-8. Thread-safe; takes time linear in the text.
KoreanText ReadKoreanText(std::string_view source, const KoreanTextRules& rules);

}  // namespace trine::analysis
