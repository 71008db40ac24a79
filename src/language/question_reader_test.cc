#include "language/question_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/random.h"
#include "language/claim.h"
#include "language/filler.h"
#include "language/intent.h"
#include "language/refusal.h"
#include "language/refusal_marks.h"
#include "test/support/source_folder.h"

namespace trine::language {
namespace {

using Texts = std::vector<std::string>;

// Two shops, each read with the Korean dictionary (if it is installed) and without it: one with values in
// both languages, one with English titles, a style and a gender of one letter.
struct RefusalTest : ::testing::TestWithParam<bool> {
  std::unique_ptr<analysis::Analyzers> analyzers;
  std::shared_ptr<const Vocabulary> shop, boutique;
  void SetUp() override {
    std::string folder;
    if (GetParam()) {
      folder = test::SourceFolder() + "/build/deps/mecab-ko-dic";
      if (!std::filesystem::exists(folder + "/sys.dic")) GTEST_SKIP() << "no Korean dictionary in " << folder;
    }
    analyzers = analysis::NewAnalyzers({folder, ""}).value();
    BuildShop();
    BuildBoutique();
  }
  void BuildShop() {
    VocabularyBuilder builder(*analyzers);
    builder.SetKind("category", FieldKind::kCategory);
    builder.SetKind("category_en", FieldKind::kCategory);
    builder.SetKind("brand", FieldKind::kBrand);
    const auto add = [&](const char* ko, const char* en, const char* category, const char* category_en,
                         const char* brand, const char* colour, const char* colour_en, const char* gender) {
      for (int i = 0; i < 3; ++i)
        builder.Add({std::string(brand) + " " + ko, en}, {{"category", category},
                                                          {"category_en", category_en},
                                                          {"brand", brand},
                                                          {"colour", colour},
                                                          {"colour_en", colour_en},
                                                          {"gender", gender}});
    };
    add("오버핏 후디", "Oversized Hoodie", "상의>후디", "Tops>Hoodies", "골목", "블랙", "black", "공용");
    add("기모 후디", "Fleece Hoodie", "상의>후디", "Tops>Hoodies", "골목", "레드", "red", "공용");
    add("긴팔 니트", "Knit", "상의>니트", "Tops>Knitwear", "담담", "화이트", "white", "여성");
    add("폴딩 체어", "Folding Chair", "캠핑>체어", "Camping>Chairs", "솔밭", "그레이", "gray", "공용");
    add("나일론 텐트", "Nylon Tent", "캠핑>텐트", "Camping>Tents", "솔밭", "블랙", "black", "공용");
    add("가죽 스니커즈", "Leather Sneakers", "신발>운동화", "Shoes>Sneakers", "이음", "화이트", "white",
        "여성");
    add("방수 재킷", "Waterproof Jacket", "아우터>재킷", "Outerwear>Jackets", "담담", "네이비", "navy",
        "남성");
    add("플로럴 원피스", "Floral Dress", "패션>원피스", "Fashion>Dresses", "담담", "핑크", "pink", "여성");
    add("머그컵", "Mug", "주방>머그컵", "Kitchen>Mugs", "부엌", "블랙", "black", "공용");
    shop = builder.Build();
  }
  void BuildBoutique() {
    VocabularyBuilder builder(*analyzers);
    builder.SetKind("style", FieldKind::kCategory);
    const auto add = [&](const char* title, const char* style, const char* gender) {
      for (int i = 0; i < 3; ++i) builder.Add({title}, {{"style", style}, {"gender_affinity", gender}});
    };
    add("Rain Jacket", "jacket", "F");
    add("Wool Jacket", "jacket", "M");
    add("No-Show Socks", "socks", "M");
    add("Reading Glasses", "glasses", "F");
    add("Weighted Blanket With Beads", "blanket", "F");
    add("Stranger Things Shirt", "shirt", "M");
    add("Two Person Tent", "tent", "M");
    boutique = builder.Build();
  }
  QueryIntent Parse(std::string_view question, bool in_boutique = false) {
    return ParseIntent(question, in_boutique ? boutique.get() : shop.get(), *analyzers, {"auto", "autumn"});
  }
};
INSTANTIATE_TEST_SUITE_P(Dictionary, RefusalTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "With" : "Without"; });

// The values of one language, as a set: "블랙" and "black" are one colour.
std::set<std::string> Values(const FacetValues& facets) {
  std::set<std::string> out;
  for (const auto& [field, values] : facets) {
    if (!field.ends_with("_en")) out.insert(values.begin(), values.end());
  }
  return out;
}
Texts Unclear(const QueryIntent& intent) {
  Texts out;
  for (const UncheckedPart& part : intent.unchecked) {
    if (part.about == UncheckedPart::About::kRefusal) out.push_back(part.text);
  }
  return out;
}

TEST_P(RefusalTest, ExcludesWhatIsRefused) {
  struct Row {
    const char* question;
    std::set<std::string> excluded;
    Texts excluded_words, keywords;
  };
  const Row rows[] = {
      {"블랙도 레드도 아닌 후디", {"블랙", "레드"}, {}, {"후디"}},
      {"블랙이나 레드 말고 후디", {"블랙", "레드"}, {}, {"후디"}},
      {"블랙, 레드 제외하고 후디", {"블랙", "레드"}, {}, {"후디"}},
      {"블랙 레드 말고 후디", {"블랙", "레드"}, {}, {"후디"}},
      {"검은색은 싫어 후디 추천", {"블랙"}, {}, {"후디"}},
      {"후디 추천해줘 검은색은 싫어요", {"블랙"}, {}, {"후디"}},
      {"후디는 검은색 말고", {"블랙"}, {}, {"후디"}},
      {"후디 블랙 빼고", {"블랙"}, {}, {"후디"}},
      {"검정은 빼주세요 후디", {"블랙"}, {}, {"후디"}},
      {"빨간색만 아니면 돼요 후디", {"레드"}, {}, {"후디"}},
      {"블랙보다는 레드 후디", {"블랙"}, {}, {"레드", "후디"}},
      {"검은색 후디 말고 다른 거 보여줘", {"블랙"}, {}, {"후디"}},
      {"검은색 후디 말고 니트", {"상의>후디"}, {}, {"니트"}},
      {"솔밭 말고 텐트", {"솔밭"}, {}, {"텐트"}},
      {"여성용 말고 재킷", {"여성"}, {}, {"재킷"}},
      {"기모 없는 후디", {}, {"기모"}, {"후디"}},
      {"기모없는 후디", {}, {"기모"}, {"후디"}},
      {"후디, 기모는 제외", {}, {"기모"}, {"후디"}},
      {"후디 중에 기모 없는 거", {}, {"기모"}, {"후디"}},
      {"가죽은 싫어요 신발 추천해주세요", {}, {"가죽"}, {"신발"}},
      {"가죽 안 들어간 신발", {}, {"가죽"}, {"신발"}},
      {"가죽으로 된 거 싫어요 신발", {}, {"가죽"}, {"신발"}},
      {"나일론 말고 가벼운 텐트", {}, {"나일론"}, {"텐트"}},
      {"I don't want black, show me another colour, hoodie", {"블랙"}, {}, {"hoodie"}},
      {"I don\u2019t want a black tent, show me another colour", {"블랙"}, {}, {"tent"}},
      {"neither black nor red hoodie", {"블랙", "레드"}, {}, {"hoodie"}},
      {"no black or red hoodies", {"블랙", "레드"}, {}, {"hoodies"}},
      {"hoodie, no black please", {"블랙"}, {}, {"hoodie"}},
      {"a hoodie that isn't black", {"블랙"}, {}, {"hoodie"}},
      {"dresses that are not pink or white", {"핑크", "화이트"}, {}, {"dresses"}},
      {"every color but black hoodie", {"블랙"}, {}, {"hoodie"}},
      {"hoodie in any color but black", {"블랙"}, {}, {"hoodie"}},
      {"any colour but black, hoodie", {"블랙"}, {}, {"hoodie"}},
      {"hoodies other than black", {"블랙"}, {}, {"hoodies"}},
      {"anything but a hoodie", {}, {}, {}},
      {"sneakers that don't have leather", {}, {"leather"}, {"sneakers"}},
      {"leather-free sneakers", {}, {"leather"}, {"sneakers"}},
      {"hoodies without polka dots", {}, {"polka dots"}, {"hoodies"}},
      {"jackets for men, not women", {"여성"}, {}, {"jackets", "men"}},
      {"hoodies by anyone but 골목", {"골목"}, {}, {"hoodies"}},
      {"a hoodie in any other colour but black", {"블랙"}, {}, {"hoodie"}},
      {"any hoodie but black", {"블랙"}, {}, {"hoodie"}},
      {"no brand but 골목, hoodies", {}, {}, {"골목", "hoodies"}},
      {"non-red hoodie", {"레드"}, {}, {"hoodie"}},
      {"non red mug", {"레드"}, {}, {"mug"}},
      {"neither 골목 nor 담담 hoodies", {"골목", "담담"}, {}, {"hoodies"}},
      {"mug 빨간색 말고", {"레드"}, {}, {"mug"}},
      {"stool 빨간색 말고", {"레드"}, {}, {"stool"}},
      {"핑크빼고원피스", {"핑크"}, {}, {"원피스"}},
      {"블랙말고니트", {"블랙"}, {}, {"니트"}},
      {"블랙은싫어요후디", {"블랙"}, {}, {"후디"}},
      {"any hoodie that's not 골목", {"골목"}, {}, {"hoodie"}},
      {"I'd like a hoodie that isn't black", {"블랙"}, {}, {"hoodie"}},
      {"red over black hoodie", {"블랙"}, {}, {"red", "hoodie"}},
      {"leather free sneakers", {}, {"leather"}, {"sneakers"}},
      {"nylon and leather free sneakers", {}, {"nylon", "leather"}, {"sneakers"}},
      {"leather-free waterproof sneakers", {}, {"leather"}, {"sneakers"}},
      {"후디 추천해줘 근데 검은색은 싫어", {"블랙"}, {}, {"후디"}},
      {"솔밭 브랜드는 빼고 텐트", {"솔밭"}, {}, {"텐트"}},
      {"블랙은 노, 후디", {"블랙"}, {}, {"후디"}},
      {"블랙말고후디추천해줘", {"블랙"}, {}, {"후디"}},
      {"블랙건 말고 후디", {"블랙"}, {}, {"후디"}},
      {"I'd rather have a red than black hoodie", {"블랙"}, {}, {"red", "hoodie"}},
      {"골목이 아닌 브랜드 후디", {"골목"}, {}, {"후디"}},
      {"red hoodies over black hoodies", {"블랙"}, {}, {"red", "hoodies"}},
      {"I like red better than black, hoodie", {"블랙"}, {}, {"red", "hoodie"}},
      {"레드보다 블랙 후디", {"레드"}, {}, {"블랙", "후디"}},
      {"블랙은안돼요 후디", {"블랙"}, {}, {"후디"}},
      {"블랙을 제외한 나머지 후디", {"블랙"}, {}, {"후디"}},
      {"hoodie, definitely not black", {"블랙"}, {}, {"hoodie"}},
      {"후디 블랙은 NG", {"블랙"}, {}, {"후디"}},
  };
  for (const Row& row : rows) {
    const QueryIntent intent = Parse(row.question);
    EXPECT_EQ(Values(intent.excluded), row.excluded) << row.question;
    EXPECT_EQ(intent.excluded_words, row.excluded_words) << row.question;
    EXPECT_EQ(intent.keywords, row.keywords) << row.question;
    EXPECT_TRUE(Unclear(intent).empty()) << row.question << testing::PrintToString(Unclear(intent));
    for (const std::string& value : row.excluded)
      EXPECT_FALSE(Values(intent.facets).contains(value)) << row.question;
  }
  EXPECT_FALSE(Parse("anything but a hoodie").excluded.empty());
  EXPECT_EQ(Values(Parse("검은 텐트 말고 다른 색 보여줘").excluded), std::set<std::string>{"블랙"});
  EXPECT_EQ(Parse("방수 안 되는 재킷").excluded_words, Texts{"방수"});
  EXPECT_TRUE(Parse("방수 안 되는 재킷").wants.empty());
  for (const char* question : {"black is not what I want, hoodie", "black is not good, hoodie"})
    EXPECT_EQ(Parse(question).keywords, Texts{"hoodie"}) << question;
  EXPECT_EQ(Parse("얇은 텐트 말고 추천").keywords, Texts{"텐트"}) << "an adjective, not a topic";
  EXPECT_EQ(Values(Parse("jackets for men, not women").facets).count("남성"), 1u);
}

TEST_P(RefusalTest, NamesWhatIsNotClear) {
  struct Row {
    const char* question;
    Texts unclear, keywords;
  };
  for (const Row& row :
       {Row{"검은색 가죽 신발은 싫어 추천해줘", {"검은색 가죽"}, {"신발"}},
        Row{"물이 새지 않는 텐트", {"물이 새지 않는"}, {"텐트"}},
        Row{"a tent that doesn't leak", {"doesn't leak"}, {"tent"}},
        Row{"인기 상품 말고 텐트", {"인기"}, {"텐트"}}, Row{"hoodie not dark red", {"dark red"}, {"hoodie"}},
        Row{"not only black hoodies", {"black"}, {"hoodies"}},
        Row{"hoodies without a hoodie", {"hoodie"}, {"hoodies"}}}) {
    const QueryIntent intent = Parse(row.question);
    EXPECT_EQ(Unclear(intent), row.unclear) << row.question;
    EXPECT_EQ(intent.keywords, row.keywords) << row.question;
    EXPECT_TRUE(intent.excluded_words.empty()) << row.question;
  }
}

TEST_P(RefusalTest, SlangRefuses) {
  for (const char* question : {"블랙 ㄴㄴ 후디",
                               "블랙ㄴㄴ 후디",
                               "블랙은 ㄴㄴ 후디 추천",
                               "블랙 노노 후디",
                               "블랙은 노노, 후디 추천",
                               "블랙은 극혐 후디",
                               "블랙 시러 후디",
                               "후디 블랙 패스",
                               "블랙은 패스할게요 후디",
                               "블랙은 질렸어 후디",
                               "블랙은 비추예요 후디",
                               "후디, 블랙은 사절",
                               "hard pass on black hoodies",
                               "nah to black hoodies",
                               "skip the black hoodie",
                               "not a fan of black hoodies",
                               "no to black hoodies",
                               "stay away from black hoodies",
                               "black? no thanks, hoodie",
                               "black? pass. hoodie",
                               "hoodie -black",
                               "hoodie !black",
                               "-black hoodie",
                               "블랙은 이제 지겨워요 후디",
                               "블랙은 제 취향이 아니에요 후디",
                               "블랙 추천 금지 후디",
                               "블랙은 입기 싫어요 후디",
                               "블랙만 아니면 다 괜찮아요 후디",
                               "블랙 톤 말고 후디",
                               "블랙은 어두워서 싫어 후디",
                               "black not allowed, hoodie",
                               "hoodie, black is a no",
                               "i'm done with black hoodies"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_EQ(Values(intent.excluded), std::set<std::string>{"블랙"}) << question;
    EXPECT_EQ(intent.keywords.size(), 1u) << question << testing::PrintToString(intent.keywords);
    EXPECT_TRUE(intent.excluded_words.empty() && Unclear(intent).empty()) << question;
  }
}

TEST_P(RefusalTest, SlangThatIsNotClearIsNamedAndDemandsNothing) {
  struct Row {
    const char* question;
    Texts unclear, keywords;
  };
  for (const Row& row : {Row{"ew black hoodies", {"black"}, {"hoodies"}},
                         Row{"ew, black hoodies", {"black"}, {"hoodies"}},
                         Row{"nah black hoodies", {"black"}, {"hoodies"}},
                         Row{"black? nah. hoodies", {"black"}, {"hoodies"}},
                         Row{"hoodies, ew black", {"black"}, {"hoodies"}},
                         Row{"hoodie black nah", {"black"}, {"hoodie"}},
                         Row{"nah, show me black hoodies", {}, {"black", "hoodies"}},
                         Row{"ew hoodies", {"hoodies"}, {}},
                         Row{"블랙 사절 후디", {"블랙"}, {"후디"}},
                         Row{"블랙은 별로 후디 추천", {"블랙"}, {"후디"}},
                         Row{"ㄴㄴ 블랙 후디", {"블랙"}, {"후디"}},
                         Row{"블랙 빼지 말고 후디", {"블랙"}, {"후디"}},
                         Row{"블랙 no 후디", {"블랙"}, {"후디"}},
                         Row{"블랙 아니어도 돼요 후디", {"블랙"}, {"후디"}},
                         Row{"black is ugly, hoodie", {"black"}, {"hoodie"}},
                         Row{"hoodie except black, red", {"red"}, {"hoodie"}},
                         Row{"hoodies, ew, black", {"black"}, {"hoodies"}},
                         Row{"블랙 노 후디", {"블랙"}, {"후디"}},
                         Row{"블랙은 NG 후디", {"블랙"}, {"후디"}},
                         Row{"방수 안 되는 재킷은 싫어", {"방수"}, {"재킷"}},
                         Row{"기모 없는 후디는 싫어요", {"기모"}, {"후디"}},
                         Row{"기모 없는 가운 싫어요", {"기모"}, {"가운"}},
                         Row{"I don't want a hoodie without fleece", {"fleece"}, {"hoodie"}},
                         Row{"hoodies? no. knitwear", {"hoodies"}, {"knitwear"}}}) {
    const QueryIntent intent = Parse(row.question);
    EXPECT_EQ(Unclear(intent), row.unclear) << row.question;
    EXPECT_EQ(intent.keywords, row.keywords) << row.question;
    const bool excludes = std::string_view(row.question).starts_with("hoodie except");
    EXPECT_EQ(intent.excluded.empty(), !excludes) << row.question;
    EXPECT_TRUE(intent.excluded_words.empty()) << row.question;
  }
  EXPECT_TRUE(Unclear(Parse("별로 무겁지 않은 텐트")).empty()) << "an adverb";
}

// No mark of the table leaves a demand for the value that it binds: the value is excluded or named.
TEST_P(RefusalTest, NoMarkOfTheTableDemandsWhatItBinds) {
  for (const Mark& mark : Marks()) {
    const bool binds = mark.sense == MarkSense::kRefuses || mark.sense == MarkSense::kUnclear;
    if (!mark.Binds(kNoun) || !binds) continue;
    const std::string words = std::string(mark.words) + (mark.form == MarkForm::kVerb ? " want" : "");
    Texts questions = {"hoodie " + words + " black", words + " black hoodie",
                       "hoodie, " + words + " black please"};
    if (mark.language == MarkLanguage::kKorean)
      questions = {"블랙 " + words + " 후디", "후디 블랙 " + words, "블랙은 " + words + ", 후디 추천해줘"};
    else if (mark.form == MarkForm::kAlone)
      questions = {"black? " + words + ". hoodie"};
    else if (mark.form == MarkForm::kExceptive)
      questions = {"any " + words + " black hoodie", "hoodie in every brand " + words + " black",
                   "all hoodies " + words + " the black ones"};
    else if (mark.form == MarkForm::kBetween)
      questions = {"red " + words + " black hoodie", "hoodie, red " + words + " black"};
    else if (mark.side != MarkSide::kBefore)
      questions = {"hoodie black " + words, "black " + words + " hoodie",
                   "black " + words + ", show me a hoodie"};
    for (const std::string& question : questions) {
      const QueryIntent intent = Parse(question);
      EXPECT_FALSE(Values(intent.facets).contains("블랙")) << question;
      for (const std::string& word : intent.keywords)
        EXPECT_TRUE(word != "블랙" && word != "black") << question;
      EXPECT_NE(Values(intent.excluded).contains("블랙"), !Unclear(intent).empty()) << question;
    }
  }
}

TEST_P(RefusalTest, PrefixesOfAbsenceRefuseWordsOfTheCatalogue) {
  for (const char* question : {"노기모 후디", "무기모 후디", "비기모로 후디 추천"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_EQ(intent.excluded_words, Texts{"기모"}) << question;
    EXPECT_EQ(intent.keywords, Texts{"후디"}) << question;
    EXPECT_TRUE(intent.wants.empty()) << question;
  }
  EXPECT_EQ(Parse("무지티").excluded_words, Texts{});
  EXPECT_EQ(Parse("노트북").keywords, Texts{"노트북"});
}

TEST_P(RefusalTest, WordsThatBeginLikeMarksStayWords) {
  EXPECT_EQ(Parse("패스포트 지갑").keywords.size(), 2u);
  EXPECT_EQ(Parse("빼빼로 과자").keywords.size(), 2u);
  EXPECT_EQ(Parse("1일 패스").keywords, (Texts{"1일", "패스"})) << "nothing is beside the mark";
  EXPECT_EQ(Parse("패스 카드").keywords, (Texts{"패스", "카드"}));
  EXPECT_EQ(Parse("no entry sign").keywords, (Texts{"no entry", "sign"}));
  EXPECT_EQ(Parse("do not disturb sign").keywords, (Texts{"do not disturb", "sign"}));
  for (const char* question : {"패스포트 지갑", "빼빼로 과자", "1일 패스", "no entry sign", "no fuss tent"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_TRUE(intent.excluded.empty() && intent.excluded_words.empty() && Unclear(intent).empty())
        << question;
  }
}

TEST_P(RefusalTest, ANameWithAMarkIsAName) {
  VocabularyBuilder builder(*analyzers);
  builder.SetKind("brand", FieldKind::kBrand);
  const auto add = [&](const char* title, const char* brand) {
    for (int i = 0; i < 3; ++i) builder.Add({title}, {{"brand", brand}});
  };
  add("Curl Shampoo", "Not Your Mother\u2019s");
  add("Sea Salt Shampoo", "Beach");
  add("Trainer Plus", "NOBULL");
  add("Night Serum", "No7");
  add("Bra Soft", "노 브라");
  builder.SetKind("category", FieldKind::kCategory);
  builder.Add({"Phone 2"}, {{"brand", "Nothing"}, {"category", "phones>phone"}});
  builder.Add({"Phone Case"}, {{"brand", "Beach"}, {"category", "phones>case"}});
  add("Not Enough Gorman T-Shirt", "Print");
  add("No Zipper Hoodie", "Print");
  add("Zipper Hoodie", "Print");
  const auto drugstore = builder.Build();
  const auto parse = [&](std::string_view question) {
    return ParseIntent(question, drugstore.get(), *analyzers, {"auto", "autumn"});
  };
  struct Row {
    const char *question, *brand;
  };
  for (const Row& row :
       {Row{"not your mother's shampoo", "Not Your Mother\u2019s"},
        Row{"not your mother\u2019s shampoo", "Not Your Mother\u2019s"},
        Row{"not your mothers shampoo", "Not Your Mother\u2019s"},
        Row{"shampoo from not your mother's", "Not Your Mother\u2019s"}, Row{"no bull trainer", "NOBULL"},
        Row{"no 7 serum", "No7"}, Row{"nothing phone", "Nothing"}, Row{"노 브라 추천", "노 브라"}}) {
    const QueryIntent intent = parse(row.question);
    EXPECT_EQ(Values(intent.facets).count(row.brand), 1u) << row.question;
    EXPECT_TRUE(intent.excluded.empty() && intent.excluded_words.empty() && Unclear(intent).empty())
        << row.question;
    EXPECT_TRUE(intent.quantities.empty() && intent.excluded_quantities.empty()) << row.question;
  }
  const QueryIntent slogan = parse("not enough gorman");
  EXPECT_TRUE(slogan.excluded_words.empty() && Unclear(slogan).empty());
  EXPECT_EQ(slogan.keywords, Texts{"not enough gorman"}) << "a title has it";
  EXPECT_EQ(Values(parse("a shampoo, not not your mother's").excluded).count("Not Your Mother\u2019s"), 1u);
  EXPECT_EQ(Values(parse("a phone, but not a nothing phone").excluded), std::set<std::string>{"Nothing"});
  EXPECT_EQ(Values(parse("no no bull, a trainer").excluded), std::set<std::string>{"NOBULL"});
  EXPECT_EQ(Values(parse("nothing from beach").excluded), std::set<std::string>{"Beach"});
  EXPECT_EQ(parse("no gorman, a shirt").excluded_words, Texts{"gorman"});
  EXPECT_EQ(parse("no zipper hoodie").excluded_words, Texts{"zipper"}) << "other titles have the word";
}

TEST_P(RefusalTest, NumbersOfModelsAndIdsAreRefused) {
  for (const char* question : {"q30 말고 후디", "hoodie, not q30", "not the q30, a hoodie"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_EQ(intent.excluded_words, Texts{"q30"}) << question;
    EXPECT_EQ(intent.keywords.size(), 1u) << question << testing::PrintToString(intent.keywords);
  }
  for (const char* question : {"65w 말고 후디", "2kg 말고 텐트"})
    EXPECT_TRUE(Parse(question).excluded_words.empty()) << question;
  IntentOptions options;
  options.ids = {"item-12", "b07xyz1"};
  const auto parse = [&](const char* question) {
    return ParseIntent(question, shop.get(), *analyzers, options);
  };
  for (const char* question : {"item-12 말고 후디", "후디 추천, item-12는 빼고", "hoodies, not item-12"}) {
    const QueryIntent intent = parse(question);
    EXPECT_EQ(intent.excluded_ids, Texts{"item-12"}) << question;
    EXPECT_EQ(intent.keywords.size(), 1u) << question << testing::PrintToString(intent.keywords);
    EXPECT_TRUE(intent.excluded_words.empty() && intent.quantities.empty() && Unclear(intent).empty())
        << question;
    EXPECT_EQ(intent.wanted_text.find("item-12"), std::string::npos) << question;
  }
  const QueryIntent wanted = parse("item-12 같은 후디, b07xyz1 말고");
  EXPECT_EQ(wanted.excluded_ids, Texts{"b07xyz1"});
  EXPECT_NE(wanted.wanted_text.find("item-12"), std::string::npos);
}

TEST_P(RefusalTest, RefusedOppositesAreWishes) {
  for (const char* question : {"무겁지 않은 텐트", "안 무거운 텐트", "무거운 거 말고 텐트",
                               "not too heavy tent", "a tent that isn't heavy"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_EQ(intent.wants, Texts{"light"}) << question;
    EXPECT_EQ(intent.keywords.size(), 1u) << question;
    EXPECT_TRUE(intent.excluded_words.empty() && Unclear(intent).empty()) << question;
    ASSERT_EQ(intent.terms.size(), 2u) << question;
    EXPECT_TRUE(intent.terms[1].is_wish && intent.terms[1].by_weight) << question;
  }
  for (const char* question : {"not expensive tent", "비싸지 않은 텐트", "너무 비싼 건 싫어 텐트 추천",
                               "비싼 거 말고 텐트", "a tent that isn't too expensive"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_EQ(intent.sort, QueryIntent::Sort::kPriceAsc) << question;
    EXPECT_TRUE(intent.excluded.empty() && intent.excluded_words.empty()) << question;
  }
  EXPECT_EQ(Parse("not cheap tent").sort, QueryIntent::Sort::kRelevance);
  EXPECT_EQ(Unclear(Parse("not cheap tent")), Texts{"cheap"});
  const QueryIntent reason = Parse("텐트는 비싸서 싫어");
  EXPECT_EQ(reason.sort, QueryIntent::Sort::kPriceAsc) << "asks for another tent";
  EXPECT_TRUE(reason.excluded.empty());
}

TEST_P(RefusalTest, NegatedPredicatesOfTitlesAreRefused) {
  VocabularyBuilder builder(*analyzers);
  for (const char* title : {"매운 라면", "담백한 라면", "짠 과자", "얇은 티슈", "새는 컵"})
    builder.Add({title}, {});
  const auto grocery = builder.Build();
  const auto parse = [&](std::string_view question) {
    return ParseIntent(question, grocery.get(), *analyzers, {});
  };
  struct Row {
    const char *question, *excluded, *keyword;
  };
  for (const Row& row : {Row{"안 매운 라면", "매운", "라면"}, Row{"안매운 라면", "매운", "라면"},
                         Row{"맵지않은 라면", "매운", "라면"}, Row{"매운거 말고 라면", "매운", "라면"},
                         Row{"맵지 않은 라면", "매운", "라면"}, Row{"짜지 않은 과자", "짠", "과자"},
                         Row{"얇지 않은 티슈", "얇은", "티슈"}, Row{"새지 않는 컵", "새는", "컵"}}) {
    const QueryIntent intent = parse(row.question);
    EXPECT_EQ(intent.excluded_words, Texts{row.excluded}) << row.question;
    EXPECT_EQ(intent.keywords, Texts{row.keyword}) << row.question;
    EXPECT_TRUE(Unclear(intent).empty()) << row.question;
  }
  EXPECT_EQ(Unclear(parse("덜 매운 라면")), Texts{"덜 매운"});
  EXPECT_EQ(parse("덜 매운 라면").keywords, Texts{"라면"});
  EXPECT_EQ(Unclear(parse("뜨겁지 않은 라면")), Texts{"뜨겁지 않은"});
  EXPECT_EQ(Unclear(parse("안 매운 라면은 싫어")), Texts{"안 매운"});
  EXPECT_EQ(parse("안 매운 라면은 싫어").keywords, Texts{"라면"});
  const QueryIntent plain = parse("차 안 라면");
  EXPECT_TRUE(plain.excluded_words.empty() && Unclear(plain).empty());
}

TEST_P(RefusalTest, NamesThatSayWhatIsAbsentAreNames) {
  VocabularyBuilder builder(*analyzers);
  for (const char* title : {"Sulfate Free Shampoo", "Leather Shoes", "Non-Slip Mat", "Fragrance-Free Cream"})
    builder.Add({title}, {});
  const auto shop_of_names = builder.Build();
  const auto parse = [&](std::string_view question) {
    return ParseIntent(question, shop_of_names.get(), *analyzers, {});
  };
  for (const char* question : {"sulfate free shampoo", "sulfate-free shampoo", "fragrance free cream",
                               "non-slip mat", "non slip mat", "hands free cream", "free shipping cream"}) {
    const QueryIntent intent = parse(question);
    EXPECT_TRUE(intent.excluded_words.empty() && Unclear(intent).empty()) << question;
    EXPECT_GE(intent.keywords.size(), 2u) << question;
  }
  for (const char* question :
       {"leather free shoes", "leather-free shoes", "non leather shoes", "non-leather shoes"}) {
    const QueryIntent intent = parse(question);
    EXPECT_EQ(intent.excluded_words, Texts{"leather"}) << question;
    EXPECT_EQ(intent.keywords, Texts{"shoes"}) << question;
  }
}

TEST_P(RefusalTest, AProductIsToldByTitlesWithoutCategories) {
  VocabularyBuilder builder(*analyzers);
  for (const char* title :
       {"Sorella Bay Matte Lipstick - Red", "Verdanne Lipstick 3 g - Pink", "후드 집업 원피스 핑크"})
    builder.Add({title}, {});
  const auto salon = builder.Build();
  struct Row {
    const char* question;
    Texts excluded_words, keywords;
  };
  for (const Row& row :
       {Row{"non-red lipstick", {"red"}, {"lipstick"}},
        Row{"neither red nor pink lipstick", {"red", "pink"}, {"lipstick"}},
        Row{"lipstick 빨간색 말고", {"빨간색"}, {"lipstick"}}, Row{"원피스 핑크 제외", {"핑크"}, {"원피스"}},
        Row{"원피스 핑크만 아니면 돼", {"핑크"}, {"원피스"}}}) {
    const QueryIntent intent = ParseIntent(row.question, salon.get(), *analyzers, {});
    EXPECT_EQ(intent.excluded_words, row.excluded_words) << row.question;
    EXPECT_EQ(intent.keywords, row.keywords) << row.question;
    EXPECT_FALSE(intent.open) << row.question;
  }
}

TEST_P(RefusalTest, RefusedUsesSeasonsAndWishesAreNotWanted) {
  EXPECT_EQ(Parse("여름용 말고 니트").season, "");
  EXPECT_EQ(Parse("not for camping, a chair").use, "");
  EXPECT_TRUE(Parse("방수 말고 재킷").wants.empty());
  EXPECT_EQ(Parse("방수 말고 재킷").excluded_words, Texts{"방수"});
  EXPECT_EQ(Parse("가벼운 체어 없어?").wants, Texts{"light"});
}

TEST_P(RefusalTest, WordsThatOnlyLookLikeMarksRefuseNothing) {
  for (const char* question : {"가벼운 체어 없어?",
                               "후디 없나요?",
                               "안경 케이스",
                               "무선 이어폰",
                               "블랙 아니면 레드 후디",
                               "색상 상관없는 후디",
                               "부담 없는 선물",
                               "I don't have a tent, recommend one",
                               "don't you have black hoodies?",
                               "why not a hoodie",
                               "another hoodie",
                               "솔밭 외에도 텐트 있어?",
                               "차 안 방향제",
                               "notebook",
                               "nothing but hoodies",
                               "I can't do without a hoodie",
                               "nothing beats a black hoodie",
                               "do you not have black hoodies",
                               "none other than a black hoodie",
                               "I never had a tent",
                               "black hoodie, no questions asked",
                               "you can't go wrong with black, hoodie",
                               "대신 선물할 후디",
                               "패스트 패션 니트",
                               "시러큐스 후디",
                               "노노재팬 티셔츠",
                               "빼어난 디자인 후디",
                               "먼지 걸러주는 마스크"}) {
    const QueryIntent intent = Parse(question);
    EXPECT_TRUE(intent.excluded.empty() && intent.excluded_words.empty() && Unclear(intent).empty())
        << question;
  }
  EXPECT_EQ(Values(Parse("don't you have black hoodies?").facets).count("블랙"), 1u);
  EXPECT_EQ(Parse("차 안 방향제").keywords.back(), "방향제");
  const QueryIntent socks = Parse("no-show socks", true);
  EXPECT_TRUE(socks.excluded.empty() && socks.excluded_words.empty());
  EXPECT_EQ(Parse("never worn rain jacket", true).excluded_words, Texts{});
}

TEST_P(RefusalTest, GendersOfOneLetterAndCompoundNouns) {
  const QueryIntent men = Parse("jackets for men, not women", true);
  EXPECT_EQ(Values(men.excluded), std::set<std::string>{"F"});
  EXPECT_EQ(Values(men.facets), (std::set<std::string>{"M", "jacket"}));
  EXPECT_EQ(Unclear(Parse("weighted blanket without glass beads", true)), Texts{"glass beads"});
  EXPECT_EQ(Parse("no dig edging").excluded_words, Texts{"dig"});
  EXPECT_EQ(Parse("no dig edging").keywords, Texts{"edging"}) << "the mark belongs to the adjective";
  EXPECT_EQ(Parse("no burn hob cover").keywords, Texts{"cover"});
  EXPECT_EQ(Unclear(Parse("no burn hob cover")), Texts{"burn hob"});
  EXPECT_EQ(Parse("blanket without beads", true).excluded_words, Texts{"beads"});
}

TEST_P(RefusalTest, FillerWordsAreNoDemands) {
  struct Row {
    const char* question;
    Texts keywords;
  };
  for (const Row& row :
       {Row{"a pair of sneakers", {"sneakers"}}, Row{"two mugs", {"mugs"}}, Row{"a set of mugs", {"mugs"}},
        Row{"a couple of red hoodies", {"red", "hoodies"}}, Row{"a dozen black mugs", {"black", "mugs"}},
        Row{"hoodies released before", {"hoodies"}}, Row{"hoodie stuff", {"hoodie"}},
        Row{"머그컵 두 개", {"머그컵"}}, Row{"머그컵 두개 추천", {"머그컵"}},
        Row{"신발 한 켤레 추천", {"신발"}}, Row{"후디 같은 것 좀 보여줘", {"후디"}},
        Row{"후디 여러 벌", {"후디"}}}) {
    EXPECT_EQ(Parse(row.question).keywords, row.keywords) << row.question;
  }
  for (const char* question : {"things", "thing you have", "show me your stuff", "거 보여줘", "좀 보여줘",
                               "다른 거 있어?", "물건 보여줘"})
    EXPECT_TRUE(Parse(question).open) << question << testing::PrintToString(Parse(question).keywords);
  EXPECT_EQ(Parse("two person tent", true).keywords, (Texts{"two", "person", "tent"}));
  EXPECT_EQ(Parse("stranger things shirt", true).keywords, (Texts{"stranger", "things", "shirt"}))
      << "a title has the word";
  EXPECT_EQ(Parse("three way shower heads").keywords.front(), "three");
  EXPECT_EQ(Parse("두부").keywords, Texts{"두부"});
}

TEST_P(RefusalTest, WithoutACatalogueColoursAndGoodsAreKnown) {
  const auto parse = [this](const char* question) { return ParseIntent(question, nullptr, *analyzers, {}); };
  EXPECT_EQ(parse("검은색은 싫어 후디 추천").excluded_words, Texts{"검은색"});
  EXPECT_EQ(parse("I don't want a black hoodie").excluded_words, Texts{"black"});
  EXPECT_EQ(parse("anything but a hoodie").excluded_words, Texts{"hoodie"});
  EXPECT_TRUE(parse("anything but a hoodie").keywords.empty());
}

TEST_P(RefusalTest, WantedTextHasNothingThatIsRefused) {
  EXPECT_EQ(Parse("후디 추천").wanted_text, "");
  const std::string wanted = Parse("I don't want a black tent").wanted_text;
  EXPECT_EQ(wanted.find("black"), std::string::npos) << wanted;
  EXPECT_NE(wanted.find("tent"), std::string::npos) << wanted;
}

TEST(HasExcludedWord, ANameThatDeniesTheWordDoesNotHaveIt) {
  const auto has = [](const char* name, const char* word) {
    ProductFacts product;
    product.named = name;
    return HasExcludedWord(word, product);
  };
  EXPECT_TRUE(has("기모 후디", "기모"));
  EXPECT_FALSE(has("기모 없는 후디", "기모"));
  EXPECT_FALSE(has("tent without a footprint", "footprint"));
  EXPECT_TRUE(has("tent with footprint", "footprint"));
  EXPECT_FALSE(has("leather-free shoes", "leather"));
  EXPECT_TRUE(has("블랙 후디", "black"));
  EXPECT_TRUE(has("women's jacket", "women"));
}

TEST(FindRefusalMarks, AcceptsAnyBytes) {
  Random random(7);
  const IsCatalogueName none = [](std::string_view) { return false; };
  const Texts pieces = {"not ",   "말고 ", "안 ", "지 않은", ",",   ".",     "don't ", "기모없는 ",
                        "black ", "\xEA",  "or ", "두 개 ",  "ew ", "노노 ", "? ",     "별로 "};
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (size_t n = random.Below(12); n > 0; --n) text += pieces[random.Below(pieces.size())];
    std::string separate = SeparateMarks(text, none);
    BlankCounts(none, &separate);
    size_t end = 0;
    for (const RefusalMark& mark : FindRefusalMarks(separate, {}, none)) {
      EXPECT_LE(mark.begin, mark.end);
      EXPECT_LE(mark.end, separate.size());
      EXPECT_LE(mark.from, mark.until);
      EXPECT_LE(mark.end, mark.negates_one_word ? separate.size() : mark.behind);
      EXPECT_LE(mark.behind, separate.size());
      EXPECT_LE(mark.until, separate.size());
      EXPECT_GE(mark.end, end) << text;
      end = mark.end;
    }
  }
}

}  // namespace
}  // namespace trine::language
