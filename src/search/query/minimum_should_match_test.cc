#include "search/query/minimum_should_match.h"

#include <gtest/gtest.h>

namespace trine::search {
namespace {

TEST(MinimumShouldMatchTest, ParsesEveryForm) {
  struct Case {
    const char* spec;
    int optional, expected;
  };
  const Case cases[] = {
      {"2", 5, 2},           {"-1", 5, 4},          {"75%", 4, 3},          {"75%", 5, 3},
      {"-25%", 4, 3},        {"-25%", 5, 4},        {"100%", 3, 3},         {"0", 3, 0},
      {"-7", 3, 0},          {"9", 3, 9},           {"2<75%", 2, 2},        {"2<75%", 4, 3},
      {"2<-25% 9<-3", 2, 2}, {"2<-25% 9<-3", 8, 6}, {"2<-25% 9<-3", 10, 7}, {" 2 < 75% ", 4, 3},
      {"3<90%", 3, 3},       {"+2", 4, 2},          {"33%", 3, 0},          {"1<50% 3<2", 3, 1}};
  for (const Case& c : cases) {
    const auto got = MinimumShouldMatch(c.spec, c.optional);
    ASSERT_TRUE(got.ok()) << c.spec;
    EXPECT_EQ(*got, c.expected) << c.spec << " of " << c.optional;
  }
}

TEST(MinimumShouldMatchTest, RejectsInvalidSpecs) {
  for (const char* spec : {"", "x", "%", "2%%", "<", "2<", "<2", "2<3<4", "2<75% 3", "1.5", "99999999999",
                           ("\xED\x95\x9C"
                            "2"),
                           "2\xED\x95\x9C"}) {
    const auto got = MinimumShouldMatch(spec, 3);
    ASSERT_FALSE(got.ok()) << spec;
    EXPECT_EQ(got.error().code, ErrorCode::kInvalidQuery);
  }
}

}  // namespace
}  // namespace trine::search
