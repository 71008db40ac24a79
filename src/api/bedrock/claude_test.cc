// Tool results and prompts of Claude's bodies.
#include <gtest/gtest.h>

#include "api/bedrock/invocation.h"

namespace trine::api::bedrock {
namespace {

TEST(ClaudeToolResults, TellWhetherTheToolFailed) {
  const auto body = format::ParseJson(R"({"anthropic_version":"v","max_tokens":9,"messages":[
    {"role":"user","content":"q"},
    {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f"}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"no stock"},
                              {"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"3"}]}]}]})");
  const auto read = ReadClaudeMessages(*body);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  const auto& results = (*read)->chat().messages.back().tool_results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(results[0].failed);
  EXPECT_EQ(results[0].text, "no stock");
  EXPECT_FALSE(results[1].failed);
  EXPECT_EQ(results[1].text, "3");
}

TEST(ClaudePrompts, AreSplitIntoTurns) {
  const auto body = format::ParseJson(
      R"({"prompt":"be brief\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:","max_tokens_to_sample":9})");
  const auto read = ReadClaudeText(*body);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  const auto& messages = (*read)->chat().messages;
  ASSERT_EQ(messages.size(), 4u);
  using Role = language::ChatMessage::Role;
  EXPECT_EQ(messages[0].role, Role::kSystem);
  EXPECT_EQ(messages[0].text, "be brief");
  EXPECT_EQ(messages[1].role, Role::kUser);
  EXPECT_EQ(messages[2].role, Role::kAssistant);
  EXPECT_EQ(messages[3].text, "c");
}

}  // namespace
}  // namespace trine::api::bedrock
