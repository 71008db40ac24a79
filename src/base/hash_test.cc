#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <unordered_map>

namespace trine {
namespace {

TEST(Hash64, MatchesTheSpecifiedHashOfEmptyInput) { EXPECT_EQ(Hash64(""), 0x2d06800538d394c2ULL); }

// Hashes are stored on disk (event ids), so these values must never change.
TEST(Hash64, IsStableAcrossReleases) {
  EXPECT_EQ(Hash64("a"), 0xe6c632b61e964e1fULL);
  EXPECT_EQ(Hash64("a"), Hash64(std::string("a")));
  EXPECT_NE(Hash64("a"), Hash64("a", 1));
}

TEST(Hash64, DependsOnEveryByteAndTheLength) {
  std::set<uint64_t> seen;
  std::string text;
  for (int i = 0; i < 600; ++i) {
    EXPECT_TRUE(seen.insert(Hash64(text)).second) << i;
    text += 'x';
  }
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 'y';
    EXPECT_TRUE(seen.insert(Hash64(other)).second) << i;
  }
}

TEST(StringHash, FindsByStringView) {
  std::unordered_map<std::string, int, StringHash, std::equal_to<>> map = {{"한글", 1}};
  EXPECT_EQ(map.find(std::string_view("한글"))->second, 1);
}

}  // namespace
}  // namespace trine
