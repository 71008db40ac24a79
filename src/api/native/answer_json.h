// Answers of the ask service as the native wire's JSON.
#pragma once

#include "format/json.h"
#include "formation/ask.h"

namespace trine::api::native {

format::Json IntentJson(const language::QueryIntent& intent);
// How much of an answer a caller sees.
struct AnswerView {
  bool causes = true;               // the events behind it: ledgers and causes; reasons in words stay
  std::vector<std::string> fields;  // top-level fields of a source; empty: all
};
format::Json AnswerJson(const formation::AskAnswer& answer, const AnswerView& view);
// What a reason rests on: {"event_type", "item_id", "timestamp"} or {"attribute", "value"}.
format::Json CausesJson(const std::vector<recommend::Cause>& because);

}  // namespace trine::api::native
