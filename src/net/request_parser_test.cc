#include "net/request_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace trine::net {
namespace {

using Step = RequestParser::Step;
constexpr RequestParser::Limits kLimits{.max_header_bytes = 1000, .max_body_bytes = 100};

// Feeds `text` in pieces that end at the given positions. Returns the last step.
Step Feed(RequestParser& parser, std::string_view text, const std::vector<size_t>& cuts = {}) {
  size_t begin = 0;
  std::vector<size_t> ends = cuts;
  ends.push_back(text.size());
  Step step = Step::kMore;
  for (size_t end : ends) {
    for (;;) {
      size_t consumed = 0;
      step = parser.Parse(text.substr(begin, end - begin), &consumed);
      begin += consumed;
      if (step == Step::kDone || step == Step::kFailed) return step;
      if (step == Step::kMore) break;
    }
  }
  return step;
}

int StatusOf(std::string_view text) {
  RequestParser parser(kLimits);
  return Feed(parser, text) == Step::kFailed ? parser.failure_status() : 0;
}

constexpr std::string_view kChunked =
    "POST /a%2Fb?x=1 HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nX-Two: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;ext=\"v\"\r\nhello\r\n6\r\n world\r\n0\r\nX-Two: trailer\r\n\r\n";

TEST(RequestParser, ReadsAChunkedRequest) {
  RequestParser parser(kLimits);
  ASSERT_EQ(Feed(parser, kChunked), Step::kDone);
  const Request& r = parser.request();
  EXPECT_EQ(r.method, "POST");
  EXPECT_EQ(r.path, "/a%2Fb");
  EXPECT_EQ(r.query, "x=1");
  EXPECT_EQ(r.body, "hello world");
  EXPECT_EQ(r.headers.Get("x-two"), "1");
  EXPECT_EQ(r.headers.fields().size(), 4u) << "a trailer field must not be added";
  EXPECT_TRUE(parser.keep_alive());
}

TEST(RequestParser, RejectsFoldedHeaderLines) {
  for (const char* head : {"Content-Length:\r\n 5", "Content-Length: 5\r\n\t",
                           "Transfer-Encoding:\r\n chunked", "X-Note: a\r\n  b"}) {
    EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(head) + "\r\n\r\nhello"), 400) << head;
  }
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n \t"), 0)
      << "a body may begin with a space";
}

TEST(RequestParser, IgnoresEmptyLinesInFrontOfARequest) {
  const std::string text = "\r\n\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
  for (size_t cut = 0; cut < text.size(); ++cut) {
    RequestParser parser(kLimits);
    ASSERT_EQ(Feed(parser, text, {cut}), Step::kDone) << cut;
    EXPECT_EQ(parser.request().method, "GET");
  }
  EXPECT_EQ(StatusOf("\rGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400) << "not an empty line";
  std::string many;
  for (int i = 0; i < 600; ++i) many += "\r\n";
  EXPECT_EQ(StatusOf(many), 431) << "their number is bounded";
  RequestParser idle(kLimits);
  EXPECT_EQ(Feed(idle, "\r\n"), Step::kMore);
  EXPECT_FALSE(idle.started());
}

RC_GTEST_PROP(RequestParser, ParsesAChunkedRequestInAnyPieces, ()) {
  auto cuts = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, kChunked.size()));
  std::sort(cuts.begin(), cuts.end());
  RequestParser parser(kLimits);
  RC_ASSERT(Feed(parser, kChunked, cuts) == Step::kDone);
  RC_ASSERT(parser.request().body == "hello world");
  RC_ASSERT(parser.request().headers.fields().size() == 4u);
}

TEST(RequestParser, ReadsAnEmptyChunkedBodyInAnyPieces) {
  const std::string_view text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (size_t cut = 1; cut < text.size(); ++cut) {
    for (size_t next = cut; next < text.size(); ++next) {
      RequestParser parser(kLimits);
      ASSERT_EQ(Feed(parser, text, {cut, next}), Step::kDone) << cut << " " << next;
    }
  }
}

TEST(RequestParser, DoesNotConsumeBytesAfterTheRequest) {
  const std::string_view two = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestParser parser(kLimits);
  size_t consumed = 0;
  ASSERT_EQ(parser.Parse(two, &consumed), Step::kHead);
  EXPECT_EQ(consumed, two.size() / 2);
  ASSERT_EQ(parser.Parse(two.substr(consumed), &consumed), Step::kDone);
  EXPECT_EQ(consumed, 0u);
  parser.Reset();
  ASSERT_EQ(Feed(parser, two.substr(two.size() / 2)), Step::kDone);
  EXPECT_EQ(parser.request().path, "/2");
}

// Otherwise a large body would be copied whenever it doubles, on the event loop.
TEST(RequestParser, ReservesTheWholeBodyOnceAMegabyteHasArrived) {
  constexpr size_t kLength = 10u << 20;
  RequestParser parser({.max_header_bytes = 1000, .max_body_bytes = kLength});
  const std::string piece(512u << 10, 'b');
  EXPECT_EQ(
      Feed(parser, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kLength) + "\r\n\r\n"),
      Step::kMore);
  EXPECT_EQ(Feed(parser, piece), Step::kMore);
  EXPECT_LT(parser.request().body.capacity(), 2u << 20) << "a client may announce more than it sends";
  for (size_t at = piece.size(); at + piece.size() < kLength; at += piece.size())
    EXPECT_EQ(Feed(parser, piece), Step::kMore);
  EXPECT_EQ(parser.request().body.capacity(), kLength);
  EXPECT_EQ(Feed(parser, piece), Step::kDone);
  EXPECT_EQ(parser.request().body.size(), kLength);
}

TEST(RequestParser, DoesNotCopyAChunkedBodyAsItGrows) {
  constexpr size_t kMost = 20u << 20, kChunk = 256u << 10;
  RequestParser parser({.max_header_bytes = 1000, .max_body_bytes = kMost});
  const std::string chunk = "40000\r\n" + std::string(kChunk, 'b') + "\r\n";
  std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 40; ++i) text += chunk;
  text += "0\r\n\r\n";
  std::string_view rest = text;
  const char* place = nullptr;  // of the body, once it has more than a megabyte
  Step step = Step::kMore;
  while (step != Step::kDone) {
    size_t consumed = 0;
    step = parser.Parse(rest.substr(0, 64u << 10), &consumed);
    ASSERT_NE(step, Step::kFailed);
    rest.remove_prefix(consumed);
    const std::string& body = parser.request().body;
    if (body.size() <= 1u << 20) {
      EXPECT_LE(body.capacity(), 2u << 20) << "a small body takes little room";
    }
    if (body.size() <= 2u << 20) continue;
    if (place == nullptr) place = body.data();
    ASSERT_EQ(body.data(), place) << "the body was copied";
  }
  EXPECT_EQ(parser.request().body.capacity(), kMost);
  EXPECT_EQ(parser.request().body.size(), 40 * kChunk);
}

TEST(RequestParser, SplitsAllTargetForms) {
  const auto target = [](std::string text) {
    Request request;
    request.target = std::move(text);
    return SplitTarget(&request).ok() ? request.path + "|" + request.query : "rejected";
  };
  EXPECT_EQ(target("/a?b?c"), "/a|b?c");
  EXPECT_EQ(target("http://h:1/a%20b?c"), "/a%20b|c");
  EXPECT_EQ(target("HTTPS://h"), "/|");
  EXPECT_EQ(target("http://h?q"), "/|q");
  EXPECT_EQ(target("*"), "*|");
  EXPECT_EQ(target("//x"), "//x|");
  for (const char* bad : {"", "a", "?a", "ftp://h/", "h:443"}) EXPECT_EQ(target(bad), "rejected") << bad;
}

TEST(RequestParser, RejectsInvalidRequests) {
  const std::pair<std::string_view, int> cases[] = {
      {"GET /x HTTP/1.1\r\n\r\n", 400},                        // no Host
      {"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},  // two Hosts
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},              // no path
      {"GET /x HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET /x\r\nHost: h\r\n\r\n", 400},
      {"\x16\x03\x01\x02\x00\r\n\r\n", 400},  // a TLS hello
      {"GET /x HTTP/1.1\r\nHost: h\r\nA B: c\r\n\r\n", 400},
      {"GET /x HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400},
      {"GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
      {"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", 413},
      {"POST /x HTTP/1.1\r\nHost: h\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", 417},
  };
  for (const auto& [text, status] : cases) EXPECT_EQ(StatusOf(text), status) << text;
}

TEST(RequestParser, EnforcesLimitsHoweverInputIsSplit) {
  const std::string head = "GET /x HTTP/1.1\r\nHost: h\r\nX: ";
  const auto sized = [&](size_t total) {
    return head + std::string(total - head.size() - 4, 'v') + "\r\n\r\n";
  };
  for (const bool bytewise : {false, true}) {
    for (const auto& [size, expected] : {std::pair{1000, 0}, {1001, 431}, {5000, 431}}) {
      RequestParser parser(kLimits);
      const std::string text = sized(static_cast<size_t>(size));
      std::vector<size_t> cuts;
      for (size_t i = 0; bytewise && i < text.size(); ++i) cuts.push_back(i);
      Feed(parser, text, cuts);
      EXPECT_EQ(parser.failure_status(), expected) << size << " " << bytewise;
    }
  }
  EXPECT_EQ(StatusOf("GET /" + std::string(2000, 'a')), 431);  // a start line without an end
  const std::string chunked = "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(StatusOf(chunked + "40\r\n" + std::string(64, 'x') + "\r\n25\r\n"), 413);  // 64 + 37
  EXPECT_EQ(StatusOf(chunked + "40\r\n" + std::string(64, 'x') + "\r\n24\r\n" + std::string(36, 'x') +
                     "\r\n0\r\n\r\n"),
            0);
  EXPECT_EQ(StatusOf(chunked + "1;" + std::string(2000, 'e')), 400);     // an endless extension
  EXPECT_EQ(StatusOf(chunked + "0\r\n" + std::string(2000, 't')), 400);  // an endless trailer
}

TEST(RequestParser, DecidesKeepAliveByVersionAndHeader) {
  const auto keeps = [](std::string_view text) {
    RequestParser parser(kLimits);
    return Feed(parser, text) == Step::kDone && parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

RC_GTEST_PROP(RequestParser, SurvivesAnyBytes, (const std::string& noise)) {
  RequestParser parser(kLimits);
  Feed(parser, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + noise);
  RequestParser other(kLimits);
  Feed(other, noise);
}

}  // namespace
}  // namespace trine::net
