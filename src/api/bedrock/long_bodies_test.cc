// Bodies that are read in a time in proportion to their length. Each of these took minutes when a mark was
// searched, or a text was moved, once per mark; the sizes are small enough for a linear reader in any build.
#include <gtest/gtest.h>

#include "api/bedrock/converse.h"
#include "api/bedrock/invocation.h"

namespace trine::api::bedrock {
namespace {

std::string Repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(LongBodies, PromptsOfManyMarks) {
  format::Json body;
  body.Set("prompt", Repeated("<s>", 1'000'000) + "[INST] a<s> b [/INST]");
  const auto llama = ReadLlama(body);
  ASSERT_TRUE(llama.ok()) << llama.error().ToString();
  ASSERT_EQ((*llama)->chat().messages.size(), 1u);
  EXPECT_EQ((*llama)->chat().messages[0].text, "a b");
}

TEST(LongBodies, PromptsOfOneSide) {
  constexpr size_t kTurns = 200'000;
  for (const std::string_view side : {"\n\nHuman: a", "\n\nAssistant: a"}) {
    format::Json body;
    body.Set("prompt", Repeated(side, kTurns) + "\n\nHuman: b");
    body.Set("max_tokens_to_sample", 9);
    const auto read = ReadClaudeText(body);
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    EXPECT_EQ((*read)->chat().messages.size(), kTurns + 1);
    EXPECT_EQ((*read)->chat().messages.back().text, "b");
  }
}

TEST(LongBodies, ManyResultsOfTools) {
  constexpr size_t kCalls = 19'000;
  format::Json::Array calls, results;
  for (size_t i = 0; i < kCalls; ++i) {
    const std::string id = std::to_string(i), last = std::to_string(kCalls - 1 - i);
    calls.push_back(*format::ParseJson(R"({"toolUse":{"toolUseId":")" + id + R"(","name":"f","input":{}}})"));
    results.push_back(
        *format::ParseJson(R"({"toolResult":{"toolUseId":")" + last + R"(","content":[{"text":"r"}]}})"));
  }
  format::Json body = *format::ParseJson(R"({"messages":[{"role":"user","content":[{"text":"q"}]}],
    "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}})");
  format::Json said, returned;
  said.Set("role", "assistant");
  said.Set("content", calls);
  returned.Set("role", "user");
  returned.Set("content", results);
  body.Find("messages")->Push(said);
  body.Find("messages")->Push(returned);
  const auto read = ReadConverse(body);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ((*read)->chat().messages.back().tool_results.size(), kCalls);
}

}  // namespace
}  // namespace trine::api::bedrock
