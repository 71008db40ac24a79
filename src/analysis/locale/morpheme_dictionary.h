// MorphemeDictionary: splits Korean text into morphemes, using MeCab with a dictionary in mecab-ko-dic's
// format.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
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
  bool known = true;    // false: not in the dictionary; tag and boundaries are guesses
  bool exact = true;    // `form` is the surface between start and end
  uint32_t node = 0;    // number of the dictionary entry in this analysis; parts of a compound share it
  bool forced = false;  // a ForcedWord or a part of one
};

// A word that the analysis must not split otherwise: bytes [start, end) of the text, and the lengths in bytes
// of its parts if it is a compound. The lengths must outlive the call that receives the word.
struct ForcedWord {
  uint32_t start = 0;
  uint32_t end = 0;
  const std::vector<uint32_t>* parts = nullptr;
};

// How the dictionary lists an entry: as one morpheme, or as several that a compound joins or that a
// contraction merges into one surface.
enum class EntryKind : uint8_t { kMorpheme, kCompound, kInflected };

// One entry of the dictionary in an analysis; the views point into the text and the dictionary, and are valid
// during the call that receives the entry.
struct DictionaryEntry {
  uint32_t start = 0;  // bytes [start, end) of the text
  uint32_t end = 0;
  std::string_view tag;         // of the entry, such as NNG or VV+EP
  std::string_view expression;  // "form/tag/meaning+..." of a compound or inflected word, else "*" or empty
  std::string_view reading;     // in Hangul; "*" or empty if there is none
  const ForcedWord* forced = nullptr;
  EntryKind kind = EntryKind::kMorpheme;
  bool known = true;
};

// Calls `visit` with the form and the tag of each part of an entry's expression.
void ForEachPart(std::string_view expression,
                 const std::function<void(std::string_view form, std::string_view tag)>& visit);

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
  // Each word of `forced` becomes nouns with its boundaries; the words must be in ascending order and must
  // not overlap.
  void Analyze(std::string_view text, std::span<const ForcedWord> forced,
               std::vector<Morpheme>* morphemes) const;
  // Like Analyze, but calls `visit` with each entry of the dictionary instead of splitting it.
  void Visit(std::string_view text, std::span<const ForcedWord> forced,
             const std::function<void(const DictionaryEntry&)>& visit) const;

 private:
  struct Mecab;  // keeps mecab.h out of this header
  explicit MorphemeDictionary(std::unique_ptr<Mecab> mecab);
  std::unique_ptr<Mecab> mecab_;
};

}  // namespace trine::analysis
