#include "language/embedder_features.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "base/hash.h"
#include "language/words.h"
#include "numeric/distance.h"

namespace trine::language {
namespace {

constexpr uint64_t kWordSeed = 1, kTrigramSeed = 2;

// Byte offsets at which characters begin, and the end.
std::vector<size_t> CharacterStarts(std::string_view word) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(word.size());
  return starts;
}

}  // namespace

std::vector<std::pair<uint64_t, float>> FeaturesOf(std::string_view text,
                                                   const analysis::Analyzers& analyzers) {
  std::unordered_map<uint64_t, float> weights;
  for (const WordGroup& group : ReadWords(text, analyzers)) {
    for (const std::string& form : group.forms) {
      weights[Hash64(form, kWordSeed)] += 1.0f / static_cast<float>(group.forms.size());
      // A Hangul syllable holds as much as two or three letters: pairs of them, trigrams of letters.
      const size_t n = HasHangul(form) ? 2 : 3;
      const std::string padded = "^" + form + "$";
      const auto starts = CharacterStarts(padded);
      for (size_t i = 0; i + n < starts.size(); ++i) {
        weights[Hash64(std::string_view(padded).substr(starts[i], starts[i + n] - starts[i]),
                       kTrigramSeed)] += kTrigramWeight / static_cast<float>(group.forms.size());
      }
    }
  }
  std::vector<std::pair<uint64_t, float>> out(weights.begin(), weights.end());
  std::sort(out.begin(), out.end());  // the same sum in the same order, every time
  return out;
}

void MakeUnit(float* vector, size_t dimension) { numeric::Normalize(std::span<float>(vector, dimension)); }

}  // namespace trine::language
