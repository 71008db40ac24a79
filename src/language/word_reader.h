// Reads the words of a text: its content morphemes, and the written words that they come from. Also tells
// which words belong to browsing.
//
// All functions are thread-safe. Any bytes are accepted, unless a function says otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// The terms at one position of a text, the shortest first.
struct WordGroup {
  std::vector<std::string> forms;  // distinct, not empty
};
// Returns the terms of `text`, position by position. If the Korean dictionary is available, the Korean
// analyzer reads all texts that contain Hangul, including their Latin words. Any other text is split at word
// boundaries, and a word that ends with a Korean particle is returned with and without it. Words are not
// stemmed.
std::vector<WordGroup> ReadWords(std::string_view text, const analysis::Analyzers& analyzers);

// One word of a question as it was written. All members are folded.
struct SurfaceWord {
  std::string surface;                  // without its particles ("후디랑" has "후디"); not empty
  std::vector<std::string> readings;    // other forms: with particles, in dictionary form
  std::vector<std::string> components;  // the parts of a compound, in order; else empty
  std::string gap_before;               // the text between the previous word and this one: spaces and marks
  std::string ending;                   // the particles cut from the end ("랑")
  size_t begin = 0, end = 0;            // bytes [begin, end) of the text, with the ending
};
// The words of a question in order. A morpheme inside a word is never a word of its own: "나인블록" is one
// word, though its first syllable is also a pronoun.
std::vector<SurfaceWord> ReadSurfaceWords(std::string_view text, const analysis::Analyzers& analyzers);

// Whether a word belongs to browsing ("심심", "surprise", "hello"). Such a word may also be part of a
// product's name, so it is a keyword like others; but a question that contains nothing else is open-ended.
bool IsBrowsingWord(std::string_view folded);

// The singular of an English plural ("hoodies": "hoodie", "dresses": "dress"); other words unchanged.
std::string Singular(std::string_view folded);

}  // namespace trine::language
