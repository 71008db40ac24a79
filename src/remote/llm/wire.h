// Wire: the protocol of one kind of provider. It prints requests and reads answers; everything else (limits,
// retries, budgets) is in WireModel.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "language/chat.h"
#include "net/client.h"
#include "remote/llm/answer_builder.h"
#include "remote/llm/feature.h"

namespace trine::remote::llm {

// A request as every wire prints it.
struct WireCall {
  std::string system;  // may be empty
  // Without kSystem. No message is empty, and the roles alternate unless results of tools follow a text.
  std::vector<language::ChatMessage> turns;
  // The other parameters. Schemas and inputs of tools in it, and in `turns`, are JSON objects.
  const language::ChatRequest* request = nullptr;
  FeatureSet features;  // the ones to be used, such as kTools and kStreaming
};

// Reads a streamed answer into a builder. Not thread-safe.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Takes the next bytes of the body. Errors of the builder are returned. Other errors are the provider's:
  // kUnavailable, kBusy if it is overloaded, or kInvalid if it rejects the request after all. Their texts are
  // untrusted.
  virtual Status Add(std::string_view bytes) = 0;
  // Ends the stream. kUnavailable if the answer is incomplete.
  virtual Status Finish() = 0;
};

// One implementation per protocol. Immutable and thread-safe.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual FeatureSet features() const = 0;           // the features that the protocol knows
  virtual std::string_view stream_type() const = 0;  // the content type of a streamed answer
  virtual net::ClientRequest Print(const WireCall& call, Millis now) const = 0;
  // Reads an answer that is one JSON document. Errors as for StreamReader.
  virtual Status ReadAnswer(std::string_view body, AnswerBuilder& answer) const = 0;
  // `answer` must outlive the reader.
  virtual std::unique_ptr<StreamReader> NewStream(AnswerBuilder& answer) const = 0;
};

}  // namespace trine::remote::llm
