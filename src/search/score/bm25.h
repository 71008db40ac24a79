// BM25 as Lucene 10 computes it, equal to the last bit (k1 = 1.2, b = 0.75).
//
// For a row whose field has length L (on average avgdl), with weight = boost * idf and
// inv(L) = 1 / (k1 * (1 - b + b * L / avgdl)), all in float32,
//   score = weight - weight / (1 + freq * inv(L))
// This equals weight * freq / (freq + 1 / inv(L)), in a form that grows with freq and falls with L even after
// rounding. L is the length that the norm byte encodes, so inv has 256 values.
// Source: Lucene's BM25Similarity and SmallFloat (Apache-2.0); Robertson and Zaragoza, "The
// Probabilistic Relevance Framework: BM25 and Beyond", section 3.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

namespace trine::search {

inline constexpr float kBm25K1 = 1.2f;
inline constexpr float kBm25B = 0.75f;

// Returns the length that a norm byte encodes: exact up to 39; above 39, length - 24 has four significant
// bits, rounded down.
uint32_t LengthOfNorm(uint8_t norm);

// Statistics of a field over all segments of a collection.
struct FieldStatistics {
  uint64_t rows = 0;    // rows with the field, including deleted rows that are not merged away yet
  uint64_t length = 0;  // number of occurrences of all terms: the total length of the field in these rows
  // Requires rows > 0.
  float AverageLength() const;
};

// inv(L) for every norm byte, for a field with the given average length. Requires average_length > 0.
using InverseNorms = std::array<float, 256>;
std::shared_ptr<const InverseNorms> MakeInverseNorms(float average_length);

// Returns ln(1 + (rows - n + 0.5) / (n + 0.5)), computed in double and rounded to float32. Requires n <=
// rows.
float Idf(uint64_t n, uint64_t rows);

// The scorer of one term or phrase. Immutable, cheap to copy, thread-safe.
class Bm25 {
 public:
  Bm25(float boost, float idf, std::shared_ptr<const InverseNorms> inverse)
      : weight_(boost * idf), inverse_(std::move(inverse)) {}
  float Score(float frequency, uint8_t norm) const {
    return weight_ - weight_ / (1.0f + frequency * (*inverse_)[norm]);
  }
  float weight() const { return weight_; }
  const InverseNorms& inverse() const { return *inverse_; }

 private:
  float weight_;
  std::shared_ptr<const InverseNorms> inverse_;
};

// The norm to use for fields that store no norms. It encodes length 1.
inline constexpr uint8_t kNoNorm = 1;

}  // namespace trine::search
