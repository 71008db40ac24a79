// Request and response bodies of InvokeModel, by model family.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "language/model.h"

namespace trine::api::bedrock {

enum class Family { kAnthropicMessages, kTitanEmbed, kUnknown };

// The family of a model id, which may have a region prefix ("us.") or be the last part of an ARN.
Family FamilyOf(std::string_view model_id);

// Reads {"anthropic_version", "max_tokens", "messages", "system"?, "stop_sequences"?, ...}. Fails with
// kInvalid and Bedrock's message if the body is invalid, and with kUnsupported if it contains images or
// tools. Sampling parameters are checked and then ignored, because the built-in model is deterministic.
Result<language::ChatRequest> ParseAnthropic(const format::Json& body);
format::Json PrintAnthropic(const language::ChatAnswer& answer, const std::string& id);

// A request for one embedding: {"inputText", "dimensions"?, "normalize"?, "embeddingTypes"?}.
struct EmbedRequest {
  std::string text;
  size_t dimensions = 1024;
  bool normalize = true, want_float = true, want_binary = false;
};
// Reads a request body. Fails with kInvalid and Bedrock's message if the body is invalid. Models of version 1
// accept only `inputText` and have 1,536 dimensions.
Result<EmbedRequest> ParseTitanEmbed(const format::Json& body, std::string_view model_id);
std::string PrintTitanEmbed(const EmbedRequest& request, const language::Embedder& embedder);

}  // namespace trine::api::bedrock
