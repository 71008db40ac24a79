#include "cli/language_options.h"

#include <CLI/Option.hpp>
#include <cstdint>

#include "base/check.h"
#include "cli/usage.h"

namespace trine::cli {
namespace {

constexpr int64_t kMaxTimeoutMillis = 3'600'000;
constexpr int64_t kMaxConcurrency = 10'000;
constexpr int64_t kMaxTokens = int64_t{1} << 53;  // exact as a double, in metrics
constexpr double kMaxMoney = 1e9;

void AddBudgetOptions(CLI::App* verb, server::LanguageOptions* options) {
  verb->add_option("--llm-tokens-per-day", options->tokens_per_day,
                   "tokens that each caller may use per day (UTC); 0: no limit")
      ->check(IntegerFrom(0, kMaxTokens), "")
      ->envname("TRINE_LLM_TOKENS_PER_DAY");
  verb->add_option("--llm-money-per-day", options->money_per_day,
                   "money that each caller may spend per day (UTC), by the prices; 0: no limit")
      ->check(NumberFrom(0, kMaxMoney), "")
      ->envname("TRINE_LLM_MONEY_PER_DAY");
  verb->add_option("--llm-price-input", options->price_input, "price of a million tokens of prompts")
      ->check(NumberFrom(0, kMaxMoney), "")
      ->envname("TRINE_LLM_PRICE_INPUT");
  verb->add_option("--llm-price-output", options->price_output, "price of a million tokens of answers")
      ->check(NumberFrom(0, kMaxMoney), "")
      ->envname("TRINE_LLM_PRICE_OUTPUT");
}

}  // namespace

void AddLanguageOptions(CLI::App* verb, server::LanguageOptions* options) {
  TRINE_CHECK(options != nullptr);
  verb->add_option("--llm-url", options->url,
                   "base address of an outside language model, such as http://127.0.0.1:8080/v1; without "
                   "this and --llm-model, the built-in model answers")
      ->envname("TRINE_LLM_URL");
  verb->add_option("--llm-model", options->model, "the model, as its provider calls it")
      ->envname("TRINE_LLM_MODEL");
  verb->add_option("--llm-kind", options->kind,
                   "protocol: openai (any compatible server), bedrock or anthropic")
      ->check(OneOf({"openai", "bedrock", "anthropic"}), "")
      ->envname("TRINE_LLM_KIND")
      ->capture_default_str();
  verb->add_option("--llm-key-file", options->key_file,
                   "file with the provider's key; only its owner may read it (mode 0600)")
      ->envname("TRINE_LLM_KEY_FILE");
  verb->add_option("--llm-region", options->region, "AWS region of Bedrock; default: AWS_REGION")
      ->envname("TRINE_LLM_REGION");
  verb->add_option("--llm-timeout-ms", options->timeout_ms, "longest time of a call, retries included")
      ->check(IntegerFrom(1, kMaxTimeoutMillis), "")
      ->envname("TRINE_LLM_TIMEOUT_MS")
      ->capture_default_str();
  verb->add_option("--llm-concurrency", options->concurrency, "calls to the provider at the same time")
      ->check(IntegerFrom(1, kMaxConcurrency), "")
      ->envname("TRINE_LLM_CONCURRENCY")
      ->capture_default_str();
  verb->add_option("--llm-in-ask", options->in_ask,
                   "part of the outside model in questions (ask): understand, answer, both or none")
      ->check(OneOf({"understand", "answer", "both", "none"}), "")
      ->envname("TRINE_LLM_IN_ASK")
      ->capture_default_str();
  verb->add_option("--llm-prompt-dir", options->prompt_dir,
                   "folder with prompts for questions that replace those of the program, such as "
                   "answer.v1.ko.txt")
      ->envname("TRINE_LLM_PROMPT_DIR");
  verb->add_option("--llm-supports", options->supports,
                   "features of the model that need not be found out, such as tools=no,json_schema=yes "
                   "(streaming, json_schema, tools, system_role)")
      ->envname("TRINE_LLM_SUPPORTS");
  AddBudgetOptions(verb, options);
}

}  // namespace trine::cli
