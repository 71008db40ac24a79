// Prints the ask service's answers as JSON of the native API.
#pragma once

#include "format/json.h"
#include "formation/ask.h"

namespace trine::api::native {

format::Json IntentJson(const language::QueryIntent& intent);
// The part of an answer that a caller may see.
struct AnswerView {
  bool causes = true;               // show ledgers and causes, which contain events; reasons are always shown
  std::vector<std::string> fields;  // the top-level source fields to show; empty: all
  bool costs = true;                // show what a language model cost
};
format::Json AnswerJson(const formation::AskAnswer& answer, const AnswerView& view);
// Parts of it, also for answers that are streamed.
format::Json ItemsJson(const std::vector<formation::AskItem>& items, const AnswerView& view);
format::Json CitationsJson(const std::vector<language::Citation>& citations);
// The causes of a reason: {"event_type", "item_id", "timestamp"} or {"attribute", "value"}, each with
// "amount".
format::Json CausesJson(const std::vector<recommend::Cause>& because);

}  // namespace trine::api::native
