#include "base/task_health.h"

#include <gtest/gtest.h>

namespace trine {
namespace {

TEST(TaskHealth, NamesTheTasksThatFail) {
  TaskHealth tasks;
  EXPECT_TRUE(tasks.problems().empty());
  tasks.Fails("refresh of \"a\"", "no memory");
  tasks.Fails("refresh of \"b\"", "no memory");
  tasks.Fails("refresh of \"a\"", "no space");
  EXPECT_EQ(tasks.problems(),
            (std::vector<std::string>{"refresh of \"a\" fails and is tried again: no space",
                                      "refresh of \"b\" fails and is tried again: no memory"}));
  tasks.Works("refresh of \"a\"");
  tasks.Works("refresh of \"c\"");
  EXPECT_EQ(tasks.problems().size(), 1u);
  for (size_t i = 0; i < 2 * TaskHealth::kMostNamed; ++i) tasks.Fails("task " + std::to_string(i), "x");
  EXPECT_EQ(tasks.problems().size(), TaskHealth::kMostNamed);
}

}  // namespace
}  // namespace trine
