#include "server/machine_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace trine::server {
namespace {

TEST(MachineMemory, IsAtMostHalfOfTheLimitOfTheAddressSpace) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const size_t free = MachineMemory();
  EXPECT_GE(free, 64u << 20);
  constexpr size_t kLimit = size_t{1} << 40;  // more than this test takes, less than every address
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(kLimit, before.rlim_cur);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &low), 0);
  EXPECT_LE(MachineMemory(), kLimit / 2);
  EXPECT_LE(MachineMemory(), free);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
}

}  // namespace
}  // namespace trine::server
