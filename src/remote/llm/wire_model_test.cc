// The model against a scripted client: faults, retries, limits, and what is logged.
#include "remote/llm/wire_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "language/model.h"
#include "remote/llm/provider.h"
#include "remote/llm/wires.h"
#include "test/support/capturing_log.h"
#include "test/support/capturing_metrics.h"
#include "test/support/scripted_client.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using language::ChatMessage;
using language::ChatRequest;
using test::Scripted;
using test::ScriptedAnswer;
using Finish = ChatAnswer::Finish;
using Role = ChatMessage::Role;

constexpr const char* kKey = "sk-secret-0123456789";
constexpr const char* kSse = "text/event-stream; charset=utf-8";
constexpr const char* kJson = "application/json";

std::string Delta(const std::string& text) {
  return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}
const std::string kEnd =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":100}}\n\ndata: [DONE]\n\n";

ScriptedAnswer Stream(std::vector<std::string> pieces) { return Scripted(200, kSse, std::move(pieces)); }
ScriptedAnswer Whole(const std::string& text) {
  return Scripted(
      200, kJson,
      {"{\"model\":\"/srv/m1.gguf\",\"choices\":[{\"message\":{\"content\":\"" + text +
       "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}"});
}
ScriptedAnswer Failure(int status, const std::string& message, const std::string& retry_after = "") {
  ScriptedAnswer answer = Scripted(status, kJson, {"{\"error\":{\"message\":\"" + message + "\"}}"});
  if (!retry_after.empty()) answer.headers.Add("Retry-After", retry_after);
  return answer;
}
ScriptedAnswer Lost(ErrorCode code = ErrorCode::kUnavailable) {
  return {.failure = Error(code, "the connection was lost"), .before_head = true};
}

struct Fixture {
  ProviderOptions options;
  test::ScriptedClient client;
  ManualClock clock{Millis{1'700'000'000'000}};
  test::CapturingLog log;
  test::CapturingMetrics metrics;
  std::vector<int64_t> pauses;
  std::unique_ptr<WireModel> model;
  std::string sent;

  Fixture() {
    options.url = "http://127.0.0.1:9/v1";
    options.model = "m1";
    options.key = kKey;
    options.seed = 1;
  }
  // The first call makes the model.
  WireModel& Model() {
    if (!model) {
      model =
          std::make_unique<WireModel>(options, NewOpenAiWire({options.url, options.model, options.key}),
                                      client, clock, log, metrics, [this](int64_t millis, const Deadline&) {
                                        pauses.push_back(millis);
                                        clock.Advance(millis);
                                      });
    }
    return *model;
  }
  Deadline In(int64_t millis) { return Deadline::After(clock, millis); }
  Result<ChatAnswer> Ask(const ChatRequest& request) { return Model().Complete(request, In(20'000), {}); }
  Result<ChatAnswer> AskStreamed(const ChatRequest& request) {
    return Model().Complete(request, In(20'000),
                            [this](std::string_view part) { return sent += part, Ok(); });
  }
};

ChatRequest Question() {
  ChatRequest request;
  request.messages = {{Role::kUser, "question"}};
  request.max_tokens = 50;
  return request;
}

TEST(WireModel, AnswersInOnePart) {
  Fixture f;
  f.options.price_input = 3;
  f.options.price_output = 15;
  f.client.answers = {Whole("hello")};
  const auto answer = f.Ask(Question());
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->text, "hello");
  EXPECT_EQ(answer->model, "m1");
  EXPECT_EQ(answer->input_tokens, 10u);
  EXPECT_DOUBLE_EQ(answer->cost, (10 * 3 + 2 * 15) / 1e6);
  EXPECT_EQ(answer->grounding, language::Grounding::kNothingToCheck);
  EXPECT_FALSE(f.Model().ChecksSentences(Question()));
  EXPECT_EQ(f.Model().name(), "m1");
  EXPECT_EQ(f.client.asked[0].body.find("stream"), std::string::npos);
  EXPECT_EQ(f.metrics.counter("trine_llm_calls_total:ok"), 1);
  EXPECT_EQ(f.metrics.counter("trine_llm_tokens_total:input"), 10);
  EXPECT_EQ(f.metrics.counter("trine_llm_tokens_total:output"), 2);
  EXPECT_DOUBLE_EQ(f.metrics.counter("trine_llm_money_total"), answer->cost);
  EXPECT_EQ(f.metrics.observations("trine_llm_seconds"), 1u);
  EXPECT_EQ(f.metrics.gauge("trine_llm_running"), 0);
}

TEST(WireModel, StreamsInTheOrderReceived) {
  Fixture f;
  std::string order;
  f.client.answers = {Stream({Delta("a"), Delta("b") + Delta("c"), kEnd})};
  const auto answer = f.Model().Complete(
      Question(), f.In(1000), [&](std::string_view part) { return order.append(part).append("|"), Ok(); });
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(order, "a|b|c|");
  EXPECT_EQ(answer->text, "abc");
  EXPECT_EQ(answer->output_tokens, 100u);
  EXPECT_EQ(f.metrics.observations("trine_llm_first_token_seconds"), 1u);
}

TEST(WireModel, TakesAWholeAnswerWhereAStreamWasAskedFor) {
  Fixture f;
  f.client.answers = {Whole("all at once")};
  ASSERT_TRUE(f.AskStreamed(Question()).ok());
  EXPECT_EQ(f.sent, "all at once");
}

TEST(WireModel, SendsAgainAfterFailuresThatMayPass) {
  ScriptedAnswer html = Scripted(502, "text/html", {"<html>bad gateway</html>"});
  for (const ScriptedAnswer& failure :
       {Failure(500, "x"), Failure(503, "Loading model"), Failure(429, "slow"), Failure(408, "x"), html,
        Lost(), Lost(ErrorCode::kTimeout), Stream({"data: {broken\n\n"}), Stream({": nothing\n\n"}),
        Scripted(200, kJson, {"{\"choices\":[]}"}), Scripted(200, "text/html", {"<html>"}),
        Scripted(200, kSse, {"data: {\"error\":{\"type\":\"overloaded\"}}\n\n"})}) {
    Fixture f;
    f.client.answers = {failure, failure, Stream({Delta("ok"), kEnd})};
    const auto answer = f.AskStreamed(Question());
    ASSERT_TRUE(answer.ok()) << failure.status << " " << answer.error().ToString();
    EXPECT_EQ(f.sent, "ok");
    EXPECT_EQ(f.client.asked.size(), 3u);
    ASSERT_EQ(f.pauses.size(), 2u);
    EXPECT_LE(f.pauses[0], f.options.first_wait_ms);
    EXPECT_LE(f.pauses[1], 2 * f.options.first_wait_ms);
    EXPECT_EQ(f.metrics.counter("trine_llm_retries_total"), 2);
  }
}

TEST(WireModel, GivesUpAfterTheLastAttempt) {
  const struct {
    ScriptedAnswer failure;
    ErrorCode code;
    size_t requests;
    const char* text;
  } rows[] = {
      {Failure(500, "broken"), ErrorCode::kUnavailable, 3, "status 500: broken"},
      {Failure(503, "Loading model"), ErrorCode::kUnavailable, 3, "status 503: Loading model"},
      {Failure(429, "slow down"), ErrorCode::kBusy, 3, "status 429: slow down"},
      {Failure(429, "insufficient_quota"), ErrorCode::kBusy, 1, "insufficient_quota"},
      {Failure(400, "bad value"), ErrorCode::kInvalid, 1, "status 400: bad value"},
      {Failure(401, "bad key"), ErrorCode::kUnavailable, 1, "rejected the key"},
      {Failure(403, "no access"), ErrorCode::kUnavailable, 1, "rejected the key"},
      {Failure(404, "no model"), ErrorCode::kUnavailable, 1, "does not know the model"},
      {Failure(302, ""), ErrorCode::kUnavailable, 1, "status 302"},
      {Lost(), ErrorCode::kUnavailable, 3, "the connection was lost"},
      {Lost(ErrorCode::kTimeout), ErrorCode::kUnavailable, 3, "silent for too long"},
      {Lost(ErrorCode::kLimit), ErrorCode::kUnavailable, 1, "lost"},
      {Scripted(200, "text/html", {"<html>"}), ErrorCode::kUnavailable, 3, "content type"},
      {Scripted(200, kJson, {"{"}), ErrorCode::kUnavailable, 3, "malformed"},
      {Scripted(200, "", {}), ErrorCode::kUnavailable, 3, "malformed"},
      {Stream({Delta("")}), ErrorCode::kUnavailable, 3, "in the middle"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    Fixture f;
    f.client.answers = {row.failure, row.failure, row.failure, Whole("late")};
    const auto answer = f.AskStreamed(Question());
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, row.code) << answer.error().ToString();
    EXPECT_NE(answer.error().message.find(row.text), std::string::npos) << answer.error().ToString();
    EXPECT_EQ(answer.error().where, "http://127.0.0.1:9/v1");
    EXPECT_EQ(f.client.asked.size(), row.requests);
    EXPECT_EQ(f.metrics.counter("trine_llm_calls_total:" + std::string(Name(answer.error().kind()))), 1);
  }
}

TEST(WireModel, HonoursRetryAfterWithinTheDeadline) {
  for (const char* after : {"3", "Tue, 14 Nov 2023 22:13:23 GMT"}) {  // 3 s from now
    Fixture f;
    f.client.answers = {Failure(429, "slow", after), Whole("ok")};
    ASSERT_TRUE(f.Ask(Question()).ok());
    ASSERT_EQ(f.pauses.size(), 1u);
    EXPECT_GE(f.pauses[0], 3000);
  }
  Fixture f;
  f.client.answers = {Failure(503, "slow", "3600"), Whole("ok")};
  const auto answer = f.Ask(Question());  // would be past the deadline: fails at once
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(f.pauses.empty());
}

TEST(WireModel, NeverSendsAgainOnceTextWasPassedOn) {
  for (ScriptedAnswer cut : {Stream({Delta("half")}), Stream({Delta("half"), "data: {\n\n"}),
                             Stream({Delta("half"), "data: {\"error\":{\"message\":\"slot lost\"}}\n\n"}),
                             Stream({Delta("half"), "data: {\"error\":{\"type\":\"overloaded\"}}\n\n"})}) {
    Fixture f;
    f.client.answers = {cut, Whole("again")};
    const auto answer = f.AskStreamed(Question());
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(f.sent, "half");
    EXPECT_EQ(f.client.asked.size(), 1u);
    EXPECT_GT(f.metrics.counter("trine_llm_tokens_total:output"), 0);  // the provider charges for it
  }
  Fixture f;
  ScriptedAnswer reset = Stream({Delta("half")});
  reset.failure = Error(ErrorCode::kUnavailable, "the connection was lost");
  f.client.answers = {reset, Whole("again")};
  EXPECT_EQ(f.AskStreamed(Question()).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(f.client.asked.size(), 1u);
}

TEST(WireModel, ReturnsTheErrorOfTheSink) {
  Fixture f;
  f.client.answers = {Stream({Delta("a"), Delta("b"), kEnd}), Whole("again")};
  const auto answer = f.Model().Complete(Question(), f.In(1000), [&](std::string_view) -> Status {
    return Error(ErrorCode::kIo, "the client is gone");
  });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().message, "the client is gone");
  EXPECT_EQ(f.client.asked.size(), 1u);
  // It says nothing about the provider.
  EXPECT_EQ(f.log.text(), "");
}

TEST(WireModel, CutsAnEndlessAnswer) {
  Fixture f;
  ChatRequest request = Question();
  request.max_tokens = 1;
  std::vector<std::string> pieces(10'000, Delta("word "));
  f.client.answers = {Stream(pieces)};
  const auto answer = f.AskStreamed(request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->finish, Finish::kMaxTokens);
  EXPECT_EQ(answer->text.size(), 1056u);  // 1,024 bytes, and 32 for the token
  EXPECT_EQ(f.sent, answer->text);
  EXPECT_EQ(f.metrics.counter("trine_llm_calls_total:cut"), 1);
  // The same for an answer in one part, and for endless lines, which are an error.
  f.client.answers = {Whole(std::string(5000, 'x'))};
  EXPECT_EQ(f.Ask(request)->text.size(), 1056u);
  f.options.attempts = 1;
  f.model.reset();
  f.client.answers = {Stream({"data: " + std::string(5u << 20, 'x')})};
  EXPECT_EQ(f.AskStreamed(request).error().code, ErrorCode::kUnavailable);
  f.client.answers = {Scripted(200, kJson, std::vector<std::string>(17, std::string(1u << 20, ' ')))};
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kUnavailable);
}

TEST(WireModel, ReportsRefusalsAsAnswers) {
  Fixture f;
  f.client.answers = {Stream(
      {"data: {\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":\"content_filter\"}]}\n\n"})};
  const auto answer = f.AskStreamed(Question());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->finish, Finish::kRefused);
  EXPECT_EQ(f.metrics.counter("trine_llm_calls_total:refused"), 1);
}

TEST(WireModel, EstimatesTokensThatAreNotCounted) {
  Fixture f;
  f.client.answers = {Stream({Delta("hello"), "data: [DONE]\n\n"})};
  const auto answer = f.AskStreamed(Question());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->input_tokens, language::CountTokens("question"));
  EXPECT_EQ(answer->output_tokens, language::CountTokens("hello"));
}

TEST(WireModel, EndsAtTheDeadline) {
  Fixture f;
  ScriptedAnswer slow = Whole("late");
  slow.before = [&] { f.clock.Advance(1001); };
  f.client.answers = {slow, Whole("again")};
  const auto answer = f.Model().Complete(Question(), f.In(1000), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(f.client.asked.size(), 1u);
  EXPECT_EQ(f.Model().Complete(Question(), f.In(0), {}).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(f.client.asked.size(), 1u);
  // The provider's own limit applies to callers without a deadline.
  f.options.deadline_ms = 500;
  f.model.reset();
  slow.before = [&] { f.clock.Advance(501); };
  f.client.answers = {slow};
  EXPECT_EQ(f.Model().Complete(Question(), Deadline(), {}).error().code, ErrorCode::kTimeout);
}

TEST(WireModel, StopsCallingAProviderThatKeepsFailing) {
  Fixture f;
  f.options.attempts = 1;
  f.options.breaker_failures = 3;
  for (int i = 0; i < 3; ++i) f.client.answers.push_back(Failure(500, "broken"));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(f.Ask(Question()).ok());
  EXPECT_EQ(f.metrics.gauge("trine_llm_breaker_state"), 2);
  f.client.answers = {Whole("back")};
  const auto refused = f.Ask(Question());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(f.client.asked.size(), 3u);  // it was not called
  f.clock.Advance(f.options.breaker_ms);
  EXPECT_TRUE(f.Ask(Question()).ok());
  EXPECT_EQ(f.metrics.gauge("trine_llm_breaker_state"), 0);
  // A row of failures is logged once, and the breaker once.
  const std::string log = f.log.text();
  EXPECT_EQ(std::ranges::count(log, '\n'), 2) << log;
  EXPECT_NE(log.find("status 500: broken"), std::string::npos) << log;
  EXPECT_NE(log.find("keeps failing"), std::string::npos) << log;
}

TEST(WireModel, MistakesOfCallersDoNotOpenTheBreaker) {
  Fixture f;
  f.options.breaker_failures = 1;
  f.options.attempts = 1;
  ScriptedAnswer late = Whole("late");
  late.before = [&] { f.clock.Advance(100); };
  f.client.answers = {Failure(400, "bad"), Failure(429, "slow"), late};
  EXPECT_EQ(f.Ask(Question()).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(f.Ask(Question()).error().code, ErrorCode::kBusy);
  EXPECT_EQ(f.Model().Complete(Question(), f.In(50), {}).error().code, ErrorCode::kTimeout);  // too impatient
  EXPECT_EQ(f.metrics.gauge("trine_llm_breaker_state"), 0);
  late.before = [&] { f.clock.Advance(1000); };
  f.client.answers = {late};
  EXPECT_EQ(f.Model().Complete(Question(), f.In(900), {}).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(f.metrics.gauge("trine_llm_breaker_state"), 2);
}

TEST(WireModel, SendsAgainWithoutARejectedFeature) {
  Fixture f;
  ChatRequest request = Question();
  request.messages.insert(request.messages.begin(), {Role::kSystem, "Be short."});
  request.tools = {{"find", "", "{}"}};
  request.temperature = 0.25;
  f.client.answers = {
      Failure(400, "Unrecognized request argument supplied: stream_options"),
      Failure(400, "gemma3 does not support tools"),
      Failure(500, "System role not supported"),
      Failure(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."),
      Failure(400, "'temperature' does not support 0.25"),
      Stream({Delta("ok"), kEnd}),
  };
  ASSERT_TRUE(f.AskStreamed(request).ok());
  EXPECT_TRUE(f.pauses.empty());
  const std::string& last = f.client.asked.back().body;
  EXPECT_EQ(last, R"({"model":"m1","messages":[{"role":"user","content":"Be short.\n\nquestion"}],)"
                  R"("max_completion_tokens":50,"stream":true})");
  // It is remembered, for an hour, and logged once.
  f.client.answers = {Stream({Delta("ok"), kEnd})};
  ASSERT_TRUE(f.AskStreamed(request).ok());
  EXPECT_EQ(f.client.asked.size(), 7u);
  EXPECT_EQ(f.client.asked.back().body, last);
  const std::string log = f.log.text();
  EXPECT_NE(log.find("does not support tools"), std::string::npos) << log;
  f.clock.Advance(3'600'000);
  f.client.answers = {Stream({Delta("ok"), kEnd})};
  ASSERT_TRUE(f.AskStreamed(request).ok());
  EXPECT_NE(f.client.asked.back().body.find("\"tools\""), std::string::npos);
}

TEST(WireModel, ForgetsARejectionThatWasNotTheReason) {
  Fixture f;
  ChatRequest request = Question();
  request.tools = {{"find", "", "{}"}};
  f.client.answers = {Failure(400, "tools: this request is not supported"), Failure(400, "it never was")};
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kInvalid);
  f.client.answers = {Whole("ok")};
  ASSERT_TRUE(f.Ask(request).ok());
  EXPECT_NE(f.client.asked.back().body.find("\"tools\""), std::string::npos);
}

TEST(WireModel, RefusesWhatTheProviderLacks) {
  Fixture f;
  ChatRequest request = Question();
  request.tools = {{"find", "", "{}"}};
  request.tool_choice.kind = language::ToolChoice::Kind::kAny;
  f.client.answers = {Failure(400, "tools are not supported")};
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kUnsupported);
  f.options.tools = Support::kNo;
  f.model.reset();
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kUnsupported);
  request.tool_choice = {};
  f.client.answers = {Whole("without")};
  ASSERT_TRUE(f.Ask(request).ok());
  EXPECT_EQ(f.client.asked.back().body.find("\"tools\""), std::string::npos);
  // A configured feature that is rejected is an error, not a reason to go on without it.
  f.options.tools = Support::kYes;
  f.model.reset();
  f.client.answers = {Failure(400, "tools are not supported"), Whole("without")};
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kInvalid);
}

TEST(WireModel, ObeysConfiguredFeatures) {
  Fixture f;
  f.options.streaming = Support::kNo;
  f.options.system_role = Support::kNo;
  f.options.max_tokens_member = "max_completion_tokens";
  ChatRequest request = Question();
  request.messages.insert(request.messages.begin(), {Role::kSystem, "Be short."});
  f.client.answers = {Whole("one part")};
  ASSERT_TRUE(f.AskStreamed(request).ok());
  EXPECT_EQ(f.sent, "one part");
  EXPECT_EQ(f.client.asked.back().body,
            R"({"model":"m1","messages":[{"role":"user","content":"Be short.\n\nquestion"}],)"
            R"("max_completion_tokens":50})");
}

TEST(WireModel, AsksForJsonInThePromptWhereSchemasAreNotSupported) {
  Fixture f;
  ChatRequest request = Question();
  request.want_json = true;
  request.json_schema = R"({"type":"object"})";
  f.client.answers = {Failure(400, "'response_format' of type 'json_schema' is not supported"),
                      Failure(400, "response_format is not supported"),
                      Stream({Delta("```json\\n{\\\"a\\\""), Delta(":1}\\n```"), kEnd})};
  auto answer = f.AskStreamed(request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_NE(f.client.asked[1].body.find("json_object"), std::string::npos);
  EXPECT_EQ(f.client.asked[2].body.find("response_format"), std::string::npos);
  EXPECT_NE(f.client.asked[2].body.find("JSON schema"), std::string::npos);
  EXPECT_EQ(answer->text, "{\"a\":1}");
  EXPECT_EQ(f.sent, "{\"a\":1}");  // nothing was passed on before it was checked
  // An answer that is not JSON is asked for again.
  f.sent.clear();
  f.client.answers = {Stream({Delta("I will not"), kEnd}), Stream({Delta("{}"), kEnd})};
  ASSERT_TRUE(f.AskStreamed(request).ok());
  EXPECT_EQ(f.sent, "{}");
  f.options.json_schema = Support::kNo;
  f.options.attempts = 1;
  f.model.reset();
  f.client.answers = {Whole("never")};
  EXPECT_EQ(f.Ask(request).error().code, ErrorCode::kUnavailable);
}

TEST(WireModel, LimitsTheDayOfEachCaller) {
  Fixture f;
  f.options.tokens_per_day = 60;
  ChatRequest request = Question();  // 2 tokens, and at most 50
  request.caller = "shop";
  f.client.answers = {Whole("ok"), Whole("ok"), Whole("ok")};  // 12 tokens each
  EXPECT_TRUE(f.Ask(request).ok());
  const auto refused = f.Ask(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_EQ(f.client.asked.size(), 1u);
  request.caller = "other";
  EXPECT_TRUE(f.Ask(request).ok());
  request.caller = "shop";
  f.clock.Advance(24LL * 3600 * 1000);
  EXPECT_TRUE(f.Ask(request).ok());
  EXPECT_EQ(f.metrics.counter("trine_llm_calls_total:busy"), 1);
}

TEST(WireModel, RefusesCallsThatAreTooMany) {
  Fixture f;
  f.options.concurrency = 1;
  f.options.max_waiting = 0;
  ScriptedAnswer outer = Whole("ok");
  Result<ChatAnswer> inner = Error(ErrorCode::kInternal, "");
  outer.before = [&] { inner = f.Ask(Question()); };  // while the outer call runs
  f.client.answers = {outer};
  EXPECT_TRUE(f.Ask(Question()).ok());
  ASSERT_FALSE(inner.ok());
  EXPECT_EQ(inner.error().code, ErrorCode::kBusy);
}

TEST(WireModel, KeepsSecretsOutOfErrorsAndLogs) {
  for (const ScriptedAnswer& failure :
       {Failure(401, std::string("Incorrect API key provided: ") + kKey), Failure(500, std::string(kKey)),
        Failure(400, std::string("header Authorization: Bearer ") + kKey + " is not supported"),
        Stream({"data: {\"error\":{\"message\":\"" + std::string(kKey) + "\"}}\n\n"}),
        Scripted(200, std::string("text/") + kKey, {}),
        ScriptedAnswer{.failure = Error(ErrorCode::kUnavailable, kKey).Expected(kKey).Got(kKey),
        .before_head = true}}) {
    Fixture f;
    f.options.attempts = 1;
    f.options.breaker_failures = 1;
    f.client.answers = {failure};
    const auto answer = f.AskStreamed(Question());
    ASSERT_FALSE(answer.ok());
    const std::string all = answer.error().ToString() + f.log.text();
    EXPECT_EQ(all.find("0123456"), std::string::npos) << all;
    EXPECT_EQ(all.find("sk-secret"), std::string::npos) << all;
    EXPECT_EQ(answer.error().ToString().find('\n'), std::string::npos);
    EXPECT_NE(f.client.asked[0].headers.Get("authorization").find(kKey), std::string::npos);
  }
}

TEST(WireModel, RejectsBadRequestsBeforeAnythingIsSent) {
  Fixture f;
  EXPECT_EQ(f.Ask(ChatRequest()).error().code, ErrorCode::kInvalid);
  f.options.max_prompt_bytes = 3;
  f.model.reset();
  EXPECT_EQ(f.Ask(Question()).error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(f.client.asked.empty());
}

TEST(NewProvider, ChecksItsOptions) {
  test::ScriptedClient client;
  ManualClock clock{Millis{1'700'000'000'000}};
  const auto make = [&](const ProviderOptions& options) {
    const auto made = NewProvider(options, client, clock, NullLog(), NullMetrics());
    return made.ok() ? std::string("ok") : made.error().message;
  };
  ProviderOptions good;
  good.url = "http://127.0.0.1:9/v1/";
  good.model = "m";
  EXPECT_EQ(make(good), "ok");
  const std::pair<const char*, std::function<void(ProviderOptions&)>> changes[] = {
      {"url", [](ProviderOptions& o) { o.url = ""; }},
      {"url", [](ProviderOptions& o) { o.url = "ftp://h"; }},
      {"url", [](ProviderOptions& o) { o.url = "http://"; }},
      {"url", [](ProviderOptions& o) { o.url = "http://user:pw@h/v1"; }},
      {"url", [](ProviderOptions& o) { o.url = "http://h/v1?key=x"; }},
      {"url", [](ProviderOptions& o) { o.url = "http://h/v1\r\nX: y"; }},
      {"model", [](ProviderOptions& o) { o.model = ""; }},
      {"model", [](ProviderOptions& o) { o.model = "a b"; }},
      {"key", [](ProviderOptions& o) { o.key = "k\n"; }},
      {"max_tokens_member", [](ProviderOptions& o) { o.max_tokens_member = "limit"; }},
      {"attempts", [](ProviderOptions& o) { o.attempts = 0; }},
      {"deadline_ms", [](ProviderOptions& o) { o.deadline_ms = 0; }},
      {"idle_ms", [](ProviderOptions& o) { o.idle_ms = -1; }},
      {"breaker_failures", [](ProviderOptions& o) { o.breaker_failures = 0; }},
      {"concurrency", [](ProviderOptions& o) { o.concurrency = 0; }},
      {"price_input", [](ProviderOptions& o) { o.price_input = -1; }},
      {"money_per_day", [](ProviderOptions& o) { o.money_per_day = 5; }},
      {"max_answer_bytes", [](ProviderOptions& o) { o.max_answer_bytes = 0; }},
      {"region", [](ProviderOptions& o) { o.kind = ProviderKind::kBedrock, o.region = "x/y"; }},
      {"key", [](ProviderOptions& o) { o.kind = ProviderKind::kBedrock; }},
      {"aws_key",
       [](ProviderOptions& o) {
         o.kind = ProviderKind::kBedrock, o.aws_key = net::AwsKey{"A", "", ""};
       }},
  };
  for (const auto& [name, change] : changes) {
    ProviderOptions options = good;
    change(options);
    EXPECT_NE(make(options).find(name), std::string::npos) << name << " " << make(options);
  }
  ProviderOptions bedrock = good;
  bedrock.kind = ProviderKind::kBedrock;
  bedrock.url = "";
  bedrock.key = "bedrock-key";
  EXPECT_EQ(make(bedrock), "ok");
  EXPECT_EQ(ParseProviderKind("anthropic"), ProviderKind::kAnthropic);
  EXPECT_EQ(ParseProviderKind("openai"), ProviderKind::kOpenAi);
  EXPECT_EQ(ParseProviderKind("bedrock"), ProviderKind::kBedrock);
  EXPECT_EQ(ParseProviderKind("OpenAI"), std::nullopt);
}

}  // namespace
}  // namespace trine::remote::llm
