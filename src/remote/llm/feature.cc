#include "remote/llm/feature.h"

#include <string>

#include "base/check.h"
#include "base/text.h"

namespace trine::remote::llm {
namespace {

constexpr int64_t kForgetNanos = 3600LL * 1'000'000'000;
constexpr size_t kMaxSearchedBytes = 4096;  // the reason stands at the beginning of an error text

struct FeatureWords {
  Feature feature;
  std::string_view name;
  std::array<std::string_view, 6> words;  // in lower case; unused ones are empty
};

// How OpenAI, vLLM, llama.cpp, Ollama, Anthropic and Bedrock name the features in their errors.
constexpr std::array<FeatureWords, kFeatures> kWords = {{
    {Feature::kMaxTokensMember, "max_tokens", {"max_completion_tokens"}},
    {Feature::kStreamUsage, "stream_options", {"stream_options", "include_usage"}},
    {Feature::kJsonSchema,
     "json_schema",
     {"json_schema", "response_format", "output_config", "outputconfig", "output_format",
      "structured output"}},
    {Feature::kJsonObject, "json_object", {"json_object", "response_format", "json mode"}},
    {Feature::kTools,
     "tools",
     {"tools", "tool use", "tool choice", "tool_choice", "toolconfig", "tool calling"}},
    {Feature::kSystemRole,
     "system_role",
     {"system role", "system prompt", "system message", "'system'", "roles must alternate"}},
    {Feature::kTopP, "top_p", {"top_p", "topp"}},
    {Feature::kTemperature, "temperature", {"temperature"}},
    {Feature::kStreaming, "streaming", {"stream"}},
}};

// One of these must be there too, so that an error about a wrong value is not taken for a missing feature.
constexpr std::string_view kMarks[] = {"support",        "unrecognized", "unknown",       "unexpected",
                                       "not permitted",  "not allowed",  "requires",      "extra field",
                                       "extra input",    "alternate",    "not available", "cannot both",
                                       "not implemented"};

}  // namespace

std::string_view Name(Feature feature) {
  const FeatureWords& row = kWords[static_cast<size_t>(feature)];
  TRINE_CHECK(row.feature == feature);
  return row.name;
}

std::optional<Feature> RejectedFeature(std::string_view text, FeatureSet used) {
  const std::string lower = ToLowerAscii(text.substr(0, kMaxSearchedBytes));
  bool marked = false;
  for (std::string_view mark : kMarks) marked = marked || lower.find(mark) != std::string::npos;
  if (!marked) return std::nullopt;
  for (const FeatureWords& row : kWords) {
    if (!used.Has(row.feature)) continue;
    for (std::string_view word : row.words) {
      if (!word.empty() && lower.find(word) != std::string::npos) return row.feature;
    }
  }
  return std::nullopt;
}

FeatureSet FeatureMemory::Supported() const {
  FeatureSet now = supported_;
  for (const FeatureWords& row : kWords) {
    const int64_t until = rejected_until_[static_cast<size_t>(row.feature)].load(std::memory_order_relaxed);
    if (until != 0 && clock_.MonotonicNanos() < until) now = now.Without(row.feature);
  }
  return now;
}

bool FeatureMemory::Reject(Feature f) {
  TRINE_CHECK(!IsFixed(f));
  const bool known = !Supported().Has(f);
  rejected_until_[static_cast<size_t>(f)] = clock_.MonotonicNanos() + kForgetNanos;
  return !known;
}

}  // namespace trine::remote::llm
