// Covers what the naive twin does not: values and their errors, sorting and paging, totals, hybrid lists,
// named queries, explanations and deadlines.
#include "search/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/limits.h"
#include "test/support/small_shop.h"

namespace trine::search {
namespace {

using format::Json;
using format::ParseJson;

// An id that begins with '-' marks a deleted row. An empty id begins the next segment.
struct TestRow {
  std::string id;
  std::string json;
};

constexpr const char* kFields =
    "title:text tag:keyword price:integer rate:double weight:float ok:boolean day:date v:knn_vector";

class SearchTest : public testing::Test {
 protected:
  SearchTest()
      : clock_(Millis{1795354496789}),
        analyzers_(test::MakePlainAnalyzers()),
        searcher_(*analyzers_, clock_) {
    Fill(
        {{"a",
          R"({"title":"red chair","tag":["x","y"],"price":10,"rate":1.5,"ok":true,"day":"2026-11-20T10:00:00Z","v":[0,0]})"},
         {"b",
          R"({"title":"blue chair table","tag":"y","price":20,"rate":0.5,"ok":false,"day":"2026-11-21T00:00:00Z","v":[1,0]})"},
         {"", ""},
         {"c",
          R"({"title":"lamp","tag":"z","price":[5,30],"weight":0.1,"day":"2026-11-22T23:59:59.999Z","v":[3,4]})"},
         {"-d", R"({"title":"red chair","tag":"x","price":1})"},
         {"e", R"({"title":"green chair chair"})"}});
  }

  void Fill(const std::vector<TestRow>& rows, const std::string& fields = kFields) {
    collection_ = test::MakeCollection("shop", fields);
    std::vector<test::MemorySegment> segments(1);
    uint64_t seq_no = 0;
    for (const TestRow& row : rows) {
      if (row.id.empty()) {
        segments.emplace_back();
        continue;
      }
      const bool deleted = row.id[0] == '-';
      auto& segment = segments.back();
      if (deleted) segment.deleted.insert(static_cast<Row>(segment.documents.size()));
      segment.documents.push_back(test::MakeDocument(*collection_, deleted ? row.id.substr(1) : row.id,
                                                     seq_no++, *ParseJson(row.json)));
    }
    target_ = {collection_, test::MakeMemoryReader(std::move(segments)), nullptr};
  }

  static std::string IdsOf(const SearchResult& result) {
    std::string ids;
    for (const Hit& hit : result.hits) ids += hit.id;
    return ids;
  }
  static std::string Sorted(std::string ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  SearchResult Run(const SearchRequest& request) {
    auto result = searcher_.Search({target_}, request, {});
    EXPECT_TRUE(result.ok()) << result.error().ToString();
    return result.ok() ? std::move(*result) : SearchResult();
  }
  template <typename T>
  std::string Find(T node) {
    SearchRequest request;
    request.query = MakeQuery(std::move(node));
    return Sorted(IdsOf(Run(request)));
  }
  template <typename T>
  Error Rejected(T node) {
    SearchRequest request;
    request.query = MakeQuery(std::move(node));
    auto result = searcher_.Search({target_}, request, {});
    EXPECT_FALSE(result.ok()) << ToText(*request.query);
    return result.ok() ? Error(ErrorCode::kInternal, "accepted") : result.error();
  }
  std::string SortBy(std::vector<SortKey> keys) {
    SearchRequest request;
    request.sort = std::move(keys);
    return IdsOf(Run(request));
  }
  static SortKey Key(const std::string& field, bool descending = false, Json missing = {}) {
    SortKey key = By(SortKey::By::kField, descending);
    key.field = field;
    key.missing = std::move(missing);
    return key;
  }
  static SortKey By(SortKey::By by, bool descending = false) {
    SortKey key;
    key.by = by;
    key.descending = descending;
    return key;
  }
  static Range RangeOf(const std::string& field, Json gte, Json lte) {
    Range range;
    range.field = field;
    range.gte = std::move(gte);
    range.lte = std::move(lte);
    return range;
  }

  ManualClock clock_;
  std::unique_ptr<analysis::Analyzers> analyzers_;
  Searcher searcher_;
  std::shared_ptr<catalogue::Collection> collection_;
  Target target_;
};

TEST_F(SearchTest, ParsesTermsByFieldType) {
  EXPECT_EQ(Find(Term{"tag", "y"}), "ab");
  EXPECT_EQ(Find(Term{"price", 10}), "a");
  EXPECT_EQ(Find(Term{"price", "30"}), "c") << "any of several values";
  EXPECT_EQ(Find(Term{"price", 10.5}), "") << "no integer has a fraction";
  EXPECT_EQ(Find(Term{"price", 3e12}), "") << "outside the type's range";
  EXPECT_EQ(Find(Term{"weight", 0.1}), "c") << "rounded like the stored value";
  EXPECT_EQ(Find(Term{"ok", "true"}), "a");
  EXPECT_EQ(Find(Term{"ok", false}), "b");
  EXPECT_EQ(Find(Term{"day", "2026-11-22"}), "c") << "a date matches the whole day";
  EXPECT_EQ(Find(Term{"title", "Chair"}), "") << "a term is not analysed";
  EXPECT_EQ(Find(Term{"tag", "Y", true}), "ab") << "any case";
  EXPECT_EQ(Find(Term{"_id", "a"}), "a");
  EXPECT_EQ(Find(Term{"nothing", "a"}), "");
  EXPECT_EQ(Find(Terms{"price", {20, 5, 99}}), "bc");
  EXPECT_EQ(Find(Terms{"day", {"2026-11-20", "2026-11-21"}}), "ab");
  EXPECT_EQ(Find(Terms{"_id", {"a", "e", "zz"}}), "ae");
  EXPECT_EQ(Find(Ids{{"c", "d"}}), "c") << "d is deleted";
}

TEST_F(SearchTest, RangesRespectBoundsAndTypes) {
  EXPECT_EQ(Find(RangeOf("price", 10, 20)), "ab");
  EXPECT_EQ(Find(RangeOf("price", 10.5, 20.5)), "b");
  EXPECT_EQ(Find(RangeOf("price", -1e30, 1e30)), "abc") << "bounds outside the type's range exclude nothing";
  EXPECT_EQ(Find(RangeOf("price", 1e30, {})), "");
  EXPECT_EQ(Find(RangeOf("rate", "0.5", 1)), "b");
  EXPECT_EQ(Find(RangeOf("tag", "x", "y")), "ab");
  EXPECT_EQ(Find(RangeOf("day", "now-1d/d", "now/d")), "bc");
  EXPECT_EQ(Find(RangeOf("day", "2026-11-22", "2026-11-22")), "c");
  Range after;
  after.field = "day";
  after.gt = "2026-11-20";
  EXPECT_EQ(Find(after), "bc") << "after the whole day";
  after.time_zone = "+09:00";
  after.gt = "2026-11-21";
  EXPECT_EQ(Find(after), "c");
  Range formatted;
  formatted.field = "day";
  formatted.lt = "21/11/2026";
  formatted.format = "dd/MM/yyyy";
  EXPECT_EQ(Find(formatted), "a");
  Range text;
  text.field = "title";
  text.gt = "green";
  text.lt = "red";
  EXPECT_EQ(Find(text), "c") << "lamp";
  Range yes;
  yes.field = "ok";
  yes.gt = false;
  EXPECT_EQ(Find(yes), "a");
}

TEST_F(SearchTest, MatchesPrefixExistsAndFieldPatterns) {
  EXPECT_EQ(Find(Prefix{"title", "ch"}), "abe");
  EXPECT_EQ(Find(Prefix{"tag", "X", true}), "a");
  EXPECT_EQ(Find(Exists{"price"}), "abc");
  EXPECT_EQ(Find(Exists{"v"}), "abc");
  EXPECT_EQ(Find(Exists{"title"}), "abce");
  MultiMatch multi;
  multi.text = "lamp";
  EXPECT_EQ(Find(multi), "c") << "every text and keyword field";
  multi.fields = {{"t*", 1.0f}, {"nothing", 1.0f}};
  EXPECT_EQ(Find(multi), "c");
  Match empty{"title", "", Operator::kOr, "", "", false, false};
  EXPECT_EQ(Find(empty), "");
  empty.zero_terms_all = true;
  EXPECT_EQ(Find(empty), "abce");
}

TEST_F(SearchTest, ErrorsForInvalidValuesNameTheField) {
  for (const Error& error :
       {Rejected(Term{"price", "ten"}), Rejected(RangeOf("rate", "x", {})), Rejected(Term{"ok", "maybe"}),
        Rejected(Term{"price", Json::Array{}}), Rejected(Prefix{"price", "1"}),
        Rejected(Match{"price", "ten", Operator::kOr, "", "", false, false}), Rejected(RangeOf("v", 1, 2)),
        Rejected(Term{"v", 1})}) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalid) << error.ToString();
    EXPECT_EQ(error.code, ErrorCode::kFieldType) << error.ToString();
    EXPECT_FALSE(error.where.empty()) << error.ToString();
  }
  EXPECT_EQ(Find(Match{"price", "ten", Operator::kOr, "", "", false, true}), "") << "lenient";
  EXPECT_EQ(Rejected(RangeOf("day", "yesterday", {})).code, ErrorCode::kDateSyntax);
  EXPECT_EQ(Rejected(Match{"title", "a b", Operator::kOr, "x%", "", false, false}).code,
            ErrorCode::kInvalidQuery);
}

TEST_F(SearchTest, RejectsQueriesBeyondLimits) {
  Bool wide;
  wide.should.assign(limits::kMaxClauses + 1, MakeQuery(Term{"tag", "x"}));
  EXPECT_EQ(Rejected(wide).code, ErrorCode::kTooManyClauses);
  std::string words;
  for (size_t i = 0; i <= limits::kMaxClauses; ++i) words += "w" + std::to_string(i) + " ";
  EXPECT_EQ(Rejected(Match{"title", words, Operator::kOr, "", "", false, false}).code,
            ErrorCode::kTooManyClauses);
  EXPECT_EQ(Rejected(MatchPhrase{"title", words, "", 0}).code, ErrorCode::kTooManyClauses);
  MultiMatch everywhere;
  everywhere.text = "a";
  everywhere.fields.assign(limits::kMaxClauses + 1, {"title", 1.0f});
  EXPECT_EQ(Rejected(everywhere).code, ErrorCode::kTooManyClauses);
  Terms list{"tag", std::vector<Json>(limits::kMaxTermsInList + 1, Json("x"))};
  EXPECT_EQ(Rejected(list).code, ErrorCode::kTooManyTerms);
  QueryPtr deep = MakeQuery(MatchAll{});
  for (int i = 0; i < 1000; ++i) deep = MakeQuery(ConstantScore{deep});
  EXPECT_EQ(Rejected(ConstantScore{deep}).code, ErrorCode::kInvalidQuery);
  SearchRequest boosted;
  boosted.query = MakeQuery(MatchAll{}, -1);
  EXPECT_EQ(searcher_.Search({target_}, boosted, {}).error().code, ErrorCode::kQueryBoost);
  SearchRequest window;
  window.from = 9999;
  EXPECT_EQ(searcher_.Search({target_}, window, {}).error().code, ErrorCode::kResultWindow);
  window.from = std::numeric_limits<size_t>::max();
  EXPECT_EQ(searcher_.Search({target_}, window, {}).error().code, ErrorCode::kResultWindow);
}

TEST_F(SearchTest, FindsNearestNeighbours) {
  Knn knn;
  knn.field = "v";
  knn.vector = {0, 0};
  knn.k = 2;
  SearchRequest request;
  request.query = MakeQuery(knn);
  const SearchResult result = Run(request);
  EXPECT_EQ(IdsOf(result), "ab");
  EXPECT_EQ(result.hits[0].score, 1.0f);
  EXPECT_EQ(result.hits[1].score, 0.5f);
  knn.filter = MakeQuery(Term{"tag", "z"});
  EXPECT_EQ(Find(knn), "c") << "the filter applies before the nearest are selected";
  knn.filter = nullptr;
  knn.k = 0;
  knn.max_distance = 25.0f;
  EXPECT_EQ(Find(knn), "abc") << "the squared distance, inclusive";
  knn.max_distance.reset();
  knn.min_score = 0.5f;
  EXPECT_EQ(Find(knn), "ab");
  knn.vector = {1, 2, 3};
  EXPECT_EQ(Rejected(knn).code, ErrorCode::kVectorDimension);
  knn.vector = {NAN, 0};
  EXPECT_EQ(Rejected(knn).kind(), ErrorKind::kInvalid);
  knn.vector = {1, 2};
  knn.k = 3;
  EXPECT_EQ(Rejected(knn).code, ErrorCode::kInvalidQuery) << "k and min_score";
}

TEST_F(SearchTest, ScoresEachVectorSpace) {
  auto score = [this](catalogue::VectorSpace space, std::vector<float> query) {
    collection_->mapping.properties.back().space = space;
    Knn knn;
    knn.field = "v";
    knn.vector = std::move(query);
    knn.k = 10;
    SearchRequest request;
    request.query = MakeQuery(knn);
    for (const Hit& hit : Run(request).hits) {
      if (hit.id == "c") return hit.score;  // (3, 4)
    }
    return -1.0f;
  };
  using catalogue::VectorSpace;
  EXPECT_EQ(score(VectorSpace::kL2, {0, 0}), 1.0f / 26);
  EXPECT_EQ(score(VectorSpace::kL1, {0, 0}), 1.0f / 8);
  EXPECT_EQ(score(VectorSpace::kLinf, {0, 0}), 1.0f / 5);
  EXPECT_EQ(score(VectorSpace::kInnerProduct, {1, 1}), 8.0f);
  EXPECT_EQ(score(VectorSpace::kInnerProduct, {-1, 0}), 0.25f);
  EXPECT_NEAR(score(VectorSpace::kCosine, {6, 8}), 1.0f, 1e-6f);
  EXPECT_NEAR(score(VectorSpace::kCosine, {-4, 3}), 0.5f, 1e-6f);
  Knn zero;
  zero.field = "v";
  zero.vector = {0, 0};
  zero.k = 1;
  EXPECT_EQ(Rejected(zero).code, ErrorCode::kZeroVector) << "a zero vector has no direction";
}

TEST_F(SearchTest, SortsByColumns) {
  EXPECT_EQ(SortBy({Key("price")}), "cabe") << "the lowest of several values, missing last";
  EXPECT_EQ(SortBy({Key("price", true)}), "cbae") << "the highest, missing last";
  EXPECT_EQ(SortBy({Key("price", false, "_first")}), "ecab");
  EXPECT_EQ(SortBy({Key("price", true, "_first")}), "ecba");
  EXPECT_EQ(SortBy({Key("price", false, 15)}), "caeb");
  EXPECT_EQ(SortBy({Key("tag")}), "abce");
  EXPECT_EQ(SortBy({Key("tag", true)}), "cabe");
  EXPECT_EQ(SortBy({Key("rate"), By(SortKey::By::kIndexOrder, true)}), "baec");
  EXPECT_EQ(SortBy({By(SortKey::By::kIndexOrder, true)}), "ecba");
  EXPECT_EQ(SortBy({Key("day", true)}), "cbae");
  EXPECT_EQ(SortBy({By(SortKey::By::kId, true)}), "ecba");
  EXPECT_EQ(SortBy({Key("rate"), By(SortKey::By::kId, true)}), "baec") << "the usual tie breaker";
  SortKey average = Key("price");
  average.mode = SortKey::Mode::kAvg;
  EXPECT_EQ(SortBy({average}), "acbe") << "10, 17.5, 20";
  SortKey unmapped = Key("nothing");
  unmapped.unmapped_type = "long";
  EXPECT_EQ(SortBy({unmapped}), "abce");
}

TEST_F(SearchTest, ReturnsSortValuesAndScores) {
  SearchRequest request;
  request.query = MakeQuery(Match{"title", "chair", Operator::kOr, "", "", false, false});
  request.sort = {Key("price"), Key("tag")};
  SearchResult result = Run(request);
  ASSERT_EQ(IdsOf(result), "abe");
  EXPECT_EQ(result.hits[0].sort[0], Json(10));
  EXPECT_EQ(result.hits[0].sort[1], Json("x"));
  EXPECT_EQ(result.hits[2].sort[0], Json(std::numeric_limits<int32_t>::max())) << "the limit of an integer";
  EXPECT_TRUE(result.hits[2].sort[1].is_null());
  EXPECT_TRUE(std::isnan(result.hits[0].score));
  EXPECT_FALSE(result.max_score.has_value());
  request.track_scores = true;
  result = Run(request);
  EXPECT_GT(result.hits[0].score, 0);
  ASSERT_TRUE(result.max_score.has_value());
  request.sort = {By(SortKey::By::kScore, true)};
  result = Run(request);
  EXPECT_EQ(result.hits[0].id, "e") << "two chairs";
  EXPECT_EQ(result.hits[0].sort[0], Json::Float(result.hits[0].score));
  request.sort = {By(SortKey::By::kScore)};
  EXPECT_EQ(IdsOf(Run(request)).back(), 'e');
}

TEST_F(SearchTest, RejectsInvalidSorts) {
  SearchRequest request;
  for (const char* field : {"nothing", "title", "v"}) {
    request.sort = {Key(field)};
    const auto result = searcher_.Search({target_}, request, {});
    ASSERT_FALSE(result.ok()) << field;
    EXPECT_EQ(result.error().code,
              field == std::string("nothing") ? ErrorCode::kUnmappedSortField : ErrorCode::kUnsortableField);
    EXPECT_EQ(result.error().where, field);
  }
}

TEST_F(SearchTest, SearchAfterReturnsEveryHitOnce) {
  for (const auto& keys :
       std::vector<std::vector<SortKey>>{{Key("price"), By(SortKey::By::kIndexOrder)},
                                         {Key("tag", true), By(SortKey::By::kIndexOrder)},
                                         {Key("rate", true, "_first"), By(SortKey::By::kIndexOrder)},
                                         {Key("day"), By(SortKey::By::kIndexOrder)}}) {
    SearchRequest request;
    request.sort = keys;
    request.size = 10;
    const std::string whole = IdsOf(Run(request));
    request.size = 1;
    std::string walked;
    for (int i = 0; i < 10; ++i) {
      const SearchResult page = Run(request);
      if (page.hits.empty()) break;
      EXPECT_EQ(page.total, 4u) << "pages do not change the total";
      walked += page.hits[0].id;
      request.search_after = page.hits[0].sort;
    }
    EXPECT_EQ(walked, whole);
  }
  SearchRequest wrong;
  wrong.sort = {Key("price")};
  wrong.search_after = {1, 2};
  EXPECT_EQ(searcher_.Search({target_}, wrong, {}).error().code, ErrorCode::kSearchAfter);
  wrong.search_after = {"x"};
  EXPECT_EQ(searcher_.Search({target_}, wrong, {}).error().code, ErrorCode::kSearchAfter);
}

TEST_F(SearchTest, SearchAfterReturnsTiedFloatsOnceAfterJsonRoundTrip) {
  std::vector<TestRow> rows;
  for (int i = 0; i < 11; ++i) {  // three consecutive rows have equal scores and weights
    rows.push_back({std::string(1, static_cast<char>('a' + i)),
                    R"({"title":")" + std::string(i / 3 % 2 == 0 ? "red chair" : "red chair chair") +
                        R"(","weight":)" + (i / 3 % 2 == 0 ? "0.4" : "0.7") + R"(,"price":)" +
                        std::to_string(i) + "}"});
    if (i == 4) rows.push_back({"", ""});
  }
  Fill(rows);
  for (SortKey first : {By(SortKey::By::kScore), Key("weight")}) {
    for (const bool descending : {false, true}) {
      first.descending = descending;
      SearchRequest request;
      request.query = MakeQuery(Match{"title", "chair", Operator::kOr, "", "", false, false});
      request.sort = {first, Key("price")};
      request.size = 100;
      const std::string whole = IdsOf(Run(request));
      ASSERT_EQ(whole.size(), 11u);
      request.size = 2;
      std::string walked;
      for (SearchResult page = Run(request); !page.hits.empty(); page = Run(request)) {
        walked += IdsOf(page);
        ASSERT_LE(walked.size(), whole.size()) << first.field;
        request.search_after = ParseJson(ToString(Json(page.hits.back().sort)))->array();
      }
      EXPECT_EQ(walked, whole) << first.field;
    }
  }
}

TEST_F(SearchTest, FindsAndSortsUnsignedLongs) {
  Fill({{"a", R"({"n":5})"},
        {"b", R"({"n":9223372036854777856})"},
        {"c", R"({"n":18446744073709551615})"},
        {"d", R"({"m":1})"},
        {"e", R"({"n":[1,10]})"}},
       "n:unsigned_long m:long");
  const Json most(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Find(Term{"n", 5}), "a");
  EXPECT_EQ(Find(Term{"n", "10"}), "e");
  EXPECT_EQ(Find(Term{"n", most}), "c");
  EXPECT_EQ(Find(Term{"n", -1}), "");
  EXPECT_EQ(Find(Term{"n", 5.5}), "");
  EXPECT_EQ(Find(Terms{"n", {1, 5, most}}), "ace");
  EXPECT_EQ(Find(RangeOf("n", 2, 20)), "ae");
  EXPECT_EQ(Find(RangeOf("n", -3, 4.5)), "e");
  EXPECT_EQ(Find(RangeOf("n", Json(uint64_t{1} << 63), {})), "bc");
  SearchRequest request;
  request.sort = {Key("n"), Key("m")};
  request.size = 1;
  std::string walked;
  for (SearchResult page = Run(request); !page.hits.empty() && walked.size() < 200; page = Run(request)) {
    request.search_after = ParseJson(ToString(Json(page.hits[0].sort)))->array();
    walked += page.hits[0].id + ToString(request.search_after[0]) + " ";
  }
  EXPECT_EQ(walked, "e1 a5 b9223372036854777856 d18446744073709551615 c18446744073709551615 ");
}

TEST_F(SearchTest, RangesOnRoundedFieldsExcludeValuesOutsideTheBounds) {
  Fill({{"a", R"({"scaled":1.23,"half":0.0999755859375})"},
        {"b", R"({"scaled":1.24,"half":0.10003662109375})"},
        {"c", R"({"scaled":1.1,"half":1.5})"}},
       "scaled:scaled_float half:half_float");
  collection_->mapping.properties[0].scaling_factor = 100;
  EXPECT_EQ(Find(RangeOf("scaled", 1.234, {})), "b");
  EXPECT_EQ(Find(RangeOf("scaled", {}, 1.236)), "ac");
  EXPECT_EQ(Find(RangeOf("scaled", 1.23, 1.23)), "a");
  EXPECT_EQ(Find(RangeOf("scaled", 1.1, "1.1")), "c") << "although 1.1 * 100 in double is above 110";
  EXPECT_EQ(Find(RangeOf("scaled", 1.235, 1.236)), "");
  EXPECT_EQ(Find(Term{"scaled", 1.234}), "a") << "a term is rounded like a stored value";
  Range strict;
  strict.field = "scaled";
  strict.gt = 1.1;
  strict.lt = 1.24;
  EXPECT_EQ(Find(strict), "a");
  strict.gt = 1.229;
  strict.lt = 1.239;
  EXPECT_EQ(Find(strict), "a");
  EXPECT_EQ(Find(RangeOf("half", 0.1, {})), "bc");
  EXPECT_EQ(Find(RangeOf("half", {}, 0.1)), "a");
  strict.field = "half";
  strict.gt = 0.0999755859375;
  strict.lt = 1.5;
  EXPECT_EQ(Find(strict), "b");
}

TEST_F(SearchTest, FindsUnindexedKeywordsByColumn) {
  Fill({{"a", R"({"tag":["red","Red hat"]})"},
        {"b", R"({"tag":"reed"})"},
        {"", ""},
        {"c", R"({"tag":"blue"})"},
        {"d", R"({"tag":["alpha","RED"]})"}},
       "tag:keyword!");
  EXPECT_EQ(Find(Term{"tag", "red"}), "a");
  EXPECT_EQ(Find(Term{"tag", "rED", true}), "ad") << "any case, but the whole value";
  EXPECT_EQ(Find(Term{"tag", "re"}), "");
  EXPECT_EQ(Find(Match{"tag", "blue", Operator::kOr, "", "", false, false}), "c");
  EXPECT_EQ(Find(Terms{"tag", {"blue", "reed", "x"}}), "bc");
  EXPECT_EQ(Find(Prefix{"tag", "re"}), "ab");
  EXPECT_EQ(Find(Prefix{"tag", "reed"}), "b");
  EXPECT_EQ(Find(Prefix{"tag", "RE", true}), "abd");
  EXPECT_EQ(Find(Prefix{"tag", "z"}), "");
  EXPECT_EQ(Find(Prefix{"tag", ""}), "abcd");
  EXPECT_EQ(Find(RangeOf("tag", "b", "rf")), "abc");
  SearchRequest request;
  request.query = MakeQuery(Term{"tag", "red"}, 2);
  EXPECT_EQ(Run(request).hits.at(0).score, 2) << "without term statistics, every row has the same score";
}

TEST_F(SearchTest, SortValuesKeepTheirType) {
  Fill({{"a", R"({"weight":[0.1,0.4],"n":[9223372036854775807,9223372036854775806]})"},
        {"b", R"({"weight":0.7,"n":[-9223372036854775808,-9223372036854775807]})"}},
       "weight:float n:long");
  SearchRequest request;
  SortKey sum = Key("n", true);
  sum.mode = SortKey::Mode::kSum;
  SortKey average = Key("weight");
  average.mode = SortKey::Mode::kAvg;
  request.sort = {Key("weight", true), average, sum, Key("weight", false, 0.3)};
  auto values = [](const Hit& hit) { return ToString(Json(hit.sort)); };
  const SearchResult result = Run(request);
  ASSERT_EQ(IdsOf(result), "ba");
  EXPECT_EQ(values(result.hits[0]), "[0.7,0.7,-9223372036854775808,0.7]");
  EXPECT_EQ(values(result.hits[1]), "[0.4,0.25,9223372036854775807,0.1]");
}

TEST_F(SearchTest, ReturnsPagesTotalsAndMaxScore) {
  SearchRequest request;
  request.from = 1;
  request.size = 2;
  SearchResult result = Run(request);
  EXPECT_EQ(IdsOf(result), "bc") << "equal scores in the order of rows";
  EXPECT_EQ(result.total, 4u);
  EXPECT_EQ(result.max_score, 1.0f);
  request.from = 0;
  request.size = 0;
  result = Run(request);
  EXPECT_EQ(result.total, 4u);
  EXPECT_FALSE(result.max_score.has_value());
  request.track_total_hits = 2;
  result = Run(request);
  EXPECT_EQ(result.total, 2u);
  EXPECT_TRUE(result.total_is_lower_bound);
  request.track_total_hits = 4;
  EXPECT_FALSE(Run(request).total_is_lower_bound);
}

TEST_F(SearchTest, AppliesMinScorePostFilterAndTerminateAfter) {
  SearchRequest request;
  request.query = MakeQuery(Match{"title", "red chair", Operator::kOr, "", "", false, false});
  const SearchResult all = Run(request);
  ASSERT_EQ(all.hits.size(), 3u);
  request.min_score = all.hits[1].score;
  EXPECT_EQ(Run(request).total, 2u);
  request.min_score.reset();
  request.post_filter = MakeQuery(Term{"tag", "y"});
  EXPECT_EQ(Sorted(IdsOf(Run(request))), "ab");
  EXPECT_EQ(Run(request).total, 2u);
  request.post_filter = nullptr;
  request.terminate_after = 1;
  const SearchResult one = Run(request);
  EXPECT_EQ(one.total, 1u);
  EXPECT_TRUE(one.terminated_early);
}

TEST_F(SearchTest, CombinesFunctionScores) {
  using Mode = FunctionScore::Mode;
  auto score_of_a = [this](Mode score_mode, Mode boost_mode, std::optional<float> max_boost = {}) {
    FunctionScore f;
    f.query = MakeQuery(MatchAll{}, 3);
    f.score_mode = score_mode;
    f.boost_mode = boost_mode;
    f.max_boost = max_boost;
    f.functions.resize(3);
    f.functions[0].weight = 2.0f;
    f.functions[1].field_value_factor = {"price", 0.5, "none", 1.0};  // 5 for a
    f.functions[2].weight = 100.0f;
    f.functions[2].filter = MakeQuery(Term{"tag", "z"});  // does not match a
    SearchRequest request;
    request.query = MakeQuery(f);
    for (const Hit& hit : Run(request).hits) {
      if (hit.id == "a") return hit.score;
    }
    return -1.0f;
  };
  EXPECT_EQ(score_of_a(Mode::kMultiply, Mode::kMultiply), 30);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kMultiply), 21);
  EXPECT_EQ(score_of_a(Mode::kAvg, Mode::kMultiply), 3 * (7.0f / 3));
  EXPECT_EQ(score_of_a(Mode::kFirst, Mode::kMultiply), 6);
  EXPECT_EQ(score_of_a(Mode::kMax, Mode::kMultiply), 15);
  EXPECT_EQ(score_of_a(Mode::kMin, Mode::kMultiply), 6);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kReplace), 7);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kSum), 10);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kAvg), 5);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kMin), 3);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kMax), 7);
  EXPECT_EQ(score_of_a(Mode::kSum, Mode::kMultiply, 2.0f), 6) << "max_boost bounds the factor";
}

TEST_F(SearchTest, ReportsFailingScoreFunctions) {
  FunctionScore f;
  f.functions.resize(1);
  f.functions[0].field_value_factor = {"price", 1, "none", {}};
  EXPECT_EQ(Rejected(f).kind(), ErrorKind::kInvalid) << "e has no price";
  f.functions[0].field_value_factor = {"price", -1, "none", 1.0};
  EXPECT_EQ(Rejected(f).kind(), ErrorKind::kInvalid) << "negative";
  f.functions[0].field_value_factor = {"tag", 1, "none", 1.0};
  EXPECT_EQ(Rejected(f).code, ErrorCode::kFieldType);
  f.functions[0].field_value_factor = {"nothing", 1, "none", 4.0};
  EXPECT_EQ(Find(f), "abce") << "unmapped, but with a default for missing values";
  f.min_score = 5.0f;
  EXPECT_EQ(Find(f), "");
}

TEST_F(SearchTest, ReportsMatchedQueriesAndAppliesAliasFilter) {
  auto named = [](const QueryPtr& query, const std::string& name) {
    auto copy = std::make_shared<Query>(*query);
    copy->name = name;
    return QueryPtr(copy);
  };
  Bool any;
  any.should = {named(MakeQuery(Term{"tag", "y"}), "y"), named(MakeQuery(Term{"price", 10}), "ten")};
  any.filter = {named(MakeQuery(Exists{"price"}), "priced")};
  SearchRequest request;
  request.query = MakeQuery(any);
  const SearchResult result = Run(request);
  ASSERT_EQ(result.hits.size(), 3u);
  for (const Hit& hit : result.hits) {
    const std::set<std::string> names(hit.matched_queries.begin(), hit.matched_queries.end());
    EXPECT_EQ(names, hit.id == "a"   ? (std::set<std::string>{"y", "ten", "priced"})
                     : hit.id == "b" ? (std::set<std::string>{"y", "priced"})
                                     : (std::set<std::string>{"priced"}));
  }
  target_.alias_filter = MakeQuery(Term{"tag", "y"});
  EXPECT_EQ(Find(MatchAll{}), "ab");
  EXPECT_EQ(Run({}).max_score, 1.0f) << "the filter does not score";
  EXPECT_EQ(*searcher_.Count({target_}, nullptr, {}), 2u);
}

Hybrid TwoClauses() {
  Hybrid hybrid;
  hybrid.queries = {MakeQuery(Match{"title", "chair", Operator::kOr, "", "", false, false}),
                    MakeQuery(ScoredIds{{{"c", 0.9f}, {"a", 0.5f}, {"b", 0.0f}, {"zz", 1.0f}}, "taste"})};
  return hybrid;
}

TEST_F(SearchTest, HybridReturnsOneListPerSubQuery) {
  SearchRequest request;
  request.query = MakeQuery(TwoClauses());
  SearchResult result = Run(request);
  EXPECT_TRUE(result.hybrid);
  ASSERT_EQ(result.lists.size(), 2u);
  EXPECT_EQ(result.lists[0].size(), 3u);
  EXPECT_EQ(result.lists[0][0].id, "e");
  ASSERT_EQ(result.lists[1].size(), 2u) << "a score of 0 is not collected";
  EXPECT_EQ(result.lists[1][0].id, "c");
  EXPECT_EQ(result.lists[1][0].score, 0.9f);
  EXPECT_EQ(result.total, 4u) << "unique documents";
  request.track_total_hits = 1;
  result = Run(request);
  EXPECT_EQ(result.total, 1u);
  EXPECT_TRUE(result.total_is_lower_bound);
  Hybrid filtered = TwoClauses();
  filtered.filter = MakeQuery(Term{"tag", "y"});
  filtered.pagination_depth = 1;
  request.track_total_hits = 100;
  request.query = MakeQuery(filtered);
  result = Run(request);
  EXPECT_EQ(result.lists[0].size(), 1u) << "the window";
  EXPECT_EQ(result.lists[1][0].id, "a");
  EXPECT_EQ(result.total, 2u) << "exact, regardless of the window";
  request.post_filter = MakeQuery(Term{"price", 20});
  EXPECT_EQ(Run(request).total, 1u);
}

TEST_F(SearchTest, CommonFilterOfAHybridComesBeforeTheNearestAreChosen) {
  Knn knn;
  knn.field = "v";
  knn.vector = {0, 0};
  knn.k = 1;
  Hybrid hybrid;
  hybrid.queries = {MakeQuery(knn)};
  hybrid.filter = MakeQuery(Term{"tag", "z"});
  SearchRequest request;
  request.query = MakeQuery(hybrid);
  const SearchResult result = Run(request);
  EXPECT_EQ(result.lists.at(0).at(0).id, "c");
  request.sort = {Key("price")};
  EXPECT_EQ(IdsOf(Run(request)), "c");
}

TEST_F(SearchTest, KeywordTermsScoreOne) {
  SearchRequest request;
  request.query = MakeQuery(Term{"tag", "z"}, 2.5f);
  EXPECT_EQ(Run(request).hits.at(0).score, 2.5f);
  Bool only_not;
  only_not.must_not = {MakeQuery(Term{"tag", "z"})};
  only_not.minimum_should_match = "2";
  EXPECT_EQ(Find(only_not), "abe");
}

TEST_F(SearchTest, RejectsHybridInsideAnotherQuery) {
  Bool alone;
  alone.must = {MakeQuery(TwoClauses())};
  SearchRequest request;
  request.query = MakeQuery(alone);
  EXPECT_TRUE(Run(request).hybrid);
  alone.filter = {MakeQuery(MatchAll{})};
  EXPECT_EQ(Rejected(alone).code, ErrorCode::kHybridQuery);
  Hybrid nested = TwoClauses();
  nested.queries.push_back(MakeQuery(TwoClauses()));
  EXPECT_EQ(Rejected(nested).code, ErrorCode::kHybridQuery);
  Hybrid many;
  many.queries.assign(6, MakeQuery(MatchAll{}));
  EXPECT_EQ(Rejected(many).code, ErrorCode::kHybridQuery);
  EXPECT_EQ(Rejected(Hybrid{}).code, ErrorCode::kHybridQuery);
  request.query = MakeQuery(TwoClauses());
  request.sort = {Key("price", true)};
  const SearchResult sorted = Run(request);
  EXPECT_FALSE(sorted.hybrid);
  EXPECT_EQ(IdsOf(sorted), "cbae") << "a hybrid that is sorted by a field becomes a union";
}

TEST_F(SearchTest, OrdersHitsOfSeveralTargets) {
  const Target first = target_;
  Fill({{"x", R"({"title":"red chair","price":7})"}});
  SearchRequest request;
  request.sort = {Key("price")};
  const auto result = searcher_.Search({first, target_}, request, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(IdsOf(*result), "cxabe");
  EXPECT_EQ(result->hits[1].target, 1u);
  EXPECT_EQ(result->total, 5u);
  request.sort.clear();
  EXPECT_EQ(IdsOf(*searcher_.Search({first, target_}, request, {})), "abcex");
}

TEST_F(SearchTest, ExplainsOneRecord) {
  const QueryPtr query = MakeQuery(Match{"title", "red chair", Operator::kOr, "", "", false, false});
  const auto explanation = searcher_.Explain(target_, query, "a", {});
  ASSERT_TRUE(explanation.ok());
  EXPECT_TRUE(explanation->match);
  EXPECT_EQ(explanation->description, "sum of:");
  float sum = 0;
  for (const Explanation& detail : explanation->details) sum += detail.value;
  EXPECT_FLOAT_EQ(sum, explanation->value);
  EXPECT_FALSE(searcher_.Explain(target_, query, "c", {})->match);
  EXPECT_EQ(searcher_.Explain(target_, query, "d", {}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(*searcher_.Validate(target_, query), R"((title:"red" title:"chair"))");
}

// A clock that advances by one millisecond whenever it is read.
class TickingClock final : public Clock {
 public:
  Millis Now() const override { return Millis{0}; }
  int64_t MonotonicNanos() const override { return ++ticks_ * 1'000'000; }

 private:
  mutable int64_t ticks_ = 0;
};

TEST_F(SearchTest, ReturnsPartialHitsOrFailsAtDeadline) {
  std::vector<TestRow> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({"d" + std::to_string(i), R"({"title":"chair"})"});
  Fill(rows);
  const Deadline passed = Deadline::After(clock_, -1);
  SearchRequest request;
  request.query = MakeQuery(Prefix{"title", "c"});
  const auto nothing = searcher_.Search({target_}, request, passed);
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().kind(), ErrorKind::kTimeout);
  EXPECT_EQ(searcher_.Count({target_}, request.query, passed).error().kind(), ErrorKind::kTimeout);
  const TickingClock ticking;
  const auto some = searcher_.Search({target_}, request, Deadline::After(ticking, 4));
  ASSERT_TRUE(some.ok());
  EXPECT_TRUE(some->timed_out);
  EXPECT_EQ(some->hits.size(), 10u);
  EXPECT_LT(some->total, 5000u);
}

TEST_F(SearchTest, PhrasesAndExplanationsRespectTheDeadline) {
  std::vector<TestRow> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({"d" + std::to_string(i), R"({"title":"chair red chair"})"});
  Fill(rows);
  SearchRequest request;
  request.query = MakeQuery(MatchPhrase{"title", "chair chair red", "", 0});  // no row matches; each is read
  const TickingClock ticking;
  EXPECT_EQ(searcher_.Search({target_}, request, Deadline::After(ticking, 4)).error().kind(),
            ErrorKind::kTimeout);
  EXPECT_EQ(Run(request).total, 0u);
  request.query = MakeQuery(MatchPhrase{"title", "chair red chair", "", 0});
  EXPECT_EQ(Run(request).total, 5000u);
  request.explain = true;
  request.size = 1000;
  const TickingClock slow;
  const auto late = searcher_.Search({target_}, request, Deadline::After(slow, 900));
  ASSERT_TRUE(late.ok());
  EXPECT_TRUE(late->timed_out);
  ASSERT_EQ(late->hits.size(), 1000u);
  EXPECT_NE(late->hits.front().explanation, nullptr);
  EXPECT_EQ(late->hits.back().explanation, nullptr);
}

}  // namespace
}  // namespace trine::search
