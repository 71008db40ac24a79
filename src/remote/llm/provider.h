// Language models of outside providers: OpenAI-compatible endpoints, Anthropic and Amazon Bedrock.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "language/chat.h"
#include "net/client.h"
#include "remote/llm/provider_options.h"

namespace trine::remote::llm {

// Parses "openai", "bedrock" or "anthropic"; nullopt for anything else.
std::optional<ProviderKind> ParseProviderKind(std::string_view text);

// Makes the model. Options are checked: kInvalid names the wrong one, and never contains a key. `client`,
// `clock`, `log` and `metrics` must outlive the model; deadlines of its calls must be of `clock`.
//
// Complete returns, besides the errors of LanguageModel: kUnavailable if the provider rejects the key, the
// model or the path, because that is not the caller's mistake. No error, log line or metric contains a key;
// texts of the provider are cut to one short line. The log tells when calls begin to fail, when the breaker
// opens and closes, and which features are not supported.
//
// The model blocks its thread during a call. It does not check sentences (language/grounding.h).
Result<std::unique_ptr<language::LanguageModel>> NewProvider(ProviderOptions options, net::HttpClient& client,
                                                             const Clock& clock, Log& log, Metrics& metrics);

}  // namespace trine::remote::llm
