// ProviderMetrics: the metrics of calls to language model providers (docs/metrics.md).
#pragma once

#include "base/metrics.h"
#include "base/result.h"
#include "language/chat.h"

namespace trine::remote::llm {

// Thread-safe. The registry must outlive it.
class ProviderMetrics {
 public:
  explicit ProviderMetrics(Metrics& metrics);

  // Counts a call of Complete by its outcome, and its duration.
  void CountCall(const Result<language::ChatAnswer>& result, double seconds);
  // Counts what the provider charges for, also for answers that were not usable.
  void CountUse(uint64_t input_tokens, uint64_t output_tokens, double money);

  Counter& retries;
  Histogram& first_token_seconds;
  Gauge &breaker, &running, &waiting;

 private:
  Metrics& metrics_;
  Counter &input_tokens_, &output_tokens_, &money_;
  Histogram& seconds_;
};

}  // namespace trine::remote::llm
