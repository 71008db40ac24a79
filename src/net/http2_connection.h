// Http2Connection: one client's connection in HTTP/2, whose requests run side by side as streams. Included by
// server.cc alone.
//
// Http2Session reads and writes the frames, a RequestTask handles each request. What a stream may hold is
// bounded as it is for a connection of HTTP/1.1: heads and bodies by the same limits, timeouts and memory
// budget, streamed responses by the room of a StreamChannel. A response waits in its stream while the window
// of the client is closed. Everything runs on the loop's thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/body_pace.h"
#include "net/event_loop.h"
#include "net/http2_session.h"
#include "net/request_parser.h"
#include "net/request_task.h"

namespace trine::net {

inline constexpr size_t kFrameReadBytes = 16u << 10;   // room for one read
inline constexpr size_t kFrameWriteBytes = 64u << 10;  // about so many bytes are written at a time
// While more frames wait to be written, nothing is read: the client makes them necessary.
inline constexpr size_t kMaxQueuedFrames = 1000;
// Requests that a client has given up, and whose handlers still run. Beyond that, it gets no new ones.
inline constexpr size_t kMaxGivenUp = kMaxHttp2Streams;

// Whether client and server have agreed on HTTP/2 during the TLS handshake (ALPN, RFC 7301).
inline bool SpeaksHttp2(SSL* tls) {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls, &name, &size);
  return size == 2 && std::memcmp(name, "h2", size) == 0;
}

template <typename Stream>
class Http2Connection final : public ConnectionBase,
                              public Http2Session::Events,
                              public RequestTask::Owner,
                              public std::enable_shared_from_this<Http2Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  // `received`: what was read from the stream before.
  Http2Connection(EventLoop& loop, Stream stream, std::string peer, std::string peer_share,
                  std::string received)
      : loop_(loop),
        state_(loop.state),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        peer_share_(std::move(peer_share)),
        received_(std::move(received)),
        input_(kFrameReadBytes),
        session_(state_.options.max_header_bytes, *this),
        silent_since_(Now()),
        idle_since_(Now()) {}
  ~Http2Connection() override {
    for (auto& [id, exchange] : exchanges_) Discard(&exchange);
  }

  void Start() override {
    const std::string received = std::exchange(received_, {});
    if (!received.empty()) return Receive(received);
    Pump();
    ArmRead();
  }

  void Tick(int64_t now) override {
    if (lingers_ || writing_) {
      if (now >= deadline_) return Close();
    } else if (exchanges_.empty() && now >= idle_since_ + state_.options.idle_timeout_ms * kNanosPerMilli) {
      session_.GoAway(false);
      return Pump();
    }
    std::vector<int32_t> ids;
    ids.reserve(exchanges_.size());
    for (const auto& [id, exchange] : exchanges_) ids.push_back(id);
    for (const int32_t id : ids) {
      const auto found = exchanges_.find(id);
      if (found != exchanges_.end()) Check(id, found->second, now);
      if (closed_) return;
    }
    Pump();
  }

  void Drain() override {
    session_.GoAway(false);
    Pump();
  }

  void Close() override {
    if (std::exchange(closed_, true)) return;
    const auto self = Self();
    for (auto& [id, exchange] : exchanges_) GiveUp(&exchange);
    error_code ignored;
    socket().close(ignored);
    loop_.Remove(self);
  }

  std::optional<int64_t> silent_since() const override {
    for (const auto& [id, exchange] : exchanges_) {
      if (exchange.phase == Phase::kHandling || exchange.channel) return std::nullopt;
    }
    return silent_since_;
  }
  const std::string& peer_share() const override { return peer_share_; }

 private:
  enum class Phase { kHead, kBody, kHandling, kResponding };

  // One stream: a request and its response.
  struct Exchange {
    Phase phase = Phase::kHead;
    Request request;  // until it is handled
    RequestMemory memory;
    std::optional<uint64_t> length;
    size_t max_body_bytes = 0;
    BodyPace pace;
    int64_t deadline = 0;  // monotonic nanoseconds, 0 for none
    std::shared_ptr<RequestTask> task;
    FramedResponse response;
    size_t sent = 0;                         // bytes of the response's body, or of the current piece
    std::shared_ptr<StreamChannel> channel;  // a streamed response; `response.body` is its current piece
    bool channel_ended = false;
    bool whole = true;
    bool starves = false;  // the session waits for ResumeBody
    int64_t wrote_at = 0;  // when the client last took a part of the response
  };

  std::shared_ptr<Http2Connection> Self() { return this->shared_from_this(); }
  TcpSocket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  int64_t Now() const { return state_.clock.MonotonicNanos(); }
  int64_t After(int64_t millis) const { return Now() + millis * kNanosPerMilli; }

  // --- reading and writing -------------------------------------------------------------------------

  void ArmRead() {
    if (reading_ || closed_ || (!lingers_ && session_.queued_frames() > kMaxQueuedFrames)) return;
    reading_ = true;
    stream_.async_read_some(asio::buffer(input_),
                            [self = Self()](error_code ec, size_t n) { self->OnRead(ec, n); });
  }

  void OnRead(error_code ec, size_t n) {
    reading_ = false;
    if (closed_) return;
    if (ec) return Close();
    silent_since_ = Now();
    if (lingers_) {
      lingered_bytes_ += n;
      return lingered_bytes_ > kLingerBytes ? Close() : ArmRead();
    }
    Receive({input_.data(), n});
  }

  void Receive(std::string_view bytes) {
    try {
      if (const Status read = session_.Receive(bytes); !read.ok()) {
        state_.log.Debug("closing the connection of " + peer_ + ": " + read.error().message);
        failed_ = true;
        if (writing_) deadline_ = std::min(deadline_, After(kLingerMillis));
      }
    } catch (const std::bad_alloc&) {
      return Close();
    }
    Pump();
    ArmRead();
  }

  // Sends what the session has to send.
  void Pump() {
    if (closed_ || writing_ || lingers_) return;
    output_.clear();
    session_.Send(kFrameWriteBytes, &output_);
    if (output_.empty()) {
      if (failed_ || session_.finished()) BeginLinger();
      return;
    }
    writing_ = true;
    deadline_ = After(state_.options.body_timeout_ms);
    asio::async_write(stream_, asio::buffer(output_),
                      [self = Self()](error_code ec, size_t) { self->OnWritten(ec); });
  }

  void OnWritten(error_code ec) {
    writing_ = false;
    if (closed_) return;
    if (ec) return Close();
    silent_since_ = Now();
    if (output_.capacity() > 2 * kFrameWriteBytes) std::string().swap(output_);
    Pump();
    ArmRead();
  }

  // Ends the output, then reads on for a while: closing with unread input would reset the connection and
  // could destroy the last frames before the client has read them.
  void BeginLinger() {
    lingers_ = true;
    for (auto& [id, exchange] : exchanges_) GiveUp(&exchange);
    deadline_ = After(kLingerMillis);
    if constexpr (kTls) {
      stream_.async_shutdown([self = Self()](error_code) { self->Close(); });
    } else {
      error_code ignored;
      socket().shutdown(asio::socket_base::shutdown_send, ignored);
    }
    ArmRead();
  }

  // --- timeouts ------------------------------------------------------------------------------------

  void Check(int32_t id, Exchange& exchange, int64_t now) {
    const bool late = exchange.deadline != 0 && now >= exchange.deadline;
    switch (exchange.phase) {
      case Phase::kHead:  // nothing else can arrive before the rest of it
        if (late) Close();
        return;
      case Phase::kBody:
        if (late || exchange.pace.IsTooSlow(exchange.request.body.size(), now, state_.options))
          Refuse(id, 408, Error(ErrorCode::kTimeout, "the request body arrived too slowly"));
        return;
      case Phase::kHandling:
        return;
      case Phase::kResponding:
        if (!exchange.starves && IsStalled(exchange, now)) session_.Reset(id);
        return;
    }
  }

  // Whether the client has taken nothing of a response for too long, or for a short time while the response
  // takes the memory that others need.
  bool IsStalled(const Exchange& exchange, int64_t now) const {
    if (now - exchange.wrote_at >= state_.options.body_timeout_ms * kNanosPerMilli) return true;
    const int64_t limit = state_.options.stalled_timeout_ms * kNanosPerMilli;
    const int64_t refused = state_.last_answer_refused.load();
    return refused != 0 && now - refused < limit && now - exchange.wrote_at >= limit;
  }

  // --- requests ------------------------------------------------------------------------------------

  void OnHeadBegin(int32_t id) override { exchanges_[id].deadline = After(state_.options.header_timeout_ms); }

  void OnHead(int32_t id, Http2Session::Head head) override {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    TRINE_CHECK(exchange.phase == Phase::kHead);
    exchange.phase = Phase::kBody;
    exchange.memory.body = MemoryHold(&state_.memory, MemoryUse::kRequests);
    exchange.request = std::move(head.request);
    exchange.request.peer = peer_;
    exchange.request.tls = kTls;
    exchange.request.id = state_.ids.Next();
    exchange.length = head.length;
    if (head.failure_status != 0) return Refuse(id, head.failure_status, head.failure);
    if (TooManyGivenUp())
      return Refuse(id, 429, Error(ErrorCode::kBusy, "too many requests of this connection were given up"));
    exchange.max_body_bytes = state_.options.max_body_bytes;
    const std::optional<Refusal> refusal = AdmitRequest(
        state_, exchange.request, head.length, [&](size_t most) { return LimitBody(&exchange, most); });
    if (refusal) return Refuse(id, refusal->status, refusal->error);
    if (head.expects_continue && !head.ended) session_.Continue(id);
    NotePace(&exchange);
  }

  static std::optional<Refusal> LimitBody(Exchange* exchange, size_t most) {
    exchange->max_body_bytes = std::min(exchange->max_body_bytes, most);
    if (exchange->length.value_or(0) <= exchange->max_body_bytes) return std::nullopt;
    return Refusal{413, BodyTooLarge(exchange->max_body_bytes)};
  }

  void NotePace(Exchange* exchange) {
    if (exchange->pace.Note(exchange->request.body.size(), Now()))
      exchange->deadline = After(state_.options.body_timeout_ms);
  }

  void OnBody(int32_t id, std::string_view piece) override {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end() || found->second.phase != Phase::kBody) return;
    Exchange& exchange = found->second;
    std::string& body = exchange.request.body;
    if (piece.size() > exchange.max_body_bytes - body.size())
      return Refuse(id, 413, BodyTooLarge(exchange.max_body_bytes));
    if (Status charged = exchange.memory.body.GrowTo(body.size() + piece.size()); !charged.ok())
      return Refuse(id, 429, charged.error());
    AppendBody(piece, exchange.length.value_or(exchange.max_body_bytes), &body);
    NotePace(&exchange);
  }

  void OnRequestEnd(int32_t id) override {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end() || found->second.phase != Phase::kBody) return;
    Exchange& exchange = found->second;
    exchange.phase = Phase::kHandling;
    exchange.deadline = 0;
    // The task may end, and the exchange with it, before Run returns.
    const auto task = std::make_shared<RequestTask>(
        loop_, this->weak_from_this(), id, std::move(exchange.request), std::move(exchange.memory), true);
    exchange.task = task;
    task->Run();
  }

  void OnClosed(int32_t id) override {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    GiveUp(&found->second);
    Discard(&found->second);
    exchanges_.erase(found);
    if (exchanges_.empty()) idle_since_ = Now();
  }

  // Lets go of what makes the response. Calling it again has no effect.
  void GiveUp(Exchange* exchange) {
    const bool streams = exchange->channel && !exchange->channel_ended;
    if (streams) exchange->channel->Abandon();
    exchange->channel = nullptr;
    const std::shared_ptr<RequestTask> task = std::exchange(exchange->task, nullptr);
    if (!task || (!streams && exchange->phase != Phase::kHandling)) return;
    task->Abandon();
    given_up_.push_back(task);
  }

  // Frees large texts on another thread.
  void Discard(Exchange* exchange) {
    state_.Discard(std::exchange(exchange->request.body, {}), std::move(exchange->memory.body));
    state_.Discard(std::exchange(exchange->response.body, {}), std::move(exchange->response.memory));
    exchange->memory.Release();
  }

  bool TooManyGivenUp() {
    if (given_up_.size() <= kMaxGivenUp) return false;
    std::erase_if(given_up_, [](const std::weak_ptr<RequestTask>& task) { return task.expired(); });
    return given_up_.size() > kMaxGivenUp;
  }

  // --- responses -----------------------------------------------------------------------------------

  // Rejects a request of which a part may be missing.
  void Refuse(int32_t id, int status, const Error& error) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    const Request& request = exchange.request;
    Response response = RefuseRequest(state_, request, status, error);
    response.stream = nullptr;
    FramedResponse out = FrameResponse(state_, request, &response, true);
    Discard(&exchange);
    Respond(id, &exchange, std::move(out));
  }

  void Respond(int32_t id, Exchange* exchange, FramedResponse out) {
    TRINE_CHECK(exchange->phase != Phase::kResponding);
    exchange->phase = Phase::kResponding;
    exchange->deadline = 0;
    exchange->response = std::move(out);
    exchange->wrote_at = Now();
    const bool has_body = exchange->response.streams || !exchange->response.body.empty();
    session_.Respond(id, exchange->response.status, exchange->response.fields, has_body);
  }

  void OnResponse(RequestTask& task, FramedResponse out) override {
    const auto found = exchanges_.find(task.id());
    if (found == exchanges_.end()) return;
    Respond(task.id(), &found->second, std::move(out));
    PumpLater();
  }

  void OnStream(RequestTask& task, std::shared_ptr<StreamChannel> channel, FramedResponse out) override {
    const auto found = exchanges_.find(task.id());
    if (found == exchanges_.end()) return channel->Abandon();
    found->second.channel = std::move(channel);
    Respond(task.id(), &found->second, std::move(out));
    PumpLater();
  }

  void OnPieces(RequestTask& task) override {
    const auto found = exchanges_.find(task.id());
    if (found == exchanges_.end() || !std::exchange(found->second.starves, false)) return;
    found->second.wrote_at = Now();
    session_.ResumeBody(task.id());
    PumpLater();
  }

  void OnLost(RequestTask& task) override {
    session_.Reset(task.id());
    PumpLater();
  }

  // The session may be calling this connection, and cannot be asked for its output before it has returned.
  // Responses that are ready at the same time leave in one write.
  void PumpLater() {
    if (std::exchange(will_pump_, true)) return;
    asio::post(loop_.io, [self = Self()] {
      self->will_pump_ = false;
      self->Pump();
    });
  }

  Http2Session::BodyRead ReadBody(int32_t id, char* out, size_t room) override {
    using State = Http2Session::BodyRead::State;
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return {State::kBroken, 0};
    Exchange& exchange = found->second;
    if (exchange.channel && exchange.sent == exchange.response.body.size() && !exchange.channel_ended) {
      StreamChannel::Pending pending = exchange.channel->TakePending();
      exchange.response.body = std::move(pending.bytes);
      exchange.sent = 0;
      exchange.channel_ended = pending.ended;
      exchange.whole = pending.whole;
    }
    const std::string& body = exchange.response.body;
    const size_t size = std::min(room, body.size() - exchange.sent);
    body.copy(out, size, exchange.sent);
    exchange.sent += size;
    exchange.wrote_at = Now();
    if (exchange.sent < body.size()) return {State::kMore, size};
    if (!exchange.channel) return {State::kEnd, size};
    if (exchange.channel_ended && exchange.whole) return {State::kEnd, size};
    if (size > 0) return {State::kMore, size};
    if (exchange.channel_ended) return {State::kBroken, 0};
    exchange.starves = true;
    return {State::kLater, 0};
  }

  EventLoop& loop_;
  ServerState& state_;
  Stream stream_;
  const std::string peer_, peer_share_;
  std::string received_;
  std::vector<char> input_;
  std::string output_;  // what is being written
  Http2Session session_;
  std::unordered_map<int32_t, Exchange> exchanges_;
  std::vector<std::weak_ptr<RequestTask>> given_up_;
  int64_t silent_since_;  // monotonic nanoseconds of the last byte that was received or sent
  int64_t idle_since_;    // when the last stream ended
  int64_t deadline_ = 0;  // of the pending write, or of lingering
  size_t lingered_bytes_ = 0;
  bool reading_ = false, writing_ = false, will_pump_ = false;
  bool failed_ = false;  // the client has broken the protocol
  bool lingers_ = false, closed_ = false;
};

}  // namespace trine::net
