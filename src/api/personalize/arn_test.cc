#include "api/personalize/arn.h"

#include <gtest/gtest.h>

namespace trine::api::personalize {
namespace {

TEST(Arn, ParsesRegionAccountTypeAndPath) {
  const auto arn = ParseArn("arn:aws:personalize:ap-northeast-2:123456789:solution/for-you/1f2e3d4c");
  ASSERT_TRUE(arn.has_value());
  EXPECT_EQ(arn->region, "ap-northeast-2");
  EXPECT_EQ(arn->account, "123456789");
  EXPECT_EQ(arn->type, "solution");
  EXPECT_EQ(arn->path, "for-you/1f2e3d4c");
  EXPECT_EQ(ParseArn("arn:aws:personalize:::recipe/aws-sims")->path, "aws-sims");
}

TEST(Arn, RejectsOtherStrings) {
  for (const char* text :
       {"", "arn", "campaign/x", "arn:aws:s3:::bucket/x", "arn:aws:personalize:r:a:campaign",
        "arn:aws:personalize:r:a:/x", "arn:aws:personalize:r:a:campaign/", "arn::personalize:r:a:campaign/x",
        "::::::/"}) {
    EXPECT_FALSE(ParseArn(text).has_value()) << text;
  }
}

TEST(Arn, RoundTrips) {
  const std::string text = MakeArn("eu-west-1", "123456789012", "dataset", "shop/ITEMS");
  EXPECT_EQ(text, "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS");
  EXPECT_EQ(ParseArn(text)->path, "shop/ITEMS");
}

TEST(PathOfArn, ReturnsBarePathsUnchanged) {
  EXPECT_EQ(PathOfArn("my-campaign"), "my-campaign");
  EXPECT_EQ(PathOfArn("arn:aws:personalize:us-east-1:123456789:campaign/my-campaign"), "my-campaign");
}

}  // namespace
}  // namespace trine::api::personalize
