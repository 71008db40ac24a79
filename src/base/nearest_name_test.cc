#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(NearestName, FindsTheNameWithTheFewestEdits) {
  const std::vector<std::string> known = {"PRICE", "CATEGORY_L1", "CATEGORY_L2", "GENDER"};
  EXPECT_EQ(NearestName("PRIC", known), "PRICE");
  EXPECT_EQ(NearestName("prcie", known), "PRICE") << "two neighbours exchanged are one edit";
  EXPECT_EQ(NearestName("CATEGORYL2", known), "CATEGORY_L2");
  EXPECT_EQ(NearestName("CATEGORY", known), "CATEGORY_L1") << "the first of two that are equally near";
  EXPECT_EQ(NearestName("GENDER", known), "GENDER");
}

TEST(NearestName, ReturnsNothingForNamesThatAreFarAway) {
  EXPECT_EQ(NearestName("COLOUR", {"PRICE", "GENDER"}), "");
  EXPECT_EQ(NearestName("x", {"y"}), "") << "a name of one character resembles every other one";
  EXPECT_EQ(NearestName("", {"PRICE"}), "");
  EXPECT_EQ(NearestName("PRICE", {}), "");
}

TEST(NearestName, ComparesCharactersInsteadOfBytes) {
  EXPECT_EQ(NearestName("판매가", {"상품명", "판매가격"}), "판매가격");
  EXPECT_EQ(NearestName("\xff\xfe", {"\xff\xfd"}), "") << "invalid UTF-8 is never near";
  EXPECT_EQ(NearestName(std::string(300, 'a'), {std::string(299, 'a')}), "");
}

TEST(NearestNameHint, CompletesTheMessage) {
  EXPECT_EQ(NearestNameHint("titel", {"title", "price"}), "; did you mean 'title'?");
  EXPECT_EQ(NearestNameHint("titel", {"price"}), "");
}

}  // namespace
}  // namespace trine
