// Beast parses the grammar of HTTP/1.1 (RFC 9112). This file rejects what Beast accepts but a server must
// not: two Host fields, a transfer coding other than chunked, an unbounded chunk extension, folded lines.
#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <new>
#include <optional>
#include <string>

#include "base/text.h"

namespace trine::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

// The rest of a chunked body has at least the 5 bytes "0\r\n\r\n". Beast 1.81 asserts this when it resumes a
// last chunk and would abort on fewer, so Parse never passes fewer bytes.
constexpr size_t kShortestChunkedRest = 5;
constexpr size_t kMaxReservedBytes = 1u << 20;  // bytes reserved for a body before it arrives

// The length of the empty lines at the start of `bytes`. A carriage return at the end counts: the rest of its
// line has not arrived.
size_t LengthOfEmptyLines(std::string_view bytes) {
  size_t length = 0;
  while (length < bytes.size()) {
    const size_t end = length + (bytes[length] == '\r' ? 1 : 0);
    if (end < bytes.size() && bytes[end] != '\n') break;
    length = std::min(end + 1, bytes.size());
  }
  return length;
}

Error Malformed(std::string message) { return Error(ErrorCode::kMalformedRequest, std::move(message)); }

}  // namespace

Status SplitTarget(Request* request) {
  std::string_view rest = request->target;
  if (rest == "*") {
    request->path = "*";
    return Ok();
  }
  for (std::string_view scheme : {"http://", "https://"}) {
    if (rest.size() < scheme.size() || !EqualsIgnoreCase(rest.substr(0, scheme.size()), scheme)) continue;
    rest.remove_prefix(scheme.size());
    rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
    break;
  }
  const bool absolute = rest.size() != request->target.size();
  if (!rest.starts_with('/') && !(absolute && (rest.empty() || rest.starts_with('?')))) {
    return Malformed("the request target is not a path")
        .Expected("/path?query")
        .Got(request->target.substr(0, 64));
  }
  const size_t mark = std::min(rest.find('?'), rest.size());
  request->path = mark == 0 ? "/" : std::string(rest.substr(0, mark));
  request->query = mark < rest.size() ? std::string(rest.substr(mark + 1)) : std::string();
  return Ok();
}

Error HeaderTooLarge(size_t most_bytes) {
  return Error(ErrorCode::kHeaderTooLarge, "the start line and header fields of the request are too large")
      .Expected("at most " + std::to_string(most_bytes) + " bytes");
}

Error BodyTooLarge(size_t most_bytes) {
  return Error(ErrorCode::kBodyTooLarge, "the request body is too large")
      .Expected("at most " + std::to_string(most_bytes) + " bytes");
}

Status CheckExpectation(std::string_view value) {
  if (EqualsIgnoreCase(value, "100-continue")) return Ok();
  return Malformed("unknown expectation in the Expect header; only 100-continue is supported")
      .Got(std::string(value.substr(0, 64)));
}

// A client that has sent a megabyte is likely to send the rest. Growing in steps would copy the body several
// times, on the event loop, and the memory budget counts one copy. So the room for the whole body is taken at
// once, or for the largest body if its size is unknown: memory that was never written costs address space
// only.
void AppendBody(std::string_view piece, uint64_t expected, std::string* body) {
  const size_t size = body->size() + piece.size();
  if (size > body->capacity() && size > kMaxReservedBytes) {
    try {
      body->reserve(expected);
    } catch (const std::bad_alloc&) {  // address space is limited: the body grows in steps
    }
  }
  body->append(piece);
}

// Beast's callbacks for one message, and the data that they collect.
class RequestParser::Message final : public http::basic_parser<true> {
 public:
  explicit Message(const Limits& limits) : max_body_bytes(limits.max_body_bytes) {
    header_limit(static_cast<uint32_t>(std::min<size_t>(limits.max_header_bytes + 1, UINT32_MAX)));
    body_limit(boost::none);
  }

  // Checks on the complete head that Beast does not make. Returns false if the request is rejected.
  bool CheckHead() {
    if (folded)
      return Fail(400, Malformed("a header field continues on a second line, which RFC 9112 forbids"));
    if (Status split = SplitTarget(&request); !split.ok()) return Fail(400, split.error());
    size_t hosts = 0;
    for (const auto& [name, value] : request.headers.fields()) {
      if (EqualsIgnoreCase(name, "host")) ++hosts;
      if (EqualsIgnoreCase(name, "transfer-encoding") &&
          (!EqualsIgnoreCase(value, "chunked") || request.http_version == 10)) {
        return Fail(
            501, Malformed("unknown Transfer-Encoding; only chunked is supported").Got(value.substr(0, 64)));
      }
      if (EqualsIgnoreCase(name, "expect") && request.http_version == 11) {
        if (const Status known = CheckExpectation(value); !known.ok()) return Fail(417, known.error());
        expects_continue = true;
      }
    }
    if (hosts > 1 || (hosts == 0 && request.http_version == 11)) {
      return Fail(400, Malformed("a request must have exactly one Host header").Got(std::to_string(hosts)));
    }
    length = content_length() ? std::optional<uint64_t>(*content_length()) : std::nullopt;
    if (length && *length > max_body_bytes) return FailTooLarge();
    if (length) request.body.reserve(std::min<size_t>(*length, kMaxReservedBytes));
    return true;
  }

  // Notices lines of the head that continue the line before them (obs-fold). Another server may read such a
  // field differently, so a folded Content-Length or Transfer-Encoding could hide a second request. `bytes`
  // are the next bytes of the head.
  void WatchForFolding(std::string_view bytes) {
    for (const char c : bytes) {
      folded = folded || (last_byte == '\n' && (c == ' ' || c == '\t'));
      last_byte = c;
    }
  }

  bool Fail(int status, Error error) {
    failure_status = status;
    failure = std::move(error);
    return false;
  }

  bool FailTooLarge() { return Fail(413, BodyTooLarge(max_body_bytes)); }

  size_t max_body_bytes;
  Request request;
  size_t head_bytes = 0;
  bool head_checked = false;
  bool folded = false;
  char last_byte = 0;
  bool expects_continue = false;
  std::optional<uint64_t> length;
  int failure_status = 0;
  Error failure{ErrorCode::kInvalid, ""};

 private:
  using View = boost::beast::string_view;

  void on_request_impl(http::verb, View method, View target, int version, error_code&) override {
    request.method.assign(method.data(), method.size());
    request.target.assign(target.data(), target.size());
    request.http_version = version;
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_field_impl(http::field, View name, View value, error_code&) override {
    if (head_checked) return;  // ignore trailers: they must not change decisions made from the head
    request.headers.Add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  size_t on_body_impl(View body, error_code&) override { return Append(body); }
  void on_chunk_header_impl(uint64_t size, View, error_code& ec) override {
    if (size > max_body_bytes - request.body.size()) ec = http::error::body_limit;
  }
  size_t on_chunk_body_impl(uint64_t, View body, error_code&) override { return Append(body); }
  void on_finish_impl(error_code&) override {}

  size_t Append(View body) {
    AppendBody({body.data(), body.size()}, length.value_or(max_body_bytes), &request.body);
    return body.size();
  }
};

RequestParser::RequestParser(Limits limits) : limits_(limits) { Reset(); }
RequestParser::~RequestParser() = default;

void RequestParser::Reset() { message_ = std::make_unique<Message>(limits_); }

RequestParser::Step RequestParser::Parse(std::string_view bytes, size_t* consumed) {
  *consumed = 0;
  Message& m = *message_;
  if (m.failure_status != 0) return Step::kFailed;
  if (!m.got_some()) {  // RFC 9112, section 2.2: empty lines in front of a request are ignored
    const size_t skipped = LengthOfEmptyLines(bytes);
    const bool half = skipped > 0 && bytes[skipped - 1] == '\r';
    *consumed = half ? skipped - 1 : skipped;
    m.head_bytes += *consumed;  // so that their number is bounded
    if (half) return Step::kMore;
    if (m.head_bytes > limits_.max_header_bytes) return FailHeaderTooLarge();
  }
  for (;;) {
    if (m.is_header_done() && !m.head_checked) {
      m.head_checked = true;
      if (m.head_bytes > limits_.max_header_bytes) break;
      return m.CheckHead() ? Step::kHead : Step::kFailed;
    }
    if (m.is_done()) return Step::kDone;
    if (*consumed == bytes.size()) return Step::kMore;
    if (m.head_checked && m.chunked() && bytes.size() - *consumed < kShortestChunkedRest) return Step::kMore;
    error_code ec;
    const size_t n = m.put({bytes.data() + *consumed, bytes.size() - *consumed}, ec);
    TRINE_CHECK_LE(n, bytes.size() - *consumed);
    if (!m.head_checked) m.WatchForFolding(bytes.substr(*consumed, n));
    *consumed += n;
    if (!m.head_checked) m.head_bytes += n;
    if (!ec) continue;
    const size_t waiting = bytes.size() - *consumed;
    if (ec == http::error::need_more) {
      if (m.head_checked && waiting <= limits_.max_header_bytes) return Step::kMore;
      if (!m.head_checked && m.head_bytes + waiting <= limits_.max_header_bytes) return Step::kMore;
      if (m.head_checked) ec = http::error::bad_chunk_extension;
    }
    if (ec == http::error::need_more || ec == http::error::header_limit) break;
    if (ec == http::error::body_limit) {
      m.FailTooLarge();
    } else {
      m.Fail(ec == http::error::bad_version ? 505 : 400,
             Malformed("the HTTP request is malformed: " + ec.message()));
    }
    return Step::kFailed;
  }
  return FailHeaderTooLarge();
}

RequestParser::Step RequestParser::FailHeaderTooLarge() {
  message_->Fail(431, HeaderTooLarge(limits_.max_header_bytes));
  return Step::kFailed;
}

bool RequestParser::LimitBody(size_t most) {
  Message& m = *message_;
  TRINE_CHECK(m.head_checked);
  m.max_body_bytes = std::min(m.max_body_bytes, most);
  return !m.length || *m.length <= m.max_body_bytes || m.FailTooLarge();
}

Request& RequestParser::request() { return message_->request; }
bool RequestParser::started() const { return message_->got_some(); }
bool RequestParser::head_done() const { return message_->head_checked; }
bool RequestParser::done() const { return message_->is_done(); }
bool RequestParser::keep_alive() const { return message_->head_checked && message_->keep_alive(); }
bool RequestParser::expects_continue() const { return message_->expects_continue; }
std::optional<uint64_t> RequestParser::content_length() const { return message_->length; }
int RequestParser::failure_status() const { return message_->failure_status; }
const Error& RequestParser::failure() const { return message_->failure; }

}  // namespace trine::net
