// Features of a text for embedders: its words, and the character n-grams that relate unknown words to known
// ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

inline constexpr float kNgramWeight = 0.3f;
// Pairs of feature hash and weight, sorted by hash. Each occurrence of a word adds 1 and each of its n-grams
// (pairs of Hangul syllables, trigrams of other letters) adds kNgramWeight; several forms of one word share
// these weights equally. Any bytes are accepted. Thread-safe.
std::vector<std::pair<uint64_t, float>> FeaturesOf(std::string_view text,
                                                   const analysis::Analyzers& analyzers);

}  // namespace trine::language
