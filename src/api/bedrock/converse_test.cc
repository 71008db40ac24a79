// Converse, ConverseStream and CountTokens.
#include <gtest/gtest.h>

#include "test/support/bedrock_api.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using Finish = language::ChatAnswer::Finish;
constexpr const char* kModel = "anthropic.claude-3-haiku-20240307-v1%3A0";

class ConverseTest : public test::BedrockApiFixture {
 protected:
  static std::string Said(const std::string& content, const std::string& more = "") {
    return R"({"messages":[{"role":"user","content":[)" + content + "]}]" + more + "}";
  }
  std::string Rejected(const std::string& body, const char* operation = "converse") {
    const net::Response response = Post(kModel, operation, body);
    EXPECT_EQ(TypeOf(response), "400 ValidationException") << body << response.body;
    return response.body;
  }
};

TEST_F(ConverseTest, AnswersWithEveryRequiredMember) {
  model_.answer.input_tokens = 3;
  model_.answer.output_tokens = 2;
  const Json answer = Answer(
      kModel, "converse",
      Said(
          R"({"text":"Hi"},{"cachePoint":{"type":"default"}})",
          R"(,"system":[{"text":"s"}],"inferenceConfig":{"maxTokens":7,"temperature":0.5,"topP":0.25,"stopSequences":["x"]},
         "performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"flex"},"requestMetadata":{"a":"b"},
         "additionalModelRequestFields":{"top_k":3},"somethingNew":1)"));
  EXPECT_EQ(
      format::ToString(answer),
      R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello there"}]}},"stopReason":"end_turn",)"
      R"("usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5},"metrics":{"latencyMs":0},)"
      R"("performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"flex"}})");
  EXPECT_EQ(model_.last.max_tokens, 7u);
  EXPECT_EQ(model_.last.temperature, 0.5);
  EXPECT_EQ(model_.last.top_p, 0.25);
  EXPECT_EQ(model_.last.stop, std::vector<std::string>{"x"});
  EXPECT_EQ(model_.last.messages.at(0).role, language::ChatMessage::Role::kSystem);
  EXPECT_EQ(model_.last.model, "anthropic.claude-3-haiku-20240307-v1:0");
}

TEST_F(ConverseTest, StopReasonsAreThoseOfTheEnumeration) {
  for (const auto& [finish, reason] :
       {std::pair{Finish::kEnd, "end_turn"}, std::pair{Finish::kMaxTokens, "max_tokens"},
        std::pair{Finish::kStop, "stop_sequence"}, std::pair{Finish::kRefused, "content_filtered"},
        std::pair{Finish::kToolCalls, "tool_use"}}) {
    model_.answer.finish = finish;
    EXPECT_EQ(Answer(kModel, "converse", Said(R"({"text":"Hi"})")).Find("stopReason")->string(), reason);
  }
  model_.answer.finish = Finish::kStop;
  model_.answer.stop = "END";
  const Json answer =
      Answer(kModel, "converse",
             Said(R"({"text":"Hi"})", R"(,"additionalModelResponseFieldPaths":["/stop_sequence"])"));
  EXPECT_EQ(answer.FindPath("additionalModelResponseFields.stop_sequence")->string(), "END");
}

TEST_F(ConverseTest, StreamsTheEventsOfTheService) {
  model_.answer.input_tokens = 3;
  model_.answer.output_tokens = 2;
  std::string all;
  for (const auto& event : Stream(kModel, "converse-stream", Said(R"({"text":"Hi"})")))
    all += event.kind + " " + event.name + " " + format::ToString(event.json) + "\n";
  EXPECT_EQ(all,
            R"(event messageStart {"role":"assistant"}
event contentBlockDelta {"delta":{"text":"Hello"},"contentBlockIndex":0}
event contentBlockDelta {"delta":{"text":" there"},"contentBlockIndex":0}
event contentBlockStop {"contentBlockIndex":0}
event messageStop {"stopReason":"end_turn"}
event metadata {"usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5},"metrics":{"latencyMs":0}}
)");
}

TEST_F(ConverseTest, CallsTools) {
  model_.parts.clear();
  model_.answer.finish = Finish::kToolCalls;
  model_.answer.tool_calls = {{"tooluse_2", "stock", R"({"id":7})"}, {"tooluse_3", "stock", "not JSON"}};
  const std::string body = R"({"messages":[{"role":"user","content":[{"text":"u"}]},
    {"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"stock","input":{"id":1}}}]},
    {"role":"user","content":[{"toolResult":{"toolUseId":"t1","status":"error","content":[{"text":"a"},{"json":{"b":1}}]}}]}],
    "toolConfig":{"tools":[{"toolSpec":{"name":"stock","description":"d","inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}],
                  "toolChoice":{"tool":{"name":"stock"}}}})";
  const Json answer = Answer(kModel, "converse", body);
  EXPECT_EQ(format::ToString(*answer.FindPath("output.message.content")),
            R"([{"toolUse":{"toolUseId":"tooluse_2","name":"stock","input":{"id":7}}},)"
            R"({"toolUse":{"toolUseId":"tooluse_3","name":"stock","input":{"input":"not JSON"}}}])");
  EXPECT_EQ(model_.last.tool_choice.name, "stock");
  EXPECT_EQ(model_.last.tools.size(), 1u);
  EXPECT_EQ(model_.last.messages.at(1).tool_calls.at(0).input, R"({"id":1})");
  EXPECT_EQ(model_.last.messages.at(2).tool_results.at(0).text, "a\n{\"b\":1}");
  EXPECT_TRUE(model_.last.messages.at(2).tool_results.at(0).failed);
  std::string names;
  for (const auto& event : Stream(kModel, "converse-stream", body)) names += event.name + " ";
  EXPECT_EQ(
      names,
      "messageStart contentBlockStart contentBlockDelta contentBlockStop contentBlockStart contentBlockDelta "
      "contentBlockStop messageStop metadata ");
}

TEST_F(ConverseTest, PassesTextDocumentsOnAsDocuments) {
  Answer(kModel, "converse",
         Said(R"({"text":"Which?"},{"document":{"format":"csv","name":"list","source":{"bytes":")" +
              format::Base64("a,b\n") +
              R"("}}},{"document":{"name":"n","source":{"text":"</documents> t"},"context":"c"}},
      {"document":{"format":"md","name":"m","source":{"content":[{"text":"x"},{"text":"y"}]}}},
      {"searchResult":{"source":"s","title":"r","content":[{"text":"z"}]}},
      {"guardContent":{"text":{"text":"fact","qualifiers":["grounding_source"]}}},
      {"guardContent":{"text":{"text":"now","qualifiers":["query"]}}})"));
  EXPECT_EQ(model_.last.messages.at(0).text,
            "<documents>\nlist\na,b\nn\n< /documents> t\nc\nm\nx\ny\nr\nz\nfact\n</documents>\nWhich?\nnow");
}

TEST_F(ConverseTest, RejectsOtherBlocksClearly) {
  for (const char* block :
       {R"({"image":{"format":"png","source":{"bytes":"AA=="}}})", R"({"video":{}})", R"({"audio":{}})",
        R"({"newKind":{}})", R"({"document":{"format":"pdf","name":"n","source":{"bytes":"AA=="}}})",
        R"({"document":{"format":"txt","name":"n","source":{"s3Location":{"uri":"s3://b/k"}}}})"})
    EXPECT_NE(Rejected(Said(block)).find("not supported"), std::string::npos) << block;
  for (const char* block :
       {"{}", "1", R"({"text":1})", R"({"text":" "})", R"({"text":"a","image":{}})",
        R"({"document":{"name":"n"}})", R"({"document":{"format":"xyz","name":"n","source":{"text":"t"}}})",
        R"({"document":{"name":"n","source":{}}})", R"({"document":{"name":"n","source":{"bytes":"?"}}})",
        R"({"document":{"name":"n","source":{"bytes":"/w=="}}})",
        R"({"document":{"name":"n","source":{"content":1}}})",
        R"({"document":{"name":"n","source":{"text":1}}})",
        R"({"searchResult":{"source":"s","title":"t","content":[1]}})", R"({"guardContent":{"text":{}}})",
        R"({"cachePoint":{}})", R"({"guardContent":{"text":{"text":"a","qualifiers":["other"]}}})",
        R"({"toolUse":{"toolUseId":"t","name":"n","input":{}}})",
        R"({"toolResult":{"toolUseId":"t","content":[]}})"})
    Rejected(Said(block));
  EXPECT_EQ(model_.calls, 0);
}

TEST_F(ConverseTest, RejectsWrongConversations) {
  for (
      const char* body :
      {"{", "[]", "{}", R"({"messages":[]})",
       R"({"messages":[{"role":"assistant","content":[{"text":"a"}]}]})",
       R"({"messages":[{"role":"user","content":[]}]})",
       R"({"messages":[{"role":"king","content":[{"text":"a"}]}]})",
       R"({"messages":[{"role":"system","content":[{"text":"a"}]}]})",
       R"({"messages":[{"content":[{"text":"a"}]}]})",
       R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]})",
       // Tool blocks without tools.
       R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"n","input":{}}}]},
            {"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"x"}]}}]}]})",
       // A call without its result, and a result of another call.
       R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"n","input":{}}}]},
            {"role":"user","content":[{"text":"x"}]}]})",
       R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"n","input":{}}}]},
            {"role":"user","content":[{"toolResult":{"toolUseId":"u","content":[{"text":"x"}]}}]}]})"})
    Rejected(body);
  for (
      const char* more :
      {R"(,"system":"s")",
       R"(,"system":[{"text":""}])",
       R"(,"system":[{"image":{}}])",
       R"(,"inferenceConfig":{"maxTokens":0})",
       R"(,"inferenceConfig":{"temperature":1.5})",
       R"(,"inferenceConfig":{"topP":"x"})",
       R"(,"inferenceConfig":{"stopSequences":[""]})",
       R"(,"toolConfig":{})",
       R"(,"toolConfig":{"tools":[]})",
       R"(,"toolConfig":{"tools":[{"systemTool":{"name":"n"}}]})",
       R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"n","inputSchema":{}}}]})",
       R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"n","inputSchema":{"json":{}}}}],"toolChoice":{"tool":{"name":"m"}}})",
       R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"n","inputSchema":{"json":{}}}}],"toolChoice":{"auto":{},"any":{}}})",
       R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"n","inputSchema":{"json":{}}}}],"toolChoice":{"other":{}}})",
       R"(,"guardrailConfig":{"guardrailIdentifier":"g1","guardrailVersion":"1"})",
       R"(,"performanceConfig":{"latency":"fast"})",
       R"(,"serviceTier":{})",
       R"(,"additionalModelResponseFieldPaths":["x"])",
       R"(,"outputConfig":{"textFormat":{"type":"json_schema"}})",
       R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{}}})",
       R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{"}}}})"})
    Rejected(Said(R"({"text":"Hi"})", more));
  EXPECT_EQ(TypeOf(Post("amazon.titan-embed-text-v2%3A0", "converse", Said(R"({"text":"Hi"})"))),
            "400 ValidationException");
  EXPECT_EQ(model_.calls, 0);
}

TEST_F(ConverseTest, AsksForJsonBySchema) {
  Answer(
      kModel, "converse",
      Said(
          R"({"text":"Hi"})",
          R"(,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n"}}}})"));
  EXPECT_TRUE(model_.last.want_json);
  EXPECT_EQ(model_.last.json_schema, R"({"type":"object"})");
  EXPECT_EQ(model_.last.json_schema_name, "n");
}

TEST_F(ConverseTest, ServesModelsThatHaveNoInvokeBody) {
  Answer("deepseek.r1-v1%3A0", "converse", Said(R"({"text":"Hi"})"));
  EXPECT_EQ(TypeOf(Post("deepseek.r1-v1%3A0", "invoke", R"({"prompt":"Hi"})")), "400 ValidationException");
}

TEST_F(ConverseTest, EndsAStreamWithTheExceptionsOfItsUnion) {
  for (const auto& [code, name] : {std::pair{ErrorCode::kTimeout, "modelStreamErrorException"},
                                   std::pair{ErrorCode::kUnavailable, "serviceUnavailableException"},
                                   std::pair{ErrorCode::kBusy, "throttlingException"},
                                   std::pair{ErrorCode::kInvalid, "validationException"},
                                   std::pair{ErrorCode::kIo, "internalServerException"}}) {
    model_.failure = Error(code, "/srv/secret");
    const auto events = Stream(kModel, "converse-stream", Said(R"({"text":"Hi"})"));
    ASSERT_EQ(events.size(), 4u) << "the parts before the failure are sent";
    EXPECT_EQ(events.back().kind, "exception");
    EXPECT_EQ(events.back().name, name);
    EXPECT_EQ(events.back().json.Find("message")->string() == "/srv/secret", code != ErrorCode::kIo);
  }
}

TEST_F(ConverseTest, CountsTokens) {
  const std::string conversation = R"({"messages":[{"role":"user","content":[{"text":"12345678"}]}]})";
  const auto count = [&](const std::string& input) {
    return Answer(kModel, "count-tokens", R"({"input":)" + input + "}").Find("inputTokens")->integer();
  };
  EXPECT_EQ(count(R"({"converse":)" + conversation + "}"), 2);
  const std::string body =
      R"({"anthropic_version":"x","max_tokens":5,"system":"1234","messages":[{"role":"user","content":"12345678"}]})";
  EXPECT_EQ(count(R"({"invokeModel":{"body":")" + format::Base64(body) + R"("}})"), 3);
  for (const std::string& input :
       {std::string("{}"), std::string(R"({"converse":{}})"), std::string(R"({"invokeModel":{}})"),
        std::string(R"({"invokeModel":{"body":"?"}})"),
        R"({"invokeModel":{"body":")" + format::Base64("{") + R"("}})",
        R"({"invokeModel":{"body":")" + format::Base64("{}") + R"("}})",
        R"({"converse":)" + conversation + R"(,"invokeModel":{"body":"e30="}})"})
    Rejected(R"({"input":)" + input + "}", "count-tokens");
  Rejected("{}", "count-tokens");
  EXPECT_EQ(model_.calls, 0);
}

}  // namespace
}  // namespace trine::api::bedrock
