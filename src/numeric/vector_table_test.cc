#include "numeric/vector_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "numeric/distance.h"

namespace trine::numeric {
namespace {

std::vector<float> UnitRows(size_t count, size_t dimension, Random* random) {
  std::vector<float> rows(count * dimension);
  for (float& x : rows) x = static_cast<float>(random->Normal());
  for (size_t i = 0; i < count; ++i) Normalize(std::span(rows).subspan(i * dimension, dimension));
  return rows;
}

// The naive version of Nearest: scores the floats of every row.
std::vector<TopK<uint32_t>::Entry> Naive(const std::vector<float>& rows, size_t dimension,
                                         std::span<const float> query, size_t k) {
  TopK<uint32_t> best(k);
  for (size_t i = 0; i * dimension < rows.size(); ++i) {
    const float cosine = Dot(query, std::span(rows).subspan(i * dimension, dimension));
    if (cosine > 0) best.Push(cosine, static_cast<uint32_t>(i));
  }
  return best.Take();
}

RC_GTEST_PROP(VectorTable, DotBytesMatchesScalar, (uint64_t seed)) {
  Random random(seed);
  const size_t n = random.Below(300), rows = random.Below(12);
  std::vector<int8_t> a(n + 1), b(n * rows + 1);
  for (int8_t& x : a) x = static_cast<int8_t>(random.Below(255)) - 127;
  for (int8_t& x : b) x = static_cast<int8_t>(random.Below(255)) - 127;
  std::vector<int32_t> dots(rows);
  DotBytes(a.data() + 1, b.data(), rows, n, dots.data());
  for (size_t i = 0; i < rows; ++i) RC_ASSERT(dots[i] == DotBytesScalar(a.data() + 1, b.data() + i * n, n));
}

RC_GTEST_PROP(VectorTable, FindsExactNeighboursInSmallTables, (uint64_t seed)) {
  Random random(seed);
  const size_t dimension = 1 + random.Below(70), count = random.Below(30), k = 10;
  const std::vector<float> rows = UnitRows(count, dimension, &random);
  const std::vector<float> query = UnitRows(1, dimension, &random);
  const auto got = VectorTable(rows, dimension).Nearest(query, k), want = Naive(rows, dimension, query, k);
  // The table has at most k * kCandidateFactor rows, so rounding excludes none.
  RC_ASSERT(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i) RC_ASSERT(got[i].id == want[i].id && got[i].score == want[i].score);
}

// Random vectors are the hardest case: all cosines lie close together.
TEST(VectorTable, FindsAllNeighboursInLargeTables) {
  Random random(7);
  constexpr size_t kDimension = 192, kRows = 5000, kBest = 100;
  const std::vector<float> rows = UnitRows(kRows, kDimension, &random);
  const VectorTable table(rows, kDimension);
  size_t found = 0;
  for (int n = 0; n < 20; ++n) {
    const std::vector<float> query = UnitRows(1, kDimension, &random);
    const auto got = table.Nearest(query, kBest), want = Naive(rows, kDimension, query, kBest);
    for (size_t i = 0; i < kBest; ++i) found += got[i].id == want[i].id ? 1 : 0;
  }
  EXPECT_EQ(found, 20 * kBest);
}

TEST(VectorTable, HandlesZeroVectorsAndEmptyTables) {
  EXPECT_TRUE(VectorTable().Nearest({}, 3).empty());
  const VectorTable table(std::vector<float>{0, 0, 1, 0}, 2);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_TRUE(table.Nearest(std::vector<float>{0, 0}, 3).empty());
  const auto near = table.Nearest(std::vector<float>{1, 0}, 3);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].id, 1U);
  EXPECT_EQ(near[0].score, 1.0F);
}

}  // namespace
}  // namespace trine::numeric
