// RequestTask: one request from its last received byte to its response. A connection of HTTP/1.1 has one at a
// time, a connection of HTTP/2 one for each stream.
//
// RunOnPool, ResumeOnPool, Deliver, Park and StreamOnPool run on a pool thread, everything else on the loop's
// thread. While a request is handled, the pool thread owns the request and the loop does not access it. A
// request whose response has to wait (net::Wait) is handled without any thread: Park leaves a function that
// hands it to the loop again.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <stop_token>
#include <string>
#include <utility>

#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/stream_channel.h"

namespace trine::net {

inline constexpr int64_t kMaxWaitMillis = 3'600'000;  // of a request that waits without a thread

// Shared by its connection and the threads that run it; it may outlive its connection.
class RequestTask final : public std::enable_shared_from_this<RequestTask> {
 public:
  // The connection that sends the response. Called on the loop's thread, and not after Abandon.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnResponse(RequestTask& task, FramedResponse response) = 0;
    // The body follows: OnPieces says when the channel has more of it, or its end.
    virtual void OnStream(RequestTask& task, std::shared_ptr<StreamChannel> channel, FramedResponse head) = 0;
    virtual void OnPieces(RequestTask& task) = 0;
    // There was no memory, not even for a rejection.
    virtual void OnLost(RequestTask& task) = 0;
  };

  // `id` is the owner's name for the request. `keep_alive`: whether another request may follow on the
  // connection, see FrameResponse.
  RequestTask(EventLoop& loop, std::weak_ptr<Owner> owner, int32_t id, Request request, RequestMemory memory,
              bool keep_alive)
      : loop_(loop),
        state_(loop.state),
        owner_(std::move(owner)),
        id_(id),
        request_(std::move(request)),
        memory_(std::move(memory)),
        keep_alive_(keep_alive) {}
  ~RequestTask() { DiscardBody(); }

  int32_t id() const { return id_; }

  // Starts handling the request. The response may be there before this returns. Call once.
  void Run() {
    request_.deadline = Deadline::After(state_.clock, state_.options.request_deadline_ms, stop_.get_token());
    if (request_.plan.on_event_loop) {
      Response response = AnswerRequest(state_, request_, memory_);
      return Respond(FrameWithinBudget(state_, request_, &response, keep_alive_));
    }
    Submit([self = shared_from_this()] { self->RunOnPool(); });
  }

  // Asks the handler to end early, because nobody may be waiting for the response.
  void RequestStop() { stop_.request_stop(); }

  // The client is gone, or wants no response. Nothing is called from now on.
  void Abandon() {
    if (abandoned_.exchange(true)) return;
    stop_.request_stop();
    wait_timer_ = nullptr;
  }

 private:
  void Submit(std::function<void()> work) {
    Status queued = state_.pool(request_.plan.pool).Submit(std::move(work));
    if (!queued.ok()) Refuse(429, queued.error());
  }

  // Calls `call` with the owner, unless it is gone or wants nothing more.
  template <typename Call>
  bool Tell(const Call& call) {
    if (abandoned_) return false;
    const std::shared_ptr<Owner> owner = owner_.lock();
    if (!owner) return false;
    call(*owner);
    return true;
  }

  void Respond(FramedResponse out) {
    Tell([&](Owner& owner) { owner.OnResponse(*this, std::move(out)); });
  }

  void Refuse(int status, const Error& error) {
    Response response = RefuseRequest(state_, request_, status, error);
    response.stream = nullptr;
    DiscardBody();
    Respond(FrameResponse(state_, request_, &response, keep_alive_));
  }

  void RunOnPool() {
    if (abandoned_) return;
    try {
      Deliver(AnswerRequest(state_, request_, memory_));
    } catch (const std::bad_alloc&) {  // not even the rejection could be made
      PostLost();
    }
  }

  void PostLost() {
    asio::post(loop_.io,
               [self = shared_from_this()] { self->Tell([&](Owner& owner) { owner.OnLost(*self); }); });
  }

  // The client may take long to read the response, so the body of its request must not wait for that.
  void FreeBody() {
    std::string().swap(request_.body);
    memory_.Release();
  }
  // The same on the loop's thread, which must not spend its time on that.
  void DiscardBody() {
    state_.Discard(std::exchange(request_.body, {}), std::move(memory_.body));
    memory_.Release();
  }

  void Deliver(Response response) {
    if (response.wait) return Park(std::move(response));
    FramedResponse out = FrameWithinBudget(state_, request_, &response, keep_alive_);
    if (out.streams) return StreamOnPool(response.stream, std::move(out));
    FreeBody();
    asio::post(loop_.io, [self = shared_from_this(), out = std::move(out)]() mutable {
      self->Respond(std::move(out));
    });
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
    // Holds the task weakly, because the function may outlive the server.
    const auto resume = [gate = state_.resumes, weak = weak_from_this(), parked] {
      if (parked->resumed.exchange(true)) return;
      gate->Pass([&] {
        auto self = weak.lock();
        if (!self) return;
        asio::io_context& io = self->loop_.io;
        asio::post(io, [self = std::move(self), parked] { self->Unpark(parked); });
      });
    };
    asio::post(loop_.io, [self = shared_from_this(), resume, millis = parked->wait->most_millis] {
      self->ResumeAfter(millis, resume);
    });
    parked->wait->start(resume);
  }

  void ResumeAfter(int64_t millis, const std::function<void()>& resume) {
    if (abandoned_) return;
    wait_timer_ = std::make_unique<asio::steady_timer>(loop_.io);
    wait_timer_->expires_after(std::chrono::milliseconds(std::clamp<int64_t>(millis, 0, kMaxWaitMillis)));
    wait_timer_->async_wait([resume](error_code cancelled) {
      if (!cancelled) resume();
    });
  }

  void Unpark(const std::shared_ptr<Parked>& parked) {
    if (abandoned_) return;
    wait_timer_ = nullptr;
    if (!parked->wait->then)
      return Respond(FrameWithinBudget(state_, request_, &parked->response, keep_alive_));
    Submit([self = shared_from_this(), parked] { self->ResumeOnPool(*parked->wait); });
  }

  void ResumeOnPool(const Wait& wait) {
    if (abandoned_) return;
    try {
      Deliver(ResumeRequest(state_, request_, wait.then));
    } catch (const std::bad_alloc&) {  // not even the rejection could be made
      PostLost();
    }
  }

  void StreamOnPool(const std::function<Status(BodyWriter&)>& stream, FramedResponse out) {
    const auto self = shared_from_this();
    auto channel = std::make_shared<StreamChannel>(out.chunked, [self] {
      asio::post(self->loop_.io, [self] { self->Tell([&](Owner& owner) { owner.OnPieces(*self); }); });
    });
    asio::post(loop_.io, [self, channel, out = std::move(out)]() mutable {
      const bool told =
          self->Tell([&](Owner& owner) { owner.OnStream(*self, std::move(channel), std::move(out)); });
      if (!told) channel->Abandon();
    });
    channel->Finish(RunStream(state_, request_, stream, *channel));
  }

  EventLoop& loop_;
  ServerState& state_;
  const std::weak_ptr<Owner> owner_;
  const int32_t id_;
  Request request_;
  RequestMemory memory_;
  const bool keep_alive_;
  std::stop_source stop_;  // requested when the client is gone
  std::atomic<bool> abandoned_{false};
  std::unique_ptr<asio::steady_timer> wait_timer_;
};

}  // namespace trine::net
