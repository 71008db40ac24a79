// The embedder that is trained on a catalogue's own texts.
//
// Problem: "체어" and "chair" share no letter, yet a catalogue writes both of one product. Words that
// keep the same company should lie close.
// Method: latent semantic analysis (Deerwester et al. 1990): texts by features (words and character
// n-grams), tf-idf weighted, cut to rank d by a randomized SVD; a feature's vector is its row of V, scaled by
// its idf; a text is the sum of its features' vectors, made unit. An unknown word is read by its n-grams. Why
// not a neural network: on hundreds to tens of thousands of short texts this takes seconds on one core, has
// no step size to get wrong, and gives the same vectors for the same seed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <span>
#include <unordered_map>

#include "base/hash.h"
#include "language/embedder_features.h"
#include "language/model.h"
#include "numeric/distance.h"
#include "numeric/svd.h"

namespace trine::language {
namespace {

constexpr char kMagic[8] = {'T', 'R', 'N', 'E', 'M', 'B', '0', '1'};
constexpr int kPowerIterations = 2;
constexpr uint32_t kLeastTexts = 2;  // a feature of one text relates nothing
constexpr size_t kMostDimension = 4096;
constexpr size_t kHashedPart = 64;     // coordinates of the hash embedder behind the trained ones
constexpr float kHashedShare = 0.15f;  // of a vector's squared length
constexpr float kSpectrum = 0.5f;      // singular values to this power weigh the axes

struct Header {
  char magic[8];
  uint64_t checksum;  // XXH3 of everything after it
  uint64_t features, dimension;
};

// What the model is made of: features in ascending order, a vector each.
struct Trained {
  std::vector<uint64_t> features;
  std::vector<float> vectors;
};

using Texts = std::vector<std::vector<std::pair<uint64_t, float>>>;

// The features that enough texts share, most shared first up to the limit; then by hash.
std::vector<std::pair<uint64_t, uint32_t>> ChooseFeatures(const Texts& texts, size_t limit) {
  std::unordered_map<uint64_t, uint32_t> counts;
  for (const auto& text : texts) {
    for (const auto& [feature, weight] : text) ++counts[feature];
  }
  std::vector<std::pair<uint64_t, uint32_t>> chosen;
  for (const auto& [feature, count] : counts) {
    if (count >= kLeastTexts) chosen.emplace_back(feature, count);
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (chosen.size() > limit) chosen.resize(limit);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Trained Fit(const Texts& texts, const std::vector<std::pair<uint64_t, uint32_t>>& chosen, size_t rank,
            uint64_t seed) {
  std::unordered_map<uint64_t, uint32_t> column;
  std::vector<float> idf(chosen.size());
  for (size_t i = 0; i < chosen.size(); ++i) {
    column[chosen[i].first] = static_cast<uint32_t>(i);
    idf[i] = std::log(1.0f + static_cast<float>(texts.size()) / static_cast<float>(chosen[i].second));
  }
  std::vector<numeric::SparseMatrix::Entry> entries;
  for (size_t row = 0; row < texts.size(); ++row) {
    double square = 0;
    const size_t first = entries.size();
    for (const auto& [feature, weight] : texts[row]) {
      const auto it = column.find(feature);
      if (it == column.end()) continue;
      const float value = std::sqrt(weight) * idf[it->second];
      square += static_cast<double>(value) * value;
      entries.push_back({static_cast<uint32_t>(row), it->second, value});
    }
    const float scale = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0;
    for (size_t i = first; i < entries.size(); ++i) entries[i].value *= scale;
  }
  const auto matrix = numeric::SparseMatrix::FromEntries(texts.size(), chosen.size(), std::move(entries));
  const numeric::Svd svd = numeric::RandomizedSvd(matrix, rank, kPowerIterations, seed);
  Trained trained;
  const size_t d = svd.v.cols();
  trained.vectors.resize(chosen.size() * d);
  for (size_t i = 0; i < chosen.size(); ++i) {
    trained.features.push_back(chosen[i].first);
    for (size_t k = 0; k < d; ++k)
      trained.vectors[i * d + k] = svd.v(i, k) * std::pow(svd.singular[k], kSpectrum) * idf[i];
  }
  return trained;
}

class CatalogueEmbedder final : public Embedder {
 public:
  CatalogueEmbedder(const analysis::Analyzers& analyzers, const Header& header, const char* body)
      : analyzers_(analyzers),
        hashed_(NewHashEmbedder(analyzers, kHashedPart)),
        header_(header),
        features_(body),
        vectors_(body + header.features * sizeof(uint64_t)) {}
  std::string name() const override { return "trine-catalogue"; }
  std::string version() const override {
    char text[20];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(header_.checksum));
    return text;
  }
  size_t dimension() const override { return header_.dimension + kHashedPart; }
  void Embed(std::string_view text, float* out) const override {
    const size_t d = header_.dimension;
    std::fill(out, out + d, 0.0f);
    std::vector<float> row(d);
    for (const auto& [feature, weight] : FeaturesOf(text, analyzers_)) {
      const size_t at = Find(feature);
      if (at == header_.features) continue;
      std::memcpy(row.data(), vectors_ + at * d * sizeof(float),
                  d * sizeof(float));  // the file promises no alignment
      numeric::AddScaled(std::sqrt(weight), row, std::span<float>(out, d));
    }
    MakeUnit(out, d);
    hashed_->Embed(text, out + d);
    for (size_t k = 0; k < d; ++k) out[k] *= std::sqrt(1 - kHashedShare);
    for (size_t k = 0; k < kHashedPart; ++k) out[d + k] *= std::sqrt(kHashedShare);
    MakeUnit(out, d + kHashedPart);
  }

 private:
  uint64_t FeatureAt(size_t i) const {
    uint64_t v = 0;
    std::memcpy(&v, features_ + i * sizeof(v), sizeof(v));
    return v;
  }
  size_t Find(uint64_t feature) const {
    size_t low = 0, high = header_.features;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (FeatureAt(middle) < feature)
        low = middle + 1;
      else
        high = middle;
    }
    return low < header_.features && FeatureAt(low) == feature ? low : header_.features;
  }

  const analysis::Analyzers& analyzers_;
  std::unique_ptr<Embedder> hashed_;
  Header header_;
  const char* features_;
  const char* vectors_;
};

}  // namespace

Result<std::string> TrainCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                           const std::vector<std::string>& texts,
                                           const EmbedderOptions& options, const Deadline& deadline) {
  if (texts.size() < 2)
    return Error(ErrorCode::kTooLittleData, "an embedder is trained on at least two texts");
  Texts features;
  features.reserve(texts.size());
  for (const std::string& text : texts) {
    features.push_back(FeaturesOf(text, analyzers));
    if (features.size() % 1024 == 0) TRINE_TRY(deadline.Check("training the embedder"));
  }
  const auto chosen = ChooseFeatures(features, options.max_features);
  if (chosen.empty()) return Error(ErrorCode::kTooLittleData, "the texts share no word");
  const Trained trained =
      Fit(features, chosen, std::min({options.dimension, texts.size(), chosen.size()}), options.seed);
  TRINE_TRY(deadline.Check("training the embedder"));
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.features = trained.features.size();
  header.dimension = trained.vectors.size() / trained.features.size();
  if (header.dimension == 0)
    return Error(ErrorCode::kTooLittleData, "the texts say nothing that tells them apart");
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes.append(reinterpret_cast<const char*>(trained.features.data()),
               trained.features.size() * sizeof(uint64_t));
  bytes.append(reinterpret_cast<const char*>(trained.vectors.data()), trained.vectors.size() * sizeof(float));
  header.checksum = Hash64(std::string_view(bytes).substr(offsetof(Header, features)));
  std::memcpy(bytes.data() + offsetof(Header, checksum), &header.checksum, sizeof(header.checksum));
  return bytes;
}

Result<std::unique_ptr<Embedder>> OpenCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                                        std::string_view bytes) {
  const auto corrupt = [] { return Error(ErrorCode::kCorrupt, "the embedder's file is damaged"); };
  Header header{};
  if (bytes.size() < sizeof(header)) return corrupt();
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.dimension == 0 ||
      header.dimension > kMostDimension)
    return corrupt();
  const uint64_t each = sizeof(uint64_t) + header.dimension * sizeof(float);
  if (header.features > bytes.size() / each || sizeof(header) + header.features * each != bytes.size())
    return corrupt();
  if (header.checksum != Hash64(bytes.substr(offsetof(Header, features)))) return corrupt();
  return std::unique_ptr<Embedder>(
      std::make_unique<CatalogueEmbedder>(analyzers, header, bytes.data() + sizeof(header)));
}

}  // namespace trine::language
