#include "api/opensearch/json/query_parser.h"

#include <gtest/gtest.h>

#include "api/opensearch/errors/errors.h"

namespace trine::api::opensearch {
namespace {

std::string Text(const std::string& json) {
  const auto parsed = format::ParseJson(json);
  EXPECT_TRUE(parsed.ok()) << json;
  const auto query = ParseQuery(*parsed);
  return query.ok() ? search::ToText(**query)
                    : "error " + std::string(Name(query.error().code)) + ": " + query.error().message;
}

TEST(QueryParser, ParsesShortAndLongFormsAlike) {
  EXPECT_EQ(Text(R"({"match":{"title":"무선 이어폰"}})"),
            Text(R"({"match":{"title":{"query":"무선 이어폰"}}})"));
  EXPECT_EQ(Text(R"({"term":{"tag":"a"}})"), Text(R"({"term":{"tag":{"value":"a"}}})"));
  EXPECT_EQ(Text(R"({"prefix":{"tag":"a"}})"), Text(R"({"prefix":{"tag":{"value":"a"}}})"));
  EXPECT_EQ(Text(R"({"bool":{"must":{"match_all":{}}}})"), Text(R"({"bool":{"must":[{"match_all":{}}]}})"));
  EXPECT_EQ(Text(R"({"range":{"n":{"from":1,"to":2,"include_upper":false}}})"),
            Text(R"({"range":{"n":{"gte":1,"lt":2}}})"));
  EXPECT_EQ(Text(R"({"hybrid":{"queries":{"match_all":{}}}})"),
            Text(R"({"hybrid":{"queries":[{"match_all":{}}]}})"));
}

TEST(QueryParser, ParsesQueryOptions) {
  EXPECT_NE(Text(R"({"match":{"t":{"query":"x","operator":"and"}}})"), Text(R"({"match":{"t":"x"}})"));
  EXPECT_NE(Text(R"({"match":{"t":{"query":"x","boost":2}}})"), Text(R"({"match":{"t":"x"}})"));
  EXPECT_NE(Text(R"({"knn":{"v":{"vector":[1],"k":3}}})"), Text(R"({"knn":{"v":{"vector":[1],"k":4}}})"));
  EXPECT_NE(Text(R"({"multi_match":{"query":"x","fields":["a^2"]}})"),
            Text(R"({"multi_match":{"query":"x","fields":["a"]}})"));
}

TEST(QueryParser, RejectsUnknownMembers) {
  EXPECT_EQ(Text(R"({"foo":{}})"), "error unknown_query: unknown query [foo]");
  EXPECT_EQ(Text(R"({"fuzzy":{"a":"b"}})"), "error unsupported: query [fuzzy] is not supported yet");
  EXPECT_EQ(Text(R"({"match":{"t":{"query":"x","foo":1}}})"),
            "error query_syntax: [match] query does not support [foo]");
  EXPECT_EQ(Text(R"({"match":{"t":{"query":"x","fuzziness":1}}})"),
            "error unsupported: [match] option [fuzziness] is not supported yet");
  EXPECT_EQ(Text(R"({"bool":{"foo":[]}})"), "error request_syntax: [bool] unknown field [foo]");
  EXPECT_EQ(Text(R"({})"), "error invalid: query malformed, empty clause found");
  EXPECT_EQ(Text(R"([])"), "error query_syntax: [_na] query malformed, must start with start_object");
  EXPECT_EQ(Text(R"({"match_all":{},"match_none":{}})").substr(0, 18), "error query_syntax");
}

TEST(QueryParser, RejectsMalformedQueries) {
  for (const char* json :
       {R"({"term":{"a":[1]}})", R"({"term":{"a":null}})", R"({"terms":{"a":1}})", R"({"terms":{}})",
        R"({"ids":{"values":[[1]]}})", R"({"range":{"a":5}})", R"({"exists":{}})",
        R"({"knn":{"a":{"vector":["x"],"k":1}}})", R"({"knn":{"a":{"vector":[1],"k":0}}})",
        R"({"knn":{"a":{"vector":[1],"k":1,"min_score":1}}})", R"({"constant_score":{}})",
        R"({"dis_max":{"queries":[]}})", R"({"function_score":{"functions":[{}]}})",
        R"({"function_score":{"field_value_factor":{"field":"a","modifier":"odd"}}})",
        R"({"match":{"a":"x","b":"y"}})", R"({"match":{"a":{"query":"x","boost":-1}}})",
        R"({"multi_match":{"query":"x","type":"odd"}})"})
    EXPECT_EQ(Text(json).substr(0, 6), "error ") << json;
}

TEST(QueryParser, BoundsNesting) {
  std::string deep = R"({"match_all":{}})";
  for (int i = 0; i < 31; ++i) deep = R"({"bool":{"must":)" + deep + "}}";
  EXPECT_EQ(Text(deep).substr(0, 11), "error limit");
}

TEST(QueryParser, ChecksHybridQueries) {
  EXPECT_EQ(Text(R"({"hybrid":{"queries":[{"hybrid":{"queries":[{"match_all":{}}]}}]}})"),
            "error nested_hybrid: hybrid query cannot be nested in another hybrid query");
  EXPECT_EQ(Text(R"({"hybrid":{"queries":[{"match_all":{}}],"boost":2}})"),
            "error query_syntax: [hybrid] query does not support [boost]");
  EXPECT_EQ(Text(R"({"hybrid":{"queries":[{"match_all":{}}],"pagination_depth":-1}})"),
            "error pagination_depth: pagination_depth should be greater than 0");
  EXPECT_EQ(Text(R"({"hybrid":{"queries":[{"match_all":{}}],"filter":[]}})"),
            "error query_syntax: Field is not supported by [hybrid] query");
}

TEST(QueryParser, ReportsThePathOfAnError) {
  const auto parsed =
      format::ParseJson(R"({"bool":{"should":[{"match_all":{}},{"match":{"t":{"query":"x","foo":1}}}]}})");
  const auto query = ParseQuery(*parsed);
  ASSERT_FALSE(query.ok());
  EXPECT_EQ(query.error().where, "query.bool.should[1].match.t.foo");
}

}  // namespace
}  // namespace trine::api::opensearch
