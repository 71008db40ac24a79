#include "numeric/distance.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace trine::numeric {
namespace {

using Vector = std::vector<float>;

Vector AnyVector(size_t n, Random* random) {
  Vector v(n);
  for (float& x : v) x = static_cast<float>(random->Normal());
  return v;
}

// The definition of the dot product as a plain loop in doubles.
double NaiveDot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

RC_GTEST_PROP(Distance, ScalarKernelsMatchDefinitions, (uint64_t seed)) {
  Random random(seed);
  const size_t n = random.Below(300);
  const Vector a = AnyVector(n, &random), b = AnyVector(n, &random);
  double l2 = 0, l1 = 0, linf = 0;
  for (size_t i = 0; i < n; ++i) {
    const double d = double{a[i]} - double{b[i]};
    l2 += d * d;
    l1 += std::abs(d);
    linf = std::max(linf, std::abs(d));
  }
  const DistanceKernels& k = ScalarKernels();
  const double slack = 1e-4;
  RC_ASSERT(std::abs(k.dot(a.data(), b.data(), n) - NaiveDot(a, b)) < slack);
  RC_ASSERT(std::abs(k.squared_l2(a.data(), b.data(), n) - l2) < slack * (1 + l2));
  RC_ASSERT(std::abs(k.l1(a.data(), b.data(), n) - l1) < slack * (1 + l1));
  RC_ASSERT(std::abs(k.linf(a.data(), b.data(), n) - linf) < slack);
}

// Results must be identical to the bit, because an index must have the same scores on every machine.
RC_GTEST_PROP(Distance, Avx2MatchesScalarToTheBit, (uint64_t seed)) {
  const DistanceKernels* wide = Avx2Kernels();
  if (wide == nullptr) return;
  const DistanceKernels& scalar = ScalarKernels();
  Random random(seed);
  const size_t n = random.Below(300);
  // One more element, so that `x` can start at an unaligned address.
  const Vector a = AnyVector(n + 1, &random), b = AnyVector(n + 1, &random);
  const float *x = a.data() + 1, *y = b.data();
  const auto same = [](float p, float q) { return std::bit_cast<uint32_t>(p) == std::bit_cast<uint32_t>(q); };
  RC_ASSERT(same(wide->dot(x, y, n), scalar.dot(x, y, n)));
  RC_ASSERT(same(wide->squared_l2(x, y, n), scalar.squared_l2(x, y, n)));
  RC_ASSERT(same(wide->l1(x, y, n), scalar.l1(x, y, n)));
  RC_ASSERT(same(wide->linf(x, y, n), scalar.linf(x, y, n)));
  Vector p = b, q = b;
  wide->add_scaled(0.7f, x, p.data(), n);
  scalar.add_scaled(0.7f, x, q.data(), n);
  RC_ASSERT(p == q);
}

TEST(Distance, ComputesKnownValues) {
  const Vector a = {3, 4}, b = {4, -3}, zero = {0, 0}, none;
  EXPECT_EQ(Dot(a, b), 0);
  EXPECT_EQ(SquaredL2(a, b), 50);
  EXPECT_EQ(L1(a, b), 8);
  EXPECT_EQ(LInf(a, b), 7);
  EXPECT_EQ(Norm(a), 5);
  EXPECT_FLOAT_EQ(Cosine(a, Vector{6, 8}), 1);
  EXPECT_EQ(Cosine(a, zero), 0);
  EXPECT_EQ(Dot(none, none), 0);
  EXPECT_EQ(LInf(none, none), 0);
}

TEST(Distance, NormalizesAllButZeroVectors) {
  Vector v = {3, 4}, zero = {0, 0};
  EXPECT_TRUE(Normalize(v));
  EXPECT_EQ(v, (Vector{0.6f, 0.8f}));
  EXPECT_FALSE(Normalize(zero));
  EXPECT_EQ(zero, (Vector{0, 0}));
}

TEST(Distance, PropagatesNonFiniteValues) {
  Vector a(70, 1), b(70, 1);
  a[5] = INFINITY;
  EXPECT_TRUE(std::isinf(Dot(a, b)));
  a[5] = NAN;
  EXPECT_TRUE(std::isnan(Dot(a, b)));
  EXPECT_TRUE(std::isnan(SquaredL2(a, b)));
}

}  // namespace
}  // namespace trine::numeric
