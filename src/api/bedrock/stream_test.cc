// Events that are too large for the encoding of a stream.
#include "api/bedrock/stream.h"

#include <gtest/gtest.h>

#include "test/support/bedrock_api.h"

namespace trine::api::bedrock {
namespace {

class BedrockStreamTest : public test::BedrockApiFixture {};

// The last chunk of Command R repeats the history of the request.
TEST_F(BedrockStreamTest, AnEventThatIsTooLargeBecomesAnException) {
  format::Json turn, body;
  turn.Set("role", "USER");
  turn.Set("message", std::string(format::kMaxEventPayloadBytes, 'x'));
  body.Set("message", "q");
  body.Set("chat_history", format::Json(format::Json::Array{turn}));
  const auto events =
      Stream("cohere.command-r-v1%3A0", "invoke-with-response-stream", format::ToString(body));
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.front().kind, "event");
  EXPECT_EQ(events[1].json.Find("text")->string(), "Hello") << "the text before it is sent";
  EXPECT_EQ(events.back().kind, "exception");
  EXPECT_EQ(events.back().name, "validationException");
}

TEST_F(BedrockStreamTest, ToolInputsThatAreTooLargeBecomeAnException) {
  const std::string input = "{\"a\":\"" + std::string(format::kMaxEventPayloadBytes, 'x') + "\"}";
  model_.answer.tool_calls = {{"call", "f", input}};
  model_.answer.finish = language::ChatAnswer::Finish::kToolCalls;
  const auto events = Stream("amazon.nova-lite-v1%3A0", "converse-stream",
                             R"({"messages":[{"role":"user","content":[{"text":"q"}]}]})");
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().kind, "exception");
}

TEST_F(BedrockStreamTest, LongMessagesOfErrorsAreCut) {
  model_.failure = Error(ErrorCode::kInvalid, std::string(format::kMaxEventPayloadBytes, 'x'));
  const auto events = Stream("amazon.nova-lite-v1%3A0", "converse-stream",
                             R"({"messages":[{"role":"user","content":[{"text":"q"}]}]})");
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().name, "validationException");
  EXPECT_EQ(events.back().json.Find("message")->string().size(), 4096u);
}

TEST_F(BedrockStreamTest, AClientThatIsGoneEndsTheStream) {
  for (int writes = 0; writes < 3; ++writes) {
    const net::Response response = Post("amazon.nova-lite-v1%3A0", "converse-stream",
                                        R"({"messages":[{"role":"user","content":[{"text":"q"}]}]})");
    ASSERT_TRUE(response.stream);
    test::BodyText out;
    out.closed_after = writes;
    EXPECT_FALSE(response.stream(out).ok()) << writes;
  }
}

}  // namespace
}  // namespace trine::api::bedrock
