// The Model Context Protocol with a scripted server behind its tools.
#include "api/mcp/api.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "format/json.h"

namespace trine::api::mcp {
namespace {

class McpTest : public testing::Test {
 protected:
  net::Response Send(const std::string& body, const std::string& method = "POST") {
    request_.method = method;
    request_.path = "/mcp";
    request_.body = body;
    request_.caller.name = "app";
    return api_.Handle(request_);
  }
  std::string At(const net::Response& response, std::string_view path) {
    const auto json = format::ParseJson(response.body);
    const format::Json* found = json.ok() ? json->FindPath(path) : nullptr;
    return found == nullptr ? "missing" : found->is_string() ? found->string() : format::ToString(*found);
  }
  net::Response Call(const std::string& name, const std::string& arguments) {
    return Send(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name +
                R"(","arguments":)" + arguments + "}}");
  }

  std::vector<net::Request> forwarded_;
  net::Response answer_ = net::Response::JsonText(200, R"({"items":[],"answer":{"text":"yes"}})");
  Api api_{Dependencies{[this](const net::Request& request) {
                          forwarded_.push_back(request);
                          return answer_;
                        },
                        [](std::string_view origin) { return origin == "https://shop.example"; }}};
  net::Request request_;
};

TEST_F(McpTest, NegotiatesTheVersion) {
  for (const auto& [asked, given] :
       {std::pair{"2025-03-26", "2025-03-26"}, std::pair{"2025-06-18", "2025-06-18"},
        std::pair{"1999-01-01", "2025-06-18"}}) {
    const auto response =
        Send(R"({"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":")" +
             std::string(asked) + R"(","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})");
    EXPECT_EQ(At(response, "result.protocolVersion"), given);
    EXPECT_EQ(At(response, "id"), "a");
  }
  EXPECT_EQ(At(Send(R"({"jsonrpc":"2.0","id":1,"method":"initialize"})"), "error.code"), "-32602");
}

TEST_F(McpTest, AcceptsNotificationsWithoutAnAnswer) {
  const auto response = Send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "");
}

TEST_F(McpTest, ListsTools) {
  const auto response = Send(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  const auto json = format::ParseJson(response.body);
  ASSERT_TRUE(json.ok());
  ASSERT_EQ(json->FindPath("result.tools")->array().size(), 4u);
  for (const format::Json& tool : json->FindPath("result.tools")->array()) {
    EXPECT_EQ(*tool.FindPath("inputSchema.additionalProperties"), format::Json(false));
    EXPECT_NE(tool.Find("outputSchema"), nullptr);
  }
}

TEST_F(McpTest, CallsTheApisWithTheRightsOfTheCaller) {
  const auto response = Call("ask", R"({"index":"goods","question":"tent?"})");
  EXPECT_EQ(At(response, "result.structuredContent.answer.text"), "yes");
  EXPECT_EQ(At(response, "result.isError"), "false");
  ASSERT_EQ(forwarded_.size(), 1u);
  EXPECT_EQ(forwarded_[0].path, "/_trine/ask");
  EXPECT_EQ(forwarded_[0].caller.name, "app");
  answer_ = net::Response::JsonText(
      200, R"({"hits":{"total":{"value":7},"hits":[{"_id":"a","_score":1.5,"_source":{"x":1}}]}})");
  const auto found = Call("search", R"({"index":"go/ods","query":"tent","size":3})");
  EXPECT_EQ(At(found, "result.structuredContent.total"), "7");
  EXPECT_EQ(forwarded_[1].path, "/go%2Fods/_search");
  answer_ = net::Response::JsonText(200, R"({"itemList":[{"itemId":"a","score":0.5}]})");
  const auto liked = Call("recommend", R"({"campaign":"c","user_id":"u"})");
  EXPECT_EQ(At(liked, "result.structuredContent.items"), R"([{"item_id":"a","score":0.5}])");
  EXPECT_NE(forwarded_[2].body.find("campaign/c"), std::string::npos);
}

TEST_F(McpTest, AFailingToolIsAResult) {
  answer_ = net::Response::JsonText(404, R"({"error":{"message":"unknown index"}})");
  const auto response = Call("ask", R"({"index":"goods","question":"tent?"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(At(response, "result.isError"), "true");
  EXPECT_EQ(At(response, "result.structuredContent"), "missing");
}

TEST_F(McpTest, RefusesArgumentsThatDoNotFit) {
  const std::pair<const char*, const char*> kCases[] = {
      {"drop", "{}"},
      {"ask", "{}"},
      {"ask", "[]"},
      {"ask", R"({"index":"a","question":5})"},
      {"ask", R"({"index":"a","question":"q","filter":{}})"},
      {"ask", R"({"index":"a","question":"q","size":0})"},
      {"search", R"({"index":"_all","query":"q"})"},
      {"search", R"({"index":"*","query":"q"})"},
      {"search", R"({"index":"a","query":"q","size":101})"},
      {"explain", R"({"index":"a","user_id":"u","item_ids":[]})"},
      {"explain", R"({"index":"a","user_id":"u","item_ids":[1]})"}};
  for (const auto& [tool, arguments] : kCases)
    EXPECT_EQ(At(Call(tool, arguments), "error.code"), "-32602") << tool << arguments;
  EXPECT_TRUE(forwarded_.empty());
}

TEST_F(McpTest, RefusesWrongMessages) {
  EXPECT_EQ(At(Send("{"), "error.code"), "-32700");
  EXPECT_EQ(At(Send("\"\xff\""), "error.code"), "-32700");
  EXPECT_EQ(At(Send("5"), "error.code"), "-32600");
  EXPECT_EQ(At(Send("[]"), "error.code"), "-32600");
  EXPECT_EQ(At(Send(R"({"id":1,"method":"ping"})"), "error.code"), "-32600");
  EXPECT_EQ(At(Send(R"({"jsonrpc":"2.0","id":{},"method":"ping"})"), "error.code"), "-32600");
  EXPECT_EQ(At(Send(R"({"jsonrpc":"2.0","id":1,"method":"nope"})"), "error.code"), "-32601");
  EXPECT_EQ(At(Send(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[1]})"), "error.code"), "-32602");
}

TEST_F(McpTest, BatchesAreOfTheOlderVersion) {
  const std::string batch =
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},
          {"jsonrpc":"2.0","id":2,"method":"ping"},7])";
  const auto response = Send(batch);
  const auto json = format::ParseJson(response.body);
  ASSERT_TRUE(json.ok() && json->is_array());
  EXPECT_EQ(json->array().size(), 3u);
  request_.headers.Set("mcp-protocol-version", "2025-06-18");
  EXPECT_EQ(Send(batch).status, 400);
  request_.headers.Set("mcp-protocol-version", "2020-01-01");
  EXPECT_EQ(Send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status, 400);
}

TEST_F(McpTest, ABatchGoesOnAfterAWait) {
  net::Response waiting;
  auto wait = std::make_shared<net::Wait>();
  wait->then = [] { return net::Response::JsonText(200, R"({"items":[1]})"); };
  waiting.wait = wait;
  answer_ = waiting;
  const auto response = Send(
      R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":{"index":"a","question":"q"}}},
          {"jsonrpc":"2.0","id":2,"method":"ping"}])");
  ASSERT_NE(response.wait, nullptr);
  const auto json = format::ParseJson(response.wait->then().body);
  ASSERT_TRUE(json.ok() && json->is_array());
  ASSERT_EQ(json->array().size(), 2u);
  EXPECT_EQ(format::ToString(*json->array()[0].FindPath("result.structuredContent.items")), "[1]");
}

TEST_F(McpTest, RefusesOtherOriginsAndMethods) {
  EXPECT_EQ(Send("", "GET").status, 405);
  EXPECT_EQ(Send("", "GET").headers.Get("allow"), "POST");
  EXPECT_EQ(Send("", "DELETE").status, 405);
  request_.headers.Set("origin", "https://evil.example");
  EXPECT_EQ(Send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status, 403);
  request_.headers.Set("origin", "https://shop.example");
  EXPECT_EQ(Send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status, 200);
}

}  // namespace
}  // namespace trine::api::mcp
