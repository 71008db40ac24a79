#include "api/personalize/batch_lines.h"

#include <gtest/gtest.h>

namespace trine::api::personalize {
namespace {

TEST(BatchCodec, ReadsQueriesAndRejectsInvalidLines) {
  const auto codec = NewBatchCodec();
  const auto query =
      codec.read(R"({"userId":"891","itemList":["27","886"],"filterValues":{"G":"\"a\",\"b\""}})");
  ASSERT_TRUE(query.ok()) << query.error().ToString();
  EXPECT_EQ(query->user_id, "891");
  EXPECT_EQ(query->items, (std::vector<std::string>{"27", "886"}));
  EXPECT_EQ(query->filter_values.at(0).second, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(codec.read(R"({"itemId":105})")->item_id, "105");
  for (const char* bad : {"", "[]", "{\"userId\":{}}", "{\"itemList\":\"a\"}", "{\"userId\":\"\"}",
                          "{\"filterValues\":[]}", "{\"filterValues\":{\"G\":1}}", "{\"itemList\":[{}]}"})
    EXPECT_FALSE(codec.read(bad).ok()) << bad;
}

TEST(BatchCodec, WritesAnswersAndErrors) {
  const auto codec = NewBatchCodec();
  recommend::Recommendation answer;
  answer.items = {{"a", 0.5, true, "", {}}, {"b", 0, false, "", {}}};
  EXPECT_EQ(
      codec.write(R"({"userId": "4638"})", answer),
      R"({"input":{"userId":"4638"},"output":{"recommendedItems":["a","b"],"scores":[0.5,null]},"error":null})");
  EXPECT_EQ(codec.write("broken", Error(ErrorCode::kInvalid, "no JSON")),
            R"({"input":"broken","output":null,"error":"no JSON"})");
  EXPECT_EQ(codec.write("b\xff", Error(ErrorCode::kInvalid, "no JSON")),
            "{\"input\":\"b\uFFFD\",\"output\":null,\"error\":\"no JSON\"}")
      << "every line of the output is JSON";
}

}  // namespace
}  // namespace trine::api::personalize
