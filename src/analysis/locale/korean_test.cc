#include "analysis/locale/korean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "analysis/analyzer.h"
#include "test/support/source_folder.h"

namespace trine::analysis {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

TEST(WithParticle, FollowsTheFinalConsonant) {
  EXPECT_EQ(WithParticle("체어", Particle::kTopic), "체어는");
  EXPECT_EQ(WithParticle("텐트장", Particle::kTopic), "텐트장은");
  EXPECT_EQ(WithParticle("가방", Particle::kSubject), "가방이");
  EXPECT_EQ(WithParticle("모자", Particle::kObject), "모자를");
  EXPECT_EQ(WithParticle("책", Particle::kAnd), "책과");
  EXPECT_EQ(WithParticle("서울", Particle::kDirection), "서울로");
  EXPECT_EQ(WithParticle("부산", Particle::kDirection), "부산으로");
  EXPECT_EQ(WithParticle("의자", Particle::kCopula), "의자예요");
  EXPECT_EQ(WithParticle("책상", Particle::kCopula), "책상이에요");
}

TEST(WithParticle, ReadsDigitsAndLatinLettersAloud) {
  EXPECT_EQ(WithParticle("아이폰 15", Particle::kSubject), "아이폰 15가");
  EXPECT_EQ(WithParticle("갤럭시 S23", Particle::kSubject), "갤럭시 S23이");
  EXPECT_EQ(WithParticle("7", Particle::kDirection), "7로");
  EXPECT_EQ(WithParticle("Apple", Particle::kObject), "Apple을");
  EXPECT_EQ(WithParticle("Sony", Particle::kObject), "Sony를");
  EXPECT_EQ(WithParticle("Samsung", Particle::kTopic), "Samsung은");
  EXPECT_EQ(WithParticle("의자(블랙)", Particle::kObject), "의자(블랙)을");
  EXPECT_EQ(WithParticle("", Particle::kObject), "를");
  EXPECT_EQ(WithParticle("\xFF", Particle::kObject), "\xFF를");
}

TEST(DominantLanguage, IsKoreanDespiteLatinBrandNames) {
  EXPECT_EQ(DominantLanguage("요즘 캠핑 갈 때 쓸 가벼운 체어 없어?"), "ko");
  EXPECT_EQ(DominantLanguage("Sony 헤드폰 추천"), "ko");
  EXPECT_EQ(DominantLanguage("wireless earbuds"), "en");
  EXPECT_EQ(DominantLanguage("Samsung Galaxy Buds Pro 케이스"), "en");
  EXPECT_EQ(DominantLanguage("12,900"), "en");
  EXPECT_EQ(DominantLanguage(""), "en");
}

std::string Print(const Analyzer& analyzer, std::string_view text) {
  std::vector<Token> tokens;
  analyzer.Analyze(text, &tokens);
  std::string out;
  for (const Token& t : tokens) {
    out += (out.empty() ? "" : " ") + t.term + "[" + std::to_string(t.start) + "," + std::to_string(t.end) +
           ")@" + std::to_string(t.position);
  }
  return out;
}

TEST(KoreanBigrams, EmitsWordsAndPairs) {
  const auto analyzer = NewAnalyzers({}).value()->Find("korean").value();
  EXPECT_EQ(Print(*analyzer, "캠핑체어 책을"),
            "캠핑체어[0,4)@0 캠핑[0,2)@0 핑체[1,3)@1 체어[2,4)@2 책을[5,7)@3 책[5,6)@3");
  EXPECT_EQ(Print(*analyzer, "20cm ＡＢ"), "20cm[0,4)@0 20[0,2)@0 cm[2,4)@1 ab[5,7)@2");
  EXPECT_EQ(Print(*analyzer, "1,290원"), "1290원[0,6)@0 1290[0,5)@0 원[5,6)@1");
  // Decomposed Hangul and square symbols such as ㎝ are normalised; offsets refer to the source.
  EXPECT_EQ(Print(*analyzer, "\u1112\u1161\u11AB 5㎝"), "한[0,3)@0 5cm[4,6)@1 5[4,5)@1 cm[5,6)@2");
}

// Tests that need the dictionary, which tools/korean_dictionary.sh builds.
class KoreanMorphemes : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = test::SourceFolder() + "/build/deps/mecab-ko-dic";
    if (!std::filesystem::exists(folder + "/sys.dic")) GTEST_SKIP() << "no Korean dictionary in " << folder;
    auto made = NewAnalyzers({folder});
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    analyzers_ = std::move(made).value();
    ASSERT_TRUE(analyzers_->has_korean_dictionary());
    analyzer_ = analyzers_->Find("korean").value();
  }
  std::vector<std::string> Terms(std::string_view text) const { return analyzer_->Terms(text); }
  // Whether every position of the query has a term in the document, as in a match query with operator "and".
  bool Finds(std::string_view query, std::string_view document) const {
    std::vector<Token> asked;
    analyzer_->Analyze(query, &asked);
    const std::vector<std::string> there = Terms(document);
    std::vector<bool> found;
    for (const Token& token : asked) {
      if (found.size() <= token.position) found.resize(token.position + 1);
      if (std::find(there.begin(), there.end(), token.term) != there.end()) found[token.position] = true;
    }
    return !found.empty() && std::all_of(found.begin(), found.end(), [](bool f) { return f; });
  }
  // Whether the query's positions match consecutive positions of the document, as in match_phrase.
  bool FindsPhrase(std::string_view query, std::string_view document) const {
    std::vector<Token> asked, there;
    analyzer_->Analyze(query, &asked);
    analyzer_->Analyze(document, &there);
    const auto at = [](const std::vector<Token>& tokens, uint32_t position) {
      std::vector<std::string> terms;
      for (const Token& t : tokens) {
        if (t.position == position) terms.push_back(t.term);
      }
      return terms;
    };
    for (uint32_t first = 0; first <= there.back().position; ++first) {
      bool all = true;
      for (uint32_t i = 0; i <= asked.back().position && all; ++i) {
        const auto here = at(there, first + i);
        const auto wanted = at(asked, i);
        all = std::any_of(wanted.begin(), wanted.end(),
                          [&](const std::string& w) { return std::count(here.begin(), here.end(), w) > 0; });
      }
      if (all) return true;
    }
    return false;
  }

  std::unique_ptr<Analyzers> analyzers_;
  std::shared_ptr<const Analyzer> analyzer_;
};

TEST_F(KoreanMorphemes, EmitsWordsAndMorphemes) {
  EXPECT_EQ(Print(*analyzer_, "캠핑체어를 샀다."),
            "캠핑체어를[0,5)@0 캠핑체어[0,4)@0 캠핑[0,2)@0 체어[2,4)@1 샀다[6,8)@2 사다[6,7)@2");
  EXPECT_EQ(Print(*analyzer_, "가벼운 체어 없어?"),
            "가벼운[0,3)@0 가볍다[0,3)@0 체어[4,6)@1 없어[7,9)@2 없다[7,8)@2");
  EXPECT_EQ(Print(*analyzer_, "20cm 3.5인치 1,290원"),
            "20cm[0,4)@0 20[0,2)@0 cm[2,4)@1 3.5인치[5,10)@2 3.5[5,8)@2 인치[8,10)@3 1290원[11,17)@4 "
            "1290[11,16)@4 원[16,17)@5");
}

TEST_F(KoreanMorphemes, DropsParticlesAndEndings) {
  EXPECT_THAT(Terms("학교에서는"), Not(Contains("에서")));
  EXPECT_THAT(Terms("학교에서는"), Contains("학교"));
  EXPECT_THAT(Terms("예쁜 원피스를 입었다"), IsSupersetOf({"예쁘다", "원피스", "입다"}));
}

TEST_F(KoreanMorphemes, MatchesCompoundsWithAnySpacing) {
  for (const auto& [a, b] : {std::pair{"캠핑체어", "캠핑 체어"},
                             {"무선이어폰", "무선 이어폰"},
                             {"여름원피스", "여름 원피스"},
                             {"등산화", "등산화"}}) {
    EXPECT_TRUE(Finds(a, std::string(b) + "를 추천")) << a;
    EXPECT_TRUE(Finds(b, std::string(a) + "를 추천")) << a;
    EXPECT_TRUE(FindsPhrase(b, std::string("좋은 ") + a + "를 추천")) << a;
    EXPECT_TRUE(FindsPhrase(a, std::string("좋은 ") + b + "를 추천")) << a;
  }
}

TEST_F(KoreanMorphemes, FindsNamesMissingFromTheDictionary) {
  for (const char* name :
       {"에어팟", "다이슨", "갤럭시버즈", "스탠리텀블러", "쿠쿠", "로보락", "뿌까", "헬리녹스", "쀍뚫"}) {
    for (const std::string& form : {std::string(name), WithParticle(name, Particle::kObject),
                                    WithParticle(name, Particle::kTopic), std::string(name) + "의"}) {
      EXPECT_TRUE(Finds(name, "새로 나온 " + form + " 후기")) << form;
    }
  }
  EXPECT_THAT(Terms("에어팟을"), IsSupersetOf({"에어팟을", "에어팟"}));
}

TEST_F(KoreanMorphemes, IgnoresPunctuationAroundWords) {
  const std::vector<std::string> plain = Terms("무선 이어폰을 학교에서 썼다");
  EXPECT_EQ(Terms("[무선 (이어폰을) \"학교에서\" 썼다"), plain);
  EXPECT_EQ(Terms("무선 ]이어폰을【 학교에서… 썼다)))"), plain);
  EXPECT_EQ(Terms("\xFF무선 이어폰을\xC3 학교에서 썼다"), plain);
}

TEST_F(KoreanMorphemes, EmitsATokenForEveryWord) {
  for (const char* word : {"그리고", "이", "ㅋㅋㅋ", "뷁", "の", "wi-fi", "３", "²", "東京"}) {
    EXPECT_THAT(Terms(word), Not(IsEmpty())) << word;
  }
  EXPECT_THAT(Terms(std::string(3000, 'a')), Not(IsEmpty()));
}

TEST_F(KoreanMorphemes, HonoursDecompoundMode) {
  AnalysisSettings settings;
  settings.configured["none"] = {"nori", {{"decompound_mode", "none"}}};
  settings.configured["discard"] = {"nori", {{"decompound_mode", "discard"}}};
  EXPECT_THAT(analyzers_->Build("none", settings).value()->Terms("캠핑체어를"),
              ElementsAre("캠핑체어를", "캠핑체어"));
  EXPECT_THAT(analyzers_->Build("discard", settings).value()->Terms("캠핑체어를"),
              ElementsAre("캠핑체어를", "캠핑", "체어"));
  settings.configured["odd"] = {"nori", {{"decompound_mode", "odd"}}};
  EXPECT_EQ(analyzers_->Build("odd", settings).error().kind(), ErrorKind::kInvalid);
}

TEST_F(KoreanMorphemes, EmitsTheSameTokensOnAllThreads) {
  const std::string text = "요즘 캠핑 갈 때 쓸 가벼운 체어 없어? 무선이어폰을 학교에서 썼다. 에어팟 프로2";
  const std::string expected = Print(*analyzer_, text);
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) wrong[t] += Print(*analyzer_, text) != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

TEST_F(KoreanMorphemes, AnalysesLongTextWithoutSpaces) {
  std::string text;
  while (text.size() < 300'000) text += "가나다라마바사아자차카타파하";
  std::vector<Token> tokens;
  analyzer_->Analyze(text, &tokens);
  EXPECT_GT(tokens.size(), 1000u);
  EXPECT_EQ(tokens.back().end, text.size() / 3);
}

}  // namespace
}  // namespace trine::analysis
