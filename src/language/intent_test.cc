#include "language/intent.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "language/intent_parts.h"

namespace trine::language {
namespace {

struct IntentTest : ::testing::Test {
  std::unique_ptr<analysis::Analyzers> analyzers = analysis::NewAnalyzers({}).value();
  std::shared_ptr<const Vocabulary> vocabulary;
  IntentTest() {
    VocabularyBuilder builder(*analyzers);
    for (int i = 0; i < 5; ++i) {
      const std::string n = std::to_string(i);
      builder.Add({"폴딩 체어 " + n, "Folding Chair " + n},
                  {{"category", "캠핑>체어"}, {"category_l1", "캠핑"}, {"brand", "모닥"}});
      builder.Add({"무선 이어폰 프로" + n, "Wireless Earphones Pro" + n},
                  {{"category", "오디오>무선 이어폰"}, {"category_l1", "오디오"}, {"brand", "소리"}});
      builder.Add({"충전 케이블 " + n, "Charging Cable " + n},
                  {{"category", "액세서리>충전 케이블"}, {"category_l1", "액세서리"}, {"brand", "소리"}});
      builder.Add({"오버핏 후디 " + n, "Oversized Hoodie " + n},
                  {{"category", "상의>후디"}, {"category_l1", "상의"}, {"brand", "골목"}});
      builder.Add({"와이드 팬츠 " + n, "Wide Pants " + n},
                  {{"category", "하의>팬츠"}, {"category_l1", "하의"}, {"brand", "골목"}});
    }
    vocabulary = builder.Build();
  }
  Intent Parse(std::string_view q) {
    return ParseIntent(q, vocabulary.get(), *analyzers, {"auto", "autumn"});
  }
};

const std::vector<std::string>* Facet(const Intent& intent, std::string_view field) {
  for (const auto& [name, values] : intent.facets) {
    if (name == field) return &values;
  }
  return nullptr;
}
bool Has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

TEST_F(IntentTest, TheCampingChair) {
  const Intent intent = Parse("요즘 캠핑 갈 때 쓸 가벼운 체어 없어?");
  EXPECT_EQ(intent.language, "ko");
  EXPECT_EQ(intent.use, "camping");
  EXPECT_EQ(intent.season, "autumn");
  EXPECT_EQ(intent.wants, std::vector<std::string>{"light"});
  ASSERT_NE(Facet(intent, "category"), nullptr);
  EXPECT_EQ(*Facet(intent, "category"), std::vector<std::string>{"캠핑>체어"});
  EXPECT_TRUE(Has(intent.expansions, "chair"));
  EXPECT_LT(intent.specificity, 0.5);
}

TEST_F(IntentTest, NamesTheCategoryAndNotItsNeighbour) {
  const Intent intent = Parse("무선 이어폰");
  ASSERT_NE(Facet(intent, "category"), nullptr);
  EXPECT_EQ(*Facet(intent, "category"), std::vector<std::string>{"오디오>무선 이어폰"});
}

TEST_F(IntentTest, AProductByNameIsSpecific) {
  EXPECT_EQ(Parse("무선 이어폰 프로3 있어요?").specificity, 1);
  EXPECT_GT(Parse("모닥 폴딩 체어").specificity, Parse("캠핑").specificity);
}

TEST_F(IntentTest, AnOutfitIsMadeOfGarments) {
  const Intent intent = Parse("이번 주말 뭐 입을까요?");
  EXPECT_TRUE(intent.outfit);
  ASSERT_EQ(intent.facets.size(), 1u);
  EXPECT_TRUE(Has(intent.facets[0].second, "상의"));
  EXPECT_TRUE(Has(intent.facets[0].second, "하의"));
  EXPECT_LT(intent.specificity, 0.2);
}

TEST_F(IntentTest, EnglishIsAnEqual) {
  const Intent intent = Parse("I need a lightweight chair under $50 for hiking");
  EXPECT_EQ(intent.language, "en");
  EXPECT_EQ(intent.use, "hiking");
  EXPECT_EQ(intent.price_max, 50);
  EXPECT_TRUE(Has(intent.keywords, "chair"));
  EXPECT_FALSE(Has(intent.keywords, "need"));
}

struct PriceRow {
  const char* text;
  double min, max;
};  // -1: none
TEST_F(IntentTest, InALampShopALightIsAThing) {
  VocabularyBuilder lamps(*analyzers);
  for (int i = 0; i < 20; ++i) lamps.Add({"Porch Light " + std::to_string(i)}, {});
  lamps.Add({"Lightweight Ladder"}, {});
  const auto lamp_words = lamps.Build();
  const Intent thing = ParseIntent("malibu porch light bulbs", lamp_words.get(), *analyzers, {});
  EXPECT_TRUE(thing.wants.empty());
  EXPECT_TRUE(Has(thing.keywords, "light"));
  EXPECT_FALSE(Has(thing.expansions, "lightweight"));
  const Intent wish = ParseIntent("lightweight ladder", lamp_words.get(), *analyzers, {});
  EXPECT_EQ(wish.wants, std::vector<std::string>{"light"});
}

TEST(Price, Sentences) {
  const PriceRow rows[] = {{"5만원 이하 의자", -1, 50000},
                           {"5만 원 미만", -1, 50000},
                           {"3만원대 텐트", 30000, 39999},
                           {"10만원대", 100000, 199999},
                           {"1만원에서 2만원 사이", 10000, 20000},
                           {"1~2만원", 10000, 20000},
                           {"12,900원 이상", 12900, -1},
                           {"1만 5천원 이하", -1, 15000},
                           {"2인용 텐트", -1, -1},
                           {"under $50", -1, 50},
                           {"below 30 dollars", -1, 30},
                           {"between 20 and 40 dollars", 20, 40},
                           {"$20-$40 shoes", 20, 40},
                           {"over $100", 100, -1},
                           {"tent under 3 kg", -1, -1},
                           {"headphones under 100", -1, 100},
                           {"less than 50 for kids", -1, 50},
                           {"iphone 15", -1, -1},
                           {"", -1, -1}};
  for (const PriceRow& row : rows) {
    const PriceBounds b = FindPrice(row.text);
    EXPECT_EQ(b.min.value_or(-1), row.min) << row.text;
    EXPECT_EQ(b.max.value_or(-1), row.max) << row.text;
  }
}

TEST_F(IntentTest, AnyBytesAreRead) {
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    std::string text(random.Below(80), '\0');
    for (char& c : text) c = static_cast<char>(random.Below(256));
    const Intent intent = Parse(text);
    EXPECT_GE(intent.specificity, 0);
    EXPECT_LE(intent.specificity, 1);
  }
  Parse(std::string(1 << 20, 'x'));
}

}  // namespace
}  // namespace trine::language
