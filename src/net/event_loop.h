// EventLoop: one thread that does the I/O of its connections, and ConnectionBase, a connection as the loop
// sees it. Included by server.cc alone (through the headers of the connections), which keeps the network
// library's headers in one translation unit.
#pragma once

#ifdef __SANITIZE_THREAD__
#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // ThreadSanitizer does not understand atomic fences
#endif

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "net/server_state.h"

namespace trine::net {

namespace asio = boost::asio;
using boost::system::error_code;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsStream = asio::ssl::stream<TcpSocket>;

inline constexpr int64_t kNanosPerMilli = 1'000'000;
inline constexpr int64_t kLingerMillis = 2000;     // time in which a rejected client may finish sending
inline constexpr size_t kLingerBytes = 64u << 20;  // read and discarded while lingering

// A connection with or without TLS. All functions are called on the loop's thread.
class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void Start() = 0;
  virtual void Tick(int64_t now) = 0;  // checks the timeouts; `now` in monotonic nanoseconds
  virtual void Drain() = 0;            // closes at once if idle, otherwise after the current responses
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
  std::unordered_set<std::string> crowding;        // peers that a log line has named; see Server::MakeRoom
  bool closing = false;                            // the server is stopping; no connection starts
};

}  // namespace trine::net
