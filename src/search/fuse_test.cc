// Compares fused scores with those of an OpenSearch node. They must be equal, except for geometric means,
// because exp and log of two libraries can differ in the last bit.
#include "search/fuse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace trine::search {
namespace {

using Normalization = Fusion::Normalization;
using Combination = Fusion::Combination;
using Mode = ScoreBound::Mode;
using Scores = std::vector<float>;
using ScoreBounds = std::vector<ScoreBound>;

// Builds lists of hits from document numbers and scores. The row of a hit is its document number.
std::vector<std::vector<Hit>> Lists(const std::vector<std::vector<std::pair<int, float>>>& lists) {
  std::vector<std::vector<Hit>> out;
  for (const auto& list : lists) {
    auto& hits = out.emplace_back();
    for (const auto& [number, score] : list) {
      Hit hit;
      hit.id = "d" + std::to_string(number);
      hit.row = static_cast<Row>(number);
      hit.score = score;
      hits.push_back(hit);
    }
  }
  return out;
}

// The two lists that the OpenSearch node fused.
std::vector<std::vector<Hit>> Golden() {
  return Lists({{{1, 1.2336599f}, {2, 0.8f}, {3, 0.3f}}, {{1, 0.9f}, {3, 0.5f}, {4, 0.4f}}});
}

// Returns the fused scores in the order of document numbers.
Scores Fused(const Fusion& fusion, const std::vector<std::vector<Hit>>& lists) {
  const auto hits = Fuse(fusion, lists);
  EXPECT_TRUE(hits.ok());
  std::map<Row, float> by_row;
  for (const Hit& hit : *hits) by_row[hit.row] = hit.score;
  Scores scores;
  for (const auto& [row, score] : by_row) scores.push_back(score);
  return scores;
}

void ExpectScores(const Scores& got, const Scores& expected, bool exact, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    if (exact) {
      EXPECT_EQ(got[i], expected[i]) << what << " d" << i + 1;
    } else {
      EXPECT_NEAR(got[i], expected[i], expected[i] * 1e-6f) << what << " d" << i + 1;
    }
  }
}

struct Case {
  Normalization normalization;
  Combination combination;
  bool weighted;  // [0.4, 0.6]
  Scores expected;
};

TEST(FuseTest, CombinationsEqualGoldenScores) {
  const Case cases[] = {
      {Normalization::kMinMax,
       Combination::kArithmetic,
       false,
       {1.0f, 0.267763466f, 0.100500003f, 0.000500000024f}},
      {Normalization::kMinMax,
       Combination::kArithmetic,
       true,
       {1.0f, 0.214210778f, 0.120400004f, 0.000600000028f}},
      {Normalization::kMinMax,
       Combination::kGeometric,
       false,
       {1.0f, 0.535526931f, 0.014142138f, 0.000999999931f}},
      {Normalization::kMinMax,
       Combination::kGeometric,
       true,
       {1.0f, 0.535526931f, 0.0240224916f, 0.000999999931f}},
      {Normalization::kMinMax,
       Combination::kHarmonic,
       false,
       {1.0f, 0.535526931f, 0.00199004984f, 0.00100000005f}},
      {Normalization::kMinMax,
       Combination::kHarmonic,
       true,
       {1.0f, 0.535526931f, 0.00248138956f, 0.00100000005f}},
      {Normalization::kL2,
       Combination::kArithmetic,
       false,
       {0.818455815f, 0.266553164f, 0.326296806f, 0.181071505f}},
      {Normalization::kL2,
       Combination::kArithmetic,
       true,
       {0.817728996f, 0.213242531f, 0.351573199f, 0.217285812f}},
      {Normalization::kL2,
       Combination::kGeometric,
       false,
       {0.818447709f, 0.533106327f, 0.300827593f, 0.36214301f}},
      {Normalization::kL2, Combination::kGeometric, true, {0.81772125f, 0.5331063f, 0.32644653f, 0.362143f}},
      {Normalization::kL2,
       Combination::kHarmonic,
       false,
       {0.818439603f, 0.533106327f, 0.277346313f, 0.36214301f}},
      {Normalization::kL2, Combination::kHarmonic, true, {0.81771344f, 0.5331063f, 0.3006348f, 0.362143f}},
      {Normalization::kZScore,
       Combination::kArithmetic,
       false,
       {1.05469406f, 0.0236647204f, 0.00100000005f, 0.000500000024f}},
      {Normalization::kZScore,
       Combination::kArithmetic,
       true,
       {1.07053399f, 0.0189317763f, 0.00100000005f, 0.000600000028f}},
      {Normalization::kRrf,
       Combination::kRrf,
       false,
       {0.0327868834f, 0.0161290318f, 0.0320020467f, 0.0158730168f}},
      {Normalization::kRrf,
       Combination::kRrf,
       true,
       {0.0163934417f, 0.0064516128f, 0.0160266273f, 0.00952381082f}},
      {Normalization::kRrf,
       Combination::kArithmetic,
       false,
       {0.016393442f, 0.008064516f, 0.016001023f, 0.007936508f}},
  };
  for (const Case& c : cases) {
    Fusion fusion;
    fusion.normalization = c.normalization;
    fusion.combination = c.combination;
    if (c.weighted) fusion.weights = {0.4f, 0.6f};
    ASSERT_TRUE(Check(fusion).ok());
    ExpectScores(Fused(fusion, Golden()), c.expected, c.combination != Combination::kGeometric,
                 "case " + std::to_string(&c - cases));
  }
}

TEST(FuseTest, NormalizationsEqualGoldenScores) {
  const Scores first{1.2336599f, 0.8f, 0.3f}, second{0.9f, 0.5f, 0.4f};
  Fusion fusion;
  ExpectScores(Normalize(fusion, 0, first), {1.0f, 0.535526931f, 0.00100000005f}, true, "min_max");
  ExpectScores(Normalize(fusion, 1, second), {1.0f, 0.200000003f, 0.00100000005f}, true, "min_max");
  fusion.normalization = Normalization::kL2;
  ExpectScores(Normalize(fusion, 0, first), {0.822089851f, 0.533106327f, 0.199914888f}, true, "l2");
  ExpectScores(Normalize(fusion, 1, second), {0.81482172f, 0.45267874f, 0.36214301f}, true, "l2");
  fusion.normalization = Normalization::kZScore;
  ExpectScores(Normalize(fusion, 0, first), {0.975494921f, 0.0473294407f, 0.00100000005f}, true, "z_score");
  ExpectScores(Normalize(fusion, 1, second), {1.13389325f, 0.00100000005f, 0.00100000005f}, true, "z_score");
  fusion.normalization = Normalization::kRrf;
  ExpectScores(Normalize(fusion, 0, first), {0.0163934417f, 0.0161290318f, 0.0158730168f}, true, "rrf");
}

TEST(FuseTest, EdgeCasesEqualGoldenScores) {
  Fusion rrf;
  rrf.normalization = Normalization::kRrf;
  rrf.combination = Combination::kRrf;
  rrf.rank_constant = 1;
  ExpectScores(Fused(rrf, Golden()), {1.0f, 0.33333334f, 0.5833334f, 0.25f}, true, "rank constant 1");
  Fusion z;
  z.normalization = Normalization::kZScore;
  EXPECT_EQ(Normalize(z, 0, {3, 2, 1}), (Scores{1.0f, 3.0f, 0.001f})) << "the mean gets the raw maximum";
  EXPECT_EQ(Normalize(z, 0, {12.3f}), (Scores{12.3f})) << "a single hit stays raw";
  // Each list has only the first two hits.
  const auto cut = Lists({{{1, 1.2336599f}, {2, 0.8f}}, {{1, 0.9f}, {3, 0.5f}}});
  ExpectScores(Fused({}, cut), {1.0f, 5.0e-4f, 5.0e-4f}, true, "size 2");
  EXPECT_EQ(Normalize({}, 0, {0.7f, 0.7f}), (Scores{1, 1}));
}

Scores Bounded(Mode mode, float bound, const ScoreBounds& upper_bounds) {
  Fusion fusion;
  fusion.upper_bounds = upper_bounds;
  fusion.lower_bounds = {{mode, bound}};
  const auto lists = Lists({{{1, 10}, {2, 5.1f}, {3, 5.0f}, {4, 4.9f}, {5, 1}}});
  return Fused(fusion, lists);
}

TEST(FuseTest, LowerBoundsMatchNeuralSearch31) {
  const ScoreBounds upper_bounds;
  ExpectScores(Bounded(Mode::kApply, 5, upper_bounds), {1.0f, 0.01999998f, 0.0f, 0.43333334f, 0.0f}, true,
               "apply 5");
  ExpectScores(Bounded(Mode::kClip, 5, upper_bounds), {1.0f, 0.01999998f, 0.0f, 0.0f, 0.0f}, true, "clip 5");
  ExpectScores(Bounded(Mode::kIgnore, 5, upper_bounds), {1.0f, 0.45555556f, 0.44444445f, 0.43333334f, 0.001f},
               true, "ignore");
  ExpectScores(Bounded(Mode::kApply, 0.5f, upper_bounds),
               {1.0f, 0.48421052f, 0.47368422f, 0.4631579f, 0.05263158f}, true, "apply .5");
  ExpectScores(Bounded(Mode::kClip, 0.5f, upper_bounds),
               {1.0f, 0.48421052f, 0.47368422f, 0.4631579f, 0.05263158f}, true, "clip .5");
  ExpectScores(Bounded(Mode::kApply, 0, upper_bounds), {1.0f, 0.51f, 0.5f, 0.49f, 0.1f}, true, "apply 0");
  ExpectScores(Bounded(Mode::kApply, 20, upper_bounds), {1.0f, 0.45555556f, 0.44444445f, 0.43333334f, 0.0f},
               true, "apply 20");
  ExpectScores(Bounded(Mode::kApply, 10, upper_bounds), {0.0f, 0.45555556f, 0.44444445f, 0.43333334f, 0.0f},
               true, "apply 10");
  ExpectScores(Bounded(Mode::kClip, 10, upper_bounds), {0.0f, 0.0f, 0.0f, 0.0f, 0.0f}, true, "clip 10");
  // The combination ignores a score below a clipping bound, and the weight of that score.
  Fusion two;
  two.lower_bounds = {{Mode::kClip, 0.5f}, {Mode::kIgnore, 0}};
  ExpectScores(Fused(two, Golden()), {1.0f, 0.20445442f, 0.2f, 5.0e-4f}, true, "two");
}

TEST(FuseTest, BoundsMatchNeuralSearch32IfUpperBoundsAreSet) {
  const ScoreBounds upper_bounds{{Mode::kIgnore, 0}};
  ExpectScores(Bounded(Mode::kApply, 5, upper_bounds), {1.0f, 0.01999998f, 0.44444445f, 0.43333334f, 0.001f},
               true, "apply 5");
  ExpectScores(Bounded(Mode::kClip, 5, upper_bounds), {1.0f, 0.01999998f, 0.001f, 0.001f, 0.001f}, true,
               "clip 5");
  ExpectScores(Bounded(Mode::kApply, 20, upper_bounds), {1.0f, 0.45555556f, 0.44444445f, 0.43333334f, 0.001f},
               true, "apply 20");
  ExpectScores(Bounded(Mode::kApply, 10, upper_bounds), {1.0f, 0.45555556f, 0.44444445f, 0.43333334f, 0.001f},
               true, "apply 10");
  ExpectScores(Bounded(Mode::kClip, 10, upper_bounds), {1.0f, 0.001f, 0.001f, 0.001f, 0.001f}, true,
               "clip 10");
  Fusion two;
  two.upper_bounds = {{Mode::kIgnore, 0}, {Mode::kIgnore, 0}};
  two.lower_bounds = {{Mode::kClip, 0.5f}, {Mode::kIgnore, 0}};
  ExpectScores(Fused(two, Golden()), {1.0f, 0.20445442f, 0.1005f, 5.0e-4f}, true, "two");
  Fusion upper;
  upper.upper_bounds = {{Mode::kApply, 1}};
  const Scores scores{12, 1.5f, 0.99f, 0.2f};
  ExpectScores(Normalize(upper, 0, scores), {1.0f, 0.110169485f, 0.9875f, 0.001f}, true, "upper apply");
  upper.upper_bounds = {{Mode::kClip, 1}};
  ExpectScores(Normalize(upper, 0, scores), {1.0f, 1.0f, 0.9875f, 0.001f}, true, "upper clip");
}

TEST(FuseTest, ReturnsRanksAndRawScoresInScoreOrder) {
  const auto hits = Fuse({}, Golden());
  ASSERT_TRUE(hits.ok());
  ASSERT_EQ(hits->size(), 4u);
  EXPECT_EQ((*hits)[0].id, "d1");
  EXPECT_EQ((*hits)[2].id, "d3");
  ASSERT_EQ((*hits)[2].clauses.size(), 2u);
  EXPECT_EQ((*hits)[2].clauses[0].rank, 3u);
  EXPECT_EQ((*hits)[2].clauses[1].rank, 2u);
  EXPECT_EQ((*hits)[2].clauses[1].score, 0.5f);
  EXPECT_EQ((*hits)[3].clauses[0].rank, 0u) << "d4 is not in the first list";
  // Equal scores are ordered by target, segment and row.
  auto lists = Lists({{{7, 1}, {3, 1}, {5, 1}}});
  lists[0][0].segment = 1;
  const auto tied = Fuse({}, lists);
  EXPECT_EQ((*tied)[0].id, "d3");
  EXPECT_EQ((*tied)[2].id, "d7");
}

TEST(FuseTest, SortsNanFirst) {
  auto lists = Lists({{{1, 1}, {2, std::numeric_limits<float>::quiet_NaN()}, {3, 2}}});
  Fusion fusion;
  fusion.normalization = Normalization::kNone;
  fusion.combination = Combination::kGeometric;
  const auto hits = Fuse(fusion, lists);
  EXPECT_TRUE(std::isnan((*hits)[0].score));
  EXPECT_EQ((*hits)[1].id, "d3");
}

TEST(FuseTest, ExplainsWithoutChangingScores) {
  auto lists = Golden();
  for (auto& list : lists) {
    for (Hit& hit : list)
      hit.explanation = std::make_shared<const Explanation>(Explanation{hit.score, "raw", {}, true});
  }
  const auto hits = Fuse({}, lists);
  EXPECT_EQ((*hits)[1].score, 0.267763466f);
  ASSERT_NE((*hits)[0].explanation, nullptr);
  EXPECT_EQ((*hits)[0].explanation->value, (*hits)[0].score);
  EXPECT_EQ((*hits)[0].explanation->details.size(), 2u);
}

TEST(FuseTest, RejectsInvalidSettings) {
  auto rejects = [](auto change) {
    Fusion fusion;
    change(&fusion);
    const Status status = Check(fusion);
    return !status.ok() && status.error().kind() == ErrorKind::kInvalid &&
           status.error().code == ErrorCode::kFusion;
  };
  EXPECT_TRUE(rejects([](Fusion* f) { f->weights = {0.5f, 0.6f}; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->weights = {1.5f, -0.5f}; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->weights = {std::nanf(""), 1}; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->rank_constant = 0; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->rank_constant = 10001; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->lower_bounds.resize(6); }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->lower_bounds = {{Mode::kApply, 10001}}; }));
  EXPECT_TRUE(rejects([](Fusion* f) { f->combination = Combination::kRrf; }));
  EXPECT_TRUE(rejects([](Fusion* f) {
    f->normalization = Normalization::kZScore;
    f->combination = Combination::kGeometric;
  }));
  EXPECT_TRUE(rejects([](Fusion* f) {
    f->normalization = Normalization::kL2;
    f->lower_bounds.resize(1);
  }));
  EXPECT_FALSE(rejects([](Fusion* f) { f->weights = {0.5f, 0.49f}; }));
  EXPECT_FALSE(rejects([](Fusion* f) { f->weights = {0.5f, 0.51f}; }));
  EXPECT_FALSE(rejects([](Fusion* f) { f->weights = {1, 0}; }));
  Fusion counts;
  counts.weights = {0.2f, 0.3f, 0.5f};
  EXPECT_FALSE(Fuse(counts, Golden()).ok());
  Fusion bounds;
  bounds.lower_bounds.resize(1);
  EXPECT_FALSE(Fuse(bounds, Golden()).ok());
}

TEST(FuseTest, DividesByTheSumOfWeights) {
  Fusion fusion;
  fusion.weights = {0.5f, 0.49f};
  EXPECT_EQ(Fused(fusion, Golden())[0], 1.0f);
}

// Stored search pipelines contain these numbers (docs/formats/pipelines.md).
TEST(FuseTest, StoredEnumNumbersNeverChange) {
  EXPECT_EQ(static_cast<int>(Normalization::kMinMax), 0);
  EXPECT_EQ(static_cast<int>(Normalization::kL2), 1);
  EXPECT_EQ(static_cast<int>(Normalization::kZScore), 2);
  EXPECT_EQ(static_cast<int>(Normalization::kRrf), 3);
  EXPECT_EQ(static_cast<int>(Normalization::kNone), 4);
  EXPECT_EQ(static_cast<int>(Combination::kArithmetic), 0);
  EXPECT_EQ(static_cast<int>(Combination::kGeometric), 1);
  EXPECT_EQ(static_cast<int>(Combination::kHarmonic), 2);
  EXPECT_EQ(static_cast<int>(Combination::kRrf), 3);
  EXPECT_EQ(static_cast<int>(Mode::kApply), 0);
  EXPECT_EQ(static_cast<int>(Mode::kClip), 1);
  EXPECT_EQ(static_cast<int>(Mode::kIgnore), 2);
}

}  // namespace
}  // namespace trine::search
