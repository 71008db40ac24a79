#include "formation/intent_matcher.h"

#include <gtest/gtest.h>

#include <limits>

#include "analysis/analyzer.h"

namespace trine::formation {
namespace {

using format::Json;

struct IntentMatcherTest : ::testing::Test {
  std::unique_ptr<analysis::Analyzers> analyzers = analysis::NewAnalyzers({}).value();
  std::vector<Json> records;
  catalogue::Roles roles;
  std::shared_ptr<const language::Vocabulary> vocabulary;
  IntentMatcherTest() {
    roles.titles = {"title", "title_en"};
    roles.texts = {"description"};
    for (const char* facet : {"category", "brand", "colour", "colour_en", "season"})
      roles.facets.push_back({facet});
    roles.categories = {"category"};
    const char* texts[] = {
        R"({"id":"hoodie","title":"나인블록 후디","title_en":"Nine Block Hoodie","category":"상의>후디","brand":"나인블록",
            "colour":"블랙","colour_en":"black","season":"가을"})",
        R"({"id":"puffer","title":"나인블록 숏 푸퍼 패딩","title_en":"Short Puffer","category":"아우터>패딩",
            "brand":"나인블록","colour":"화이트","colour_en":"white","season":"겨울"})",
        R"({"id":"charger","title":"전선상점 65W 고속 충전기","title_en":"65W Fast Charger","category":"액세서리>충전기",
            "brand":"전선상점","description":"비행기에 들고 탈 수 있습니다.","season":"사계절"})",
        R"({"id":"chair","title":"초경량 폴딩 체어","title_en":"Ultralight Folding Chair","category":"캠핑>체어",
            "brand":"솔밭","season":"여름"})",
        R"({"id":"hanger","title":"후디 옷걸이","title_en":"Hoodie Hanger","category":"생활>수납"})",
        R"({"id":"notebook","title":"밤하늘 노트","title_en":"Night Sky Notebook","category":"문구>노트","brand":"책방"})"};
    language::VocabularyBuilder builder(*analyzers);
    for (const char* text : texts) {
      records.push_back(format::ParseJson(text).value());
      std::vector<std::pair<std::string, std::string>> facets;
      for (const catalogue::FacetField& facet : roles.facets) {
        for (std::string& value : catalogue::FacetTexts(records.back(), facet))
          facets.emplace_back(facet.path, std::move(value));
      }
      builder.Add(
          {catalogue::TextsAt(records.back(), "title")[0], catalogue::TextsAt(records.back(), "title_en")[0]},
          facets);
    }
    vocabulary = builder.Build();
  }
  std::string Fitting(std::string_view question) {
    const auto intent = language::ParseIntent(question, vocabulary.get(), *analyzers);
    const IntentMatcher matcher(intent, roles, vocabulary.get());
    std::string out;
    for (const Json& record : records) {
      if (matcher.Matches(record)) out += (out.empty() ? "" : " ") + record.Find("id")->string();
    }
    return out;
  }
  std::vector<std::string> Said(std::string_view question, size_t record) {
    const auto intent = language::ParseIntent(question, vocabulary.get(), *analyzers);
    return IntentMatcher(intent, roles, vocabulary.get()).MatchedWords(records[record]);
  }
};

TEST_F(IntentMatcherTest, ACompoundNeedNotBeInTheCategoryOfItsFirstWord) {
  EXPECT_EQ(Fitting("후디 옷걸이"), "hanger");
  EXPECT_EQ(Fitting("hoodie hanger"), "hanger");
  EXPECT_EQ(Fitting("후디"), "hoodie") << "the category expresses the head";
}

TEST_F(IntentMatcherTest, RejectsRecordsThatAreOnlySimilar) {
  EXPECT_EQ(Fitting("나인블록 후디"), "hoodie");
  EXPECT_EQ(Fitting("나인블록"), "hoodie puffer");
  EXPECT_EQ(Fitting("후드티"), "hoodie");
  EXPECT_EQ(Fitting("검정 후디"), "hoodie");
  EXPECT_EQ(Fitting("흰색 후디"), "");
  EXPECT_EQ(Fitting("black hoodies"), "hoodie");
  EXPECT_EQ(Fitting("나인블록 양말"), "");
  EXPECT_EQ(Fitting("캠핑 가방"), "");
  // A named product matches although the catalogue lacks other words of the question.
  EXPECT_EQ(Fitting("체어 부모님께 드릴"), "chair");
}

TEST_F(IntentMatcherTest, MatchesNothingForAnUnrelatedQuestion) {
  EXPECT_EQ(Fitting("비행기 표 예매해줘"), "");
  EXPECT_EQ(Fitting("asdfgh qwerty"), "");
  EXPECT_EQ(Fitting("book me a flight"), "");
}

TEST_F(IntentMatcherTest, OpenQuestionMatchesEverything) {
  EXPECT_EQ(Fitting("가벼운 거 있어요?"), "hoodie puffer charger chair hanger notebook");
  EXPECT_EQ(Fitting(""), "hoodie puffer charger chair hanger notebook");
}

TEST_F(IntentMatcherTest, MatchedWordsComeFromTheQuestion) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Said("가벼운 캠핑 체어", 3), (Texts{"캠핑", "체어", "가벼운"}));
  EXPECT_EQ(Said("검정 후드티", 0), (Texts{"검정", "후드티"}));
  EXPECT_EQ(Said("비행기 표 예매해줘", 2), Texts{});
  EXPECT_EQ(Said("light chairs", 3), (Texts{"chairs", "light"}));
}

TEST_F(IntentMatcherTest, RelatednessTellsTheKindOfThing) {
  const auto related = [&](std::string_view question) {
    const auto intent = language::ParseIntent(question, vocabulary.get(), *analyzers);
    const IntentMatcher matcher(intent, roles, vocabulary.get());
    std::string out;
    for (const Json& record : records) out += std::to_string(matcher.Relatedness(record));
    return out;
  };
  EXPECT_EQ(related("가벼운 후디"), "200000") << "the category";
  EXPECT_EQ(related("캠핑 가방"), "000200") << "the category, because nothing is a bag";
  EXPECT_EQ(related("고속 충전기 패딩"), "020000");
  EXPECT_EQ(related("나인블록 양말"), "110000") << "a word, because no category is named";
  EXPECT_EQ(related("밤하늘"), "000003") << "the head";
  EXPECT_EQ(related("비행기 표"), "000000");
  EXPECT_EQ(related("가벼운 거"), "111111") << "names nothing";
}

TEST(HasWord, MatchesWholeLatinWordsAndPartsOfKoreanWords) {
  using language::HasWord;
  EXPECT_TRUE(HasWord("folding chairs", "chair"));
  EXPECT_TRUE(HasWord("folding chair", "chairs"));
  EXPECT_FALSE(HasWord("night sky notebook", "book"));
  EXPECT_FALSE(HasWord("bookshelf", "book"));
  EXPECT_TRUE(HasWord("카고팬츠", "팬츠"));
  EXPECT_FALSE(HasWord("고속 충전기", "기"));
  EXPECT_TRUE(HasWord("그 티 하나", "티"));
  EXPECT_FALSE(HasWord("anything", ""));
}

TEST_F(IntentMatcherTest, OtherSeasonScalesTheScoreDown) {
  EXPECT_EQ(SeasonFactor(records[0], roles, "autumn", 0.5), 1);
  EXPECT_LT(SeasonFactor(records[3], roles, "autumn", 0.5), 1);
  EXPECT_EQ(SeasonFactor(records[2], roles, "autumn", 0.5), 1);  // for every season
  EXPECT_EQ(SeasonFactor(records[4], roles, "autumn", 0.5), 1);  // names no season
  EXPECT_EQ(SeasonFactor(records[3], roles, "", 0.5), 1);
}

TEST(PriceSummary, JudgesWhichCurrenciesPricesMayBeIn) {
  const auto may_be = [](const std::vector<double>& prices, std::string_view currency) {
    return language::SummaryOf(prices).MayBeIn(currency);
  };
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(may_be({13300, 58900, none, 280900}, "KRW"));
  EXPECT_FALSE(may_be({13300, 58900, 280900}, "USD"));
  EXPECT_FALSE(may_be({13.5, 5890, 280900}, "KRW"));
  EXPECT_FALSE(may_be({13, 58, 2800}, "KRW"));
  EXPECT_TRUE(may_be({13, 58, 2800}, "USD"));
  EXPECT_TRUE(may_be({none}, "KRW"));
  EXPECT_TRUE(may_be({}, "USD"));
}

}  // namespace
}  // namespace trine::formation
