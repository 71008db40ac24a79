// Embedding and re-ranking models.
#include <gtest/gtest.h>

#include <cmath>

#include "test/support/bedrock_api.h"

namespace trine::api::bedrock {
namespace {

using format::Json;

class EmbeddingsTest : public test::BedrockApiFixture {
 protected:
  static double Length(const Json& vector) {
    double sum = 0;
    for (const Json& v : vector.array()) sum += v.number() * v.number();
    return std::sqrt(sum);
  }
};

TEST_F(EmbeddingsTest, Titan) {
  Json answer = Answer("amazon.titan-embed-text-v1", "invoke", R"({"inputText":"abcd"})");
  EXPECT_EQ(answer.Find("embedding")->array().size(), 1536u);
  EXPECT_EQ(answer.Find("inputTextTokenCount")->integer(), 1);
  EXPECT_EQ(*answer.FindPath("embeddingsByType.float"), *answer.Find("embedding"));
  answer =
      Answer("amazon.titan-embed-text-v2%3A0", "invoke",
             R"({"inputText":"...","dimensions":256,"normalize":true,"embeddingTypes":["float","binary"]})");
  EXPECT_EQ(answer.Find("embedding")->array().size(), 256u);
  EXPECT_NEAR(Length(*answer.Find("embedding")), 1, 1e-4) << "a text without words has a direction too";
  EXPECT_EQ(answer.FindPath("embeddingsByType.binary")->array().size(), 256u);
  answer =
      Answer("amazon.titan-embed-text-v2%3A0", "invoke", R"({"inputText":"a","embeddingTypes":["binary"]})");
  EXPECT_EQ(answer.Find("embedding"), nullptr);
}

TEST_F(EmbeddingsTest, Cohere) {
  const std::string model = "cohere.embed-multilingual-v3";
  Json answer =
      Answer(model, "invoke", R"({"texts":["a","b"],"input_type":"search_document","truncate":"END"})");
  EXPECT_EQ(answer.Find("response_type")->string(), "embeddings_floats");
  ASSERT_EQ(answer.Find("embeddings")->array().size(), 2u);
  EXPECT_EQ(answer.Find("embeddings")->array()[0].array().size(), 1024u);
  EXPECT_EQ(answer.Find("texts")->array()[1].string(), "b");
  answer = Answer(
      model, "invoke",
      R"({"texts":["a"],"input_type":"search_query","embedding_types":["float","int8","uint8","binary","ubinary"]})");
  EXPECT_EQ(answer.Find("response_type")->string(), "embeddings_by_type");
  const auto first = [&](const char* type) {
    return answer.FindPath(std::string("embeddings.") + type)->array().at(0).array();
  };
  EXPECT_EQ(first("float").at(0).number(), 1);
  EXPECT_EQ(first("int8").at(0).integer(), 127);
  EXPECT_EQ(first("uint8").at(1).integer(), 128);
  EXPECT_EQ(first("ubinary").size(), 128u);
  EXPECT_EQ(first("ubinary").at(0).integer(), 128);
  EXPECT_EQ(first("binary").at(0).integer(), 0);
  EXPECT_EQ(Answer("cohere.embed-v4%3A0", "invoke",
                   R"({"texts":["a"],"input_type":"classification","output_dimension":512})")
                .Find("embeddings")
                ->array()[0]
                .array()
                .size(),
            512u);
}

TEST_F(EmbeddingsTest, Nova) {
  const Json answer = Answer(
      "amazon.nova-2-multimodal-embeddings-v1%3A0", "invoke",
      R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","embeddingDimension":384,
          "text":{"truncationMode":"END","value":"a"}}})");
  const Json& one = answer.Find("embeddings")->array().at(0);
  EXPECT_EQ(one.Find("embeddingType")->string(), "TEXT");
  EXPECT_EQ(one.Find("embedding")->array().size(), 384u);
}

TEST_F(EmbeddingsTest, RerankOrdersBySimilarity) {
  const net::Response response =
      Post("cohere.rerank-v3-5%3A0", "invoke",
           R"({"query":"apple","documents":["berry","avocado","cherry"],"top_n":2,"api_version":2})");
  EXPECT_EQ(response.body,
            R"({"results":[{"index":1,"relevance_score":1.0},{"index":0,"relevance_score":0.0}]})");
  EXPECT_EQ(response.headers.Get("x-trine-embedder"), "letters/1");
  EXPECT_EQ(response.headers.Get("x-trine-model"), "letters");
  EXPECT_EQ(Answer("amazon.rerank-v1%3A0", "invoke", R"({"query":"a","documents":["b"]})")
                .Find("results")
                ->array()
                .size(),
            1u);
}

TEST_F(EmbeddingsTest, RejectsInvalidBodies) {
  const std::string long_text(2049, 'x');
  const std::pair<const char*, std::string> kBad[] = {
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":""})"},
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":1})"},
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":"a","dimensions":300})"},
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":"a","normalize":1})"},
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":"a","embeddingTypes":["int8"]})"},
      {"amazon.titan-embed-text-v2%3A0", R"({"inputText":")" + std::string(50'001, 'x') + R"("})"},
      {"amazon.titan-embed-text-v1", R"({"inputText":"a","dimensions":256})"},
      {"cohere.embed-english-v3", R"({"texts":["a"]})"},
      {"cohere.embed-english-v3", R"({"texts":[],"input_type":"search_query"})"},
      {"cohere.embed-english-v3", R"({"texts":[1],"input_type":"search_query"})"},
      {"cohere.embed-english-v3", R"({"texts":["a"],"input_type":"other"})"},
      {"cohere.embed-english-v3",
       R"({"texts":["a"],"input_type":"search_query","embedding_types":["int4"]})"},
      {"cohere.embed-english-v3", R"({"texts":["a"],"input_type":"search_query","output_dimension":100})"},
      {"cohere.embed-english-v3", R"({"images":["data:"],"input_type":"image"})"},
      {"cohere.embed-english-v3", R"({"texts":[")" + long_text + R"("],"input_type":"search_query"})"},
      {"amazon.nova-2-multimodal-embeddings-v1%3A0", R"({"taskType":"SINGLE_EMBEDDING"})"},
      {"amazon.nova-2-multimodal-embeddings-v1%3A0", R"({"taskType":"SEGMENTED_EMBEDDING"})"},
      {"amazon.nova-2-multimodal-embeddings-v1%3A0",
       R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"x","image":{}}})"},
      {"amazon.nova-2-multimodal-embeddings-v1%3A0",
       R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"x"}})"},
      {"amazon.nova-2-multimodal-embeddings-v1%3A0",
       R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"x","embeddingDimension":5,"text":{"value":"a"}}})"},
      {"cohere.rerank-v3-5%3A0", R"({"query":"a"})"},
      {"cohere.rerank-v3-5%3A0", R"({"query":"a","documents":[]})"},
      {"cohere.rerank-v3-5%3A0", R"({"query":"a","documents":[{}]})"},
      {"cohere.rerank-v3-5%3A0", R"({"query":"a","documents":["b"],"top_n":0})"},
  };
  for (const auto& [model, body] : kBad)
    EXPECT_EQ(TypeOf(Post(model, "invoke", body)), "400 ValidationException")
        << model << " " << body.substr(0, 100);
  EXPECT_EQ(TypeOf(Post("cohere.embed-english-v3", "invoke-with-response-stream",
                        R"({"texts":["a"],"input_type":"search_query"})")),
            "400 ValidationException");
}

}  // namespace
}  // namespace trine::api::bedrock
