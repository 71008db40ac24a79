// Invocation: one request to a chat model, read from the body of a model family or of Converse, and able to
// print the answer in the same format, whole or as a stream.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "language/chat.h"

namespace trine::api::bedrock {

// Facts about an answer that are not in ChatAnswer.
struct AnswerFacts {
  std::string id;          // of the request: letters and digits only
  std::string model;       // the name of the model that was asked
  int64_t latency_ms = 0;  // from the beginning of the call to the end of the answer
  int64_t first_ms = 0;    // to the first part of a streamed answer
};

// One event of a stream: its name, and its payload. Streams of InvokeModel have the name "chunk" for all.
using StreamEvent = std::pair<std::string, format::Json>;
using StreamEvents = std::vector<StreamEvent>;
inline constexpr const char* kChunk = "chunk";

// Owned by the handler of one request. Not thread-safe. The functions of a stream are called in this order:
// Begin, then Part for each part of the text (valid UTF-8, never empty), then End. They append the events to
// send.
class Invocation {
 public:
  virtual ~Invocation() = default;
  language::ChatRequest& chat() { return chat_; }
  const language::ChatRequest& chat() const { return chat_; }

  // The body of the response.
  virtual format::Json Whole(const language::ChatAnswer& answer, const AnswerFacts& facts) const = 0;
  virtual void Begin(const AnswerFacts& facts, StreamEvents* out) = 0;
  virtual void Part(std::string_view text, StreamEvents* out) = 0;
  virtual void End(const language::ChatAnswer& answer, const AnswerFacts& facts, StreamEvents* out) = 0;

 protected:
  language::ChatRequest chat_;
};

// Read the body of one family. ValidationException in the wording of the service if the body violates its
// format; kUnsupported if it has images or other parts that text models cannot take. Sampling parameters that
// ChatRequest does not have (top_k, ...) are checked and then ignored.
using ReadInvocation = Result<std::unique_ptr<Invocation>>(const format::Json& body);
ReadInvocation ReadClaudeMessages, ReadClaudeText, ReadTitanText, ReadNova, ReadLlama, ReadMistral,
    ReadCohereCommand, ReadCohereChat;

// The token counts and times that the service adds to the last chunk of a stream.
void SetInvocationMetrics(const language::ChatAnswer& answer, const AnswerFacts& facts, format::Json* chunk);

// Bounds of the bodies: those of the service.
inline constexpr int64_t kMaxAnswerTokens = 200'000;
inline constexpr size_t kMaxMessages = 20'000;
inline constexpr size_t kMaxStops = 8191;
inline constexpr size_t kMaxTools = 1000;
// Answer lengths if the body does not tell one.
inline constexpr size_t kDefaultTokens = 512;

}  // namespace trine::api::bedrock
