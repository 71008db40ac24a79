#include "language/grounded_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "language/model.h"

namespace trine::language {
namespace {

// Answers with a fixed text, in parts of a few bytes.
class FixedModel final : public LanguageModel {
 public:
  explicit FixedModel(std::string text) { answer.text = std::move(text); }
  std::string name() const override { return "fixed"; }
  bool ChecksSentences(const ChatRequest&) const override { return false; }
  Result<ChatAnswer> Complete(const ChatRequest&, const Deadline&, const TokenSink& sink) override {
    for (size_t at = 0; sink && at < answer.text.size(); at += 5) TRINE_TRY(sink(answer.text.substr(at, 5)));
    if (fails) return Error(ErrorCode::kUnavailable, "the stream was cut");
    return answer;
  }
  ChatAnswer answer;
  bool fails = false;
};

ChatRequest Ask(std::string prompt) {
  ChatRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, std::move(prompt)});
  return request;
}

constexpr const char* kPrompt =
    "Products:\n- a1: Linen Shirt, $40\n- b2: Cotton Shirt, $25\n\nUser question: which shirt is the "
    "cheapest?";

ChatAnswer AnswerOf(const std::string& said, const ChatRequest& request, std::string* streamed = nullptr) {
  FixedModel inner(said);
  const auto model = NewGroundedModel(inner);
  TokenSink sink;
  if (streamed != nullptr) sink = [streamed](std::string_view part) { return *streamed += part, Ok(); };
  auto answer = model->Complete(request, {}, sink);
  EXPECT_TRUE(answer.ok());
  return answer.ok() ? *answer : ChatAnswer();
}

TEST(GroundedModel, DropsWhatThePromptDoesNotSay) {
  std::string streamed;
  const ChatAnswer answer = AnswerOf("The Cotton Shirt costs $25. The Linen Shirt costs $4. Both are nice.",
                                     Ask(kPrompt), &streamed);
  EXPECT_EQ(answer.text, "The Cotton Shirt costs $25. Both are nice.");
  EXPECT_EQ(streamed, answer.text);
  EXPECT_EQ(answer.grounding, Grounding::kChecked);
  EXPECT_EQ(answer.dropped_sentences, 1u);
  EXPECT_EQ(AnswerOf("The Linen Shirt costs $4.", Ask(kPrompt)).text.find("$4"), std::string::npos);
}

TEST(GroundedModel, SaysThatAnAnswerIsWithheld) {
  std::string streamed;
  const ChatAnswer answer = AnswerOf("The Linen Shirt costs $4.", Ask(kPrompt), &streamed);
  EXPECT_EQ(answer.grounding, Grounding::kWithheld);
  EXPECT_EQ(answer.text, "I cannot give an answer that the given items and documents support.");
  EXPECT_EQ(streamed, answer.text);
  EXPECT_EQ(AnswerOf("", Ask(kPrompt)).grounding, Grounding::kChecked) << "an empty answer says nothing";
}

TEST(GroundedModel, PassesOtherRequestsOnUnchanged) {
  FixedModel inner("The Moon Shirt costs $4.");
  const auto model = NewGroundedModel(inner);
  const ChatRequest request = Ask("Tell me about shirts.");
  EXPECT_FALSE(model->ChecksSentences(request));
  EXPECT_TRUE(model->ChecksSentences(Ask(kPrompt)));
  const auto answer = model->Complete(request, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "The Moon Shirt costs $4.");
  EXPECT_EQ(answer->grounding, Grounding::kNothingToCheck);
}

TEST(GroundedModel, ReadsMaterialFromEveryMessageAndToolResult) {
  for (const int place : {0, 1, 2}) {
    ChatRequest request;
    if (place == 0) request.messages.push_back({ChatMessage::Role::kSystem, kPrompt});
    if (place == 1) request.messages.push_back({ChatMessage::Role::kUser, kPrompt});
    if (place == 2) {
      ChatMessage results{ChatMessage::Role::kUser, ""};
      results.tool_results.push_back({"call_1", R"([{"id":"a1","title":"Linen Shirt","price":"$40"}])"});
      request.messages.push_back(results);
    }
    request.messages.push_back({ChatMessage::Role::kAssistant, "The Linen Shirt costs $4."});
    request.messages.push_back({ChatMessage::Role::kUser, "How much is the Linen Shirt?"});
    EXPECT_EQ(AnswerOf("The Linen Shirt costs $40. It costs $4.", request).text,
              "The Linen Shirt costs $40. ")
        << place;
  }
}

TEST(GroundedModel, ChecksTheValuesOfJson) {
  EXPECT_EQ(AnswerOf(R"({"title":"Linen Shirt","price":40,"stock":999,"note":"The Linen Shirt costs $4."})",
                     Ask(kPrompt))
                .text,
            R"({"title":"Linen Shirt","price":40,"stock":null,"note":null})");
  const std::string good = R"([{"id":"a1","price":40}])";
  EXPECT_EQ(AnswerOf(good, Ask(kPrompt)).text, good);
  EXPECT_EQ(AnswerOf("```json\n{\"price\":41}\n```", Ask(kPrompt)).text, R"({"price":null})");
  EXPECT_EQ(AnswerOf("{ The Linen Shirt costs $40. The Linen Shirt costs $4.", Ask(kPrompt)).text,
            "{ The Linen Shirt costs $40. ")
      << "no JSON after all";
}

TEST(GroundedModel, PassesErrorsAndToolCallsOn) {
  FixedModel inner("The Linen Shirt costs $4.");
  inner.answer.tool_calls.push_back({"c1", "search", "{}"});
  inner.answer.finish = ChatAnswer::Finish::kToolCalls;
  const auto model = NewGroundedModel(inner);
  const auto answer = model->Complete(Ask(kPrompt), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->tool_calls.size(), 1u);
  EXPECT_EQ(answer->text, "");
  inner.fails = true;
  EXPECT_EQ(model->Complete(Ask(kPrompt), {}).error().code, ErrorCode::kUnavailable);
  inner.fails = false;
  EXPECT_EQ(
      model->Complete(Ask(kPrompt), {}, [](std::string_view) { return Error(ErrorCode::kStopped, "gone"); })
          .ok(),
      true)
      << "nothing was released, so the sink was not called";
}

// The built-in model speaks from the prompt alone, so the checker must not drop anything that it says.
TEST(GroundedModel, LetsTheBuiltInModelSpeak) {
  const auto analyzers = analysis::NewAnalyzers({});
  ASSERT_TRUE(analyzers.ok());
  const auto builtin = NewBuiltinModel(**analyzers);
  const auto grounded = NewGroundedModel(*builtin);
  for (const char* prompt :
       {kPrompt,
        "- a: 블랙 후디, 50000원\n- b: 화이트 후디, 32000원\n사용자의 질문: 블랙 말고 4만원 이하 후디",
        "- a: 캠핑 의자\n- b: 텐트\n사용자의 질문: 아이폰 케이스 있어요?",
        "- a: Blue shirt, $40\n- b: Red shirt, $25\nUser question: which is the cheapest shirt?",
        "추천 상품:\n- hoodie-1: 블랙 후디, 39,000원\n- pants-2: 데님 팬츠, 52,000원\n- chair-3: 캠핑 체어, "
        "45,000원\n사용자의 질문: 이번 주말 뭐 입을까요?",
        "Products:\n1. Tent - 200,000 KRW\n2. Lamp - 18,000 KRW\nUser question: a tent under 300000 won",
        "참고 문서:\n교환은 7일 안에 할 수 있습니다.\n배송비는 3,000원입니다.\n\n질문: 교환은 언제까지 "
        "되나요?",
        "Documents:\nReturns are accepted within 14 days.\nShipping costs $5.\n\nQuestion: how long are "
        "returns accepted?",
        "[{\"id\":\"x9\",\"title\":\"Trail Shoes\",\"price\":89.5}]\nUser question: trail shoes under $100, "
        "waterproof",
        "| id | title | price |\n|---|---|---|\n| p1 | 무선 이어폰 | 59,000원 |\n| p2 | 유선 이어폰 | "
        "12,000원 |\n\n질문: 2만원 이하 이어폰",
        "- a: Tent, 2.5 kg, $120\n- b: Tent Light, 1.1 kg, $180\nUser question: a tent under 2 kg"}) {
    const auto plain = builtin->Complete(Ask(prompt), {});
    const auto checked = grounded->Complete(Ask(prompt), {});
    ASSERT_TRUE(plain.ok() && checked.ok());
    EXPECT_EQ(checked->text, plain->text);
    EXPECT_EQ(checked->dropped_sentences, 0u) << prompt;
  }
}

}  // namespace
}  // namespace trine::language
