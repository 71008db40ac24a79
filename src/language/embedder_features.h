// Features of a text for embedders: words, and the character trigrams that relate unknown words to
// known ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/analyzer.h"

namespace trine::language {

// Feature hash -> weight: 1 for each occurrence of a word, kTrigramWeight for each trigram of it.
inline constexpr float kTrigramWeight = 0.3f;
std::vector<std::pair<uint64_t, float>> FeaturesOf(std::string_view text,
                                                   const analysis::Analyzers& analyzers);

// Makes the vector unit length; leaves zeros alone.
void MakeUnit(float* vector, size_t dimension);

}  // namespace trine::language
