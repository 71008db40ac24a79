// The part of the fifth stage in which a language model words the answer. The items were chosen before; no
// sentence leaves without having been checked against them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "formation/ask_prompt.h"
#include "formation/ask_stages.h"
#include "language/plain_text.h"

namespace trine::formation {
namespace {

constexpr size_t kMaxNoteBytes = 400;  // per text of a model or a provider in a stage's note

using language::CheckedSentence;
using language::PromptKind;

// Collects the supported sentences of one answer, and tells them to the observer. They are held back until
// one of them names an item, because only then it is certain that the answer will be used.
class Wording {
 public:
  Wording(language::GroundingMaterial material, std::vector<std::string> other_titles, AskState* state)
      : checker_(std::move(material)),
        other_titles_(std::move(other_titles)),
        state_(*state),
        preface_(language::UncheckedSentences(state->intent)) {}

  Status Add(std::string_view part) { return Take(checker_.Add(part)); }
  Status Finish() { return Take(checker_.Finish()); }

  bool names_item() const { return names_item_; }
  size_t supported() const { return supported_; }
  size_t dropped() const { return dropped_; }
  const std::string& why_dropped() const { return why_dropped_; }
  language::Answer TakeAnswer(std::string provider) {
    TRINE_DCHECK(names_item_);
    answer_.provider = std::move(provider);
    answer_.grounded = true;
    return std::move(answer_);
  }

 private:
  Status Take(std::vector<CheckedSentence> sentences) {
    for (CheckedSentence& sentence : sentences) {
      if (!sentence.supported) {
        if (!IsBlank(sentence.text)) Drop(std::move(sentence.why));
        continue;
      }
      // From here on the places of citations are within their sentence, because more sentences are dropped.
      const size_t begin = std::exchange(checked_units_, checked_units_ + Utf16Length(sentence.text));
      for (language::Citation& citation : sentence.citations) {
        TRINE_DCHECK_LE(begin, citation.start);
        citation.start -= begin;
        citation.end -= begin;
      }
      if (IsBlank(sentence.text)) continue;
      if (sentence.citations.empty() && NamesOther(sentence.text)) {
        Drop("it is only about a product that is not in the answer");
        continue;
      }
      if (sentence.citations.empty() && HasDigit(sentence.text)) {
        // A description may state any number, but all numbers of an answer are those of its products.
        Drop("it has a number and names no product");
        continue;
      }
      ++supported_;
      names_item_ = names_item_ || !sentence.citations.empty();
      held_.push_back(std::move(sentence));
    }
    return names_item_ ? Release() : Ok();
  }

  void Drop(std::string why) {
    if (dropped_++ == 0) why_dropped_ = std::move(why);
  }
  bool NamesOther(std::string_view text) const {
    return std::any_of(other_titles_.begin(), other_titles_.end(), [text](const std::string& title) {
      return !title.empty() && text.find(title) != std::string_view::npos;
    });
  }
  static bool HasDigit(std::string_view text) { return std::any_of(text.begin(), text.end(), IsAsciiDigit); }

  Status Release() {
    if (answer_.text.empty() && !preface_.empty()) TRINE_TRY(Say(preface_, {}));
    for (CheckedSentence& sentence : std::exchange(held_, {}))
      TRINE_TRY(Say(sentence.text, std::move(sentence.citations)));
    return Ok();
  }

  // The white space behind a sentence is said with the next one, so that the answer does not end with it.
  Status Say(std::string_view text, std::vector<language::Citation> citations) {
    const std::string_view said = text.substr(0, text.find_last_not_of(kBlanks) + 1);
    const std::string piece =
        std::exchange(space_, std::string(text.substr(said.size()))) + std::string(said);
    const size_t begin = units_ + piece.size() - said.size();  // blanks have one unit each
    for (language::Citation& citation : citations) {
      citation.start += begin;
      citation.end += begin;
    }
    units_ += Utf16Length(piece);
    answer_.text += piece;
    answer_.citations.insert(answer_.citations.end(), citations.begin(), citations.end());
    return state_.Observe([&](AskObserver& observer) { return observer.OnSentence(piece, citations); });
  }

  language::SentenceChecker checker_;
  const std::vector<std::string> other_titles_;  // AnswerPrompt::other_titles
  AskState& state_;
  const std::string preface_;  // names the unchecked parts of the question, whatever the model says
  size_t checked_units_ = 0;   // UTF-16 code units of all sentences that the checker let through
  std::vector<CheckedSentence> held_;
  std::string space_;  // the blanks behind the last sentence
  size_t units_ = 0;   // of answer_.text
  language::Answer answer_;
  bool names_item_ = false;
  size_t supported_ = 0, dropped_ = 0;
  std::string why_dropped_;
};

std::string Plain(const std::string& text) { return language::PlainLine(text, kMaxNoteBytes); }

// The outcome of a call for the stage's note and the metrics.
void NoteOutcome(const Wording& wording, const Status& asked, bool used, AskState* state) {
  const size_t all = wording.supported() + wording.dropped();
  std::string dropped;
  if (wording.dropped() > 0)
    dropped = std::to_string(wording.dropped()) + " of " + std::to_string(all) +
              " sentences of the language model were dropped, the first because " +
              Plain(wording.why_dropped());
  const char* result = "used";
  if (used) {
    if (!asked.ok())
      state->AddNote("the answer of the language model ended early: " + Plain(asked.error().message));
    if (!dropped.empty()) state->AddNote(dropped);
    if (!asked.ok() || !dropped.empty()) result = "partly";
  } else if (!asked.ok()) {
    const Error& error = asked.error();
    result = error.code == ErrorCode::kStageSkipped ? "skipped"
             : error.kind() == ErrorKind::kTimeout  ? "timeout"
                                                    : "failed";
    state->AddNote("the built-in answer was used: " + Plain(error.message));
    if (!dropped.empty()) state->AddNote(dropped);
  } else {
    result = "rejected";
    state->AddNote("the built-in answer was used: " +
                   (all == 0 ? std::string("the language model answered nothing")
                    : wording.supported() == 0
                        ? "no sentence of the language model is supported"
                        : std::string("no sentence that is supported names a product")));
    if (!dropped.empty()) state->AddNote(dropped);
  }
  state->model->CountResult(PromptKind::kAnswer, result);
}

}  // namespace

std::optional<language::Answer> WordAnswer(AskState* state, const std::vector<language::AnswerItem>& items,
                                           const Deadline& deadline) {
  if (state->model == nullptr || !state->model->options().answer || items.empty()) return std::nullopt;
  AnswerPrompt prompt = MakeAnswerPrompt(*state, items, state->model->options().max_items);
  if (prompt.material.items.empty()) {
    state->AddNote("the language model was not asked, because no item fits");
    return std::nullopt;
  }
  ModelCall call;
  call.kind = PromptKind::kAnswer;
  call.language = state->intent.language;
  call.values = std::move(prompt.values);
  call.catalogue = state->CatalogueVersion();
  Wording wording(std::move(prompt.material), std::move(prompt.other_titles), state);
  const auto take = [&](std::string_view part) -> Status {
    TRINE_TRY(state->Observe([](AskObserver& observer) { return observer.OnProgress(); }));
    return wording.Add(part);
  };
  ModelUse& use = state->model_use.emplace();
  const Status asked = state->model->Complete(call, state->person, deadline, take, &use);
  if (!asked.ok() && asked.error().code == ErrorCode::kStageSkipped) state->model_use.reset();
  // The last sentence of an answer that was cut is not whole.
  if (asked.ok()) static_cast<void>(wording.Finish());
  if (state->ended) return std::nullopt;
  NoteOutcome(wording, asked, wording.names_item(), state);
  if (!wording.names_item()) return std::nullopt;
  return wording.TakeAnswer(language::PlainLine(state->model->name(), kMaxNoteBytes));
}

}  // namespace trine::formation
