#include "net/exchange.h"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "base/document_memory.h"
#include "base/limits.h"
#include "base/text.h"
#include "format/text.h"
#include "net/gzip.h"
#include "net/response_head.h"
#include "net/sigv4.h"

namespace trine::net {
namespace {

constexpr std::string_view kFieldBlanks = " \t";  // optional white space in RFC 9110
constexpr std::string_view kLineBlanks = " \t\r";
constexpr size_t kActionBytes = 64;  // of a line, among which its first member is looked for
constexpr int64_t kNanosPerMilli = 1'000'000;
constexpr size_t kMaxUnadmittedBodyBytes = 64u << 10;  // a larger body is read only once admitted
constexpr size_t kMinGzipBytes = 1024;                 // compressing less costs more than it saves
// Appending a body of at most this size to the head is cheaper than sending a second buffer.
constexpr size_t kMaxCopiedBodyBytes = 16u << 10;

// Returns whether an Accept-Encoding lists gzip or * with a weight above 0 (RFC 9110, section 12.5.3).
bool AcceptsGzip(std::string_view list) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view coding = Trim(item.substr(0, semicolon), kFieldBlanks);
    if (!EqualsIgnoreCase(coding, "gzip") && coding != "*") continue;
    const std::string_view weight =
        semicolon < item.size() ? Trim(item.substr(semicolon + 1), kFieldBlanks) : "";
    if (weight.empty()) return true;
    return weight.starts_with("q=") && format::ParseDouble(weight.substr(2)).value_or(0) > 0;
  }
  return false;
}

bool IsSigned(const Request& request) {
  return request.headers.Get("authorization").starts_with("AWS4-HMAC-SHA256") ||
         request.query.find("X-Amz-Signature=") != std::string::npos;
}

// The properties of a body that decide how much memory its handler takes.
struct BodyShape {
  size_t commas = 0;
  size_t objects = 0;           // lines that begin with an object
  size_t document_bytes = 0;    // DocumentMemory of the lines together
  size_t largest_document = 0;  // and of the largest one
  bool partial = false;         // an action of the name "update" occurs
};

// Reads the body once, line by line.
BodyShape ShapeOf(std::string_view body) {
  BodyShape shape;
  while (!body.empty()) {
    const size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const auto commas = static_cast<size_t>(std::count(line.begin(), line.end(), ','));
    const size_t document = DocumentMemory(line.size(), commas);
    shape.commas += commas;
    shape.document_bytes += document;
    shape.largest_document = std::max(shape.largest_document, document);
    const std::string_view text = Trim(line.substr(0, kActionBytes), kLineBlanks);
    if (!text.starts_with('{')) continue;
    ++shape.objects;
    shape.partial |= Trim(text.substr(1), kLineBlanks).starts_with("\"update\"");
  }
  return shape;
}

// The estimated memory of a handler besides the body: copies of its parts, a JSON value for each separator,
// and a write for each line of a body that is one JSON object per line. Such lines are parsed one after the
// other, except that partial documents are kept in their parsed form; and their documents go to the index in
// steps. Small bodies are bounded by the number of threads.
size_t HandlingBytes(const Request& request, size_t step) {
  constexpr size_t kSmall = 64u << 10, kCopies = 2, kBytesPerValue = 72, kBytesPerLine = 1600;
  const std::string_view body = request.body;
  if (body.size() <= kSmall) return 0;
  const BodyShape shape = ShapeOf(body);
  const bool lines = shape.objects > 1;
  size_t bytes = kCopies * body.size();
  if (lines) bytes += kBytesPerLine * shape.objects;
  if (!lines || shape.partial) bytes += kBytesPerValue * std::min(shape.commas, limits::kMaxJsonValues);
  if (request.plan.pool != RequestClass::kWrite) return bytes;
  if (!lines) return bytes + DocumentMemory(body.size(), shape.commas);
  return bytes + std::min(shape.document_bytes, std::max(step, shape.largest_document));
}

// Hashes and decompresses the body. Returns nullopt on success, otherwise the reason to reject the request.
std::optional<Refusal> PrepareBody(const ServerState& state, Request& request, MemoryHold& memory) {
  if (IsSigned(request)) request.wire_body_hash = Sha256Hex(request.body);
  const std::string_view coding = Trim(request.headers.Get("content-encoding"), kFieldBlanks);
  if (coding.empty() || EqualsIgnoreCase(coding, "identity") || request.body.empty()) return std::nullopt;
  if (!EqualsIgnoreCase(coding, "gzip") && !EqualsIgnoreCase(coding, "x-gzip")) {
    return Refusal{415, Error(ErrorCode::kContentEncoding, "unknown Content-Encoding")
                            .Expected("gzip")
                            .Got(std::string(coding.substr(0, 64)))};
  }
  auto unpacked = Gunzip(request.body, std::min(state.options.max_body_bytes, request.plan.max_body_bytes),
                         [&](size_t more) { return memory.Add(more); });
  if (!unpacked.ok()) {
    const ErrorKind kind = unpacked.error().kind();
    return Refusal{kind == ErrorKind::kLimit ? 413 : kind == ErrorKind::kBusy ? 429 : 400, unpacked.error()};
  }
  request.body = std::move(*unpacked);
  return std::nullopt;
}

Response CallHandler(ServerState& state, const Request& request, const std::function<Response()>& handler) {
  std::string what = "an unknown exception";
  try {
    return handler();
  } catch (const std::bad_alloc&) {
    state.log.Error("request " + request.id + " " + request.method + " " + request.path +
                    ": the operating system has no memory left");
    return RefuseRequest(state, request, 429, OutOfMemory());
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {  // a handler must not throw, but one bad request must not end the process either
  }
  state.log.Error("request " + request.id + " " + request.method + " " + request.path + " threw: " + what);
  // The exception's text goes only to the log; the client gets the request id, by which to find the log line.
  return RefuseRequest(state, request, 500,
                       Error(ErrorCode::kInternal, "internal error in request " + request.id));
}

// Lets a request wait until the memory of its place in the queue was reserved, and then calls the handler.
// Looks at the queue now and then, because memory that other work gives back is not announced there.
Response AwaitMemory(ServerState& state, Request& request, RequestMemory& memory,
                     const MemoryQueue::PlacePtr& place, int64_t until) {
  constexpr int64_t kLookMillis = 250;
  auto wait = std::make_shared<Wait>();
  wait->start = [&state, place](std::function<void()> resume) {
    state.handling.Join(place, std::move(resume));
  };
  wait->most_millis = kLookMillis;
  wait->then = [&state, &request, &memory, place, until]() -> Response {
    memory.handling = state.handling.Take(place);
    if (memory.handling.empty()) {
      if (state.clock.MonotonicNanos() < until) return AwaitMemory(state, request, memory, place, until);
      memory.handling = state.handling.Leave(place);
    }
    if (!memory.handling.empty())
      return CallHandler(state, request, [&] { return state.service.handle(request); });
    return RefuseRequest(state, request, 429, state.memory.Refuse(MemoryUse::kHandling, place->bytes));
  };
  Response response;
  response.wait = std::move(wait);
  return response;
}

Response HandleWithinMemory(ServerState& state, Request& request, RequestMemory& memory) {
  const size_t bytes = HandlingBytes(request, state.memory.step());
  if (bytes > 0) {
    if (bytes > state.memory.most(MemoryUse::kHandling) || request.plan.on_event_loop)
      return RefuseRequest(state, request, 429, state.memory.Refuse(MemoryUse::kHandling, bytes));
    memory.handling = state.handling.TryReserve(bytes);
    if (memory.handling.empty()) {
      const int64_t until = state.clock.MonotonicNanos() + state.options.memory_wait_ms * kNanosPerMilli;
      return AwaitMemory(state, request, memory, std::make_shared<MemoryQueue::Place>(bytes), until);
    }
  }
  return CallHandler(state, request, [&] { return state.service.handle(request); });
}

void PackBody(const Request& request, Response* response) {
  if (response->stream || response->body.size() <= kMinGzipBytes || request.method == "HEAD") return;
  if (response->headers.Find("content-encoding") || !AcceptsGzip(request.headers.Get("accept-encoding")))
    return;
  response->body = Gzip(response->body);
  response->headers.Set("Content-Encoding", "gzip");
  response->headers.Add("Vary", "Accept-Encoding");
}

// Makes, compresses and counts a response that began at `begin`. One that `then` will replace is only made.
Response Complete(ServerState& state, const Request& request, int64_t begin,
                  const std::function<Response()>& make) {
  Response response;
  try {
    response = make();
    TRINE_CHECK(!response.wait || (!response.stream && !request.plan.on_event_loop));
    if (response.wait && response.wait->then) return response;
    PackBody(request, &response);
  } catch (const std::bad_alloc&) {
    response = RefuseRequest(state, request, 429, OutOfMemory());
  }
  const double seconds = static_cast<double>(state.clock.MonotonicNanos() - begin) * 1e-9;
  state.metrics.request_seconds[static_cast<size_t>(request.plan.pool)]->Observe(seconds);
  const int hundred = std::clamp(response.status / 100, 1, 5);
  state.metrics.responses_by_hundred[static_cast<size_t>(hundred - 1)]->Add();
  return response;
}

}  // namespace

std::optional<Refusal> AdmitRequest(ServerState& state, Request& request, std::optional<uint64_t> length,
                                    const std::function<std::optional<Refusal>(size_t)>& limit_body) {
  request.plan = state.service.plan(request);
  if (std::optional<Refusal> refusal = limit_body(request.plan.max_body_bytes)) return refusal;
  // A small body is cheaper to read than to admit early, and the handler checks every request anyway.
  const bool large =
      !length || *length > kMaxUnadmittedBodyBytes || request.headers.Find("content-encoding") != nullptr;
  if (state.service.admit && large) {
    const Result<size_t> admitted = state.service.admit(request);
    if (!admitted.ok()) return Refusal{0, admitted.error()};
    if (std::optional<Refusal> refusal = limit_body(*admitted)) return refusal;
    request.plan.max_body_bytes = std::min(request.plan.max_body_bytes, *admitted);
  }
  const Status room = state.memory.Check(MemoryUse::kRequests, length.value_or(0));
  if (!room.ok()) return Refusal{429, room.error()};
  return std::nullopt;
}

Response AnswerRequest(ServerState& state, Request& request, RequestMemory& memory) {
  TRINE_CHECK_LT(static_cast<size_t>(request.plan.pool), state.metrics.request_seconds.size());
  const int64_t begin = state.clock.MonotonicNanos();
  return Complete(state, request, begin, [&] {
    const std::optional<Refusal> refusal = PrepareBody(state, request, memory.body);
    return refusal ? RefuseRequest(state, request, refusal->status, refusal->error)
                   : HandleWithinMemory(state, request, memory);
  });
}

Response ResumeRequest(ServerState& state, Request& request, const std::function<Response()>& then) {
  const int64_t begin = state.clock.MonotonicNanos();
  return Complete(state, request, begin, [&] { return CallHandler(state, request, then); });
}

Response RefuseRequest(ServerState& state, const Request& head, int status, const Error& error) {
  Response response = state.service.refuse(head, status, error);
  state.metrics.refused.Add(response.status);
  state.log.Debug("rejected a request (status " + std::to_string(response.status) + ") from " + head.peer +
                  ": " + error.message);
  return response;
}

FramedResponse FrameResponse(const ServerState& state, const Request& request, Response* response,
                             bool can_keep_alive) {
  const bool bodiless = request.method == "HEAD" || !MayHaveBody(response->status);
  FramedResponse out;
  out.streams = response->stream && !bodiless;
  out.chunked = response->stream && MayHaveBody(response->status) && request.http_version == 11;
  out.keep_alive = can_keep_alive && !state.draining.load() && (!out.streams || out.chunked);
  ResponseFraming framing{.http_version = request.http_version,
                          .keep_alive = out.keep_alive,
                          .chunked = out.chunked,
                          .content_length = {}};
  if (MayHaveBody(response->status) && !response->stream) {
    framing.content_length = response->body.size();
    const std::string* given = response->headers.Find("content-length");
    if (request.method == "HEAD" && response->body.empty() && given != nullptr) {
      framing.content_length =
          static_cast<uint64_t>(std::max<int64_t>(format::ParseInt(*given).value_or(0), 0));
    }
  }
  if (request.http_version == 20) {
    out.status = response->status;
    out.fields = ResponseFields(*response, framing.content_length);
  } else {
    out.head = ResponseHead(*response, framing);
  }
  if (bodiless || out.streams) return out;
  if (request.http_version != 20 && response->body.size() <= kMaxCopiedBodyBytes) {
    out.head += response->body;
  } else {
    out.body = std::move(response->body);
  }
  return out;
}

FramedResponse FrameWithinBudget(ServerState& state, const Request& request, Response* response,
                                 bool can_keep_alive) {
  MemoryHold hold(&state.memory, MemoryUse::kAnswers);
  const bool waits = !response->stream && response->body.size() > kMaxCopiedBodyBytes;
  if (const Status fits = waits ? hold.Add(response->body.size()) : Ok(); !fits.ok()) {
    state.last_answer_refused = state.clock.MonotonicNanos();
    *response = RefuseRequest(state, request, 429, fits.error());
    response->stream = nullptr;
  }
  FramedResponse out = FrameResponse(state, request, response, can_keep_alive);
  out.memory = std::move(hold);
  return out;
}

bool RunStream(ServerState& state, const Request& request, const std::function<Status(BodyWriter&)>& stream,
               BodyWriter& writer) {
  std::string what;
  try {
    const Status status = stream(writer);
    if (status.ok()) return true;
    what = "failed: " + status.error().ToString();
  } catch (const std::exception& e) {
    what = std::string("threw: ") + e.what();
  } catch (...) {
    what = "threw an unknown exception";
  }
  state.log.Warning("the streamed response to request " + request.id + " " + request.path + " " + what);
  return false;
}

}  // namespace trine::net
