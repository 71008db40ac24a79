// Words of a sentence as questions are read: content morphemes with what they looked like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// Terms of `text` by the Korean analyzer when it has Hangul and the dictionary is there (it reads Latin
// words too), else words by spaces with and without a Korean particle at their end; never stemmed. The
// alternatives at one position are kept together, the shortest first.
struct WordGroup {
  std::vector<std::string> forms;
};
std::vector<WordGroup> ReadWords(std::string_view text, const analysis::Analyzers& analyzers);

// One word of a sentence as it was written, particles aside ("후디랑" is "후디").
struct SaidWord {
  std::string said;                // folded; never a fragment of a longer word
  std::vector<std::string> forms;  // other readings of the whole: with its ending, its dictionary form
  std::vector<std::string> parts;  // what a compound is made of, in order; empty: it is not one
  std::string before;              // folded text between the word before and this one: spaces, marks
  std::string ending;              // what followed the word without a space ("랑")
};
// The words of a question in order. Morphemes inside a word never stand for it: "나인블록" is one word,
// though a part of it is a pronoun.
std::vector<SaidWord> ReadSaid(std::string_view text, const analysis::Analyzers& analyzers);

// Words of somebody who browses ("심심", "surprise", "hello"). They may be of a product too, so they are
// words of a question like others; but a question of nothing else names nothing.
bool IsBrowsingWord(std::string_view folded);

// An English plural without its ending ("hoodies" is "hoodie", "dresses" is "dress"); other words as they
// are.
std::string Singular(std::string_view folded);

// Words that say how something is asked, not what ("요즘", "추천", "please", "looking").
bool IsStopWord(std::string_view folded);

// Valid UTF-8 of at most `bytes`, cut between characters.
std::string_view CutUtf8(std::string_view text, size_t bytes);

// Digits in groups of three: "12,900".
std::string WithCommas(std::string digits);

// Length in UTF-16 code units.
size_t Utf16Length(std::string_view utf8);

// Whether there is a Hangul syllable in it.
bool HasHangul(std::string_view text);

}  // namespace trine::language
