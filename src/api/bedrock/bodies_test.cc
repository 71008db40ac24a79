#include "api/bedrock/bodies.h"

#include <gtest/gtest.h>

#include "api/bedrock/api.h"

namespace trine::api::bedrock {
namespace {

format::Json Read(const char* text) { return format::ParseJson(text).value(); }

TEST(FamilyOf, RecognizesRegionPrefixesAndArns) {
  EXPECT_EQ(FamilyOf("anthropic.claude-3-sonnet-20240229-v1:0"), Family::kAnthropicMessages);
  EXPECT_EQ(FamilyOf("apac.anthropic.claude-3-haiku-20240307-v1:0"), Family::kAnthropicMessages);
  EXPECT_EQ(FamilyOf("arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"),
            Family::kTitanEmbed);
  EXPECT_EQ(FamilyOf("arn:"), Family::kUnknown);
  EXPECT_EQ(FamilyOf("anthropic.claude-v2:1"), Family::kUnknown);
  EXPECT_EQ(FamilyOf(""), Family::kUnknown);
}

TEST(ParseAnthropic, ReadsTextAndBlocks) {
  const auto r = ParseAnthropic(
      Read(R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"system":"s","stop_sequences":["x"],
    "messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]})"));
  ASSERT_TRUE(r.ok()) << r.error().ToString();
  ASSERT_EQ(r->messages.size(), 3u);
  EXPECT_EQ(r->messages[0].role, language::ChatMessage::Role::kSystem);
  EXPECT_EQ(r->messages[1].text, "a\nb");
  EXPECT_EQ(r->max_tokens, 5u);
  EXPECT_EQ(r->stop, std::vector<std::string>{"x"});
}

TEST(ParseAnthropic, RejectsInvalidRequests) {
  const char* const bad[] = {
      "[]",
      "{}",
      R"({"anthropic_version":"1","max_tokens":5,"messages":[{"role":"user","content":"a"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"a"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":0,"messages":[{"role":"user","content":"a"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":"5","messages":[{"role":"user","content":"a"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"robot","content":"a"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user"}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image"}]}]})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"a"}],"temperature":2})",
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"a"}],"typo":2})"};
  for (const char* text : bad) EXPECT_FALSE(ParseAnthropic(Read(text)).ok()) << text;
}

TEST(ParseTitanEmbed, ChecksDimensionsByModelVersion) {
  EXPECT_EQ(ParseTitanEmbed(Read(R"({"inputText":"a"})"), "amazon.titan-embed-text-v1")->dimensions, 1536u);
  EXPECT_EQ(ParseTitanEmbed(Read(R"({"inputText":"a","dimensions":256})"), "amazon.titan-embed-text-v2:0")
                ->dimensions,
            256u);
  for (const char* text : {R"({"inputText":""})", R"({})", R"({"inputText":"a","dimensions":300})",
                           R"({"inputText":"a","normalize":1})", R"({"inputText":"a","x":1})",
                           R"({"inputText":"a","embeddingTypes":["int8"]})"}) {
    EXPECT_FALSE(ParseTitanEmbed(Read(text), "amazon.titan-embed-text-v2:0").ok()) << text;
  }
}

TEST(BedrockErrors, Answers500OnlyForServerFailures) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_EQ(ErrorResponse(Error(code, "m"), "id").status == 500, IsServerFailure(KindOf(code)))
        << Name(code);
  }
}

}  // namespace
}  // namespace trine::api::bedrock
