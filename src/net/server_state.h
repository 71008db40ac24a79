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
#include "base/memory_budget.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "net/http.h"
#include "net/memory_queue.h"
#include "net/server_options.h"
#include "net/status_counters.h"

namespace trine::net {

// Makes request ids in the form of random UUIDs, unique in practice across processes. Thread-safe.
class RequestIds {
 public:
  RequestIds();
  std::string Next();

 private:
  uint64_t seed_;
  std::atomic<uint64_t> next_{0};
};

// Lets other threads hand work to the event loops for as long as those exist. Shared with the code that
// resumes waiting requests, which may outlive the server. Thread-safe. The lock is held while work is handed
// over, and only the queue of an event loop is locked under it.
class ResumeGate {
 public:
  // Runs `work`, unless the gate is closed.
  template <typename Work>
  void Pass(const Work& work) {
    const MutexLock lock(mutex_);
    if (open_) work();
  }
  void Close() {
    const MutexLock lock(mutex_);
    open_ = false;
  }

 private:
  Mutex mutex_;
  bool open_ TRINE_GUARDED_BY(mutex_) = true;
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
  Histogram& loop_lag;  // how late a timer of an event loop runs
};

class ServerState {
 public:
  ServerState(const ServerOptions& options, Service service, const Clock& clock, Log& log, Metrics& metrics);

  ThreadPool& pool(RequestClass kind) {
    TRINE_CHECK_LT(static_cast<size_t>(kind), pools_.size());
    return *pools_[static_cast<size_t>(kind)];
  }
  void StopPools();  // runs the queued requests, then joins the threads
  // Frees a text and then the memory that was reserved for it. A large text is freed on a thread of the admin
  // pool, unless that is busy: giving back thousands of pages takes milliseconds, in which the event loop
  // would answer nobody. Never throws.
  void Discard(std::string text, MemoryHold hold);

 private:
  const std::unique_ptr<MemoryBudget> own_memory_;  // nullptr: the options have one

 public:
  const ServerOptions options;
  const Service service;
  const Clock& clock;
  Log& log;
  ServerMetrics metrics;
  MemoryBudget& memory;
  MemoryQueue handling{memory};
  RequestIds ids;
  std::atomic<bool> draining{false};  // if set, no connection is kept alive
  std::atomic<size_t> connections{0};
  // Monotonic nanoseconds of the last answer for which there was no memory; 0: none yet.
  std::atomic<int64_t> last_answer_refused{0};
  const std::shared_ptr<ResumeGate> resumes = std::make_shared<ResumeGate>();

 private:
  std::array<std::unique_ptr<ThreadPool>, 5> pools_;
};

}  // namespace trine::net
