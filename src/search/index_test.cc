// Compares searches over real segments (blocks, packed norms, several segments, deletes) with the in-memory
// twin: the same hits, totals and scores, pruned and unpruned.
#include <gtest/gtest.h>

#include <cmath>

#include "base/metrics.h"
#include "base/random.h"
#include "index/index_set.h"
#include "search/search.h"
#include "storage/directory.h"
#include "test/support/small_shop.h"
#include "test/support/temp_folder.h"

namespace trine::search {
namespace {

using format::Json;

constexpr size_t kRows = 6000;

class IndexSearchTest : public testing::Test {
 protected:
  IndexSearchTest()
      : analyzers_(test::MakePlainAnalyzers()),
        searcher_(*analyzers_),
        collection_(test::MakeCollection("real", "title:text tag:keyword price:integer")) {
    index::IndexOptions options;
    options.background_merges = false;
    options.memory_segment_bytes = 1;  // every refresh writes a file
    set_ = std::make_unique<index::IndexSet>(storage::OpenDirectory(folder_.path()).value(), options, clock_,
                                             NullLog(), NullMetrics());
    index_ = set_->Open(CollectionId{1}).value();
    FillBoth();
  }

  // Generates words of very different frequencies, lengths that norms encode exactly or approximately, and
  // rows without a title.
  Json Source() {
    Json source;
    std::string title;
    for (size_t n = rng_.Below(4) == 0 ? rng_.Below(70) : 1 + rng_.Below(8); n > 0; --n) {
      title += "w" + std::to_string(static_cast<int>(std::exp(rng_.Uniform() * 6))) + " ";
    }
    if (!title.empty()) source.Set("title", title);
    source.Set("tag", "t" + std::to_string(rng_.Below(5)));
    source.Set("price", static_cast<int64_t>(rng_.Below(1000)));
    return source;
  }

  void FillBoth() {
    std::vector<test::MemorySegment> segments(3);
    for (size_t i = 0; i < kRows; ++i) {
      auto document = test::MakeDocument(*collection_, "d" + std::to_string(i), i, Source());
      segments[i * 3 / kRows].documents.push_back(document);
      ASSERT_TRUE(index_->Add(document).ok());
      const bool ends_segment = i % (kRows / 3) == kRows / 3 - 1;
      ASSERT_TRUE(!ends_segment || index_->Refresh().ok());
    }
    for (size_t i = 0; i < kRows / 10; ++i) {
      const size_t gone = rng_.Below(kRows);
      auto& segment = segments[gone * 3 / kRows];
      segment.deleted.insert(static_cast<Row>(gone - gone * 3 / kRows * (kRows / 3)));
      ASSERT_TRUE(index_->Delete(SeqNo{gone}).ok());
    }
    ASSERT_TRUE(index_->Refresh().ok());
    real_ = {collection_, index_->reader(), nullptr};
    twin_ = {collection_, test::MakeMemoryReader(std::move(segments)), nullptr};
  }

  QueryPtr RandomQuery() {
    std::string text;
    for (size_t n = 1 + rng_.Below(4); n > 0; --n) {
      text += "w" + std::to_string(static_cast<int>(std::exp(rng_.Uniform() * 6))) + " ";
    }
    if (rng_.Below(6) == 0)
      return MakeQuery(MatchPhrase{"title", text, "", static_cast<uint32_t>(rng_.Below(4))});
    Match match;
    match.field = "title";
    match.text = text;
    if (rng_.Below(4) == 0) match.op = Operator::kAnd;
    if (rng_.Below(3) != 0) return MakeQuery(match);
    Bool filtered;
    filtered.must = {MakeQuery(match)};
    if (rng_.Below(2) == 0) filtered.filter = {MakeQuery(Term{"tag", "t" + std::to_string(rng_.Below(6))})};
    Range range;
    range.field = "price";
    range.gte = Json(static_cast<int64_t>(rng_.Below(1000)));
    (rng_.Below(2) == 0 ? filtered.filter : filtered.must_not).push_back(MakeQuery(range));
    return MakeQuery(filtered);
  }

  static std::string HitsOf(const SearchResult& result) {
    std::string out;
    for (const Hit& hit : result.hits) out += hit.id + "=" + std::to_string(hit.score) + " ";
    return out;
  }

  Random rng_{7};
  test::TempFolder folder_;
  ManualClock clock_{Millis{0}};
  std::unique_ptr<analysis::Analyzers> analyzers_;
  Searcher searcher_;
  std::shared_ptr<catalogue::Collection> collection_;
  std::unique_ptr<index::IndexSet> set_;
  std::shared_ptr<index::CollectionIndex> index_;
  Target real_, twin_;
};

TEST_F(IndexSearchTest, SegmentsMatchInMemoryReference) {
  ASSERT_EQ(real_.reader->live_rows(), twin_.reader->live_rows());
  size_t found = 0;
  for (int i = 0; i < 400; ++i) {
    SearchRequest request;
    request.query = RandomQuery();
    request.size = 10;
    request.track_total_hits = -1;
    const auto twin = searcher_.Search({twin_}, request, {});
    const auto whole = searcher_.Search({real_}, request, {});
    request.track_total_hits = 0;
    const auto pruned = searcher_.Search({real_}, request, {});
    ASSERT_TRUE(twin.ok() && whole.ok() && pruned.ok());
    EXPECT_EQ(whole->total, twin->total) << ToText(*request.query);
    EXPECT_EQ(HitsOf(*whole), HitsOf(*twin)) << ToText(*request.query);
    EXPECT_EQ(HitsOf(*pruned), HitsOf(*whole)) << ToText(*request.query);
    found += whole->hits.size();
  }
  EXPECT_GT(found, 1000u);
}

}  // namespace
}  // namespace trine::search
