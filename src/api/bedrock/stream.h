// Streams of answers in the event stream encoding.
#pragma once

#include <optional>
#include <string>

#include "api/bedrock/invocation.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/log.h"
#include "language/chat.h"
#include "net/http.h"

namespace trine::api::bedrock {

enum class StreamKind {
  kChunks,  // InvokeModelWithResponseStream: each event is a chunk {"bytes": base64 of its JSON}
  kEvents,  // ConverseStream: each event has a name of its own
};

// The objects that a stream needs besides the request. The referenced objects outlive the stream.
struct StreamContext {
  language::LanguageModel& model;
  const Clock& clock;
  Log& log;
  StreamKind kind = StreamKind::kChunks;
  std::string request_id;  // as in the header of the response
  std::string answer_id;   // AnswerFacts::id
  Deadline deadline;
};

// Asks the model and writes the events of its answer as they are made; `ready`, if given, is the answer, and
// the model is not asked. A failure of the model becomes an exception event, which ends the stream properly;
// so does an event that exceeds the bound of the encoding (format/event_stream.h). An error is returned only
// if the client is gone.
Status StreamAnswer(const StreamContext& context, Invocation& invocation,
                    const std::optional<language::ChatAnswer>& ready, net::BodyWriter& writer);

}  // namespace trine::api::bedrock
