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

TEST(TitleOf, ReturnsTheFirstStringAmongTitleFields) {
  const Json both = Json::Object{{"name", "second"}, {"title", "first"}};
  EXPECT_EQ(TitleOf(&both), "first");
  const Json other = Json::Object{{"title", 5}, {"NAME", "upper"}};
  EXPECT_EQ(TitleOf(&other), "upper");
  const Json none = Json::Object{{"price", 5}};
  EXPECT_EQ(TitleOf(&none), "");
  EXPECT_EQ(TitleOf(nullptr), "");
}

}  // namespace
}  // namespace trine::cli
