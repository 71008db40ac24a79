// ScriptedModel: a language model that answers as a test says, also wrongly, slowly or without an end.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "language/chat.h"

namespace trine::test {

// The answer to one request.
struct ScriptedTurn {
  std::vector<std::string> parts;   // passed on in order
  int64_t millis_per_part = 0;      // the clock moves by this time before each part
  bool endless = false;             // repeats the last part until the sink returns an error
  bool keeps_deadline = true;       // false: goes on after its deadline until the sink returns an error
  std::optional<Error> error = {};  // returned after the parts
  language::ChatAnswer::Finish finish = language::ChatAnswer::Finish::kEnd;
  uint32_t input_tokens = 10, output_tokens = 20;
  double cost = 0.5;
};

// Thread-safe, if the script is.
class ScriptedModel final : public language::LanguageModel {
 public:
  using Script = std::function<ScriptedTurn(const language::ChatRequest&)>;
  explicit ScriptedModel(ManualClock& clock, Script script = {})
      : clock_(clock), script_(std::move(script)) {}

  void SetScript(Script script) {
    const MutexLock lock(mutex_);
    script_ = std::move(script);
  }
  // Answers each request with the same text.
  void Say(std::string text) {
    SetScript([text = std::move(text)](const language::ChatRequest&) { return ScriptedTurn{{text}}; });
  }
  std::vector<language::ChatRequest> requests() const {
    const MutexLock lock(mutex_);
    return requests_;
  }

  std::string name() const override { return "scripted"; }
  bool ChecksSentences(const language::ChatRequest&) const override { return false; }
  Result<language::ChatAnswer> Complete(const language::ChatRequest& request, const Deadline& deadline,
                                        const language::TokenSink& sink) override {
    Script script;
    {
      const MutexLock lock(mutex_);
      requests_.push_back(request);
      script = script_;
    }
    const ScriptedTurn turn = script ? script(request) : ScriptedTurn{};
    language::ChatAnswer answer;
    for (size_t i = 0; i < turn.parts.size() || (turn.endless && !turn.parts.empty()); ++i) {
      if (turn.millis_per_part > 0) {
        const int64_t left = deadline.MillisLeft();
        if (turn.keeps_deadline && turn.millis_per_part >= left) {
          clock_.Advance(left);
          return Error(ErrorCode::kTimeout, "the scripted model ran past its deadline");
        }
        clock_.Advance(turn.millis_per_part);
      }
      const std::string& part = turn.parts[std::min(i, turn.parts.size() - 1)];
      answer.text += part;
      if (sink) TRINE_TRY(sink(part));
    }
    if (turn.error) return *turn.error;
    answer.finish = turn.finish;
    answer.input_tokens = turn.input_tokens;
    answer.output_tokens = turn.output_tokens;
    answer.cost = turn.cost;
    answer.model = name();
    return answer;
  }

 private:
  ManualClock& clock_;
  mutable Mutex mutex_;
  Script script_ TRINE_GUARDED_BY(mutex_);
  std::vector<language::ChatRequest> requests_ TRINE_GUARDED_BY(mutex_);
};

}  // namespace trine::test
