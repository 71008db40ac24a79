#include "numeric/distance.h"

#include <cmath>

#include "base/check.h"

namespace trine::numeric {
namespace {

constexpr size_t kLanes = 32;  // four AVX2 registers, enough to hide the latency of an addition

struct Product {
  static float Term(float x, float y) { return x * y; }
  static float Fold(float sum, float term) { return sum + term; }
};
struct SquaredDifference {
  static float Term(float x, float y) { return (x - y) * (x - y); }
  static float Fold(float sum, float term) { return sum + term; }
};
struct AbsoluteDifference {
  static float Term(float x, float y) { return std::fabs(x - y); }
  static float Fold(float sum, float term) { return sum + term; }
};
struct LargestDifference {
  static float Term(float x, float y) { return std::fabs(x - y); }
  // The operands have the same order as in the maxps instruction, so that a NaN has the same effect in all
  // kernels.
  static float Fold(float most, float term) { return most > term ? most : term; }
};

// Folds the lanes to one number: registers in pairs, then halves. Every kernel must use this order, so that
// all have identical results.
template <typename Metric>
float FoldLanes(const float* lane) {
  float sum[8];
  for (size_t i = 0; i < 8; ++i) {
    sum[i] = Metric::Fold(Metric::Fold(lane[i], lane[8 + i]), Metric::Fold(lane[16 + i], lane[24 + i]));
  }
  for (size_t i = 0; i < 4; ++i) sum[i] = Metric::Fold(sum[i], sum[4 + i]);
  return Metric::Fold(Metric::Fold(sum[0], sum[2]), Metric::Fold(sum[1], sum[3]));
}

template <typename Metric>
float ScalarReduce(const float* a, const float* b, size_t n) {
  float lane[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lane[k] = Metric::Fold(lane[k], Metric::Term(a[i + k], b[i + k]));
  }
  for (size_t k = 0; i < n; ++i, ++k) lane[k] = Metric::Fold(lane[k], Metric::Term(a[i], b[i]));
  return FoldLanes<Metric>(lane);
}

void ScalarAddScaled(float factor, const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

}  // namespace

const DistanceKernels& ScalarKernels() {
  static constexpr DistanceKernels kKernels = {"scalar",
                                               ScalarReduce<Product>,
                                               ScalarReduce<SquaredDifference>,
                                               ScalarReduce<AbsoluteDifference>,
                                               ScalarReduce<LargestDifference>,
                                               ScalarAddScaled};
  return kKernels;
}

}  // namespace trine::numeric

#if defined(__x86_64__)
#include <immintrin.h>

namespace trine::numeric {
namespace {

#define TRINE_AVX2 __attribute__((target("avx2")))
#define TRINE_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

struct Avx2Product : Product {
  TRINE_AVX2_INLINE static __m256 Term8(__m256 x, __m256 y) { return _mm256_mul_ps(x, y); }
  TRINE_AVX2_INLINE static __m256 Fold8(__m256 sum, __m256 term) { return _mm256_add_ps(sum, term); }
};
struct Avx2SquaredDifference : SquaredDifference {
  TRINE_AVX2_INLINE static __m256 Term8(__m256 x, __m256 y) {
    const __m256 d = _mm256_sub_ps(x, y);
    return _mm256_mul_ps(d, d);
  }
  TRINE_AVX2_INLINE static __m256 Fold8(__m256 sum, __m256 term) { return _mm256_add_ps(sum, term); }
};
struct Avx2AbsoluteDifference : AbsoluteDifference {
  TRINE_AVX2_INLINE static __m256 Term8(__m256 x, __m256 y) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(x, y));
  }
  TRINE_AVX2_INLINE static __m256 Fold8(__m256 sum, __m256 term) { return _mm256_add_ps(sum, term); }
};
struct Avx2LargestDifference : LargestDifference {
  TRINE_AVX2_INLINE static __m256 Term8(__m256 x, __m256 y) { return Avx2AbsoluteDifference::Term8(x, y); }
  TRINE_AVX2_INLINE static __m256 Fold8(__m256 most, __m256 term) { return _mm256_max_ps(most, term); }
};

template <typename Metric>
TRINE_AVX2 float Avx2Reduce(const float* a, const float* b, size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    s0 = Metric::Fold8(s0, Metric::Term8(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
    s1 = Metric::Fold8(s1, Metric::Term8(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8)));
    s2 = Metric::Fold8(s2, Metric::Term8(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16)));
    s3 = Metric::Fold8(s3, Metric::Term8(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24)));
  }
  float lane[kLanes];
  _mm256_storeu_ps(lane, s0);
  _mm256_storeu_ps(lane + 8, s1);
  _mm256_storeu_ps(lane + 16, s2);
  _mm256_storeu_ps(lane + 24, s3);
  for (size_t k = 0; i < n; ++i, ++k) lane[k] = Metric::Fold(lane[k], Metric::Term(a[i], b[i]));
  return FoldLanes<Metric>(lane);
}

TRINE_AVX2 void Avx2AddScaled(float factor, const float* x, float* y, size_t n) {
  const __m256 f = _mm256_set1_ps(factor);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 term = _mm256_mul_ps(f, _mm256_loadu_ps(x + i));
    _mm256_storeu_ps(y + i, _mm256_add_ps(_mm256_loadu_ps(y + i), term));
  }
  for (; i < n; ++i) y[i] += factor * x[i];
}

}  // namespace

const DistanceKernels* Avx2Kernels() {
  static constexpr DistanceKernels kKernels = {"avx2",
                                               Avx2Reduce<Avx2Product>,
                                               Avx2Reduce<Avx2SquaredDifference>,
                                               Avx2Reduce<Avx2AbsoluteDifference>,
                                               Avx2Reduce<Avx2LargestDifference>,
                                               Avx2AddScaled};
  return __builtin_cpu_supports("avx2") != 0 ? &kKernels : nullptr;
}

}  // namespace trine::numeric
#else
namespace trine::numeric {
const DistanceKernels* Avx2Kernels() { return nullptr; }
}  // namespace trine::numeric
#endif

namespace trine::numeric {

const DistanceKernels& BestKernels() {
  static const DistanceKernels& best = Avx2Kernels() != nullptr ? *Avx2Kernels() : ScalarKernels();
  return best;
}

float Dot(std::span<const float> a, std::span<const float> b) {
  TRINE_DCHECK_EQ(a.size(), b.size());
  return BestKernels().dot(a.data(), b.data(), a.size());
}
float SquaredL2(std::span<const float> a, std::span<const float> b) {
  TRINE_DCHECK_EQ(a.size(), b.size());
  return BestKernels().squared_l2(a.data(), b.data(), a.size());
}
float L1(std::span<const float> a, std::span<const float> b) {
  TRINE_DCHECK_EQ(a.size(), b.size());
  return BestKernels().l1(a.data(), b.data(), a.size());
}
float LInf(std::span<const float> a, std::span<const float> b) {
  TRINE_DCHECK_EQ(a.size(), b.size());
  return BestKernels().linf(a.data(), b.data(), a.size());
}

float Norm(std::span<const float> v) { return std::sqrt(Dot(v, v)); }

float Cosine(std::span<const float> a, std::span<const float> b) {
  const float lengths = Norm(a) * Norm(b);
  return lengths > 0 ? Dot(a, b) / lengths : 0.0f;
}

bool Normalize(std::span<float> v) {
  const float length = Norm(v);
  if (!(length > 0)) return false;
  for (float& x : v) x /= length;
  return true;
}

void AddScaled(float factor, std::span<const float> x, std::span<float> y) {
  TRINE_DCHECK_EQ(x.size(), y.size());
  BestKernels().add_scaled(factor, x.data(), y.data(), x.size());
}

}  // namespace trine::numeric
