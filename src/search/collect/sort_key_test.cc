#include "search/collect/sort_key.h"

#include <gtest/gtest.h>

namespace trine::search {
namespace {

TEST(CompareSortValues, PutsMissingValuesLastInBothDirections) {
  EXPECT_LT(CompareSortValues(SortValue(1), SortValue(), false), 0);
  EXPECT_LT(CompareSortValues(SortValue(1), SortValue(), true), 0);
  EXPECT_GT(CompareSortValues(SortValue(), SortValue("a"), true), 0);
  EXPECT_EQ(CompareSortValues(SortValue(), SortValue(), false), 0);
}

TEST(CompareSortValues, ComparesLargeIntegersExactly) {
  const int64_t big = int64_t{1} << 53;
  EXPECT_LT(CompareSortValues(SortValue(big), SortValue(big + 1), false), 0);
  EXPECT_GT(CompareSortValues(SortValue(big), SortValue(big + 1), true), 0);
  EXPECT_LT(CompareSortValues(SortValue(1), SortValue(1.5), false), 0);
  EXPECT_GT(CompareSortValues(SortValue("b"), SortValue("a"), false), 0);
  EXPECT_EQ(CompareSortValues(SortValue("1"), SortValue(1), false), 0);
}

}  // namespace
}  // namespace trine::search
