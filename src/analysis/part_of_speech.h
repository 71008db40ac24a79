// PartOfSpeech: the parts of speech of Korean that OpenSearch's nori plugin names.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trine::analysis {

// The tags of the Sejong corpus as mecab-ko-dic uses them, which are also those of Lucene's class POS. Not
// stored, so the numbers may change.
enum class PartOfSpeech : uint8_t {
  kNone,  // the token is not a morpheme
  // Verbal endings.
  kEP,
  kEF,
  kEC,
  kETN,
  kETM,
  kIC,  // interjection
  // Particles.
  kJKS,
  kJKC,
  kJKG,
  kJKO,
  kJKB,
  kJKV,
  kJKQ,
  kJX,
  kJC,
  kMAG,   // adverb
  kMAJ,   // conjunctive adverb
  kMM,    // determiner
  kNNG,   // noun
  kNNP,   // proper noun
  kNNB,   // dependent noun
  kNNBC,  // unit of measure
  kNP,    // pronoun
  kNR,    // numeral
  kSF,    // full stop, question mark, exclamation mark
  kSH,    // Chinese characters
  kSL,    // other scripts
  kSN,    // number
  kSP,    // space
  kSSC,   // closing bracket
  kSSO,   // opening bracket
  kSC,    // separator
  kSY,    // other symbol
  kSE,    // ellipsis
  kVA,    // adjective
  kVCN,   // negative designator
  kVCP,   // positive designator
  kVV,    // verb
  kVX,    // auxiliary verb or adjective
  kXPN,   // prefix
  kXR,    // root
  kXSA,   // suffix that makes an adjective
  kXSN,   // suffix of a noun
  kXSV,   // suffix that makes a verb
  kUnknown,
  kUNA,
  kNA,
  kVSV
};
inline constexpr size_t kPartsOfSpeech = 49;

using PartOfSpeechSet = std::bitset<kPartsOfSpeech>;

// The part of speech of a tag of mecab-ko-dic, of which only the first part counts ("VV+EC" is a verb);
// kUnknown for any other text.
PartOfSpeech PartOfSpeechOf(std::string_view mecab_tag);

// Adds the tag that `name` names, in upper or lower case, to `set`. "E" adds all verbal endings and "J" all
// particles, as in nori before Lucene 9. Returns false if there is no such tag.
bool AddPartOfSpeech(std::string_view name, PartOfSpeechSet* set);

// The names that AddPartOfSpeech accepts, separated by spaces, for error messages.
std::string PartOfSpeechNames();

// The tags that nori's filter nori_part_of_speech removes by default.
PartOfSpeechSet DefaultStopTags();

}  // namespace trine::analysis
