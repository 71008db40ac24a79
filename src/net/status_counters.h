// StatusCounters: a counter per HTTP status code.
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/metrics.h"

namespace trine::net {

// The counters of one metric, labelled by status code. A status's counter is looked up in the registry when
// the status first occurs, so that only statuses that occurred are exported; afterwards adding is lock-free.
// `metrics`, `name` and `help` must outlive this object. Thread-safe.
class StatusCounters {
 public:
  StatusCounters(Metrics& metrics, std::string_view name, std::string_view help)
      : metrics_(metrics), name_(name), help_(help) {}

  // Requires 100 <= status < 600.
  void Add(int status) {
    TRINE_CHECK_GE(status, kFirst);
    TRINE_CHECK_LT(status, kEnd);
    std::atomic<Counter*>& counter = counters_[static_cast<size_t>(status - kFirst)];
    Counter* known = counter.load(std::memory_order_acquire);
    if (known == nullptr) {
      // Threads that race here get the same counter from the registry.
      known = &metrics_.GetCounter(name_, help_, std::to_string(status));
      counter.store(known, std::memory_order_release);
    }
    known->Add();
  }

 private:
  static constexpr int kFirst = 100, kEnd = 600;

  Metrics& metrics_;
  const std::string_view name_, help_;
  std::array<std::atomic<Counter*>, kEnd - kFirst> counters_{};
};

}  // namespace trine::net
