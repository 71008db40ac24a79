#include "cli/judgments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "test/support/temp_folder.h"

namespace trine::cli {
namespace {

TEST(ReadTsv, RejectsMissingFilesAndShortRows) {
  const test::TempFolder folder;
  EXPECT_EQ(ReadTsv(folder.path("none"), 2).error().code, ErrorCode::kIo);
  std::ofstream(folder.path("rows")) << "q1\twords\nq2\n";
  const auto rows = ReadTsv(folder.path("rows"), 2);
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(rows.error().got, "q2");
  EXPECT_TRUE(rows.error().where.ends_with("line 2")) << rows.error().where;
}

TEST(ReadTsv, KeepsEmptyAndExtraColumns) {
  const test::TempFolder folder;
  std::ofstream(folder.path("rows")) << "a\t\tc\nd\te\tf\tg";
  EXPECT_EQ(*ReadTsv(folder.path("rows"), 3),
            (std::vector<std::vector<std::string>>{{"a", "", "c"}, {"d", "e", "f", "g"}}));
}

TEST(Ndcg, IsOneForTheIdealOrderAndZeroWithoutGains) {
  EXPECT_DOUBLE_EQ(Ndcg({3, 2, 1}, {1, 2, 3}, 10), 1);
  EXPECT_DOUBLE_EQ(Ndcg({0, 0}, {1}, 10), 0);
  EXPECT_DOUBLE_EQ(Ndcg({}, {}, 10), 0);
  EXPECT_DOUBLE_EQ(Ndcg({0}, {0, 0}, 10), 0);
}

TEST(Ndcg, DiscountsByLogOfRankAndCutsAtDepth) {
  EXPECT_DOUBLE_EQ(Ndcg({0, 1}, {1}, 2), 1 / std::log2(3.0));
  EXPECT_DOUBLE_EQ(Ndcg({0, 1}, {1}, 1), 0);
}

}  // namespace
}  // namespace trine::cli
