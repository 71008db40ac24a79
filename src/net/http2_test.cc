// HTTP/2 over real sockets: what is served as over HTTP/1.1, what is refused, and every limit once.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/http2_session.h"
#include "net/server.h"
#include "test/support/gate.h"
#include "test/support/http2_client.h"
#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::Echo;
using test::Gate;
using test::Http2Client;
using test::Http2Response;
using test::RawClient;
using test::RunningServer;

// Error codes of RFC 9113, section 7.
constexpr uint32_t kNoError = 0, kProtocolError = 1, kInternalError = 2, kEnhanceYourCalm = 11;

// The frames of RFC 9113, section 4, written by hand.
std::string Frame(int type, int flags, int stream, const std::string& payload) {
  std::string frame;
  const auto byte = [&](size_t value) { frame += static_cast<char>(value & 255); };
  for (const size_t shift : {16, 8, 0}) byte(payload.size() >> shift);
  byte(static_cast<size_t>(type));
  byte(static_cast<size_t>(flags));
  for (const size_t shift : {24, 16, 8, 0}) byte(static_cast<size_t>(stream) >> shift);
  return frame + payload;
}
constexpr int kHeaders = 1, kSettings = 4, kPing = 6, kContinuation = 9;

const std::string kOpening = std::string(kHttp2Preface) + Frame(kSettings, 0, 0, "");
// :method GET, :scheme http, :path / by their indexes in the static table of HPACK, and :authority h.
const std::string kGetHead = std::string("\x82\x86\x84\x41\x01h", 6);

// Moves a manual clock on, until it is destroyed, so that timeouts pass.
class PassingTime {
 public:
  explicit PassingTime(ManualClock& clock)
      : thread_([&clock](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            clock.Advance(5);
            std::this_thread::yield();
          }
        }) {}

 private:
  std::jthread thread_;
};

ServerOptions ShortTimeouts() {
  ServerOptions options;
  options.header_timeout_ms = 400;
  options.body_timeout_ms = 600;
  options.idle_timeout_ms = 800;
  return options;
}

TEST(Http2, SetsTheMembersOfTheRequest) {
  Request seen;
  RunningServer server([&](const Request& r) { return seen = r, Echo(r); });
  Http2Client client(server.Connect());
  const Http2Response r =
      client.Ask("POST", "/x%2Fy?q=1", {{"x-thing", "v"}, {"cookie", "a=1"}, {"cookie", "b=2"}}, "body");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, "POST /x%2Fy?q=1 body");
  EXPECT_EQ(r.headers.at("content-type"), "text/plain");
  EXPECT_EQ(r.headers.at("content-length"), std::to_string(r.body.size()));
  EXPECT_EQ(seen.http_version, 20);
  EXPECT_EQ(seen.path, "/x%2Fy");
  EXPECT_EQ(seen.query, "q=1");
  EXPECT_EQ(seen.headers.Get("host"), "h");
  EXPECT_EQ(seen.headers.Get("x-thing"), "v");
  EXPECT_EQ(seen.headers.Get("cookie"), "a=1; b=2");
  EXPECT_TRUE(seen.peer.starts_with("127.0.0.1:"));
  EXPECT_EQ(seen.id.size(), 36u);
  EXPECT_EQ(seen.deadline.MillisLeft(), ServerOptions().request_deadline_ms);
}

TEST(Http2, ServesManyStreamsAtATime) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  std::vector<int32_t> streams;
  for (int i = 0; i < 350; ++i)  // more than may be open at a time: the client holds the rest back
    streams.push_back(client.Send("POST", i % 3 == 0 ? "/live" : "/p" + std::to_string(i), {},
                                  std::string(static_cast<size_t>(i) * 50, 'x')));
  for (size_t i = 0; i < streams.size(); ++i) {
    const Http2Response r = client.Wait(streams[i]);
    ASSERT_TRUE(r.complete) << i;
    ASSERT_EQ(r.body,
              "POST " + (i % 3 == 0 ? "/live" : "/p" + std::to_string(i)) + " " + std::string(i * 50, 'x'));
  }
}

TEST(Http2, ASlowRequestDoesNotHoldBackOthers) {
  Gate gate;
  RunningServer server([&](const Request& r) {
    if (r.path == "/search") gate.Pass();
    return Echo(r);
  });
  Http2Client client(server.Connect());
  const int32_t slow = client.Send("GET", "/search");
  gate.AwaitArrivals(1);
  EXPECT_EQ(client.Ask("GET", "/x").status, 200);
  gate.Open();
  EXPECT_EQ(client.Wait(slow).body, "GET /search ");
}

TEST(Http2, PassesLargeBodiesBothWays) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  std::string body(9'000'000, 'x');
  for (size_t i = 0; i < body.size(); i += 7) body[i] = static_cast<char>('a' + i % 26);
  const Http2Response r = client.Ask("POST", "/big", {}, body);
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body, "POST /big " + body);
}

TEST(Http2, AnswersWithoutABody) {
  RunningServer server([](const Request& r) {
    Response response = Echo(r);
    if (r.path == "/none") response.status = 204;
    return response;
  });
  Http2Client client(server.Connect());
  const Http2Response head = client.Ask("HEAD", "/x");
  EXPECT_TRUE(head.complete);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.at("content-length"), "8");
  const Http2Response none = client.Ask("GET", "/none");
  EXPECT_TRUE(none.complete);
  EXPECT_EQ(none.status, 204);
  EXPECT_FALSE(none.headers.contains("content-length"));
}

TEST(Http2, CompressesAsOverHttp1) {
  RunningServer server([](const Request&) {
    Response response;
    response.body = std::string(100'000, 'x');
    return response;
  });
  Http2Client client(server.Connect());
  const Http2Response r = client.Ask("GET", "/", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(r.headers.at("content-encoding"), "gzip");
  EXPECT_LT(r.body.size(), 1000u);
}

TEST(Http2, FieldsOfTheConnectionAreNotSent) {
  RunningServer server([](const Request&) {
    Response response;
    response.headers.Add("Connection", "close");
    response.headers.Add("Transfer-Encoding", "chunked");
    response.headers.Add("X-Broken", "a\r\nb");
    response.headers.Add("X-Kept", "v");
    return response;
  });
  Http2Client client(server.Connect());
  const Http2Response r = client.Ask("GET", "/");
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.headers, (std::map<std::string, std::string>{{"x-kept", "v"}, {"content-length", "0"}}));
}

TEST(Http2, RunsARequestThatWaitsWithoutAThread) {
  std::promise<std::function<void()>> started;
  RunningServer server([&](const Request& r) {
    auto wait = std::make_shared<Wait>();
    wait->start = [&](std::function<void()> resume) { started.set_value(std::move(resume)); };
    wait->most_millis = 100'000;
    wait->then = [&r] { return Echo(r); };
    Response response;
    response.wait = std::move(wait);
    return response;
  });
  Http2Client client(server.Connect());
  const int32_t stream = client.Send("GET", "/wait");
  started.get_future().get()();
  EXPECT_EQ(client.Wait(stream).body, "GET /wait ");
}

TEST(Http2, StreamsWithBackPressure) {
  constexpr size_t kPiece = 10'000, kPieces = 300;
  std::atomic<size_t> written{0};
  RunningServer server([&](const Request&) {
    Response response;
    response.stream = [&](BodyWriter& writer) -> Status {
      for (size_t i = 0; i < kPieces; ++i) {
        TRINE_TRY(writer.Write(std::string(kPiece, static_cast<char>('a' + i % 26))));
        written += kPiece;
      }
      return Ok();
    };
    return response;
  });
  Http2Client client(server.Connect(), false);
  const int32_t stream = client.Send("GET", "/search");
  constexpr int32_t kFirstWindow = 65'535;
  EXPECT_EQ(client.WaitForBody(stream, kFirstWindow).body.size(), static_cast<size_t>(kFirstWindow));
  EXPECT_EQ(client.Ask("HEAD", "/x").status, 200) << "another stream goes on";
  EXPECT_LT(written, kPiece * kPieces / 2) << "the writer waits for the client";
  client.OpenWindow(stream, kPiece * kPieces);
  const Http2Response r = client.Wait(stream);
  EXPECT_TRUE(r.complete);
  EXPECT_FALSE(r.headers.contains("content-length"));
  ASSERT_EQ(r.body.size(), kPiece * kPieces);
  for (size_t i = 0; i < kPieces; ++i) ASSERT_EQ(r.body[i * kPiece], static_cast<char>('a' + i % 26));
}

TEST(Http2, AStreamThatFailsIsReset) {
  RunningServer server([](const Request&) {
    Response response;
    response.stream = [](BodyWriter& writer) -> Status {
      TRINE_TRY(writer.Write("half"));
      return Error(ErrorCode::kInternal, "broken");
    };
    return response;
  });
  Http2Client client(server.Connect());
  const Http2Response r = client.Ask("GET", "/");
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.reset_code, kInternalError);
  EXPECT_EQ(client.Ask("HEAD", "/").status, 200) << "the connection goes on";
}

TEST(Http2, AResetEndsTheWork) {
  std::promise<void> ended;
  RunningServer server([&](const Request& r) {
    Response response;
    if (r.method == "GET") {
      response.stream = [&](BodyWriter& writer) {
        Status status = Ok();
        while (status.ok()) status = writer.Write("x");
        ended.set_value();
        return status;
      };
    }
    return response;
  });
  Http2Client client(server.Connect());
  const int32_t stream = client.Send("GET", "/");
  client.WaitForBody(stream, 1);
  client.Reset(stream);
  ended.get_future().get();
  EXPECT_EQ(client.Ask("HEAD", "/").status, 200);
}

TEST(Http2, ALostClientStopsItsRequests) {
  std::promise<void> stopped;
  Gate gate;
  RunningServer server([&](const Request& r) {
    gate.Pass();
    while (r.deadline.MillisLeft() > 0) std::this_thread::yield();
    stopped.set_value();
    return Response();
  });
  {
    Http2Client client(server.Connect());
    client.Send("GET", "/search");
    gate.AwaitArrivals(1);
  }
  gate.Open();
  stopped.get_future().get();
}

TEST(Http2, RefusesByTheHead) {
  ServerOptions options;
  options.max_header_bytes = 4000;
  options.max_body_bytes = 100'000;
  RunningServer server(Echo, options);
  Http2Client client(server.Connect());
  EXPECT_EQ(client.Ask("POST", "/x", {{"content-length", "100001"}}, std::string(100'001, 'x')).status, 413);
  EXPECT_EQ(client.Ask("POST", "/small", {{"content-length", "1001"}}, std::string(1001, 'x')).status, 413);
  EXPECT_EQ(client.Ask("POST", "/x", {{"authorization", "nobody"}}, std::string(70'000, 'x')).status, 401);
  EXPECT_EQ(client.Ask("GET", "/x", {{"x-large", std::string(4000, 'x')}}).status, 431);
  EXPECT_EQ(client.Ask("POST", "/x", {{"expect", "magic"}}, "x").status, 417);
  EXPECT_EQ(client.Ask("GET", "/x", {{"host", "other"}}).status, 400);
  const Http2Response encoded = client.Ask("POST", "/x", {{"content-encoding", "br"}}, "x");
  EXPECT_EQ(encoded.status, 415);
  EXPECT_EQ(encoded.body, "rejected /x: content_encoding");
  EXPECT_EQ(client.Ask("GET", "/x").status, 200) << "the connection goes on";
}

TEST(Http2, RefusesABodyThatIsLargerThanItsLimit) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  const int32_t stream = client.Send("POST", "/small", {}, std::string(900, 'x'), false);
  client.Continue(stream, std::string(200, 'x'), false);
  const Http2Response r = client.Wait(stream);
  EXPECT_EQ(r.status, 413);
  EXPECT_EQ(r.headers.at("x-message").find("the request body is too large"), 0u);
  EXPECT_EQ(client.Ask("GET", "/x").status, 200);
}

TEST(Http2, ResetsMalformedRequests) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  EXPECT_EQ(client.Ask("GET", "/x", {{"connection", "close"}}).reset_code, kProtocolError);
  EXPECT_EQ(client.Ask("GET", "/x", {{"x", "a\nb"}}).reset_code, kProtocolError);
  EXPECT_EQ(client.Ask("GET", "no-slash").reset_code, kProtocolError);
  EXPECT_EQ(client.Ask("POST", "/x", {{"content-length", "3"}}, "four").reset_code, kProtocolError);
  EXPECT_EQ(client.Ask("GET", "/x").status, 200) << "the connection goes on";
}

TEST(Http2, TellsAClientThatAsksToContinue) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  const int32_t stream = client.Send("POST", "/x", {{"expect", "100-continue"}}, "", false);
  client.Continue(stream, "body", true);
  const Http2Response r = client.Wait(stream);
  EXPECT_TRUE(r.interim);
  EXPECT_EQ(r.body, "POST /x body");
}

TEST(Http2, RefusesWhatDoesNotFitIntoMemory) {
  MemoryBudget memory(MemoryBounds::Of(32u << 20), NullMetrics());
  ServerOptions options;
  options.memory = &memory;
  RunningServer server(Echo, options);
  Http2Client client(server.Connect());
  const Http2Response r =
      client.Ask("POST", "/x", {{"content-length", "90000000"}}, std::string(90'000'000, 'x'));
  EXPECT_EQ(r.status, 429);
  EXPECT_EQ(client.Ask("GET", "/x").status, 200);
}

TEST(Http2, BodiesHaveToArrive) {
  RunningServer server(Echo, ShortTimeouts());
  Http2Client client(server.Connect());
  const int32_t stream = client.Send("POST", "/x", {}, "half", false);
  const PassingTime time(server.clock);
  const Http2Response r = client.Wait(stream);
  EXPECT_EQ(r.status, 408);
  EXPECT_EQ(r.headers.at("x-message"), "the request body arrived too slowly");
}

TEST(Http2, HeadsHaveToArrive) {
  RunningServer server(Echo, ShortTimeouts());
  RawClient client = server.Connect();
  ASSERT_TRUE(client.Send(kOpening + Frame(kHeaders, 0, 1, kGetHead)));
  const PassingTime time(server.clock);
  EXPECT_TRUE(client.ReadToEnd().has_value());
}

TEST(Http2, IdleConnectionsAreClosed) {
  RunningServer server(Echo, ShortTimeouts());
  Http2Client client(server.Connect());
  EXPECT_EQ(client.Ask("GET", "/x").status, 200);
  const PassingTime time(server.clock);
  EXPECT_EQ(client.WaitForEnd(), kNoError);
}

TEST(Http2, ResponsesHaveToBeTaken) {
  RunningServer server(
      [](const Request&) {
        Response response;
        response.body = std::string(200'000, 'x');
        return response;
      },
      ShortTimeouts());
  Http2Client client(server.Connect(), false);
  const int32_t stream = client.Send("GET", "/x");
  client.WaitForBody(stream, 65'535);
  const PassingTime time(server.clock);
  EXPECT_TRUE(client.Wait(stream).reset_code.has_value());
}

TEST(Http2, FinishesItsRequestsWhenTheServerStops) {
  Gate gate;
  RunningServer server([&](const Request& r) {
    gate.Pass();
    return Echo(r);
  });
  std::optional<Http2Client> client(server.Connect());
  const int32_t stream = client->Send("GET", "/search");
  gate.AwaitArrivals(1);
  std::thread stop([&] { server.server->Stop(20'000); });
  gate.Open();
  EXPECT_EQ(client->Wait(stream).body, "GET /search ");
  EXPECT_EQ(client->WaitForEnd(), kNoError);
  client.reset();  // the server waits until the client has closed, too
  stop.join();
}

TEST(Http2, LimitsRequestsThatAreGivenUp) {
  ServerOptions options;
  options.search_threads = 1;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (r.path == "/search") gate.Pass();
        return Echo(r);
      },
      options);
  Http2Client client(server.Connect());
  for (uint32_t i = 0; i <= kMaxHttp2Streams; ++i) {
    const int32_t stream = client.Send("GET", "/search");
    if (i == 0) gate.AwaitArrivals(1);
    client.Reset(stream);
  }
  EXPECT_EQ(client.Ask("GET", "/x").status, 429);
  gate.Open();
}

TEST(Http2, EndsAConnectionThatResetsManyStreams) {
  RunningServer server(Echo);
  Http2Client client(server.Connect());
  for (int i = 0; i < 5000; ++i) client.Reset(client.Send("GET", "/x"));
  EXPECT_TRUE(client.WaitForEnd().has_value());
}

TEST(Http2, EndsAConnectionWhoseHeadNeverEnds) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  ASSERT_TRUE(client.Send(kOpening + Frame(kHeaders, 0, 1, kGetHead)));
  for (int i = 0; i < 10'000; ++i) {
    if (!client.Send(Frame(kContinuation, 0, 1, std::string("\x40\x01x\x01y", 5)))) break;
  }
  EXPECT_TRUE(client.ReadToEnd().has_value());
}

TEST(Http2, EndsAConnectionThatPingsWithoutReading) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += Frame(kPing, 0, 0, "12345678");
  ASSERT_TRUE(client.Send(kOpening));
  const PassingTime time(server.clock);
  bool open = true;
  for (int i = 0; i < 100'000 && open; ++i) open = client.Send(pings);
  EXPECT_FALSE(open);
}

TEST(Http2, EndsMalformedConnections) {
  RunningServer server(Echo);
  const std::string malformed[] = {
      Frame(kHeaders, 4, 2, kGetHead),                        // the stream of a server
      Frame(kHeaders, 4 + 1, 1, "\xff\xff\xff\xff\xff\xff"),  // not HPACK
      Frame(kContinuation, 4, 1, ""),                         // of no head
      Frame(kPing, 0, 0, "short"),
      Frame(0, 0, 0, "data of no stream"),
      Frame(0, 0, 7, "data of an idle stream"),
      Frame(kSettings, 0, 0, "12345"),
      Frame(5, 4, 1, std::string(4, '\0')),                   // PUSH_PROMISE by a client
      std::string("\xff\xff\xff", 3) + std::string(6, '\0'),  // a frame of 16 MB
  };
  for (const std::string& frame : malformed) {
    RawClient client = server.Connect();
    ASSERT_TRUE(client.Send(kOpening + frame));
    const std::optional<std::string> read = client.ReadToEnd();
    ASSERT_TRUE(read.has_value()) << frame;
    EXPECT_NE(read->find(std::string("\x07\x00\x00\x00\x00\x00", 6)), std::string::npos) << "a GOAWAY";
  }
}

TEST(Http2, ReadsThePrefaceByteByByte) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  for (const char c : kOpening + Frame(kHeaders, 4 + 1, 1, kGetHead)) ASSERT_TRUE(client.Send({&c, 1}));
  std::string read;
  while (read.find("GET / ") == std::string::npos) {
    char c = 0;
    ASSERT_EQ(recv(client.fd(), &c, 1, 0), 1) << read;
    read += c;
  }
}

TEST(Http2, AWrongPrefaceIsARequestOfHttp1) {
  RunningServer server(Echo);
  RawClient similar = server.Connect();
  EXPECT_EQ(similar.Ask("PRI * HTTP/1.1\r\nHost: h\r\n\r\n").body, "PRI * ");
  RawClient wrong = server.Connect();
  const test::RawResponse r = wrong.Ask("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  EXPECT_GE(r.status, 400);
  RawClient upgrade = server.Connect();
  EXPECT_EQ(upgrade
                .Ask("GET /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
                     "h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
                .body,
            "GET /x ");
}

}  // namespace
}  // namespace trine::net
