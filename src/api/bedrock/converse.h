// Converse and ConverseStream: one request and response format for all chat models.
#pragma once

#include "api/bedrock/invocation.h"

namespace trine::api::bedrock {

// Reads a request of Converse. Its whole answer has output, stopReason, usage and metrics; its stream the
// events from messageStart to metadata. Unknown members are ignored, as the service does.
ReadInvocation ReadConverse;

// Reads {"messages", "system", "toolConfig"} as CountTokens has them, without an answer.
Result<language::ChatRequest> ReadConversation(const format::Json& body);

}  // namespace trine::api::bedrock
