// Korean text made ready: NFKC, then words (runs of letters and digits) and their pieces by script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/component.h"

namespace trine::analysis {

enum class RunKind : uint8_t { kHangul, kHan, kKana, kNumber, kLetters };

// Part of a word in one script. Bytes of the normalised text.
struct ScriptRun {
  uint32_t start = 0;
  uint32_t end = 0;
  RunKind kind = RunKind::kLetters;
};

// A run of letters and digits, with everything else (spaces, brackets, punctuation) as its border, so that
// what stands next to a word never changes the word. "20cm" has two pieces. A point or comma between digits
// belongs to the number.
struct KoreanWord {
  uint32_t start = 0;
  uint32_t end = 0;
  uint32_t first_run = 0;
  uint32_t run_count = 0;
};

struct KoreanText {
  std::string text;     // NFKC, lower case
  OffsetMap to_source;  // UTF-16 of `text` to UTF-16 of the source
  std::vector<ScriptRun> runs;
  std::vector<KoreanWord> words;
};

// Requires well-formed UTF-8. Thread-safe; linear.
KoreanText ReadKoreanText(std::string_view source);

}  // namespace trine::analysis
