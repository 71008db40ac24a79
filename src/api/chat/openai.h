// Bodies of OpenAI's chat completions: requests, answers and the chunks of streamed answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/json.h"
#include "language/chat.h"

namespace trine::api::chat {

struct OpenAiCall {
  language::ChatRequest chat;
  bool stream = false;
  bool include_usage = false;  // a last chunk with the tokens
};

// Reads a body. Members that do not change the answer here (seed, user, ...) are accepted and ignored.
// kInvalid for unknown members and for members of another type or out of range; kUnsupported for images,
// audio, log probabilities, the former "functions" and more than one choice.
Result<OpenAiCall> ParseOpenAi(const format::Json& body);

// The members that every chunk and answer repeats.
struct OpenAiHead {
  std::string id;  // "chatcmpl-..."
  int64_t created = 0;
  std::string model;
};
format::Json PrintOpenAi(const OpenAiHead& head, const language::ChatAnswer& answer);

// Chunks of a stream. All chunks but the last have "usage": null if `with_usage`.
format::Json OpenAiTextChunk(const OpenAiHead& head, std::string_view text, bool first, bool with_usage);
format::Json OpenAiToolChunk(const OpenAiHead& head, const language::ChatAnswer& answer, bool with_usage);
format::Json OpenAiLastChunk(const OpenAiHead& head, const language::ChatAnswer& answer, bool with_usage);
format::Json OpenAiUsageChunk(const OpenAiHead& head, const language::ChatAnswer& answer);

}  // namespace trine::api::chat
