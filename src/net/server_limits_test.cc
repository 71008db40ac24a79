// The server under load and with misbehaving clients: every limit is reached once here.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "net/server.h"
#include "test/support/running_server.h"

namespace trine::net {
namespace {

using test::Echo;
using test::RawClient;
using test::RawResponse;
using test::RunningServer;

constexpr const char* kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* kSearch = "GET /search HTTP/1.1\r\nHost: h\r\n\r\n";

// Blocks handlers until the test opens it, and lets the test wait for their arrival.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void AwaitArrivals(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= n; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

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

TEST(ServerLimits, BoundsBodiesInMemory) {
  MemoryBudget budget(MemoryBounds::Each(70'000));
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
  holder.Send(post(50'000));
  gate.AwaitArrivals(1);
  RawClient other = server.Connect();
  EXPECT_EQ(other.Ask(post(10'000)).status, 200);
  EXPECT_EQ(other.Ask(post(30'000)).status, 429);
  RawClient chunked = server.Connect();  // has no length to check in advance
  EXPECT_EQ(chunked
                .Ask("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7530\r\n" +
                     std::string(30'000, 'b') + "\r\n0\r\n\r\n")
                .status,
            429);
  gate.Open();
  EXPECT_EQ(holder.Read().status, 200);
  EXPECT_EQ(server.Connect().Ask(post(50'000)).status, 200) << "the budget is free again";
  EXPECT_LE(budget.peak(), 70'000u);
}

std::string Post(const std::string& body) {
  return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(ServerLimits, RefusesABodyWhoseValuesDoNotFitIntoMemory) {
  MemoryBudget budget(MemoryBounds::Each(1u << 20));
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
  EXPECT_EQ(server.Connect().Ask(Post(std::string(2u << 20, 'a'))).status, 429) << "from its length alone";
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
  for (int i = 0; i < 400 && budget.reserved(MemoryUse::kAnswers) > 0; ++i) {
    EXPECT_EQ(other.Ask(kSmall).status, 200);
    server.clock.Advance(1);
  }
  EXPECT_EQ(budget.reserved(MemoryUse::kAnswers), 0u) << "the client that never reads was disconnected";
  EXPECT_EQ(other.Ask(kGet).status, 200);
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
