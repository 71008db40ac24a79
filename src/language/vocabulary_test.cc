#include "language/vocabulary.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace trine::language {
namespace {

struct VocabularyTest : ::testing::Test {
  std::unique_ptr<analysis::Analyzers> analyzers = analysis::NewAnalyzers({}).value();
};

TEST_F(VocabularyTest, LeavesOutFieldsThatIdentifyProducts) {
  VocabularyBuilder builder(*analyzers);
  for (int i = 0; i < 100; ++i)
    builder.Add({"chair"}, {{"sku", "sku" + std::to_string(i)}, {"brand", "brand" + std::to_string(i % 3)}});
  const auto vocabulary = builder.Build();
  EXPECT_TRUE(vocabulary->FindValues("sku7").empty());
  ASSERT_EQ(vocabulary->FindValues("brand1").size(), 1u);
  EXPECT_EQ(vocabulary->FindValues("brand1")[0].count, 33u);
}

TEST_F(VocabularyTest, KnowsNamesThatBeginWithAMarkOfRefusal) {
  VocabularyBuilder builder(*analyzers);
  builder.Add({"Not Enough Gorman Shirt"}, {{"brand", "L’Atelier"}});
  builder.Add({"No Zipper Hoodie"}, {});
  builder.Add({"Zipper Hoodie"}, {});
  builder.Add({"Never, Ever Again"}, {});
  builder.Add({"Never, Ever Again"}, {});
  const auto vocabulary = builder.Build();
  EXPECT_TRUE(vocabulary->IsMarkedName("not enough gorman"));
  EXPECT_TRUE(vocabulary->IsMarkedName("not enough"));
  EXPECT_FALSE(vocabulary->IsMarkedName("not enough gorman shirt hoodie"));
  EXPECT_FALSE(vocabulary->IsMarkedName("no zipper")) << "another title has the word";
  EXPECT_FALSE(vocabulary->IsMarkedName("zipper hoodie")) << "no mark";
  EXPECT_FALSE(vocabulary->IsMarkedName("never ever")) << "punctuation between";
  EXPECT_FALSE(vocabulary->IsMarkedName(""));
  for (const char* name : {"l’atelier", "l'atelier", "latelier"})
    EXPECT_EQ(vocabulary->FindValues(name).size(), 1u) << name;
}

TEST_F(VocabularyTest, LearnsTheHeadsOfTitles) {
  VocabularyBuilder builder(*analyzers);
  for (const char* title :
       {"Ironvale Pro Hammer - Red", "Stonebridge Hammer 500g", "Hammer Holder", "Verdanne Perfume 50 ml",
        "Rose Perfume 3.4 fl oz", "Perfume Sampler", "Water Bottle 5 L", "원두커피 200g", "커피 필터 100매"})
    builder.Add({title}, {});
  const auto vocabulary = builder.Build();
  for (const char* word : {"hammer", "hammers", "perfume", "holder", "필터", "원두커피"})
    EXPECT_TRUE(vocabulary->NamesProducts(word)) << word;
  for (const char* word : {"pro", "red", "ironvale", "커피", ""})
    EXPECT_FALSE(vocabulary->NamesProducts(word)) << word;
  EXPECT_TRUE(vocabulary->IsSoldByVolume("perfumes"));
  for (const char* word : {"hammer", "holder", "bottle", "원두커피", "unknown"})
    EXPECT_FALSE(vocabulary->IsSoldByVolume(word)) << word;
}

// 60 MB of names: the rarest words and the names are forgotten.
TEST_F(VocabularyTest, KeepsWhatIsFrequentInALargeCatalogue) {
  constexpr uint32_t kProducts = 6000;
  VocabularyBuilder builder(*analyzers);
  for (uint32_t i = 0; i < kProducts; ++i) {
    const std::string n = std::to_string(i);
    builder.Add({"체어 chair rare" + n, n + std::string(10'000, 'x')},
                {{"sku", "sku" + n}, {"brand", "brand" + std::to_string(i % 5)}});
  }
  const auto vocabulary = builder.Build();
  EXPECT_EQ(vocabulary->product_count(), kProducts);
  EXPECT_EQ(vocabulary->TitleCount("chair"), kProducts);
  EXPECT_EQ(vocabulary->TitleCount("rare7"), 0u);
  EXPECT_EQ(vocabulary->TitleCount("rare5999"), 1u) << "after the others were forgotten";
  ASSERT_EQ(vocabulary->FindValues("brand0").size(), 1u);
  EXPECT_EQ(vocabulary->FindValues("brand0")[0].count, kProducts / 5);
  const auto related = vocabulary->Related("체어", 4);
  ASSERT_GE(related.size(), 1u);
  EXPECT_EQ(related[0].first, "chair");
  EXPECT_EQ(related[0].second, 1.0);
}

// The longest name in a question, by looking for each. Names and questions are made of few different pieces,
// so that names begin with names and overlap.
RC_GTEST_FIXTURE_PROP(VocabularyTest, FindsTheLongestProductName, ()) {
  const auto text = [](int least, int most) {
    std::string out;
    for (int i = *rc::gen::inRange(least, most); i > 0; --i)
      out += *rc::gen::element<std::string>("의자", "abcd", "b", "테이블", "cdab");
    return out;
  };
  VocabularyBuilder builder(*analyzers);
  std::vector<std::string> names;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    names.push_back(text(1, 6));
    builder.Add({names.back()}, {});
  }
  const auto vocabulary = builder.Build();
  const std::string question = text(0, 12);
  std::string longest;
  for (const std::string& name : names) {
    if (name.size() >= 8 && name.size() > longest.size() && question.find(name) != std::string::npos)
      longest = name;
  }
  RC_ASSERT(vocabulary->NamedProduct(question).value_or("").size() == longest.size());
  if (!longest.empty()) RC_ASSERT(question.find(*vocabulary->NamedProduct(question)) != std::string::npos);
}

}  // namespace
}  // namespace trine::language
