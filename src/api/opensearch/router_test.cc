#include "api/opensearch/router.h"

#include <gtest/gtest.h>

#include <set>

namespace trine::api::opensearch {
namespace {

std::string MatchedRoute(std::string_view method, const std::vector<std::string>& parts) {
  const RouteMatch match = FindRoute(method, parts);
  if (match.route == nullptr) return match.allowed.empty() ? "none" : "405 " + match.allowed;
  return std::string(match.route->pattern);
}

TEST(Router, PrefersLiteralsToVariables) {
  EXPECT_EQ(MatchedRoute("GET", {"_search"}), "/_search");
  EXPECT_EQ(MatchedRoute("GET", {"i", "_search"}), "/{index}/_search");
  EXPECT_EQ(MatchedRoute("GET", {"_search", "scroll"}), "/_search/scroll");
  EXPECT_EQ(MatchedRoute("GET", {"_search", "pipeline", "p"}), "/_search/pipeline/{id}");
  EXPECT_EQ(MatchedRoute("PUT", {"i", "_doc", "a/b"}), "/{index}/_doc/{id}");
  EXPECT_EQ(MatchedRoute("GET", {"_cat", "indices"}), "/_cat/indices");
  EXPECT_EQ(MatchedRoute("GET", {}), "/");
  EXPECT_EQ(MatchedRoute("GET", {"_all", "_search"}), "/{index}/_search");
}

TEST(Router, DistinguishesWrongMethodsFromUnknownPaths) {
  EXPECT_EQ(MatchedRoute("POST", {"i"}), "405 DELETE, GET, HEAD, PUT");
  EXPECT_EQ(MatchedRoute("GET", {"i", "_odd"}), "none");
  EXPECT_EQ(MatchedRoute("GET", {"_odd"}), "none");
  EXPECT_EQ(MatchedRoute("GET", {"i", "_doc", ""}), "none");
}

TEST(Router, FillsPathVariables) {
  const RouteMatch match = FindRoute("GET", {"i,j*", "_doc", "한글/1"});
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.variables, (Call::Pairs{{"index", "i,j*"}, {"id", "한글/1"}}));
}

TEST(Router, HasNoDuplicateRoutes) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : Routes())
    EXPECT_TRUE(seen.emplace(route.methods, route.pattern).second) << route.pattern;
}

TEST(Router, KnowsTheParametersOfEachRoute) {
  const Route& search = *FindRoute("POST", {"i", "_search"}).route;
  for (const char* name :
       {"size", "pretty", "filter_path", "ext.personalize.user_id", "ext.personalize.context.DEVICE"})
    EXPECT_TRUE(KnowsParameter(search, name)) << name;
  for (const char* name : {"siz", "refresh", "ext.personalize", "ext.personalize.contextual", ""})
    EXPECT_FALSE(KnowsParameter(search, name)) << name;
  EXPECT_FALSE(KnowsParameter(*FindRoute("GET", {"i"}).route, "ext.personalize.user_id"));
}

}  // namespace
}  // namespace trine::api::opensearch
