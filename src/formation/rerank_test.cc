#include "formation/rerank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace trine::formation {
namespace {

// The search order is A B C D E, the personal order is `personal`. The scores were recorded on an OpenSearch
// node.
struct Row {
  double weight;
  std::string personal;
  std::vector<float> scores;
  std::string order;
};

std::vector<uint32_t> Ranks(const std::string& personal) {
  std::vector<uint32_t> ranks;
  for (char item : std::string("ABCDE")) ranks.push_back(static_cast<uint32_t>(personal.find(item) + 1));
  return ranks;
}

TEST(Rerank, MatchesScoresOfTheOpenSearchPlugin) {
  const Row rows[] = {
      {0.25, "CAEBD", {0.907732427f, 0.580866456f, 0.625f, 0.41972062f, 0.415139616f}, "ACBDE"},
      {0.30, "CAEBD", {0.889278948f, 0.57085377f, 0.649999976f, 0.417529434f, 0.420796961f}, "ACBED"},
      {0.50, "CAEBD", {0.81546485f, 0.53080314f, 0.75f, 0.4087647f, 0.4434264f}, "ACBED"},
      {1.00, "CAEBD", {0.630929768f, 0.43067655f, 1.0f, 0.386852801f, 0.5f}, "CAEBD"},
      {0.30, "ZCAEBD", {0.85f, 0.55770665f, 0.5392789f, 0.40833575f, 0.39999995f}, "ABCDE"},
      {0.30, "CCAAEBD", {0.85f, 0.548513f, 0.65f, 0.40147358f, 0.3868528f}, "ACBDE"},
  };
  for (const Row& row : rows) {
    const auto scores = BlendRanks(row.weight, Ranks(row.personal));
    for (size_t i = 0; i < scores.size(); ++i)
      EXPECT_FLOAT_EQ(scores[i], row.scores[i]) << row.weight << " " << row.personal << " " << i;
    std::string order;
    for (size_t i : OrderByScore(scores)) order += "ABCDE"[i];
    EXPECT_EQ(order, row.order);
  }
}

TEST(Rerank, HitWithoutPersonalRankKeepsOnlySearchTerm) {
  const auto scores = BlendRanks(0.3, {2, 0, 1, 0, 3});  // the recommender returned C A E
  EXPECT_FLOAT_EQ(scores[0], 0.88927895f);
  EXPECT_FLOAT_EQ(scores[2], 0.65f);
  EXPECT_FLOAT_EQ(scores[1], static_cast<float>(0.7 / std::log2(3.0)));
  EXPECT_EQ(OrderByScore(scores).front(), 0u);
}

TEST(Rerank, KeepsOrderOfEqualScores) {
  EXPECT_EQ(OrderByScore({1, 2, 2, 1}), (std::vector<size_t>{1, 2, 0, 3}));
}

}  // namespace
}  // namespace trine::formation
