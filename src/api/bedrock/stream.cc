#include "api/bedrock/stream.h"

#include <algorithm>

#include "api/bedrock/errors.h"
#include "base/check.h"
#include "base/utf8.h"
#include "format/event_stream.h"
#include "format/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

// Text of one event. A longer part is split, so that no event exceeds the service's bound of 1,000,000 bytes
// for a chunk.
constexpr size_t kMaxPartBytes = 64u << 10;

// Writes events, and remembers whether the client is gone. Not thread-safe.
class EventWriter {
 public:
  EventWriter(StreamKind kind, net::BodyWriter& out) : kind_(kind), out_(out) {}

  // kLimit if an event exceeds the bound of the encoding; the events before it are sent.
  Status Send(const StreamEvents& events) {
    std::string bytes;
    for (const auto& [name, payload] : events) {
      std::string json = format::ToString(payload);
      if (kind_ == StreamKind::kChunks) {
        Json chunk;
        chunk.Set("bytes", format::Base64(json));
        json = format::ToString(chunk);
      }
      if (json.size() > format::kMaxEventPayloadBytes) {
        TRINE_TRY(Write(bytes));
        return Error(ErrorCode::kLimit, "the event \"" + name + "\" of the stream is too large")
            .Expected("at most " + std::to_string(format::kMaxEventPayloadBytes) + " bytes")
            .Got(std::to_string(json.size()));
      }
      format::AppendEventMessage(
          {{{":event-type", name}, {":content-type", "application/json"}, {":message-type", "event"}},
           std::move(json)},
          &bytes);
    }
    return Write(bytes);
  }

  Status SendException(const Error& error) {
    const StreamException exception = StreamExceptionOf(error, kind_ == StreamKind::kChunks);
    std::string bytes;
    format::AppendEventMessage({{{":exception-type", exception.type},
                                 {":content-type", "application/json"},
                                 {":message-type", "exception"}},
                                format::ToString(exception.payload)},
                               &bytes);
    return Write(bytes);
  }
  bool gone() const { return gone_; }

 private:
  Status Write(const std::string& bytes) {
    TRINE_DCHECK(!gone_);
    if (bytes.empty()) return Ok();
    Status written = out_.Write(bytes);
    gone_ = !written.ok();
    return written;
  }

  const StreamKind kind_;
  net::BodyWriter& out_;
  bool gone_ = false;
};

// Passes the parts of a text on as events. A character that is split between two parts is held back until it
// is complete.
class PartSender {
 public:
  PartSender(Invocation& invocation, EventWriter& writer) : invocation_(invocation), writer_(writer) {}

  Status Add(std::string_view part) {
    held_ += part;
    const size_t whole = held_.size() - IncompleteUtf8Suffix(held_);
    TRINE_TRY(Send(std::string_view(held_).substr(0, whole)));
    held_.erase(0, whole);
    return Ok();
  }
  // Sends the rest, which is not a whole character.
  Status Finish() {
    const std::string rest = std::move(held_);
    held_.clear();
    return Send(rest);
  }

 private:
  Status Send(std::string_view text) {
    std::string clean;
    AppendSanitizedUtf8(text, &clean);
    for (std::string_view rest = clean; !rest.empty();) {
      const std::string_view part = CutUtf8(rest, kMaxPartBytes);
      TRINE_CHECK(!part.empty());
      StreamEvents events;
      invocation_.Part(part, &events);
      TRINE_TRY(writer_.Send(events));
      rest.remove_prefix(part.size());
    }
    return Ok();
  }

  Invocation& invocation_;
  EventWriter& writer_;
  std::string held_;
};

}  // namespace

Status StreamAnswer(const StreamContext& context, Invocation& invocation,
                    const std::optional<language::ChatAnswer>& ready, net::BodyWriter& body) {
  const int64_t start = context.clock.MonotonicNanos();
  const auto millis = [&] { return (context.clock.MonotonicNanos() - start) / 1'000'000; };
  EventWriter writer(context.kind, body);
  PartSender parts(invocation, writer);
  AnswerFacts facts;
  facts.id = context.answer_id;
  facts.model = context.model.name();
  StreamEvents events;
  invocation.Begin(facts, &events);
  TRINE_TRY(writer.Send(events));

  bool first = true;
  const auto sink = [&](std::string_view part) {
    if (first) facts.first_ms = millis();
    first = false;
    return parts.Add(part);
  };
  const auto answer = [&]() -> Result<language::ChatAnswer> {
    if (!ready) return context.model.Complete(invocation.chat(), context.deadline, sink);
    TRINE_TRY(sink(ready->text));
    return *ready;
  }();
  if (writer.gone()) return Error(ErrorCode::kUnavailable, "the client is gone");
  if (!answer.ok()) {
    context.log.Warning("the model failed during the stream of request " + context.request_id + ": " +
                        answer.error().ToString());
    return writer.SendException(answer.error());
  }
  TRINE_TRY(parts.Finish());
  facts.latency_ms = millis();
  facts.first_ms = std::min(facts.first_ms, facts.latency_ms);
  events.clear();
  invocation.End(*answer, facts, &events);
  Status ended = writer.Send(events);
  return ended.ok() || writer.gone() ? ended : writer.SendException(ended.error());
}

}  // namespace trine::api::bedrock
