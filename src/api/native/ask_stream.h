// Streamed answers to questions, as server-sent events (WHATWG HTML, section 9.2): intent, items, sentence
// ..., and done with the whole answer, or error.
#pragma once

#include <functional>
#include <string_view>

#include "api/native/answer_json.h"
#include "api/native/ask_request.h"
#include "base/deadline.h"
#include "format/json.h"
#include "formation/ask.h"
#include "net/http.h"

namespace trine::api::native {

// Prints the parts of one answer, each as an event. Not thread-safe; the writer outlives it. Each function
// blocks while the client reads slowly, and returns the writer's error once the client is gone.
class AskStream final : public formation::AskObserver {
 public:
  AskStream(net::BodyWriter& writer, const AnswerView& view) : writer_(writer), view_(view) {}

  Status OnIntent(const language::QueryIntent& intent) override;
  Status OnItems(const std::vector<formation::AskItem>& items) override;
  Status OnSentence(std::string_view text, const std::vector<language::Citation>& citations) override;
  // Writes nothing; only notices that the client is gone.
  Status OnProgress() override { return Checked(writer_.Write("")); }

  // The last event: the whole answer, as without streaming, or what went wrong.
  Status Finish(const Result<formation::AskAnswer>& answer);

 private:
  Status Send(std::string_view event, const format::Json& data);
  Status Checked(Status written);

  net::BodyWriter& writer_;
  const AnswerView view_;
  bool gone_ = false;  // the client
};

// Returns a function that answers the question and writes the events. It may be called once, while `ask` and
// the clock of the deadline exist.
std::function<Status(net::BodyWriter&)> StreamAnswer(formation::AskService& ask, AskRequest request,
                                                     const Deadline& deadline);

// A response whose body `stream` writes.
net::Response EventStreamResponse(std::function<Status(net::BodyWriter&)> stream);

}  // namespace trine::api::native
