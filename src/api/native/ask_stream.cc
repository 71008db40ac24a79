#include "api/native/ask_stream.h"

#include <string>
#include <utility>

#include "api/native/error_response.h"
#include "base/check.h"

namespace trine::api::native {

using format::Json;

Status AskStream::Checked(Status written) {
  gone_ = gone_ || !written.ok();
  return written;
}

Status AskStream::Send(std::string_view event, const Json& data) {
  const std::string text = format::ToString(data);
  // A line break would end the data.
  TRINE_DCHECK_EQ(text.find('\n'), std::string::npos);
  std::string message = "event: ";
  message.append(event).append("\ndata: ").append(text).append("\n\n");
  return Checked(writer_.Write(message));
}

Status AskStream::OnIntent(const language::QueryIntent& intent) { return Send("intent", IntentJson(intent)); }

Status AskStream::OnItems(const std::vector<formation::AskItem>& items) {
  Json data;
  data.Set("items", ItemsJson(items, view_));
  return Send("items", data);
}

Status AskStream::OnSentence(std::string_view text, const std::vector<language::Citation>& citations) {
  Json data;
  data.Set("text", text);
  data.Set("citations", CitationsJson(citations));
  return Send("sentence", data);
}

Status AskStream::Finish(const Result<formation::AskAnswer>& answer) {
  if (answer.ok()) return Send("done", AnswerJson(*answer, view_));
  // Without a client there is nobody to tell.
  if (gone_) return answer.error();
  return Send("error", ErrorJson(answer.error()));
}

std::function<Status(net::BodyWriter&)> StreamAnswer(formation::AskService& ask, AskRequest request,
                                                     const Deadline& deadline) {
  return [&ask, request = std::move(request), deadline](net::BodyWriter& writer) {
    AskStream stream(writer, request.view);
    formation::AskCall call = request.call;
    call.observer = &stream;
    return stream.Finish(ask.Ask(call, deadline));
  };
}

net::Response EventStreamResponse(std::function<Status(net::BodyWriter&)> stream) {
  TRINE_CHECK(stream != nullptr);
  net::Response response;
  response.headers.Set("Content-Type", "text/event-stream");
  // Otherwise proxies may keep events back.
  response.headers.Set("Cache-Control", "no-cache");
  response.stream = std::move(stream);
  return response;
}

}  // namespace trine::api::native
