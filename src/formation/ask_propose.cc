// The part of the first stage in which a language model proposes conditions and expansions.
#include <string>

#include "base/check.h"
#include "formation/ask_stages.h"
#include "formation/intent_proposal.h"
#include "language/plain_text.h"

namespace trine::formation {
namespace {

constexpr size_t kMaxNoteBytes = 400;  // per text of a model or a provider in a stage's note

using language::PromptKind;

// Says why the model contributed nothing, and counts it.
void NoteFailure(const Error& error, AskState* state) {
  const bool skipped = error.code == ErrorCode::kStageSkipped, timeout = error.kind() == ErrorKind::kTimeout;
  state->model->CountResult(PromptKind::kUnderstand, skipped ? "skipped" : timeout ? "timeout" : "failed");
  state->AddNote("the built-in rules alone read the question: " +
                 language::PlainLine(error.message, kMaxNoteBytes));
}

}  // namespace

void ProposeIntent(AskState* state, const Deadline& deadline) {
  if (state->model == nullptr || !state->model->options().understand) return;
  // A question that names a product by its id has nothing left to propose.
  if (!state->named_ids.empty()) return;
  TRINE_DCHECK(!state->intent.language.empty());
  ModelCall call;
  call.kind = PromptKind::kUnderstand;
  call.language = state->intent.language;
  call.values = {{"question", language::PlainLine(state->call.question, limits::kMaxQuestionBytes)}};
  call.json_schema = IntentProposalSchema();
  call.catalogue = state->CatalogueVersion();
  std::string text;
  const auto collect = [&text](std::string_view part) -> Status {
    text += part;
    return Ok();
  };
  ModelUse& use = state->model_use.emplace();
  const Status asked = state->model->Complete(call, state->person, deadline, collect, &use);
  if (!asked.ok()) {
    if (asked.error().code == ErrorCode::kStageSkipped) state->model_use.reset();
    return NoteFailure(asked.error(), state);
  }
  const auto proposal = ReadIntentProposal(text);
  if (!proposal.ok()) {
    state->model->CountResult(PromptKind::kUnderstand, "rejected");
    return state->AddNote(
        "the built-in rules alone read the question: the answer of the language model is not a "
        "proposal: " +
        language::PlainLine(proposal.error().message, kMaxNoteBytes));
  }
  const auto kept = AdoptProposal(state->call.question, *proposal, state->vocabulary(),
                                  !state->roles.price.empty(), &state->intent);
  state->model->CountResult(PromptKind::kUnderstand, kept.empty() ? "rejected" : "used");
  if (kept.empty()) return;
  std::string note = "the language model read ";
  for (size_t i = 0; i < kept.size(); ++i) note += (i == 0 ? "" : ", ") + kept[i];
  state->AddNote(note);
  state->intent.provider += "+" + language::PlainLine(state->model->name(), kMaxNoteBytes);
}

}  // namespace trine::formation
