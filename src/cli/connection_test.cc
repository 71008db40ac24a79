#include "cli/connection.h"

#include <gtest/gtest.h>

#include "server/engines.h"
#include "test/support/running_server.h"
#include "test/support/temp_folder.h"

namespace trine::cli {
namespace {

using format::Json;

net::Response Respond(int status, const std::string& body) { return net::Response::JsonText(status, body); }

// A connection to a server whose answers depend on the path.
class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest()
      : server_([this](const net::Request& request) {
          last_ = request;
          if (request.path == "/native")
            return Respond(400, R"({"error":{"message":"m","expected":"e","got":"g","where":"w"}})");
          if (request.path == "/opensearch") return Respond(404, R"({"error":{"reason":"no such index"}})");
          if (request.path == "/aws") return Respond(503, R"({"__type":"X","message":"busy"})");
          if (request.path == "/html") return Respond(502, "<html>");
          if (request.path == "/text") return Respond(200, "not json");
          if (request.path == "/empty") return Respond(200, "");
          return Respond(200, R"({"ok":true})");
        }) {
    invocation_.url = "http://127.0.0.1:" + std::to_string(server_.port()) + "/";
  }
  Error ErrorAt(const std::string& path) {
    const auto answer = (*Connection::Open(invocation_))->Call("GET", path, {});
    return answer.ok() ? Error(ErrorCode::kInternal, "succeeded") : answer.error();
  }

  net::Request last_;
  test::RunningServer server_;
  Invocation invocation_;
};

TEST_F(ConnectionTest, ReturnsTheServersMessageForErrorStatuses) {
  EXPECT_EQ(ErrorAt("/native").message, "m; expected e; got g; where w");
  EXPECT_EQ(ErrorAt("/native").code, ErrorCode::kInvalid);
  EXPECT_EQ(ErrorAt("/native").where, "GET /native");
  EXPECT_EQ(ErrorAt("/opensearch").message, "no such index");
  EXPECT_EQ(ErrorAt("/opensearch").code, ErrorCode::kNotFound);
  EXPECT_EQ(ErrorAt("/aws").message, "busy");
  EXPECT_EQ(ErrorAt("/aws").code, ErrorCode::kUnavailable);
  EXPECT_EQ(ErrorAt("/html").message, "the server answered with status 502");
}

TEST_F(ConnectionTest, RejectsSuccessfulAnswersThatAreNotJson) {
  EXPECT_EQ(ErrorAt("/text").code, ErrorCode::kUnavailable);
  EXPECT_TRUE((*Connection::Open(invocation_))->Call("GET", "/empty", {})->is_null());
}

TEST_F(ConnectionTest, ReportsUnreachableServer) {
  invocation_.url = "http://127.0.0.1:1";
  EXPECT_EQ(ErrorAt("/").kind(), ErrorKind::kUnavailable);
}

TEST_F(ConnectionTest, SendsCredentialsAndTargets) {
  invocation_.auth = "ann:secret";
  auto connection = *Connection::Open(invocation_);
  ASSERT_TRUE(connection->Call("POST", "/x", Json(Json::Object{})).ok());
  EXPECT_EQ(last_.headers.Get("authorization"), "Basic YW5uOnNlY3JldA==");
  EXPECT_EQ(last_.body, "{}");
  invocation_.token = "t";
  connection = *Connection::Open(invocation_);
  ASSERT_TRUE(connection->CallPersonalize("ListSolutions", Json(Json::Object{})).ok());
  EXPECT_EQ(last_.headers.Get("authorization"), "Bearer t") << "a token takes precedence over a password";
  EXPECT_EQ(last_.headers.Get("x-amz-target"), "AmazonPersonalize.ListSolutions");
  EXPECT_EQ(last_.path, "/");
}

TEST(OwnServer, SuggestsUrlIfDataDirectoryIsInUse) {
  const test::TempFolder folder;
  server::EngineOptions options;
  options.data_dir = folder.path("data");
  const auto engines = server::Engines::Open(options, SystemClock(), NullLog(), NullMetrics());
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  Invocation invocation;
  invocation.data_dir = options.data_dir;
  const auto connection = Connection::Open(invocation);
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind(), ErrorKind::kInUse);
  EXPECT_NE(connection.error().message.find("--url"), std::string::npos) << connection.error().message;
}

}  // namespace
}  // namespace trine::cli
