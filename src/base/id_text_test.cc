#include "base/id_text.h"

#include <gtest/gtest.h>

#include <string>

namespace trine {
namespace {

TEST(IdText, RefusesControlCharacters) {
  using namespace std::string_literals;
  for (const std::string& id : {"\0"s, "a\0b"s, "a\n"s, "\x1b[1m"s, "a\x7f"s, "a\xc2\x80"s, "\xc2\x9f"s}) {
    const Status checked = CheckIdText(id, "item id");
    ASSERT_FALSE(checked.ok()) << id;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalid);
  }
  const Error error = CheckIdText("ab\tc", "item id").error();
  EXPECT_EQ(error.ToString(),
            "the item id contains a control character (expected printable characters, got U+0009 at byte 2, "
            "at item id)");
}

TEST(IdText, AcceptsOtherText) {
  for (const char* id : {"", "a b", "상품-1", "caf\xc3\xa9", "\xc2\xa0", "\xc2", "\xff", "e\xcc\x81"})
    EXPECT_TRUE(CheckIdText(id, "item id").ok()) << id;
}

}  // namespace
}  // namespace trine
