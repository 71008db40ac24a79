#include "remote/llm/provider_error.h"

#include <gtest/gtest.h>

namespace trine::remote::llm {
namespace {

std::string TextOf(std::string body, std::string type = "application/json", std::string aws_type = "") {
  net::ClientResponse response{.status = 400, .headers = {}, .body = std::move(body)};
  if (!type.empty()) response.headers.Add("Content-Type", std::move(type));
  if (!aws_type.empty()) response.headers.Add("x-amzn-ErrorType", std::move(aws_type));
  return ErrorText(response);
}

TEST(ProviderError, ReadsTheErrorsOfAllProviders) {
  EXPECT_EQ(TextOf(R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":"bad"}})"),
            "bad: no");
  EXPECT_EQ(TextOf(R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})"),
            "unavailable_error: Loading model");
  EXPECT_EQ(TextOf(R"({"object":"error","message":"too long","type":"BadRequestError","code":400})"),
            "BadRequestError: too long");
  EXPECT_EQ(TextOf(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
            "overloaded_error: Overloaded");
  EXPECT_EQ(TextOf(R"({"message":"no access"})", "application/json", "AccessDeniedException:http://x/"),
            "AccessDeniedException: no access");
  EXPECT_EQ(
      TextOf(R"({"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})"),
      "stream_options: Extra inputs are not permitted");
  EXPECT_EQ(TextOf(R"({"detail":"Not Found"})"), "Not Found");
  EXPECT_EQ(TextOf(R"({"error":"model 'x' not found"})"), "model 'x' not found");
  EXPECT_EQ(TextOf("upstream is down\n", "text/plain"), "upstream is down");
  EXPECT_EQ(TextOf("<html><body>502</body></html>", "text/html"), "");
  EXPECT_EQ(TextOf("{}"), "");
  EXPECT_EQ(TextOf(""), "");
  EXPECT_EQ(TextOf(R"({"error":{"message":{"a":1}}})"), "");
}

TEST(ProviderError, ErrorsInAnswersHaveTheCodeOfTheirType) {
  EXPECT_EQ(StreamError("overloaded_error: x").code, ErrorCode::kBusy);
  EXPECT_EQ(StreamError("throttlingException: x").code, ErrorCode::kBusy);
  EXPECT_EQ(StreamError("rate_limit_exceeded: x").code, ErrorCode::kBusy);
  EXPECT_EQ(StreamError("validationException: x").code, ErrorCode::kInvalid);
  EXPECT_EQ(StreamError("internalServerException: x").code, ErrorCode::kUnavailable);
  EXPECT_EQ(StreamError("").code, ErrorCode::kUnavailable);
}

std::optional<int64_t> WaitOf(const char* name, const char* value) {
  net::Headers headers;
  headers.Add(name, value);
  return RetryAfterMillis(headers,
                          Millis{784'111'777'000 - 5000});  // Sun, 06 Nov 1994 08:49:37 GMT, less 5 s
}

TEST(ProviderError, ReadsRetryAfter) {
  EXPECT_EQ(WaitOf("Retry-After", "7"), 7000);
  EXPECT_EQ(WaitOf("Retry-After", "0.5"), 500);
  EXPECT_EQ(WaitOf("retry-after-ms", "1500"), 1500);
  EXPECT_EQ(WaitOf("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), 5000);
  EXPECT_EQ(WaitOf("Retry-After", "Sun, 06 Nov 1984 08:49:37 GMT"), 0);
  EXPECT_EQ(WaitOf("Retry-After", "99999999999"), 24LL * 3600 * 1000);
  for (const char* wrong : {"", "soon", "-1", "Sun, 06 Foo 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 xx:49:37 GMT", "nan"})
    EXPECT_EQ(WaitOf("Retry-After", wrong), std::nullopt) << wrong;
}

TEST(ProviderError, CleansTextsOfProviders) {
  const Redactor redactor({"sk-secret-0123456789", "", "short"});
  EXPECT_EQ(redactor.Clean("Incorrect key: sk-secret-0123456789."), "Incorrect key: [redacted].");
  EXPECT_EQ(redactor.Clean("Incorrect key: sk-secr***"), "Incorrect key: sk-secr***");  // 7 characters
  EXPECT_EQ(redactor.Clean("Incorrect key: sk-secre***6789"), "Incorrect key: [redacted]***6789");
  EXPECT_EQ(redactor.Clean("tail -0123456789"), "tail [redacted]");
  EXPECT_EQ(redactor.Clean("a short one"), "a [redacted] one");
  EXPECT_EQ(redactor.Clean("sk-secret-0123456789sk-secret-0123456789"), "[redacted][redacted]");
  // A key that is split by invisible characters is still found.
  EXPECT_EQ(redactor.Clean("sk-sec\u200bret-0123456789"), "[redacted]");
  EXPECT_EQ(redactor.Clean("one\r\n\r\n  two\x1b[31m\xff"), "one two[31m\uFFFD");
  const std::string longest = redactor.Clean(std::string(10'000'000, 'x'));
  EXPECT_EQ(longest, std::string(Redactor::kMaxBytes, 'x') + "...");
  EXPECT_EQ(Redactor({}).Clean("plain"), "plain");
}

}  // namespace
}  // namespace trine::remote::llm
