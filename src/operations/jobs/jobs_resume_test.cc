// Jobs that are interrupted: by the end of the process, or by a store that accepts no writes for a while.
#include <gtest/gtest.h>

#include "test/support/jobs_fixture.h"

namespace trine::operations {
namespace {

// The imports whose interruption is tested: they leave `rows` rows in `family` for each run that took effect.
struct Interrupted {
  const char* dataset;
  const char* mode;
  const char* text;
  storage::Family family;
  bool adds;  // each import adds its rows to the earlier ones
};
constexpr Interrupted kInterrupted[] = {
    {"INTERACTIONS", "full", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,i1,1,view\nu2,i2,2,view\n",
     storage::Family::kInteractions, false},
    {"INTERACTIONS", "incremental", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,i1,1,view\nu2,i2,2,view\n",
     storage::Family::kInteractions, true},
    {"USERS", "full", "USER_ID,AGE,GENDER\nu1,31,F\nu2,32,M\n", storage::Family::kUsers, false},
    {"USERS", "incremental", "USER_ID,AGE,GENDER\nu1,31,F\nu2,32,M\n", storage::Family::kUsers, true},
    {"ITEMS", "incremental", "ITEM_ID,PRICE,CATEGORY_L1\ni1,5,x\ni2,6,x\n", storage::Family::kRecordIds,
     false}};

class InterruptedImportTest : public JobsTest, public testing::WithParamInterface<Interrupted> {
 protected:
  // Starts an import whose store writes fail from the write number `writes` on. Returns its name.
  std::string StartImport(uint64_t writes) {
    objects_.Set("s3://b/1.csv", GetParam().text);
    const std::string name = "import-" + std::to_string(writes);
    Create(ResourceKind::kImportJob, name, std::string("shop/") + GetParam().dataset,
           std::string(R"({"dataset":"shop/)") + GetParam().dataset +
               R"(","location":"s3://b/1.csv","mode":")" + GetParam().mode + "\"}");
    engine_.kv->FailWritesAfter(writes);
    EXPECT_TRUE(jobs_->StartImport(name).ok());
    runner_->Drain();
    return name;
  }
  ResourceState StateOf(const std::string& name) const {
    return resources_->Get(ResourceKind::kImportJob, name)->state;
  }
  size_t Rows() const {
    size_t rows = 0;
    const auto cursor = engine_.kv->Scan(GetParam().family);
    for (cursor->Seek(""); cursor->Valid(); cursor->Next()) ++rows;
    return rows;
  }
  size_t Expected(uint64_t imports) const { return GetParam().adds ? 2 * imports : 2; }
};
INSTANTIATE_TEST_SUITE_P(Imports, InterruptedImportTest, testing::ValuesIn(kInterrupted),
                         [](const auto& test) {
                           return std::string(test.param.dataset) + "_" + test.param.mode;
                         });

// The process ends at each store write of an import in turn. At the next start the import runs again, unless
// it had taken effect: its rows are never stored twice.
TEST_P(InterruptedImportTest, TakesEffectOnceIfTheServerEndsDuringIt) {
  uint64_t writes = 0;
  for (ResourceState state = ResourceState::kPending; state != ResourceState::kActive; ++writes) {
    SCOPED_TRACE(writes);
    ASSERT_LT(writes, 50u);
    const std::string name = StartImport(writes);
    state = StateOf(name);
    engine_.kv->Repair();
    history_ = std::move(history::History::Open(*engine_.kv, engine_.log)).value();
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
    Restart();
    jobs_->ResumeAll();
    runner_->Drain();
    EXPECT_EQ(StateOf(name), ResourceState::kActive);
    EXPECT_EQ(Rows(), Expected(writes + 1));
  }
  EXPECT_GT(writes, 2u);
}

// The disk is full for a while, and the server goes on.
TEST_P(InterruptedImportTest, TakesEffectOnceIfTheStoreRecovers) {
  uint64_t writes = 0;
  for (ResourceState state = ResourceState::kPending; state != ResourceState::kActive; ++writes) {
    SCOPED_TRACE(writes);
    ASSERT_LT(writes, 50u);
    const std::string name = StartImport(writes);
    state = StateOf(name);
    if (state != ResourceState::kActive) {
      EXPECT_NE(engine_.log.text().find("cannot store the state of \"" + name + "\""), std::string::npos);
    }
    jobs_->ResumeStalled();
    runner_->Drain();
    EXPECT_EQ(StateOf(name), state) << "the store does not accept writes yet";
    engine_.kv->Repair();
    jobs_->ResumeStalled();
    runner_->Drain();
    EXPECT_EQ(StateOf(name), ResourceState::kActive);
    EXPECT_EQ(history_->UserCount(group_), std::string(GetParam().dataset) == "USERS" ? 2u : 0u);
    EXPECT_EQ(Events().size(), std::string(GetParam().dataset) == "INTERACTIONS" ? Expected(writes + 1) : 0u);
    jobs_->ResumeStalled();
    runner_->Drain();
  }
  EXPECT_GT(writes, 2u);
}

// A job that failed for a reason of its own while the store accepted no writes does not run again.
TEST_F(JobsTest, StoresTheReasonOfAFailureWhenTheStoreRecovers) {
  AddSolution();
  AddEvent();
  Program("echo 'trine: error: out of memory' >&2; exit 1");
  engine_.kv->FailWritesAfter(1);  // "in progress" is stored, the failure is not
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  runner_->Drain();
  const auto version = [&] { return *resources_->Get(ResourceKind::kSolutionVersion, "for-you/1"); };
  EXPECT_EQ(version().state, ResourceState::kInProgress);
  jobs_->ResumeStalled();
  EXPECT_EQ(version().state, ResourceState::kInProgress);
  engine_.kv->Repair();
  TrainingProgram();
  jobs_->ResumeStalled();
  EXPECT_EQ(version().state, ResourceState::kFailed);
  EXPECT_EQ(version().failure_reason, "out of memory");
  runner_->Drain();
  EXPECT_EQ(version().state, ResourceState::kFailed);
}

// Training, exports, batch inference and deletions run again, and end in one write with their results.
TEST_F(JobsTest, JobsOfEveryKindRunAgainWhenTheStoreRecovers) {
  AddSolution();
  AddEvent();
  TrainingProgram();
  objects_.Set("s3://b/in.json", "u1\n");
  Create(ResourceKind::kExportJob, "out", "shop/INTERACTIONS",
         R"({"dataset":"shop/INTERACTIONS","location":"s3://out/","mode":"all"})");
  Create(
      ResourceKind::kBatchInferenceJob, "batch", "for-you/1",
      R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/"})");
  objects_.Set("s3://b/people.csv", "USER_ID\nnobody\n");
  Create(ResourceKind::kDataDeletionJob, "gone", "shop", R"({"location":"s3://b/people.csv"})");
  struct Case {
    ResourceKind kind;
    const char* path;
    Status (Jobs::*start)(const std::string&);
    const char* result;  // a member of the result
  };
  for (const Case& job :
       {Case{ResourceKind::kSolutionVersion, "for-you/1", &Jobs::StartTraining, "metrics"},
        Case{ResourceKind::kExportJob, "out", &Jobs::StartExport, "rows"},
        Case{ResourceKind::kBatchInferenceJob, "batch", &Jobs::StartBatchInference, "lines"},
        Case{ResourceKind::kDataDeletionJob, "gone", &Jobs::StartDataDeletion, "listed"}}) {
    SCOPED_TRACE(job.path);
    for (const uint64_t writes : {0u, 1u}) {
      engine_.kv->FailWritesAfter(writes, ErrorCode::kNoSpace);
      ASSERT_TRUE((jobs_.get()->*job.start)(job.path).ok());
      runner_->Drain();
      const Resource stalled = *resources_->Get(job.kind, job.path);
      EXPECT_EQ(stalled.state, writes == 0 ? ResourceState::kPending : ResourceState::kInProgress);
      EXPECT_EQ(stalled.spec.Find(job.result), nullptr);
      engine_.kv->Repair();
      if (writes == 0) continue;  // starting it by hand settles it, too
      jobs_->ResumeStalled();
      runner_->Drain();
      const Resource done = *resources_->Get(job.kind, job.path);
      EXPECT_EQ(done.state, ResourceState::kActive) << done.failure_reason;
      EXPECT_NE(done.spec.Find(job.result), nullptr);
    }
    const uint64_t settled = engine_.kv->writes();
    jobs_->ResumeStalled();
    runner_->Drain();
    EXPECT_EQ(engine_.kv->writes(), settled) << "nothing is left to do";
  }
}

// A recommender whose training is interrupted uses the name of its new model again, so that no model file
// stays behind without a resource.
TEST_F(JobsTest, AnInterruptedRecommenderReplacesItsUnfinishedModel) {
  Create(ResourceKind::kRecommender, "home", "shop", R"({"recipe":"recommended-for-you"})");
  TrainingProgram();
  AddEvent();
  engine_.kv->FailWritesAfter(1);
  ASSERT_TRUE(jobs_->StartRecommenderTraining("home").ok());
  runner_->Drain();
  engine_.kv->Repair();
  engine_.clock.Advance(1000);
  Restart();
  jobs_->ResumeAll();
  runner_->Drain();
  const Resource home = *resources_->Get(ResourceKind::kRecommender, "home");
  EXPECT_EQ(home.state, ResourceState::kActive) << home.failure_reason;
  EXPECT_EQ(models_->List().value(), std::vector<std::string>{"model-" + home.spec.Find("model")->string()});
  EXPECT_EQ(home.spec.Find("next_model")->string(), "");
}

// Training that was being stopped when the store failed is stopped when the store accepts writes again.
TEST_F(JobsTest, StoppingTrainingSurvivesAFailingStore) {
  AddSolution();
  const auto state = [&] { return resources_->Get(ResourceKind::kSolutionVersion, "for-you/1")->state; };
  engine_.kv->FailWritesAfter(1);  // "stopping" is stored, "stopped" is not
  EXPECT_FALSE(jobs_->StopTraining("for-you/1").ok());
  EXPECT_EQ(state(), ResourceState::kStopping);
  jobs_->ResumeAll();  // a start with a full disk
  runner_->Drain();
  EXPECT_EQ(state(), ResourceState::kStopping);
  engine_.kv->Repair();
  jobs_->ResumeStalled();
  runner_->Drain();
  EXPECT_EQ(state(), ResourceState::kStopped);
}

}  // namespace
}  // namespace trine::operations
