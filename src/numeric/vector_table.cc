#include "numeric/vector_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "numeric/distance.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trine::numeric {
namespace {

// Writes `v` as bytes in [-127, 127] and returns their scale; 0 for a zero vector or one with an infinity.
float Quantize(std::span<const float> v, int8_t* bytes) {
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

void DotBytesPortable(const int8_t* query, const int8_t* rows, size_t count, size_t n, int32_t* dots) {
  for (size_t i = 0; i < count; ++i) dots[i] = DotBytesScalar(query, rows + i * n, n);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) inline __m256i WidenBytes(const int8_t* bytes) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

__attribute__((target("avx2"))) inline int32_t SumOfLanes(__m256i v) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(sum);
}

// Processes four rows at a time, so that the query is widened only once for all four.
__attribute__((target("avx2"))) void DotBytesAvx2(const int8_t* query, const int8_t* rows, size_t count,
                                                  size_t n, int32_t* dots) {
  const size_t wide = n - n % 16;
  size_t row = 0;
  for (; row + 4 <= count; row += 4) {
    const int8_t* at = rows + row * n;
    __m256i sums[4] = {};
    for (size_t i = 0; i < wide; i += 16) {
      const __m256i q = WidenBytes(query + i);
      for (size_t r = 0; r < 4; ++r)
        sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(q, WidenBytes(at + r * n + i)));
    }
    for (size_t r = 0; r < 4; ++r)
      dots[row + r] = SumOfLanes(sums[r]) + DotBytesScalar(query + wide, at + r * n + wide, n - wide);
  }
  DotBytesPortable(query, rows + row * n, count - row, n, dots + row);
}
#endif

using DotsFunction = void (*)(const int8_t*, const int8_t*, size_t, size_t, int32_t*);
DotsFunction BestDots() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return DotBytesAvx2;
#endif
  return DotBytesPortable;
}

}  // namespace

int32_t DotBytesScalar(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += int32_t{a[i]} * int32_t{b[i]};
  return sum;
}

void DotBytes(const int8_t* query, const int8_t* rows, size_t count, size_t n, int32_t* dots) {
  TRINE_DCHECK_LE(n, VectorTable::kMaxDimension);
  static const DotsFunction kBest = BestDots();
  kBest(query, rows, count, n, dots);
}

VectorTable::VectorTable(std::vector<float> rows, size_t dimension)
    : dimension_(dimension), rows_(std::move(rows)) {
  TRINE_CHECK(rows_.empty() || dimension > 0);
  TRINE_CHECK_LE(dimension, kMaxDimension);
  const size_t count = dimension == 0 ? 0 : rows_.size() / dimension;
  TRINE_CHECK_EQ(count * dimension, rows_.size());
  bytes_.resize(count * dimension);
  scales_.resize(count);
  for (size_t i = 0; i < count; ++i)
    scales_[i] = Quantize({rows_.data() + i * dimension, dimension}, bytes_.data() + i * dimension);
}

std::vector<TopK<uint32_t>::Entry> VectorTable::Nearest(std::span<const float> query, size_t k) const {
  if (size() == 0) return {};
  TRINE_CHECK_EQ(query.size(), dimension_);
  std::vector<int8_t> bytes(dimension_);
  const float scale = Quantize(query, bytes.data());
  TopK<uint32_t> candidates(k * kCandidateFactor), best(k);
  if (scale == 0) return {};
  std::array<int32_t, 64> dots;
  for (size_t first = 0; first < size(); first += dots.size()) {
    const size_t count = std::min(dots.size(), size() - first);
    DotBytes(bytes.data(), bytes_.data() + first * dimension_, count, dimension_, dots.data());
    for (size_t i = 0; i < count; ++i) {
      const float near = static_cast<float>(dots[i]) * scales_[first + i];
      if (near >= candidates.threshold()) candidates.Push(near, static_cast<uint32_t>(first + i));
    }
  }
  for (const auto& candidate : candidates.Take()) {
    const float cosine = Dot(query, {rows_.data() + candidate.id * dimension_, dimension_});
    if (cosine > 0) best.Push(cosine, candidate.id);
  }
  return best.Take();
}

}  // namespace trine::numeric
