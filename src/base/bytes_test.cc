#include "base/bytes.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(ByteReader, ReadsWhatWasAppended) {
  std::string bytes;
  AppendFixed<uint32_t>(0x01020304, &bytes);
  EXPECT_EQ(bytes, "\x04\x03\x02\x01");
  AppendLengthPrefixed("text", &bytes);
  AppendVarint(300, &bytes);
  bytes += "rest";
  ByteReader in(bytes);
  EXPECT_EQ(in.Fixed<uint32_t>(), 0x01020304u);
  EXPECT_EQ(in.Text(), "text");
  EXPECT_EQ(in.Varint32(), 300u);
  EXPECT_EQ(in.left(), 4u);
  EXPECT_EQ(in.Bytes(4), "rest");
  EXPECT_EQ(in.left(), 0u);
  EXPECT_TRUE(in.ok());
}

TEST(ByteReader, ReturnsZerosAfterTheFirstFailure) {
  std::string bytes;
  AppendVarint(5, &bytes);
  bytes += "four";
  ByteReader in(bytes);
  EXPECT_EQ(in.Text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.Fixed<uint8_t>(), 0u);
  EXPECT_EQ(in.Varint(), 0u);
  EXPECT_EQ(in.Bytes(1), "");
  EXPECT_FALSE(in.ok());
}

TEST(ByteReader, Varint32RejectsLargerValues) {
  std::string bytes;
  AppendVarint(uint64_t{UINT32_MAX} + 1, &bytes);
  ByteReader in(bytes);
  EXPECT_EQ(in.Varint32(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(ByteReader, ReadsVarintsAndRejectsTruncation) {
  for (uint64_t v : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 35, UINT64_MAX}) {
    std::string bytes;
    AppendVarint(v, &bytes);
    EXPECT_EQ(ByteReader(bytes).Varint(), v);
    for (size_t n = 0; n < bytes.size(); ++n) {
      ByteReader cut(std::string_view(bytes).substr(0, n));
      EXPECT_EQ(cut.Varint(), 0u);
      EXPECT_FALSE(cut.ok());
    }
  }
  const std::string unending(11, '\x80');
  ByteReader longer(unending);
  longer.Varint();
  EXPECT_FALSE(longer.ok());
}

}  // namespace
}  // namespace trine
