// Answers of the ask service as the native wire's JSON.
#pragma once

#include "format/json.h"
#include "formation/ask.h"

namespace trine::api::native {

format::Json IntentJson(const language::Intent& intent);
format::Json AnswerJson(const formation::AskAnswer& answer);
// What a reason rests on: {"event_type", "item_id", "timestamp"} or {"attribute", "value"}.
format::Json CausesJson(const std::vector<recommend::Cause>& because);

}  // namespace trine::api::native
