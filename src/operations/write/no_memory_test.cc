// Writer when the operating system has no memory: the process goes on, what was stored becomes searchable,
// and the health says that something fails.
#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <thread>

#include "operations/write/writer.h"
#include "test/support/failing_allocations.h"
#include "test/support/write_engine.h"

namespace trine::operations {
namespace {

using test::FailingAllocations;
using test::WriteEngine;
using Ids = std::set<std::string>;

// A store that lets the allocations of this thread fail after the next durable write.
class Store {
 public:
  explicit Store(WriteEngine& engine) : engine_(engine) {}
  ~Store() { engine_.kv->after_write = nullptr; }
  void FailAfterWrite(uint64_t succeed) {
    engine_.kv->after_write = [this, succeed] { failing_.emplace(succeed, 1); };
  }
  bool Stop() {
    const bool reached = failing_ && FailingAllocations::reached();
    failing_.reset();
    return reached;
  }

 private:
  WriteEngine& engine_;
  std::optional<FailingAllocations> failing_;
};

TEST(NoMemory, StoredWritesReachTheIndexLater) {
  uint64_t failures = 0;
  for (bool reached = true; reached; ++failures) {
    WriteEngine engine(1);
    ASSERT_FALSE(engine.Put("c", "a", R"({"text":"before","n":1})").error);
    ASSERT_FALSE(engine.Put("c", "b", R"({"text":"before","n":1})").error);
    Store store(engine);
    store.FailAfterWrite(failures);
    std::vector<WriteOp> ops = {WriteEngine::Index("c", "a", R"({"text":"after a long time","n":2})"),
                                WriteEngine::Index("c", "d", R"({"text":"after a long time","n":3})"),
                                WriteEngine::Op(WriteOp::Kind::kDelete, "c", "b")};
    try {
      static_cast<void>(engine.Write(std::move(ops), RefreshPolicy::kNo));
    } catch (const std::bad_alloc&) {  // the request is answered with status 429
    }
    reached = store.Stop();
    ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("c")}).ok()) << "allocation " << failures;
    ASSERT_EQ(engine.Searchable("c"), (Ids{"a", "d"})) << "allocation " << failures;
    ASSERT_EQ(engine.Searchable("c", "text", "after"), (Ids{"a", "d"})) << "allocation " << failures;
    ASSERT_FALSE(engine.Put("c", "e", R"({"text":"after","n":4})").error);
    ASSERT_EQ(engine.Searchable("c"), (Ids{"a", "d", "e"})) << "allocation " << failures;
  }
  EXPECT_GT(failures, 10u);
}

TEST(NoMemory, ARefreshThatCatchesUpCanBeRepeated) {
  uint64_t failures = 0;
  for (bool reached = true; reached; failures += 1 + failures / 20) {
    WriteEngine engine(1);
    ASSERT_FALSE(engine.Put("c", "a", R"({"text":"before","n":1})").error);
    Store store(engine);
    store.FailAfterWrite(0);
    try {
      static_cast<void>(engine.Write({WriteEngine::Index("c", "a", R"({"text":"after","n":2})"),
                                      WriteEngine::Index("c", "d", R"({"text":"after","n":3})")},
                                     RefreshPolicy::kNo));
    } catch (const std::bad_alloc&) {
    }
    ASSERT_TRUE(store.Stop());
    {
      const FailingAllocations failing(failures, 1);
      try {
        static_cast<void>(engine.writer->RefreshNow({engine.Collection("c")}).ok());
      } catch (const std::bad_alloc&) {
      }
      reached = FailingAllocations::reached();
    }
    ASSERT_TRUE(engine.writer->RefreshNow({engine.Collection("c")}).ok()) << "allocation " << failures;
    ASSERT_EQ(engine.Searchable("c", "text", "after"), (Ids{"a", "d"})) << "allocation " << failures;
    ASSERT_EQ(engine.Searchable("c"), (Ids{"a", "d"})) << "allocation " << failures;
  }
  EXPECT_GT(failures, 10u);
}

// Waits in real time, because the refresh thread does.
bool Soon(const std::function<bool()>& happened) {
  for (int i = 0; i < 2000; ++i) {
    if (happened()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

TEST(NoMemory, TheRefreshThreadGoesOnAndTellsTheHealth) {
  WriteEngine engine(1);
  ASSERT_FALSE(engine.Put("c", "a", R"({"n":1})").error);
  ASSERT_FALSE(engine.Put("c", "b", R"({"n":2})", RefreshPolicy::kNo).error);
  {
    const FailingAllocations failing(0, UINT64_MAX, FailingAllocations::Threads::kOthers);
    for (int i = 0; i < 5; ++i) {
      engine.clock.Advance(1000);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  EXPECT_EQ(engine.Searchable("c"), Ids{"a"});
  {
    // Enough for the report, not for the refresh: the segment needs many allocations.
    const FailingAllocations failing(12, 1, FailingAllocations::Threads::kOthers);
    ASSERT_TRUE(Soon([&] {
      engine.clock.Advance(1000);
      return FailingAllocations::reached();
    }));
  }
  ASSERT_TRUE(Soon([&] {
    engine.clock.Advance(1000);
    return engine.Searchable("c") == Ids{"a", "b"};
  }));
  EXPECT_TRUE(Soon([&] { return engine.tasks.problems().empty(); }));
}

TEST(NoMemory, AFailingRefreshIsAProblemOfTheHealthUntilItWorks) {
  WriteEngine engine(1);
  ASSERT_FALSE(engine.Put("c", "a", R"({"n":1})").error);
  Store store(engine);
  store.FailAfterWrite(0);
  try {
    static_cast<void>(engine.Write({WriteEngine::Index("c", "b", R"({"n":2})")}, RefreshPolicy::kNo));
  } catch (const std::bad_alloc&) {
  }
  ASSERT_TRUE(store.Stop());
  engine.kv->FailReads();  // the refresh reads the stored write
  ASSERT_TRUE(Soon([&] {
    engine.clock.Advance(1000);
    return !engine.tasks.problems().empty();
  }));
  EXPECT_EQ(engine.tasks.problems().at(0).find("refresh of \"c\" fails and is tried again: "), 0u);
  engine.kv->Repair();
  ASSERT_TRUE(Soon([&] {
    engine.clock.Advance(1000);
    return engine.tasks.problems().empty();
  }));
  EXPECT_EQ(engine.Searchable("c"), (Ids{"a", "b"}));
  EXPECT_NE(engine.log.text().find("refresh of \"c\" failed and is tried again"), std::string::npos);
}

}  // namespace
}  // namespace trine::operations
