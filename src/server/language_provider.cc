#include "server/language_provider.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "remote/llm/provider.h"
#include "server/aws_settings.h"
#include "server/secret_file.h"

namespace trine::server {
namespace {

using remote::llm::ProviderKind;
using remote::llm::ProviderOptions;
using remote::llm::Support;

Error Wrong(std::string problem, std::string expected, std::string got) {
  return Error(ErrorCode::kUsage, std::move(problem)).Expected(std::move(expected)).Got(std::move(got));
}

Support* MemberOf(ProviderOptions& options, std::string_view feature) {
  if (feature == "streaming") return &options.streaming;
  if (feature == "json_schema") return &options.json_schema;
  if (feature == "tools") return &options.tools;
  if (feature == "system_role") return &options.system_role;
  return nullptr;
}

// Reads "tools=no,json_schema=yes".
Status ReadSupports(std::string_view text, ProviderOptions* options) {
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const size_t equals = std::min(entry.find('='), entry.size());
    Support* const member = MemberOf(*options, entry.substr(0, equals));
    const std::string_view value = entry.substr(std::min(equals + 1, entry.size()));
    if (member == nullptr || (value != "yes" && value != "no" && value != "auto")) {
      return Wrong(
          "cannot read --llm-supports",
          "a list such as tools=no,json_schema=yes of the features streaming, json_schema, tools and "
          "system_role, each yes, no or auto",
          std::string(entry));
    }
    *member = value == "yes" ? Support::kYes : value == "no" ? Support::kNo : Support::kAuto;
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<language::LanguageModel>> OpenLanguageProvider(const LanguageOptions& options,
                                                                      net::HttpClient& client,
                                                                      const Clock& clock, Log& log,
                                                                      Metrics& metrics) {
  TRINE_CHECK(options.configured());
  ProviderOptions provider;
  const auto kind = remote::llm::ParseProviderKind(options.kind);
  if (!kind) return Wrong("unknown --llm-kind", "openai, bedrock or anthropic", options.kind);
  if (options.model.empty()) return Error(ErrorCode::kUsage, "an outside language model needs --llm-model");
  provider.kind = *kind;
  provider.url = options.url;
  provider.model = options.model;
  if (!options.key_file.empty()) {
    TRINE_ASSIGN(const std::string key,
                 ReadSecretFile(options.key_file, "the key file of the language model"));
    provider.key = Trim(key);
  }
  if (*kind == ProviderKind::kBedrock) {
    const auto aws = AwsSettings();
    provider.region = options.region.empty() ? aws.region : options.region;
    if (provider.key.empty()) provider.aws_key = aws.key;
    if (provider.key.empty() && !provider.aws_key) {
      return Error(
          ErrorCode::kUsage,
          "there is no key for Bedrock; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give a file "
          "with a Bedrock API key as --llm-key-file");
    }
  }
  TRINE_TRY(ReadSupports(options.supports, &provider));
  provider.deadline_ms = options.timeout_ms;
  provider.concurrency = options.concurrency;
  provider.tokens_per_day = options.tokens_per_day;
  provider.money_per_day = options.money_per_day;
  provider.price_input = options.price_input;
  provider.price_output = options.price_output;
  auto made = remote::llm::NewProvider(std::move(provider), client, clock, log, metrics);
  if (!made.ok()) return Error(ErrorCode::kUsage, made.error().ToString() + "; see the options --llm-*");
  return made;
}

Result<formation::ModelOptions> AskModelOptions(const LanguageOptions& options) {
  formation::ModelOptions out;
  const bool both = options.in_ask == "both";
  if (!both && options.in_ask != "understand" && options.in_ask != "answer" && options.in_ask != "none")
    return Wrong("unknown --llm-in-ask", "understand, answer, both or none", options.in_ask);
  out.understand = both || options.in_ask == "understand";
  out.answer = both || options.in_ask == "answer";
  if (options.prompt_dir.empty()) return out;
  auto prompts = language::PromptTemplates::Load(options.prompt_dir);
  if (!prompts.ok()) {
    Error error = prompts.error();
    error.code = ErrorCode::kUsage;
    error.message = "cannot use a prompt of --llm-prompt-dir: " + error.message;
    return error;
  }
  out.prompts = std::make_shared<const language::PromptTemplates>(*std::move(prompts));
  return out;
}

Result<std::string> TryLanguageProvider(language::LanguageModel& model, const Clock& clock,
                                        const Deadline& deadline) {
  language::ChatRequest request;
  request.messages = {{language::ChatMessage::Role::kUser, "Answer with the word: yes"}};
  request.max_tokens = 8;  // only whether it answers matters
  const int64_t start = clock.MonotonicNanos();
  TRINE_ASSIGN(const language::ChatAnswer answer,
               model.Complete(request, deadline, [](std::string_view) { return Ok(); }));
  const int64_t millis = (clock.MonotonicNanos() - start) / 1'000'000;
  return "language: the model " + answer.model + " answers within " + std::to_string(millis) + " ms";
}

}  // namespace trine::server
