// The data of an answer prompt, and the material by which the sentences of its answer are checked. Both are
// made from the same texts, so that a model may say everything that it was told, and nothing else.
#pragma once

#include <string>
#include <vector>

#include "formation/ask_stages.h"
#include "language/answer.h"
#include "language/grounding.h"
#include "language/prompt_templates.h"

namespace trine::formation {

struct AnswerPrompt {
  language::PromptTemplates::Values values;
  language::GroundingMaterial material;
  std::vector<std::string> other_titles;  // products in the sentences about taste, which are not recommended
};

// The prompt about the best of `items` that a model may recommend: those that fit the question and, for an
// outfit, are worn; at most `max_items`, in the given order. `items` are the first of state.candidates. The
// material is without items if there are none.
AnswerPrompt MakeAnswerPrompt(const AskState& state, const std::vector<language::AnswerItem>& items,
                              size_t max_items);

}  // namespace trine::formation
