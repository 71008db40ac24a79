// ProviderOptions: the address of an outside language model, its features, and the limits of its use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "net/sigv4.h"

namespace trine::remote::llm {

// The protocol. kOpenAi: chat completions, which llama.cpp, vLLM, Ollama and many others serve, too.
enum class ProviderKind { kOpenAi, kBedrock, kAnthropic };

// Whether a model supports a feature. kAuto: it is used until the provider rejects it with an error that
// names it; the same call is then sent again without it, and for an hour further calls are, too.
enum class Support { kAuto, kYes, kNo };

struct ProviderOptions {
  ProviderKind kind = ProviderKind::kOpenAi;
  // http or https, without user, query and fragment. OpenAI: the base to which "/chat/completions" is
  // appended, required. Anthropic, Bedrock: empty for the public service.
  std::string url;
  std::string model;  // as the provider calls it
  std::string key;    // of OpenAI, Anthropic, or a Bedrock API key; empty for servers without credentials
  // Bedrock only: the region of the endpoint and the signature, and the key that signs (or else `key`).
  std::string region = "us-east-1";
  std::optional<net::AwsKey> aws_key;

  Support streaming = Support::kAuto;    // kNo: the sink receives the whole answer at once
  Support json_schema = Support::kAuto;  // kNo: the prompt asks for JSON, and the answer is checked
  Support tools = Support::kAuto;        // kNo: offered tools are not sent; a demanded call is kUnsupported
  Support system_role = Support::kAuto;  // kNo: system messages begin the first user message
  // OpenAI only: the member for ChatRequest::max_tokens. Empty: "max_tokens", or "max_completion_tokens" once
  // the provider asks for it.
  std::string max_tokens_member;

  // A call ends at its caller's deadline, and after `deadline_ms` at the latest, retries and waiting
  // included.
  int64_t deadline_ms = 30'000;
  int64_t connect_ms = 3'000;  // a provider that is there answers within milliseconds
  int64_t first_token_ms = 0;  // longest time to the head of an answer before a retry; 0: the deadline
  int64_t idle_ms = 30'000;    // longest silence within an answer; 0: the deadline
  // Tries per call, for failures before any text was passed on: 408, 409, 429, 5xx, lost connections,
  // malformed answers. The waits are random, up to `first_wait_ms` doubled for each try, and at least as long
  // as the provider demands.
  int attempts = 3;
  int64_t first_wait_ms = 250, max_wait_ms = 8'000;
  // After so many failures in a row, calls fail at once for `breaker_ms`; then a single one tries it.
  int breaker_failures = 5;
  int64_t breaker_ms = 10'000;
  // Calls at the same time, and calls that wait for their turn; further ones are kBusy. A question waits for
  // one call, so this bounds the threads that wait for the provider.
  size_t concurrency = 64, max_waiting = 256;
  // Per ChatRequest::caller and day (UTC); 0: no limit. Calls without a caller share one budget. Kept in
  // memory only. A call is admitted if its prompt and its longest answer fit.
  uint64_t tokens_per_day = 0;
  double money_per_day = 0;
  double price_input = 0, price_output = 0;  // per million tokens, in the unit of money_per_day
  size_t max_prompt_bytes = 1u << 20;        // all texts of a request
  // Bounds the answer together with 32 bytes per requested token; a longer one is cut there (kMaxTokens).
  size_t max_answer_bytes = 1u << 20;
  uint64_t seed = 0;  // makes the random waits repeatable; 0: from the clock
};

}  // namespace trine::remote::llm
