#include "server/store_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test/support/capturing_log.h"

namespace trine::server {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(RefusedWrites, LogsOneLineAtOnceAndThenOneAMinute) {
  test::CapturingLog log;
  storage::StoreHealth health;
  RefusedWrites refused;
  refused.Check(health, 0, log);
  EXPECT_EQ(log.text(), "");
  health.WritesFailed(Error(ErrorCode::kIo, "the disk is broken"));
  health.CountRefused();
  refused.Check(health, 5 * kSecond, log);
  EXPECT_EQ(log.text(), "1 write was refused: the store does not accept writes: the disk is broken\n");
  for (int second = 6; second < 60; ++second) {
    health.CountRefused();
    refused.Check(health, second * kSecond, log);
  }
  EXPECT_EQ(std::ranges::count(log.text(), '\n'), 1) << log.text();
  health.WritesWork();
  refused.Check(health, 65 * kSecond, log);
  EXPECT_NE(log.text().find("54 writes were refused; the store accepts writes again\n"), std::string::npos)
      << log.text();
  refused.Check(health, 200 * kSecond, log);
  EXPECT_EQ(std::ranges::count(log.text(), '\n'), 2) << log.text();
}

}  // namespace
}  // namespace trine::server
