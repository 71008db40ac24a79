// The server under load and with misbehaving clients: every limit is reached once here.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "net/server.h"
#include "test/support/gate.h"
#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::Echo;
using test::Gate;
using test::RawClient;
using test::RawResponse;
using test::RunningServer;

constexpr const char* kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* kSearch = "GET /search HTTP/1.1\r\nHost: h\r\n\r\n";

// Timeouts in milliseconds of the manual clock, short so that the server checks them often.
ServerOptions ShortTimeouts() {
  ServerOptions options;
  options.header_timeout_ms = 40;
  options.body_timeout_ms = 60;
  options.idle_timeout_ms = 80;
  return options;
}

// Moves the clock step by step until the client has something to read.
bool AdvanceUntilReadable(RunningServer& server, RawClient& client, const std::string& trickle = "") {
  for (int i = 0; i < 400; ++i) {
    if (!trickle.empty()) client.Send(trickle);
    server.clock.Advance(5);
    if (client.Readable(10)) return true;
  }
  return false;
}

TEST(ServerLimits, FullQueueAnswers429WhileOtherPoolsServe) {
  ServerOptions options;
  options.search_threads = 1;
  options.search_queue = 1;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (r.path == "/search") gate.Pass();
        return Echo(r);
      },
      options);
  RawClient running = server.Connect();
  running.Send(kSearch);
  gate.AwaitArrivals(1);
  std::vector<RawClient> rest;  // one of them gets the only place in the queue
  for (int i = 0; i < 5; ++i) rest.push_back(server.Connect());
  for (RawClient& client : rest) client.Send(kSearch);
  size_t refused = 0;
  RawClient* queued = nullptr;
  for (int round = 0; round < 1000 && refused < 4; ++round) {
    for (RawClient& client : rest) {
      if (!client.Readable(5)) {
        queued = &client;
        continue;
      }
      const RawResponse answer = client.Read();
      EXPECT_EQ(answer.status, 429);
      EXPECT_EQ(answer.body, "rejected /search: queue_full");
      EXPECT_EQ(client.Ask(kGet).status, 200) << "the connection and the other pools still work";
      ++refused;
    }
  }
  ASSERT_EQ(refused, 4u);
  gate.Open();
  EXPECT_EQ(running.Read().status, 200);
  EXPECT_EQ(queued->Read().status, 200);
}

TEST(ServerLimits, ClosesConnectionsAboveTheLimit) {
  ServerOptions options;
  options.max_connections = 2;
  RunningServer server(Echo, options);
  RawClient a = server.Connect(), b = server.Connect();
  EXPECT_EQ(a.Ask(kGet).status, 200);
  EXPECT_EQ(b.Ask(kGet).status, 200);
  RawClient c = server.Connect();
  EXPECT_EQ(c.ReadToEnd(), "");
  EXPECT_EQ(a.Ask(kGet).status, 200);
}

// Many silent connections of one peer lock out neither other peers nor, after a while, the peer itself.
TEST(ServerLimits, PeersShareTheConnections) {
  ServerOptions options;
  options.max_connections = 10;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (r.path == "/search") gate.Pass();
        return Echo(r);
      },
      options);
  RawClient busy = server.Connect();
  busy.Send(kSearch);
  gate.AwaitArrivals(1);
  std::vector<RawClient> silent;
  for (int i = 0; i < 9; ++i) {
    silent.push_back(server.Connect());
    EXPECT_EQ(silent.back().Ask(kGet).status, 200);
  }
  EXPECT_EQ(server.Connect().ReadToEnd(), "") << "the peer's own connections are too young to be replaced";
  const auto closed = [&] {
    return std::count_if(silent.begin(), silent.end(),
                         [](RawClient& client) { return client.Readable(20) && client.ReadToEnd() == ""; });
  };
  std::vector<RawClient> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(server.Connect("127.0.0.2"));
    EXPECT_EQ(others.back().Ask(kGet).status, 200) << i;
    EXPECT_EQ(closed(), i + 1) << "a silent one makes room";
  }
  RawClient third = server.Connect("127.0.0.3");
  EXPECT_EQ(third.Ask(kGet).status, 200) << "the share of a peer shrinks with the number of peers";
  EXPECT_EQ(closed(), 5);
  for (RawClient& other : others) EXPECT_EQ(other.Ask(kGet).status, 200) << "other peers lose nothing";
  server.clock.Advance(2000);
  EXPECT_EQ(server.Connect().Ask(kGet).status, 200) << "the greedy peer replaces its own silent connection";
  gate.Open();
  EXPECT_EQ(busy.Read().status, 200) << "a running request is never cut off";
  const std::string log = server.log.text();
  const size_t line = log.find("127.0.0.1 holds 10 of 10 connections");
  EXPECT_NE(line, std::string::npos) << log;
  EXPECT_EQ(log.find("127.0.0.1 holds", line + 1), std::string::npos) << "logged once:\n" << log;
}

TEST(ServerLimits, RefusesToStartWithTooFewDescriptors) {
  ServerOptions options;
  options.reserved_descriptors = size_t{1} << 40;
  options.port = 0;
  Service service;
  service.plan = [](const Request&) { return RequestPlan(); };
  service.handle = Echo;
  service.refuse = [](const Request&, int status, const Error&) { return Response::JsonText(status, ""); };
  const ManualClock clock{Millis{1}};
  const auto started = StartHttpServer(options, std::move(service), clock, NullLog(), NullMetrics());
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, ErrorCode::kInvalid);
  EXPECT_NE(started.error().message.find("open files"), std::string::npos);
  EXPECT_NE(started.error().expected.find(std::to_string((size_t{1} << 40) + 4096)), std::string::npos);
}

TEST(ServerLimits, TheEventLoopAnswersWhileThePoolsAreFull) {
  ServerOptions options;
  options.write_threads = 1;
  options.write_queue = 1;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (r.path == "/block") gate.Pass();
        return Echo(r);
      },
      options);
  RawClient blocked = server.Connect(), queued = server.Connect();
  blocked.Send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
  gate.AwaitArrivals(1);
  queued.Send(kGet);
  RawClient probe = server.Connect();
  for (int i = 0; i < 3; ++i) {
    const RawResponse live = probe.Ask("GET /live HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(live.status, 200);
    EXPECT_EQ(live.body, "GET /live ");
  }
  gate.Open();
  EXPECT_EQ(queued.Read().status, 200);
}

// Collects the functions by which waiting requests go on.
class Resumes {
 public:
  void Add(std::function<void()> resume) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(resume));
    changed_.notify_all();
  }
  std::vector<std::function<void()>> Await(size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= n; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> all_;
};

constexpr const char* kWait = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n";

// A handler whose answer to /wait waits until the test resumes it. `then` may be empty.
RunningServer::Handler Waiting(Resumes& resumes, int64_t most_millis, std::function<Response()> then) {
  return [&resumes, most_millis, then = std::move(then)](const Request& r) {
    Response response = Echo(r);
    if (r.path != "/wait") return response;
    auto wait = std::make_shared<Wait>();
    wait->start = [&resumes](std::function<void()> resume) { resumes.Add(std::move(resume)); };
    wait->most_millis = most_millis;
    wait->then = then;
    response.wait = std::move(wait);
    return response;
  };
}

TEST(ServerLimits, WaitingRequestsHoldNoThread) {
  constexpr size_t kWaiting = 40;
  ServerOptions options;
  options.write_threads = 1;
  Resumes resumes;
  RunningServer server(Waiting(resumes, 60'000, nullptr), options);
  std::vector<RawClient> waiting;
  for (size_t i = 0; i < kWaiting; ++i) {
    waiting.push_back(server.Connect());
    waiting.back().Send(kWait);
  }
  const auto all = resumes.Await(kWaiting);
  EXPECT_EQ(server.Connect().Ask(kGet).status, 200) << "the only thread is free";
  EXPECT_FALSE(waiting.front().Readable(0));
  for (const auto& resume : all) resume();
  for (const auto& resume : all) resume();  // once more changes nothing
  for (RawClient& client : waiting) {
    EXPECT_EQ(client.Read().body, "GET /wait ");
    EXPECT_EQ(client.Ask(kGet).status, 200) << "the connection goes on";
  }
}

TEST(ServerLimits, AWaitEndsByItself) {
  Resumes resumes;
  RunningServer server(Waiting(resumes, 1, nullptr));
  RawClient client = server.Connect();
  EXPECT_EQ(client.Ask(kWait).status, 200);
  for (const auto& resume : resumes.Await(1)) resume();  // too late
  EXPECT_EQ(client.Ask(kGet).status, 200);
}

TEST(ServerLimits, AWaitingRequestCanMakeItsResponseAfterwards) {
  Resumes resumes;
  std::atomic<int> calls = 0;
  std::function<Response()> then = [&] {
    if (++calls == 2) throw std::runtime_error("broken");
    return Response::JsonText(201, "made afterwards");
  };
  RunningServer server(Waiting(resumes, 60'000, then));
  for (const int status : {201, 500}) {
    RawClient client = server.Connect();
    client.Send(kWait);
    for (const auto& resume : resumes.Await(status == 201 ? 1 : 2)) resume();
    EXPECT_EQ(client.Read().status, status);
  }
  EXPECT_EQ(calls, 2);
}

TEST(ServerLimits, WaitingRequestsMayOutliveTheirClientAndTheServer) {
  Resumes resumes;
  {
    RunningServer server(Waiting(resumes, 60'000, nullptr));
    RawClient lost = server.Connect(), waiting = server.Connect();
    lost.Send(kWait);
    waiting.Send(kWait);
    const auto all = resumes.Await(2);
    lost.Reset();
    EXPECT_EQ(server.Connect().Ask(kGet).status, 200);
    server.server->Stop(0);
    EXPECT_FALSE(waiting.Read().complete);
  }
  for (const auto& resume : resumes.Await(2)) resume();
}

TEST(ServerLimits, BoundsBodiesInMemory) {
  MemoryBudget budget(MemoryBounds::Each(140'000));
  ServerOptions options;
  options.memory = &budget;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (r.body.size() > 40'000) gate.Pass();
        Response response;
        response.body = std::to_string(r.body.size());
        return response;
      },
      options);
  const auto post = [](size_t n) {
    return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
           std::string(n, 'b');
  };
  RawClient holder = server.Connect();
  holder.Send(post(60'000));
  gate.AwaitArrivals(1);
  RawClient other = server.Connect();
  EXPECT_EQ(other.Ask(post(10'000)).status, 200);
  EXPECT_EQ(other.Ask(post(90'000)).status, 429);
  RawClient chunked = server.Connect();  // has no length to check in advance
  EXPECT_EQ(chunked
                .Ask("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n15F90\r\n" +
                     std::string(90'000, 'b') + "\r\n0\r\n\r\n")
                .status,
            429);
  gate.Open();
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(server.Connect().Ask(post(60'000)).status, 200) << "the budget is free again";
  EXPECT_LE(budget.peak(), 140'000u);
}

// Each of many clients sends most of a small body and waits.
TEST(ServerLimits, BoundsTheBuffersOfBodiesThatDoNotArrive) {
  MemoryBudget budget(MemoryBounds::Each(1u << 20));
  ServerOptions options;
  options.memory = &budget;
  RunningServer server(Echo, options);
  const std::string part =
      "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + std::string(40'000, 'b');
  std::vector<RawClient> clients;
  const auto fit = [&] { return budget.refused(MemoryUse::kRequests) == 0; };
  while (clients.size() < 20 && fit()) {
    const size_t before = budget.reserved(MemoryUse::kRequests);
    clients.push_back(server.Connect());
    clients.back().Send(part);
    while (fit() && budget.reserved(MemoryUse::kRequests) < before + 40'000) std::this_thread::yield();
  }
  EXPECT_LT(clients.size(), 20u) << "the bodies alone would fit";
  EXPECT_EQ(clients.back().Read().status, 429);
}

std::string Post(const std::string& body) {
  return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(ServerLimits, RefusesABodyWhoseValuesDoNotFitIntoMemory) {
  MemoryBudget budget(MemoryBounds::Each(2u << 20));
  ServerOptions options;
  options.memory = &budget;
  std::atomic<int> handled{0};
  RunningServer server([&](const Request& r) { return ++handled, Echo(r); }, options);
  std::string numbers = "[1";
  while (numbers.size() < 100'000) numbers += ",1";
  const RawResponse refused = server.Connect().Ask(Post(numbers + "]"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, "rejected /x: busy");
  EXPECT_NE(refused.headers.at("x-message").find("bytes"), std::string::npos);
  EXPECT_EQ(handled.load(), 0) << "refused before the work begins";
  EXPECT_EQ(server.Connect().Ask(Post(std::string(100'000, 'a'))).status, 200);
  EXPECT_EQ(server.Connect().Ask(Post(std::string(3u << 20, 'a'))).status, 429) << "from its length alone";
}

// Each of these bodies needs more than half of the memory for handling.
const std::string& LargeBody() {
  static const std::string body(100'000, 'a');
  return body;
}
MemoryBounds ForOneLargeBody() {
  MemoryBounds bounds = MemoryBounds::Each(2u << 20);
  bounds.total = 8u << 20;
  return bounds;
}

TEST(ServerLimits, LargeBodiesWaitForEachOtherWithoutAThread) {
  constexpr int kClients = 6;
  MemoryBudget budget(ForOneLargeBody());
  ServerOptions options;
  options.memory = &budget;
  options.write_threads = 2;
  Gate gate;
  std::atomic<int> running{0}, most{0}, handled{0};
  RunningServer server(
      [&](const Request& r) {
        if (r.body.empty()) return Echo(r);
        most = std::max(most.load(), ++running);
        gate.Pass();
        --running;
        ++handled;
        return Response::JsonText(200, std::to_string(r.body.size()));
      },
      options);
  std::vector<RawClient> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(server.Connect());
    clients.back().Send(Post(LargeBody()));
  }
  gate.AwaitArrivals(1);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(server.Connect().Ask(kGet).status, 200) << "the second thread does not wait for memory";
  gate.Open();
  for (RawClient& client : clients) {
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "100000");
    EXPECT_EQ(client.Ask(kGet).status, 200) << "the connection goes on";
  }
  EXPECT_EQ(handled.load(), kClients);
  EXPECT_EQ(most.load(), 1) << "two at a time do not fit";
  EXPECT_EQ(budget.refused(MemoryUse::kHandling), 0u);
  EXPECT_EQ(budget.reserved(MemoryUse::kHandling), 0u);
}

TEST(ServerLimits, AWaitForMemoryIsBounded) {
  MemoryBudget budget(ForOneLargeBody());
  ServerOptions options;
  options.memory = &budget;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (!r.body.empty()) gate.Pass();
        return Echo(r);
      },
      options);
  RawClient holder = server.Connect(), waiting = server.Connect();
  holder.Send(Post(LargeBody()));
  gate.AwaitArrivals(1);
  waiting.Send(Post(LargeBody()));
  bool refused = false;
  for (int i = 0; i < 400 && !refused; ++i) {
    refused = waiting.Readable(20);
    server.clock.Advance(options.memory_wait_ms / 4);
  }
  const RawResponse response = waiting.Read();
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(response.headers.at("x-message").find("not enough memory for handling"), std::string::npos);
  EXPECT_EQ(budget.refused(MemoryUse::kHandling), 1u);
  gate.Open();
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(waiting.Ask(Post(LargeBody())).status, 200) << "the memory is free again";
}

TEST(ServerLimits, AClientThatLeavesDoesNotHoldUpTheQueueForMemory) {
  MemoryBudget budget(ForOneLargeBody());
  ServerOptions options;
  options.memory = &budget;
  Gate gate;
  RunningServer server(
      [&](const Request& r) {
        if (!r.body.empty()) gate.Pass();
        return Echo(r);
      },
      options);
  RawClient holder = server.Connect();
  holder.Send(Post(LargeBody()));
  gate.AwaitArrivals(1);
  std::vector<RawClient> lost;
  for (int i = 0; i < 10; ++i) {
    lost.push_back(server.Connect());
    lost.back().Send(Post(LargeBody()));
  }
  RawClient last = server.Connect();
  last.Send(Post(LargeBody()));
  for (RawClient& client : lost) client.Reset();
  gate.Open();
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(last.Read().status, 200);
  RawClient stays = server.Connect();
  stays.Send(Post(LargeBody()));
  EXPECT_EQ(stays.Read().status, 200);
}

TEST(ServerLimits, TheServerStopsWhileBodiesWaitForMemory) {
  MemoryBudget budget(ForOneLargeBody());
  ServerOptions options;
  options.memory = &budget;
  Gate gate;
  {
    RunningServer server(
        [&](const Request& r) {
          if (!r.body.empty()) gate.Pass();
          return Echo(r);
        },
        options);
    RawClient holder = server.Connect(), waiting = server.Connect();
    holder.Send(Post(LargeBody()));
    gate.AwaitArrivals(1);
    waiting.Send(Post(LargeBody()));
    EXPECT_EQ(server.Connect().Ask(kGet).status, 200);
    gate.Open();
    server.server->Stop(0);
  }
  EXPECT_EQ(budget.reserved(), 0u);
}

TEST(ServerLimits, BoundsAnswersThatWaitForTheirClients) {
  constexpr size_t kAnswer = 24u << 20;  // far more than the socket buffers hold
  MemoryBudget budget(MemoryBounds::Each(30u << 20));
  ServerOptions options;
  options.memory = &budget;
  options.header_timeout_ms = 40;  // so that the server often checks the others
  options.stalled_timeout_ms = 100;
  RunningServer server(
      [&](const Request& r) {
        Response response;
        response.body.assign(r.path == "/small" ? 10 : kAnswer, 'a');
        return response;
      },
      options);
  constexpr const char* kSmall = "GET /small HTTP/1.1\r\nHost: h\r\n\r\n";
  RawClient silent = server.Connect();
  silent.Send(kGet);
  ASSERT_TRUE(silent.Readable(10'000));
  EXPECT_EQ(budget.reserved(MemoryUse::kAnswers), kAnswer);
  for (int i = 0; i < 20; ++i) server.clock.Advance(50);
  RawClient other = server.Connect();
  EXPECT_EQ(other.Ask(kGet).status, 429);
  EXPECT_EQ(other.Ask(kSmall).status, 200);
  // Each refusal keeps the shortage recent. The server checks its connections in real time.
  int status = 429;
  for (int i = 0; i < 2000 && status == 429; ++i) {
    server.clock.Advance(10);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    status = other.Ask(kGet).status;
  }
  EXPECT_EQ(status, 200) << "the client that never reads was disconnected";
  EXPECT_LE(budget.peak(MemoryUse::kAnswers), 30u << 20);
}

TEST(ServerLimits, AHandlerWithoutMemoryIsRejectedAlone) {
  RunningServer server([&](const Request& r) -> Response {
    if (r.path == "/x") throw std::bad_alloc();
    return Echo(r);
  });
  RawClient client = server.Connect();
  const RawResponse refused = client.Ask(kGet);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, "rejected /x: busy");
  EXPECT_EQ(client.Ask(kSearch).status, 200);
}

TEST(ServerLimits, RejectsASlowHead) {
  RunningServer server(Echo, ShortTimeouts());
  RawClient client = server.Connect();
  client.Send("GET /x HTTP/1.1\r\nHost: h\r\nX: ");
  ASSERT_TRUE(AdvanceUntilReadable(server, client, "y"));
  const RawResponse r = client.Read();
  EXPECT_EQ(r.status, 408);
  EXPECT_EQ(r.headers.at("connection"), "close");
}

TEST(ServerLimits, RejectsABodyWithoutProgress) {
  RunningServer server(Echo, ShortTimeouts());
  RawClient client = server.Connect();
  client.Send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nbegin");
  ASSERT_TRUE(AdvanceUntilReadable(server, client, "y"));
  EXPECT_EQ(client.Read().status, 408);
}

// 100 bytes per second would hold the connection for hours although the body never stands still.
TEST(ServerLimits, RejectsABodyBelowTheMinimumRate) {
  ServerOptions options;
  options.body_grace_ms = 40;
  options.min_body_bytes_per_second = 500;
  RunningServer server(Echo, options);
  const std::string head = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";
  RawClient slow = server.Connect();
  slow.Send(head);
  ASSERT_TRUE(AdvanceUntilReadable(server, slow, "y"));  // 200 bytes per second
  const RawResponse refused = slow.Read();
  EXPECT_EQ(refused.status, 408);
  EXPECT_EQ(refused.headers.at("x-message"), "the request body arrived too slowly");
  RawClient steady = server.Connect();
  for (int request = 0; request < 2; ++request) {  // the second request has a rate of its own
    steady.Send(head);
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(steady.Send("yyyyy"));  // 1,000 bytes per second
      server.clock.Advance(5);
      if (i % 20 == 1) {
        EXPECT_FALSE(steady.Readable(15)) << "cut off";
      }
    }
    EXPECT_EQ(steady.Read().status, 200);
  }
}

TEST(ServerLimits, ClosesIdleConnections) {
  RunningServer server(Echo, ShortTimeouts());
  RawClient fresh = server.Connect(), used = server.Connect();
  EXPECT_EQ(used.Ask(kGet).status, 200);
  ASSERT_TRUE(AdvanceUntilReadable(server, used));
  EXPECT_EQ(used.ReadToEnd(), "");
  ASSERT_TRUE(AdvanceUntilReadable(server, fresh));
  EXPECT_EQ(fresh.ReadToEnd(), "");
}

TEST(ServerLimits, DropsClientsThatDoNotRead) {
  RunningServer server([](const Request&) { return Response::JsonText(200, std::string(50u << 20, 'x')); },
                       ShortTimeouts());
  RawClient client = server.Connect();
  client.Send(kGet);
  ASSERT_TRUE(client.Readable(10'000));
  for (int i = 0; i < 2; ++i) {  // each round advances the clock by the idle timeout
    RawClient idle = server.Connect();
    ASSERT_TRUE(AdvanceUntilReadable(server, idle));
  }
  EXPECT_FALSE(client.Read().complete);
}

TEST(ServerLimits, HoldsAThousandIdleConnections) {
  ServerOptions options;
  options.io_threads = 2;
  RunningServer server(Echo, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(server.Connect());
  for (RawClient& client : clients) ASSERT_TRUE(client.connected());
  for (size_t i = 0; i < clients.size(); i += 50) EXPECT_EQ(clients[i].Ask(kGet).status, 200);
  EXPECT_EQ(clients.back().Ask(kGet).status, 200);
}

// Returns once the request is asked to stop.
void AwaitStop(const Request& request) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, request.deadline.stop(), [] { return false; });
}

TEST(ServerLimits, StopsTheRequestOfALostClient) {
  std::promise<void> began, stopped;
  RunningServer server([&](const Request& r) {
    began.set_value();
    AwaitStop(r);
    stopped.set_value();
    return Echo(r);
  });
  RawClient client = server.Connect();
  client.Send(kGet);
  began.get_future().wait();
  client.Reset();
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(ServerLimits, StopsTheRequestOfAHalfClosedClientAfterADelay) {
  std::promise<void> began;
  std::atomic<bool> stopped{false};
  RunningServer server(
      [&](const Request& r) {
        began.set_value();
        AwaitStop(r);
        stopped = true;
        return Echo(r);
      },
      ShortTimeouts());
  RawClient client = server.Connect();
  client.Send(kGet);
  began.get_future().wait();
  client.EndOutput();
  ASSERT_TRUE(AdvanceUntilReadable(server, client));
  EXPECT_TRUE(stopped);
  EXPECT_EQ(client.Read().status, 200);
}

TEST(ServerLimits, WritingAStreamFailsIfTheClientIsLost) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Error> seen;
  RunningServer server([&](const Request&) {
    Response r;
    r.stream = [&](BodyWriter& out) -> Status {
      for (;;) {
        Status written = out.Write(std::string(10'000, 's'));
        if (written.ok()) continue;
        std::lock_guard lock(mutex);
        seen = written.error();
        changed.notify_all();
        return written;
      }
    };
    return r;
  });
  {
    RawClient client = server.Connect();
    client.Send(kGet);
    ASSERT_TRUE(client.Readable(10'000));
    client.Reset();
  }
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return seen.has_value(); }));
  EXPECT_EQ(seen->kind(), ErrorKind::kUnavailable);
}

TEST(ServerLimits, AnswersHalfClosedClients) {
  RunningServer server(Echo);
  RawClient client = server.Connect();
  client.Send(std::string(kGet) + kGet);
  client.EndOutput();
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(ServerLimits, SurvivesConnectionLossInEveryState) {
  RunningServer server(Echo);
  for (const char* begin :
       {"", "G", "GET /x HTTP/1.1\r\nHo", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nab", kGet,
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    for (int round = 0; round < 20; ++round) {
      RawClient reset = server.Connect();
      reset.Send(begin);
      reset.Reset();
      RawClient closed = server.Connect();
      closed.Send(begin);
    }
  }
  EXPECT_EQ(server.Connect().Ask(kGet).status, 200);
}

TEST(ServerLimits, StopFinishesRunningRequests) {
  Gate gate;
  RunningServer server([&](const Request& r) {
    if (r.path == "/search") gate.Pass();
    return Echo(r);
  });
  RawClient idle = server.Connect(), running = server.Connect();
  EXPECT_EQ(idle.Ask(kGet).status, 200);
  running.Send(kSearch);
  gate.AwaitArrivals(1);
  std::thread stopper([&] { server.server->Stop(60'000); });
  EXPECT_EQ(idle.ReadToEnd(), "");  // Stop() has begun and closed the idle connection
  gate.Open();
  const RawResponse r = running.Read();
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.headers.at("connection"), "close");
  EXPECT_EQ(running.ReadToEnd(), "");
  running.EndOutput();
  { RawClient done = std::move(running); }
  stopper.join();
  EXPECT_FALSE(RawClient(server.port()).connected());
  server.server->Stop(0);  // a second call does nothing
}

TEST(ServerLimits, StopCancelsRequestsAfterTheDrainTime) {
  std::promise<void> began;
  RunningServer server([&](const Request& r) {
    began.set_value();
    AwaitStop(r);
    return Echo(r);
  });
  RawClient running = server.Connect();
  running.Send(kGet);
  began.get_future().wait();
  server.server->Stop(20);
  EXPECT_FALSE(running.Read().complete);
}

}  // namespace
}  // namespace trine::net
