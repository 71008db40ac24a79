#include "operations/write/partial_update.h"

#include <gtest/gtest.h>

#include <string>

namespace trine::operations {
namespace {

using format::Json;

Json Parse(const char* text) { return *format::ParseJson(text); }

TEST(PartialUpdate, MergesObjectsMemberByMember) {
  Json document = Parse(R"({"a":1,"b":{"c":1,"d":2},"e":[1,2]})");
  EXPECT_TRUE(MergeChanges(&document, Parse(R"({"b":{"d":3,"x":4},"e":[1],"f":null})")));
  EXPECT_EQ(format::ToString(document), R"({"a":1,"b":{"c":1,"d":3,"x":4},"e":[1],"f":null})");
  EXPECT_FALSE(MergeChanges(&document, Parse(R"({"b":{"d":3},"a":1})")));
  EXPECT_TRUE(MergeChanges(&document, Parse(R"({"a":1.0})"))) << "1 and 1.0 are different";
}

// With a scan for each member this would take minutes.
TEST(PartialUpdate, FindsTheMembersOfLargeObjectsWithoutScans) {
  constexpr size_t kMembers = 300'000;
  Json document(Json::Object{}), changes(Json::Object{}), swapped(Json::Object{});
  for (size_t i = 0; i < kMembers; ++i) {
    document.object().emplace_back("m" + std::to_string(i), static_cast<int64_t>(i));
    changes.object().emplace_back("m" + std::to_string(2 * kMembers - i - 1), static_cast<int64_t>(i));
    swapped.object().emplace_back("m" + std::to_string(kMembers - i - 1),
                                  static_cast<int64_t>(kMembers - i - 1));
  }
  EXPECT_FALSE(MergeChanges(&document, swapped));
  EXPECT_TRUE(MergeChanges(&document, changes));
  EXPECT_EQ(document.object().size(), 2 * kMembers);
  EXPECT_EQ(document.object().back().first, "m" + std::to_string(kMembers));
  Json outer(Json::Object{}), same(Json::Object{});
  outer.Set("list", Json::Array{document});
  same.Set("list", Json::Array{document});
  EXPECT_FALSE(MergeChanges(&outer, same));
}

}  // namespace
}  // namespace trine::operations
