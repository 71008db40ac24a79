// MorphemeDictionary: Korean text into morphemes, by MeCab and a dictionary of mecab-ko-dic's form.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trine::analysis {

// One morpheme of an analysis. `form` is its dictionary form where the surface has contracted it ("하" of
// "했"); morphemes taken out of one contracted surface share its bytes.
struct Morpheme {
  std::string form;
  std::string tag;     // of the Sejong tag set: NNG, VV, JKS ...
  uint32_t start = 0;  // bytes of the text
  uint32_t end = 0;
  bool known = true;  // false: not in the dictionary, tag and edges are a guess
  bool exact = true;  // the form is the surface between start and end
  uint32_t node = 0;  // number of the dictionary entry it came from; parts of a compound share it
};

// Immutable, thread-safe: each call has a lattice of its own. Deterministic.
class MorphemeDictionary {
 public:
  virtual ~MorphemeDictionary() = default;
  // Appends the best analysis of well-formed text. Long text is analysed in pieces cut at white space, so
  // time is linear and memory bounded.
  virtual void Analyze(std::string_view text, std::vector<Morpheme>* morphemes) const = 0;
};

// Maps the dictionary files of `folder` (sys.dic, matrix.bin, char.bin, unk.dic, dicrc). kUnavailable when
// they are not there or not readable as a dictionary.
Result<std::shared_ptr<const MorphemeDictionary>> OpenMorphemeDictionary(const std::string& folder);

}  // namespace trine::analysis
