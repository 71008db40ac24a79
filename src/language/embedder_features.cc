#include "language/embedder_features.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/check.h"
#include "base/hash.h"
#include "language/plain_text.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

constexpr uint64_t kWordSeed = 1, kNgramSeed = 2;

// The byte offsets at which characters begin, followed by the length of the word.
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
    TRINE_DCHECK(!group.forms.empty());
    for (const std::string& form : group.forms) {
      weights[Hash64(form, kWordSeed)] += 1.0f / static_cast<float>(group.forms.size());
      // A Hangul syllable carries as much information as two or three letters, so pairs of syllables
      // correspond to trigrams of letters.
      const size_t n = HasHangul(form) ? 2 : 3;
      const std::string padded = "^" + form + "$";
      const auto starts = CharacterStarts(padded);
      for (size_t i = 0; i + n < starts.size(); ++i) {
        weights[Hash64(std::string_view(padded).substr(starts[i], starts[i + n] - starts[i]), kNgramSeed)] +=
            kNgramWeight / static_cast<float>(group.forms.size());
      }
    }
  }
  std::vector<std::pair<uint64_t, float>> out(weights.begin(), weights.end());
  std::sort(out.begin(), out.end());  // callers add floats in this order, on which the sum depends
  return out;
}

}  // namespace trine::language
