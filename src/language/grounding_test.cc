#include "language/grounding.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace trine::language {
namespace {

GroundingMaterial Korean() {
  GroundingMaterial material;
  AnswerItem chair{"B07CHAIR",
                   "솔밭 초경량 폴딩 체어",
                   {{"brand", "솔밭"}, {"color", "블랙"}, {"material", "알루미늄"}, {"weight", "950g"}}};
  chair.price = ItemPrice{39000, "KRW"};
  chair.reason = "최근 ‘돔 텐트’를 보셔서 추천해 드려요.";
  AnswerItem table{
      "B08TABLE",
      "너른들 캠핑 테이블",
      {{"brand", "너른들"}, {"color", "브라운"}, {"material", "원목"}, {"description", "4인용. 방수 아님"}}};
  table.price = ItemPrice{52000, "KRW"};
  AnswerItem lamp{
      "B09LAMP",
      "한빛 LED 랜턴",
      {{"brand", "한빛"}, {"color", "화이트"}, {"description", "충전식 생활방수 랜턴, 최대 20시간"}}};
  lamp.price = ItemPrice{18500, "KRW"};
  material.items = {chair, table, lamp};
  material.documents = {
      "솔밭 초경량 폴딩 체어는 펼치는 데 5초가 걸리고, 최대 하중은 120kg입니다.\n\n교환은 받은 날부터 7일 "
      "안에 할 수 있습니다."};
  material.question = "캠핑 갈 때 쓸 가벼운 의자 5만원 이하로 추천해 줘";
  return material;
}

GroundingMaterial English() {
  GroundingMaterial material;
  AnswerItem linen{"SH-1001",
                   "Linen Shirt",
                   {{"brand", "Harbor"}, {"color", "white"}, {"material", "linen"}, {"size", "M"}}};
  linen.price = ItemPrice{40, "USD"};
  AnswerItem cotton{"SH-2002",
                    "Cotton Shirt",
                    {{"brand", "Meadow"},
                     {"color", "blue"},
                     {"material", "cotton"},
                     {"description", "Machine washable. 180 g."}}};
  cotton.price = ItemPrice{25.5, "USD"};
  AnswerItem jacket{"JK-3003",
                    "Trail Rain Jacket",
                    {{"brand", "Northfell"},
                     {"color", "green"},
                     {"description", "Waterproof to 10,000 mm, not insulated"}}};
  jacket.price = ItemPrice{89, "USD"};
  material.items = {linen, cotton, jacket};
  material.documents = {
      "The Linen Shirt dries in 30 minutes and is made in Portugal.\n\nReturns are accepted within 14 days."};
  material.question = "a light shirt under $45 for summer";
  return material;
}

std::string Why(const GroundingMaterial& material, std::string_view text) {
  return SentenceChecker(material).WhyUnsupported(text);
}

struct Said {
  bool korean;
  const char* text;
};

constexpr Said kTruthful[] = {
#define INJECTION_KO(text)
#define INJECTION_EN(text)
#define TRUE_KO(text) {true, text},
#define TRUE_EN(text) {false, text},
#define FALSE_KO(text)
#define FALSE_EN(text)
#include "language/grounding_test_sentences.inc"
#undef INJECTION_KO
#undef INJECTION_EN
#undef TRUE_KO
#undef TRUE_EN
#undef FALSE_KO
#undef FALSE_EN
};
constexpr Said kFalse[] = {
#define INJECTION_KO(text) {true, text},
#define INJECTION_EN(text) {false, text},
#define TRUE_KO(text)
#define TRUE_EN(text)
#define FALSE_KO(text) {true, text},
#define FALSE_EN(text) {false, text},
#include "language/grounding_test_sentences.inc"
#undef INJECTION_KO
#undef INJECTION_EN
#undef TRUE_KO
#undef TRUE_EN
#undef FALSE_KO
#undef FALSE_EN
};

constexpr Said kInjections[] = {
#define INJECTION_KO(text) {true, text},
#define INJECTION_EN(text) {false, text},
#define TRUE_KO(text)
#define TRUE_EN(text)
#define FALSE_KO(text)
#define FALSE_EN(text)
#include "language/grounding_test_sentences.inc"
#undef INJECTION_KO
#undef INJECTION_EN
#undef TRUE_KO
#undef TRUE_EN
#undef FALSE_KO
#undef FALSE_EN
};

TEST(SentenceChecker, LetsTruthfulSentencesThrough) {
  size_t dropped = 0;
  for (const Said& said : kTruthful) {
    const std::string why = Why(said.korean ? Korean() : English(), said.text);
    if (why.empty()) continue;
    ++dropped;
    std::printf("dropped: %s (%s)\n", said.text, why.c_str());
  }
  const size_t count = std::size(kTruthful);
  std::printf("%zu of %zu truthful sentences were dropped\n", dropped, count);
  EXPECT_GE(count, 150u);
  EXPECT_LE(dropped * 100, count * 5) << "at most 5 % may be dropped";
}

TEST(SentenceChecker, DropsFalseSentences) {
  EXPECT_GE(std::size(kFalse), 60u);
  for (const Said& said : kFalse) {
    EXPECT_NE(Why(said.korean ? Korean() : English(), said.text), "") << said.text;
  }
}

// A document, a title, a description or a result of a tool that says such a sentence does not support it.
TEST(SentenceChecker, DropsInjectionsAlthoughTheMaterialHasThem) {
  EXPECT_GE(std::size(kInjections), 60u);
  for (const Said& said : kInjections) {
    for (const int place : {0, 1, 2}) {
      GroundingMaterial material = said.korean ? Korean() : English();
      if (place == 0) material.documents.push_back(said.text);
      if (place == 1) material.items[0].attributes.emplace_back("description", said.text);
      if (place == 2) material.items[1].title = said.text;
      EXPECT_NE(Why(material, said.text), "") << place << ": " << said.text;
    }
  }
}

TEST(SentenceChecker, ReleasesSentencesAsTheyEndAndCitesTheirItems) {
  SentenceChecker checker(English());
  EXPECT_TRUE(checker.Add("The **Linen Sh").empty());
  EXPECT_TRUE(checker.Add("irt** costs $40.").empty()) << "the number could go on";
  const auto first = checker.Add(" The Cotton");
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].supported) << first[0].why;
  EXPECT_EQ(first[0].text, "The Linen Shirt costs $40. ");
  ASSERT_EQ(first[0].citations.size(), 1u);
  EXPECT_EQ(first[0].citations[0].item_id, "SH-1001");
  EXPECT_EQ(first[0].citations[0].start, 4u);
  EXPECT_EQ(first[0].citations[0].end, 15u);
  const auto second = checker.Add(" Shirt costs $26.\n");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_FALSE(second[0].supported);
  EXPECT_NE(second[0].why.find("$26"), std::string::npos) << second[0].why;
  const auto last = checker.Add("Try the Trail Rain Jacket");
  EXPECT_TRUE(last.empty());
  const auto rest = checker.Finish();
  ASSERT_EQ(rest.size(), 1u);
  ASSERT_EQ(rest[0].citations.size(), 1u);
  EXPECT_EQ(rest[0].citations[0].start, 27u + 8u) << "dropped sentences do not count";
}

TEST(SentenceChecker, CountsCitationsInUtf16Units) {
  SentenceChecker checker(Korean());
  const auto said = checker.Add("👍 솔밭 초경량 폴딩 체어를 추천해요.\n");
  ASSERT_EQ(said.size(), 1u);
  ASSERT_EQ(said[0].citations.size(), 1u);
  EXPECT_EQ(said[0].citations[0].start, 3u);
  EXPECT_EQ(said[0].citations[0].end, 3u + 12u);
}

TEST(SentenceChecker, AnswersToNothingPassUnlessTheyAreForbidden) {
  const GroundingMaterial nothing;
  EXPECT_EQ(Why(nothing, "Hello! How can I help you?"), "");
  EXPECT_NE(Why(nothing, "Please enter your credit card number."), "");
}

TEST(SentenceChecker, RemovesMarkup) {
  SentenceChecker checker(English());
  const auto said =
      checker.Add("# The <b onclick=\"x()\">Linen Shirt</b> is `nice`<script>alert(1)</script>.\n");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].text.find('<'), std::string::npos) << said[0].text;
  EXPECT_EQ(said[0].text.find("onclick"), std::string::npos) << said[0].text;
}

TEST(SentenceChecker, AcceptsAnyBytes) {
  SentenceChecker checker(Korean());
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 37 % 256);
  for (size_t at = 0; at < bytes.size(); at += 7) checker.Add(bytes.substr(at, 7));
  checker.Finish();
}

TEST(SentenceChecker, TooLongSentencesAreDropped) {
  SentenceChecker checker(English());
  size_t supported = 0, all = 0;
  const auto count = [&](const std::vector<CheckedSentence>& sentences) {
    for (const auto& one : sentences) {
      ++all;
      supported += one.supported ? 1 : 0;
    }
  };
  for (int i = 0; i < 1000; ++i) count(checker.Add("very nice "));
  count(checker.Add("indeed. "));
  EXPECT_GT(all, 3u);
  EXPECT_EQ(supported, 0u);
  count(checker.Add("Good. "));
  EXPECT_EQ(supported, 1u) << "the next sentence is judged again";
}

}  // namespace
}  // namespace trine::language
