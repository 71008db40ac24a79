#include "net/http.h"

#include <gtest/gtest.h>

namespace trine::net {
namespace {

using Parts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Request WithPath(std::string path) {
  Request request;
  request.path = std::move(path);
  return request;
}

Request WithQuery(std::string query) {
  Request request;
  request.query = std::move(query);
  return request;
}

TEST(Headers, IgnoresCaseAndSetReplacesAllFields) {
  Headers headers;
  headers.Add("X-A", "1");
  headers.Add("x-a", "2");
  headers.Add("B", "3");
  EXPECT_EQ(headers.Get("X-a"), "1");
  headers.Set("x-A", "4");
  EXPECT_EQ(headers.fields().size(), 2u);
  EXPECT_EQ(headers.Get("X-A"), "4");
  EXPECT_EQ(headers.Find("absent"), nullptr);
  headers.Remove("b");
  EXPECT_EQ(headers.Find("B"), nullptr);
}

TEST(PathSegments, SplitsBeforeDecoding) {
  EXPECT_EQ(*WithPath("/products/_doc/1%20%2Fx").PathSegments(), (Parts{"products", "_doc", "1 /x"}));
  EXPECT_EQ(*WithPath("/").PathSegments(), Parts{});
  EXPECT_EQ(*WithPath("/a/").PathSegments(), Parts{"a"});
  EXPECT_EQ(*WithPath("/a//b").PathSegments(), (Parts{"a", "", "b"}));
  EXPECT_EQ(*WithPath("/a+b,c*").PathSegments(), Parts{"a+b,c*"});
  EXPECT_EQ(*WithPath("/%EC%9D%98%EC%9E%90").PathSegments(), Parts{"의자"});
  EXPECT_EQ(*WithPath("/%252F").PathSegments(), Parts{"%2F"});
}

TEST(PathSegments, RejectsInvalidEscapesAndNul) {
  for (const char* path : {"/a%", "/a%2", "/%zz", "/a%00b"}) {
    auto parts = WithPath(path).PathSegments();
    ASSERT_FALSE(parts.ok()) << path;
    EXPECT_EQ(parts.error().kind(), ErrorKind::kInvalid);
  }
}

TEST(QueryParameters, DecodesInOrder) {
  EXPECT_EQ(
      *WithQuery("q=camping+chair&size=3&pretty&a=%26%3D&=x&q=").QueryParameters(),
      (Pairs{{"q", "camping chair"}, {"size", "3"}, {"pretty", ""}, {"a", "&="}, {"", "x"}, {"q", ""}}));
  EXPECT_EQ(*WithQuery("").QueryParameters(), Pairs{});
  EXPECT_EQ(*WithQuery("&&a=b=c&").QueryParameters(), (Pairs{{"a", "b=c"}}));
  EXPECT_FALSE(WithQuery("a=%4").QueryParameters().ok());
  EXPECT_FALSE(WithQuery("%=1").QueryParameters().ok());
}

}  // namespace
}  // namespace trine::net
