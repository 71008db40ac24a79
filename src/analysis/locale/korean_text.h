// KoreanText: a text normalised for Korean analysis and split into words and runs of one script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/component.h"

namespace trine::analysis {

enum class RunKind : uint8_t { kHangul, kHan, kKana, kNumber, kLetters };

// A part of a word in one script; bytes [start, end) of KoreanText::text.
struct ScriptRun {
  uint32_t start = 0;
  uint32_t end = 0;
  RunKind kind = RunKind::kLetters;
};

// A maximal sequence of letters and digits; bytes [start, end) of KoreanText::text. Everything else (spaces,
// brackets, punctuation) separates words, so the marks beside a word never change how it is analysed. A full
// stop or comma between digits belongs to the number. "20cm" is one word of two runs.
struct KoreanWord {
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t first_run = 0;
  uint32_t run_count = 0;
};

struct KoreanText {
  std::string text;     // the source in NFKC; its case is kept
  OffsetMap to_source;  // from UTF-16 offsets of `text` to those of the source
  std::vector<ScriptRun> runs;
  std::vector<KoreanWord> words;
};

// Requires well-formed UTF-8. Thread-safe; takes time linear in the text.
KoreanText ReadKoreanText(std::string_view source);

}  // namespace trine::analysis
