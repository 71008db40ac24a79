#include "remote/llm/provider_metrics.h"

#include "base/check.h"

namespace trine::remote::llm {
namespace {

using Finish = language::ChatAnswer::Finish;

std::string_view OutcomeOf(const Result<language::ChatAnswer>& result) {
  if (!result.ok()) return Name(result.error().kind());
  switch (result->finish) {
    case Finish::kRefused:
      return "refused";
    case Finish::kMaxTokens:
      return "cut";
    case Finish::kEnd:
    case Finish::kStop:
    case Finish::kToolCalls:
      break;
  }
  return "ok";
}

}  // namespace

ProviderMetrics::ProviderMetrics(Metrics& metrics)
    : retries(metrics.GetCounter("trine_llm_retries_total",
                                 "Requests to the language model provider that were sent again.")),
      first_token_seconds(
          metrics.GetHistogram("trine_llm_first_token_seconds",
                               "From the start of a call to the first text of its streamed answer.")),
      breaker(metrics.GetGauge("trine_llm_breaker_state",
                               "Whether the provider is called: 0 always, 1 by a single trial, 2 never.")),
      running(metrics.GetGauge("trine_llm_running", "Calls to the language model provider that run.")),
      waiting(metrics.GetGauge("trine_llm_waiting", "Calls that wait for their turn.")),
      metrics_(metrics),
      input_tokens_(metrics.GetCounter("trine_llm_tokens_total", "Tokens by direction.", "input")),
      output_tokens_(metrics.GetCounter("trine_llm_tokens_total", "Tokens by direction.", "output")),
      money_(metrics.GetCounter("trine_llm_money_total", "Costs of all calls by the price table.")),
      seconds_(metrics.GetHistogram("trine_llm_seconds", "Duration of calls, waits and retries included.")) {}

void ProviderMetrics::CountCall(const Result<language::ChatAnswer>& result, double seconds) {
  metrics_
      .GetCounter("trine_llm_calls_total", "Calls to the language model provider by outcome.",
                  OutcomeOf(result))
      .Add();
  seconds_.Observe(seconds);
}

void ProviderMetrics::CountUse(uint64_t input_tokens, uint64_t output_tokens, double money) {
  TRINE_CHECK_GE(money, 0.0);
  input_tokens_.Add(static_cast<double>(input_tokens));
  output_tokens_.Add(static_cast<double>(output_tokens));
  money_.Add(money);
}

}  // namespace trine::remote::llm
