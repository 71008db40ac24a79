#include "base/varint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace trine {
namespace {

RC_GTEST_PROP(Varint, RoundTrips, (uint64_t value, uint8_t shift, const std::string& rest)) {
  value >>= shift % 64;
  std::string bytes;
  AppendVarint(value, &bytes);
  RC_ASSERT(bytes.size() <= size_t{kMaxVarintBytes});
  bytes += rest;
  std::string_view in = bytes;
  uint64_t read = 0;
  RC_ASSERT(ConsumeVarint(&in, &read));
  RC_ASSERT(read == value);
  RC_ASSERT(in == rest);
}

TEST(Varint, EncodesToStableBytes) {
  std::string bytes;
  for (const uint64_t v : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{300}}) AppendVarint(v, &bytes);
  EXPECT_EQ(bytes, std::string("\x00\x7f\x80\x01\xac\x02", 6));
  bytes.clear();
  AppendVarint(UINT64_MAX, &bytes);
  EXPECT_EQ(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Varint, RejectsTruncatedAndOverlongBytesWithoutConsuming) {
  for (const std::string& bytes :
       {std::string(), std::string("\x80"), std::string(9, '\xff'), std::string(11, '\x80')}) {
    std::string_view in = bytes;
    uint64_t value = 7;
    EXPECT_FALSE(ConsumeVarint(&in, &value));
    EXPECT_EQ(in, bytes);
    EXPECT_EQ(value, 7u);
  }
}

TEST(LengthPrefixed, RoundTrips) {
  std::string bytes;
  for (const std::string& text : {std::string(), std::string("a"), std::string(300, 'b')})
    AppendLengthPrefixed(text, &bytes);
  std::string_view in = bytes, text;
  ASSERT_TRUE(ConsumeLengthPrefixed(&in, &text));
  EXPECT_EQ(text, "");
  ASSERT_TRUE(ConsumeLengthPrefixed(&in, &text));
  EXPECT_EQ(text, "a");
  ASSERT_TRUE(ConsumeLengthPrefixed(&in, &text));
  EXPECT_EQ(text, std::string(300, 'b'));
  EXPECT_EQ(in, "");
}

TEST(LengthPrefixed, RejectsTruncatedStringsWithoutConsuming) {
  std::string bytes;
  AppendLengthPrefixed(std::string(300, 'b'), &bytes);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{2}, bytes.size() - 1}) {
    std::string_view in = std::string_view(bytes).substr(0, size), text = "before";
    EXPECT_FALSE(ConsumeLengthPrefixed(&in, &text));
    EXPECT_EQ(in, std::string_view(bytes).substr(0, size));
    EXPECT_EQ(text, "before");
  }
}

}  // namespace
}  // namespace trine
