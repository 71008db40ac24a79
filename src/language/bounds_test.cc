#include "language/bounds.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "language/bound_negation.h"
#include "language/refusal_marks.h"

namespace trine::language {
namespace {

// The bound on the only number of a text: "<5", ">=5", or "" if there is none.
std::string Show(std::string_view text) {
  const size_t begin = text.find_first_of("0123456789");
  const size_t end = text.find_first_not_of("0123456789", begin);
  const auto word = FindBoundWord(text, begin, std::min(end, text.size()));
  if (!word) return "";
  return std::string(word->upper ? "<" : ">") + (word->exclusive ? "" : "=");
}

TEST(FindBoundWord, TellsWhetherTheNumberItselfIsInside) {
  for (const char* text : {"5 이하",
                           "5이하 의자",
                           "5 이내",
                           "5까지",
                           "5을 넘지 않는 의자",
                           "5를 안 넘는",
                           "5을 넘으면 안 돼요",
                           "5 한도",
                           "최대 5",
                           "예산은 5",
                           "up to 5",
                           "at most 5",
                           "no more than 5",
                           "not over 5",
                           "not above 5",
                           "5 or less",
                           "5 max",
                           "budget of 5",
                           "<= 5",
                           "의자 ≤ 5"})
    EXPECT_EQ(Show(text), "<=") << text;
  for (const char* text :
       {"5 미만", "5미만의", "5 아래", "5 밑으로", "5보다 싼", "5보다 가벼운", "5이 안 되는 의자", "under 5",
        "below 5", "less than 5", "lighter than 5", "cheaper than 5", "< 5"})
    EXPECT_EQ(Show(text), "<") << text;
  for (const char* text : {"5 이상", "5부터", "최소 5", "at least 5", "no less than 5", "not under 5",
                           "from 5", "5 or more", "5 and up", ">= 5"})
    EXPECT_EQ(Show(text), ">=") << text;
  for (const char* text : {"5 초과", "5을 넘는", "5를 초과하는", "5보다 비싼", "5보다 무거운", "over 5",
                           "above 5", "more than 5", "heavier than 5", "> 5"})
    EXPECT_EQ(Show(text), ">") << text;
}

TEST(FindBoundWord, ReadsAConjunctionAsTheBeginningOfTheNextBound) {
  EXPECT_EQ(Show("over 5 and under 9"), ">");
  EXPECT_EQ(Show("under 5 won and over 3 won"), "<");
  EXPECT_EQ(Show("over 5 and under $9"), ">");
  EXPECT_EQ(Show("5 and over, 9 of them"), ">=");
}

TEST(FindBoundWord, TakesNoOtherWordForABound) {
  for (const char* text :
       {"5", "5 이상한 의자", "5 밑창", "sunder 5", "moreover5", "5 or lesson", "두 번째 5 의자"})
    EXPECT_EQ(Show(text), "") << text;
}

// The words of the tables, to be compared with a naive reading of them.
struct TableWord {
  std::string_view place, side, edge, word;
  bool limit, time;
};
constexpr TableWord kTable[] = {
#define BOUND_WORD(place, side, edge, word, source) TableWord{#place, #side, #edge, word, false, false},
#define BOUND_LIMIT(place, side, edge, word, source) TableWord{#place, #side, #edge, word, true, false},
#define BOUND_TIME(place, side, edge, word, source) TableWord{#place, #side, #edge, word, false, true},
#include "language/bound_words.inc"
#undef BOUND_WORD
};

bool IsLatin(std::string_view word) { return static_cast<unsigned char>(word.front()) < 0x80; }

// The bound that a word sets, by its row of the table; turned round once if it is negated.
std::string Expected(const TableWord& word, bool negated) {
  if (negated && word.limit) return "?";
  const bool upper = (word.side == "kMost") != negated, exclusive = (word.edge == "kExclusive") != negated;
  return std::string(upper ? "<" : ">") + (exclusive ? "" : "=");
}

// The number with the word.
std::string Phrase(const TableWord& word, const std::string& number) {
  const std::string text(word.word);
  if (word.place == "kBefore") return text + (text == "~" ? "" : " ") + number;
  return number + (word.place == "kThan" ? "보다 " : " ") + text;
}

// The bound on the number of a text, "?" if it is not understood, "" if there is none.
std::string ShowNumber(const std::string& text, const std::string& number) {
  const size_t begin = text.find(number);
  const auto word = FindBoundWord(text, begin, begin + number.size());
  if (!word) return "";
  if (!word->understood) return "?";
  return std::string(word->upper ? "<" : ">") + (word->exclusive ? "" : "=");
}

TEST(FindBoundWord, AgreesWithTheTablesForEveryNumberUnitWordAndNegation) {
  for (const TableWord& word : kTable) {
    for (const std::string number : {"7", "50000원", "5만원", "$50", "2kg", "60,000 won", "4인용"}) {
      const std::string phrase = Phrase(word, number);
      EXPECT_EQ(ShowNumber("의자 " + phrase, number), Expected(word, false)) << phrase;
      for (const Mark& mark : Marks()) {
        if (!mark.Binds(kBound) || mark.sense != MarkSense::kRefuses) continue;
        const bool before = mark.side == MarkSide::kBefore;
        if (before && !IsLatin(word.word)) continue;
        if (!before && IsLatin(mark.words) != IsLatin(word.word)) continue;
        // A stem takes an ending before a negation: "넘는 건 빼고".
        const bool stem = word.place == "kStem" || word.place == "kThan";
        std::string middle = stem ? "는 것은 " : " ";
        if (stem && word.word.ends_with("는")) middle = " 것은 ";
        const std::string words(mark.words);
        const std::string text = before ? words + " " + phrase : phrase + middle + words;
        EXPECT_EQ(ShowNumber("의자, " + text, number), Expected(word, true)) << text;
      }
    }
  }
}

TEST(FindBoundWord, ReadsANegationThroughTheWordsBetween) {
  for (const std::string_view bridge : BoundBridges()) {
    const std::string text = "not " + std::string(bridge) + " over 5";
    // "do you" would be a question.
    EXPECT_EQ(ShowNumber(text, "5"), "<=") << text;
    EXPECT_EQ(ShowNumber("never not " + std::string(bridge) + " over 5", "5"), "?") << text;
  }
  for (const char* negated :
       {"doesn't", "don't", "won't", "can't", "isn’t", "shouldn't", "dont", "cant", "doesnt"})
    EXPECT_EQ(ShowNumber(std::string(negated) + " cost over 5", "5"), "<=") << negated;
  EXPECT_EQ(ShowNumber("keep it from going over 5", "5"), "<=");
  EXPECT_EQ(ShowNumber("hoodie under no circumstances over 5", "5"), "<=");
  EXPECT_EQ(ShowNumber("from over 5", "5"), ">");
  EXPECT_EQ(ShowNumber("other than over 5", "5"), "<=");
  EXPECT_EQ(ShowNumber("instead of under 5", "5"), ">=");
  EXPECT_EQ(ShowNumber("stay away from over 5", "5"), "<=");
  EXPECT_EQ(ShowNumber("stay away from 5", "5"), "") << "no bound";
}

TEST(FindBoundWord, NeverGuessesWhatANegationGoverns) {
  for (const char* unclear :
       {"nothing fancy over 5", "nah over 5", "not sure if over 5", "don't mind going over 5",
        "no problem if over 5", "hoodie that won't set me back more than 5",
        "hoodies, exclude hoodies over 5", "5 이하는 너무 싸서 싫어", "no hood under 5", "not black under 5",
        "not red or over 5", "5 이상은 안 돼요?", "5 이상은 안 되나요", "5 이상은 빼지 말고",
        "5 이하는 제외하지 말고", "5 이상이 안 되는 건 아니에요", "5를 넘지 않으면 안 돼요"})
    EXPECT_EQ(ShowNumber(unclear, "5"), "?") << unclear;
  for (const char* asked : {"don't you have any under 5", "do you not have any under 5",
                            "not red but under 5", "hoodie without a zip under 5", "not red, under 5"})
    EXPECT_EQ(ShowNumber(asked, "5"), "<") << asked;
}

TEST(Bounds, AreInvertedOnlyIfOneSided) {
  const auto low = Inverted(Bounds{std::nullopt, 5, false, true});
  ASSERT_TRUE(low.has_value());
  EXPECT_EQ(low->min, 5);
  EXPECT_FALSE(low->max || low->min_exclusive);
  EXPECT_TRUE(Inverted(Bounds{5, std::nullopt, false, false})->max_exclusive);
  EXPECT_FALSE(Inverted(Bounds{1, 2, false, false}).has_value());
}

TEST(AreAlternatives, FindsTheConjunction) {
  for (const char* joined : {" or ", " or tents ", " 또는 ", "거나 ", "이나 ", " 텐트 또는 ", " 텐트나 "})
    EXPECT_TRUE(AreAlternatives(joined)) << joined;
  for (const char* other : {" and ", " red or white tents ", " ", " or so and ", ", "})
    EXPECT_FALSE(AreAlternatives(other)) << other;
  EXPECT_TRUE(IsAlternative("red or under 5", 7));
  EXPECT_FALSE(IsAlternative("red under 5", 4));
}

TEST(Bounds, ExcludeWhatIsOutside) {
  EXPECT_TRUE(Bounds{}.Contains(5));
  EXPECT_TRUE((Bounds{std::nullopt, 5, false, false}.Contains(5)));
  EXPECT_FALSE((Bounds{std::nullopt, 5, false, true}.Contains(5)));
  EXPECT_TRUE((Bounds{std::nullopt, 5, false, true}.Contains(4.99)));
  EXPECT_TRUE((Bounds{5, std::nullopt, false, false}.Contains(5)));
  EXPECT_FALSE((Bounds{5, std::nullopt, true, false}.Contains(5)));
  EXPECT_FALSE((Bounds{5, 7, false, false}.Contains(7.01)));
  EXPECT_TRUE((Bounds{std::nullopt, 1100, false, false}.Contains(1.1 * 1000))) << "1.1 kg are 1,100 g";
  EXPECT_FALSE((Bounds{std::nullopt, 1100, false, true}.Contains(1.1 * 1000)));
  EXPECT_FALSE((Bounds{1, 2, false, false}.Contains(std::numeric_limits<double>::quiet_NaN())));
}

TEST(IsRejected, FindsWordsThatRejectANumber) {
  const auto rejected = [](std::string_view text) {
    size_t begin = text.find_first_of("0123456789"), end = text.find_first_not_of("0123456789", begin);
    end = std::min(end, text.size());
    return IsRejected(text, &begin, &end) ? std::string(text.substr(begin, end - begin)) : "";
  };
  EXPECT_EQ(rejected("55 말고 원피스"), "55 말고");
  EXPECT_EQ(rejected("원피스 55는 빼고"), "55는 빼고");
  EXPECT_EQ(rejected("55 사이즈 말고 66"), "55 사이즈 말고");
  EXPECT_EQ(rejected("55가 아닌 원피스"), "55가 아닌");
  EXPECT_EQ(rejected("dress not 55"), "not 55");
  EXPECT_EQ(rejected("dress other than size 55"), "other than size 55");
  EXPECT_EQ(rejected("55 사이즈는 별로예요"), "55 사이즈는 별로예요");
  EXPECT_EQ(rejected("55는 필요 없어요"), "55는 필요 없어요");
  EXPECT_EQ(rejected("55는 아니면 좋겠어요"), "55는 아니면 좋겠어요");
  EXPECT_EQ(rejected("55 ᄂᄂ"), "55 ᄂᄂ");
  EXPECT_EQ(rejected("anything but a 55"), "anything but a 55");
  EXPECT_EQ(rejected("i don't like 55"), "don't like 55");
  EXPECT_EQ(rejected("stay away from 55"), "stay away from 55");
  EXPECT_EQ(rejected("except for a 55"), "except for a 55");
  EXPECT_EQ(rejected("i don't have 55"), "");
  EXPECT_EQ(rejected("55 빼지 말고"), "") << "negated twice";
  EXPECT_EQ(rejected("55 빼곡한"), "");
  EXPECT_EQ(rejected("55 원피스"), "");
  EXPECT_EQ(rejected("knot 55"), "");
  EXPECT_EQ(rejected("55 아니면 66"), "") << "or";
}

TEST(IsRejected, AgreesWithTheTable) {
  for (const Mark& mark : Marks()) {
    if (mark.sense != MarkSense::kRefuses) continue;
    const bool before = mark.side == MarkSide::kBefore;
    const std::string words = std::string(mark.words) + (mark.form == MarkForm::kVerb ? " want" : "");
    for (const std::string& text :
         before ? std::vector<std::string>{"dress " + words + " 66", words + " a 66"}
                : std::vector<std::string>{"66 " + words, "66 사이즈는 " + words + " 원피스"}) {
      size_t begin = text.find("66"), end = begin + 2;
      EXPECT_EQ(IsRejected(text, &begin, &end), mark.Binds(kNumber)) << text;
    }
  }
}

TEST(FindRejectedNoun, TakesTheMarksOfNumbers) {
  const auto noun = [](std::string_view text) {
    const auto rejected = FindRejectedNoun(text, 1);
    return rejected ? std::string(rejected->noun) : "";
  };
  EXPECT_EQ(noun("5 후디는 빼고"), "후디");
  EXPECT_EQ(noun("5짜리 후디 말고"), "후디");
  EXPECT_EQ(noun("5 후디는 질색이에요"), "후디");
  EXPECT_EQ(noun("5 tents excluded"), "tents");
  EXPECT_EQ(noun("5 후디 추천"), "");
  EXPECT_EQ(noun("5 은 빼고"), "") << "a particle is not a noun";
  EXPECT_EQ(noun("5"), "");
}

}  // namespace
}  // namespace trine::language
