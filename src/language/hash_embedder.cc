// The embedder that needs no training: each feature adds a fixed random direction (a sparse random
// projection: D. Achlioptas, "Database-friendly random projections", 2001, with 8 nonzeros per feature).
#include <algorithm>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/hash.h"
#include "base/random.h"
#include "language/embedder_features.h"
#include "language/model.h"
#include "numeric/distance.h"

namespace trine::language {
namespace {

constexpr int kNonzeros = 8;

class HashEmbedder final : public Embedder {
 public:
  HashEmbedder(const analysis::Analyzers& analyzers, size_t dimension)
      : analyzers_(analyzers), dimension_(dimension) {
    TRINE_CHECK_GT(dimension, 0u);
  }
  std::string name() const override { return "trine-hash"; }
  // Ends with "-ko" if there is a Korean dictionary, because the vectors depend on how words are split.
  std::string version() const override {
    return std::string("1-") + std::to_string(dimension_) + (analyzers_.has_korean_dictionary() ? "-ko" : "");
  }
  size_t dimension() const override { return dimension_; }
  void Embed(std::string_view text, float* out) const override {
    std::fill(out, out + dimension_, 0.0f);
    for (const auto& [feature, weight] : FeaturesOf(text, analyzers_)) {
      Random random(feature);
      const float step = std::sqrt(weight);  // a repeated word adds less than the first
      for (int i = 0; i < kNonzeros; ++i) {
        const uint64_t draw = random.Next();
        out[(draw >> 1) % dimension_] += (draw & 1) != 0 ? step : -step;
      }
    }
    numeric::Normalize(std::span<float>(out, dimension_));
  }

 private:
  const analysis::Analyzers& analyzers_;
  size_t dimension_;
};

constexpr uint64_t kProjectionSeed = 20261125;  // part of the meaning of stored vectors; never change it

}  // namespace

std::unique_ptr<Embedder> NewHashEmbedder(const analysis::Analyzers& analyzers, size_t dimension) {
  return std::make_unique<HashEmbedder>(analyzers, dimension);
}

std::vector<float> DirectionOf(std::string_view text, size_t dimension) {
  TRINE_CHECK_GT(dimension, 0u);
  std::vector<float> out(dimension, 0.0f);
  Random random(Hash64(text, kProjectionSeed));
  for (int i = 0; i < kNonzeros; ++i) {
    const uint64_t draw = random.Next();
    out[(draw >> 1) % dimension] = (draw & 1) != 0 ? 1.0f : -1.0f;
  }
  numeric::Normalize(out);
  return out;
}

std::vector<float> Project(const std::vector<float>& vector, size_t dimension) {
  TRINE_CHECK_GT(dimension, 0u);
  std::vector<float> out(dimension, 0.0f);
  if (vector.size() <= dimension) {
    std::copy(vector.begin(), vector.end(), out.begin());
    return out;
  }
  // Each source coordinate is added to kNonzeros fixed coordinates with fixed signs, which keeps lengths and
  // angles on average.
  for (size_t i = 0; i < vector.size(); ++i) {
    Random random(kProjectionSeed + i);
    for (int k = 0; k < kNonzeros; ++k) {
      const uint64_t draw = random.Next();
      out[(draw >> 1) % dimension] += (draw & 1) != 0 ? vector[i] : -vector[i];
    }
  }
  numeric::Normalize(out);
  return out;
}

}  // namespace trine::language
