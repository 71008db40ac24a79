// Connection: one client's connection on an event loop. Included by server.cc alone, which keeps the
// network library's headers in one translation unit.
//
// States: handshake (TLS) -> request (reading a head, then a body) -> handling (on a pool thread) ->
// responding or streaming -> request again, or linger -> closed. A read is pending in nearly every state, so
// that a lost client is noticed while its request runs. Pipelined bytes wait in the input buffer, up to
// kReadAhead. RunOnPool, ResumeOnPool, Deliver, Park and StreamOnPool run on a pool thread, everything else
// on the loop's thread. While a request is handled, the pool thread owns the request inside the parser and
// the loop does not access it. A request whose response has to wait (net::Wait) is handled without any
// thread: Park leaves a function that hands it to the loop again.
#pragma once

#ifdef __SANITIZE_THREAD__
#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // ThreadSanitizer does not understand atomic fences
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/exchange.h"
#include "net/request_parser.h"
#include "net/server_state.h"
#include "net/stream_channel.h"

namespace trine::net {

namespace asio = boost::asio;
using boost::system::error_code;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsStream = asio::ssl::stream<TcpSocket>;

inline constexpr int64_t kNanosPerMilli = 1'000'000;
inline constexpr size_t kReadAtLeast = 4u << 10;              // buffer room for reading a head
inline constexpr size_t kMaxUnadmittedBodyBytes = 64u << 10;  // a larger body is read only once admitted
inline constexpr size_t kReadAhead = 64u << 10;               // pipelined bytes kept while a request runs
inline constexpr size_t kBodyReadBytes = 64u << 10;           // buffer room for reading a body
inline constexpr size_t kBodyProgressBytes = 4u << 10;        // body_timeout_ms restarts after so many bytes
inline constexpr int64_t kLingerMillis = 2000;        // time in which a rejected client may finish sending
inline constexpr size_t kLingerBytes = 64u << 20;     // read and discarded while lingering
inline constexpr int64_t kMaxWaitMillis = 3'600'000;  // of a request that waits without a thread
inline constexpr int64_t kHalfCloseMillis = 1000;  // a request runs this long after its client ended sending

// Bytes that were read but not yet parsed, contiguous in memory. Not thread-safe.
class InputBuffer {
 public:
  std::string_view view() const { return {data_.data() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  size_t capacity() const { return data_.size(); }
  // Requires n <= size().
  void Consume(size_t n) {
    TRINE_CHECK_LE(n, size());
    begin_ += n;
  }
  void Clear() { begin_ = end_; }
  // Moves the unparsed bytes to the front and returns room for a read of at least `room` bytes. Requires that
  // no read is pending.
  asio::mutable_buffer Prepare(size_t room) {
    if (begin_ > 0) {
      std::copy(data_.begin() + begin_, data_.begin() + end_, data_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    if (data_.size() < end_ + room) {
      data_.resize(end_ + room);
    } else if (end_ == 0 && room == kReadAtLeast && data_.size() > 4 * kReadAtLeast) {
      std::vector<char>(room).swap(data_);  // frees the space of a large body
    }
    return {data_.data() + end_, data_.size() - end_};
  }
  // Appends the first `n` bytes of the prepared room, which a read has filled. Requires that they fit.
  void Commit(size_t n) {
    end_ += n;
    TRINE_CHECK_LE(end_, data_.size());
  }

 private:
  std::vector<char> data_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

// A connection with or without TLS, as the event loop sees it. All functions are called on the loop's thread.
class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void Start() = 0;
  virtual void Tick(int64_t now) = 0;  // checks the timeouts; `now` in monotonic nanoseconds
  virtual void Drain() = 0;            // closes at once if idle, otherwise after the current response
  virtual void Close() = 0;
  // Since when (monotonic nanoseconds) the connection waits for its client; nullopt while a request runs.
  virtual std::optional<int64_t> silent_since() const = 0;
  // Connections with the same peer share one part of max_connections: an IPv4 address, or the first half of
  // an IPv6 address.
  virtual const std::string& peer_share() const = 0;
};

// Runs the I/O of its connections on one thread. Outlives them.
struct EventLoop {
  explicit EventLoop(ServerState& s) : state(s), io(1), work(io.get_executor()), ticker(io), lag_probe(io) {}

  void Add(const std::shared_ptr<ConnectionBase>& connection) {
    ++state.connections;
    connections.insert(connection);
    ++shares[connection->peer_share()];
  }
  void Remove(const std::shared_ptr<ConnectionBase>& connection) {
    if (connections.erase(connection) == 0) return;
    --state.connections;
    const auto share = shares.find(connection->peer_share());
    TRINE_CHECK(share != shares.end());
    if (--share->second == 0) shares.erase(share);
  }
  std::vector<std::shared_ptr<ConnectionBase>> Snapshot() const {
    return {connections.begin(), connections.end()};
  }

  ServerState& state;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::steady_timer ticker;
  asio::steady_timer lag_probe;
  // Accessed by the loop's thread only.
  std::unordered_set<std::shared_ptr<ConnectionBase>> connections;
  std::unordered_map<std::string, size_t> shares;  // number of connections by peer_share()
  std::unordered_set<std::string> crowding;        // peers that a log line has named; see MakeRoom
  bool closing = false;                            // the server is stopping; no connection starts
};

template <typename Stream>
class Connection final : public ConnectionBase, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Connection(EventLoop& loop, Stream stream, std::string peer, std::string peer_share)
      : loop_(loop),
        state_(loop.state),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        peer_share_(std::move(peer_share)),
        parser_({state_.options.max_header_bytes, state_.options.max_body_bytes}),
        memory_{MemoryHold(&state_.memory, MemoryUse::kRequests), {}},
        silent_since_(state_.clock.MonotonicNanos()) {}

  ~Connection() override {
    state_.Discard(std::move(sending_.body), std::move(sending_.memory));
    DiscardBody();
  }

  void Start() override {
    if constexpr (kTls) {
      SetDeadline(state_.options.header_timeout_ms);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = Self()](error_code ec) {
        if (self->closed_) return;
        if (ec) return self->Close();
        self->phase_ = Phase::kRequest;
        self->Advance();
      });
    } else {
      phase_ = Phase::kRequest;
      Advance();
    }
  }

  void Tick(int64_t now) override {
    if (peer_ended_ && phase_ == Phase::kHandling &&
        now >= peer_ended_at_ + kHalfCloseMillis * kNanosPerMilli) {
      stop_.request_stop();
    }
    if (IsStalled(now)) return Close();
    const bool too_slow = BodyIsTooSlow(now);
    if (!too_slow && (deadline_ == 0 || now < deadline_)) return;
    if (phase_ == Phase::kRequest && parser_.started()) {
      const char* what =
          parser_.head_done() ? "the request body arrived too slowly" : "the request head arrived too slowly";
      Identify();
      Refuse(408, Error(ErrorCode::kTimeout, what), false);
    } else {
      Close();
    }
  }

  void Drain() override {
    if (phase_ == Phase::kRequest && !parser_.started() && input_.empty()) Close();
  }

  void Close() override {
    if (closed_.exchange(true)) return;
    const auto self = Self();
    deadline_ = 0;
    wait_timer_ = nullptr;
    if (phase_ == Phase::kHandling || phase_ == Phase::kStreaming) stop_.request_stop();
    if (channel_) std::exchange(channel_, nullptr)->Abandon();
    error_code ignored;
    socket().close(ignored);
    loop_.Remove(self);
  }

  std::optional<int64_t> silent_since() const override {
    if (phase_ == Phase::kHandling || phase_ == Phase::kStreaming) return std::nullopt;
    return silent_since_;
  }
  const std::string& peer_share() const override { return peer_share_; }

 private:
  enum class Phase { kHandshake, kRequest, kHandling, kResponding, kStreaming, kLinger };

  std::shared_ptr<Connection> Self() { return this->shared_from_this(); }
  TcpSocket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  // Whether the client reads too slowly while its response takes the memory that other responses need.
  bool IsStalled(int64_t now) const {
    const int64_t limit = state_.options.stalled_timeout_ms * kNanosPerMilli;
    const int64_t refused = state_.last_answer_refused.load();
    const bool sends = phase_ == Phase::kResponding || phase_ == Phase::kStreaming;
    return sends && writing_ && refused != 0 && now - refused < limit && now - wrote_at_ >= limit;
  }
  void SetDeadline(int64_t millis) { deadline_ = state_.clock.MonotonicNanos() + millis * kNanosPerMilli; }

  // --- reading -------------------------------------------------------------------------------------

  void ArmRead() {
    if (reading_ || peer_ended_ || closed_ || phase_ == Phase::kHandshake) return;
    if (phase_ != Phase::kRequest && input_.size() >= kReadAhead) return;
    const bool body = phase_ == Phase::kLinger || (phase_ == Phase::kRequest && parser_.head_done());
    const asio::mutable_buffer room = input_.Prepare(body ? kBodyReadBytes : kReadAtLeast);
    reading_ = true;
    stream_.async_read_some(room, [self = Self()](error_code ec, size_t n) { self->OnRead(ec, n); });
  }

  void OnRead(error_code ec, size_t n) {
    reading_ = false;
    if (closed_) return;
    silent_since_ = state_.clock.MonotonicNanos();
    input_.Commit(n);
    if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) {
      peer_ended_ = true;
      peer_ended_at_ = state_.clock.MonotonicNanos();
    } else if (ec) {
      return Close();
    }
    try {
      Advance();
    } catch (const std::bad_alloc&) {
      RefuseForMemory();
    }
  }

  // Parses the buffered bytes as far as possible, then starts the next read.
  void Advance() {
    if (phase_ == Phase::kLinger) {
      lingered_bytes_ += input_.size();
      input_.Clear();
      if (peer_ended_ || lingered_bytes_ > kLingerBytes) return Close();
    }
    while (phase_ == Phase::kRequest && (parser_.head_done() || !input_.empty())) {
      if (!ReadStep()) break;
    }
    if (closed_) return;
    if (phase_ == Phase::kRequest) {
      if (peer_ended_) return Close();
      SetReadDeadline();
    }
    ArmRead();
  }

  // Frees what was read of a request for which the operating system had no memory, and rejects it.
  void RefuseForMemory() {
    if (phase_ != Phase::kRequest || reading_) return Close();
    input_ = {};
    Identify();
    Refuse(429, OutOfMemory(), false);
  }

  // Runs one step of the parser. Returns false if it needs more bytes.
  bool ReadStep() {
    size_t consumed = 0;
    const RequestParser::Step step = parser_.Parse(input_.view(), &consumed);
    input_.Consume(consumed);
    if (step == RequestParser::Step::kFailed) {
      Identify();
      Refuse(parser_.failure_status(), parser_.failure(), false);
      return true;
    }
    if (step == RequestParser::Step::kHead) {
      OnHead();
      return true;
    }
    // A client that waits within its body also holds the buffer for the next bytes.
    const size_t body = parser_.request().body.size();
    const bool more = step == RequestParser::Step::kMore;
    const size_t taken = body + (more && body > 0 ? input_.capacity() : 0);
    if (Status charged = memory_.body.GrowTo(taken); !charged.ok()) {
      Refuse(429, charged.error(), false);
      return true;
    }
    if (more) return false;
    memory_.body.ShrinkTo(body);
    Dispatch();
    return true;
  }

  void Identify() {
    Request& request = parser_.request();
    request.peer = peer_;
    request.tls = kTls;
    if (request.id.empty()) request.id = state_.ids.Next();
    // After a parse error the path may be missing. If the target was read, take the path from it, because the
    // path decides in which API's wire format the request is rejected.
    if (request.path.empty() && !SplitTarget(&request).ok()) request.path.clear();
  }

  void OnHead() {
    Identify();
    Request& request = parser_.request();
    request.plan = state_.service.plan(request);
    if (!parser_.LimitBody(request.plan.max_body_bytes))
      return Refuse(parser_.failure_status(), parser_.failure(), false);
    const uint64_t length = parser_.content_length().value_or(0);
    if (state_.service.admit && NeedsEarlyAdmission(length)) {
      const Result<size_t> admitted = state_.service.admit(request);
      if (!admitted.ok()) return Refuse(0, admitted.error(), false);
      if (!parser_.LimitBody(*admitted)) return Refuse(parser_.failure_status(), parser_.failure(), false);
      request.plan.max_body_bytes = std::min(request.plan.max_body_bytes, *admitted);
    }
    if (const Status room = state_.memory.Check(MemoryUse::kRequests, length); !room.ok())
      return Refuse(429, room.error(), false);
    if (parser_.expects_continue() && !parser_.done() && input_.empty()) {
      Send({.head = "HTTP/1.1 100 Continue\r\n\r\n", .body = {}, .memory = {}});
    }
  }

  // A small body is cheaper to read than to admit early, and the handler checks every request anyway.
  bool NeedsEarlyAdmission(uint64_t length) {
    const Headers& headers = parser_.request().headers;
    return length > kMaxUnadmittedBodyBytes || headers.Find("transfer-encoding") != nullptr ||
           headers.Find("content-encoding") != nullptr;
  }

  void SetReadDeadline() {
    if (!parser_.started()) {
      head_timed_ = false;
      body_timed_from_ = SIZE_MAX;
      body_began_ = 0;
      SetDeadline(state_.options.idle_timeout_ms);
    } else if (!parser_.head_done()) {
      if (!std::exchange(head_timed_, true)) SetDeadline(state_.options.header_timeout_ms);
    } else {
      const size_t size = parser_.request().body.size();
      if (body_began_ == 0) body_began_ = state_.clock.MonotonicNanos();
      if (body_timed_from_ != SIZE_MAX && size < body_timed_from_ + kBodyProgressBytes) return;
      body_timed_from_ = size;
      SetDeadline(state_.options.body_timeout_ms);
    }
  }

  // Whether the client sends its body more slowly than the options allow on average, so that it can hold the
  // connection and the memory of the body for hours.
  bool BodyIsTooSlow(int64_t now) {
    if (phase_ != Phase::kRequest || body_began_ == 0) return false;
    const int64_t millis = (now - body_began_) / kNanosPerMilli - state_.options.body_grace_ms;
    if (millis <= 0) return false;
    const double least =
        static_cast<double>(millis) / 1000 * static_cast<double>(state_.options.min_body_bytes_per_second);
    return static_cast<double>(parser_.request().body.size()) < least;
  }

  // --- the pool ------------------------------------------------------------------------------------

  void Dispatch() {
    TRINE_CHECK(phase_ == Phase::kRequest);
    TRINE_CHECK(parser_.done());
    phase_ = Phase::kHandling;
    deadline_ = 0;
    parser_.request().deadline =
        Deadline::After(state_.clock, state_.options.request_deadline_ms, stop_.get_token());
    if (parser_.request().plan.on_event_loop) {
      Response response = AnswerRequest(state_, parser_.request(), memory_);
      return Respond(FrameWithinBudget(state_, parser_.request(), &response, parser_.keep_alive()));
    }
    Status queued = state_.pool(parser_.request().plan.pool).Submit([self = Self()] { self->RunOnPool(); });
    if (!queued.ok()) Refuse(429, queued.error(), parser_.keep_alive());
  }

  void RunOnPool() {
    if (closed_) return;
    try {
      AnswerOnPool();
    } catch (const std::bad_alloc&) {  // not even the rejection could be made
      asio::post(loop_.io, [self = Self()] { self->Close(); });
    }
  }

  // The client may take long to read the response, so the body of its request must not wait for that.
  void FreeBody() {
    std::string().swap(parser_.request().body);
    memory_.Release();
  }
  // The same on the loop's thread, which must not spend its time on that.
  void DiscardBody() {
    state_.Discard(std::exchange(parser_.request().body, {}), std::move(memory_.body));
    memory_.Release();
  }

  void AnswerOnPool() {
    TRINE_CHECK(parser_.done());
    Deliver(AnswerRequest(state_, parser_.request(), memory_));
  }

  void Deliver(Response response) {
    if (response.wait) return Park(std::move(response));
    FramedResponse out = FrameWithinBudget(state_, parser_.request(), &response, parser_.keep_alive());
    if (out.streams) return StreamOnPool(response.stream, std::move(out));
    FreeBody();
    asio::post(loop_.io, [self = Self(), out = std::move(out)]() mutable { self->Respond(std::move(out)); });
  }

  // A request that waits without a thread.
  struct Parked {
    Response response;
    std::shared_ptr<const Wait> wait;
    std::atomic<bool> resumed{false};
  };

  void Park(Response response) {
    const auto parked = std::make_shared<Parked>();
    parked->wait = std::exchange(response.wait, nullptr);
    parked->response = std::move(response);
    TRINE_CHECK(parked->wait->start != nullptr);
    if (!parked->wait->then) FreeBody();
    // Holds the connection weakly, because the function may outlive the server.
    const auto resume = [gate = state_.resumes, weak = this->weak_from_this(), parked] {
      if (parked->resumed.exchange(true)) return;
      gate->Pass([&] {
        auto self = weak.lock();
        if (!self) return;
        asio::io_context& io = self->loop_.io;
        asio::post(io, [self = std::move(self), parked] { self->Unpark(parked); });
      });
    };
    asio::post(loop_.io, [self = Self(), resume, millis = parked->wait->most_millis] {
      self->ResumeAfter(millis, resume);
    });
    parked->wait->start(resume);
  }

  void ResumeAfter(int64_t millis, const std::function<void()>& resume) {
    if (closed_) return;
    wait_timer_ = std::make_unique<asio::steady_timer>(loop_.io);
    wait_timer_->expires_after(std::chrono::milliseconds(std::clamp<int64_t>(millis, 0, kMaxWaitMillis)));
    wait_timer_->async_wait([resume](error_code cancelled) {
      if (!cancelled) resume();
    });
  }

  void Unpark(const std::shared_ptr<Parked>& parked) {
    if (closed_) return;
    TRINE_CHECK(phase_ == Phase::kHandling);
    wait_timer_ = nullptr;
    const Request& request = parser_.request();
    if (!parked->wait->then)
      return Respond(FrameWithinBudget(state_, request, &parked->response, parser_.keep_alive()));
    Status queued =
        state_.pool(request.plan.pool).Submit([self = Self(), parked] { self->ResumeOnPool(*parked->wait); });
    if (!queued.ok()) Refuse(429, queued.error(), parser_.keep_alive());
  }

  void ResumeOnPool(const Wait& wait) {
    if (closed_) return;
    try {
      Deliver(ResumeRequest(state_, parser_.request(), wait.then));
    } catch (const std::bad_alloc&) {  // not even the rejection could be made
      asio::post(loop_.io, [self = Self()] { self->Close(); });
    }
  }

  void StreamOnPool(const std::function<Status(BodyWriter&)>& stream, FramedResponse out) {
    auto channel = std::make_shared<StreamChannel>(
        out.chunked, [self = Self()] { asio::post(self->loop_.io, [self] { self->Flush(); }); });
    asio::post(loop_.io, [self = Self(), channel, out = std::move(out)]() mutable {
      self->BeginStream(std::move(channel), std::move(out));
    });
    channel->Finish(RunStream(state_, parser_.request(), stream, *channel));
  }

  // --- writing -------------------------------------------------------------------------------------

  void Respond(FramedResponse out) {
    if (closed_) return;
    phase_ = Phase::kResponding;
    close_after_ = !out.keep_alive;
    SetDeadline(state_.options.body_timeout_ms);
    Send(std::move(out));
  }

  void Refuse(int status, const Error& error, bool can_keep_alive) {
    const Request& request = parser_.request();
    Response response = RefuseRequest(state_, request, status, error);
    response.stream = nullptr;
    DiscardBody();
    Respond(FrameResponse(state_, request, &response, can_keep_alive));
  }

  void BeginStream(std::shared_ptr<StreamChannel> channel, FramedResponse out) {
    if (closed_) return channel->Abandon();
    channel_ = std::move(channel);
    stream_ended_ = false;
    phase_ = Phase::kStreaming;
    close_after_ = !out.keep_alive;
    Send(std::move(out));
  }

  // Sends what the stream has produced so far.
  void Flush() {
    if (closed_ || phase_ != Phase::kStreaming || writing_) return;
    if (stream_ended_) return EndStream();
    StreamChannel::Pending pending = channel_->TakePending();
    stream_ended_ = pending.ended;
    stream_whole_ = pending.whole;
    if (!pending.bytes.empty()) return Send({.head = std::move(pending.bytes), .body = {}, .memory = {}});
    deadline_ = 0;  // the client is not late while the handler produces the next piece
    if (stream_ended_) EndStream();
  }

  void EndStream() {
    channel_ = nullptr;
    if (stream_whole_) return FinishResponse();
    error_code ignored;
    socket().set_option(asio::socket_base::linger(true, 0), ignored);  // a reset marks the body as incomplete
    Close();
  }

  // Starts sending, or queues behind an interim response that is still being sent.
  void Send(FramedResponse out) {
    if (writing_) {
      TRINE_CHECK(!has_queued_);
      queued_ = std::move(out);
      has_queued_ = true;
      return;
    }
    writing_ = true;
    sending_ = std::move(out);
    sent_ = 0;
    WriteSome();
  }

  void WriteSome() {
    if (phase_ != Phase::kRequest) SetDeadline(state_.options.body_timeout_ms);
    const size_t head = sending_.head.size();
    TRINE_CHECK_LE(sent_, head + sending_.body.size());
    std::array<asio::const_buffer, 2> buffers;
    if (sent_ < head) {
      buffers = {asio::buffer(sending_.head) + sent_, asio::buffer(sending_.body)};
    } else {
      buffers = {asio::buffer(sending_.body) + (sent_ - head), asio::const_buffer()};
    }
    wrote_at_ = state_.clock.MonotonicNanos();
    stream_.async_write_some(buffers, [self = Self()](error_code ec, size_t n) { self->OnWritten(ec, n); });
  }

  void OnWritten(error_code ec, size_t n) {
    if (closed_) return;
    if (ec) return Close();
    silent_since_ = state_.clock.MonotonicNanos();
    sent_ += n;
    if (sent_ < sending_.head.size() + sending_.body.size()) return WriteSome();
    writing_ = false;
    state_.Discard(std::exchange(sending_.body, {}), std::move(sending_.memory));
    sending_ = {};
    if (std::exchange(has_queued_, false)) return Send(std::exchange(queued_, {}));
    if (phase_ == Phase::kStreaming) return Flush();
    if (phase_ == Phase::kResponding) FinishResponse();
  }

  void FinishResponse() {
    memory_.Release();
    if (close_after_) return BeginLinger();
    parser_.Reset();
    head_timed_ = false;
    body_timed_from_ = SIZE_MAX;
    body_began_ = 0;
    phase_ = Phase::kRequest;
    if (state_.draining && input_.empty()) return Close();
    Advance();
  }

  // Ends the output, then reads on for a while: closing with unread input would reset the connection and
  // could destroy the response before the client has read it.
  void BeginLinger() {
    phase_ = Phase::kLinger;
    SetDeadline(kLingerMillis);
    if constexpr (kTls) {
      stream_.async_shutdown([self = Self()](error_code) { self->Close(); });
    } else {
      error_code ignored;
      socket().shutdown(asio::socket_base::shutdown_send, ignored);
    }
    Advance();
  }

  EventLoop& loop_;
  ServerState& state_;
  Stream stream_;
  const std::string peer_, peer_share_;
  RequestParser parser_;
  RequestMemory memory_;
  int64_t silent_since_;  // monotonic nanoseconds of the last byte that was received or sent
  InputBuffer input_;
  std::stop_source stop_;  // requested when the client is gone
  Phase phase_ = Phase::kHandshake;
  std::atomic<bool> closed_{false};
  bool reading_ = false;
  bool peer_ended_ = false;  // the client has stopped sending, but may still receive
  int64_t peer_ended_at_ = 0;
  int64_t deadline_ = 0;  // monotonic nanoseconds, 0 for none
  bool head_timed_ = false;
  size_t body_timed_from_ = SIZE_MAX;
  int64_t body_began_ = 0;  // monotonic nanoseconds; 0: no body is being read
  std::unique_ptr<asio::steady_timer> wait_timer_;
  size_t lingered_bytes_ = 0;

  FramedResponse sending_;
  size_t sent_ = 0;
  bool writing_ = false;
  int64_t wrote_at_ = 0;  // when the pending write began
  FramedResponse queued_;
  bool has_queued_ = false;
  bool close_after_ = false;
  std::shared_ptr<StreamChannel> channel_;
  bool stream_ended_ = false;
  bool stream_whole_ = true;
};

}  // namespace trine::net
