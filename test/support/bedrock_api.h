// A fixture with the Bedrock API on a scripted model and a small embedder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/bedrock/api.h"
#include "format/event_stream.h"
#include "format/text.h"
#include "test/support/fixed_model.h"

namespace trine::test {

// Texts that begin with the same letter have the same vector.
class LetterEmbedder final : public language::Embedder {
 public:
  std::string name() const override { return "letters"; }
  std::string version() const override { return "1"; }
  size_t dimension() const override { return 26; }
  void Embed(std::string_view text, float* out) const override {
    for (size_t i = 0; i < dimension(); ++i) out[i] = 0;
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') out[text[0] - 'a'] = 1;
  }
};

struct BodyText final : net::BodyWriter {
  Status Write(std::string_view piece) override {
    if (closed_after == 0) return Error(ErrorCode::kUnavailable, "closed");
    --closed_after;
    text += piece;
    return Ok();
  }
  std::string text;
  int closed_after = 1 << 20;  // writes until the client is gone
};

// One event of a stream: the headers, and the JSON of its payload; of a chunk, the JSON that it carries.
struct SentEvent {
  std::string kind, name;  // ":message-type", and ":event-type" or ":exception-type"
  format::Json json;
};

class BedrockApiFixture : public testing::Test {
 protected:
  net::Response Send(const std::string& method, const std::string& path, std::string body = "") {
    request_.method = method;
    const size_t mark = path.find('?');
    request_.path = path.substr(0, mark);
    request_.query = mark == std::string::npos ? "" : path.substr(mark + 1);
    request_.body = std::move(body);
    request_.id = "0a-1b";
    request_.caller.name = "app";
    return api_.Handle(request_);
  }
  net::Response Post(const std::string& model, const std::string& operation, std::string body) {
    return Send("POST", "/model/" + model + "/" + operation, std::move(body));
  }
  // Sends and reads a body that must be an answer.
  format::Json Answer(const std::string& model, const std::string& operation, std::string body) {
    const net::Response response = Post(model, operation, std::move(body));
    EXPECT_EQ(response.status, 200) << response.body;
    return format::ParseJson(response.body).value();
  }
  static std::string TypeOf(const net::Response& response) {
    return std::to_string(response.status) + " " + std::string(response.headers.Get("x-amzn-errortype"));
  }

  std::vector<SentEvent> Stream(const std::string& model, const std::string& operation, std::string body) {
    const net::Response response = Post(model, operation, std::move(body));
    EXPECT_EQ(response.status, 200) << response.body;
    if (!response.stream) return {};
    BodyText out;
    EXPECT_TRUE(response.stream(out).ok());
    return Events(out.text);
  }
  static std::vector<SentEvent> Events(const std::string& bytes) {
    std::vector<SentEvent> events;
    format::EventStreamDecoder decoder;
    const Status read = decoder.Add(bytes, [&](const format::EventMessage& message) {
      SentEvent event{std::string(message.Header(":message-type")),
                      std::string(message.Header(":event-type")), format::ParseJson(message.payload).value()};
      if (event.kind == "exception") event.name = std::string(message.Header(":exception-type"));
      if (event.name == "chunk")
        event.json = format::ParseJson(format::UnBase64(event.json.Find("bytes")->string()).value()).value();
      events.push_back(std::move(event));
      return Ok();
    });
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    EXPECT_TRUE(decoder.Finish().ok());
    return events;
  }

  FixedModel model_;
  ManualClock clock_{Millis{1}};
  std::shared_ptr<const language::Embedder> embedder_ = std::make_shared<const LetterEmbedder>();
  api::bedrock::Api api_{api::bedrock::Dependencies{
      model_, [this]() -> Result<std::shared_ptr<const language::Embedder>> { return embedder_; }, clock_,
      NullLog()}};
  net::Request request_;
};

}  // namespace trine::test
