#include "cli/index_fields.h"

#include <gtest/gtest.h>

namespace trine::cli {
namespace {

const std::vector<std::pair<std::string, std::string>> kKnown = {
    {"title", "text"}, {"title.keyword", "keyword"}, {"brand", "keyword"}};

TEST(SplitFields, SplitsAtCommas) {
  EXPECT_EQ(*SplitFields("title^3, brand", kKnown), (std::vector<std::string>{"title^3", "brand"}));
  EXPECT_EQ(*SplitFields("title.keyword,b*", kKnown), (std::vector<std::string>{"title.keyword", "b*"}));
  EXPECT_EQ(*SplitFields("*", kKnown), std::vector<std::string>{"*"});
}

TEST(SplitFields, RejectsUnknownNames) {
  const auto unknown = SplitFields("title,brnd", kKnown);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "the index has no field brnd; did you mean 'brand'?");
  for (const char* text : {"", ",", "x*", "titles", "*x*"})
    EXPECT_FALSE(SplitFields(text, kKnown).ok()) << text;
}

}  // namespace
}  // namespace trine::cli
