// Damaged index files that are built again while documents are written.
#include <gtest/gtest.h>

#include "operations/write/writer.h"
#include "test/support/write_engine.h"

namespace trine::operations {
namespace {

using test::WriteEngine;
using Kind = WriteOp::Kind;
using Ids = std::set<std::string>;

// Makes 3,000 documents in one index file, which is then said to be damaged.
class RepairTest : public testing::Test {
 protected:
  RepairTest() {
    std::vector<WriteOp> ops;
    for (int i = 0; i < 3000; ++i) ops.push_back(WriteEngine::Index("c", Id(i), R"({"t":"red"})"));
    engine_.Write(std::move(ops));
    EXPECT_TRUE(engine_.writer->Flush({engine_.Collection("c")}).ok());
    index_ = engine_.indexes->Get(engine_.Collection("c")->id);
    for (uint64_t file = 1; file < 100; ++file) index_->MarkDamaged(file, "a file of the test is damaged");
    EXPECT_EQ(engine_.Searchable("c"), Ids());
  }
  static std::string Id(int i) { return "d" + std::to_string(i); }
  static bool GoOn() { return true; }
  std::string Problems() const {
    std::string all;
    for (const std::string& problem : engine_.tasks.problems()) all += problem + "\n";
    return all;
  }
  WriteEngine engine_;
  std::shared_ptr<index::CollectionIndex> index_;
};

// Documents are written, deleted and refreshed while the file is built again.
TEST_F(RepairTest, BuildsADamagedFileAgainWhileWritesGoOn) {
  Ids red, blue;
  for (int i = 0; i < 3000; ++i) red.insert(Id(i));
  int seen = 0;
  EXPECT_TRUE(engine_.writer->RepairIndexes([&] {
    if (++seen == 1) {
      EXPECT_NE(Problems().find("the index of \"c\" is damaged: a file of the test is damaged"),
                std::string::npos)
          << Problems();
    }
    if (seen % 500 == 0) {  // one that was read, and one that was not
      for (const int i : {seen / 2, 3000 - seen / 3}) {
        engine_.Put("c", Id(i), R"({"t":"blue"})");
        red.erase(Id(i));
        blue.insert(Id(i));
      }
      engine_.Write({WriteEngine::Op(Kind::kDelete, "c", Id(seen / 2 + 1))}, RefreshPolicy::kNo);
      red.erase(Id(seen / 2 + 1));
      EXPECT_EQ(engine_.Searchable("c", "t", "blue"), blue);
    }
    return true;
  }));
  EXPECT_EQ(seen, 3000);
  EXPECT_EQ(Problems(), "");
  ASSERT_TRUE(engine_.writer->RefreshNow({engine_.Collection("c")}).ok());
  EXPECT_EQ(engine_.Searchable("c", "t", "red"), red);
  EXPECT_EQ(engine_.Searchable("c", "t", "blue"), blue);
  ASSERT_TRUE(engine_.writer->Flush({engine_.Collection("c")}).ok());
  engine_.Crash();
  EXPECT_EQ(engine_.Searchable("c", "t", "red"), red);
  EXPECT_EQ(engine_.Searchable("c", "t", "blue"), blue);
}

TEST_F(RepairTest, IsStoppedAndTriedAgain) {
  int left = 1500;
  EXPECT_FALSE(engine_.writer->RepairIndexes([&] { return --left > 0; }));
  EXPECT_EQ(engine_.Searchable("c"), Ids());
  engine_.kv->FailReads(ErrorCode::kIo);
  EXPECT_FALSE(engine_.writer->RepairIndexes(GoOn));
  EXPECT_NE(Problems().find("is tried again: "), std::string::npos) << Problems();
  engine_.kv->Repair();
  EXPECT_TRUE(engine_.writer->RepairIndexes(GoOn));
  EXPECT_EQ(engine_.Searchable("c").size(), 3000u);
  EXPECT_EQ(Problems(), "");
  EXPECT_TRUE(engine_.writer->RepairIndexes(GoOn)) << "nothing is left to do";
}

TEST_F(RepairTest, EndsWhenTheIndexIsDeleted) {
  int seen = 0;
  EXPECT_TRUE(engine_.writer->RepairIndexes([&] {
    if (++seen == 100) {
      EXPECT_TRUE(engine_.writer->DropCollection("c").ok());
    }
    return true;
  }));
  EXPECT_LT(seen, 200);
  EXPECT_EQ(Problems(), "");
  engine_.Put("c", "new", R"({"t":"red"})");
  EXPECT_EQ(engine_.Searchable("c"), Ids{"new"});
}

// A crash leaves files without an owner, which the next start removes.
TEST_F(RepairTest, ACrashDuringARepairLosesNothing) {
  int seen = 0;
  EXPECT_FALSE(engine_.writer->RepairIndexes([&] {
    if (++seen == 2500) engine_.Put("c", Id(7), R"({"t":"blue"})");
    return seen < 2600;
  }));
  index_.reset();
  engine_.Crash();
  EXPECT_EQ(engine_.Searchable("c").size(), 3000u);
  EXPECT_EQ(engine_.Searchable("c", "t", "blue"), Ids{Id(7)});
}

}  // namespace
}  // namespace trine::operations
