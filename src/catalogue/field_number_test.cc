#include "catalogue/field_number.h"

#include <gtest/gtest.h>

#include <cmath>

namespace trine::catalogue {
namespace {

using format::Json;

std::string Stored(FieldType type, const Json& value) {
  const auto number = ReadDecimal(type, value);
  if (!number) return "not a number";
  const StoredInteger stored = ToStored(type, *number);
  if (!stored.inside) return "out of range";
  return type == FieldType::kUnsignedLong ? std::to_string(UnsignedValue(stored.stored))
                                          : std::to_string(stored.stored);
}

TEST(FieldNumber, ReadsIntegersWithoutRounding) {
  EXPECT_EQ(Stored(FieldType::kLong, "9007199254740993.9"), "9007199254740993");
  EXPECT_EQ(Stored(FieldType::kLong, Json::Number("9007199254740993.0")), "9007199254740993");
  EXPECT_EQ(Stored(FieldType::kLong, Json::Number("9.007199254740993e15")), "9007199254740993");
  EXPECT_EQ(Stored(FieldType::kLong, "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Stored(FieldType::kLong, "9223372036854775808"), "out of range");
  EXPECT_EQ(Stored(FieldType::kLong, "-9223372036854775809"), "out of range");
  EXPECT_EQ(Stored(FieldType::kByte, Json(128)), "out of range");
  EXPECT_EQ(Stored(FieldType::kByte, Json::Number("127.9")), "127");
  EXPECT_EQ(Stored(FieldType::kUnsignedLong, Json(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(Stored(FieldType::kUnsignedLong, "18446744073709551614"), "18446744073709551614");
  EXPECT_EQ(Stored(FieldType::kUnsignedLong, "18446744073709551616"), "out of range");
  EXPECT_EQ(Stored(FieldType::kUnsignedLong, Json(-1)), "out of range");
  EXPECT_EQ(Stored(FieldType::kUnsignedLong, Json::Number("-0.5")), "0");
}

TEST(FieldNumber, ReadsTextAsEachTypeDoesInOpenSearch) {
  for (const FieldType type : {FieldType::kInteger, FieldType::kShort, FieldType::kByte}) {
    for (const char* text : {"5", "+5", "5 ", " \t5\n", "5.9", "5e0", "5d", "5F ", ".5e1"}) {
      EXPECT_EQ(Stored(type, text), "5") << text;
    }
    for (const char* text : {"", " ", "five", "5 5", "0x5", "5dd", "d", "+", "1,000"}) {
      EXPECT_EQ(Stored(type, text), "not a number") << text;
    }
  }
  for (const FieldType type : {FieldType::kLong, FieldType::kUnsignedLong}) {
    EXPECT_EQ(Stored(type, "+5"), "5");
    EXPECT_EQ(Stored(type, "5.9"), "5");
    EXPECT_EQ(Stored(type, "5e1"), "50");
    EXPECT_EQ(Stored(type, "5 "), "not a number");
    EXPECT_EQ(Stored(type, "5d"), "not a number");
  }
  EXPECT_EQ(ReadReal(" +1.5 "), 1.5);
  EXPECT_EQ(ReadReal("1e3f"), 1000);
  EXPECT_EQ(ReadReal("+.5"), 0.5);
  EXPECT_TRUE(std::isnan(*ReadReal("NaN")));
  EXPECT_EQ(ReadReal(" -Infinity"), -INFINITY);
  EXPECT_FALSE(ReadReal("1.5x").has_value());
  EXPECT_FALSE(ReadReal("++1").has_value());
  EXPECT_FALSE(ReadReal(Json(true)).has_value());
}

}  // namespace
}  // namespace trine::catalogue
