#include "remote/llm/provider.h"

#include <cmath>
#include <utility>

#include "base/check.h"
#include "remote/llm/wire_model.h"
#include "remote/llm/wires.h"

namespace trine::remote::llm {
namespace {

constexpr int kMaxAttempts = 10;            // more only delays the error
constexpr int64_t kMaxMillis = 3'600'000;   // an hour, for every time in the options
constexpr size_t kMaxConcurrency = 10'000;  // more threads than any machine runs
constexpr size_t kMaxNameBytes = 2048;      // Bedrock's limit for model names
constexpr double kMaxPrice = 1e9;           // keeps sums of money exact to far below a cent

Error Wrong(const char* option, std::string expected) {
  return Error(ErrorCode::kInvalid,
               std::string("the option ") + option + " of the language model provider is wrong")
      .Expected(std::move(expected));
}

bool IsVisibleAscii(std::string_view text) {
  for (char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

Status CheckUrl(const std::string& url) {
  const bool scheme = url.starts_with("http://") || url.starts_with("https://");
  const size_t host = url.find("://") + 3;
  if (!scheme || host >= url.size() || url[host] == '/' || !IsVisibleAscii(url) ||
      url.find_first_of("@?#\\\"<>") != std::string::npos)
    return Wrong("url", "an http or https URL without user, query and fragment");
  return Ok();
}

Status CheckNumbers(const ProviderOptions& o) {
  const auto is_time = [](int64_t ms, int64_t least) { return ms >= least && ms <= kMaxMillis; };
  const auto is_price = [](double p) { return std::isfinite(p) && p >= 0 && p <= kMaxPrice; };
  if (!is_time(o.deadline_ms, 1) || !is_time(o.connect_ms, 1) || !is_time(o.breaker_ms, 1))
    return Wrong("deadline_ms, connect_ms or breaker_ms", "1 to 3600000");
  if (!is_time(o.first_token_ms, 0) || !is_time(o.idle_ms, 0) || !is_time(o.first_wait_ms, 0) ||
      !is_time(o.max_wait_ms, 0))
    return Wrong("first_token_ms, idle_ms, first_wait_ms or max_wait_ms", "0 to 3600000");
  if (o.attempts < 1 || o.attempts > kMaxAttempts) return Wrong("attempts", "1 to 10");
  if (o.breaker_failures < 1) return Wrong("breaker_failures", "at least 1");
  if (o.concurrency < 1 || o.concurrency > kMaxConcurrency || o.max_waiting > kMaxConcurrency)
    return Wrong("concurrency or max_waiting", "1 to 10000, and 0 to 10000");
  if (!is_price(o.price_input) || !is_price(o.price_output) || !is_price(o.money_per_day))
    return Wrong("price_input, price_output or money_per_day", "0 to 1000000000");
  if (o.money_per_day > 0 && o.price_input == 0 && o.price_output == 0)
    return Wrong("money_per_day", "a price of input or output tokens with it");
  if (o.max_prompt_bytes == 0 || o.max_answer_bytes == 0)
    return Wrong("max_prompt_bytes or max_answer_bytes", "at least 1");
  return Ok();
}

Status CheckNames(const ProviderOptions& o) {
  if (o.model.empty() || o.model.size() > kMaxNameBytes || !IsVisibleAscii(o.model))
    return Wrong("model", "the name of a model in visible ASCII characters");
  if (!IsVisibleAscii(o.key)) return Wrong("key", "visible ASCII characters without blanks");
  if (!o.max_tokens_member.empty() && o.max_tokens_member != "max_tokens" &&
      o.max_tokens_member != "max_completion_tokens")
    return Wrong("max_tokens_member", "max_tokens or max_completion_tokens");
  if (o.kind != ProviderKind::kBedrock) return Ok();
  if (o.region.empty() ||
      o.region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return Wrong("region", "the name of an AWS region");
  if (o.key.empty() && !o.aws_key) return Wrong("key", "an AWS access key or a Bedrock API key");
  if (o.aws_key && (o.aws_key->access_key.empty() || o.aws_key->secret_key.empty() ||
                    !IsVisibleAscii(o.aws_key->access_key) || !IsVisibleAscii(o.aws_key->session_token)))
    return Wrong("aws_key", "an access key and a secret key");
  return Ok();
}

std::string DefaultUrl(const ProviderOptions& o) {
  switch (o.kind) {
    case ProviderKind::kOpenAi:
      return "";
    case ProviderKind::kBedrock:
      return "https://bedrock-runtime." + o.region + ".amazonaws.com";
    case ProviderKind::kAnthropic:
      return "https://api.anthropic.com";
  }
  FailCheck(__FILE__, __LINE__, "unknown kind of provider");
}

std::unique_ptr<Wire> MakeWire(const ProviderOptions& o) {
  TRINE_CHECK(!o.url.empty());
  switch (o.kind) {
    case ProviderKind::kOpenAi:
      return NewOpenAiWire({.url = o.url, .model = o.model, .key = o.key});
    case ProviderKind::kBedrock:
      return NewBedrockWire(
          {.url = o.url, .model = o.model, .key = o.key, .region = o.region, .aws_key = o.aws_key});
    case ProviderKind::kAnthropic:
      return NewAnthropicWire({.url = o.url, .model = o.model, .key = o.key});
  }
  FailCheck(__FILE__, __LINE__, "unknown kind of provider");
}

}  // namespace

std::optional<ProviderKind> ParseProviderKind(std::string_view text) {
  if (text == "openai") return ProviderKind::kOpenAi;
  if (text == "bedrock") return ProviderKind::kBedrock;
  if (text == "anthropic") return ProviderKind::kAnthropic;
  return std::nullopt;
}

Result<std::unique_ptr<language::LanguageModel>> NewProvider(ProviderOptions options, net::HttpClient& client,
                                                             const Clock& clock, Log& log, Metrics& metrics) {
  TRINE_TRY(CheckNames(options));
  TRINE_TRY(CheckNumbers(options));
  if (options.url.empty()) options.url = DefaultUrl(options);
  while (options.url.ends_with('/')) options.url.pop_back();
  TRINE_TRY(CheckUrl(options.url));
  auto wire = MakeWire(options);
  return std::unique_ptr<language::LanguageModel>(std::make_unique<WireModel>(
      std::move(options), std::move(wire), client, clock, log, metrics, PauseForReal));
}

}  // namespace trine::remote::llm
