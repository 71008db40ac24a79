// The exact requests of each protocol, and what is read from its answers.
#include "remote/llm/wires.h"

#include <gtest/gtest.h>

#include "format/event_stream.h"
#include "remote/llm/call_text.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using language::ChatMessage;
using language::ChatRequest;
using Finish = ChatAnswer::Finish;
using Role = ChatMessage::Role;

constexpr Millis kNow{1'700'000'000'000};

std::unique_ptr<Wire> OpenAi() { return NewOpenAiWire({"http://h/v1", "m", "KEY"}); }
std::unique_ptr<Wire> Anthropic() { return NewAnthropicWire({"https://h", "m", "KEY"}); }
std::unique_ptr<Wire> Bedrock() {
  return NewBedrockWire({"https://h", "us.v.m-1:0", "", "eu-west-1", net::AwsKey{"AK", "SK", "TOKEN"}});
}

// A conversation with everything that a wire prints.
ChatRequest Conversation() {
  ChatRequest r;
  r.messages = {
      {Role::kSystem, "Be short."},
      {Role::kUser, "의자?"},
      {Role::kAssistant, "Looking.", {{"c1", "find", "{\"q\":\"chair\"}"}}},
      {Role::kUser, "", {}, {{"c1", "3 chairs"}}},
      {Role::kUser, "And blue?"},
  };
  r.max_tokens = 99;
  r.stop = {"END"};
  r.temperature = 0.5;
  r.top_p = 0.25;
  r.tools = {{"find", "Finds items.", "{\"type\":\"object\"}"}};
  r.want_json = true;
  r.json_schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  return r;
}

net::ClientRequest Print(const Wire& wire, const ChatRequest& r, FeatureSet without = {}) {
  FeatureSet features = WantedFeatures(r).And(wire.features()).Without(without);
  if (features.Has(Feature::kJsonSchema)) features = features.Without(Feature::kJsonObject);
  return wire.Print(MakeCall(r, features), kNow);
}

TEST(OpenAiWire, PrintsARequest) {
  const net::ClientRequest http = Print(*OpenAi(), Conversation());
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.url, "http://h/v1/chat/completions");
  EXPECT_EQ(http.headers.Get("authorization"), "Bearer KEY");
  EXPECT_EQ(http.headers.Get("content-type"), "application/json");
  EXPECT_EQ(
      http.body,
      R"({"model":"m","messages":[{"role":"system","content":"Be short."},{"role":"user","content":"의자?"},)"
      R"({"role":"assistant","content":"Looking.","tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"find","arguments":"{\"q\":\"chair\"}"}}]},{"role":"tool","tool_call_id":"c1","content":)"
      R"("3 chairs"},{"role":"user","content":"And blue?"}],"max_tokens":99,"temperature":0.5,"top_p":0.25,)"
      R"("stop":["END"],"tools":[{"type":"function","function":{"name":"find","description":"Finds items.",)"
      R"("parameters":{"type":"object"}}}],"response_format":{"type":"json_schema","json_schema":{"name":)"
      R"("answer","schema":{"type":"object","properties":{"a":{"type":"string"}}}}},"stream":true,)"
      R"("stream_options":{"include_usage":true}})");
}

TEST(OpenAiWire, LeavesOutWhatIsNotSupported) {
  const FeatureSet without = FeatureSet::All();
  const net::ClientRequest http = Print(*NewOpenAiWire({"http://h/v1", "m", ""}), Conversation(), without);
  EXPECT_EQ(http.headers.Find("authorization"), nullptr);
  EXPECT_NE(http.body.find(R"("max_completion_tokens":99)"), std::string::npos);
  for (const char* absent :
       {"\"system\"", "\"tools\"", "response_format", "stream", "temperature", "top_p", "\"max_tokens\""})
    EXPECT_EQ(http.body.find(absent), std::string::npos) << absent;
  // System text and the instruction that replaces the schema begin the first user message.
  EXPECT_NE(http.body.find(R"([{"role":"user","content":"Be short.\n\nAnswer with one JSON object)"),
            std::string::npos)
      << http.body;
  EXPECT_NE(http.body.find(R"(\n\n의자?"})"), std::string::npos);
}

TEST(OpenAiWire, AsksForStrictSchemasWhereTheyAreStrict) {
  ChatRequest r;
  r.messages = {{Role::kUser, "x"}};
  r.want_json = true;
  const auto strict = [&](const char* schema) {
    r.json_schema = schema;
    return Print(*OpenAi(), r).body.find("\"strict\":true") != std::string::npos;
  };
  EXPECT_TRUE(
      strict(R"({"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{}},"required":["a"]})"));
  EXPECT_FALSE(
      strict(R"({"type":"object","properties":{"a":{}},"required":[],"additionalProperties":false})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{"type":"object"}},"required":["a"],)"
                      R"("additionalProperties":false})"));
  r.json_schema = "";
  EXPECT_NE(Print(*OpenAi(), r).body.find(R"("response_format":{"type":"json_object"})"), std::string::npos);
}

TEST(OpenAiWire, PrintsToolChoices) {
  ChatRequest r = Conversation();
  const auto choice = [&](language::ToolChoice c) {
    r.tool_choice = std::move(c);
    const std::string body = Print(*OpenAi(), r).body;
    const size_t at = body.find("\"tool_choice\":");
    return at == std::string::npos ? "" : body.substr(at + 14, body.find(",\"response_format\"") - at - 14);
  };
  using Kind = language::ToolChoice::Kind;
  EXPECT_EQ(choice({Kind::kAuto, ""}), "");
  EXPECT_EQ(choice({Kind::kNone, ""}), "\"none\"");  // there are calls in the conversation
  EXPECT_EQ(choice({Kind::kAny, ""}), "\"required\"");
  EXPECT_EQ(choice({Kind::kNamed, "find"}), R"({"type":"function","function":{"name":"find"}})");
}

TEST(AnthropicWire, PrintsARequest) {
  const net::ClientRequest http = Print(*Anthropic(), Conversation());
  EXPECT_EQ(http.url, "https://h/v1/messages");
  EXPECT_EQ(NewAnthropicWire({"https://h/v1", "m", "k"})->Print(MakeCall(Conversation(), {}), kNow).url,
            "https://h/v1/messages");
  EXPECT_EQ(http.headers.Get("x-api-key"), "KEY");
  EXPECT_EQ(http.headers.Get("anthropic-version"), "2023-06-01");
  EXPECT_EQ(
      http.body,
      R"({"model":"m","max_tokens":99,"system":"Be short.","messages":[{"role":"user","content":[{"type":"text",)"
      R"("text":"의자?"}]},{"role":"assistant","content":[{"type":"text","text":"Looking."},{"type":"tool_use",)"
      R"("id":"c1","name":"find","input":{"q":"chair"}}]},{"role":"user","content":[{"type":"tool_result",)"
      R"("tool_use_id":"c1","content":"3 chairs"},{"type":"text","text":"And blue?"}]}],"temperature":0.5,)"
      R"("top_p":0.25,"stop_sequences":["END"],"tools":[{"name":"find","description":"Finds items.",)"
      R"("input_schema":{"type":"object"}}],"output_config":{"format":{"type":"json_schema","schema":)"
      R"({"type":"object","properties":{"a":{"type":"string"}}}}},"stream":true})");
}

TEST(BedrockWire, PrintsASignedRequest) {
  const net::ClientRequest http = Print(*Bedrock(), Conversation());
  EXPECT_EQ(http.url, "https://h/model/us.v.m-1%3A0/converse-stream");
  EXPECT_TRUE(http.headers.Get("authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AK/20231114/eu-west-1/bedrock/aws4_request"))
      << http.headers.Get("authorization");
  EXPECT_EQ(http.headers.Get("x-amz-security-token"), "TOKEN");
  EXPECT_EQ(
      http.body,
      R"({"messages":[{"role":"user","content":[{"text":"의자?"}]},{"role":"assistant","content":[{"text":)"
      R"("Looking."},{"toolUse":{"toolUseId":"c1","name":"find","input":{"q":"chair"}}}]},{"role":"user",)"
      R"("content":[{"toolResult":{"toolUseId":"c1","content":[{"text":"3 chairs"}],"status":"success"}},)"
      R"({"text":"And blue?"}]}],"system":[{"text":"Be short."}],"inferenceConfig":{"maxTokens":99,)"
      R"("temperature":0.5,"topP":0.25,"stopSequences":["END"]},"toolConfig":{"tools":[{"toolSpec":{"name":)"
      R"("find","description":"Finds items.","inputSchema":{"json":{"type":"object"}}}}]},"outputConfig":)"
      R"({"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\",)"
      R"(\"properties\":{\"a\":{\"type\":\"string\"}}}","name":"answer"}}}}})");
  const auto bearer = NewBedrockWire({"https://h", "m", "KEY", "us-east-1", std::nullopt});
  EXPECT_EQ(Print(*bearer, Conversation(), FeatureSet().With(Feature::kStreaming)).url,
            "https://h/model/m/converse");
  EXPECT_EQ(Print(*bearer, Conversation()).headers.Get("authorization"), "Bearer KEY");
}

// ---- answers

const std::vector<language::Tool> kTools = {{"find", "", "{}"}};

Result<ChatAnswer> ReadStream(const Wire& wire, std::string_view stream, size_t step = 1) {
  AnswerBuilder builder(100'000, {});
  const auto reader = wire.NewStream(builder);
  for (size_t at = 0; at < stream.size(); at += step) TRINE_TRY(reader->Add(stream.substr(at, step)));
  TRINE_TRY(reader->Finish());
  return builder.Take(7, kTools);
}
Result<ChatAnswer> ReadWhole(const Wire& wire, std::string_view body) {
  AnswerBuilder builder(100'000, {});
  TRINE_TRY(wire.ReadAnswer(body, builder));
  return builder.Take(7, kTools);
}
// "text|finish|input tokens|output tokens|calls", or the name of the error code.
std::string Shown(const Result<ChatAnswer>& answer) {
  if (!answer.ok()) return std::string(Name(answer.error().code));
  std::string out = answer->text + "|" + std::to_string(static_cast<int>(answer->finish)) + "|" +
                    std::to_string(answer->input_tokens) + "|" + std::to_string(answer->output_tokens) + "|";
  for (const auto& call : answer->tool_calls) out += call.id + " " + call.name + " " + call.input + ";";
  return out;
}

TEST(OpenAiWire, ReadsStreams) {
  const auto wire = OpenAi();
  const std::string usage = R"(data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})"
                            "\n\n";
  const std::string done = "data: [DONE]\n\n";
  const auto part = [](const std::string& delta, const std::string& finish = "null") {
    return "data: {\"model\":\"gemma\",\"choices\":[{\"index\":0,\"delta\":" + delta +
           ",\"finish_reason\":" + finish + "}]}\n\n";
  };
  const std::string hello = part(R"({"role":"assistant","content":""})") + part(R"({"content":"안"})") +
                            part(R"({"content":"녕"})"),
                    stop = part("{}", "\"stop\"");
  EXPECT_EQ(Shown(ReadStream(*wire, hello + stop + usage + done)), "안녕|0|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, hello + stop + done)), "안녕|0|7|2|");  // usage is estimated
  EXPECT_EQ(Shown(ReadStream(*wire, hello + stop)), "안녕|0|7|2|");         // no [DONE]
  EXPECT_EQ(Shown(ReadStream(*wire, hello + done)), "안녕|0|7|2|");         // no finish
  EXPECT_EQ(Shown(ReadStream(*wire, hello)), "unavailable");                // neither
  EXPECT_EQ(Shown(ReadStream(*wire, hello + part("{}", "\"length\"") + usage)), "안녕|1|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, hello + part("{}", "\"content_filter\"") + usage)), "안녕|4|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, part(R"({"refusal":"I cannot."})") + stop + usage)), "I cannot.|4|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, ": ping\n\n" + part(R"({"content":null})") + stop + usage)), "|0|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, "data: {\"choices\":[]}\n\n" + hello + stop + usage)), "안녕|0|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, hello + done + "data: nonsense\n\n")), "안녕|0|7|2|");
}

TEST(OpenAiWire, ReadsToolCallFragments) {
  const auto wire = OpenAi();
  const std::string stream =
      R"(data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c9","type":"function","function":{"name":"find","arguments":""}}]}}]})"
      "\r\n\r\n"
      R"(data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\""}}]}}]})"
      "\r\n\r\n"
      R"(data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]})"
      "\r\n\r\n";
  for (size_t step : {1u, 3u, 1000u})
    EXPECT_EQ(Shown(ReadStream(*wire, stream, step)), "|3|7|3|c9 find {\"q\":1};") << step;
}

TEST(OpenAiWire, ReadsCharactersThatAreSplitBetweenEvents) {
  const std::string stream =
      "data: {\"choices\":[{\"delta\":{\"content\":\"\xed\x95\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"\x9c!\xff\"},\"finish_reason\":\"stop\"}]}\n\n";
  const auto answer = ReadStream(*OpenAi(), stream);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->text, "한!\uFFFD");
}

TEST(OpenAiWire, ReportsErrorsInStreams) {
  const auto wire = OpenAi();
  const std::string text = R"(data: {"choices":[{"delta":{"content":"half"}}]})"
                           "\n\n";
  for (const char* broken : {"data: {\"choices\":[{\n\n", "data: [1]\n\n", "data: \xff\n\n", "data: {}}\n\n"})
    EXPECT_EQ(Shown(ReadStream(*wire, text + broken)), "unavailable") << broken;
  const auto error =
      ReadStream(*wire, text + R"(data: {"error":{"message":"slot lost","type":"server_error"}})"
                               "\n\n");
  ASSERT_FALSE(error.ok());
  EXPECT_NE(error.error().message.find("server_error: slot lost"), std::string::npos);
  EXPECT_EQ(Shown(ReadStream(
                *wire, "error: {\"code\":400,\"message\":\"x\",\"type\":\"invalid_request_error\"}\n\n")),
            "invalid");
  EXPECT_EQ(Shown(ReadStream(*wire, R"(data: {"object":"error","message":"rate limit"})"
                                    "\n\n")),
            "busy");
}

TEST(OpenAiWire, ReadsWholeAnswers) {
  const auto wire = OpenAi();
  EXPECT_EQ(Shown(ReadWhole(*wire, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
                                   R"("usage":{"prompt_tokens":1,"completion_tokens":1}})")),
            "hi|0|1|1|");
  EXPECT_EQ(Shown(ReadWhole(*wire,
                            R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},)"
                            R"({"type":"text","text":"b"}]},"finish_reason":"stop","stop_reason":"END"}]})")),
            "ab|2|7|1|");
  EXPECT_EQ(
      Shown(ReadWhole(*wire, R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"c","function":)"
                             R"({"name":"find","arguments":{"q":2}}}]},"finish_reason":"stop"}]})")),
      "|3|7|3|c find {\"q\":2};");
  EXPECT_EQ(Shown(ReadWhole(*wire, R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})")),
            "|0|7|0|");
  for (const char* broken : {R"({"choices":[]})", "{}", "", "[]", "null", R"({"choices":[{"message":null}]})",
                             R"({"choices":{}})", R"({"choices":[1]})", R"({"error":{"message":"x"}})"})
    EXPECT_EQ(Shown(ReadWhole(*wire, broken)), "unavailable") << broken;
  // Counts that cannot be true are ignored.
  EXPECT_EQ(Shown(ReadWhole(*wire, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
                                   R"("usage":{"prompt_tokens":-1,"completion_tokens":1e300}})")),
            "hi|0|7|1|");
}

std::string Event(const std::string& json) { return "event: x\ndata: " + json + "\n\n"; }

TEST(AnthropicWire, ReadsStreams) {
  const auto wire = Anthropic();
  const std::string start = Event(
      R"({"type":"message_start","message":{"model":"claude","usage":{"input_tokens":5,"cache_read_input_tokens":3,"output_tokens":1}}})");
  const std::string text =
      Event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})") +
      Event(R"({"type":"ping"})") +
      Event(R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})") +
      Event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"네"}})") +
      Event(R"({"type":"content_block_stop","index":0})");
  const auto end = [](const std::string& reason, const std::string& stop = "null") {
    return Event(R"({"type":"message_delta","delta":{"stop_reason":")" + reason + R"(","stop_sequence":)" +
                 stop + R"(},"usage":{"output_tokens":9}})") +
           Event(R"({"type":"message_stop"})");
  };
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + end("end_turn"))), "네|0|8|9|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + end("max_tokens"))), "네|1|8|9|");
  EXPECT_EQ(ReadStream(*wire, start + text + end("stop_sequence", "\"END\""))->stop, "END");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + end("refusal"))), "네|4|8|9|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text)), "unavailable");
  EXPECT_EQ(
      Shown(ReadStream(*wire, start + Event(R"({"type":"error","error":{"type":"overloaded_error"}})"))),
      "busy");
  EXPECT_EQ(Shown(ReadStream(*wire, start + Event("{"))), "unavailable");
  const std::string tool =
      Event(
          R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"find","input":{}}})") +
      Event(
          R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"q\""}})") +
      Event(
          R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":":1}"}})") +
      Event(
          R"({"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"lost"}})");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + tool + end("tool_use"))), "네|3|8|9|t1 find {\"q\":1};");
}

TEST(AnthropicWire, ReadsWholeAnswers) {
  const auto wire = Anthropic();
  EXPECT_EQ(
      Shown(ReadWhole(*wire, R"({"type":"message","content":[{"type":"text","text":"hi"},{"type":"tool_use",)"
                             R"("id":"t","name":"find","input":{"q":1}}],"stop_reason":"tool_use",)"
                             R"("usage":{"input_tokens":1,"output_tokens":2}})")),
      "hi|3|1|2|t find {\"q\":1};");
  EXPECT_EQ(Shown(ReadWhole(*wire, R"({"type":"error","error":{"type":"api_error","message":"x"}})")),
            "unavailable");
  for (const char* broken : {"", "{}", R"({"content":"hi"})", "[]"})
    EXPECT_EQ(Shown(ReadWhole(*wire, broken)), "unavailable") << broken;
}

std::string Frame(const std::string& type, const std::string& payload) {
  std::string out;
  format::AppendEventMessage(
      {{{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}, payload},
      &out);
  return out;
}
std::string Exception(const std::string& type, const std::string& payload) {
  std::string out;
  format::AppendEventMessage({{{":exception-type", type}, {":message-type", "exception"}}, payload}, &out);
  return out;
}

TEST(BedrockWire, ReadsStreams) {
  const auto wire = Bedrock();
  const std::string start = Frame("messageStart", R"({"role":"assistant"})"),
                    text = Frame("contentBlockDelta",
                                 R"({"contentBlockIndex":0,"delta":{"text":"네"},"p":"abc"})") +
                           Frame("contentBlockStop", R"({"contentBlockIndex":0})"),
                    usage =
                        Frame("metadata", R"({"usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}})");
  const auto stop = [](const std::string& reason) {
    return Frame("messageStop", R"({"stopReason":")" + reason + "\"}");
  };
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("end_turn") + usage)), "네|0|5|2|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("max_tokens"))), "네|1|7|1|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("stop_sequence"))), "네|2|7|1|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("content_filtered"))), "네|4|7|1|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("guardrail_intervened"))), "네|4|7|1|");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + stop("malformed_tool_use"))), "unavailable");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text)), "unavailable");
  EXPECT_EQ(Shown(ReadStream(*wire, (start + text).substr(0, start.size() + 9))), "unavailable");
  std::string damaged = start + text + stop("end_turn");
  damaged[start.size() + 40] ^= 1;
  EXPECT_EQ(Shown(ReadStream(*wire, damaged)), "unavailable");
  EXPECT_EQ(Shown(ReadStream(*wire, "data: not this format\n\n")), "unavailable");
  EXPECT_EQ(Shown(ReadStream(*wire, Exception("throttlingException", R"({"message":"slow"})"))), "busy");
  EXPECT_EQ(Shown(ReadStream(*wire, Exception("validationException", R"({"message":"bad"})"))), "invalid");
  const auto failed =
      ReadStream(*wire, text + Exception("modelStreamErrorException", R"({"message":"lost"})"));
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("modelStreamErrorException: lost"), std::string::npos);
  const std::string tool =
      Frame("contentBlockStart",
            R"({"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"find"}}})") +
      Frame("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"q\":"}}})") +
      Frame("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"1}"}}})");
  EXPECT_EQ(Shown(ReadStream(*wire, start + text + tool + stop("tool_use") + usage)),
            "네|3|5|2|t1 find {\"q\":1};");
}

TEST(BedrockWire, ReadsWholeAnswers) {
  const auto wire = Bedrock();
  EXPECT_EQ(Shown(ReadWhole(*wire,
                            R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{}},)"
                            R"({"text":"hi"},{"toolUse":{"toolUseId":"t","name":"find","input":{"q":1}}}]}},)"
                            R"("stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2}})")),
            "hi|3|1|2|t find {\"q\":1};");
  for (const char* broken : {"", "{}", R"({"output":{}})", R"({"output":{"message":{"content":1}}})"})
    EXPECT_EQ(Shown(ReadWhole(*wire, broken)), "unavailable") << broken;
}

}  // namespace
}  // namespace trine::remote::llm
