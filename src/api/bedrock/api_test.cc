// The Bedrock API while the embedder has not been chosen yet.
#include "api/bedrock/api.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace trine::api::bedrock {
namespace {

class NoModel final : public language::LanguageModel {
 public:
  std::string name() const override { return "none"; }
  Result<language::ChatAnswer> Complete(const language::ChatRequest&, const Deadline&,
                                        const language::TokenSink&) override {
    return language::ChatAnswer{};
  }
  bool ChecksSentences(const language::ChatRequest&) const override { return false; }
};

class OneEmbedder final : public language::Embedder {
 public:
  std::string name() const override { return "one"; }
  std::string version() const override { return "1"; }
  size_t dimension() const override { return 2; }
  void Embed(std::string_view, float* out) const override {
    out[0] = 1;
    out[1] = 0;
  }
};

class BedrockApiTest : public testing::Test {
 protected:
  BedrockApiTest() {
    request_.method = "POST";
    request_.path = "/model/amazon.titan-embed-text-v2:0/invoke";
    request_.body = R"({"inputText":"chair"})";
  }
  net::Response Send() { return api_.Handle(request_); }

  NoModel model_;
  ManualClock clock_{Millis{1}};
  bool chosen_ = false;
  std::optional<Error> failure_;
  std::vector<std::function<void()>> training_;
  Api api_{Dependencies{model_,
                        [this]() -> Result<std::shared_ptr<const language::Embedder>> {
                          if (failure_) return *failure_;
                          return std::shared_ptr<const language::Embedder>(
                              std::make_shared<const OneEmbedder>());
                        },
                        clock_, NullLog(), [this] { return !chosen_; },
                        [this](std::function<void()> done) { training_.push_back(std::move(done)); }}};
  net::Request request_;
};

TEST_F(BedrockApiTest, WaitsForTheEmbedderWithoutAThread) {
  const net::Response waiting = Send();
  ASSERT_NE(waiting.wait, nullptr);
  bool resumed = false;
  waiting.wait->start([&] { resumed = true; });
  ASSERT_EQ(training_.size(), 1u);
  EXPECT_FALSE(resumed);
  chosen_ = true;
  training_[0]();
  EXPECT_TRUE(resumed);
  const net::Response answer = waiting.wait->then();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.Get("x-trine-embedder"), "one/1");
  EXPECT_EQ(Send().wait, nullptr) << "the embedder is chosen";
}

TEST_F(BedrockApiTest, ReportsWhyTheEmbedderCannotBeChosen) {
  const net::Response waiting = Send();
  ASSERT_NE(waiting.wait, nullptr);
  waiting.wait->start([] {});
  EXPECT_EQ(waiting.wait->then().status, 408) << "the time of the request is over";
  failure_ = Error(ErrorCode::kNoSpace, "the disk is full");
  training_.at(0)();
  const net::Response answer = waiting.wait->then();
  EXPECT_EQ(answer.status, 503) << "the training has ended without an embedder";
  EXPECT_EQ(answer.headers.Get("x-amzn-errortype"), "ServiceUnavailableException");
}

TEST(BedrockErrors, WritesThatTheStoreRefusesMayBeTriedAgain) {
  const net::Response answer = ErrorResponse(Error(ErrorCode::kIo, "m").Detail("blocked", "store"), "id");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.Get("x-amzn-errortype"), "ServiceUnavailableException");
}

}  // namespace
}  // namespace trine::api::bedrock
