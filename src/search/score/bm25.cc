#include "search/score/bm25.h"

#include <cmath>

#include "base/check.h"

namespace trine::search {

uint32_t LengthOfNorm(uint8_t norm) {
  // A norm below 24 is the length itself. Any other norm, minus 24, encodes the length minus 24 as a small
  // float: an exponent, three mantissa bits, and a hidden leading bit.
  constexpr uint32_t kExact = 24;
  if (norm < kExact) return norm;
  const uint32_t code = norm - kExact;
  const uint32_t bits = code & 7;
  const uint32_t exponent = code >> 3;
  return kExact + (exponent == 0 ? bits : (bits | 8) << (exponent - 1));
}

float FieldStatistics::AverageLength() const {
  TRINE_CHECK_GT(rows, 0u);
  return static_cast<float>(static_cast<double>(length) / static_cast<double>(rows));
}

std::shared_ptr<const InverseNorms> MakeInverseNorms(float average_length) {
  auto inverse = std::make_shared<InverseNorms>();
  for (uint32_t norm = 0; norm < 256; ++norm) {
    const float length = static_cast<float>(LengthOfNorm(static_cast<uint8_t>(norm)));
    (*inverse)[norm] = 1.0f / (kBm25K1 * ((1 - kBm25B) + kBm25B * length / average_length));
  }
  return inverse;
}

float Idf(uint64_t n, uint64_t rows) {
  TRINE_DCHECK_LE(n, rows);
  const double in = static_cast<double>(n), all = static_cast<double>(rows);
  return static_cast<float>(std::log(1 + (all - in + 0.5) / (in + 0.5)));
}

}  // namespace trine::search
