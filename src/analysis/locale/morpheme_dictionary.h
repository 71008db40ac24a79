// MorphemeDictionary: splits Korean text into morphemes, using MeCab with a dictionary in mecab-ko-dic's
// format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::analysis {

// One morpheme of a text. `form` is the dictionary form if the surface is contracted ("하" in "했").
// Morphemes that share one contracted surface have the same `start` and `end`.
struct Morpheme {
  std::string form;
  std::string tag;     // from the Sejong tag set, such as NNG, VV or JKS
  uint32_t start = 0;  // bytes [start, end) of the text
  uint32_t end = 0;
  bool known = true;  // false: not in the dictionary; tag and boundaries are guesses
  bool exact = true;  // `form` is the surface between start and end
  uint32_t node = 0;  // number of the dictionary entry in this analysis; parts of a compound share it
};

// Immutable, thread-safe: each call works on a lattice of its own. Deterministic.
class MorphemeDictionary {
 public:
  // Maps the dictionary files of `folder` (sys.dic, matrix.bin, char.bin, unk.dic, dicrc), which must stay in
  // place for the dictionary's lifetime. kUnavailable if they are missing or cannot be read as a dictionary.
  static Result<std::shared_ptr<const MorphemeDictionary>> Open(const std::string& folder);
  ~MorphemeDictionary();
  MorphemeDictionary(const MorphemeDictionary&) = delete;
  MorphemeDictionary& operator=(const MorphemeDictionary&) = delete;

  // Appends the most probable analysis of `text`, in the order of the text. Requires well-formed UTF-8. Long
  // text is analysed in chunks that end at white space, so time is linear and memory is bounded.
  void Analyze(std::string_view text, std::vector<Morpheme>* morphemes) const;

 private:
  struct Mecab;  // keeps mecab.h out of this header
  explicit MorphemeDictionary(std::unique_ptr<Mecab> mecab);
  std::unique_ptr<Mecab> mecab_;
};

}  // namespace trine::analysis
