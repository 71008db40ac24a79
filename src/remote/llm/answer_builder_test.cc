#include "remote/llm/answer_builder.h"

#include <gtest/gtest.h>

#include "language/model.h"

namespace trine::remote::llm {
namespace {

using language::ChatAnswer;
using Finish = ChatAnswer::Finish;

const std::vector<language::Tool> kTools = {{"find", "", "{}"}, {"show", "", "{}"}};

TEST(AnswerBuilder, JoinsCharactersThatAreSplitAndRepairsBrokenOnes) {
  std::vector<std::string> parts;
  AnswerBuilder builder(1000, [&](std::string_view part) { return parts.emplace_back(part), Ok(); });
  // "한" is ed 95 9c; "é" is c3 a9; ff is never valid.
  for (const char* piece : {"a\xed", "\x95",
                            "\x9c"
                            "b",
                            "\xff", "c\xc3", "", "\xa9", "\xed\x95"})
    ASSERT_TRUE(builder.AddText(piece).ok());
  builder.SetFinish(Finish::kEnd);
  const auto answer = builder.Take(3, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "a한b\uFFFDcé\uFFFD");
  std::string joined;
  for (const std::string& part : parts) {
    EXPECT_FALSE(part.empty());
    joined += part;
  }
  EXPECT_EQ(joined, answer->text);
  EXPECT_EQ(answer->finish, Finish::kEnd);
}

TEST(AnswerBuilder, EstimatesTokensThatTheProviderDoesNotCount) {
  AnswerBuilder builder(1000, {});
  ASSERT_TRUE(builder.AddText("a short answer").ok());
  auto answer = builder.Take(77, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->input_tokens, 77u);
  EXPECT_EQ(answer->output_tokens, language::CountTokens("a short answer"));
  AnswerBuilder counted(1000, {});
  counted.SetInputTokens(5);
  counted.SetOutputTokens(0);
  answer = counted.Take(77, {});
  EXPECT_EQ(answer->input_tokens, 5u);
  EXPECT_EQ(answer->output_tokens, 0u);
}

TEST(AnswerBuilder, CutsTextAtTheBoundBetweenCharacters) {
  std::string sent;
  AnswerBuilder builder(7, [&](std::string_view part) { return sent += part, Ok(); });
  ASSERT_TRUE(builder.AddText("한").ok());
  EXPECT_FALSE(builder.cut());
  EXPECT_FALSE(builder.AddText("글이다").ok());
  EXPECT_TRUE(builder.cut());
  EXPECT_FALSE(builder.sink_error());
  const auto answer = builder.Take(1, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "한글");
  EXPECT_EQ(sent, "한글");
  EXPECT_EQ(answer->finish, Finish::kMaxTokens);
}

TEST(AnswerBuilder, KeepsTheErrorOfTheSink) {
  AnswerBuilder builder(100, [](std::string_view) -> Status { return Error(ErrorCode::kIo, "gone"); });
  EXPECT_FALSE(builder.AddText("x").ok());
  ASSERT_TRUE(builder.sink_error());
  EXPECT_EQ(builder.sink_error()->message, "gone");
  EXPECT_TRUE(builder.sent());
}

TEST(AnswerBuilder, JoinsToolCallsFromFragments) {
  AnswerBuilder builder(1000, {});
  ASSERT_TRUE(builder.AddTool(1, "id2", "show").ok());
  ASSERT_TRUE(builder.AddTool(0, "id1", "find").ok());
  for (const char* fragment : {"{\"q\":", "\"의", "자\"}"})
    ASSERT_TRUE(builder.AddToolInput(0, fragment).ok());
  builder.SetFinish(Finish::kEnd);  // as Ollama says
  const auto answer = builder.Take(1, kTools);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  ASSERT_EQ(answer->tool_calls.size(), 2u);
  EXPECT_EQ(answer->tool_calls[0].id, "id1");
  EXPECT_EQ(answer->tool_calls[0].name, "find");
  EXPECT_EQ(answer->tool_calls[0].input, "{\"q\":\"의자\"}");
  EXPECT_EQ(answer->tool_calls[1].input, "{}");
  EXPECT_EQ(answer->finish, Finish::kToolCalls);
}

TEST(AnswerBuilder, RejectsToolCallsThatCannotBeMade) {
  const struct {
    const char *name, *input;
  } rows[] = {{"find", "{\"q\":"}, {"find", "[1]"}, {"erase_all", "{}"}, {"", "{\"q\":1}"}};
  for (const auto& row : rows) {
    AnswerBuilder builder(1000, {});
    ASSERT_TRUE(builder.AddTool(0, "id", row.name).ok());
    ASSERT_TRUE(builder.AddToolInput(0, row.input).ok());
    const auto answer = builder.Take(1, kTools);
    ASSERT_FALSE(answer.ok()) << row.name << row.input;
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    // The same is left out of an answer that was cut.
    AnswerBuilder cut(1000, {});
    ASSERT_TRUE(cut.AddTool(0, "id", row.name).ok());
    ASSERT_TRUE(cut.AddToolInput(0, row.input).ok());
    cut.SetFinish(Finish::kMaxTokens);
    EXPECT_TRUE(cut.Take(1, kTools)->tool_calls.empty());
  }
  AnswerBuilder many(1000, {});
  EXPECT_TRUE(many.AddTool(AnswerBuilder::kMaxToolCalls - 1, "id", "find").ok());
  EXPECT_EQ(many.AddTool(AnswerBuilder::kMaxToolCalls, "id", "find").error().code, ErrorCode::kUnavailable);
  const auto sparse = many.Take(1, kTools);  // the skipped positions are not calls
  ASSERT_TRUE(sparse.ok());
  EXPECT_EQ(sparse->tool_calls.size(), 1u);
}

TEST(AnswerBuilder, NamesCallsWithoutIdAndBoundsInputs) {
  AnswerBuilder builder(10, {});
  ASSERT_TRUE(builder.AddTool(0, "", "find").ok());
  EXPECT_FALSE(builder.AddToolInput(0, "{\"q\":\"much too long\"}").ok());
  EXPECT_TRUE(builder.cut());
  const auto answer = builder.Take(1, kTools);
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->tool_calls.size(), 1u);  // its input is empty, which is an object without members
  EXPECT_EQ(answer->tool_calls[0].id, "call_1");
}

TEST(AnswerBuilder, RefusalOverridesTheEnd) {
  AnswerBuilder builder(100, {});
  builder.SetRefused();
  builder.SetFinish(Finish::kEnd);
  const auto answer = builder.Take(1, {});
  EXPECT_EQ(answer->finish, Finish::kRefused);
}

}  // namespace
}  // namespace trine::remote::llm
