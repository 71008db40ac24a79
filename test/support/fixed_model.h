// A language model whose answer or error is set by the test.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "language/chat.h"

namespace trine::test {

// Not thread-safe. Remembers the last request.
class FixedModel final : public language::LanguageModel {
 public:
  std::string name() const override { return "scripted"; }
  Result<language::ChatAnswer> Complete(const language::ChatRequest& request, const Deadline&,
                                        const language::TokenSink& sink) override {
    last = request;
    ++calls;
    if (sink) {
      for (const std::string& part : parts) TRINE_TRY(sink(part));
    }
    if (failure) return *failure;
    language::ChatAnswer out = answer;
    out.model = name();
    out.text.clear();
    for (const std::string& part : parts) out.text += part;
    return out;
  }
  bool ChecksSentences(const language::ChatRequest&) const override { return checks; }

  std::vector<std::string> parts = {"Hello", " there"};  // of the answer's text, as they are streamed
  language::ChatAnswer answer;                           // all but the text and the model
  std::optional<Error> failure;                          // returned after the parts
  bool checks = false;
  language::ChatRequest last;
  int calls = 0;
};

}  // namespace trine::test
