#include "server/pause.h"

#include <gtest/gtest.h>

#include <thread>

namespace trine::server {
namespace {

TEST(Pause, EndsAfterTheTimeOrAtAStop) {
  EXPECT_TRUE(Pause(std::stop_token(), std::chrono::nanoseconds(1)));
  std::stop_source source;
  std::jthread waiting([token = source.get_token()] { EXPECT_FALSE(Pause(token, std::chrono::hours(10))); });
  source.request_stop();
  waiting.join();
  EXPECT_FALSE(Pause(source.get_token(), std::chrono::hours(10)));
}

}  // namespace
}  // namespace trine::server
