// ServerState: the state that the connections and pool threads of one HttpServer share.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "net/http.h"
#include "net/server_options.h"
#include "net/status_counters.h"

namespace trine::net {

// The memory budget for request bodies across all connections, in bytes. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(size_t limit) : limit_(limit) {}
  // Returns whether `more` bytes could be reserved now.
  bool HasRoom(uint64_t more) const { return more <= limit_ && held_.load() <= limit_ - more; }
  Status Reserve(size_t bytes);
  // Requires that `bytes` were reserved.
  void Release(size_t bytes) {
    const size_t before = held_.fetch_sub(bytes);
    TRINE_CHECK_LE(bytes, before);
  }
  size_t reserved() const { return held_.load(); }

 private:
  const size_t limit_;
  std::atomic<size_t> held_{0};
};

// The share of the budget that one request holds; released on destruction. Not thread-safe.
class BodyCharge {
 public:
  explicit BodyCharge(BodyBudget* budget) : budget_(budget) {}
  ~BodyCharge() { Release(); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  Status Add(size_t more);       // on kBusy, the charge is unchanged
  Status GrowTo(size_t bytes) {  // raises the charge to `bytes`; never lowers it
    return bytes > held_ ? Add(bytes - held_) : Ok();
  }
  void Release();

 private:
  BodyBudget* budget_;
  size_t held_ = 0;
};

// Makes request ids in the form of random UUIDs, unique in practice across processes. Thread-safe.
class RequestIds {
 public:
  RequestIds();
  std::string Next();

 private:
  uint64_t seed_;
  std::atomic<uint64_t> next_{0};
};

std::string_view Name(RequestClass kind);  // "search" ...

// The server's metrics. Thread-safe and lock-free.
struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics);

  std::array<Histogram*, 5> request_seconds;     // by RequestClass
  std::array<Counter*, 5> responses_by_hundred;  // 1xx to 5xx
  StatusCounters refused;
  Counter& refused_connections;
  Gauge& connections;
};

class ServerState {
 public:
  ServerState(const ServerOptions& options, Service service, const Clock& clock, Log& log, Metrics& metrics);

  ThreadPool& pool(RequestClass kind) {
    TRINE_CHECK_LT(static_cast<size_t>(kind), pools_.size());
    return *pools_[static_cast<size_t>(kind)];
  }
  void StopPools();  // runs the queued requests, then joins the threads

  const ServerOptions options;
  const Service service;
  const Clock& clock;
  Log& log;
  ServerMetrics metrics;
  BodyBudget bodies;
  RequestIds ids;
  std::atomic<bool> draining{false};  // if set, no connection is kept alive
  std::atomic<size_t> connections{0};

 private:
  std::array<std::unique_ptr<ThreadPool>, 5> pools_;
};

}  // namespace trine::net
