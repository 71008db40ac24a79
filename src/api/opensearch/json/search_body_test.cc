#include "api/opensearch/json/search_body.h"

#include <gtest/gtest.h>

#include "api/opensearch/json/pipeline_json.h"
#include "api/opensearch/json/search_answer.h"

namespace trine::api::opensearch {
namespace {

Result<ParsedSearch> Parse(const std::string& text) {
  return ParseSearchBody(std::move(format::ParseJson(text)).value());
}
std::string Refusal(const std::string& text) {
  const auto ask = Parse(text);
  return ask.ok() ? "accepted" : ask.error().message;
}
Result<ParsedSearch> WithParameters(Call::Pairs parameters) {
  const net::Request request;
  const Call call(request, {}, std::move(parameters));
  ParsedSearch ask;
  TRINE_TRY(ApplySearchParameters(call, &ask));
  return ask;
}

TEST(SearchBody, AppliesDefaults) {
  const auto ask = Parse("{}");
  ASSERT_TRUE(ask.ok());
  EXPECT_EQ(ask->request.size, 10u);
  EXPECT_EQ(ask->request.track_total_hits, 10000);
  EXPECT_TRUE(ask->source.KeepsAll());
  EXPECT_FALSE(ask->pipeline.has_value());
}

TEST(SearchBody, ReadsEveryMember) {
  const auto ask = Parse(
      R"({"query":{"match_all":{}},"from":3,"size":4,"sort":["a",{"b":"desc"},{"c":{"order":"asc","missing":7,"mode":"max","unmapped_type":"long"}},"_score"],)"
      R"("search_after":[1,"x",null,2.5],"_source":["t*"],"track_total_hits":true,"min_score":0.5,"post_filter":{"match_none":{}},)"
      R"("explain":true,"version":true,"seq_no_primary_term":true,"track_scores":true,"terminate_after":9,"timeout":"2s","search_pipeline":"p",)"
      R"("ext":{"trine":{"ledger":true},"personalize_request_parameters":{"user_id":"u","context":{"D":"m"}}},"stats":["s"],"aggs":{}})");
  ASSERT_TRUE(ask.ok()) << ask.error().ToString();
  const auto& request = ask->request;
  EXPECT_EQ(request.from, 3u);
  ASSERT_EQ(request.sort.size(), 4u);
  EXPECT_FALSE(request.sort[0].descending);
  EXPECT_TRUE(request.sort[1].descending);
  EXPECT_EQ(request.sort[2].missing.integer(), 7);
  EXPECT_EQ(request.sort[2].mode, search::SortKey::Mode::kMax);
  EXPECT_TRUE(request.sort[3].descending);
  EXPECT_EQ(request.search_after.size(), 4u);
  EXPECT_EQ(request.track_total_hits, -1);
  EXPECT_EQ(request.min_score, 0.5F);
  EXPECT_TRUE(request.post_filter != nullptr && request.explain && request.track_scores);
  EXPECT_EQ(request.terminate_after, 9u);
  EXPECT_EQ(ask->timeout_ms, 2000);
  EXPECT_EQ(ask->pipeline, "p");
  EXPECT_TRUE(ask->version && ask->seq_no && ask->ledger);
  EXPECT_EQ(ask->person->user_id, "u");
  EXPECT_EQ(ask->person->context.size(), 1u);
}

TEST(SearchBody, RejectsUnknownAndUnsupportedMembersByName) {
  EXPECT_EQ(Refusal(R"({"odd":{}})"), "Unknown key for a START_OBJECT in [odd].");
  for (const char* name :
       {"aggs", "aggregations", "highlight", "suggest", "rescore", "collapse", "fields", "pit", "slice"})
    EXPECT_EQ(Refusal(std::string("{\"") + name + R"(":{"a":1}})"),
              std::string("[") + name + "] in a search is not supported yet");
  EXPECT_EQ(Refusal(R"({"profile":false,"highlight":{}})"), "accepted");
  EXPECT_EQ(Refusal(R"({"ext":{"personalize":{}}})"), "unknown field [personalize]");
}

TEST(SearchBody, RejectsInvalidValues) {
  for (const char* text :
       {R"({"size":-1})", R"({"size":"many"})", R"({"from":1.5})", R"({"sort":7})", R"({"sort":[["a"]]})",
        R"({"sort":{"a":"up"}})", R"({"sort":{"a":{"odd":1}}})", R"({"search_after":[]})",
        R"({"search_after":[{}]})", R"({"timeout":5})", R"({"track_total_hits":-5})", R"({"min_score":"x"})",
        R"({"search_pipeline":7})", R"({"explain":"maybe"})", R"({"ext":[]})",
        R"({"ext":{"personalize_request_parameters":{"user_id":1}}})"})
    EXPECT_NE(Refusal(text), "accepted") << text;
}

TEST(SearchBody, PrefersParametersToTheBody) {
  const auto ask = WithParameters({{"size", "3"},
                                   {"sort", "price:desc,_score"},
                                   {"_source", "false"},
                                   {"search_pipeline", "_none"},
                                   {"track_total_hits", "false"},
                                   {"ext.personalize.user_id", "u"},
                                   {"ext.personalize.context.DEVICE", "m"}});
  ASSERT_TRUE(ask.ok()) << ask.error().ToString();
  EXPECT_EQ(ask->request.size, 3u);
  EXPECT_EQ(ask->request.sort.size(), 2u);
  EXPECT_FALSE(ask->source.fetch);
  EXPECT_EQ(ask->pipeline, "");
  EXPECT_FALSE(ask->show_total);
  EXPECT_EQ(ask->person->user_id, "u");
  EXPECT_EQ(ask->person->context[0].first, "DEVICE");
  EXPECT_FALSE(WithParameters({{"q", "x"}}).ok());
  EXPECT_FALSE(WithParameters({{"search_type", "dfs_query_then_fetch"}}).ok());
  EXPECT_FALSE(WithParameters({{"size", "x"}}).ok());
}

TEST(SearchBody, RequiresAUnitInDurations) {
  EXPECT_EQ(ParseDuration("5s"), 5000);
  EXPECT_EQ(ParseDuration("100ms"), 100);
  EXPECT_EQ(ParseDuration("1.5m"), 90000);
  EXPECT_EQ(ParseDuration("-1"), -1);
  for (const char* text : {"", "5", "s", "-5s", "5 s", "1e300d", "nans"})
    EXPECT_FALSE(ParseDuration(text)) << text;
}

TEST(SearchAnswer, PrintsScoresLikeTheJvm) {
  formation::SearchAnswer answer;
  auto collection = std::make_shared<catalogue::Collection>();
  collection->name = "i";
  for (const float score : {1.0F, 5e-4F, 1.5e7F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    formation::RankedHit hit;
    hit.hit.id = "d";
    hit.hit.score = score;
    hit.collection = collection;
    answer.hits.push_back(std::move(hit));
  }
  const std::string text = PrintSearch(answer, ParsedSearch{}, AnswerFrame{});
  for (const char* score : {"\"_score\":1.0}", "\"_score\":5.0E-4}", "\"_score\":1.5E7}",
                            "\"_score\":\"Infinity\"}", "\"_score\":null}"})
    EXPECT_NE(text.find(score), std::string::npos) << score << "\n" << text;
  EXPECT_TRUE(format::ParseJson(text).ok());
}

TEST(PipelineJson, ReadsTheCampaignOfAnArn) {
  EXPECT_EQ(*CampaignOfArn("arn:aws:personalize:us-east-1:123456789:campaign/my-rerank-campaign"),
            "my-rerank-campaign");
  EXPECT_EQ(*CampaignOfArn("arn:aws-cn:personalize:::campaign/a/b"), "a/b");
  for (const char* arn : {"", "arn", "arn:aws:s3:::bucket", "campaign/x", "arn:aws:personalize:us-east-1:1:"})
    EXPECT_FALSE(CampaignOfArn(arn).ok()) << arn;
}

TEST(PipelineJson, ReadsRerankingAndFusionTogether) {
  const auto given = format::ParseJson(
      R"({"phase_results_processors":[{"normalization-processor":{"normalization":{"technique":"l2"},"combination":{"technique":"harmonic_mean","parameters":{"weights":[1,0]}}}}],)"
      R"("response_processors":[{"personalized_search_ranking":{"campaign_arn":"arn:aws:personalize:us-east-1:123456789:campaign/c","recipe":"aws-personalized-ranking","weight":"0.3"}}]})");
  const auto pipeline = ParsePipeline("p", *given, false);
  ASSERT_TRUE(pipeline.ok()) << pipeline.error().ToString();
  EXPECT_EQ(pipeline->fusion->normalization, search::Fusion::Normalization::kL2);
  EXPECT_EQ(pipeline->fusion->weights, (std::vector<float>{1, 0}));
  ASSERT_EQ(pipeline->reranks.size(), 1u);
  EXPECT_EQ(pipeline->reranks[0].campaign, "c");
  EXPECT_EQ(pipeline->reranks[0].window, 200u);
  EXPECT_DOUBLE_EQ(pipeline->reranks[0].weight, 0.3);
  EXPECT_EQ(pipeline->given, *given);
  EXPECT_FALSE(ParsePipeline("p", *given, true).ok());
}

}  // namespace
}  // namespace trine::api::opensearch
