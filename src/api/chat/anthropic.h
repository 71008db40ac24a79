// Bodies of Anthropic's Messages API: requests, answers and the events of streamed answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "language/chat.h"

namespace trine::api::chat {

struct AnthropicCall {
  language::ChatRequest chat;
  bool stream = false;
};

// Reads a body. kInvalid for unknown members, for members of another type or out of range and for blank
// texts; kUnsupported for images, documents, extended thinking and tools that Anthropic's servers run. A
// body for `counting` tokens needs no max_tokens.
Result<AnthropicCall> ParseAnthropic(const format::Json& body, bool counting = false);

// An estimate of the tokens of everything that the model would read.
uint32_t CountRequestTokens(const language::ChatRequest& chat);

struct AnthropicHead {
  std::string id;  // "msg_..."
  std::string model;
};
format::Json PrintAnthropic(const AnthropicHead& head, const language::ChatAnswer& answer);

// Makes the events of one streamed answer, in the order message_start, ping, blocks, message_delta,
// message_stop. Call Start once, then Text for each part, then Finish once. Returns text of server-sent
// events. Not thread-safe.
class AnthropicEvents {
 public:
  std::string Start(const AnthropicHead& head, uint32_t input_tokens);
  std::string Text(std::string_view part);
  std::string Finish(const language::ChatAnswer& answer);

 private:
  bool started_ = false;
  bool text_open_ = false;
  int64_t index_ = 0;  // the index of the open block, else of the next one
};

// One server-sent event of Anthropic's API: its name is also its member "type".
std::string AnthropicEvent(const format::Json& event);

}  // namespace trine::api::chat
