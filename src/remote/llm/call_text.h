// Prepares a request for any wire: checks it, orders its messages, and words what the provider cannot be told
// otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "language/chat.h"
#include "remote/llm/feature.h"
#include "remote/llm/wire.h"

namespace trine::remote::llm {

// kInvalid if the request has no user message, an empty message, a text or schema that is not valid UTF-8 or
// JSON, a number out of range, a named tool that is not offered, or texts of more than `max_bytes` together.
Status CheckChatRequest(const language::ChatRequest& request, size_t max_bytes);

// Returns the features that the request makes use of.
FeatureSet WantedFeatures(const language::ChatRequest& request);

// Whether the request cannot be answered without tools: it demands a call, or the conversation has calls.
bool DemandsTools(const language::ChatRequest& request);

// Whether the answer is to be JSON, but only the prompt can say so.
bool AsksForJsonInPrompt(const language::ChatRequest& request, FeatureSet features);

// Makes the call. Messages of one role that follow each other become one, system messages become the system
// prompt, and without kSystemRole that is the beginning of the first user message. Requires a request that
// CheckChatRequest accepts and that outlives the call.
WireCall MakeCall(const language::ChatRequest& request, FeatureSet features);

// An estimate of the tokens of the prompt.
uint32_t EstimatedInputTokens(const language::ChatRequest& request);

// Finds the JSON object in an answer that was asked for one by its prompt only: models like to wrap it in a
// code block or a sentence. kUnavailable if there is none.
Result<std::string> JsonObjectIn(std::string_view answer);

}  // namespace trine::remote::llm
