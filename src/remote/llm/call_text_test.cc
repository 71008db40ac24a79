#include "remote/llm/call_text.h"

#include <gtest/gtest.h>

namespace trine::remote::llm {
namespace {

using language::ChatMessage;
using language::ChatRequest;
using Role = ChatMessage::Role;

ChatRequest Plain() {
  ChatRequest r;
  r.messages = {{Role::kUser, "q"}};
  return r;
}

TEST(CallText, JoinsMessagesOfOneRole) {
  ChatRequest r;
  r.messages = {{Role::kUser, "a"},      {Role::kUser, "b"},     {Role::kSystem, "one"},
                {Role::kAssistant, "c"}, {Role::kSystem, "two"}, {Role::kAssistant, "d"},
                {Role::kUser, "e"}};
  const WireCall call = MakeCall(r, FeatureSet::All());
  EXPECT_EQ(call.system, "one\n\ntwo");
  ASSERT_EQ(call.turns.size(), 3u);
  EXPECT_EQ(call.turns[0].text, "a\n\nb");
  EXPECT_EQ(call.turns[1].text, "c\n\nd");
  EXPECT_EQ(call.turns[2].text, "e");
}

TEST(CallText, ToolResultsStayBeforeTheTextOfTheirMessage) {
  ChatRequest r;
  r.messages = {{Role::kUser, "a"},
                {Role::kAssistant, "", {{"1", "f", "{}"}}},
                {Role::kUser, "", {}, {{"1", "x"}}},
                {Role::kUser, "then"},
                {Role::kUser, "", {}, {{"2", "y"}}}};
  const WireCall call = MakeCall(r, FeatureSet::All());
  ASSERT_EQ(call.turns.size(), 4u);
  EXPECT_EQ(call.turns[2].tool_results.size(), 1u);
  EXPECT_EQ(call.turns[2].text, "then");
  EXPECT_EQ(call.turns[3].tool_results.size(), 1u);
}

TEST(CallText, RejectsBadRequests) {
  const auto code = [](const ChatRequest& r) {
    const Status s = CheckChatRequest(r, 100);
    return s.ok() ? "ok" : std::string(Name(s.error().code));
  };
  EXPECT_EQ(code(Plain()), "ok");
  EXPECT_EQ(code(ChatRequest()), "invalid");
  const std::pair<const char*, std::function<void(ChatRequest&)>> changes[] = {
      {"system only", [](ChatRequest& r) { r.messages[0].role = Role::kSystem; }},
      {"empty", [](ChatRequest& r) { r.messages[0].text = ""; }},
      {"long", [](ChatRequest& r) { r.messages[0].text = std::string(101, 'x'); }},
      {"long tool",
       [](ChatRequest& r) {
         r.tools = {{"t", std::string(101, 'x'), "{}"}};
       }},
      {"broken UTF-8", [](ChatRequest& r) { r.messages[0].text = "\xff"; }},
      {"broken stop", [](ChatRequest& r) { r.stop = {"\xff"}; }},
      {"no tokens", [](ChatRequest& r) { r.max_tokens = 0; }},
      {"too many tokens", [](ChatRequest& r) { r.max_tokens = 1'000'001; }},
      {"hot", [](ChatRequest& r) { r.temperature = 2.1; }},
      {"NaN", [](ChatRequest& r) { r.top_p = std::numeric_limits<double>::quiet_NaN(); }},
      {"stops", [](ChatRequest& r) { r.stop = std::vector<std::string>(17, "x"); }},
      {"tools",
       [](ChatRequest& r) {
         r.tools = std::vector<language::Tool>(129, {"t", "", "{}"});
       }},
      {"tool schema",
       [](ChatRequest& r) {
         r.tools = {{"t", "", "[]"}};
       }},
      {"tool name",
       [](ChatRequest& r) {
         r.tools = {{"", "", "{}"}};
       }},
      {"call input",
       [](ChatRequest& r) {
         r.messages[0].tool_calls = {{"1", "t", "{"}};
       }},
      {"schema", [](ChatRequest& r) { r.want_json = true, r.json_schema = "{"; }},
      {"any of none", [](ChatRequest& r) { r.tool_choice.kind = language::ToolChoice::Kind::kAny; }},
      {"unknown tool",
       [](ChatRequest& r) {
         r.tools = {{"t", "", "{}"}};
         r.tool_choice = {language::ToolChoice::Kind::kNamed, "u"};
       }},
  };
  for (const auto& [name, change] : changes) {
    ChatRequest r = Plain();
    change(r);
    EXPECT_EQ(code(r), "invalid") << name;
  }
}

TEST(CallText, FindsTheJsonObjectInAnAnswer) {
  EXPECT_EQ(*JsonObjectIn(R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(*JsonObjectIn("```json\n{\"a\":{}}\n```\n"), R"({"a":{}})");
  EXPECT_EQ(*JsonObjectIn("Sure! {\"a\":1} Anything else?"), R"({"a":1})");
  for (const char* none : {"", "[1]", "no", "{\"a\":", "}{", "{a}"})
    EXPECT_EQ(JsonObjectIn(none).error().code, ErrorCode::kUnavailable) << none;
}

}  // namespace
}  // namespace trine::remote::llm
