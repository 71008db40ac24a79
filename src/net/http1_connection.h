// Http1Connection: one client's connection, whose requests come one after the other in HTTP/1.1 or 1.0. A
// client that opens with the preface of HTTP/2 is passed on to an Http2Connection. Included by server.cc
// alone.
//
// States: handshake (TLS) -> request (reading a head, then a body) -> handling (by a RequestTask) ->
// responding or streaming -> request again, or linger -> closed. A read is pending in nearly every state, so
// that a lost client is noticed while its request runs. Pipelined bytes wait in the input buffer, up to
// kReadAhead. Everything runs on the loop's thread.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/body_pace.h"
#include "net/event_loop.h"
#include "net/http2_connection.h"
#include "net/request_parser.h"
#include "net/request_task.h"

namespace trine::net {

inline constexpr size_t kReadAtLeast = 4u << 10;     // buffer room for reading a head
inline constexpr size_t kReadAhead = 64u << 10;      // pipelined bytes kept while a request runs
inline constexpr size_t kBodyReadBytes = 64u << 10;  // buffer room for reading a body
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

template <typename Stream>
class Http1Connection final : public ConnectionBase,
                              public RequestTask::Owner,
                              public std::enable_shared_from_this<Http1Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Http1Connection(EventLoop& loop, Stream stream, std::string peer, std::string peer_share)
      : loop_(loop),
        state_(loop.state),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        peer_share_(std::move(peer_share)),
        parser_({state_.options.max_header_bytes, state_.options.max_body_bytes}),
        memory_{MemoryHold(&state_.memory, MemoryUse::kRequests), {}},
        silent_since_(state_.clock.MonotonicNanos()) {}

  ~Http1Connection() override {
    state_.Discard(std::move(sending_.body), std::move(sending_.memory));
    DiscardBody();
  }

  void Start() override {
    if constexpr (kTls) {
      SetDeadline(state_.options.header_timeout_ms);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = Self()](error_code ec) {
        if (self->closed_) return;
        if (ec) return self->Close();
        self->OnHandshake();
      });
    } else {
      phase_ = Phase::kRequest;
      Advance();
    }
  }

  void Tick(int64_t now) override {
    if (peer_ended_ && phase_ == Phase::kHandling &&
        now >= peer_ended_at_ + kHalfCloseMillis * kNanosPerMilli) {
      task_->RequestStop();
    }
    if (IsStalled(now)) return Close();
    const bool too_slow =
        phase_ == Phase::kRequest && pace_.IsTooSlow(parser_.request().body.size(), now, state_.options);
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
    if (std::exchange(closed_, true)) return;
    const auto self = Self();
    deadline_ = 0;
    if (task_) std::exchange(task_, nullptr)->Abandon();
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

  std::shared_ptr<Http1Connection> Self() { return this->shared_from_this(); }
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
    if (may_be_http2_ && phase_ == Phase::kRequest && OpensAsHttp2()) return;
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

  // Looks at the first bytes of the connection. Returns true if they are the preface of HTTP/2, whose
  // connection has then taken over, or may still become it.
  bool OpensAsHttp2() {
    const std::string_view begin = input_.view().substr(0, kHttp2Preface.size());
    if (begin == kHttp2Preface) {
      TakeOverAsHttp2();
      return true;
    }
    if (!peer_ended_ && kHttp2Preface.starts_with(begin)) {
      if (begin.empty()) {
        SetDeadline(state_.options.idle_timeout_ms);
      } else if (!std::exchange(head_timed_, true)) {
        SetDeadline(state_.options.header_timeout_ms);
      }
      ArmRead();
      return true;
    }
    may_be_http2_ = false;
    return false;
  }

  // Requires that no operation is pending on the socket.
  void TakeOverAsHttp2() {
    TRINE_CHECK(!reading_ && !writing_ && !closed_);
    const auto self = Self();
    closed_ = true;
    loop_.Remove(self);
    auto next = std::make_shared<Http2Connection<Stream>>(loop_, std::move(stream_), peer_, peer_share_,
                                                          std::string(input_.view()));
    loop_.Add(next);
    next->Start();
  }

  void OnHandshake() {
    phase_ = Phase::kRequest;
    if constexpr (kTls) {
      if (SpeaksHttp2(stream_.native_handle())) return TakeOverAsHttp2();
    }
    Advance();
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
    std::optional<uint64_t> length = parser_.content_length();
    if (!length && parser_.request().headers.Find("transfer-encoding") == nullptr) length = 0;
    const std::optional<Refusal> refusal =
        AdmitRequest(state_, parser_.request(), length, [this](size_t most) {
          return parser_.LimitBody(most)
                     ? std::nullopt
                     : std::optional<Refusal>({parser_.failure_status(), parser_.failure()});
        });
    if (refusal) return Refuse(refusal->status, refusal->error, false);
    if (parser_.expects_continue() && !parser_.done() && input_.empty()) {
      FramedResponse interim;
      interim.head = "HTTP/1.1 100 Continue\r\n\r\n";
      Send(std::move(interim));
    }
  }

  void SetReadDeadline() {
    if (!parser_.started()) {
      head_timed_ = false;
      pace_ = {};
      SetDeadline(state_.options.idle_timeout_ms);
    } else if (!parser_.head_done()) {
      if (!std::exchange(head_timed_, true)) SetDeadline(state_.options.header_timeout_ms);
    } else if (pace_.Note(parser_.request().body.size(), state_.clock.MonotonicNanos())) {
      SetDeadline(state_.options.body_timeout_ms);
    }
  }

  // --- handling ------------------------------------------------------------------------------------

  void Dispatch() {
    TRINE_CHECK(phase_ == Phase::kRequest);
    TRINE_CHECK(parser_.done());
    phase_ = Phase::kHandling;
    deadline_ = 0;
    task_ = std::make_shared<RequestTask>(loop_, this->weak_from_this(), 0, std::move(parser_.request()),
                                          std::move(memory_), parser_.keep_alive());
    // The task may end, and let go of itself, before Run returns.
    const std::shared_ptr<RequestTask> task = task_;
    task->Run();
  }

  void OnResponse(RequestTask&, FramedResponse out) override { Respond(std::move(out)); }
  void OnLost(RequestTask&) override { Close(); }
  void OnPieces(RequestTask&) override { Flush(); }
  void OnStream(RequestTask&, std::shared_ptr<StreamChannel> channel, FramedResponse out) override {
    channel_ = std::move(channel);
    stream_ended_ = false;
    phase_ = Phase::kStreaming;
    close_after_ = !out.keep_alive;
    Send(std::move(out));
  }

  // Frees on another thread what was read of a request that is rejected.
  void DiscardBody() {
    state_.Discard(std::exchange(parser_.request().body, {}), std::move(memory_.body));
    memory_.Release();
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

  // Sends what the stream has produced so far.
  void Flush() {
    if (closed_ || phase_ != Phase::kStreaming || writing_) return;
    if (stream_ended_) return EndStream();
    StreamChannel::Pending pending = channel_->TakePending();
    stream_ended_ = pending.ended;
    stream_whole_ = pending.whole;
    if (!pending.bytes.empty()) {
      FramedResponse next;
      next.head = std::move(pending.bytes);
      return Send(std::move(next));
    }
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
    task_ = nullptr;
    if (close_after_) return BeginLinger();
    parser_.Reset();
    head_timed_ = false;
    pace_ = {};
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
  Phase phase_ = Phase::kHandshake;
  bool closed_ = false;
  bool reading_ = false;
  bool peer_ended_ = false;  // the client has stopped sending, but may still receive
  int64_t peer_ended_at_ = 0;
  int64_t deadline_ = 0;  // monotonic nanoseconds, 0 for none
  bool head_timed_ = false;
  bool may_be_http2_ = true;  // the client has not sent enough to tell
  BodyPace pace_;
  std::shared_ptr<RequestTask> task_;  // the request that is handled or answered
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
