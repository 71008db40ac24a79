#include "server/version.h"

#include <gtest/gtest.h>

#include <regex>

namespace trine::server {
namespace {

TEST(Version, NumberHasThreeParts) {
  EXPECT_TRUE(std::regex_match(std::string(VersionNumber()), std::regex("[0-9]+\\.[0-9]+\\.[0-9]+")));
}

TEST(Version, InfoContainsTheNumber) {
  const format::Json info = VersionInfo();
  EXPECT_EQ(info.Find("version")->string(), VersionNumber());
  for (const char* member : {"commit", "compiler", "kernels"})
    EXPECT_FALSE(info.Find(member)->string().empty());
}

}  // namespace
}  // namespace trine::server
