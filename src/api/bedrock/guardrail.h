// ApplyGuardrail: checks a text against grounding sources. There are no guardrails with other policies.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "language/grounding.h"

namespace trine::api::bedrock {

// Splits a text into sentences and checks each against the material.
using CheckSentences = std::function<std::vector<language::CheckedSentence>(
    const language::GroundingMaterial& material, std::string_view text)>;

// Answers {"source":"OUTPUT","content":[{"text":{"text","qualifiers"}}]}: texts with the qualifier
// grounding_source are the material, those with query the question, the others are checked. The score is the
// part of the sentences that is supported; below 1 the guardrail intervenes, and the output has the supported
// sentences only. ValidationException without a grounding source, for source INPUT and for images, because
// nothing would be checked. `check` must not be empty.
Result<format::Json> ApplyGuardrail(const format::Json& body, const CheckSentences& check);

}  // namespace trine::api::bedrock
