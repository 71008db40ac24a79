// Paths that Bedrock shares with OpenSearch, whose indexes may have any name.
#include <gtest/gtest.h>

#include "api/bedrock/api.h"

namespace trine::api::bedrock {
namespace {

bool Owns(const char* method, const char* path) {
  net::Request head;
  head.method = method;
  head.path = path;
  return Api::Owns(head);
}

TEST(BedrockPaths, AreThoseOfItsOperations) {
  for (const char* path : {"/model/anthropic.claude-v2%3A1/invoke", "/model/x/converse", "/model/x/nothing",
                           "/model//invoke", "/guardrail/g/version/1/apply", "/guardrail/g/version/1/nothing",
                           "/async-invoke", "/async-invoke/arn%3Aaws"})
    EXPECT_TRUE(Owns("POST", path)) << path;
  EXPECT_TRUE(Owns("GET", "/foundation-models"));
  EXPECT_TRUE(Owns("GET", "/foundation-models/anthropic.claude-v2%3A1"));
  EXPECT_TRUE(Owns("GET", "/async-invoke"));
}

TEST(BedrockPaths, LeaveTheOperationsOfOpenSearchToIndexesOfTheSameNames) {
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    for (const char* path : {"/model/_doc/1", "/model/_search", "/guardrail/_doc/apply", "/guardrail/_search",
                             "/guardrail/g/apply", "/async-invoke/_bulk", "/foundation-models/_doc/1",
                             "/foundation-models/_search", "/model", "/models", "/guardrail"})
      EXPECT_FALSE(Owns(method, path)) << method << " " << path;
  }
  EXPECT_FALSE(Owns("PUT", "/foundation-models"));
  EXPECT_FALSE(Owns("DELETE", "/foundation-models"));
  EXPECT_FALSE(Owns("PUT", "/async-invoke"));
}

}  // namespace
}  // namespace trine::api::bedrock
