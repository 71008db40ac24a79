// The messages of Converse: content blocks, tools and the events of an answer. The bodies of Nova models have
// the same form.
#pragma once

#include <string>
#include <string_view>

#include "api/bedrock/invocation.h"
#include "base/result.h"
#include "format/json.h"
#include "language/chat.h"

namespace trine::api::bedrock {

// Appends {"system":[{"text"}]} as one system message. nullptr: no member.
Status ReadSystemBlocks(const format::Json* system, language::ChatRequest* chat);

// Appends the messages. They must alternate between user and assistant, begin with the user, and return
// results only for tool calls of the message before. Documents with a text format become <documents> in front
// of the text; images, videos and sound are kUnsupported.
Status ReadMessageBlocks(const format::Json* messages, language::ChatRequest* chat);

// Reads {"tools":[{"toolSpec"}], "toolChoice"}.
Status ReadToolConfig(const format::Json& config, language::ChatRequest* chat);

// end_turn, tool_use, max_tokens, stop_sequence or content_filtered.
std::string_view StopReasonOf(const language::ChatAnswer& answer);
// {"message":{"role":"assistant","content":[...]}}
format::Json OutputOf(const language::ChatAnswer& answer);
format::Json UsageOf(const language::ChatAnswer& answer);

// The events of a streamed message, from messageStart to messageStop. Not thread-safe.
class MessageEvents {
 public:
  void Begin(StreamEvents* out);
  void Part(std::string_view text, StreamEvents* out);
  // Ends the message. `fields` is additionalModelResponseFields, null for none.
  void End(const language::ChatAnswer& answer, format::Json fields, StreamEvents* out);

 private:
  void Delta(format::Json delta, StreamEvents* out);
  void StopBlock(StreamEvents* out);
  size_t index_ = 0;   // the index of the block that is open, else of the next one
  bool open_ = false;  // whether a block has begun and not stopped
};

}  // namespace trine::api::bedrock
