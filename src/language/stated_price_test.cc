#include "language/stated_price.h"

#include <gtest/gtest.h>

namespace trine::language {
namespace {

std::string Price(std::string_view text) {
  const auto price = StatedPrice(text);
  return price ? std::to_string(static_cast<int64_t>(price->amount)) + price->currency : "?";
}

TEST(StatedPrice, LeavesOutWhatIsNoPrice) {
  EXPECT_EQ(Price("텐트, 50,000원"), "50000KRW");
  EXPECT_EQ(Price("텐트, 배송비 3,000원"), "?");
  EXPECT_EQ(Price("텐트, 50,000원 (배송비: 3,000원)"), "50000KRW");
  EXPECT_EQ(Price("텐트, 50,000원, 3,000원 쿠폰"), "50000KRW");
  EXPECT_EQ(Price("텐트, 50,000원, 30,000원 이상 무료배송"), "50000KRW");
  EXPECT_EQ(Price("Tent, $39, free shipping over $30"), "39USD");
  EXPECT_EQ(Price("Tent, $5 off"), "?");
  EXPECT_EQ(Price("Coffee $5, official"), "5USD") << "\"off\" is a whole word";
}

TEST(StatedPrice, TellsFormerPricesFromPresentOnes) {
  EXPECT_EQ(Price("텐트 (정가 60,000원, 할인가 45,000원)"), "45000KRW");
  EXPECT_EQ(Price("텐트\n (정가 60,000원, 할인가 45,000원)"), "45000KRW");
  EXPECT_EQ(Price("텐트, 정가 60,000원"), "60000KRW") << "the only price";
  EXPECT_EQ(Price("텐트 60,000원 → 45,000원"), "45000KRW");
  EXPECT_EQ(Price("Tent, was $50, now $39"), "39USD");
  EXPECT_EQ(Price("Tent ~~$50~~ $39"), "39USD");
  EXPECT_EQ(Price("Tent $50 -> $39"), "39USD");
  EXPECT_EQ(Price("Tent $50 or $39"), "?") << "which one is not known";
}

TEST(StatedPrice, KnowsColumnsOfOtherAmounts) {
  for (const char* name : {"shipping_fee", "배송비", "discount", "tax"})
    EXPECT_TRUE(IsOtherAmount(name)) << name;
  for (const char* name : {"price", "판매가", "title", "taxonomy"}) EXPECT_FALSE(IsOtherAmount(name)) << name;
}

}  // namespace
}  // namespace trine::language
