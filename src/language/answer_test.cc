#include "language/answer.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace trine::language {
namespace {

std::vector<AnswerItem> Items() {
  return {{"item_1",
           "초경량 폴딩 체어",
           {{"price", "39000"}, {"weight_g", "950"}},
           "찾으신 ‘체어’에 맞아서 추천해 드려요.",
           true,
           ItemPrice{39000, "KRW"},
           950},
          {"item_2", "우드 체어", {{"price", "59000"}}, "", true, ItemPrice{59000, "KRW"}}};
}

TEST(ComposeAnswer, CitesItemsInTheGivenOrder) {
  QueryIntent intent;
  intent.language = "ko";
  intent.wants = {"light"};
  const Answer a = ComposeAnswer(intent, Items());
  EXPECT_NE(a.text.find("초경량 폴딩 체어 (39,000원, 950g)"), std::string::npos) << a.text;
  ASSERT_EQ(a.citations.size(), 2u);
  EXPECT_EQ(a.citations[0].item_id, "item_1");
  EXPECT_LT(a.citations[0].end, a.citations[1].start);
  // All characters are in the basic plane, so one UTF-16 unit is one character here.
  EXPECT_EQ(a.citations[0].end - a.citations[0].start, Utf16Length("초경량 폴딩 체어"));
}

TEST(ComposeAnswer, ReportsThatNothingWasFound) {
  QueryIntent intent;
  intent.language = "en";
  const Answer a = ComposeAnswer(intent, {});
  EXPECT_NE(a.text.find("no product"), std::string::npos);
  EXPECT_TRUE(a.citations.empty());
}

TEST(ComposeAnswer, ReportsThatNothingFitsExactly) {
  QueryIntent intent;
  intent.language = "ko";
  auto items = Items();
  items[1].fits = false;
  EXPECT_NE(ComposeAnswer(intent, items).text.find("맞는 상품 1개와 비슷한 상품 1개"), std::string::npos);
  items[0].fits = false;
  EXPECT_EQ(ComposeAnswer(intent, items).text.find("딱 맞는 상품은 찾지 못했어요"), 0u);
  intent.language = "en";
  EXPECT_EQ(ComposeAnswer(intent, items).text.find("I found nothing that fits exactly"), 0u);
  intent.outfit = true;
  EXPECT_EQ(ComposeAnswer(intent, items).text.find("I found nothing that fits exactly"), 0u);
}

TEST(ComposeAnswer, StatesPriceBoundsOnlyIfAllItemsAreWithinThem) {
  QueryIntent intent;
  intent.language = "ko";
  intent.price.min = 30000;
  intent.price.max = 60000;
  EXPECT_EQ(ComposeAnswer(intent, Items()).text.find("30,000원에서 60,000원 사이로 "), 0u);
  intent.language = "en";
  EXPECT_NE(ComposeAnswer(intent, Items()).text.find(" between ₩30,000 and ₩60,000 "), std::string::npos);
  intent.price.max.reset();
  EXPECT_NE(ComposeAnswer(intent, Items()).text.find(" at ₩30,000 and above "), std::string::npos);
  intent.price.min = 50000;  // the first item costs 39,000
  EXPECT_EQ(ComposeAnswer(intent, Items()).text.find("50,000"), std::string::npos);
}

TEST(ComposeAnswer, StatesWhetherAPriceBoundIsInside) {
  QueryIntent intent;
  intent.language = "ko";
  const auto text = [&](Bounds price) {
    intent.price = price;
    return ComposeAnswer(intent, Items()).text;
  };
  EXPECT_EQ(text({std::nullopt, 60000, false, true}).find("60,000원 미만으로 "), 0u);
  EXPECT_EQ(text({std::nullopt, 60000, false, false}).find("60,000원 이하로 "), 0u);
  EXPECT_EQ(text({30000, std::nullopt, true, false}).find("30,000원 초과로 "), 0u);
  EXPECT_EQ(text({30000, 60000, false, true}).find("30,000원 이상 60,000원 미만으로 "), 0u);
  EXPECT_EQ(text({39000, std::nullopt, true, false}).find("39,000원 초과"), std::string::npos)
      << "the first item costs 39,000";
  intent.language = "en";
  EXPECT_NE(text({std::nullopt, 60000, false, true}).find(" priced below ₩60,000 "), std::string::npos);
  EXPECT_NE(text({30000, std::nullopt, true, false}).find(" priced above ₩30,000 "), std::string::npos);
  EXPECT_NE(text({30000, 60000, true, false}).find(" priced above ₩30,000 up to ₩60,000 "),
            std::string::npos);
}

TEST(ComposeAnswer, PrintsTheBareNumberOfAnUnknownCurrency) {
  QueryIntent intent;
  intent.language = "en";
  auto items = Items();
  items[0].price = ItemPrice{149, ""};
  items[1].price = ItemPrice{49.99, "USD"};
  const std::string text = ComposeAnswer(intent, items).text;
  EXPECT_NE(text.find("(149)"), std::string::npos) << text;
  EXPECT_NE(text.find("($49.99)"), std::string::npos) << text;
  items[0].price.reset();
  EXPECT_EQ(ComposeAnswer(intent, items).text.find("39000"), std::string::npos) << "no price was read";
}

TEST(ComposeAnswer, ReportsIgnoredPriceInAnotherCurrency) {
  QueryIntent intent;
  intent.language = "en";
  intent.currency = "USD";
  intent.price_ignored = true;
  intent.unchecked.push_back({kPricePart, "$50", UncheckedPart::About::kCurrency});
  EXPECT_NE(ComposeAnswer(intent, Items()).text.find("was ignored"), std::string::npos);
}

TEST(ComposeAnswer, RemovesMarkupFromTitles) {
  QueryIntent intent;
  intent.language = "en";
  const Answer a = ComposeAnswer(intent, {{"i", "Chair\n<script>alert(1)</script>", {}, ""}});
  EXPECT_EQ(a.text.find('<'), std::string::npos);
}

ReasonCause Event(const char* type, const char* title, double amount) {
  ReasonCause c;
  c.kind = ReasonCause::Kind::kEvent;
  c.event_type = type;
  c.item_title = title;
  c.amount = amount;
  c.time = Millis{1'000'000'000'000};
  return c;
}

TEST(ComposeReason, StatesCausesInTheUsersLanguage) {
  const Millis now{1'000'000'000'000 + 3 * 86'400'000LL};
  EXPECT_EQ(ComposeReason({Event("Purchase", "후디", 1)}, "ko", now),
            "최근 ‘후디’를 구매하셔서 추천해 드려요.");
  EXPECT_EQ(ComposeReason({Event("View", "Hoodie", 1)}, "en", now), "Because you recently viewed ‘Hoodie’.");
  ReasonCause popular;
  popular.amount = 0.5;
  popular.kind = ReasonCause::Kind::kPopularity;
  const std::string both = ComposeReason({Event("click", "체어", 1), popular}, "ko", now);
  EXPECT_NE(both.find("눌러 보셔서, 많은 분이"), std::string::npos) << both;
}

TEST(ComposeReason, QuotesValuesAndFormatsPriceBands) {
  ReasonCause cause;
  cause.kind = ReasonCause::Kind::kItemAttribute;
  cause.amount = 1;
  cause.attribute = "STYLE";
  cause.value = "2-3";
  EXPECT_EQ(ComposeReason({cause}, "ko", Millis{0}), "‘2-3’ 상품을 즐겨 찾으셔서 추천해 드려요.");
  cause.attribute = "PRICE";
  cause.value = "50000-1000000";
  EXPECT_EQ(ComposeReason({cause}, "ko", Millis{0}),
            "50,000~1,000,000 가격대를 즐겨 찾으셔서 추천해 드려요.");
  EXPECT_EQ(ComposeReason({cause}, "en", Millis{0}),
            "Because you often choose products that cost 50,000~1,000,000.");
  for (const char* odd : {"-", "5-", "-5", "above 1e15", "a-b", ""}) {
    cause.value = odd;
    EXPECT_NE(ComposeReason({cause}, "en", Millis{0}).find("‘" + std::string(odd) + "’"), std::string::npos);
  }
}

TEST(ComposeReason, OmitsCausesWithoutPositiveAmount) {
  EXPECT_EQ(ComposeReason({}, "ko", Millis{0}), "");
  EXPECT_EQ(ComposeReason({Event("View", "x", 0), Event("View", "y", -1)}, "en", Millis{0}), "");
}

}  // namespace
}  // namespace trine::language
