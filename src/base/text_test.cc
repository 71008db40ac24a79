#include "base/text.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(ToLowerAscii, ChangesOnlyAsciiLetters) {
  EXPECT_EQ(ToLowerAscii("AZaz09@[`{"), "azaz09@[`{");
  EXPECT_EQ(ToLowerAscii("Äㄱ"), "Äㄱ");
  EXPECT_EQ(ToLowerAscii(std::string_view("A\0B", 3)), std::string("a\0b", 3));
  EXPECT_EQ(ToLowerAscii(""), "");
}

TEST(ToUpperAscii, ChangesOnlyAsciiLetters) {
  EXPECT_EQ(ToUpperAscii("AZaz09@[`{"), "AZAZ09@[`{");
  EXPECT_EQ(ToUpperAscii("äㄱ"), "äㄱ");
  EXPECT_EQ(ToUpperAscii(std::string_view("a\0b", 3)), std::string("A\0B", 3));
  EXPECT_EQ(ToUpperAscii(""), "");
}

TEST(EqualsIgnoreCase, IgnoresOnlyAsciiCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-tYPE"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));  // differ by 0x20 only
  EXPECT_FALSE(EqualsIgnoreCase("Ä", "ä"));
}

TEST(Trim, RemovesBlanksAtBothEnds) {
  EXPECT_EQ(Trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(Trim("\n \t"), "");
  EXPECT_EQ(Trim(""), "");
  EXPECT_EQ(Trim(" \ta\n", " "), "\ta\n");
  EXPECT_EQ(Trim("\u3000a"), "\u3000a");  // an ideographic space is not ASCII
}

TEST(IsBlank, AcceptsBlanksOnly) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r\n"));
  EXPECT_FALSE(IsBlank(" x "));
  EXPECT_FALSE(IsBlank("\n", " \t"));
}

}  // namespace
}  // namespace trine
