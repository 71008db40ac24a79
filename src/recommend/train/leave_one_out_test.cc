#include "recommend/train/leave_one_out.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "format/csv.h"
#include "test/support/source_folder.h"

namespace trine::recommend {
namespace {

std::filesystem::path SharedData() { return std::filesystem::path(test::SharedFolder()) / "data"; }

// Returns the decompressed file.
std::string ReadGzip(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string packed((std::istreambuf_iterator<char>(in)), {});
  auto source = format::NewGunzipSource(format::NewStringSource(packed));
  std::string text;
  while (true) {
    const auto piece = source->Next();
    if (!piece.ok() || piece->empty()) return text;
    text.append(*piece);
  }
}

struct Published {
  const char* name;
  double recall, ndcg;
};

class PublishedTable : public testing::TestWithParam<Published> {};
INSTANTIATE_TEST_SUITE_P(Sets, PublishedTable,
                         testing::Values(Published{"toys", .1033, .0661}, Published{"sports", .0527, .0327}),
                         [](const auto& set) { return set.param.name; });

TEST_P(PublishedTable, RulesReachPublishedFigures) {
  const auto path = SharedData() / GetParam().name / "sequences.txt.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " does not exist";
  const ItemSequences data = ReadSequences(ReadGzip(path)).value();
  const LeaveOneOutResult result = EvaluateRules(data);
  std::cout << GetParam().name << ": Recall@10 " << result.recall_at_10 << ", NDCG@10 " << result.ndcg_at_10
            << ", fit in " << result.seconds_to_fit << " s, " << result.people << " people\n";
  EXPECT_NEAR(result.recall_at_10, GetParam().recall, .0013);
  EXPECT_NEAR(result.ndcg_at_10, GetParam().ndcg, .0013);
}

TEST(LeaveOneOutTest, ReadsSequencesAndReportsInvalidLine) {
  const ItemSequences data = ReadSequences("1 a b c\n2 b d\r\n").value();
  EXPECT_EQ(data.items, 4u);
  ASSERT_EQ(data.sequences.size(), 2u);
  EXPECT_EQ(data.sequences[0].size(), 3u);
  EXPECT_EQ(data.sequences[1][0], data.sequences[0][1]);
  EXPECT_EQ(ReadSequences("1 a\n2\n").error().where, "line 2");
}

TEST(LeaveOneOutTest, RanksTiesByMeanRank) {
  EXPECT_EQ(MeanRank(0, 0), 1.0);
  EXPECT_EQ(MeanRank(3, 2), 5.0);
  EXPECT_EQ(GainAt(1, 10), 1.0);
  EXPECT_EQ(GainAt(11, 10), 0.0);
  EXPECT_DOUBLE_EQ(GainAt(3, 10), 0.5);
}

TEST(LeaveOneOutTest, CountsUntrainedTargetAsMiss) {
  // First every target is f, which no training sequence contains; then f begins half of the sequences.
  std::string text;
  for (int p = 0; p < 30; ++p) text += std::to_string(p) + " a b c d e f\n";
  const LeaveOneOutResult result = EvaluateRules(ReadSequences(text).value());
  EXPECT_EQ(result.people, 30u);
  EXPECT_EQ(result.recall_at_10, 0.0) << "f was never trained on";
  text.clear();
  for (int p = 0; p < 30; ++p) text += std::to_string(p) + (p % 2 == 0 ? " a b c d e f\n" : " f a b c d e\n");
  EXPECT_GT(EvaluateRules(ReadSequences(text).value()).ndcg_at_10, 0.4);
}

}  // namespace
}  // namespace trine::recommend
