// Providers against a real server on a loopback socket, which answers from a script: the faults of
// wire_model_test.cc over a real connection.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "format/event_stream.h"
#include "net/sigv4.h"
#include "remote/llm/provider.h"
#include "test/support/capturing_metrics.h"
#include "test/support/running_server.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using language::ChatMessage;
using language::ChatRequest;
using Finish = ChatAnswer::Finish;

// Answers with the pieces, one after the other. A piece "WAIT" waits until the test ends, "CUT" resets the
// connection.
class ScriptedServer {
 public:
  ScriptedServer() = default;
  ~ScriptedServer() { release_.set_value(); }

  void Script(int status, std::string type, std::vector<std::string> pieces, std::string retry_after = "") {
    const std::lock_guard lock(mutex_);
    answers_.push_back({status, std::move(type), std::move(pieces), std::move(retry_after)});
  }
  std::string Url(const std::string& path = "/v1") const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  std::vector<net::Request> Seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  struct Answer {
    int status;
    std::string type;
    std::vector<std::string> pieces;
    std::string retry_after;
  };

  net::Response Handle(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
    net::Response response;
    if (next_ >= answers_.size()) return response.status = 500, response;
    const Answer answer = answers_[next_++];
    response.status = answer.status;
    if (!answer.type.empty()) response.headers.Add("Content-Type", answer.type);
    if (!answer.retry_after.empty()) response.headers.Add("Retry-After", answer.retry_after);
    response.stream = [answer, released = released_](net::BodyWriter& out) -> Status {
      for (const std::string& piece : answer.pieces) {
        if (piece == "WAIT")
          released.wait();
        else if (piece == "CUT")
          return Error(ErrorCode::kInternal, "cut");
        else
          TRINE_TRY(out.Write(piece));
      }
      return Ok();
    };
    return response;
  }

  mutable std::mutex mutex_;
  std::vector<Answer> answers_;
  std::vector<net::Request> seen_;
  size_t next_ = 0;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  test::RunningServer server_{[this](const net::Request& request) { return Handle(request); }};
};

struct Provider {
  ScriptedServer server;
  ProviderOptions options;
  std::unique_ptr<net::HttpClient> client = net::NewHttpClient();
  test::CapturingLog log;
  test::CapturingMetrics metrics;
  std::unique_ptr<language::LanguageModel> model;
  std::string sent;

  Provider() {
    options.url = server.Url();
    options.model = "m1";
    options.key = "sk-secret-0123456789";
    options.first_wait_ms = 1;
    options.max_wait_ms = 2;
  }
  Result<ChatAnswer> Ask(int64_t millis = 20'000) {
    if (!model) {
      auto made = NewProvider(options, *client, SystemClock(), log, metrics);
      if (!made.ok()) return std::move(made).error();
      model = *std::move(made);
    }
    ChatRequest request;
    request.messages = {{ChatMessage::Role::kSystem, "Be short."}, {ChatMessage::Role::kUser, "question"}};
    request.max_tokens = 10;
    return model->Complete(request, Deadline::After(SystemClock(), millis),
                           [this](std::string_view part) { return sent += part, Ok(); });
  }
};

std::string Delta(const std::string& text) {
  return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}
const std::string kEnd =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
constexpr const char* kSse = "text/event-stream";

TEST(ProviderServer, StreamsAnAnswerInPiecesOfAnySize) {
  Provider p;
  const std::string stream =
      ": hello\r\n\r\n" + Delta("안녕") + "event: x\ndata: {\"choices\":\ndata: []}\n\n" + kEnd;
  std::vector<std::string> pieces;
  for (char byte : stream) pieces.emplace_back(1, byte);
  p.server.Script(200, kSse, pieces);
  const auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->text, "안녕");
  EXPECT_EQ(p.sent, "안녕");
  const auto seen = p.server.Seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].target, "/v1/chat/completions");
  EXPECT_EQ(seen[0].headers.Get("authorization"), "Bearer sk-secret-0123456789");
}

TEST(ProviderServer, PassesTextOnWhileTheAnswerGoesOn) {
  Provider p;
  p.server.Script(200, kSse, {Delta("first"), "WAIT"});
  const auto answer = p.Ask(300);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(p.sent, "first");
}

TEST(ProviderServer, EndsAtTheDeadlineWhenTheFirstTokenIsSlow) {
  Provider p;
  p.server.Script(200, kSse, {"WAIT"});
  const int64_t start = SystemClock().MonotonicNanos();
  const auto answer = p.Ask(100);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
  EXPECT_LT(SystemClock().MonotonicNanos() - start, 5'000'000'000);  // not the ten seconds of a default
}

TEST(ProviderServer, SendsAgainAfterASilentAnswer) {
  Provider p;
  p.options.idle_ms = 50;
  p.server.Script(200, kSse, {": ready\n\n", "WAIT"});
  p.server.Script(200, kSse, {Delta("ok"), kEnd});
  const auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(p.sent, "ok");
}

TEST(ProviderServer, SendsAgainAfterFailuresBeforeAnyText) {
  const std::string error =
      "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}";
  Provider p;
  p.options.attempts = 10;
  p.options.breaker_failures = 20;
  p.server.Script(503, "application/json", {error});
  p.server.Script(500, "text/html", {"<html>"});
  p.server.Script(429, "application/json", {"{}"}, "0");
  p.server.Script(200, "text/html", {"<html>"});
  p.server.Script(200, kSse, {"CUT"});
  p.server.Script(200, kSse, {": x\n\n", "CUT"});
  p.server.Script(200, kSse, {"data: {\"choices\":[{\n\n"});
  p.server.Script(200, "application/json", {"{\"choices\":[]}"});
  p.server.Script(200, kSse, {"data: {\"error\":{\"message\":\"slot lost\"}}\n\n", "WAIT"});
  p.server.Script(200, kSse, {Delta("ok"), kEnd});
  const auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(p.sent, "ok");
  EXPECT_EQ(p.server.Seen().size(), 10u);
  EXPECT_EQ(p.metrics.counter("trine_llm_retries_total"), 9);
}

TEST(ProviderServer, ReportsAnAnswerThatIsCutOff) {
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{Delta("half"), "CUT"}, std::vector<std::string>{Delta("half")},
        std::vector<std::string>{Delta("half"), "data: {\"error\":{}}\n\n"},
        std::vector<std::string>{Delta("half"), "data: {]\n\n"}}) {
    Provider p;
    p.server.Script(200, kSse, pieces);
    const auto answer = p.Ask();
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(p.sent, "half");
    EXPECT_EQ(p.server.Seen().size(), 1u);
  }
}

TEST(ProviderServer, CutsEndlessOutput) {
  Provider p;
  std::vector<std::string> pieces(2000, Delta("word "));
  pieces.emplace_back("WAIT");  // and never ends
  p.server.Script(200, kSse, pieces);
  const auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->finish, Finish::kMaxTokens);
  EXPECT_EQ(answer->text.size(), 1024u + 320u);
}

TEST(ProviderServer, ReportsAProviderThatIsNotThere) {
  Provider p;
  p.options.url = "http://127.0.0.1:1/v1";
  const auto answer = p.Ask();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().where, "http://127.0.0.1:1/v1");
}

TEST(ProviderServer, NeverShowsTheKey) {
  Provider p;
  p.server.Script(401, "application/json", {"{\"error\":{\"message\":\"bad key sk-secret-0123456789\"}}"});
  const auto answer = p.Ask();
  ASSERT_FALSE(answer.ok());
  EXPECT_NE(answer.error().message.find("bad key [redacted]"), std::string::npos) << answer.error().message;
  EXPECT_EQ(p.log.text().find("sk-secret"), std::string::npos);
}

TEST(ProviderServer, SpeaksWithAnthropic) {
  Provider p;
  p.options.kind = ProviderKind::kAnthropic;
  const std::string text =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"네\"}}\n\n";
  p.server.Script(529, "application/json",
                  {"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"});
  p.server.Script(200, kSse,
                  {text,
                   "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"},"
                   "\"usage\":{\"output_tokens\":3}}\n\n"});
  p.server.Script(200, kSse, {text});
  auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->finish, Finish::kRefused);
  EXPECT_EQ(answer->output_tokens, 3u);
  EXPECT_EQ(p.server.Seen()[0].path, "/v1/messages");
  EXPECT_EQ(p.server.Seen()[0].headers.Get("x-api-key"), "sk-secret-0123456789");
  EXPECT_EQ(p.Ask().error().code, ErrorCode::kUnavailable);  // without an end
}

std::string Frame(const std::string& type, const std::string& payload) {
  std::string out;
  format::AppendEventMessage({{{":event-type", type}, {":message-type", "event"}}, payload}, &out);
  return out;
}

TEST(ProviderServer, SpeaksWithBedrockAndSigns) {
  Provider p;
  p.options.kind = ProviderKind::kBedrock;
  p.options.url = p.server.Url("");
  p.options.model = "us.anthropic.claude-3:0";
  p.options.key = "";
  p.options.aws_key = net::AwsKey{"AKID", "SECRET-0123456789", ""};
  const std::string type = "application/vnd.amazon.eventstream";
  const std::string text = Frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"네"}})");
  const std::string stream = text + Frame("messageStop", R"({"stopReason":"end_turn"})") +
                             Frame("metadata", R"({"usage":{"inputTokens":4,"outputTokens":2}})");
  std::vector<std::string> pieces;
  for (char byte : stream) pieces.emplace_back(1, byte);
  p.server.Script(200, type, pieces);
  p.server.Script(200, type, {text, "CUT"});
  const auto answer = p.Ask();
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(answer->text, "네");
  EXPECT_EQ(answer->input_tokens, 4u);
  EXPECT_EQ(p.Ask().error().code, ErrorCode::kUnavailable);
  const net::Request seen = p.server.Seen()[0];
  EXPECT_EQ(seen.target, "/model/us.anthropic.claude-3%3A0/converse-stream");
  const auto claim = net::ParseSignature(seen);
  ASSERT_TRUE(claim.ok() && claim->has_value());
  constexpr std::string_view kServices[] = {"bedrock"};
  const Status verified =
      net::VerifySignature(seen, **claim, "SECRET-0123456789", {.region = "us-east-1", .services = kServices},
                           SystemClock().Now());
  EXPECT_TRUE(verified.ok()) << verified.error().ToString();
}

TEST(ProviderServer, SixtyFourCallsAtOnceShareTheSlots) {
  Provider p;
  p.options.concurrency = 8;
  for (int i = 0; i < 64; ++i) p.server.Script(200, kSse, {Delta("ok"), kEnd});
  auto model = *NewProvider(p.options, *p.client, SystemClock(), p.log, p.metrics);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&] {
      ChatRequest request;
      request.messages = {{ChatMessage::Role::kUser, "question"}};
      const auto answer = model->Complete(request, Deadline::After(SystemClock(), 60'000),
                                          [](std::string_view) { return Ok(); });
      if (answer.ok() && answer->text == "ok") ++answered;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 64);
  EXPECT_EQ(p.metrics.counter("trine_llm_calls_total:ok"), 64);
  EXPECT_EQ(p.metrics.gauge("trine_llm_waiting"), 0);
}

}  // namespace
}  // namespace trine::remote::llm
