#include "numeric/vector_table.h"

#include <algorithm>
#include <cmath>

#include "numeric/distance.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trine::numeric {
namespace {

// Bytes of `v` in [-127, 127]; gives their scale, 0 for a zero vector.
float ToBytes(std::span<const float> v, int8_t* bytes) {
  float most = 0;
  for (const float x : v) most = std::max(most, std::fabs(x));
  if (!(most > 0) || !std::isfinite(most)) {
    std::fill_n(bytes, v.size(), int8_t{0});
    return 0;
  }
  const float scale = most / 127;
  for (size_t i = 0; i < v.size(); ++i) bytes[i] = static_cast<int8_t>(std::lround(v[i] / scale));
  return scale;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) int32_t DotBytesWide(const int8_t* a, const int8_t* b, size_t n) {
  __m256i sum = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)));
    const __m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
  }
  alignas(32) int32_t lane[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lane), sum);
  int32_t total = 0;
  for (const int32_t l : lane) total += l;
  return total + DotBytesScalar(a + i, b + i, n - i);
}
#endif

using DotFunction = int32_t (*)(const int8_t*, const int8_t*, size_t);
DotFunction BestDot() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return DotBytesWide;
#endif
  return DotBytesScalar;
}

}  // namespace

int32_t DotBytesScalar(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += int32_t{a[i]} * int32_t{b[i]};
  return sum;
}

int32_t DotBytes(const int8_t* a, const int8_t* b, size_t n) {
  static const DotFunction best = BestDot();
  return best(a, b, n);
}

VectorTable::VectorTable(std::vector<float> rows, size_t dimension)
    : dimension_(dimension), rows_(std::move(rows)) {
  const size_t count = dimension == 0 ? 0 : rows_.size() / dimension;
  bytes_.resize(count * dimension);
  scales_.resize(count);
  for (size_t i = 0; i < count; ++i)
    scales_[i] = ToBytes({rows_.data() + i * dimension, dimension}, bytes_.data() + i * dimension);
}

std::vector<TopK<uint32_t>::Entry> VectorTable::Nearest(std::span<const float> query, size_t k) const {
  std::vector<int8_t> bytes(dimension_);
  const float scale = ToBytes(query, bytes.data());
  TopK<uint32_t> candidates(k * kCandidatesEach), best(k);
  if (scale == 0) return {};
  for (size_t i = 0; i < size(); ++i) {
    const int32_t dot = DotBytes(bytes.data(), bytes_.data() + i * dimension_, dimension_);
    const float near = static_cast<float>(dot) * scales_[i];
    if (near > 0 && near >= candidates.threshold()) candidates.Push(near, static_cast<uint32_t>(i));
  }
  for (const auto& candidate : candidates.Take()) {
    const float cosine = Dot(query, {rows_.data() + candidate.id * dimension_, dimension_});
    if (cosine > 0) best.Push(cosine, candidate.id);
  }
  return best.Take();
}

}  // namespace trine::numeric
