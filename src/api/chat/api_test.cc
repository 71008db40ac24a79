// The chat APIs with a scripted model: shapes, statuses, streams and their failures.
#include "api/chat/api.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace trine::api::chat {
namespace {

class ScriptedModel final : public language::LanguageModel {
 public:
  ScriptedModel() {
    answer.input_tokens = 3;
    answer.output_tokens = 2;
    answer.model = "scripted";
  }
  std::string name() const override { return "scripted"; }
  Result<language::ChatAnswer> Complete(const language::ChatRequest& request, const Deadline&,
                                        const language::TokenSink& sink) override {
    asked = request;
    for (const std::string& part : parts) {
      answer.text += part;
      if (sink) TRINE_TRY(sink(part));
    }
    if (failure) return *failure;
    return answer;
  }
  bool ChecksSentences(const language::ChatRequest&) const override { return true; }

  language::ChatRequest asked;
  std::vector<std::string> parts = {"Hello ", "you\xec\x95", "\x88"};
  std::optional<Error> failure;
  language::ChatAnswer answer;
};

class OneEmbedder final : public language::Embedder {
 public:
  std::string name() const override { return "one"; }
  std::string version() const override { return "1"; }
  size_t dimension() const override { return 2; }
  void Embed(std::string_view, float* out) const override {
    out[0] = 0.6F;
    out[1] = 0.8F;
  }
};

struct Collected final : net::BodyWriter {
  Status Write(std::string_view piece) override {
    if (text.size() + piece.size() > most) return Error(ErrorCode::kUnavailable, "the client is gone");
    text += piece;
    return Ok();
  }
  std::string text;
  size_t most = SIZE_MAX;
};

class ChatApiTest : public testing::Test {
 protected:
  net::Response Send(const std::string& path, const std::string& body, const std::string& method = "POST") {
    request_.method = method;
    request_.path = request_.target = path;
    request_.body = body;
    request_.id = "ab-12";
    return api_.Handle(request_);
  }
  format::Json Parsed(const net::Response& response) {
    auto json = format::ParseJson(response.body);
    EXPECT_TRUE(json.ok()) << response.body;
    return json.ok() ? *json : format::Json();
  }
  std::string At(const net::Response& response, std::string_view path) {
    const format::Json json = Parsed(response);
    const format::Json* found = json.FindPath(path);
    return found == nullptr ? "missing" : found->is_string() ? found->string() : format::ToString(*found);
  }
  std::string Streamed(const net::Response& response, size_t most = SIZE_MAX) {
    EXPECT_TRUE(response.stream != nullptr) << response.body;
    Collected out;
    out.most = most;
    written_ = response.stream ? response.stream(out) : Ok();
    return out.text;
  }

  ScriptedModel model_;
  ManualClock clock_{Millis{1000}};
  Api api_{Dependencies{model_,
                        []() -> Result<std::shared_ptr<const language::Embedder>> {
                          return std::shared_ptr<const language::Embedder>(
                              std::make_shared<const OneEmbedder>());
                        },
                        clock_, NullLog()}};
  net::Request request_;
  Status written_ = Ok();
};

constexpr const char* kHello = R"({"model":"m","messages":[{"role":"user","content":"hi"}])";

TEST_F(ChatApiTest, AnswersAChat) {
  const auto response = Send("/v1/chat/completions", std::string(kHello) + "}");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(response, "object"), "chat.completion");
  EXPECT_EQ(At(response, "id"), "chatcmpl-ab12");
  EXPECT_EQ(Parsed(response).Find("choices")->array()[0].FindPath("message.content")->string(),
            "Hello you안");
  EXPECT_EQ(At(response, "usage.total_tokens"), "5");
  EXPECT_EQ(response.headers.Get("x-trine-grounding"), "nothing-to-check");
  EXPECT_EQ(response.headers.Get("x-trine-model"), "scripted");
  EXPECT_EQ(response.headers.Get("x-request-id"), "ab-12");
}

TEST_F(ChatApiTest, ReadsEveryKindOfMessageAndOption) {
  const auto response =
      Send("/v1/chat/completions", R"({"model":"m","seed":1,"user":"u","stop":"X","top_p":0.5,
    "temperature":2,"max_completion_tokens":7,"response_format":{"type":"json_schema","json_schema":
    {"name":"a","schema":{"type":"object"}}},"tools":[{"type":"function","function":{"name":"f"}}],
    "tool_choice":{"type":"function","function":{"name":"f"}},"messages":[
    {"role":"developer","content":[{"type":"text","text":"s"}]},{"role":"user","content":"q"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f",
    "arguments":"{}"}},{"id":"2","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"1","content":"r1"},{"role":"tool","tool_call_id":"2","content":"r2"}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  const language::ChatRequest& asked = model_.asked;
  ASSERT_EQ(asked.messages.size(), 4u);
  EXPECT_EQ(asked.messages[0].role, language::ChatMessage::Role::kSystem);
  EXPECT_EQ(asked.messages[2].tool_calls.size(), 2u);
  ASSERT_EQ(asked.messages[3].tool_results.size(), 2u);
  EXPECT_EQ(asked.messages[3].tool_results[1].text, "r2");
  EXPECT_EQ(asked.max_tokens, 7u);
  EXPECT_EQ(asked.stop, std::vector<std::string>{"X"});
  EXPECT_TRUE(asked.want_json);
  EXPECT_EQ(asked.json_schema, R"({"type":"object"})");
  EXPECT_EQ(asked.tool_choice.name, "f");
}

TEST_F(ChatApiTest, RefusesWhatItCannotDo) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"(,"n":2})", "n"},
      {R"(,"temperature":2.1})", "temperature"},
      {R"(,"top_p":"x"})", "top_p"},
      {R"(,"stop":["a","b","c","d","e"]})", "stop"},
      {R"(,"max_tokens":0})", "max_tokens"},
      {R"(,"logprobs":true})", "logprobs"},
      {R"(,"functions":[]})", "functions"},
      {R"(,"no_such_member":1})", "no_such_member"},
      {R"(,"stream_options":{"include_usage":true}})", "stream_options"},
      {R"(,"tool_choice":"required"})", "tool_choice"},
      {R"(,"response_format":{"type":"xml"}})", "response_format.type"}};
  for (const auto& [rest, where] : kCases) {
    const auto response = Send("/v1/chat/completions", std::string(kHello) + rest);
    EXPECT_EQ(response.status, 400) << rest;
    EXPECT_EQ(At(response, "error.param"), where) << response.body;
    EXPECT_EQ(At(response, "error.type"), "invalid_request_error");
  }
  for (const char* body : {"", "[]", "{", "{\"model\":\"m\"}", R"({"model":"m","messages":[]})",
                           R"({"model":"m","messages":[{"role":"robot","content":"x"}]})",
                           R"({"model":"m","messages":[{"role":"user"}]})",
                           R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]})",
                           R"({"model":"m","messages":[{"role":"tool","content":"x"}]})", "\"\xff\""}) {
    EXPECT_EQ(Send("/v1/chat/completions", body).status, 400) << body;
  }
  EXPECT_EQ(Send("/v1/chat/completions", "", "GET").status, 400);
  EXPECT_EQ(Send("/v1/nothing", "{}").status, 404);
}

TEST_F(ChatApiTest, StreamsAChat) {
  model_.answer.tool_calls = {{"c1", "f", R"({"a":1})"}};
  model_.answer.finish = language::ChatAnswer::Finish::kToolCalls;
  const auto response =
      Send("/v1/chat/completions",
           std::string(kHello) + R"(,"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(response.headers.Get("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(response.headers.Get("x-trine-grounding"), "checked");
  const std::string text = Streamed(response);
  EXPECT_TRUE(written_.ok());
  // The character that is split between two parts of the model arrives whole.
  EXPECT_NE(text.find(R"("content":"안")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("arguments":"{\"a\":1}")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("finish_reason":"tool_calls")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("choices":[],"usage":{"prompt_tokens":3)"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("data: [DONE]\n\n"));
}

TEST_F(ChatApiTest, AStreamThatFailsEndsWithAnError) {
  model_.failure = Error(ErrorCode::kUnavailable, "the provider is gone");
  const std::string openai =
      Streamed(Send("/v1/chat/completions", std::string(kHello) + R"(,"stream":true})"));
  EXPECT_NE(openai.find(R"(data: {"error":{"message":"the provider is gone")"), std::string::npos) << openai;
  EXPECT_EQ(openai.find("[DONE]"), std::string::npos);
  const std::string anthropic =
      Streamed(Send("/v1/messages", std::string(kHello) + R"(,"stream":true,"max_tokens":5})"));
  EXPECT_NE(anthropic.find("event: error\ndata: {\"type\":\"error\""), std::string::npos) << anthropic;
  EXPECT_EQ(anthropic.find("message_stop"), std::string::npos);
  EXPECT_TRUE(written_.ok());
}

TEST_F(ChatApiTest, AClientThatLeavesEndsTheStream) {
  Streamed(Send("/v1/chat/completions", std::string(kHello) + R"(,"stream":true})"), 300);
  EXPECT_FALSE(written_.ok());
}

TEST_F(ChatApiTest, FailuresHaveStatusesInBothShapes) {
  const std::pair<ErrorCode, int> kCases[] = {{ErrorCode::kBusy, 429},
                                              {ErrorCode::kTimeout, 504},
                                              {ErrorCode::kUnavailable, 503},
                                              {ErrorCode::kUnsupported, 400},
                                              {ErrorCode::kInternal, 500}};
  for (const auto& [code, status] : kCases) {
    model_.failure = Error(code, "in /secret/place");
    const auto openai = Send("/v1/chat/completions", std::string(kHello) + "}");
    const auto anthropic = Send("/v1/messages", std::string(kHello) + R"(,"max_tokens":5})");
    EXPECT_EQ(openai.status, status);
    EXPECT_EQ(anthropic.status, status);
    EXPECT_EQ(At(anthropic, "type"), "error");
    EXPECT_EQ(anthropic.headers.Get("request-id"), "ab-12");
    EXPECT_EQ(openai.headers.Find("retry-after") != nullptr, status == 429 || status == 503);
    if (status == 500) {
      EXPECT_EQ(openai.body.find("secret"), std::string::npos);
    }
  }
}

TEST_F(ChatApiTest, AnswersMessages) {
  model_.answer.tool_calls = {{"t1", "f", R"({"a":1})"}};
  model_.answer.finish = language::ChatAnswer::Finish::kToolCalls;
  const auto response = Send("/v1/messages", R"({"model":"claude","max_tokens":9,"system":[{"type":"text",
    "text":"s"}],"stop_sequences":["X"],"tools":[{"name":"f","input_schema":{"type":"object"}}],
    "tool_choice":{"type":"any"},"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[
    {"type":"tool_use","id":"t0","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result",
    "tool_use_id":"t0","content":"r","is_error":true}]}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  ASSERT_EQ(model_.asked.messages.size(), 4u);
  EXPECT_TRUE(model_.asked.messages[3].tool_results[0].failed);
  EXPECT_EQ(model_.asked.tool_choice.kind, language::ToolChoice::Kind::kAny);
  EXPECT_EQ(At(response, "stop_reason"), "tool_use");
  EXPECT_EQ(At(response, "usage.input_tokens"), "3");
  const format::Json body = Parsed(response);
  ASSERT_EQ(body.Find("content")->array().size(), 2u);
  EXPECT_EQ(format::ToString(*body.Find("content")->array()[1].Find("input")), R"({"a":1})");
}

TEST_F(ChatApiTest, StreamsMessagesInOrder) {
  model_.answer.tool_calls = {{"t1", "f", "{}"}};
  const std::string text =
      Streamed(Send("/v1/messages", std::string(kHello) + R"(,"stream":true,"max_tokens":5})"));
  std::string order;
  for (size_t at = text.find("event: "); at != std::string::npos; at = text.find("event: ", at + 1))
    order += text.substr(at + 7, text.find('\n', at) - at - 7) + " ";
  EXPECT_EQ(order,
            "message_start ping content_block_start content_block_delta content_block_delta "
            "content_block_delta content_block_stop content_block_start content_block_delta "
            "content_block_stop message_delta message_stop ");
}

TEST_F(ChatApiTest, RefusesWrongMessages) {
  for (
      const char* body :
      {R"({"model":"m","messages":[{"role":"user","content":"x"}]})",
       R"({"model":"m","max_tokens":1,"messages":[]})",
       R"({"model":"m","max_tokens":1,"messages":[{"role":"system","content":"x"}]})",
       R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":" "}]})",
       R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image"}]}]})",
       R"({"model":"m","max_tokens":1,"temperature":1.5,"messages":[{"role":"user","content":"x"}]})",
       R"({"model":"m","max_tokens":1,"thinking":{"type":"enabled"},"messages":[{"role":"user","content":"x"}]})",
       R"({"model":"m","max_tokens":1,"nope":1,"messages":[{"role":"user","content":"x"}]})"}) {
    const auto response = Send("/v1/messages", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(At(response, "error.type"), "invalid_request_error") << response.body;
  }
}

TEST_F(ChatApiTest, CountsTokens) {
  const auto response = Send("/v1/messages/count_tokens", std::string(kHello) + "}");
  EXPECT_EQ(At(response, "input_tokens"), std::to_string(language::CountTokens("hi")));
}

TEST_F(ChatApiTest, EmbedsTexts) {
  auto response = Send("/v1/embeddings", R"({"model":"x-embed","input":["a","b"]})");
  ASSERT_EQ(response.status, 200) << response.body;
  ASSERT_EQ(Parsed(response).Find("data")->array().size(), 2u);
  EXPECT_NE(response.body.find(R"("index":1,"embedding":[0.6,0.8])"), std::string::npos) << response.body;
  response = Send("/v1/embeddings", R"({"model":"x-embed","input":"a","encoding_format":"base64"})");
  EXPECT_NE(response.body.find(R"("embedding":"mpkZP83MTD8=")"), std::string::npos) << response.body;
  response = Send("/v1/embeddings", R"({"model":"x-embed","input":"a","dimensions":3})");
  EXPECT_NE(response.body.find(R"([0.6,0.8,0.0])"), std::string::npos) << response.body;
}

TEST_F(ChatApiTest, RefusesWrongEmbeddings) {
  for (const char* body :
       {R"({"model":"gpt","input":"a"})", R"({"model":"embed"})", R"({"model":"embed","input":[]})",
        R"({"model":"embed","input":""})", R"({"model":"embed","input":[1,2]})",
        R"({"model":"embed","input":[[1]]})", R"({"model":"embed","input":"a","dimensions":0})",
        R"({"model":"embed","input":"a","dimensions":99999999})",
        R"({"model":"embed","input":"a","encoding_format":"int8"})"}) {
    EXPECT_EQ(Send("/v1/embeddings", body).status, 400) << body;
  }
}

TEST_F(ChatApiTest, ListsModels) {
  auto response = Send("/v1/models", "", "GET");
  EXPECT_EQ(Parsed(response).Find("data")->array().size(), 2u);
  EXPECT_EQ(At(Send("/v1/models/scripted", "", "GET"), "owned_by"), "trine");
  EXPECT_EQ(Send("/v1/models/none", "", "GET").status, 404);
  request_.headers.Set("anthropic-version", "2023-06-01");
  EXPECT_EQ(At(Send("/v1/models", "", "GET"), "has_more"), "false");
}

}  // namespace
}  // namespace trine::api::chat
