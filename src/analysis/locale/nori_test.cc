// The tokenizer and the filters of OpenSearch's nori plugin. The expected tokens are those of Lucene's nori.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "analysis/analyzer.h"
#include "analysis/locale/nori_filters.h"
#include "test/support/source_folder.h"

namespace trine::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DecimalForm, ReadsArabicAndHangulNumerals) {
  EXPECT_EQ(DecimalForm("영영칠"), "7");
  EXPECT_EQ(DecimalForm("일영영영"), "1000");
  EXPECT_EQ(DecimalForm("삼천2백2십삼"), "3223");
  EXPECT_EQ(DecimalForm("조육백만오천일"), "1000006005001");
  EXPECT_EQ(DecimalForm("３．２천"), "3200");
  EXPECT_EQ(DecimalForm("１.２만３４５.６７"), "12345.67");
  EXPECT_EQ(DecimalForm("4,647.100"), "4647.1");
  EXPECT_EQ(DecimalForm("0.5"), "0.5");
  EXPECT_EQ(DecimalForm("0"), "0");
  EXPECT_EQ(DecimalForm("해"), "100000000000000000000");
}

TEST(DecimalForm, KeepsWhatItCannotRead) {
  for (const char* text : {"1.2.3", ".", "99999999999999999999999999999999999999999999", "의자"}) {
    EXPECT_EQ(DecimalForm(text), text);
  }
}

TEST(NoriOptions, RejectsAnUnknownTag) {
  AnalysisSettings settings;
  settings.filters["stop"] = {"nori_part_of_speech", {{"stoptags", "NNG\nXYZ"}}};
  settings.analyzers["a"] = {"nori_tokenizer", {"stop"}, {}};
  const auto made = NewAnalyzers({}).value()->Build("a", settings);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind(), ErrorKind::kInvalid);
  EXPECT_THAT(made.error().expected, HasSubstr("NNG"));
}

TEST(NoriOptions, WorkWithoutADictionary) {
  AnalysisSettings settings;
  settings.tokenizers["t"] = {"nori_tokenizer",
                              {{"decompound_mode", "none"}, {"discard_punctuation", "false"}}};
  settings.analyzers["a"] = {"t", {"nori_part_of_speech", "nori_readingform", "nori_number"}, {}};
  EXPECT_THAT(NewAnalyzers({}).value()->Build("a", settings).value()->Terms("책"), ElementsAre("책"));
}

class Nori : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = test::SourceFolder() + "/build/deps/mecab-ko-dic";
    if (!std::filesystem::exists(folder + "/sys.dic")) GTEST_SKIP() << "no Korean dictionary in " << folder;
    AnalyzersOptions options;
    options.korean_dictionary_dir = folder;
    analyzers_ = NewAnalyzers(options).value();
  }
  std::shared_ptr<const Analyzer> Build(std::map<std::string, std::string> tokenizer,
                                        std::vector<std::string> filters,
                                        std::map<std::string, ComponentSpec> defined = {}) const {
    AnalysisSettings settings;
    settings.tokenizers["t"] = {"nori_tokenizer", std::move(tokenizer)};
    settings.filters = std::move(defined);
    settings.analyzers["a"] = {"t", std::move(filters), {}};
    return analyzers_->Build("a", settings).value();
  }
  static std::string Print(const Analyzer& analyzer, std::string_view text) {
    std::vector<Token> tokens;
    analyzer.Analyze(text, &tokens);
    std::string out;
    for (const Token& t : tokens) {
      out += (out.empty() ? "" : " ") + t.term + "[" + std::to_string(t.start) + "," + std::to_string(t.end) +
             ")@" + std::to_string(t.position);
    }
    return out;
  }
  std::unique_ptr<Analyzers> analyzers_;
};

TEST_F(Nori, EmitsEveryMorpheme) {
  EXPECT_THAT(Build({}, {})->Terms("화학 이외의 것!"), ElementsAre("화학", "이외", "의", "것"));
  EXPECT_THAT(Build({{"discard_punctuation", "false"}}, {})->Terms("화학 이외의 것!"),
              ElementsAre("화학", " ", "이외", "의", " ", "것", "!"));
}

TEST_F(Nori, DecompoundsAsItsModeSays) {
  EXPECT_EQ(Print(*Build({}, {}), "삼성전자"), "삼성[0,2)@0 전자[2,4)@1");
  EXPECT_EQ(Print(*Build({{"decompound_mode", "none"}}, {}), "삼성전자"), "삼성전자[0,4)@0");
  EXPECT_EQ(Print(*Build({{"decompound_mode", "mixed"}}, {}), "삼성전자"),
            "삼성전자[0,4)@0 삼성[0,2)@0 전자[2,4)@1");
}

TEST_F(Nori, DropsPartsOfSpeech) {
  EXPECT_THAT(Build({}, {"nori_part_of_speech"})->Terms("여섯 나무를"), ElementsAre("여섯", "나무"));
  const auto nouns = Build({}, {"stop"}, {{"stop", {"nori_part_of_speech", {{"stoptags", "NR\nj"}}}}});
  EXPECT_THAT(nouns->Terms("여섯 나무를"), ElementsAre("나무"));
  const auto all = Build({}, {"stop"}, {{"stop", {"nori_part_of_speech", {{"stoptags", ""}}}}});
  EXPECT_THAT(all->Terms("여섯 나무를"), ElementsAre("여섯", "나무", "를"));
}

TEST_F(Nori, ReplacesChineseCharactersByTheirReading) {
  EXPECT_THAT(Build({}, {"nori_readingform"})->Terms("鄕歌"), ElementsAre("향가"));
  EXPECT_THAT(Build({}, {"nori_readingform"})->Terms("향가"), ElementsAre("향가"));
}

TEST_F(Nori, ReadsNumbers) {
  const auto numbers = Build({{"discard_punctuation", "false"}}, {"nori_number"});
  EXPECT_THAT(numbers->Terms("십만이천오백"), ElementsAre("102500"));
  EXPECT_EQ(Print(*numbers, "3.2천 원"), "3200[0,4)@0  [4,5)@1 원[5,6)@2");
  EXPECT_THAT(Build({}, {})->Terms("44,55,66 10.1"), ElementsAre("44", "55", "66", "10", "1"));
}

TEST_F(Nori, UsesAUserDictionary) {
  const auto own = Build({{"user_dictionary_rules", "c++\nC쁠쁠\n세종\n세종시 세종 시"}}, {"lowercase"});
  EXPECT_THAT(own->Terms("c++ 세종시의"), ElementsAre("c++", "세종", "시", "의"));
  const auto mixed = Build({{"user_dictionary_rules", "세종시 세종 시"}, {"decompound_mode", "mixed"}}, {});
  EXPECT_EQ(Print(*mixed, "세종시"), "세종시[0,3)@0 세종[0,2)@0 시[2,3)@1");
}

TEST_F(Nori, SeparatesAtTheInterpunctAndDropsSelectors) {
  EXPECT_THAT(Build({}, {})->Terms("생활\u318D주방"), ElementsAre("생활", "주방"));
  EXPECT_THAT(Build({}, {})->Terms("⛺\uFE0F"), ElementsAre());
  EXPECT_THAT(Build({}, {})->Terms("Donaudampfschifffahrtsgesellschaft"),
              ElementsAre("Donaudampfschifffahrtsgesellschaft"));
}

TEST_F(Nori, TheAnalyzerTakesStopTags) {
  AnalysisSettings settings;
  settings.configured["n"] = {"nori", {{"stoptags", "NR"}, {"user_dictionary_rules", "헬리녹스"}}};
  const auto made = analyzers_->Build("n", settings);
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_THAT((*made)->Terms("헬리녹스를"), ElementsAre("헬리녹스를", "헬리녹스"));
}

}  // namespace
}  // namespace trine::analysis
