// The embedder that is trained on a catalogue's own texts.
//
// Problem: "체어" and "chair" share no letter, yet a catalogue uses both for one product. Words that occur in
// the same texts should have similar vectors.
//
// Method: latent semantic analysis (Deerwester et al., "Indexing by latent semantic analysis", 1990). The
// matrix of texts by features (words and character n-grams), weighted by tf-idf, is reduced to rank d by a
// randomized SVD. The vector of a feature is its row of V, weighted by the square root of the singular values
// and by its idf; the vector of a text is the sum over its features, normalised. The coordinates of a small
// hash embedder are appended, so that texts with only unknown words differ too.
//
// Why not a neural network: on hundreds to tens of thousands of short texts this takes seconds on one core,
// has no learning rate to tune, and gives the same vectors for the same seed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <span>
#include <unordered_map>

#include "base/check.h"
#include "base/hash.h"
#include "format/text.h"
#include "language/embedder_features.h"
#include "language/model.h"
#include "numeric/distance.h"
#include "numeric/svd.h"

namespace trine::language {
namespace {

// The last two characters are the format version; see docs/formats/embedder.md.
constexpr char kMagic[8] = {'T', 'R', 'N', 'E', 'M', 'B', '0', '1'};
constexpr size_t kMagicNameBytes = 6;
constexpr int kPowerIterations = 2;
// A feature found in only one text says nothing about how words are related.
constexpr uint32_t kMinTexts = 2;
constexpr size_t kMaxDimension = 4096;   // largest dimension accepted in a file
constexpr size_t kHashedDimension = 64;  // coordinates of the hash embedder, after the trained ones
constexpr float kHashedShare = 0.15f;    // the hash coordinates' share of a vector's squared length
constexpr float kSpectrumPower = 0.5f;   // the axes are weighted by the singular values to this power

// The first bytes of a model file: docs/formats/embedder.md.
struct Header {
  char magic[8];
  uint64_t checksum;  // XXH3 of everything after it
  uint64_t features, dimension;
};

// A fitted model: the features in ascending order, and one vector per feature.
struct FittedModel {
  std::vector<uint64_t> features;
  std::vector<float> vectors;
};

using TextFeatures = std::vector<std::vector<std::pair<uint64_t, float>>>;

// The features that occur in at least kMinTexts texts, each with its number of texts, in ascending order. If
// there are more than `limit`, keeps those that occur in the most texts.
std::vector<std::pair<uint64_t, uint32_t>> ChooseFeatures(const TextFeatures& texts, size_t limit) {
  std::unordered_map<uint64_t, uint32_t> counts;
  for (const auto& text : texts) {
    for (const auto& [feature, weight] : text) ++counts[feature];
  }
  std::vector<std::pair<uint64_t, uint32_t>> chosen;
  for (const auto& [feature, count] : counts) {
    if (count >= kMinTexts) chosen.emplace_back(feature, count);
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (chosen.size() > limit) chosen.resize(limit);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

FittedModel Fit(const TextFeatures& texts, const std::vector<std::pair<uint64_t, uint32_t>>& chosen,
                size_t rank, uint64_t seed) {
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
  FittedModel trained;
  const size_t d = svd.v.cols();
  TRINE_CHECK_EQ(svd.singular.size(), d);
  TRINE_CHECK(d == 0 || svd.v.rows() == chosen.size());
  trained.vectors.resize(chosen.size() * d);
  for (size_t i = 0; i < chosen.size(); ++i) {
    trained.features.push_back(chosen[i].first);
    for (size_t k = 0; k < d; ++k)
      trained.vectors[i * d + k] = svd.v(i, k) * std::pow(svd.singular[k], kSpectrumPower) * idf[i];
  }
  return trained;
}

class CatalogueEmbedder final : public Embedder {
 public:
  CatalogueEmbedder(const analysis::Analyzers& analyzers, const Header& header, const char* body)
      : analyzers_(analyzers),
        hashed_(NewHashEmbedder(analyzers, kHashedDimension)),
        header_(header),
        features_(body),
        vectors_(body + header.features * sizeof(uint64_t)) {
    TRINE_CHECK_GT(header_.dimension, 0u);
    TRINE_CHECK_LE(header_.dimension, kMaxDimension);
  }
  std::string name() const override { return "trine-catalogue"; }
  std::string version() const override {
    char text[20];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(header_.checksum));
    return text;
  }
  size_t dimension() const override { return header_.dimension + kHashedDimension; }
  void Embed(std::string_view text, float* out) const override {
    const size_t d = header_.dimension;
    std::fill(out, out + d, 0.0f);
    std::vector<float> row(d);
    for (const auto& [feature, weight] : FeaturesOf(text, analyzers_)) {
      const size_t at = Find(feature);
      if (at == header_.features) continue;
      // Uses memcpy because the file's content may be unaligned.
      std::memcpy(row.data(), vectors_ + at * d * sizeof(float), d * sizeof(float));
      numeric::AddScaled(std::sqrt(weight), row, std::span<float>(out, d));
    }
    numeric::Normalize(std::span<float>(out, d));
    hashed_->Embed(text, out + d);
    for (size_t k = 0; k < d; ++k) out[k] *= std::sqrt(1 - kHashedShare);
    for (size_t k = 0; k < kHashedDimension; ++k) out[d + k] *= std::sqrt(kHashedShare);
    numeric::Normalize(std::span<float>(out, d + kHashedDimension));
  }

 private:
  uint64_t FeatureAt(size_t i) const {
    TRINE_DCHECK_LT(i, header_.features);
    uint64_t v = 0;
    std::memcpy(&v, features_ + i * sizeof(v), sizeof(v));
    return v;
  }
  // The index of a feature, or header_.features if the model does not have it.
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
  const char* features_;  // header_.features times uint64_t, ascending
  const char* vectors_;   // header_.features times header_.dimension floats
};

}  // namespace

Result<std::string> TrainCatalogueEmbedder(const analysis::Analyzers& analyzers,
                                           const std::vector<std::string>& texts,
                                           const EmbedderOptions& options, const Deadline& deadline) {
  if (texts.size() < 2)
    return Error(ErrorCode::kTooLittleData, "too few texts to train an embedder")
        .Expected("at least 2")
        .Got(std::to_string(texts.size()));
  TextFeatures features;
  features.reserve(texts.size());
  for (const std::string& text : texts) {
    features.push_back(FeaturesOf(text, analyzers));
    if (features.size() % 1024 == 0) TRINE_TRY(deadline.Check("training the embedder"));
  }
  const auto chosen = ChooseFeatures(features, options.max_features);
  if (chosen.empty())
    return Error(ErrorCode::kTooLittleData,
                 "cannot train an embedder: no two texts share a word or a character n-gram");
  const FittedModel trained =
      Fit(features, chosen, std::min({options.dimension, texts.size(), chosen.size()}), options.seed);
  TRINE_TRY(deadline.Check("training the embedder"));
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  TRINE_CHECK_EQ(trained.features.size(), chosen.size());
  header.features = trained.features.size();
  header.dimension = trained.vectors.size() / trained.features.size();
  if (header.dimension == 0)
    return Error(ErrorCode::kTooLittleData, "cannot train an embedder: the trained dimension is 0");
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
  const auto corrupt = [] { return Error(ErrorCode::kCorrupt, "the embedder file is damaged"); };
  Header header{};
  if (bytes.size() < sizeof(header)) return corrupt();
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::memcmp(header.magic, kMagic, kMagicNameBytes) != 0) return corrupt();
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return Error(ErrorCode::kFormatVersion, "the embedder file has an unknown format version")
        .Expected(std::string(kMagic, sizeof(kMagic)))
        .Got(format::Printable(std::string_view(header.magic, sizeof(header.magic))));
  }
  if (header.dimension == 0 || header.dimension > kMaxDimension) return corrupt();
  const uint64_t each = sizeof(uint64_t) + header.dimension * sizeof(float);
  if (header.features > bytes.size() / each || sizeof(header) + header.features * each != bytes.size())
    return corrupt();
  if (header.checksum != Hash64(bytes.substr(offsetof(Header, features)))) return corrupt();
  return std::unique_ptr<Embedder>(
      std::make_unique<CatalogueEmbedder>(analyzers, header, bytes.data() + sizeof(header)));
}

}  // namespace trine::language
