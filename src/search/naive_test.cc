// Compares random queries on random collections with the naive twin (the same hits, totals and scores), and
// pruned with unpruned searches.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/random.h"
#include "search/search.h"
#include "test/support/naive_search.h"
#include "test/support/small_shop.h"

namespace trine::search {
namespace {

using format::Json;
using test::NaiveDocument;

constexpr const char* kFields =
    "title:text body:text tag:keyword price:integer rate:double ok:boolean day:date v:knn_vector";

class World {
 public:
  explicit World(uint64_t seed) : rng_(seed), collection_(test::MakeCollection("random", kFields)) {
    std::vector<test::MemorySegment> segments(1 + Below(4));
    for (auto& segment : segments) {
      segment.block_size = static_cast<uint32_t>(1 + Below(6));
      segment.dense_norms = Below(2) == 0;
    }
    const size_t count = 1 + Below(60);
    for (size_t i = 0; i < count; ++i) {
      NaiveDocument document{"d" + std::to_string(i), Source(), Below(6) != 0};
      auto& segment = segments[i * segments.size() / count];
      if (!document.live) segment.deleted.insert(static_cast<Row>(segment.documents.size()));
      segment.documents.push_back(test::MakeDocument(*collection_, document.id, i, document.source));
      documents_.push_back(std::move(document));
    }
    target_ = {collection_, test::MakeMemoryReader(std::move(segments)), nullptr};
  }

  const std::vector<NaiveDocument>& documents() const { return documents_; }
  const Target& target() const { return target_; }

  QueryPtr RandomQuery(int depth) {
    auto query = std::make_shared<Query>(Node(depth));
    const float boosts[] = {1, 1, 1, 2, 0.5f, 3.3f};
    query->boost = boosts[Below(6)];
    return query;
  }

 private:
  size_t Below(size_t n) { return static_cast<size_t>(rng_.Below(n)); }
  std::string Word() { return std::string(1, static_cast<char>('a' + Below(1 + Below(12)))); }
  std::string Words(size_t most) {
    std::string words = Word();
    for (size_t i = Below(most); i > 0; --i) words += " " + Word();
    return words;
  }
  Json Source() {
    Json source;
    if (Below(10) != 0) source.Set("title", Words(8));
    if (Below(3) == 0) source.Set("body", Json::Array{Json(Words(4)), Json(Words(4))});
    if (Below(4) != 0) source.Set("tag", Json::Array{Json(Word()), Json(Word())});
    if (Below(4) != 0) source.Set("price", static_cast<int64_t>(Below(20)));
    if (Below(4) != 0) source.Set("rate", static_cast<double>(Below(10)) / 4);
    if (Below(4) != 0) source.Set("ok", Below(2) == 0);
    if (Below(4) != 0) source.Set("day", "2026-11-0" + std::to_string(1 + Below(9)) + "T00:00:00Z");
    if (Below(3) != 0) source.Set("v", Json::Array{Number(), Number()});
    return source;
  }
  Json Number() { return Json(static_cast<double>(Below(9)) - 4); }
  QueryPtr Any(int depth) { return RandomQuery(depth - 1); }
  std::vector<QueryPtr> Some(size_t most, int depth) {
    std::vector<QueryPtr> queries(Below(most + 1));
    for (QueryPtr& query : queries) query = Any(depth);
    return queries;
  }

  Query Node(int depth) {
    const size_t kind = Below(depth > 0 ? 18 : 13);
    switch (kind) {
      case 0:
        return {MatchAll{}, 1, ""};
      case 1:
      case 2: {
        Match match;
        match.field = Below(2) == 0 ? "title" : "body";
        match.text = Words(4);
        match.op = Below(3) == 0 ? Operator::kAnd : Operator::kOr;
        if (Below(4) == 0) match.minimum_should_match = std::to_string(1 + Below(3));
        return {match, 1, ""};
      }
      case 3: {
        MatchPhrase phrase;
        phrase.field = Below(2) == 0 ? "title" : "body";
        phrase.text = Words(3);
        return {phrase, 1, ""};
      }
      case 4: {
        MultiMatch multi;
        multi.fields = {{"title", 2.0f}, {"body", 1.0f}, {"tag", 1.0f}};
        multi.text = Word();
        multi.type = Below(2) == 0 ? MultiMatch::Type::kBestFields : MultiMatch::Type::kMostFields;
        multi.tie_breaker = Below(2) == 0 ? 0 : 0.3f;
        return {multi, 1, ""};
      }
      case 5:
        return {TermOf(), 1, ""};
      case 6:
        return {Terms{"tag", {Json(Word()), Json(Word())}}, 1, ""};
      case 7:
        return {RangeOf(), 1, ""};
      case 8:
        return {Prefix{"tag", Word()}, 1, ""};
      case 9: {
        const char* fields[] = {"title", "tag", "price", "rate", "ok", "day", "v", "nothing"};
        return {Exists{fields[Below(8)]}, 1, ""};
      }
      case 10:
        return {Ids{{"d" + std::to_string(Below(60)), "d" + std::to_string(Below(60))}}, 1, ""};
      case 11:
        return {ScoredIds{{{"d" + std::to_string(Below(60)), 0.75f}}, "taste"}, 1, ""};
      case 12:
        return {KnnOf(depth), 1, ""};
      case 13:
        return {ConstantScore{Any(depth)}, 1, ""};
      case 14:
        return {DisMax{Some(3, depth), Below(2) == 0 ? 0 : 0.4f}, 1, ""};
      case 15:
        return {FunctionsOf(depth), 1, ""};
      default:
        return {BoolOf(depth), 1, ""};
    }
  }
  Term TermOf() {
    switch (Below(6)) {
      case 0:
        return {"tag", Word()};
      case 1:
        return {"price", Json(static_cast<int64_t>(Below(20)))};
      case 2:
        return {"rate", Json(static_cast<double>(Below(10)) / 4)};
      case 3:
        return {"ok", Json(Below(2) == 0)};
      case 4:
        return {"day", Json("2026-11-0" + std::to_string(1 + Below(9)))};
      default:
        return {"title", Word()};
    }
  }
  Range RangeOf() {
    Range range;
    switch (Below(4)) {
      case 0:
        range.field = "price";
        range.gte = Json(static_cast<int64_t>(Below(20)));
        range.lt = Json(static_cast<int64_t>(Below(25)));
        break;
      case 1:
        range.field = "rate";
        range.gt = Json(static_cast<double>(Below(10)) / 4);
        if (Below(2) == 0) range.lte = Json(2.0);
        break;
      case 2:
        range.field = "tag";
        range.gt = Json(Word());
        range.lte = Json(Word() + "x");
        break;
      default:
        range.field = "day";
        range.gte = Json("2026-11-0" + std::to_string(1 + Below(9)));
        range.lt = Json("2026-11-0" + std::to_string(1 + Below(9)));
    }
    return range;
  }
  Knn KnnOf(int depth) {
    Knn knn;
    knn.field = "v";
    knn.vector = {static_cast<float>(Below(9)) - 4, static_cast<float>(Below(9)) - 4};
    const size_t bound = Below(3);
    if (bound == 0) knn.k = 1 + Below(10);
    if (bound == 1) knn.min_score = 0.3f;
    if (bound == 2) knn.max_distance = 6.0f;
    if (depth > 0 && Below(2) == 0) knn.filter = Any(depth);
    return knn;
  }
  FunctionScore FunctionsOf(int depth) {
    FunctionScore functions;
    functions.query = Any(depth);
    functions.functions.resize(1 + Below(2));
    functions.functions[0].weight = 1.5f;
    functions.functions[0].field_value_factor = {"price", 0.5, Below(2) == 0 ? "none" : "log1p", 1.0};
    if (Below(2) == 0) functions.functions[0].filter = Any(depth);
    if (functions.functions.size() > 1) functions.functions[1].weight = 2;
    return functions;
  }
  Bool BoolOf(int depth) {
    Bool all;
    all.must = Some(2, depth);
    all.filter = Some(1, depth);
    all.should = Some(3, depth);
    all.must_not = Some(1, depth);
    if (!all.should.empty() && Below(3) == 0) {
      all.minimum_should_match = std::to_string(Below(all.should.size() + 1));
    }
    return all;
  }

  Random rng_;
  std::shared_ptr<catalogue::Collection> collection_;
  std::vector<NaiveDocument> documents_;
  Target target_;
};

struct Expected {
  std::string id;
  double score;
};

void ExpectSameHits(const std::vector<Expected>& expected, const SearchResult& result,
                    const std::string& what) {
  ASSERT_EQ(result.total, expected.size()) << what;
  ASSERT_EQ(result.hits.size(), expected.size()) << what;
  std::map<std::string, double> by_id;
  for (const Expected& e : expected) by_id[e.id] = e.score;
  for (size_t i = 0; i < result.hits.size(); ++i) {
    const Hit& hit = result.hits[i];
    ASSERT_TRUE(by_id.contains(hit.id)) << what << " should not find " << hit.id;
    const double score = by_id[hit.id];
    EXPECT_NEAR(static_cast<double>(hit.score), score, std::fabs(score) * 2e-6 + 1e-7)
        << what << " of " << hit.id;
    if (i == 0) continue;
    const Hit& before = result.hits[i - 1];
    const bool in_order =
        before.score > hit.score || (before.score == hit.score &&
                                     std::pair(before.segment, before.row) < std::pair(hit.segment, hit.row));
    EXPECT_TRUE(in_order) << what;
  }
}

TEST(NaiveTest, RandomQueriesEqualExhaustiveSearch) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  size_t found = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    World world(seed);
    for (int i = 0; i < 20; ++i) {
      const QueryPtr query = world.RandomQuery(3);
      const std::string what = "seed " + std::to_string(seed) + ": " + ToText(*query);
      std::vector<Expected> expected;
      for (const auto& hit : test::NaiveSearch(*world.target().collection, world.documents(), *query)) {
        expected.push_back({world.documents()[hit.document].id, hit.score});
      }
      SearchRequest request;
      request.query = query;
      request.size = 1000;
      const auto result = searcher.Search({world.target()}, request, {});
      ASSERT_TRUE(result.ok()) << what << ": " << result.error().ToString();
      ExpectSameHits(expected, *result, what + "\n" + *searcher.Validate(world.target(), query));
      if (HasFatalFailure()) return;
      EXPECT_EQ(*searcher.Count({world.target()}, query, {}), expected.size()) << what;
      found += expected.size();
    }
  }
  EXPECT_GT(found, 10000u);  // the comparisons are not vacuous
}

TEST(NaiveTest, PruningKeepsTopRows) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    for (int i = 0; i < 20; ++i) {
      SearchRequest request;
      request.query = world.RandomQuery(2);
      request.size = 1 + seed % 7;
      request.track_total_hits = -1;
      const auto whole = searcher.Search({world.target()}, request, {});
      request.track_total_hits = 0;
      const auto pruned = searcher.Search({world.target()}, request, {});
      ASSERT_TRUE(whole.ok() && pruned.ok());
      ASSERT_EQ(whole->hits.size(), pruned->hits.size()) << ToText(*request.query);
      for (size_t h = 0; h < whole->hits.size(); ++h) {
        EXPECT_EQ(whole->hits[h].id, pruned->hits[h].id) << ToText(*request.query);
        EXPECT_EQ(whole->hits[h].score, pruned->hits[h].score) << ToText(*request.query);
      }
      EXPECT_EQ(whole->max_score, pruned->max_score);
    }
  }
}

TEST(NaiveTest, ExplanationValuesEqualScores) {
  const auto analyzers = test::MakePlainAnalyzers();
  const Searcher searcher(*analyzers);
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    World world(seed);
    for (int i = 0; i < 10; ++i) {
      SearchRequest request;
      request.query = world.RandomQuery(2);
      request.size = 3;
      request.explain = true;
      const auto result = searcher.Search({world.target()}, request, {});
      ASSERT_TRUE(result.ok());
      for (const Hit& hit : result->hits) {
        ASSERT_TRUE(hit.explanation->match) << ToText(*request.query);
        EXPECT_NEAR(hit.explanation->value, hit.score, std::fabs(hit.score) * 1e-6f)
            << ToText(*request.query);
      }
    }
  }
}

}  // namespace
}  // namespace trine::search
