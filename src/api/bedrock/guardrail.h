// ApplyGuardrail: checks a text against grounding sources. There are no guardrails with other policies.
#pragma once

#include "base/result.h"
#include "format/json.h"

namespace trine::api::bedrock {

// Answers {"source":"OUTPUT","content":[{"text":{"text","qualifiers"}}]}: texts with the qualifier
// grounding_source are the material, those with query the question, the others are checked. The score is the
// part of the sentences that is supported; below 1 the guardrail intervenes, and the output has the supported
// sentences only. ValidationException without a grounding source, for source INPUT and for images, because
// nothing would be checked. Thread-safe.
Result<format::Json> ApplyGuardrail(const format::Json& body);

}  // namespace trine::api::bedrock
