#include "cli/print.h"

#include <gtest/gtest.h>

namespace trine::cli {
namespace {

using format::Json;

TEST(PrintableText, RemovesControlCharacters) {
  const Json text("\x1b]0;owned\x07 chair\nnext");
  EXPECT_EQ(PrintableText(&text), "]0;owned chair next");
  EXPECT_EQ(PrintableText(&text, true), "]0;owned chair\nnext");
}

TEST(PrintableText, PrintsOtherValuesAsJson) {
  const Json number(1.5), list(Json::Array{1, "a"}), null;
  EXPECT_EQ(PrintableText(&number), "1.5");
  EXPECT_EQ(PrintableText(&list), "[1,\"a\"]");
  EXPECT_EQ(PrintableText(&null), "");
  EXPECT_EQ(PrintableText(nullptr), "");
}

TEST(TitleOf, ReturnsTheFirstTextAmongTheFields) {
  const std::vector<std::string> fields = {"상품명", "title"};
  const Json both = Json::Object{{"title", "second"}, {"상품명", "first"}};
  EXPECT_EQ(TitleOf(&both, fields), "first");
  const Json other = Json::Object{{"상품명", 5}, {"title", "text"}};
  EXPECT_EQ(TitleOf(&other, fields), "text");
  const Json none = Json::Object{{"price", 5}};
  EXPECT_EQ(TitleOf(&none, fields), "");
  EXPECT_EQ(TitleOf(&both, {}), "");
  EXPECT_EQ(TitleOf(nullptr, fields), "");
}

}  // namespace
}  // namespace trine::cli
