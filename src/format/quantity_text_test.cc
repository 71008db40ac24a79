#include "format/quantity_text.h"

#include <gtest/gtest.h>

#include "format/text.h"

namespace trine::format {
namespace {

std::string MoneyText(std::string_view text) {
  const auto money = FindMoney(text);
  return money ? std::to_string(static_cast<int64_t>(money->amount * 100)) + money->currency : "none";
}

TEST(FindMoney, FindsTheOnlyAmount) {
  EXPECT_EQ(MoneyText("12,900원"), "1290000KRW");
  EXPECT_EQ(MoneyText("12,900원 / 품절"), "1290000KRW");
  EXPECT_EQ(MoneyText("$49.99"), "4999USD");
  EXPECT_EQ(MoneyText("US$49.99"), "4999USD");
  EXPECT_EQ(MoneyText("49.99 USD"), "4999USD");
  EXPECT_EQ(MoneyText("1만 2천원"), "1200000KRW");
  EXPECT_EQ(MoneyText("₩83,900"), "8390000KRW");
  EXPECT_EQ(MoneyText("12900"), "1290000");
  EXPECT_EQ(MoneyText("Blue shirt, $40"), "4000USD");
  EXPECT_EQ(MoneyText("Tent for 2 - 200,000 KRW"), "20000000KRW");
  EXPECT_EQ(MoneyText("12,900원~15,000원"), "none");
  EXPECT_EQ(MoneyText("item 12"), "none");
  EXPECT_EQ(MoneyText("품절"), "none");
  EXPECT_EQ(MoneyText(""), "none");
  EXPECT_EQ(MoneyText("won 5"), "none");
}

TEST(FindMoney, TakesADotForAGroupMarkIfThereAreNoCents) {
  EXPECT_EQ(MoneyText("29.900원"), "2990000KRW");
  EXPECT_EQ(MoneyText("1.234.567원"), "123456700KRW");
  EXPECT_EQ(MoneyText("₩29.900"), "2990000KRW");
  EXPECT_EQ(MoneyText("29.90원"), "2990KRW");
  EXPECT_EQ(MoneyText("$29.900"), "2990USD");
  EXPECT_EQ(MoneyText("49,99 €"), "none") << "not 99 euros";
  EXPECT_EQ(ParseMoney("29.900원"), 29900);
  EXPECT_EQ(ParseMoney("29.900"), 29.9);
  EXPECT_FALSE(IsGroupedByDots("2900.900"));
  EXPECT_FALSE(IsGroupedByDots("29.90"));
  EXPECT_FALSE(IsGroupedByDots("29"));
}

TEST(FindAmounts, FindsNumbersWithTheirPlacesAndScales) {
  const auto amounts = FindAmounts("1~2만원, $50, q30, 49,99");
  ASSERT_EQ(amounts.size(), 4u);
  EXPECT_EQ(amounts[0].money.amount, 1);
  EXPECT_EQ(amounts[0].scale, 1);
  EXPECT_EQ(amounts[1].money.amount, 20000);
  EXPECT_EQ(amounts[1].scale, 10000);
  EXPECT_EQ(amounts[1].begin, 2u);
  EXPECT_EQ(amounts[2].money.currency, "USD");
  EXPECT_FALSE(amounts[3].is_read);
  EXPECT_EQ(FindAmounts("2만9천9백원").at(0).money.amount, 29900);
  EXPECT_TRUE(FindAmounts("q30").empty());
}

TEST(FormatMoney, WritesEachCurrencyAsShopsDo) {
  EXPECT_EQ(FormatMoney(39000, "KRW", true), "39,000원");
  EXPECT_EQ(FormatMoney(39000, "KRW", false), "₩39,000");
  EXPECT_EQ(FormatMoney(49.9, "USD", true), "$49.90");
  EXPECT_EQ(FormatMoney(149, "USD", false), "$149");
  EXPECT_EQ(FormatMoney(149, "", false), "149");
  EXPECT_EQ(FormatMoney(49.99, "", true), "49.99");
  EXPECT_EQ(FormatMoney(1234.5, "CHF", false), "1,234.5 CHF");
  EXPECT_EQ(FormatMoney(-5, "GBP", false), "-£5");
}

TEST(ParseGrams, ReadsMasses) {
  EXPECT_EQ(ParseGrams("950g"), 950);
  EXPECT_EQ(ParseGrams("1,046 g"), 1046);
  EXPECT_EQ(ParseGrams("1.2kg"), 1200);
  EXPECT_EQ(ParseGrams("950"), std::nullopt);
  EXPECT_EQ(ParseGrams("950ml"), std::nullopt);
  EXPECT_EQ(ParseGrams("g"), std::nullopt);
}

}  // namespace
}  // namespace trine::format
