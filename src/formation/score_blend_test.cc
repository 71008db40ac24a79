#include "formation/score_blend.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace trine::formation {
namespace {

TEST(AutoWeight, FallsWithSpecificityAndRisesWithEventCount) {
  language::QueryIntent browsing, named;
  named.specificity = 1;
  EXPECT_GT(AutoWeight(browsing, 50).value, 0.6);
  EXPECT_LT(AutoWeight(named, 50).value, 0.15);
  EXPECT_GT(AutoWeight(browsing, 50).value, AutoWeight(browsing, 0).value);
  EXPECT_NE(AutoWeight(browsing, 0).why.find("0 known events"), std::string::npos);
}

TEST(BlendScores, GuardKeepsIrrelevantCandidatesDown) {
  // Two matching earphones, and a cable that the person prefers but did not ask for.
  for (double weight : {0.0, 0.3, 0.5, 0.8, 1.0}) {
    std::vector<CandidateScores> c(3);
    c[0].search = 1.0;
    c[0].personal = 0.01;
    c[1].search = 0.7;
    c[1].personal = 0.02;
    c[2].search = 0.15;
    c[2].personal = 1.0;
    BlendScores(weight, std::vector<PersonalShares>(3, {1, 0, 0}), &c);
    EXPECT_LT(c[2].score, std::max(c[0].score, c[1].score)) << weight;
  }
}

TEST(BlendScores, PartsAddUpToTheScore) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<CandidateScores> c(1 + random.Below(20));
    std::vector<PersonalShares> shares;
    for (CandidateScores& one : c) {
      one.search = random.Uniform();
      one.personal = random.Uniform();
      one.rule = random.Below(2) == 0 ? 0 : random.Uniform();
      shares.push_back({0.5, 0.3, 0.2});
    }
    BlendScores(random.Uniform(), shares, &c);
    for (const CandidateScores& one : c)
      EXPECT_NEAR(one.score, one.base + one.taste + one.popularity + one.exploration + one.wish, 1e-12);
  }
}

TEST(BlendScores, KeepsThePersonalOrderWithoutSearchScores) {
  std::vector<CandidateScores> c(2);
  c[0].personal = 1;
  c[1].personal = 2;
  BlendScores(0.7, std::vector<PersonalShares>(2, {1, 0, 0}), &c);
  EXPECT_GT(c[1].score, c[0].score);
}

TEST(PersonalSharesOf, GroupsCausesByKind) {
  using Kind = recommend::Cause::Kind;
  std::vector<recommend::Cause> because(3);
  because[0].kind = Kind::kEvent;
  because[0].amount = 3;
  because[1].kind = Kind::kPopularity;
  because[1].amount = 1;
  because[2].kind = Kind::kTrend;
  because[2].amount = -5;  // a negative amount does not count as a share
  const PersonalShares s = PersonalSharesOf(because);
  EXPECT_DOUBLE_EQ(s.taste, 0.75);
  EXPECT_DOUBLE_EQ(s.popularity, 0.25);
  EXPECT_DOUBLE_EQ(PersonalSharesOf({}).popularity, 1);
}

}  // namespace
}  // namespace trine::formation
