// InvokeModel of each family of chat models: bodies, answers, streams and mistakes.
#include <gtest/gtest.h>

#include "api/bedrock/model_id.h"
#include "test/support/bedrock_api.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using language::ChatAnswer;
using language::ChatMessage;
using Finish = ChatAnswer::Finish;

// Bodies with the text "Hi" of the user and at most 9 tokens.
struct FamilyCase {
  const char* model;
  const char* body;
  const char* text_path;    // where the answer's text is
  const char* reason_path;  // where the reason is why it ended
  const char* end_reason;
  const char* length_reason;
};

const FamilyCase kFamilies[] = {
    {"anthropic.claude-3-sonnet-20240229-v1%3A0",
     R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})",
     "content.0.text", "stop_reason", "end_turn", "max_tokens"},
    {"anthropic.claude-v2%3A1", R"({"prompt":"\n\nHuman: Hi\n\nAssistant:","max_tokens_to_sample":9})",
     "completion", "stop_reason", "stop_sequence", "max_tokens"},
    {"amazon.titan-text-express-v1", R"({"inputText":"Hi","textGenerationConfig":{"maxTokenCount":9}})",
     "results.0.outputText", "results.0.completionReason", "FINISH", "LENGTH"},
    {"us.amazon.nova-lite-v1%3A0",
     R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":9}})",
     "output.message.content.0.text", "stopReason", "end_turn", "max_tokens"},
    {"meta.llama3-8b-instruct-v1%3A0", R"({"prompt":"Hi","max_gen_len":9})", "generation", "stop_reason",
     "stop", "length"},
    {"mistral.mistral-7b-instruct-v0%3A2", R"({"prompt":"<s>[INST] Hi [/INST]","max_tokens":9})",
     "outputs.0.text", "outputs.0.stop_reason", "stop", "length"},
    {"mistral.mistral-large-2402-v1%3A0", R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":9})",
     "choices.0.message.content", "choices.0.stop_reason", "stop", "length"},
    {"cohere.command-text-v14", R"({"prompt":"Hi","max_tokens":9})", "generations.0.text",
     "generations.0.finish_reason", "COMPLETE", "MAX_TOKENS"},
    {"cohere.command-r-v1%3A0", R"({"message":"Hi","max_tokens":9})", "text", "finish_reason", "COMPLETE",
     "MAX_TOKENS"},
};

// Follows "a.0.b".
std::string At(const Json& json, std::string_view path) {
  const Json* at = &json;
  while (!path.empty() && at != nullptr) {
    const std::string step(path.substr(0, path.find('.')));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    if (at->is_array())
      at = std::stoul(step) < at->array().size() ? &at->array()[std::stoul(step)] : nullptr;
    else
      at = at->Find(step);
  }
  return at == nullptr ? "(missing)" : at->is_string() ? at->string() : format::ToString(*at);
}

class Families : public test::BedrockApiFixture, public testing::WithParamInterface<FamilyCase> {};

TEST_P(Families, AnswersInTheirOwnFormat) {
  const FamilyCase& family = GetParam();
  model_.answer.input_tokens = 3;
  model_.answer.output_tokens = 2;
  const net::Response response = Post(family.model, "invoke", family.body);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.Get("x-trine-model"), "scripted");
  EXPECT_EQ(response.headers.Get("x-trine-grounding"), "nothing-to-check");
  EXPECT_EQ(response.headers.Get("x-amzn-bedrock-input-token-count"), "3");
  EXPECT_EQ(response.headers.Get("x-amzn-bedrock-output-token-count"), "2");
  const Json answer = format::ParseJson(response.body).value();
  EXPECT_EQ(At(answer, family.text_path), "Hello there") << response.body;
  EXPECT_EQ(At(answer, family.reason_path), family.end_reason);
  ASSERT_EQ(model_.last.messages.size(), 1u);
  EXPECT_EQ(model_.last.messages[0].text, "Hi");
  EXPECT_EQ(model_.last.max_tokens, 9u);
  EXPECT_EQ(model_.last.caller, "app");
  model_.answer.finish = Finish::kMaxTokens;
  EXPECT_EQ(At(Answer(family.model, "invoke", family.body), family.reason_path), family.length_reason);
}

TEST_P(Families, StreamsPartsThatAddUpToTheAnswer) {
  const FamilyCase& family = GetParam();
  model_.parts = {"Gr\xC3", "\xBC", "\xC3\x9F", "e"};  // a character may be split between parts
  const auto events = Stream(family.model, "invoke-with-response-stream", family.body);
  ASSERT_GE(events.size(), 3u);
  std::string text;
  for (const auto& event : events) {
    EXPECT_EQ(event.name, "chunk");
    for (const char* path : {"delta.text", "completion", "outputText", "contentBlockDelta.delta.text",
                             "generation", "outputs.0.text", "choices.0.message.content", "text"}) {
      if (const std::string part = At(event.json, path); part != "(missing)") text += part;
    }
  }
  EXPECT_EQ(text, "Grüße");
  EXPECT_NE(events.back().json.Find("amazon-bedrock-invocationMetrics"), nullptr);
}

TEST_P(Families, RejectsBrokenAndUnknownMembers) {
  const FamilyCase& family = GetParam();
  for (const char* body : {"", "{", "[]", "null", "{}", "\"text\"", "{\"\xff\":1}"})
    EXPECT_EQ(TypeOf(Post(family.model, "invoke", body)), "400 ValidationException") << body;
  Json typo = format::ParseJson(family.body).value();
  typo.Set("typo", 1);
  EXPECT_EQ(TypeOf(Post(family.model, "invoke", format::ToString(typo))), "400 ValidationException");
  const Json good = format::ParseJson(family.body).value();
  for (const auto& [name, value] : good.object()) {
    Json wrong = good;
    wrong.Set(name, Json(Json::Array{Json(true)}));
    EXPECT_EQ(TypeOf(Post(family.model, "invoke", format::ToString(wrong))), "400 ValidationException")
        << name;
  }
  EXPECT_EQ(model_.calls, 0);
}

TEST_P(Families, ReportsFailuresOfTheModel) {
  const FamilyCase& family = GetParam();
  for (const auto& [code, whole, streamed] :
       {std::tuple{ErrorCode::kTimeout, "408 ModelTimeoutException", "modelTimeoutException"},
        std::tuple{ErrorCode::kUnavailable, "503 ServiceUnavailableException", "serviceUnavailableException"},
        std::tuple{ErrorCode::kBusy, "429 ThrottlingException", "throttlingException"},
        std::tuple{ErrorCode::kUnsupported, "400 ValidationException", "validationException"},
        std::tuple{ErrorCode::kInternal, "500 InternalServerException", "internalServerException"}}) {
    model_.failure = Error(code, "it failed");
    EXPECT_EQ(TypeOf(Post(family.model, "invoke", family.body)), whole);
    const auto events = Stream(family.model, "invoke-with-response-stream", family.body);
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back().kind, "exception");
    EXPECT_EQ(events.back().name, streamed);
    EXPECT_EQ(At(events.back().json, "message") == "it failed", code != ErrorCode::kInternal);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Families, testing::ValuesIn(kFamilies), [](const auto& one) {
  std::string name;
  for (const char c : std::string_view(one.param.model).substr(0, 24)) name += std::isalnum(c) ? c : '_';
  return name;
});

class Invoke : public test::BedrockApiFixture {
 protected:
  net::Response Claude(const std::string& members, const std::string& operation = "invoke") {
    return Post("anthropic.claude-3-haiku-20240307-v1%3A0", operation,
                R"({"anthropic_version":"any","max_tokens":5,)" + members + "}");
  }
};

TEST_F(Invoke, ReadsClaudeMessages) {
  EXPECT_EQ(Claude(R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
    "stop_sequences":["x"],"temperature":0.5,"top_p":0.25,"top_k":5,"anthropic_beta":[],"metadata":{},
    "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
                {"role":"assistant","content":"c"}])")
                .status,
            200);
  ASSERT_EQ(model_.last.messages.size(), 3u);
  EXPECT_EQ(model_.last.messages[0].role, ChatMessage::Role::kSystem);
  EXPECT_EQ(model_.last.messages[1].text, "a\nb");
  EXPECT_EQ(model_.last.messages[2].role, ChatMessage::Role::kAssistant);
  EXPECT_EQ(model_.last.stop, std::vector<std::string>{"x"});
  EXPECT_EQ(model_.last.temperature, 0.5);
  EXPECT_EQ(model_.last.top_p, 0.25);
}

TEST_F(Invoke, RejectsClaudeRequestsAsTheServiceDoes) {
  const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";
  for (const std::string& members :
       {std::string(R"("messages":[])"), std::string(R"("messages":[{"role":"robot","content":"a"}])"),
        std::string(R"("messages":[{"role":"user"}])"),
        std::string(R"("messages":[{"role":"user","content":[]}])"),
        std::string(R"("messages":[{"role":"user","content":" "}])"),
        std::string(R"("messages":[{"role":"user","content":[{"type":"image","source":{}}]}])"),
        std::string(
            R"("messages":[{"role":"user","content":[{"type":"tool_use","id":"1","name":"t","input":{}}]}])"),
        hi + R"(,"temperature":2)", hi + R"(,"top_p":-1)", hi + R"(,"top_k":1.5)",
        hi + R"(,"stop_sequences":[7])", hi + R"(,"system":"")", hi + R"(,"tools":[{"name":"t"}])",
        hi + R"(,"tools":[{"type":"web_search_1","name":"t"}])",
        hi + R"(,"tools":[{"name":"a b","input_schema":{}}])", hi + R"(,"tool_choice":{"type":"any"})",
        hi + R"(,"tools":[{"name":"t","input_schema":{}}],"tool_choice":{"type":"tool","name":"u"})"}) {
    EXPECT_EQ(TypeOf(Claude(members)), "400 ValidationException") << members;
  }
  EXPECT_EQ(model_.calls, 0);
  EXPECT_EQ(
      TypeOf(Post("anthropic.claude-3-haiku-20240307-v1%3A0", "invoke",
                  R"({"anthropic_version":"","max_tokens":5,"messages":[{"role":"user","content":"a"}]})")),
      "400 ValidationException");
}

TEST_F(Invoke, CallsToolsInTheFormatOfClaude) {
  model_.parts = {"Let me look."};
  model_.answer.finish = Finish::kToolCalls;
  model_.answer.tool_calls = {{"toolu_2", "weather", R"({"city":"Seoul"})"}};
  const std::string members =
      R"("tools":[{"name":"weather","description":"d","input_schema":{"type":"object"}}],
    "tool_choice":{"type":"auto"},
    "messages":[{"role":"user","content":"Weather?"},
                {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Busan"}}]},
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"rain"}]}]}])";
  const net::Response response = Claude(members);
  ASSERT_EQ(response.status, 200) << response.body;
  const Json answer = format::ParseJson(response.body).value();
  EXPECT_EQ(At(answer, "stop_reason"), "tool_use");
  EXPECT_EQ(At(answer, "content.0.text"), "Let me look.");
  EXPECT_EQ(At(answer, "content.1.type"), "tool_use");
  EXPECT_EQ(At(answer, "content.1.input.city"), "Seoul");
  ASSERT_EQ(model_.last.tools.size(), 1u);
  EXPECT_EQ(model_.last.tools[0].input_schema, R"({"type":"object"})");
  EXPECT_EQ(model_.last.messages[1].tool_calls.at(0).input, R"({"city":"Busan"})");
  EXPECT_EQ(model_.last.messages[2].tool_results.at(0).text, "rain");
  test::BodyText out;
  ASSERT_TRUE(Claude(members, "invoke-with-response-stream").stream(out).ok());
  std::string types;
  for (const auto& event : Events(out.text)) types += At(event.json, "type") + " ";
  EXPECT_EQ(types,
            "message_start content_block_start content_block_delta content_block_stop content_block_start "
            "content_block_delta content_block_stop message_delta message_stop ");
}

TEST_F(Invoke, ReadsOptionsOfNova) {
  const auto send = [&](const char* config) {
    Answer(
        "amazon.nova-micro-v1%3A0", "invoke",
        R"({"schemaVersion":"messages-v1","system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"Hi"}]}],
               "toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{}}}}]},"inferenceConfig":)" +
            std::string(config) + "}");
  };
  send(R"({"max_new_tokens":7,"top_p":0.5,"top_k":3,"stopSequences":["x"],"temperature":0.25})");
  EXPECT_EQ(model_.last.max_tokens, 7u);
  EXPECT_EQ(model_.last.top_p, 0.5);
  EXPECT_EQ(model_.last.temperature, 0.25);
  EXPECT_EQ(model_.last.stop, std::vector<std::string>{"x"});
  EXPECT_EQ(model_.last.tools.size(), 1u);
  send(R"({"maxTokens":8,"topP":0.75,"topK":3})");
  EXPECT_EQ(model_.last.max_tokens, 8u);
  EXPECT_EQ(model_.last.top_p, 0.75);
}

TEST_F(Invoke, TellsThatAToolFailed) {
  EXPECT_EQ(Claude(R"("messages":[{"role":"user","content":"u"},
    {"role":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"tool_use","id":"1","name":"t","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","is_error":true,"content":"broken"}]}])")
                .status,
            200);
  EXPECT_TRUE(model_.last.messages.at(2).tool_results.at(0).failed);
  EXPECT_EQ(model_.last.messages.at(2).tool_results.at(0).text, "broken");
}

TEST_F(Invoke, DemandedToolsOfAModelWithoutToolsAreAnErrorResponse) {
  model_.parts.clear();
  model_.failure = Error(ErrorCode::kUnsupported, "the built-in model does not call tools")
                       .Expected("tool choice \"auto\"");
  const std::string members = R"("messages":[{"role":"user","content":"Hi"}],"tool_choice":{"type":"any"},
    "tools":[{"name":"t","input_schema":{}}])";
  for (const char* operation : {"invoke", "invoke-with-response-stream"}) {
    const net::Response response = Claude(members, operation);
    EXPECT_EQ(TypeOf(response), "400 ValidationException");
    EXPECT_NE(response.body.find("does not call tools"), std::string::npos);
  }
}

TEST_F(Invoke, TellsTheStopSequence) {
  model_.answer.finish = Finish::kStop;
  model_.answer.stop = "END";
  const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";
  Json answer = format::ParseJson(Claude(hi).body).value();
  EXPECT_EQ(At(answer, "stop_reason"), "stop_sequence");
  EXPECT_EQ(At(answer, "stop_sequence"), "END");
  model_.answer.stop.clear();  // a provider need not tell it
  answer = format::ParseJson(Claude(hi).body).value();
  EXPECT_EQ(At(answer, "stop_reason"), "end_turn");
  EXPECT_EQ(At(answer, "stop_sequence"), "null");
}

TEST_F(Invoke, TellsWhetherSentencesWereChecked) {
  const std::string hi = R"("messages":[{"role":"user","content":"Hi"}])";
  model_.answer.grounding = language::Grounding::kWithheld;
  EXPECT_EQ(Claude(hi).headers.Get("x-trine-grounding"), "withheld");
  model_.checks = true;
  const net::Response stream = Claude(hi, "invoke-with-response-stream");
  EXPECT_EQ(stream.headers.Get("x-trine-grounding"), "checked");
  EXPECT_EQ(stream.headers.Get("x-trine-model"), "scripted");
  EXPECT_EQ(stream.headers.Get("content-type"), "application/vnd.amazon.eventstream");
  EXPECT_EQ(stream.headers.Get("x-amzn-bedrock-content-type"), "application/json");
}

TEST_F(Invoke, EndsTheStreamOfAClientThatIsGone) {
  const net::Response response =
      Claude(R"("messages":[{"role":"user","content":"Hi"}])", "invoke-with-response-stream");
  for (const int writes : {0, 1, 2}) {
    test::BodyText out;
    out.closed_after = writes;
    EXPECT_FALSE(response.stream(out).ok()) << writes;
  }
}

TEST_F(Invoke, SplitsLongPartsIntoEventsWithinTheBound) {
  model_.parts = {std::string(300'000, 'x')};
  const auto events =
      Stream("meta.llama3-8b-instruct-v1%3A0", "invoke-with-response-stream", R"({"prompt":"Hi"})");
  EXPECT_EQ(events.size(), 6u);  // 5 parts of 64 KiB and the end
}

TEST_F(Invoke, ReadsTheTurnsOfPrompts) {
  const auto roles = [&] {
    std::string out;
    for (const ChatMessage& message : model_.last.messages)
      out += std::string(message.role == ChatMessage::Role::kSystem ? "s"
                         : message.role == ChatMessage::Role::kUser ? "u"
                                                                    : "a") +
             ":" + message.text + " ";
    return out;
  };
  Answer(
      "anthropic.claude-instant-v1", "invoke",
      R"({"prompt":"Be kind.\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:","max_tokens_to_sample":9,"top_k":3,"stop_sequences":["x"],"temperature":1,"top_p":1})");
  EXPECT_EQ(roles(), "s:Be kind. u:a a:b u:c ");
  Answer(
      "meta.llama3-70b-instruct-v1%3A0", "invoke",
      R"({"prompt":"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\ns<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nu<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","temperature":0.1,"top_p":0.2})");
  EXPECT_EQ(roles(), "s:s u:u ");
  Answer("meta.llama2-13b-chat-v1", "invoke",
         R"({"prompt":"<s>[INST] <<SYS>>\ns\n<</SYS>>\n\na [/INST] b </s><s>[INST] c [/INST]"})");
  EXPECT_EQ(roles(), "s:s u:a a:b u:c ");
  Answer(
      "amazon.titan-tg1-large", "invoke",
      R"({"inputText":"User: Hi\nBot:","textGenerationConfig":{"stopSequences":["User:"],"temperature":0,"topP":1}})");
  EXPECT_EQ(roles(), "u:Hi ");
  EXPECT_EQ(model_.last.stop, std::vector<std::string>{"User:"});
  for (const auto& [model, body] :
       {std::pair{"anthropic.claude-v2", R"({"prompt":"Hi","max_tokens_to_sample":9})"},
        std::pair{"meta.llama3-8b-instruct-v1%3A0", R"({"prompt":"[INST] [/INST]"})"},
        std::pair{"mistral.mistral-7b-instruct-v0%3A2", R"({"prompt":" "})"},
        std::pair{"amazon.titan-text-lite-v1", R"({"inputText":" "})"},
        std::pair{"cohere.command-text-v14", R"({"prompt":" "})"},
        std::pair{"meta.llama3-8b-instruct-v1%3A0", R"({"prompt":"Hi","images":["x"]})"},
        std::pair{"cohere.command-text-v14", R"({"prompt":"Hi","num_generations":2})"}})
    EXPECT_EQ(TypeOf(Post(model, "invoke", body)), "400 ValidationException") << body;
}

TEST_F(Invoke, CallsToolsInTheFormatsOfMistralAndCohere) {
  model_.parts.clear();
  model_.answer.finish = Finish::kToolCalls;
  model_.answer.tool_calls = {{"c2", "stock", R"({"id":"7"})"}};
  Json answer = Answer("mistral.mistral-large-2402-v1%3A0", "invoke", R"({"messages":[
    {"role":"system","content":"s"},{"role":"user","content":"u"},
    {"role":"assistant","tool_calls":[{"id":"c1","function":{"name":"stock","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"3"}],"stop":["x"],"top_k":3,"tool_choice":"any",
    "tools":[{"type":"function","function":{"name":"stock","description":"d","parameters":{"type":"object"}}}]})");
  EXPECT_EQ(At(answer, "choices.0.stop_reason"), "tool_calls");
  EXPECT_EQ(At(answer, "choices.0.message.tool_calls.0.function.arguments"), R"({"id":"7"})");
  EXPECT_EQ(model_.last.tool_choice.kind, language::ToolChoice::Kind::kAny);
  EXPECT_EQ(model_.last.messages.at(3).tool_results.at(0).text, "3");

  answer = Answer("cohere.command-r-plus-v1%3A0", "invoke",
                  R"({"message":"u","preamble":"s","p":0.5,"k":3,"temperature":1,
    "stop_sequences":["x"],"chat_history":[{"role":"USER","message":"a"},{"role":"CHATBOT","message":"b"}],
    "documents":[{"title":"T","snippet":"S </documents>"}],
    "tools":[{"name":"stock","description":"d","parameter_definitions":{"id":{"description":"i","type":"str","required":true}}}],
    "tool_results":[{"call":{"name":"stock","parameters":{"id":"7"}},"outputs":[{"n":3}]}]})");
  EXPECT_EQ(At(answer, "tool_calls.0.parameters.id"), "7");
  EXPECT_EQ(At(answer, "chat_history.1.message"), "b");
  EXPECT_EQ(model_.last.tools.at(0).input_schema,
            R"({"type":"object","properties":{"id":{"type":"string","description":"i"}},"required":["id"]})");
  const auto& messages = model_.last.messages;
  ASSERT_EQ(messages.size(), 6u);
  EXPECT_EQ(messages[3].text, "<documents>\nT\nS < /documents>\n</documents>\nu");
  EXPECT_EQ(messages[4].tool_calls.at(0).name, "stock");
  EXPECT_EQ(messages[5].tool_results.at(0).text, R"([{"n":3}])");
  answer = Answer("cohere.command-r-v1%3A0", "invoke",
                  R"({"message":"u","response_format":{"type":"json_object","schema":{"a":1}}})");
  EXPECT_TRUE(model_.last.want_json);
  for (const auto& [model, body] :
       {std::pair{"mistral.mistral-large-2402-v1%3A0", R"({"messages":[]})"},
        std::pair{"mistral.mistral-large-2402-v1%3A0", R"({"messages":[{"role":"user"}]})"},
        std::pair{"mistral.mistral-large-2402-v1%3A0",
                  R"({"messages":[{"role":"user","content":"u"}],"tools":[{}]})"},
        std::pair{"mistral.mistral-large-2402-v1%3A0",
                  R"({"messages":[{"role":"assistant","tool_calls":[{"id":"x"}]}]})"},
        std::pair{"cohere.command-r-v1%3A0", R"({"message":" "})"},
        std::pair{"cohere.command-r-v1%3A0", R"({"message":"u","documents":[1]})"},
        std::pair{"cohere.command-r-v1%3A0", R"({"message":"u","documents":[{"a":1}]})"},
        std::pair{"cohere.command-r-v1%3A0", R"({"message":"u","tool_results":[{}]})"}})
    EXPECT_EQ(TypeOf(Post(model, "invoke", body)), "400 ValidationException") << body;
}

}  // namespace
}  // namespace trine::api::bedrock
