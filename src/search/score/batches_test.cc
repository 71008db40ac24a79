#include "search/score/batches.h"

#include <gtest/gtest.h>

#include "test/support/small_shop.h"

namespace trine::search {
namespace {

// "common" is in every row and "rare" in every 100th row. Titles are long from row 600 on.
class BatchesTest : public testing::Test {
 protected:
  BatchesTest() {
    const auto collection = test::MakeCollection("c", "title:text");
    test::MemorySegment segment;
    segment.block_size = 32;
    for (size_t i = 0; i < 9000; ++i) {
      std::string title = i % 100 == 7 ? "common rare" : "common";
      if (i >= 600) title += " and so on and on for a long time";
      format::Json source;
      source.Set("title", title);
      segment.documents.push_back(test::MakeDocument(*collection, std::to_string(i), i, source));
    }
    reader_ = test::MakeMemoryReader({segment});
  }

  ScoredTerm Term(const std::string& term) const {
    const index::FieldTerms* field = reader_->segments()[0]->terms("title");
    const auto stats = field->Find(term);
    const FieldStatistics sums{field->row_count(), field->total_length()};
    return {field->Open(*stats, false),
            field,
            Bm25(1, Idf(stats->row_count, sums.rows), MakeInverseNorms(sums.AverageLength())),
            true,
            stats->max_frequency,
            stats->min_norm};
  }
  BatchSourcePtr Source(const std::vector<std::string>& words) const {
    std::vector<ScoredTerm> terms;
    for (const std::string& word : words) terms.push_back(Term(word));
    return TermBatches(std::move(terms));
  }
  // Reads all rows with their scores. A given `threshold` is set before the first batch.
  static std::vector<std::pair<Row, float>> Read(BatchSourcePtr source, std::optional<float> threshold) {
    std::vector<std::pair<Row, float>> rows;
    Batch batch;
    if (threshold) source->RaiseThreshold(*threshold);
    while (source->Next(&batch)) {
      for (size_t i = 0; i < batch.size; ++i) rows.emplace_back(batch.rows[i], batch.scores[i]);
    }
    return rows;
  }

  index::IndexReaderPtr reader_;
};

TEST_F(BatchesTest, ReturnsEveryRowInOrderWithoutThreshold) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"common"}, {"common", "rare"}}) {
    const auto rows = Read(Source(words), std::nullopt);
    ASSERT_EQ(rows.size(), 9000u);
    for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].first, i);
  }
}

TEST_F(BatchesTest, SkipsBlocksBelowThreshold) {
  const auto all = Read(Source({"common"}), std::nullopt);
  const float long_score = all[700].second;
  ASSERT_LT(long_score, all[0].second);
  const auto pruned = Read(Source({"common"}), long_score);
  EXPECT_LE(pruned.size(), 640u) << "the long titles are skipped";
  EXPECT_GE(pruned.size(), 594u) << "the short ones are not";
  EXPECT_TRUE(Read(Source({"common"}), all[0].second).empty()) << "nothing beats the best";
}

TEST_F(BatchesTest, ReturnsEveryRowAboveThreshold) {
  const auto all = Read(Source({"common", "rare"}), std::nullopt);
  for (const float threshold : {0.0f, all[0].second, all[700].second, all[707].second, all[107].second}) {
    const auto pruned = Read(Source({"common", "rare"}), threshold);
    size_t at = 0;
    for (const auto& [row, score] : all) {
      if (score <= threshold) continue;
      while (at < pruned.size() && pruned[at].first < row) ++at;
      ASSERT_LT(at, pruned.size()) << "row " << row << " over " << threshold;
      EXPECT_EQ(pruned[at].first, row);
      EXPECT_EQ(pruned[at].second, score);
    }
  }
  // A row with the common word alone cannot exceed the threshold, so only rows with the rare word are read.
  EXPECT_LE(Read(Source({"common", "rare"}), all[0].second).size(), 90u);
}

TEST_F(BatchesTest, NormsEncodeLengths) {
  for (uint32_t length = 0; length < 100000; length = length < 300 ? length + 1 : length + 97) {
    const uint32_t kept = LengthOfNorm(test::NormOf(length));
    EXPECT_LE(kept, length);
    EXPECT_GE(kept, length - length / 8);
    EXPECT_TRUE(length >= 40 || kept == length) << length;
  }
  for (uint32_t norm = 0; norm < 250; ++norm) {
    EXPECT_EQ(test::NormOf(LengthOfNorm(static_cast<uint8_t>(norm))), norm);
  }
}

TEST_F(BatchesTest, ScoreGrowsWithFrequencyAndFallsWithLength) {
  const Bm25 bm25(1.7f, Idf(3, 1000), MakeInverseNorms(7.3f));
  for (int norm = 0; norm < 255; ++norm) {
    for (int frequency = 1; frequency < 50; ++frequency) {
      const auto f = static_cast<float>(frequency);
      const auto n = static_cast<uint8_t>(norm);
      EXPECT_LE(bm25.Score(f, n), bm25.Score(f + 1, n));
      EXPECT_GE(bm25.Score(f, n), bm25.Score(f, static_cast<uint8_t>(norm + 1)));
    }
  }
}

}  // namespace
}  // namespace trine::search
