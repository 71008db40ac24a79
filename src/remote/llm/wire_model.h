// WireModel: a language model behind a Wire. Limits, retries, circuit breaker, budgets and metrics are the
// same for all protocols and are here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/random.h"
#include "language/chat.h"
#include "net/client.h"
#include "remote/llm/call_slots.h"
#include "remote/llm/circuit_breaker.h"
#include "remote/llm/daily_budget.h"
#include "remote/llm/feature.h"
#include "remote/llm/provider_error.h"
#include "remote/llm/provider_metrics.h"
#include "remote/llm/provider_options.h"
#include "remote/llm/wire.h"

namespace trine::remote::llm {

// NewProvider (provider.h) documents the behaviour. Thread-safe: the parts have locks of their own, none of
// which is held during a call.
class WireModel final : public language::LanguageModel {
 public:
  // Waits for so many milliseconds, but not beyond the deadline or a stop request. Replaced in tests.
  using Pause = std::function<void(int64_t millis, const Deadline& deadline)>;

  // Requires options that NewProvider accepts.
  WireModel(ProviderOptions options, std::unique_ptr<Wire> wire, net::HttpClient& client, const Clock& clock,
            Log& log, Metrics& metrics, Pause pause);

  std::string name() const override { return options_.model; }
  Result<language::ChatAnswer> Complete(const language::ChatRequest& request, const Deadline& deadline,
                                        const language::TokenSink& sink) override;
  bool ChecksSentences(const language::ChatRequest&) const override { return false; }

 private:
  struct Call;     // one call of Complete
  struct Attempt;  // one request of a call, and its result
  struct Transfer;

  Result<language::ChatAnswer> Run(const language::ChatRequest& request, const Deadline& deadline,
                                   const language::TokenSink& sink);
  Result<language::ChatAnswer> SendUntilAnswered(Call& call);
  Attempt Send(Call& call, FeatureSet features);
  Result<net::ClientResponse> Exchange(Call& call, FeatureSet features, AnswerBuilder& builder,
                                       Transfer& transfer);
  Status AcceptHead(const net::ClientResponse& head, AnswerBuilder& builder, Transfer& transfer) const;
  Attempt Refused(const net::ClientResponse& response, FeatureSet features) const;
  Attempt Failed(const Call& call, const Error& error, int64_t patience_ms) const;
  Attempt Answered(Call& call, FeatureSet features, AnswerBuilder& builder, int64_t patience_ms);
  FeatureSet FeaturesOf(const Call& call) const;
  void LearnRejections(const Call& call);
  void Charge(Call& call, uint64_t input_tokens, uint64_t output_tokens);
  int64_t WaitMillis(int attempt, std::optional<int64_t> demanded);
  double CostOf(uint64_t input_tokens, uint64_t output_tokens) const;
  void ReportToBreaker(CircuitBreaker::Pass pass, const Attempt& attempt);

  const ProviderOptions options_;
  const std::unique_ptr<Wire> wire_;
  net::HttpClient& client_;
  const Clock& clock_;
  Log& log_;
  const Pause pause_;
  const Redactor redactor_;
  const std::string where_;  // the address in errors
  ProviderMetrics metrics_;
  FeatureMemory features_;
  CircuitBreaker breaker_;
  DailyBudget budget_;
  CallSlots slots_;
  std::atomic<bool> failing_{
      false};  // whether the last attempt failed, so that a row of failures is logged once
  Mutex random_mutex_;
  Random random_ TRINE_GUARDED_BY(random_mutex_);
};

// The wait that NewProvider uses.
void PauseForReal(int64_t millis, const Deadline& deadline);

}  // namespace trine::remote::llm
