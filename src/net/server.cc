// The server's listening sockets, certificates and event loops, and its start and stop. connection.h handles
// the connections.
#include "net/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "base/mutex.h"
#include "net/connection.h"

namespace trine::net {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kAcceptRetryMillis = 50;  // delay after an error, such as too few descriptors
constexpr int64_t kTickMostMillis = 1000;
constexpr int64_t kTickLeastMillis = 5;

// Needed because every connection uses a descriptor, and the usual soft limit of 1,024 is below
// max_connections.
void RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The interval at which timeouts are checked. A timeout is late by at most a quarter of the shortest one.
int64_t TickMillis(const ServerOptions& o) {
  const int64_t shortest = std::min({o.header_timeout_ms, o.body_timeout_ms, o.idle_timeout_ms});
  return std::clamp(shortest / 4, kTickLeastMillis, kTickMostMillis);
}

Status CheckOptions(const ServerOptions& o) {
  if (std::min({o.io_threads, o.search_threads, o.recommend_threads, o.write_threads, o.language_threads,
                o.admin_threads}) < 1) {
    return Error(ErrorCode::kInvalid, "every pool of the HTTP server needs at least one thread");
  }
  if (o.tls_cert_file.empty() != o.tls_key_file.empty()) {
    return Error(ErrorCode::kInvalid, "TLS needs both a certificate file and a key file");
  }
  return Ok();
}

Result<std::unique_ptr<asio::ssl::context>> LoadCertificate(const ServerOptions& o) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  const auto fail = [](const char* what, const std::string& file, const error_code& ec) {
    return Error(ErrorCode::kInvalid, std::string("cannot read the ") + what + ": " + ec.message())
        .Where(file);
  };
  error_code ec;
  context->use_certificate_chain_file(o.tls_cert_file, ec);
  if (ec) return fail("certificate (PEM)", o.tls_cert_file, ec);
  context->use_private_key_file(o.tls_key_file, asio::ssl::context::pem, ec);
  if (ec) return fail("private key (PEM)", o.tls_key_file, ec);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Error(ErrorCode::kInvalid, "the private key does not belong to the certificate")
        .Where(o.tls_key_file);
  }
  return context;
}

std::string PeerName(const TcpSocket& socket) {
  error_code ec;
  const tcp::endpoint endpoint = socket.remote_endpoint(ec);
  if (ec) return "unknown";
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

class Server final : public HttpServer {
 public:
  Server(const ServerOptions& options, Service service, const Clock& clock, Log& log, Metrics& metrics,
         std::unique_ptr<asio::ssl::context> tls)
      : state_(options, std::move(service), clock, log, metrics), tls_(std::move(tls)) {
    for (size_t i = 0; i < options.io_threads; ++i) loops_.push_back(std::make_unique<EventLoop>(state_));
    acceptor_ = std::make_unique<tcp::acceptor>(loops_[0]->io);
    accept_retry_ = std::make_unique<asio::steady_timer>(loops_[0]->io);
  }
  ~Server() override {
    Stop(0);
    acceptor_ = nullptr;
    accept_retry_ = nullptr;
    loops_.clear();  // before state_, because the queues of the loops may hold connections that use it
  }

  uint16_t port() const override { return port_; }

  Status Listen() {
    const ServerOptions& o = state_.options;
    error_code ec;
    tcp::resolver resolver(loops_[0]->io);
    const auto found = resolver.resolve(o.host, std::to_string(o.port), tcp::resolver::passive, ec);
    if (!ec) {
      const tcp::endpoint endpoint = found.begin()->endpoint();
      acceptor_->open(endpoint.protocol(), ec);
      if (!ec) acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
      if (!ec) acceptor_->bind(endpoint, ec);
      if (!ec) acceptor_->listen(kBacklog, ec);
    }
    if (ec) {
      const std::string where = o.host + ":" + std::to_string(o.port);
      return Error(ErrorCode::kIo, "cannot listen on " + where + ": " + ec.message()).Where(where);
    }
    port_ = acceptor_->local_endpoint().port();
    return Ok();
  }

  void Run() {
    for (auto& loop : loops_) {
      ArmTicker(*loop);
      threads_.emplace_back([this, &loop = *loop] { RunLoop(loop); });
      pthread_setname_np(threads_.back().native_handle(), "http_io");
    }
    asio::post(loops_[0]->io, [this] { Accept(); });
  }

  void Stop(int64_t drain_ms) override {
    const MutexLock lock(stop_mutex_);
    if (std::exchange(stopped_, true)) return;
    state_.draining = true;
    OnEveryLoop([this](EventLoop& loop) {
      if (&loop == loops_[0].get()) StopAccepting();
      for (const auto& connection : loop.Snapshot()) connection->Drain();
      CountDrained();
    });
    WaitForConnections(drain_ms);
    OnEveryLoop([](EventLoop& loop) {
      loop.ticker.cancel();
      loop.closing = true;
      for (const auto& connection : loop.Snapshot()) connection->Close();
    });
    state_.StopPools();
    for (auto& loop : loops_) loop->io.stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  // A connection whose handler found no memory is closed by its timeout; the others go on.
  void RunLoop(EventLoop& loop) {
    for (;;) {
      try {
        loop.io.run();
        return;
      } catch (const std::bad_alloc&) {
        state_.log.Error("the operating system has no memory left for a connection");
      }
    }
  }

  template <typename Work>
  void OnEveryLoop(Work work) {
    for (auto& loop : loops_) asio::post(loop->io, [&loop = *loop, work] { work(loop); });
  }

  void Accept() {
    next_loop_ = (next_loop_ + 1) % loops_.size();
    EventLoop& loop = *loops_[next_loop_];
    acceptor_->async_accept(loop.io, [this, &loop](error_code ec, TcpSocket socket) {
      if (!acceptor_->is_open()) return;
      if (ec) {
        state_.log.Warning("cannot accept a connection: " + ec.message());
        accept_retry_->expires_after(std::chrono::milliseconds(kAcceptRetryMillis));
        accept_retry_->async_wait([this](error_code cancelled) {
          if (!cancelled && acceptor_->is_open()) Accept();
        });
        return;
      }
      AddConnection(loop, std::move(socket));
      Accept();
    });
  }

  void AddConnection(EventLoop& loop, TcpSocket socket) {
    if (state_.connections.load() >= state_.options.max_connections) {
      state_.metrics.refused_connections.Add();
      return;  // the socket's destructor closes it
    }
    ++state_.connections;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::string peer = PeerName(socket);
    std::shared_ptr<ConnectionBase> connection;
    if (tls_) {
      connection =
          std::make_shared<Connection<TlsStream>>(loop, TlsStream(std::move(socket), *tls_), std::move(peer));
    } else {
      connection = std::make_shared<Connection<TcpSocket>>(loop, std::move(socket), std::move(peer));
    }
    asio::dispatch(loop.io, [&loop, connection = std::move(connection)] {
      loop.connections.insert(connection);
      if (loop.closing) return connection->Close();
      connection->Start();
    });
  }

  void StopAccepting() {
    error_code ignored;
    acceptor_->close(ignored);
    accept_retry_->cancel();
  }

  void ArmTicker(EventLoop& loop) {
    loop.ticker.expires_after(std::chrono::milliseconds(TickMillis(state_.options)));
    loop.ticker.async_wait([this, &loop](error_code cancelled) {
      if (cancelled || loop.closing) return;
      const int64_t now = state_.clock.MonotonicNanos();
      for (const auto& connection : loop.Snapshot()) connection->Tick(now);
      state_.metrics.connections.Set(static_cast<double>(state_.connections.load()));
      ArmTicker(loop);
    });
  }

  void CountDrained() {
    const MutexLock lock(drain_mutex_);
    ++loops_drained_;
  }

  // Waits until every connection is closed or `drain_ms` of real time have passed.
  void WaitForConnections(int64_t drain_ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(drain_ms);
    const MutexLock lock(drain_mutex_);
    while (std::chrono::steady_clock::now() < end) {
      if (loops_drained_ == loops_.size() && state_.connections.load() == 0) return;
      drained_.WaitFor(drain_mutex_, std::chrono::milliseconds(kTickLeastMillis));
    }
  }

  ServerState state_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<asio::steady_timer> accept_retry_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;
  // Held during all of Stop, so that a second caller returns only when the server has stopped.
  Mutex stop_mutex_ TRINE_ACQUIRED_BEFORE(drain_mutex_);
  bool stopped_ TRINE_GUARDED_BY(stop_mutex_) = false;
  Mutex drain_mutex_;
  CondVar drained_;
  size_t loops_drained_ TRINE_GUARDED_BY(drain_mutex_) = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> StartHttpServer(const ServerOptions& options, Service service,
                                                    const Clock& clock, Log& log, Metrics& metrics) {
  TRINE_CHECK(service.plan && service.handle && service.refuse);
  TRINE_TRY(CheckOptions(options));
  RaiseOpenFileLimit();
  std::unique_ptr<asio::ssl::context> tls;
  if (!options.tls_cert_file.empty()) {
    TRINE_ASSIGN(tls, LoadCertificate(options));
  }
  auto server = std::make_unique<Server>(options, std::move(service), clock, log, metrics, std::move(tls));
  TRINE_TRY(server->Listen());
  server->Run();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace trine::net
