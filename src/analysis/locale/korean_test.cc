#include "analysis/locale/korean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "analysis/analyzer.h"
#include "test/support/source_folder.h"
#include "test/support/temp_folder.h"

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

TEST(KoreanBigrams, SplitsListsOfNumbersButNotNumbers) {
  const auto analyzer = NewAnalyzers({}).value()->Find("korean").value();
  const auto terms = [&](std::string_view text) { return analyzer->Terms(text); };
  EXPECT_THAT(terms("44,55,66"), ElementsAre("44", "55", "66"));
  EXPECT_THAT(terms("1,2인용"), ElementsAre("1", "2인용", "2", "인용"));
  EXPECT_THAT(terms("1,200"), ElementsAre("1200"));
  EXPECT_THAT(terms("12,900.50원"), ElementsAre("12900.50원", "12900.50", "원"));
  EXPECT_THAT(terms("10.1"), ElementsAre("10.1"));
  EXPECT_THAT(terms("3.5,4.0"), ElementsAre("3.5", "4.0"));
  EXPECT_THAT(terms("2024.01.15"), ElementsAre("2024.01.15", "2024.01", "2024", "01", "15"));
  EXPECT_THAT(terms("2024.01"), ElementsAre("2024.01", "2024", "01"));
  EXPECT_THAT(terms("v1.2.3"), ElementsAre("v1.2.3", "v", "1.2.3", "1.2", "1", "2", "3"));
  EXPECT_THAT(terms("95,100,105"), ElementsAre("95100105", "95", "100", "105"));
  EXPECT_THAT(terms("1.1.1.1.1.1.1.1.1.1"), ElementsAre("1", "1", "1", "1", "1", "1", "1", "1", "1", "1"));
}

TEST(KoreanBigrams, SplitsAtEveryMiddleDot) {
  const auto analyzer = NewAnalyzers({}).value()->Find("korean").value();
  for (const char* dot : {"\u318D", "\u00B7", "\u30FB", "\u2022", "\u2024", "\u2027", "\u2219", "\u22C5",
                          "\u119E", "\u11A2", "\uFF65", "\uA78F", "\u0387"}) {
    EXPECT_THAT(analyzer->Terms(std::string("주방") + dot + "욕실"), ElementsAre("주방", "욕실")) << dot;
    EXPECT_THAT(analyzer->Terms(std::string("44") + dot + "55"), ElementsAre("44", "55")) << dot;
  }
  // The vowel of an old syllable is not a middle dot.
  EXPECT_THAT(analyzer->Terms("\u1112\u119E\u11AB"), Contains("\u1112\u119E\u11AB"));
  EXPECT_EQ(Print(*analyzer, "주방\u318D욕실"), "주방[0,2)@0 욕실[3,5)@1");
}

TEST(KoreanBigrams, MakesATermOfEveryEmoji) {
  const auto analyzer = NewAnalyzers({}).value()->Find("korean").value();
  const auto terms = [&](std::string_view text) { return analyzer->Terms(text); };
  EXPECT_THAT(terms("⛺\uFE0F"), ElementsAre("⛺"));
  EXPECT_THAT(terms("🛋\uFE0F"), ElementsAre("🛋"));
  EXPECT_THAT(terms("\uFE0F"), IsEmpty());
  EXPECT_THAT(terms("👍🏽"), ElementsAre("👍🏽", "👍"));
  EXPECT_THAT(terms("👨\u200D👩\u200D👧"), ElementsAre("👨\u200D👩\u200D👧"));
  EXPECT_THAT(terms("❤\uFE0F\u200D🔥"), ElementsAre("❤\u200D🔥"));
  EXPECT_THAT(terms("🇰🇷🇯🇵"), ElementsAre("🇰🇷", "🇯🇵"));
  EXPECT_THAT(terms("1\uFE0F\u20E3"), ElementsAre("1"));
  EXPECT_THAT(terms("▶ ★ ©"), IsEmpty());
  EXPECT_THAT(terms("캠핑⛺텐트"), ElementsAre("캠핑", "⛺", "텐트"));
  EXPECT_EQ(Print(*analyzer, "⛺\uFE0F 텐트"), "⛺[0,2)@0 텐트[3,5)@1");
  EXPECT_EQ(Print(*analyzer, "텐\u00AD트 a\u200Db"), "텐트[0,3)@0 ab[4,7)@1");
}

TEST(KoreanBigrams, KeepsALongLatinWordWhole) {
  const auto analyzer = NewAnalyzers({}).value()->Find("korean").value();
  EXPECT_THAT(analyzer->Terms(std::string(766, 'a')), ElementsAre(std::string(765, 'a')));
}

TEST(UserWords, RejectsPartsLongerThanTheWord) {
  AnalysisSettings settings;
  settings.tokenizers["t"] = {"korean", {{"user_dictionary_rules", "세종 세종 시"}}};
  settings.analyzers["a"] = {"t", {}, {}};
  const auto made = NewAnalyzers({}).value()->Build("a", settings);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(made.error().got, "세종 세종 시");
}

TEST(UserWords, RejectsAWordThatIsTooLong) {
  AnalysisSettings settings;
  settings.tokenizers["t"] = {"korean", {{"user_dictionary_rules", std::string(256, 'a')}}};
  settings.analyzers["a"] = {"t", {}, {}};
  EXPECT_EQ(NewAnalyzers({}).value()->Build("a", settings).error().kind(), ErrorKind::kLimit);
}

TEST(UserWords, KeepPunctuationThatTheyContain) {
  AnalysisSettings settings;
  settings.tokenizers["t"] = {"korean", {{"user_dictionary_rules", "# languages\nc++\nC\n"}}};
  settings.analyzers["a"] = {"t", {}, {}};
  const auto analyzer = NewAnalyzers({}).value()->Build("a", settings).value();
  EXPECT_THAT(analyzer->Terms("C++ 책"), ElementsAre("c++", "책"));
  EXPECT_THAT(analyzer->Terms("cable c"), ElementsAre("cable", "c"));
}

TEST(WordFiles, AreReadBelowTheirFolderOnly) {
  const test::TempFolder temporary;
  const std::string& folder = temporary.path();
  std::ofstream(folder + "/brands.txt") << "헬리녹스\n";
  std::filesystem::create_symlink("/etc/passwd", folder + "/link.txt");
  AnalyzersOptions options;
  options.word_file_dir = folder;
  const auto analyzers = NewAnalyzers(options).value();
  EXPECT_THAT(analyzers->ReadWordFile("brands.txt").value(), ElementsAre("헬리녹스"));
  for (const char* path : {"../brands.txt", "link.txt", "/etc/passwd", "", ".", "nosuch.txt"}) {
    const auto read = analyzers->ReadWordFile(path);
    ASSERT_FALSE(read.ok()) << path;
    EXPECT_EQ(read.error().kind(), ErrorKind::kInvalid) << path;
    EXPECT_EQ(read.error().ToString().find(folder), std::string::npos) << read.error().ToString();
  }
  EXPECT_FALSE(NewAnalyzers({}).value()->ReadWordFile("brands.txt").ok());
}

// Tests that need the dictionary, which tools/korean_dictionary.sh builds.
class KoreanMorphemes : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = test::SourceFolder() + "/build/deps/mecab-ko-dic";
    if (!std::filesystem::exists(folder + "/sys.dic")) GTEST_SKIP() << "no Korean dictionary in " << folder;
    auto made = NewAnalyzers({folder, ""});
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

TEST_F(KoreanMorphemes, FindsEachNumberOfAList) {
  EXPECT_TRUE(Finds("55", "원피스 44,55,66"));
  EXPECT_TRUE(Finds("2인용 텐트", "1,2인용 텐트"));
  EXPECT_TRUE(Finds("75인치", "65,75인치 TV"));
  EXPECT_TRUE(Finds("65", "65,75인치 TV"));
  EXPECT_TRUE(Finds("2024", "출시 2024.01.15"));
  EXPECT_TRUE(Finds("2024.01", "출시 2024.01.15"));
  EXPECT_TRUE(Finds("2024.01.15", "출시 2024.01.15"));
  EXPECT_TRUE(Finds("100", "티셔츠 95,100,105"));
  EXPECT_TRUE(Finds("1.2", "펌웨어 1.2.3"));
  EXPECT_FALSE(Finds("12인용 텐트", "1,2인용 텐트"));
  EXPECT_FALSE(Finds("5인치", "3.5인치"));
  for (const auto& [a, b] :
       {std::pair{"10.1인치", "10.1 인치"}, {"1200원", "1,200원"}, {"12900", "12,900"}}) {
    EXPECT_TRUE(Finds(a, b)) << a;
    EXPECT_TRUE(Finds(b, a)) << b;
  }
}

TEST_F(KoreanMorphemes, SplitsAtMiddleDotsAndFindsEmoji) {
  EXPECT_TRUE(Finds("주방", "생활\u318D주방\u318D욕실 용품"));
  EXPECT_TRUE(Finds("⛺", "캠핑 ⛺\uFE0F 텐트"));
  EXPECT_FALSE(Finds("⛺\uFE0F", "🛋\uFE0F 쿠션"));
  EXPECT_TRUE(Finds("👍", "최고 👍🏽"));
}

TEST_F(KoreanMorphemes, MakesOneTermOfALongLatinWord) {
  EXPECT_THAT(Terms("Donaudampfschifffahrtsgesellschaft 모자"),
              ElementsAre("donaudampfschifffahrtsgesellschaft", "모자"));
  EXPECT_THAT(Terms("abcdefghijklmnopqrstuvwxyzabcdefgh의"), Not(Contains("h")));
  EXPECT_THAT(Terms("1234567890123456789012345678901234567890"),
              ElementsAre("1234567890123456789012345678901234567890"));
  for (const std::string& term : Terms(std::string(3000, 'a') + " 모자")) EXPECT_GT(term.size(), 1u);
}

TEST_F(KoreanMorphemes, UsesAUserDictionary) {
  AnalysisSettings settings;
  settings.tokenizers["own"] = {"korean", {{"user_dictionary_rules", "c++\n헬리녹스\n세종시 세종 시"}}};
  settings.analyzers["own"] = {"own", {}, {}};
  const auto own = analyzers_->Build("own", settings).value();
  EXPECT_THAT(own->Terms("헬리녹스를"), ElementsAre("헬리녹스를", "헬리녹스"));
  EXPECT_THAT(own->Terms("C++"), ElementsAre("c++"));
  EXPECT_THAT(own->Terms("세종시"), ElementsAre("세종시", "세종", "시"));
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
