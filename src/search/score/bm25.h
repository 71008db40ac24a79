// BM25 as Lucene 10 computes it, to the last float32 (k1 = 1.2, b = 0.75).
//
// With weight = boost * idf and inv(L) = 1 / (k1 * (1 - b + b * L / avgdl)), all in float32,
//   score = weight - weight / (1 + freq * inv(L))
// which is weight * freq / (freq + 1 / inv(L)) in a form that grows with freq and falls with L even
// after rounding. L is the length that the norm byte stands for, so there are 256 values of inv.
// Source: Lucene's BM25Similarity and SmallFloat (Apache-2.0); Robertson and Zaragoza, "The
// Probabilistic Relevance Framework: BM25 and Beyond", section 3.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

namespace trine::search {

inline constexpr float kBm25K1 = 1.2f;
inline constexpr float kBm25B = 0.75f;

// The length that a norm byte stands for: exact up to 39, then four significant bits.
uint32_t LengthOfNorm(uint8_t norm);

// What is known of a field over all segments of a collection.
struct FieldStats {
  uint64_t rows = 0;    // that have the field; deleted ones not yet merged away included
  uint64_t length = 0;  // sum of total term frequencies
  float AverageLength() const;
};

// inv(L) for every norm byte of a field with this average length.
using InverseNorms = std::array<float, 256>;
std::shared_ptr<const InverseNorms> MakeInverseNorms(float average_length);

// ln(1 + (rows - n + 0.5) / (n + 0.5)), in double, rounded to float32.
float Idf(uint64_t n, uint64_t rows);

// Cheap to copy. Thread-safe.
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

// The norm of a field that keeps none: length 1.
inline constexpr uint8_t kNoNorm = 1;

}  // namespace trine::search
