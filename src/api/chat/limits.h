// Bounds of chat requests that both APIs share.
#pragma once

#include <cstddef>

namespace trine::api::chat {

inline constexpr size_t kMaxMessages = 2048;       // many times a long conversation
inline constexpr size_t kMaxParts = 256;           // blocks of one message
inline constexpr size_t kMaxTools = 128;           // OpenAI's limit
inline constexpr size_t kMaxToolCalls = 128;       // calls of one message
inline constexpr size_t kMaxToolNameBytes = 64;    // OpenAI's limit
inline constexpr size_t kMaxOpenAiStops = 4;       // OpenAI's limit
inline constexpr size_t kMaxAnthropicStops = 128;  // strings that are looked for in every part of an answer
inline constexpr size_t kMaxAnswerTokens = 1u << 20;  // more than any model writes
inline constexpr size_t kMaxInputs = 2048;            // OpenAI's limit of texts per embedding request
inline constexpr size_t kMaxModelBytes = 256;         // bytes of a model's name

}  // namespace trine::api::chat
