// The embedder that is always there: each feature adds a fixed random direction (a sparse random
// projection: D. Achlioptas, "Database-friendly random projections", 2001, with 8 nonzeros a feature).
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "language/embedder_features.h"
#include "language/model.h"

namespace trine::language {
namespace {

constexpr int kNonzeros = 8;

class HashEmbedder final : public Embedder {
 public:
  HashEmbedder(const analysis::Analyzers& analyzers, size_t dimension)
      : analyzers_(analyzers), dimension_(dimension) {}
  std::string name() const override { return "trine-hash"; }
  // The Korean dictionary decides the words, and so the vectors.
  std::string version() const override {
    return std::string("1-") + std::to_string(dimension_) + (analyzers_.has_korean_dictionary() ? "-ko" : "");
  }
  size_t dimension() const override { return dimension_; }
  void Embed(std::string_view text, float* out) const override {
    std::fill(out, out + dimension_, 0.0f);
    for (const auto& [feature, weight] : FeaturesOf(text, analyzers_)) {
      Random random(feature);
      const float step = std::sqrt(weight);  // a word said twice is not twice the meaning
      for (int i = 0; i < kNonzeros; ++i) {
        const uint64_t draw = random.Next();
        out[(draw >> 1) % dimension_] += (draw & 1) != 0 ? step : -step;
      }
    }
    MakeUnit(out, dimension_);
  }

 private:
  const analysis::Analyzers& analyzers_;
  size_t dimension_;
};

constexpr uint64_t kRotationSeed = 20261125;

}  // namespace

std::unique_ptr<Embedder> NewHashEmbedder(const analysis::Analyzers& analyzers, size_t dimension) {
  return std::make_unique<HashEmbedder>(analyzers, dimension);
}

std::vector<float> Project(const std::vector<float>& vector, size_t dimension) {
  std::vector<float> out(dimension, 0.0f);
  if (vector.size() <= dimension) {
    std::copy(vector.begin(), vector.end(), out.begin());  // zeros behind change no angle
    return out;
  }
  // Each source coordinate goes to kNonzeros fixed places with fixed signs: lengths and angles hold on
  // average.
  for (size_t i = 0; i < vector.size(); ++i) {
    Random random(kRotationSeed + i);
    for (int k = 0; k < kNonzeros; ++k) {
      const uint64_t draw = random.Next();
      out[(draw >> 1) % dimension] += (draw & 1) != 0 ? vector[i] : -vector[i];
    }
  }
  MakeUnit(out.data(), dimension);
  return out;
}

}  // namespace trine::language
