#include "api/personalize/shapes.h"

#include <gtest/gtest.h>

#include "api/personalize/operation_table.h"

namespace trine::api::personalize {
namespace {

Error ErrorOf(std::string_view operation, std::string_view body, Endpoint endpoint = Endpoint::kControl) {
  const Operation* found = FindOperation(endpoint, operation);
  if (found == nullptr) return Error(ErrorCode::kInternal, "no operation");
  const Status status = Validate(*format::ParseJson(body), found->input);
  return status.ok() ? Error(ErrorCode::kInternal, "accepted") : status.error();
}

struct Case {
  const char* operation;
  const char* body;
  const char* message;
};

class ValidationTest : public testing::TestWithParam<Case> {};

TEST_P(ValidationTest, MatchesServiceText) {
  const Error error = ErrorOf(GetParam().operation, GetParam().body);
  EXPECT_EQ(error.message, GetParam().message);
  EXPECT_EQ(error.code, ErrorCode::kShapeValidation);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ValidationTest,
    testing::Values(
        Case{"CreateDatasetGroup", R"({"name":"bad name!"})",
             "1 validation error detected: Value 'bad name!' at 'name' failed to satisfy constraint: Member "
             "must "
             "satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*"},
        Case{"CreateDatasetGroup", R"({"name":"ok","domain":"GROCERY"})",
             "1 validation error detected: Value 'GROCERY' at 'domain' failed to satisfy constraint: Member "
             "must "
             "satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]"},
        Case{"CreateDatasetGroup", "{}",
             "1 validation error detected: Value 'null' at 'name' failed to satisfy constraint: Member must "
             "not be "
             "null"},
        Case{"ListSchemas", R"({"maxResults":0})",
             "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member "
             "must have "
             "value greater than or equal to 1"},
        Case{
            "CreateDatasetGroup",
            R"({"name":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","roleArn":"role"})",
            "2 validation errors detected: Value "
            "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'name' failed to satisfy "
            "constraint: Member must have length less than or equal to 63; Value 'role' at 'roleArn' failed "
            "to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            "arn:([a-z\\d-]+):iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"},
        Case{"DescribeCampaign", R"({"campaignArn":"my-campaign"})",
             "1 validation error detected: Value 'my-campaign' at 'campaignArn' failed to satisfy "
             "constraint: Member "
             "must satisfy regular expression pattern: arn:([a-z\\d-]+):personalize:.*:.*:.+"},
        Case{
            "CreateDatasetImportJob",
            R"({"jobName":"j","datasetArn":"arn:aws:personalize:r:1:dataset/g/ITEMS","dataSource":{"dataLocation":"ftp://x"}})",
            "1 validation error detected: Value 'ftp://x' at 'dataSource.dataLocation' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: (s3|http|https|file)://.+"}));

TEST(Validation, CountsCharactersNotBytes) {
  std::string events = R"({"trackingId":"t","sessionId":"s","eventList":[{"sentAt":1,"eventType":")";
  std::string type;
  for (int i = 0; i < 256; ++i) type += "가";
  const Operation* put = FindOperation(Endpoint::kEvents, "/events");
  EXPECT_TRUE(Validate(*format::ParseJson(events + type + "\"}]}"), put->input).ok());
  EXPECT_FALSE(Validate(*format::ParseJson(events + type + "가\"}]}"), put->input).ok());
}

TEST(Validation, ReportsWrongTypes) {
  const Error error = ErrorOf("CreateDatasetGroup", R"({"name":5})");
  EXPECT_EQ(error.code, ErrorCode::kSerialization);
  EXPECT_EQ(error.where, "name");
  EXPECT_EQ(
      ErrorOf("/events", R"({"trackingId":"t","sessionId":"s","eventList":{}})", Endpoint::kEvents).code,
      ErrorCode::kSerialization);
}

TEST(Validation, TreatsNullAsAbsentAndIgnoresUnknownMembers) {
  const Operation* create = FindOperation(Endpoint::kControl, "CreateDatasetGroup");
  EXPECT_TRUE(
      Validate(*format::ParseJson(R"({"name":"a","domain":null,"colour":{"x":1}})"), create->input).ok());
}

TEST(Validation, LimitsTheListedViolations) {
  std::string body = R"({"resourceArn":"arn:aws:personalize:r:1:schema/x","tagKeys":[)";
  for (int i = 0; i < 200; ++i) body += i == 0 ? "\"\"" : ",\"\"";
  const Error error = ErrorOf("UntagResource", body + "]}");
  EXPECT_TRUE(error.message.starts_with("200 validation errors detected: ")) << error.message;
  EXPECT_LT(error.message.size(), 5000u);
}

TEST(OperationTable, FindsSupportedOperationsOnly) {
  for (const char* name :
       {"CreateSchema", "DescribeSchema", "ListSchemas", "DeleteSchema", "CreateDatasetImportJob",
        "DescribeSolutionVersion", "ListSolutionVersions", "GetSolutionMetrics", "DeleteRecommender",
        "ListBatchInferenceJobs", "StopSolutionVersionCreation", "ListRecipes", "UpdateCampaign"}) {
    EXPECT_NE(FindOperation(Endpoint::kControl, name), nullptr) << name;
  }
  EXPECT_EQ(FindOperation(Endpoint::kControl, "/events"), nullptr);
  EXPECT_EQ(FindOperation(Endpoint::kControl, "DeleteSolutionVersion"), nullptr);
  EXPECT_TRUE(IsKnownOperation("CreateMetricAttribution"));
  EXPECT_FALSE(IsKnownOperation("CreateNothing"));
}

}  // namespace
}  // namespace trine::api::personalize
