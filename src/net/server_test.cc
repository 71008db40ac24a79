// The server over real sockets: the exact bytes of valid and invalid exchanges.
#include "net/server.h"

#include <gtest/gtest.h>

#include <tuple>

#include <stdexcept>

#include "net/gzip.h"
#include "net/sigv4.h"
#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::Echo;
using test::RawClient;
using test::RawResponse;
using test::RunningServer;

std::string Get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

std::string Post(const std::string& target, const std::string& body, const std::string& fields = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + fields + "\r\n" + body;
}

TEST(Server, ServesSeveralRequestsPerConnection) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  for (int i = 0; i < 3; ++i) {
    const RawResponse r = client.Ask(Post("/a?n=" + std::to_string(i), "body"));
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.body, "POST /a?n=" + std::to_string(i) + " body");
    EXPECT_EQ(r.headers.at("content-length"), std::to_string(r.body.size()));
    EXPECT_FALSE(r.headers.contains("connection"));
  }
}

TEST(Server, SetsTheMembersOfTheRequest) {
  Request seen;
  RunningServer server([&](const Request& r) { return seen = r, Response(); });
  RawClient client = server.Connect();
  client.Ask(Get("/x%2Fy?q=1", "X-Thing: v\r\n"));
  EXPECT_EQ(seen.path, "/x%2Fy");
  EXPECT_EQ(seen.query, "q=1");
  EXPECT_EQ(seen.headers.Get("x-thing"), "v");
  EXPECT_TRUE(seen.peer.starts_with("127.0.0.1:"));
  EXPECT_EQ(seen.id.size(), 36u);
  EXPECT_EQ(seen.deadline.MillisLeft(), ServerOptions().request_deadline_ms);
  EXPECT_EQ(seen.wire_body_hash, "");
  const std::string first_id = seen.id;
  client.Ask(Post("/", "abc", "Authorization: AWS4-HMAC-SHA256 Credential=x\r\n"));
  EXPECT_EQ(seen.wire_body_hash, Sha256Hex("abc"));
  EXPECT_NE(seen.id, first_id);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += Post("/p" + std::to_string(i), std::string(static_cast<size_t>(i), 'x'));
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 200; ++i) {
    const RawResponse r = client.Read();
    ASSERT_EQ(r.body, "POST /p" + std::to_string(i) + " " + std::string(static_cast<size_t>(i), 'x'));
  }
}

TEST(Server, ReadsAHeadByteByByte) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  for (char c : Post("/slow", "ab")) ASSERT_TRUE(client.Send({&c, 1}));
  EXPECT_EQ(client.Read().body, "POST /slow ab");
}

TEST(Server, TransfersLargeBodiesInBothDirections) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  std::string body(20u << 20, 'b');
  for (size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);
  const RawResponse r = client.Ask(Post("/", body));
  ASSERT_TRUE(r.complete);
  EXPECT_TRUE(r.body == "POST / " + body);
  EXPECT_EQ(client.Ask(Get("/")).status, 200);
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  const std::string head = "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.Ask(head + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").body, "POST /c abcde");
  EXPECT_EQ(client.Ask(head + "0\r\n\r\n").body, "POST /c ");
  EXPECT_EQ(client.Ask(head + "nonsense\r\n").status, 400);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, AnswersHeadWithoutBody) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  const RawResponse head = client.Ask("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n", true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(std::string("HEAD /h ").size()));
  EXPECT_EQ(head.headers.at("content-type"), "text/plain");
  EXPECT_EQ(client.Ask(Get("/after")).body, "GET /after ");  // the connection has no leftover bytes
}

TEST(Server, Sends204WithoutBodyOrContentLength) {
  RunningServer server([](const Request&) {
    Response r;
    r.status = 204;
    r.body = "dropped";
    return r;
  });
  RawClient client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    const RawResponse r = client.Ask(Get("/"));
    EXPECT_EQ(r.status, 204);
    EXPECT_FALSE(r.headers.contains("content-length"));
  }
}

TEST(Server, SendsContinueIfExpected) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  ASSERT_TRUE(client.Send("PUT /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 100);
  EXPECT_EQ(client.Ask("ok").body, "PUT /e ok");
  // The server sends no 100 if the body is already there or the request is rejected.
  EXPECT_EQ(client.Ask(Post("/f", "hi", "Expect: 100-continue\r\n")).body, "POST /f hi");
  EXPECT_EQ(
      client.Ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\nExpect: 100-continue\r\n\r\n")
          .status,
      413);
}

TEST(Server, DecompressesGzipRequestBodies) {
  ServerOptions options;
  options.max_body_bytes = 100'000;
  std::string hash;
  RunningServer server([&](const Request& r) { return hash = r.wire_body_hash, Echo(r); }, options);
  RawClient client = server.Connect();
  const std::string fields = "Content-Encoding: gzip\r\n";
  const std::string packed = Gzip("unpacked");
  EXPECT_EQ(client.Ask(Post("/g", packed, fields)).body, "POST /g unpacked");
  client.Ask(Post("/g", packed, fields + "Authorization: AWS4-HMAC-SHA256 x\r\n"));
  EXPECT_EQ(hash, Sha256Hex(packed));
  const RawResponse bomb = client.Ask(Post("/g", Gzip(std::string(8'000'000, 'x')), fields));
  EXPECT_EQ(bomb.status, 413);
  EXPECT_EQ(bomb.body, "rejected /g: body_too_large");
  EXPECT_EQ(client.Ask(Post("/g", Gzip(std::string(90'000, 'x')), fields)).status, 200);
  EXPECT_EQ(client.Ask(Post("/g", "not gzip", fields)).status, 400);
  EXPECT_EQ(client.Ask(Post("/g", "x", "Content-Encoding: br\r\n")).status, 415);
  EXPECT_EQ(client.Ask(Post("/g", "plain", "Content-Encoding: identity\r\n")).body, "POST /g plain");
}

TEST(Server, CompressesResponsesIfTheClientAcceptsGzip) {
  const std::string text(5000, 'z');
  RunningServer server(
      [&](const Request& r) { return Response::JsonText(200, r.path == "/small" ? "{}" : text); });
  RawClient client = server.Connect();
  EXPECT_EQ(client.Ask(Get("/big")).body, text);
  EXPECT_EQ(client.Ask(Get("/big", "Accept-Encoding: identity\r\n")).body, text);
  EXPECT_EQ(client.Ask(Get("/big", "Accept-Encoding: gzip;q=0\r\n")).body, text);
  EXPECT_EQ(client.Ask(Get("/small", "Accept-Encoding: gzip\r\n")).body, "{}");
  const RawResponse r = client.Ask(Get("/big", "Accept-Encoding: deflate, gzip;q=0.5\r\n"));
  EXPECT_EQ(r.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(*Gunzip(r.body, 10000), text);
  const RawResponse head = client.Ask("HEAD /big HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n", true);
  EXPECT_EQ(head.headers.at("content-length"), "5000");
}

TEST(Server, StreamsResponses) {
  RunningServer server([](const Request&) {
    Response r;
    r.stream = [](BodyWriter& out) -> Status {
      for (int i = 0; i < 1000; ++i) TRINE_TRY(out.Write("piece " + std::to_string(i) + "\n"));
      TRINE_TRY(out.Write(""));
      return out.Write(std::string(1u << 20, 'm'));
    };
    return r;
  });
  RawClient client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    const RawResponse r = client.Ask(Get("/"));
    ASSERT_TRUE(r.complete);
    EXPECT_EQ(r.headers.at("transfer-encoding"), "chunked");
    EXPECT_FALSE(r.headers.contains("content-length"));
    EXPECT_TRUE(r.body.starts_with("piece 0\npiece 1\n"));
    EXPECT_EQ(r.body.size(), 10u * 8 + 90u * 9 + 900u * 10 + (1u << 20));
  }
  EXPECT_EQ(client.Ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", true).status, 200);
  RawClient old = server.Connect();
  const RawResponse plain = old.Ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(plain.headers.contains("transfer-encoding"));
  EXPECT_TRUE(plain.body.ends_with("mmm"));
  EXPECT_TRUE(plain.body.starts_with("piece 0\n"));
}

TEST(Server, ResetsTheConnectionWhenAStreamFails) {
  RunningServer server([](const Request& request) {
    Response r;
    const bool throws = request.path == "/throw";
    r.stream = [throws](BodyWriter& out) -> Status {
      TRINE_TRY(out.Write("half"));
      if (throws) throw std::runtime_error("no");
      return Error(ErrorCode::kInternal, "no");
    };
    return r;
  });
  for (const char* path : {"/", "/throw"}) {
    RawClient client = server.Connect();
    const RawResponse r = client.Ask(Get(path));
    EXPECT_FALSE(r.complete);
  }
}

TEST(Server, ClosesTheConnectionIfTheClientAsks) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  const RawResponse r = client.Ask(Get("/", "Connection: close\r\n"));
  EXPECT_EQ(r.headers.at("connection"), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  RawClient old = server.Connect();
  EXPECT_EQ(old.Ask("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.at("connection"),
            "keep-alive");
  EXPECT_EQ(old.Ask("GET /2 HTTP/1.0\r\n\r\n").body, "GET /2 ");
  EXPECT_EQ(old.ReadToEnd(), "");
}

TEST(Server, RejectsMalformedHttp) {
  ServerOptions options;
  options.max_header_bytes = 2000;
  options.max_body_bytes = 5000;
  RunningServer server(Echo, options);
  const std::pair<std::string, std::string> cases[] = {
      {"complete nonsense\r\n\r\n", "HTTP/1.1 400"},
      {"GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"GET /a HTTP/3.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505"},
      {Get("/a", "X: " + std::string(3000, 'h') + "\r\n"), "HTTP/1.1 431"},
      {"GET /" + std::string(30000, 'u'), "HTTP/1.1 431"},
      {Post("/a", std::string(5001, 'b')), "HTTP/1.1 413"},
      {"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1389\r\n" + std::string(5001, 'b'),
       "HTTP/1.1 413"},
      {Post("/a", std::string(2'000'000, 'b')), "HTTP/1.1 413"},  // arrives despite the unread body
      {Post("/small", std::string(1001, 'b')), "HTTP/1.1 413"},   // this path's plan has a lower limit
      {"POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, 'b'),
       "HTTP/1.1 413"},
      // Unadmitted clients are rejected before a chunked, compressed or large body is read.
      {"POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nTransfer-Encoding: chunked\r\n\r\n",
       "HTTP/1.1 401"},
      {"POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: nobody\r\nContent-Encoding: gzip\r\nContent-Length: "
       "9\r\n\r\n",
       "HTTP/1.1 401"},
  };
  for (const auto& [text, expected] : cases) {
    RawClient client = server.Connect();
    client.Send(text);
    const RawResponse r = client.Read();
    EXPECT_EQ(r.head.substr(0, expected.size()), expected) << text.substr(0, 60);
    EXPECT_TRUE(r.body.starts_with("rejected ")) << text.substr(0, 60);
    EXPECT_EQ(r.headers.at("connection"), "close");
    client.EndOutput();
    EXPECT_TRUE(client.ReadToEnd().has_value());
  }
}

TEST(Server, RejectsUnadmittedRequestsBeforeReadingLargeBodies) {
  RunningServer server(Echo);
  for (const auto& [length, who, answered] :
       {std::tuple{70'000, "nobody", true}, {1000, "nobody", false}, {70'000, "somebody", false}}) {
    RawClient client = server.Connect();
    client.Send("POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: " + std::string(who) +
                "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n");
    EXPECT_EQ(client.Readable(answered ? 5000 : 50), answered) << length << who;
  }
}

TEST(Server, PassesThePathOfAnIncompleteHeadToRefuse) {
  ServerOptions options;
  options.max_header_bytes = 2000;
  RunningServer server(Echo, options);
  EXPECT_EQ(server.Connect().Ask(Get("/a?b", "X: " + std::string(3000, 'h') + "\r\n")).body,
            "rejected /a: header_too_large");
  EXPECT_EQ(server.Connect().Ask("GET /a HTTP/1.1\r\n\r\n").body, "rejected /a: malformed_request");
  EXPECT_EQ(server.Connect().Ask("nonsense\r\n\r\n").body, "rejected : malformed_request");
}

TEST(Server, RejectsRequestSmuggling) {
  RunningServer server([](const Request& r) {
    EXPECT_NE(r.path, "/smuggled");
    return Echo(r);
  });
  RawClient client = server.Connect();
  const std::string behind = Get("/smuggled");
  EXPECT_EQ(client
                .Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(5 + behind.size()) +
                     "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + behind)
                .status,
            400);
  client.EndOutput();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(Server, AnswersAThrowingHandlerWith500) {
  RunningServer server([](const Request& r) -> Response {
    if (r.path == "/throw") throw std::runtime_error("std::secret");
    return Echo(r);
  });
  RawClient client = server.Connect();
  const RawResponse failed = client.Ask(Get("/throw"));
  EXPECT_EQ(failed.status, 500);
  EXPECT_TRUE(failed.headers.at("x-message").starts_with("internal error in request ")) << failed.head;
  EXPECT_EQ(failed.head.find("std::secret"), std::string::npos);
  EXPECT_EQ(client.Ask(Get("/fine")).status, 200);
}

TEST(Server, DropsHeaderValuesWithLineBreaks) {
  RunningServer server([](const Request&) {
    Response r;
    r.headers.Add("X-Bad", "a\r\nSet-Cookie: evil=1");
    r.headers.Add("X-Good", "의자");
    r.headers.Add("Content-Length", "7");
    r.headers.Add("Transfer-Encoding", "chunked");
    r.body = "12";
    return r;
  });
  RawClient client = server.Connect();
  const RawResponse r = client.Ask(Get("/"));
  EXPECT_EQ(r.head.find("evil"), std::string::npos);
  EXPECT_EQ(r.headers.at("x-good"), "의자");
  EXPECT_EQ(r.headers.at("content-length"), "2");
  EXPECT_FALSE(r.headers.contains("transfer-encoding"));
}

TEST(Server, ReportsWhyItCannotStart) {
  RunningServer first(Echo);
  Service service{[](const Request&) { return RequestPlan(); },
                  {},
                  Echo,
                  [](const Request&, int, const Error&) { return Response(); }};
  ServerOptions taken;
  taken.port = first.port();
  EXPECT_EQ(StartHttpServer(taken, service, SystemClock(), NullLog(), NullMetrics()).error().kind(),
            ErrorKind::kIo);
  ServerOptions nowhere;
  nowhere.host = "203.0.113.1";  // not an address of this machine
  nowhere.port = 0;
  EXPECT_EQ(StartHttpServer(nowhere, service, SystemClock(), NullLog(), NullMetrics()).error().kind(),
            ErrorKind::kIo);
}

}  // namespace
}  // namespace trine::net
