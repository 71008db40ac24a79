// Fuzzes the readers of chat, message and embedding bodies and of the arguments of tools.
#include <cstdint>
#include <string_view>

#include "api/chat/anthropic.h"
#include "api/chat/embeddings.h"
#include "api/chat/openai.h"
#include "api/mcp/tools.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trine;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = format::ParseJson(text);
  if (!json.ok()) return 0;
  static_cast<void>(api::chat::ParseOpenAi(*json).ok());
  if (const auto call = api::chat::ParseAnthropic(*json); call.ok())
    static_cast<void>(api::chat::CountRequestTokens(call->chat));
  static_cast<void>(api::chat::ParseEmbeddings(*json).ok());
  for (const char* tool : {"search", "recommend", "ask", "explain"}) {
    static_cast<void>(api::mcp::RequestOf(tool, *json).ok());
    if (json->is_object()) static_cast<void>(api::mcp::StructuredContent(tool, *json));
  }
  return 0;
}
