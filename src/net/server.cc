// The server's listening sockets, certificates and event loops, and its start and stop. http1_connection.h
// and http2_connection.h handle the connections.
#include "net/server.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "base/mutex.h"
#include "net/http1_connection.h"

namespace trine::net {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kAcceptRetryMillis = 50;  // delay after an error, such as too few descriptors
constexpr int64_t kTickMostMillis = 1000;
constexpr int64_t kLagProbeMillis = 100;
constexpr int64_t kTickLeastMillis = 5;
// A peer that has reached its share itself may replace connections that have been silent this long. Younger
// ones may belong to a client that has not sent its request yet.
constexpr int64_t kOwnSilenceMillis = 1000;
constexpr size_t kMaxCrowding = 64;  // peers that are named in the log during one crowd

// Raises the limit of open files, of which the usual soft limit is 1,024, and checks that it covers what the
// options need. A server without enough descriptors would fail later, in the middle of a write.
Status ReserveDescriptors(const ServerOptions& o) {
  const rlim_t needed = o.max_connections + o.reserved_descriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return Ok();
  if (limit.rlim_cur != limit.rlim_max) {
    const rlim_t soft = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = soft;
  }
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed) return Ok();
  return Error(ErrorCode::kInvalid, "the limit of open files (ulimit -n) is too low for " +
                                        std::to_string(o.max_connections) + " connections")
      .Expected("at least " + std::to_string(needed) + ", or a smaller number of connections")
      .Got(std::to_string(limit.rlim_cur));
}

// The interval at which timeouts are checked. A timeout is late by at most a quarter of the shortest one.
int64_t TickMillis(const ServerOptions& o) {
  const int64_t shortest =
      std::min({o.header_timeout_ms, o.body_timeout_ms, o.body_grace_ms, o.idle_timeout_ms});
  return std::clamp(shortest / 4, kTickLeastMillis, kTickMostMillis);
}

Status CheckOptions(const ServerOptions& o) {
  if (std::min({o.io_threads, o.search_threads, o.recommend_threads, o.write_threads, o.language_threads,
                o.admin_threads}) < 1) {
    return Error(ErrorCode::kInvalid, "every pool of the HTTP server needs at least one thread");
  }
  if (o.max_connections < 1)
    return Error(ErrorCode::kInvalid, "the HTTP server needs at least one connection");
  if (o.tls_cert_file.empty() != o.tls_key_file.empty()) {
    return Error(ErrorCode::kInvalid, "TLS needs both a certificate file and a key file");
  }
  return Ok();
}

// Chooses HTTP/2 if the client offers it, else HTTP/1.1 (ALPN, RFC 7301).
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  static constexpr unsigned char kServed[] = "\x02h2\x08http/1.1";
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, kServed, sizeof kServed - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Result<std::unique_ptr<asio::ssl::context>> LoadCertificate(const ServerOptions& o) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), ChooseProtocol, nullptr);
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

// The part of an address that counts as one peer: see ConnectionBase::peer_share.
std::string PeerShare(const TcpSocket& socket) {
  error_code ec;
  const asio::ip::address address = socket.remote_endpoint(ec).address();
  if (ec || address.is_v4()) return address.to_string();
  const asio::ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  asio::ip::address_v6::bytes_type bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
}

// A child process must not keep a socket, or the port would stay in use after a crash of this process.
void CloseOnExec(int fd) { static_cast<void>(::fcntl(fd, F_SETFD, FD_CLOEXEC)); }

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
      if (!ec) CloseOnExec(acceptor_->native_handle());
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
      ProbeLag(*loop);
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
      loop.lag_probe.cancel();
      loop.closing = true;
      for (const auto& connection : loop.Snapshot()) connection->Close();
    });
    state_.StopPools();
    state_.resumes->Close();
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
        if (!std::exchange(accept_failing_, true))
          state_.log.Warning("cannot accept connections: " + ec.message());
        accept_retry_->expires_after(std::chrono::milliseconds(kAcceptRetryMillis));
        accept_retry_->async_wait([this](error_code cancelled) {
          if (!cancelled && acceptor_->is_open()) Accept();
        });
        return;
      }
      accept_failing_ = false;
      AddConnection(loop, std::move(socket));
      Accept();
    });
  }

  void AddConnection(EventLoop& loop, TcpSocket socket) {
    CloseOnExec(socket.native_handle());
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::string peer = PeerName(socket), share = PeerShare(socket);
    std::shared_ptr<ConnectionBase> connection;
    if (tls_) {
      connection = std::make_shared<Http1Connection<TlsStream>>(loop, TlsStream(std::move(socket), *tls_),
                                                                std::move(peer), std::move(share));
    } else {
      connection = std::make_shared<Http1Connection<TcpSocket>>(loop, std::move(socket), std::move(peer),
                                                                std::move(share));
    }
    asio::dispatch(loop.io, [this, &loop, connection = std::move(connection)] {
      if (loop.closing) return;  // the destructor closes the socket
      if (!MakeRoom(loop, connection->peer_share())) return state_.metrics.refused_connections.Add();
      loop.Add(connection);
      connection->Start();
    });
  }

  // Returns whether the loop can take one more connection of a peer. At the limit, closes the connection that
  // has been silent longest among those of the peer with the most: so that many silent connections of one
  // peer lock out neither others nor, after a second, the peer itself.
  bool MakeRoom(EventLoop& loop, const std::string& peer) {
    const size_t limit = std::max<size_t>(state_.options.max_connections / loops_.size(), 1);
    if (loop.connections.size() < limit / 2) loop.crowding.clear();
    if (loop.connections.size() < limit) return true;
    const auto most = std::max_element(loop.shares.begin(), loop.shares.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto own = loop.shares.find(peer);
    const bool is_own = own == most;
    const std::string crowded = most->first + " holds " + std::to_string(most->second) + " of " +
                                std::to_string(limit) + " connections";
    if (!is_own && most->second < (own == loop.shares.end() ? size_t{0} : own->second) + 2) {
      Report(loop, "", "connections are refused: all " + std::to_string(limit) + " are in use");
      return false;
    }
    const std::string greedy = most->first;
    const int64_t now = state_.clock.MonotonicNanos();
    std::shared_ptr<ConnectionBase> victim;
    int64_t since = is_own ? now - kOwnSilenceMillis * kNanosPerMilli : now;
    for (const auto& connection : loop.connections) {
      const std::optional<int64_t> silent = connection->silent_since();
      if (connection->peer_share() != greedy || !silent || *silent > since) continue;
      since = *silent;
      victim = connection;
    }
    Report(loop, greedy,
           crowded + (victim ? "; closing silent ones to make room" : "; further ones are refused"));
    if (!victim) return false;
    victim->Close();
    return true;
  }

  // Logs a line about a peer once, until the crowd is over.
  void Report(EventLoop& loop, const std::string& peer, const std::string& line) {
    if (loop.crowding.size() < kMaxCrowding && loop.crowding.insert(peer).second) state_.log.Warning(line);
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

  // Measures how long whatever is ready on the loop has to wait for its turn.
  void ProbeLag(EventLoop& loop) {
    loop.lag_probe.expires_after(std::chrono::milliseconds(kLagProbeMillis));
    loop.lag_probe.async_wait([this, &loop](error_code cancelled) {
      if (cancelled || loop.closing) return;
      const std::chrono::duration<double> late = std::chrono::steady_clock::now() - loop.lag_probe.expiry();
      state_.metrics.loop_lag.Observe(std::max(late.count(), 0.0));
      ProbeLag(loop);
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
  bool accept_failing_ = false;
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
  TRINE_TRY(ReserveDescriptors(options));
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
