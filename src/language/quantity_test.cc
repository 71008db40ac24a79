#include "language/quantity.h"

#include <gtest/gtest.h>

#include "language/amount_text.h"

namespace trine::language {
namespace {

std::string Show(std::string_view question) {
  std::string out;
  for (const Quantity& q : FindQuantities(question)) {
    out += (out.empty() ? "" : " | ") + q.text;
    if (q.grams.max)
      out += (q.grams.max_exclusive ? " <" : " <=") + std::to_string(static_cast<int>(*q.grams.max)) + "g";
    if (q.grams.min)
      out += (q.grams.min_exclusive ? " >" : " >=") + std::to_string(static_cast<int>(*q.grams.min)) + "g";
    if (q.rejected) out += " rejected";
  }
  return out;
}

TEST(FindQuantities, ReadsNumbersWithUnitsAndBounds) {
  EXPECT_EQ(Show("1kg 이하 텐트"), "1kg 이하 <=1000g");
  EXPECT_EQ(Show("500g이하 의자"), "500g이하 <=500g");
  EXPECT_EQ(Show("1.5킬로 이상 아령"), "1.5킬로 이상 >=1500g");
  EXPECT_EQ(Show("tent under 2kg"), "under 2kg <2000g");
  EXPECT_EQ(Show("2kg 미만 텐트"), "2kg 미만 <2000g");
  EXPECT_EQ(Show("2키로 초과 텐트"), "2키로 초과 >2000g");
  EXPECT_EQ(Show("tent of more than 2 kg"), "more than 2 kg >2000g");
  EXPECT_EQ(Show("tent no more than 2 kg"), "no more than 2 kg <=2000g");
  EXPECT_EQ(Show("dumbbell of at least 5 kg"), "at least 5 kg >=5000g");
  EXPECT_EQ(Show("a 2 kg or lighter tent"), "2 kg or lighter <=2000g");
  EXPECT_EQ(Show("4인용 텐트"), "4인용");
  EXPECT_EQ(Show("별점 4점 이상 이어폰"), "4점 이상");
  EXPECT_EQ(Show("아이폰 15 프로 케이스"), "15");
  EXPECT_EQ(Show("10.1인치 태블릿"), "10.1인치");
  EXPECT_EQ(Show("4-person tent"), "4-person");
  EXPECT_EQ(Show("hammer up to 2 oz"), "up to 2 oz <=56g");
  EXPECT_EQ(Show("serum up to 2 fl oz"), "up to 2 fl oz") << "a volume";
  EXPECT_EQ(Show("serum of 1.7 fluid ounces"), "1.7 fluid ounces");
}

TEST(FindQuantities, ReadsListsAndRangesAsOneQuantity) {
  EXPECT_EQ(Show("44,55,66 원피스"), "44,55,66");
  EXPECT_EQ(Show("1,2인용 텐트"), "1,2인용");
  EXPECT_EQ(Show("65,75인치 모니터"), "65,75인치");
  EXPECT_EQ(Show("1인용이나 2인용 텐트"), "1인용이나 2인용");
  EXPECT_EQ(Show("2 or 4 person tent"), "2 or 4 person");
  EXPECT_EQ(Show("3~4인용 텐트"), "3~4인용");
  EXPECT_EQ(Show("1kg~2kg 텐트"), "1kg~2kg <=2000g >=1000g");
  EXPECT_EQ(Show("500g에서 1kg 사이"), "500g에서 1kg <=1000g >=500g");
  EXPECT_EQ(Show("tent between 1 and 2 kg"), "between 1 and 2 kg <=2000g >=1000g");
  EXPECT_EQ(Show("1kg과 2kg 사이"), "1kg과 2kg <=2000g >=1000g");
  EXPECT_EQ(Show("1인용 텐트랑 2인용 텐트"), "1인용, 2인용");
  EXPECT_EQ(Show("120cm 60cm 테이블"), "120cm | 60cm") << "both sides of one table";
  EXPECT_EQ(Show("1~2kg 미만 텐트"), "1~2kg 미만 <2000g >=1000g");
  EXPECT_EQ(Show("1kg, 2kg 이하 텐트"), "1kg, 2kg 이하") << "not understood, and named";
  EXPECT_TRUE(FindQuantities("1kg, 2kg 이하").at(0).bounded);
  EXPECT_EQ(Show("아이폰 15, 갤럭시 24"), "15 | 24");
  EXPECT_EQ(Show("1,200 조각 퍼즐"), "1,200");
  EXPECT_EQ(Show("1234,567 퍼즐"), "1234,567");
  EXPECT_EQ(Show("출시 2024.01.15"), "2024");
  EXPECT_EQ(FindQuantities("1,200.5 조각").at(0).number, 1200.5);
  EXPECT_EQ(NumberAt(FindQuantities("2 인용").at(0).text), "2");
  EXPECT_EQ(NumberAt("텐트"), "");
}

TEST(FindQuantities, TellsWhatIsRejected) {
  EXPECT_EQ(Show("1인용 말고 2인용 텐트"), "1인용 rejected | 2인용");
  EXPECT_EQ(Show("1인용 텐트 말고 2인용 텐트"), "1인용 rejected | 2인용");
  EXPECT_EQ(Show("66 말고 원피스"), "66 rejected");
  EXPECT_EQ(Show("55, 66 말고 원피스"), "55, 66 rejected");
  EXPECT_EQ(Show("a 2 person tent, not a 4 person one"), "2 person | 4 person rejected");
  EXPECT_EQ(Show("1kg 이하 말고"), "1kg 이하 말고 >1000g");
  const Quantity unclear = FindQuantities("2인용 노란색 말고").at(0);
  EXPECT_TRUE(!unclear.rejected && unclear.bounded && unclear.bounds.empty());
}

TEST(FindQuantities, TurnsNegatedBoundsRound) {
  EXPECT_EQ(Show("tent not heavier than 2kg"), "not heavier than 2kg <=2000g");
  EXPECT_EQ(Show("tent that does not weigh over 2 kg"), "not weigh over 2 kg <=2000g");
  EXPECT_EQ(Show("2kg을 넘지 않는 텐트"), "2kg을 넘지 않는 <=2000g");
  EXPECT_EQ(Show("within 2 kg"), "within 2 kg <=2000g");
  EXPECT_EQ(Show("2kg 미만은 말고"), "2kg 미만은 말고 >=2000g");
  EXPECT_EQ(Show("2kg보다 무겁지 않은 텐트"), "2kg보다 무겁지 않은 <=2000g");
  EXPECT_EQ(Show("under 1 000 g"), "under 1 000 g <1000g");
  for (const char* unclear : {"not never over 2 kg", "not between 1 and 2 kg", "1kg 이하 또는 3kg 이상",
                              "at least 2 kg or less", "-2kg 이하"}) {
    for (const Quantity& quantity : FindQuantities(unclear)) {
      EXPECT_TRUE(quantity.bounded && quantity.grams.empty()) << unclear;
    }
    EXPECT_FALSE(FindQuantities(unclear).empty()) << unclear;
  }
}

TEST(FindQuantities, ReadsListsOfSizes) {
  const auto numbers = [](std::string_view question) {
    std::string out;
    for (const Quantity& quantity : FindQuantities(question)) {
      out += (out.empty() ? "" : " | ") + std::to_string(static_cast<int64_t>(quantity.number));
      for (const double other : quantity.others) out += "," + std::to_string(static_cast<int64_t>(other));
    }
    return out;
  };
  EXPECT_EQ(numbers("후디 95,100,105"), "95,100,105");
  EXPECT_EQ(numbers("운동화 240,250,260"), "240,250,260");
  EXPECT_EQ(numbers("240,250,260 사이즈"), "240,250,260");
  EXPECT_EQ(numbers("240,250mm"), "240,250");
  EXPECT_EQ(numbers("235/240 운동화"), "235,240");
  EXPECT_EQ(numbers("원피스 55 66"), "55,66");
  EXPECT_EQ(numbers("85,90,95,100 후디"), "85,90,95,100");
  EXPECT_EQ(numbers("원피스 55 66 77 사이즈"), "55,66,77");
  EXPECT_EQ(numbers("아이폰 15 128"), "15 | 128");
  EXPECT_EQ(numbers("1,200 조각"), "1200");
  EXPECT_EQ(numbers("1,234,567 조각"), "1234567");
  EXPECT_EQ(numbers("100,105g"), "100105");
  EXPECT_EQ(FindQuantities("301,450", [](std::string_view size) { return size == "301" || size == "450"; })
                .at(0)
                .others,
            std::vector<double>{450});
}

TEST(FindQuantities, NamesBoundsOnLetterSizes) {
  for (const char* text : {"xl 이상 후디", "size l or larger hoodie", "m 사이즈 미만 후디", "2xl 이하"}) {
    const auto quantities = FindQuantities(text);
    ASSERT_EQ(quantities.size(), 1u) << text;
    EXPECT_TRUE(quantities[0].bounded && !quantities[0].is_judged()) << text;
  }
  for (const char* none : {"xl 후디", "s 후크 이하늬", "xlarge 이상", "l 자 책상"})
    EXPECT_TRUE(FindQuantities(none).empty()) << none;
}

TEST(IsWithin, JudgesBoundsByTheNumbersInTheUnit) {
  const auto within = [](std::string_view text, std::string_view question) {
    const Quantity quantity = FindQuantities(question).at(0);
    return quantity.is_judged() ? IsWithin(text, quantity) : std::nullopt;
  };
  EXPECT_EQ(within("감성 텐트 4인용", "4인용 이상 텐트"), true);
  EXPECT_EQ(within("4-person tent", "at least 4 person tent"), true);
  EXPECT_EQ(within("2인용 텐트", "at least 4 person tent"), false);
  EXPECT_EQ(within("3~4인용 텐트", "4인용 이상 텐트"), std::nullopt) << "partly";
  EXPECT_EQ(within("모니터 32인치", "27인치 이상 모니터"), true);
  EXPECT_EQ(within("모니터 24인치", "27인치 이상 모니터"), false);
  EXPECT_EQ(within("모니터", "27인치 이상 모니터"), std::nullopt);
  EXPECT_EQ(within("별점 5점", "4점 이상"), std::nullopt) << "what the number means is not known";
  EXPECT_EQ(within("2인용 텐트", "1인용 이하는 빼고"), true);
}

TEST(IsWithin, JudgesFluidOunces) {
  const auto quantities = FindQuantities("serum up to 2 fl oz");
  ASSERT_EQ(quantities.size(), 1u);
  ASSERT_TRUE(quantities[0].is_judged());
  EXPECT_EQ(IsWithin("night serum 1.7 fl oz", quantities[0]), true);
  EXPECT_EQ(IsWithin("night serum 3.4 fluid ounces", quantities[0]), false);
  EXPECT_EQ(IsWithin("night serum 50ml", quantities[0]), std::nullopt);
}

TEST(FindQuantities, LeavesMoneyAndWordsAlone) {
  EXPECT_EQ(Show("후디 5만원 이하"), "");
  EXPECT_EQ(Show("3만5천원대 후디"), "");
  EXPECT_EQ(Show("30,000~50,000원 후디"), "");
  EXPECT_EQ(Show("shirt under $40"), "");
  EXPECT_EQ(Show("between 20 and 40 dollars"), "");
  EXPECT_EQ(Show("q30 헤드폰"), "");
  EXPECT_EQ(Show("item_456"), "");
  EXPECT_EQ(Show("5000엔 이하"), "");
  EXPECT_EQ(Show("no number"), "");
  EXPECT_EQ(FindQuantities("1 2 3 4 5 6 7 8 9 10").size(), 8u);
}

TEST(StatesQuantity, ComparesNumbersAndUnits) {
  const auto states = [](std::string_view text, std::string_view question) {
    return StatesQuantity(text, FindQuantities(question).at(0));
  };
  EXPECT_TRUE(states("감성 텐트 4인용", "4인용 텐트"));
  EXPECT_TRUE(states("4-person tent", "4인용 텐트"));
  EXPECT_FALSE(states("1인용 텐트", "4인용 텐트"));
  EXPECT_FALSE(states("14인용 텐트", "4인용 텐트"));
  EXPECT_TRUE(states("아이폰15 프로 케이스", "아이폰 15"));
  EXPECT_FALSE(states("아이폰 14 케이스", "아이폰 15"));
  EXPECT_TRUE(states("아령 1kg", "1000g 아령"));
  EXPECT_TRUE(states("원피스 44,55,66", "55 원피스"));
  EXPECT_FALSE(states("원피스 77", "55 원피스"));
  EXPECT_TRUE(states("1,2인용 텐트", "2인용 텐트"));
  EXPECT_TRUE(states("1,2인용 텐트", "1인용 텐트")) << "the unit of the list";
  EXPECT_TRUE(states("65/75인치 tv", "65인치"));
  EXPECT_TRUE(states("3~4인용 텐트", "3인용"));
  EXPECT_FALSE(states("모델 65, 스탠드 75인치", "65인치"));
  EXPECT_TRUE(states("75인치 모니터", "65,75인치"));
  EXPECT_FALSE(states("55인치 모니터", "65,75인치"));
  EXPECT_TRUE(states("3인용 텐트", "2~4인용"));
  EXPECT_FALSE(states("5인용 텐트", "2~4인용"));
  EXPECT_TRUE(states("2인용 텐트", "1인용 2인용 텐트"));
  EXPECT_FALSE(states("4인용 텐트", "1인용 2인용 텐트"));
  EXPECT_FALSE(states("별점 5점", "4점 이상")) << "what a number means is unknown";
  EXPECT_EQ(StatedGrams("텐트 1.2kg 방수"), 1200);
  EXPECT_EQ(StatedGrams("1kg 또는 2kg"), std::nullopt);
  EXPECT_EQ(StatedGrams("텐트"), std::nullopt);
}

}  // namespace
}  // namespace trine::language
