#include "api/bedrock/model_id.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test/support/bedrock_api.h"

namespace trine::api::bedrock {
namespace {

TEST(FamilyOf, KnowsPrefixesAndArns) {
  using F = Family;
  for (const auto& [id, family] : {
           std::pair{"anthropic.claude-3-sonnet-20240229-v1:0", F::kClaudeMessages},
           std::pair{"apac.anthropic.claude-3-haiku-20240307-v1:0", F::kClaudeMessages},
           std::pair{"global.anthropic.claude-sonnet-4-5-20250929-v1:0", F::kClaudeMessages},
           std::pair{"anthropic.claude-v2:1", F::kClaudeText},
           std::pair{"us.amazon.nova-pro-v1:0", F::kNova},
           std::pair{"amazon.nova-canvas-v1:0", F::kUnknown},
           std::pair{"cohere.command-r-plus-v1:0", F::kCohereChat},
           std::pair{"cohere.command-light-text-v14", F::kCohereCommand},
           std::pair{"arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
                     F::kTitanEmbed},
           std::pair{
               "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama3-1-8b-instruct-v1:0",
               F::kLlama},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.titan-text-lite-v1:0:4k/"
                     "abcdef123456",
                     F::kTitanText},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdef123456", F::kOpaque},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdef123456", F::kOpaque},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456",
                     F::kOpaque},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:imported-model/", F::kUnknown},
           std::pair{"arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ", F::kUnknown},
           std::pair{"arn:", F::kUnknown},
           std::pair{"us.", F::kUnknown},
           std::pair{"", F::kUnknown},
       })
    EXPECT_EQ(FamilyOf(id), family) << id;
}

TEST(FamilyOfBody, TellsTheFamilyByMembers) {
  using F = Family;
  for (const auto& [body, family] : {
           std::pair{R"({"anthropic_version":"x","messages":[]})", F::kClaudeMessages},
           std::pair{R"({"prompt":"x","max_tokens_to_sample":1})", F::kClaudeText},
           std::pair{R"({"inputText":"x","textGenerationConfig":{}})", F::kTitanText},
           std::pair{R"({"inputText":"x"})", F::kTitanEmbed},
           std::pair{R"({"singleEmbeddingParams":{}})", F::kNovaEmbed},
           std::pair{R"({"texts":[]})", F::kCohereEmbed},
           std::pair{R"({"query":"x","documents":[]})", F::kRerank},
           std::pair{R"({"message":"x"})", F::kCohereChat},
           std::pair{R"({"messages":[{"role":"user","content":[]}]})", F::kNova},
           std::pair{R"({"messages":[{"role":"user","content":"x"}]})", F::kMistral},
           std::pair{R"({"prompt":"x","max_gen_len":1})", F::kLlama},
           std::pair{R"({"prompt":"x","num_generations":1})", F::kCohereCommand},
           std::pair{R"({"prompt":"x"})", F::kMistral},
           std::pair{R"({})", F::kUnknown},
           std::pair{R"([])", F::kUnknown},
       })
    EXPECT_EQ(FamilyOfBody(format::ParseJson(body).value()), family) << body;
}

TEST(Models, AreOrderedAndServed) {
  const auto models = Models();
  EXPECT_TRUE(
      std::is_sorted(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
  for (const ModelInfo& model : models) {
    EXPECT_NE(FamilyOf(model.id), Family::kUnknown) << model.id;
    EXPECT_LE(model.name.size(), 20u) << model.id;
  }
}

class Routes : public test::BedrockApiFixture {};

TEST_F(Routes, AnswersProvisionedModelsByTheirBody) {
  const std::string arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aprovisioned-model%2Fabcdef123456";
  EXPECT_EQ(Post(arn, "invoke", R"({"prompt":"Hi","max_gen_len":5})").status, 200);
  EXPECT_EQ(Post(arn, "invoke", R"({"inputText":"a"})").headers.Get("x-trine-model"), "letters");
  EXPECT_EQ(Post(arn, "converse", R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})").status, 200);
  EXPECT_EQ(TypeOf(Post(arn, "invoke", R"({"a":1})")), "400 ValidationException");
}

TEST_F(Routes, RejectsUnknownPathsAndMethods) {
  const std::string hi = R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})";
  EXPECT_EQ(TypeOf(Post("nobody.model", "converse", hi)), "400 ValidationException");
  EXPECT_EQ(TypeOf(Post("anthropic.claude-3", "nothing", hi)), "404 ResourceNotFoundException");
  EXPECT_EQ(TypeOf(Post("anthropic.claude-3", "invoke-with-bidirectional-stream", hi)),
            "400 ValidationException");
  EXPECT_EQ(TypeOf(Post("", "converse", hi)), "404 ResourceNotFoundException");
  EXPECT_EQ(TypeOf(Post("%zz", "converse", hi)), "400 ValidationException");
  EXPECT_EQ(TypeOf(Post(std::string(2049, 'a'), "converse", hi)), "404 ResourceNotFoundException");
  EXPECT_EQ(TypeOf(Send("GET", "/model/anthropic.claude-3/converse")), "400 ValidationException");
  for (const char* path : {"/async-invoke", "/async-invoke/arn"})
    EXPECT_NE(Send("GET", path).body.find("asynchronous invocations are not supported"), std::string::npos);
  EXPECT_EQ(TypeOf(Send("POST", "/guardrail/g/other/1/apply")), "404 ResourceNotFoundException");
  EXPECT_EQ(TypeOf(Send("GET", "/guardrail/g/version/1/apply")), "400 ValidationException");
}

TEST_F(Routes, ChecksAndRepeatsHeaders) {
  const std::string hi = R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})";
  request_.headers.Set("X-Amzn-Bedrock-Service-Tier", "flex");
  EXPECT_EQ(Post("anthropic.claude-3", "converse", hi).headers.Get("x-amzn-bedrock-service-tier"), "flex");
  request_.headers.Set("X-Amzn-Bedrock-Service-Tier", "fast");
  EXPECT_EQ(TypeOf(Post("anthropic.claude-3", "converse", hi)), "400 ValidationException");
  request_.headers.Remove("X-Amzn-Bedrock-Service-Tier");
  request_.headers.Set("X-Amzn-Bedrock-GuardrailIdentifier", "g1");
  EXPECT_EQ(TypeOf(Post("anthropic.claude-3", "converse", hi)), "400 ValidationException");
}

TEST_F(Routes, ListsFoundationModels) {
  request_.caller.region = "eu-west-1";
  const auto ids = [&](const std::string& query) {
    const net::Response response = Send("GET", "/foundation-models" + query);
    EXPECT_EQ(response.status, 200) << response.body;
    const format::Json answer = format::ParseJson(response.body).value();
    std::vector<std::string> out;
    for (const format::Json& model : answer.Find("modelSummaries")->array())
      out.push_back(model.Find("modelId")->string());
    return out;
  };
  EXPECT_EQ(ids("").size(), Models().size());
  EXPECT_EQ(ids("?byProvider=meta").size(), 4u);
  EXPECT_EQ(ids("?byProvider=Cohere&byOutputModality=EMBEDDING").size(), 2u);
  EXPECT_TRUE(ids("?byInferenceType=PROVISIONED").empty());
  EXPECT_TRUE(ids("?byCustomizationType=FINE_TUNING").empty());
  EXPECT_TRUE(ids("?byOutputModality=IMAGE").empty());
  EXPECT_EQ(TypeOf(Send("GET", "/foundation-models?byOutputModality=SOUND")), "400 ValidationException");
  const net::Response one = Send("GET", "/foundation-models/anthropic.claude-v2%3A1");
  EXPECT_NE(one.body.find("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1"),
            std::string::npos);
  EXPECT_EQ(Send("GET",
                 "/foundation-models/"
                 "arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model%2Fanthropic.claude-v2%3A1")
                .body,
            one.body);
  EXPECT_EQ(TypeOf(Send("GET", "/foundation-models/nobody.model")), "404 ResourceNotFoundException");
}

TEST(Owns, LeavesOtherPathsToTheOtherApis) {
  net::Request head;
  for (const auto& [method, path, owned] :
       {std::tuple{"POST", "/model/m/invoke", true}, std::tuple{"GET", "/foundation-models", true},
        std::tuple{"GET", "/foundation-models/m", true}, std::tuple{"PUT", "/foundation-models", false},
        std::tuple{"GET", "/foundation-models-2", false},
        std::tuple{"POST", "/guardrail/g/version/1/apply", true}, std::tuple{"GET", "/async-invoke", true},
        std::tuple{"GET", "/async-invoke-2", false}, std::tuple{"GET", "/products/_search", false},
        std::tuple{"GET", "/models", false}}) {
    head.method = method;
    head.path = path;
    EXPECT_EQ(Api::Owns(head), owned) << path;
  }
}

class Guardrail : public test::BedrockApiFixture {
 protected:
  net::Response Apply(const std::string& text, const std::string& more = "") {
    return Send(
        "POST", "/guardrail/any/version/DRAFT/apply",
        R"({"source":"OUTPUT","content":[{"text":{"text":"The tent weighs 900 g and costs 20000 won.","qualifiers":["grounding_source"]}},
                    {"text":{"text":"How heavy is the tent?","qualifiers":["query"]}},{"text":{"text":")" +
            text + R"("}}])" + more + "}");
  }
};

TEST_F(Guardrail, LetsSupportedSentencesThrough) {
  const net::Response response = Apply("The tent weighs 900 g.", R"(,"outputScope":"FULL")");
  ASSERT_EQ(response.status, 200) << response.body;
  const format::Json answer = format::ParseJson(response.body).value();
  EXPECT_EQ(answer.Find("action")->string(), "NONE");
  EXPECT_TRUE(answer.Find("outputs")->array().empty());
  EXPECT_EQ(answer.FindPath("usage.contextualGroundingPolicyUnits")->integer(), 1);
}

TEST_F(Guardrail, DropsUnsupportedSentences) {
  const format::Json answer =
      format::ParseJson(Apply("The tent costs 20000 won. It weighs 500 g.").body).value();
  EXPECT_EQ(answer.Find("action")->string(), "GUARDRAIL_INTERVENED");
  EXPECT_EQ(answer.Find("outputs")->array().at(0).Find("text")->string(), "The tent costs 20000 won. ");
  const format::Json& filter =
      answer.Find("assessments")->array().at(0).FindPath("contextualGroundingPolicy.filters")->array().at(0);
  EXPECT_EQ(filter.Find("score")->number(), 0.5);
  EXPECT_EQ(filter.Find("action")->string(), "BLOCKED");
}

TEST_F(Guardrail, RefusesToCheckNothing) {
  for (const char* body :
       {"{", "{}", R"({"source":"OUTPUT"})", R"({"source":"INPUT","content":[{"text":{"text":"x"}}]})",
        R"({"source":"OUTPUT","content":[]})", R"({"source":"OUTPUT","content":[{"text":{"text":"x"}}]})",
        R"({"source":"OUTPUT","content":[{"image":{}}]})", R"({"source":"OUTPUT","content":[{}]})",
        R"({"source":"OUTPUT","content":[{"text":{"text":"x","qualifiers":["other"]}}]})",
        R"({"source":"OUTPUT","content":[{"text":{"text":"x","qualifiers":["grounding_source"]}}]})"})
    EXPECT_EQ(TypeOf(Send("POST", "/guardrail/any/version/1/apply", body)), "400 ValidationException")
        << body;
}

}  // namespace
}  // namespace trine::api::bedrock
