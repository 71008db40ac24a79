#include "api/opensearch/request/path_filter.h"

#include <gtest/gtest.h>

namespace trine::api::opensearch {
namespace {

format::Json J(const std::string& text) { return std::move(format::ParseJson(text)).value(); }

std::string Source(const std::string& filter, const std::string& source) {
  const auto parsed = ParseSourceFilter(J(filter), "_source");
  return parsed.ok() ? format::ToString(parsed->Apply(J(source))) : "error: " + parsed.error().message;
}

std::string Path(const std::string& body, const std::vector<std::string>& patterns) {
  return format::ToString(FilterPath(J(body), patterns));
}

TEST(SourceFilter, IncludesKeepNestedMembers) {
  const std::string doc = R"({"a":{"b":1,"c":{"d":2}},"ab":3,"list":[{"x":1,"y":2},{"y":3}],"e":{}})";
  EXPECT_EQ(Source(R"("a")", doc), R"({"a":{"b":1,"c":{"d":2}}})");
  EXPECT_EQ(Source(R"(["a.c"])", doc), R"({"a":{"c":{"d":2}}})");
  EXPECT_EQ(Source(R"("*.d")", doc), R"({"a":{"c":{"d":2}}})");
  EXPECT_EQ(Source(R"("list.x")", doc), R"({"list":[{"x":1}]})");
  EXPECT_EQ(Source(R"("e")", doc), R"({"e":{}})");
  EXPECT_EQ(Source(R"("nothing")", doc), "{}");
}

TEST(SourceFilter, ExcludesOverrideIncludes) {
  const std::string doc = R"({"a":{"b":1,"c":2},"d":[1,2]})";
  EXPECT_EQ(Source(R"({"excludes":["a.b"]})", doc), R"({"a":{"c":2},"d":[1,2]})");
  EXPECT_EQ(Source(R"({"includes":["a","d"],"excludes":"a.*"})", doc), R"({"a":{},"d":[1,2]})");
  EXPECT_EQ(Source(R"({"excludes":["*"]})", doc), "{}");
}

TEST(SourceFilter, SeesObjectsInKeysWithDots) {
  const std::string doc = R"({"internal.cost":5,"internals":1,"a":{"b.c":1,"d":2},"x.y.z":3})";
  EXPECT_EQ(Source(R"({"excludes":["internal"]})", doc), R"({"internals":1,"a":{"b.c":1,"d":2},"x.y.z":3})");
  EXPECT_EQ(Source(R"({"excludes":["a.b","x.y"]})", doc), R"({"internal.cost":5,"internals":1,"a":{"d":2}})");
  EXPECT_EQ(Source(R"(["a.b"])", doc), R"({"a":{"b.c":1}})");
  EXPECT_EQ(Source(R"(["internal"])", doc), R"({"internal.cost":5})");
  EXPECT_EQ(Source(R"(["x.y.z"])", doc), R"({"x.y.z":3})");
}

TEST(SourceFilter, RejectsMalformedFilters) {
  EXPECT_FALSE(ParseSourceFilter(J("false"), "_source")->fetch);
  EXPECT_TRUE(ParseSourceFilter(J("true"), "_source")->KeepsAll());
  EXPECT_EQ(Source("7", "{}").substr(0, 6), "error:");
  EXPECT_EQ(Source(R"([1])", "{}").substr(0, 6), "error:");
  EXPECT_EQ(Source(R"({"include":["a"],"odd":[]})", "{}").substr(0, 6), "error:");
}

TEST(FilterPath, KeepsMatchesAndDropsNegatedPatterns) {
  const std::string body =
      R"({"took":1,"hits":{"total":2,"hits":[{"_id":"1","_source":{"a":1}},{"_id":"2"}]}})";
  EXPECT_EQ(Path(body, {"hits.hits._id"}), R"({"hits":{"hits":[{"_id":"1"},{"_id":"2"}]}})");
  EXPECT_EQ(Path(body, {"took", "hits.total"}), R"({"took":1,"hits":{"total":2}})");
  EXPECT_EQ(Path(body, {"**.a"}), R"({"hits":{"hits":[{"_source":{"a":1}}]}})");
  EXPECT_EQ(Path(body, {"h*.t*"}), R"({"hits":{"total":2}})");
  EXPECT_EQ(Path(body, {"-hits.hits", "-took"}), R"({"hits":{"total":2}})");
  EXPECT_EQ(Path(body, {"hits", "-hits.hits"}), R"({"hits":{"total":2}})");
  EXPECT_EQ(Path(body, {"nothing"}), "{}");
}

TEST(FilterPath, BoundsTheWorkOfDeepWildcards) {
  std::string body = "1", pattern = "**";
  for (int i = 0; i < 60; ++i) body = R"({"a":)" + body + "}";
  for (int i = 0; i < 60; ++i) pattern += ".**";
  EXPECT_EQ(Path(body, {pattern + ".b"}), "{}");
}

}  // namespace
}  // namespace trine::api::opensearch
