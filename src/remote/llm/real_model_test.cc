// A provider against a real server with a model, whose base address is in TRINE_MODEL_URL
// ("http://127.0.0.1:8080/v1"). test/clients/test_local_model.py starts one; without it the tests are
// skipped.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "base/metrics.h"
#include "base/utf8.h"
#include "format/json.h"
#include "remote/llm/provider.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using language::ChatMessage;
using language::ChatRequest;
using Finish = ChatAnswer::Finish;
using Role = ChatMessage::Role;

class RealModel : public testing::Test {
 protected:
  void SetUp() override {
    const char* url = std::getenv("TRINE_MODEL_URL");
    if (url == nullptr) GTEST_SKIP() << "TRINE_MODEL_URL is not set";
    options_.url = url;
    options_.model = "local";
    options_.deadline_ms = 60'000;
  }
  Result<ChatAnswer> Ask(const ChatRequest& request) {
    if (!model_) {
      auto made = NewProvider(options_, *client_, SystemClock(), NullLog(), NullMetrics());
      if (!made.ok()) return std::move(made).error();
      model_ = *std::move(made);
    }
    parts_.clear();
    return model_->Complete(request, Deadline::After(SystemClock(), 60'000),
                            [this](std::string_view part) { return parts_.emplace_back(part), Ok(); });
  }
  static ChatRequest Question(const std::string& text) {
    ChatRequest request;
    request.messages = {{Role::kSystem, "You are a helpful assistant."}, {Role::kUser, text}};
    request.max_tokens = 40;
    request.temperature = 0;
    return request;
  }

  ProviderOptions options_;
  std::unique_ptr<net::HttpClient> client_ = net::NewHttpClient();
  std::unique_ptr<language::LanguageModel> model_;
  std::vector<std::string> parts_;
};

TEST_F(RealModel, StreamsKorean) {
  const auto answer = Ask(Question("캠핑에 대해 한 문장을 한국어로 써 주세요."));
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_GT(parts_.size(), 3u);
  std::string joined;
  for (const std::string& part : parts_) {
    EXPECT_TRUE(IsValidUtf8(part)) << part;
    joined += part;
  }
  EXPECT_EQ(joined, answer->text);
  EXPECT_GT(answer->input_tokens, 10u);
  EXPECT_GE(answer->output_tokens, parts_.size() / 2);
}

TEST_F(RealModel, AnswersByAJsonSchema) {
  ChatRequest request = Question("Which colour and price is wanted? \"a blue chair below 30 dollars\"");
  request.want_json = true;
  request.json_schema =
      R"({"type":"object","properties":{"colour":{"type":"string"},"price":{"type":"integer"}},)"
      R"("required":["colour","price"],"additionalProperties":false})";
  request.max_tokens = 40;
  options_.attempts = 1;
  for (const Support support : {Support::kYes, Support::kNo}) {
    options_.json_schema = support;
    model_.reset();
    const auto answer = Ask(request);
    // Without a schema, a small model may write something else, which is an error and not an answer.
    if (support == Support::kNo && !answer.ok()) {
      EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
      continue;
    }
    ASSERT_TRUE(answer.ok()) << answer.error().ToString();
    if (support == Support::kYes) {
      EXPECT_TRUE(answer->text.starts_with('{')) << answer->text;
    }
    // A small model under a grammar may write blanks until the limit.
    if (answer->finish == Finish::kMaxTokens) continue;
    const auto json = format::ParseJson(answer->text);
    ASSERT_TRUE(json.ok()) << answer->text;
    if (support == Support::kYes) {
      EXPECT_NE(json->Find("colour"), nullptr) << answer->text;
      EXPECT_NE(json->Find("price"), nullptr) << answer->text;
    }
  }
}

TEST_F(RealModel, ObeysTheLimitAndTheStopString) {
  ChatRequest request = Question("Count from 1 to 50, separated by commas.");
  request.max_tokens = 6;
  auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->finish, Finish::kMaxTokens);
  EXPECT_EQ(answer->output_tokens, 6u);
  request.max_tokens = 30;
  request.stop = {"4"};
  answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->text.find('4'), std::string::npos) << answer->text;
}

TEST_F(RealModel, AcceptsToolsAndResults) {
  ChatRequest request = Question("What is the weather in Seoul?");
  request.tools = {{"weather", "Returns the weather of a city.",
                    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"}};
  request.messages.push_back({Role::kAssistant, "", {{"c1", "weather", "{\"city\":\"Seoul\"}"}}});
  request.messages.push_back({Role::kUser, "", {}, {{"c1", "sunny, 20 degrees"}}});
  const auto answer = Ask(request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_TRUE(!answer->text.empty() || !answer->tool_calls.empty());
}

}  // namespace
}  // namespace trine::remote::llm
