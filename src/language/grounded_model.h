// GroundedModel: a language model whose answers to prompts with items or documents are checked sentence by
// sentence.
#pragma once

#include <memory>

#include "language/chat.h"
#include "language/grounding.h"

namespace trine::language {

// The items and documents that a request carries, in any message and in results of tools; the lines around
// them, and system messages, count as facts, because the caller's own program wrote them.
GroundingMaterial MaterialOf(const ChatRequest& request);

// Wraps a model. If a request carries items or documents (prompt.h), in whatever form, each sentence of the
// answer is checked against them, and released to the sink once it was; unsupported sentences are dropped. If
// none is left, the text says so in the language of the question (Grounding::kWithheld). An answer in JSON is
// released as a whole: texts and numbers that the material does not support become null. Tool calls are
// passed on. Other requests pass through unchanged. Thread-safe. `inner` must outlive it.
std::unique_ptr<LanguageModel> NewGroundedModel(LanguageModel& inner);

}  // namespace trine::language
