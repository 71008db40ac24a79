// The bodies of InvokeModel by model family: a family's request becomes ours, our answer its response.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "language/model.h"

namespace trine::api::bedrock {

enum class Family { kAnthropicMessages, kTitanEmbed, kUnknown };

// From a base model id, one with a region prefix ("us."), or an ARN of either.
Family FamilyOf(std::string_view model_id);

// {"anthropic_version", "max_tokens", "messages", "system"?, "stop_sequences"?, ...}. kInvalid (code
// "validation") in the service's words. What tunes sampling is checked and has no effect: the built-in model
// is deterministic. Images and tools are kUnsupported.
Result<language::ChatRequest> ParseAnthropic(const format::Json& body);
format::Json PrintAnthropic(const language::ChatAnswer& answer, const std::string& id);

// {"inputText", "dimensions"?, "normalize"?, "embeddingTypes"?}.
struct EmbedRequest {
  std::string text;
  size_t dimensions = 1024;
  bool normalize = true, want_float = true, want_binary = false;
};
Result<EmbedRequest> ParseTitanEmbed(const format::Json& body, std::string_view model_id);
std::string PrintTitanEmbed(const EmbedRequest& request, const language::Embedder& embedder);

}  // namespace trine::api::bedrock
