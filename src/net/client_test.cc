// The client against Trine's own server.
#include "net/client.h"

#include <gtest/gtest.h>

#include <future>

#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::RunningServer;

// Returns the method, the target, every received field and the body in the response body.
Response Mirror(const Request& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers.fields()) text += name + "=" + value + "\n";
  Response response = Response::JsonText(request.path == "/missing" ? 404 : 200, text + "\n" + request.body);
  response.headers.Add("ETag", "\"abc\"");
  response.headers.Add("X-Peer", request.peer);
  return response;
}

std::string Url(const RunningServer& server, const std::string& target) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + target;
}

TEST(HttpClient, SendsMethodPathFieldsAndBodyUnchanged) {
  RunningServer server(Mirror);
  auto client = NewHttpClient();
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    ClientRequest request{
        .method = method, .url = Url(server, "/a%20b/../x%2F?q=1&r=%41"), .headers = {}, .body = ""};
    request.headers.Add("X-One", "1");
    request.headers.Add("X-Empty", "");
    if (*method == 'P') request.body = "body of " + std::string(method);
    const auto r = client->Send(request, Deadline());
    ASSERT_TRUE(r.ok()) << r.error().ToString();
    EXPECT_EQ(r->status, 200);
    EXPECT_TRUE(r->body.starts_with(std::string(method) + " /a%20b/../x%2F?q=1&r=%41\n")) << r->body;
    EXPECT_TRUE(r->body.ends_with("\n\n" + request.body)) << r->body;
    EXPECT_NE(r->body.find("X-One=1\n"), std::string::npos);
    EXPECT_NE(r->body.find("X-Empty=\n"), std::string::npos);
    for (const char* unwanted : {"Content-Type=", "Expect=", "User-Agent=", "Transfer-Encoding="}) {
      EXPECT_EQ(r->body.find(unwanted), std::string::npos) << r->body;
    }
    EXPECT_EQ(r->headers.Get("etag"), "\"abc\"");
  }
}

TEST(HttpClient, SendsContentLengthForAnEmptyPut) {
  RunningServer server(Mirror);
  const auto r = NewHttpClient()->Send({.method = "PUT", .url = Url(server, "/"), .headers = {}, .body = ""},
                                       Deadline());
  EXPECT_NE(r->body.find("Content-Length=0\n"), std::string::npos) << r->body;
}

TEST(HttpClient, ReturnsEveryStatusAsAValue) {
  RunningServer server(Mirror);
  auto client = NewHttpClient();
  const auto head =
      client->Send({.method = "HEAD", .url = Url(server, "/missing"), .headers = {}, .body = ""}, Deadline());
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->body, "");
  EXPECT_NE(head->headers.Get("content-length"), "");
}

TEST(HttpClient, ReusesConnections) {
  RunningServer server(Mirror);
  auto client = NewHttpClient();
  std::string first;
  for (int i = 0; i < 3; ++i) {
    const auto r =
        client->Send({.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""}, Deadline());
    if (i == 0) first = r->headers.Get("x-peer");
    EXPECT_EQ(r->headers.Get("x-peer"), first);
  }
}

TEST(HttpClient, PassesOnlySuccessfulBodiesToTheSink) {
  RunningServer server(Mirror);
  auto client = NewHttpClient();
  std::string taken;
  const auto sink = [&](std::string_view piece) -> Status { return taken += piece, Ok(); };
  auto r =
      client->Send({.method = "POST", .url = Url(server, "/"), .headers = {}, .body = "x"}, Deadline(), sink);
  EXPECT_EQ(r->body, "");
  EXPECT_TRUE(taken.starts_with("POST /\n"));
  taken.clear();
  r = client->Send({.method = "GET", .url = Url(server, "/missing"), .headers = {}, .body = ""}, Deadline(),
                   sink);
  EXPECT_EQ(taken, "");
  EXPECT_TRUE(r->body.starts_with("GET /missing\n"));
  const auto refusing = [](std::string_view) -> Status { return Error(ErrorCode::kIo, "disk full"); };
  r = client->Send({.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""}, Deadline(),
                   refusing);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().message, "disk full");
}

ErrorKind KindOf(const ClientRequest& request, const Deadline& deadline = Deadline()) {
  const auto r = NewHttpClient()->Send(request, deadline);
  return r.ok() ? ErrorKind::kInternal : r.error().kind();
}

TEST(HttpClient, ReportsFailures) {
  RunningServer server(Mirror);
  EXPECT_EQ(
      KindOf({.method = "GET", .url = Url(server, "/"), .headers = {}, .body = "", .max_response_bytes = 5}),
      ErrorKind::kLimit);
  EXPECT_EQ(KindOf({.method = "GET", .url = "file:///etc/passwd", .headers = {}, .body = ""}),
            ErrorKind::kInvalid);
  EXPECT_EQ(KindOf({.method = "GET", .url = "http://", .headers = {}, .body = ""}), ErrorKind::kInvalid);
  EXPECT_EQ(KindOf({.method = "GET", .url = "http://127.0.0.1:1/", .headers = {}, .body = ""}),
            ErrorKind::kUnavailable);
  ClientRequest injected{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  injected.headers.Add("X", "a\r\nY: b");
  EXPECT_EQ(KindOf(injected), ErrorKind::kInvalid);
}

TEST(HttpClient, ObeysTheDeadline) {
  std::promise<void> release;
  auto released = release.get_future().share();
  RunningServer server([released](const Request& r) { return released.wait(), Mirror(r); });
  const ClientRequest request{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  EXPECT_EQ(KindOf(request, Deadline::After(SystemClock(), 50)), ErrorKind::kTimeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(KindOf(request, Deadline::After(SystemClock(), 60'000, stop.get_token())), ErrorKind::kTimeout);
  release.set_value();
}

TEST(HttpClient, AStopRequestEndsASilentTransferAtOnce) {
  std::promise<void> release, arrived;
  auto released = release.get_future().share();
  RunningServer server([&](const Request& r) { return arrived.set_value(), released.wait(), Mirror(r); });
  const ClientRequest request{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  std::stop_source stop;
  auto sent = std::async(std::launch::async, [&] {
    return KindOf(request, Deadline::After(SystemClock(), 60'000, stop.get_token()));
  });
  arrived.get_future().wait();
  stop.request_stop();
  EXPECT_EQ(sent.get(), ErrorKind::kTimeout);
  release.set_value();
}

// Sends "one", and "two" once `go_on` is set.
RunningServer::Handler InTwoPieces(std::shared_future<void> go_on) {
  return [go_on](const Request&) {
    Response r;
    r.headers.Add("Content-Type", "text/event-stream");
    r.stream = [go_on](BodyWriter& out) -> Status {
      TRINE_TRY(out.Write("one"));
      go_on.wait();
      return out.Write("two");
    };
    return r;
  };
}

TEST(HttpClient, PassesTheHeadOnBeforeTheBody) {
  std::promise<void> go_on;
  RunningServer server(InTwoPieces(go_on.get_future().share()));
  std::string events;
  ClientRequest request{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  request.on_head = [&](const ClientResponse& head) -> Status {
    events += std::to_string(head.status) + " " + std::string(head.headers.Get("content-type")) + head.body;
    return Ok();
  };
  const auto r = NewHttpClient()->Send(request, Deadline(), [&](std::string_view piece) -> Status {
    events += " " + std::string(piece);
    if (piece == "one") go_on.set_value();  // the first piece arrives while the second is not sent yet
    return Ok();
  });
  ASSERT_TRUE(r.ok()) << r.error().ToString();
  EXPECT_EQ(events, "200 text/event-stream one two");
}

TEST(HttpClient, AnErrorAboutTheHeadEndsTheTransfer) {
  std::promise<void> go_on;
  RunningServer server(InTwoPieces(go_on.get_future().share()));
  std::string taken;
  ClientRequest request{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  request.on_head = [](const ClientResponse&) -> Status { return Error(ErrorCode::kConflict, "not this"); };
  const auto r = NewHttpClient()->Send(
      request, Deadline(), [&](std::string_view piece) -> Status { return taken += piece, Ok(); });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().message, "not this");
  EXPECT_EQ(taken, "");
  go_on.set_value();
}

TEST(HttpClient, AnErrorOfTheSinkEndsATransferThatWouldGoOn) {
  std::promise<void> go_on;
  RunningServer server(InTwoPieces(go_on.get_future().share()));
  const ClientRequest request{.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""};
  const auto r = NewHttpClient()->Send(
      request, Deadline(), [](std::string_view) -> Status { return Error(ErrorCode::kLimit, "enough"); });
  ASSERT_FALSE(r.ok());  // although the second piece was never sent
  EXPECT_EQ(r.error().message, "enough");
  go_on.set_value();
}

TEST(HttpClient, LimitsTheTimeToTheHeadAndBetweenPieces) {
  std::promise<void> go_on;
  auto released = go_on.get_future().share();
  RunningServer silent([released](const Request& r) { return released.wait(), Mirror(r); });
  RunningServer stalled(InTwoPieces(released));
  ClientRequest request{.method = "GET", .url = Url(silent, "/"), .headers = {}, .body = ""};
  request.first_byte_ms = 30;
  EXPECT_EQ(KindOf(request, Deadline::After(SystemClock(), 60'000)), ErrorKind::kTimeout);
  request.url = Url(stalled, "/");
  request.first_byte_ms = 10'000;
  request.idle_ms = 30;
  EXPECT_EQ(KindOf(request, Deadline::After(SystemClock(), 60'000)), ErrorKind::kTimeout);
  go_on.set_value();
  request.idle_ms = 10'000;
  EXPECT_EQ(KindOf(request), ErrorKind::kInternal);  // which KindOf returns for a success
}

TEST(HttpClient, DoesNotFollowRedirects) {
  RunningServer server([](const Request&) {
    Response r;
    r.status = 302;
    r.headers.Add("Location", "http://127.0.0.1:1/");
    return r;
  });
  const auto r = NewHttpClient()->Send({.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""},
                                       Deadline());
  EXPECT_EQ(r->status, 302);
  EXPECT_EQ(r->headers.Get("location"), "http://127.0.0.1:1/");
}

TEST(HttpClient, ReportsAMalformedResponseAsUnavailable) {
  RunningServer server([](const Request&) {
    Response r;
    r.stream = [](BodyWriter& out) -> Status {
      TRINE_TRY(out.Write("half"));
      return Error(ErrorCode::kInternal, "cut");
    };
    return r;
  });
  EXPECT_EQ(KindOf({.method = "GET", .url = Url(server, "/"), .headers = {}, .body = ""}),
            ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace trine::net
