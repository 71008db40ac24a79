#include "language/bounds.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

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
  EXPECT_EQ(rejected("55 원피스"), "");
  EXPECT_EQ(rejected("knot 55"), "");
  EXPECT_EQ(rejected("55 아니면 66"), "") << "or";
}

}  // namespace
}  // namespace trine::language
