#include "operations/jobs/jobs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/memory_budget.h"
#include "operations/jobs/reject_file.h"
#include "operations/write/orphans.h"
#include "test/support/faulty_directory.h"
#include "test/support/gzip.h"
#include "test/support/jobs_fixture.h"

namespace trine::operations {
namespace {

TEST_F(JobsTest, ImportsEventsOfSeveralObjectsAndKeepsRejects) {
  const std::string header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EXTRA\n";
  objects_.Set("s3://b/in/1.csv", header + "u1,i1,1700000000,view,x\nu2,,1700000000,view,x\n");
  objects_.Set("s3://b/in/2.csv", header + "u3,i3,1700000000,view,x\n");
  objects_.Set("s3://b/in/readme.txt", "not data");
  objects_.Set("s3://b/in/empty.csv", "");
  objects_.Set("s3://b/input.csv", header + "no,no,1,view,x\n");
  const Resource job = Import("first", "shop/INTERACTIONS", "s3://b/in");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(Events(), (std::vector<std::string>{"u1 i1 view", "u3 i3 view"}));
  EXPECT_EQ(*job.spec.Find("rows"), Json(2));
  EXPECT_EQ(*job.spec.Find("rejected"), Json(1));
  EXPECT_EQ(RejectsOf(job),
            "object,line,reason,row\ns3://b/in/1.csv,3,ITEM_ID is empty,\"u2,,1700000000,view,x\"\n");

  // A full import replaces the events; an incremental one adds to them.
  objects_.Set("s3://b/next.csv", header + "u9,i9,1700000000,buy,x\n");
  EXPECT_EQ(Import("more", "shop/INTERACTIONS", "s3://b/next.csv", "incremental").state,
            ResourceState::kActive);
  EXPECT_EQ(Events().size(), 3u);
  EXPECT_EQ(Import("again", "shop/INTERACTIONS", "s3://b/next.csv").state, ResourceState::kActive);
  EXPECT_EQ(Events(), std::vector<std::string>{"u9 i9 buy"});
}

TEST_F(JobsTest, AJobWithoutMemoryFailsAlone) {
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\ni1,1.5,a\n");
  writer_.before_put_items = [] { throw std::bad_alloc(); };
  const Resource failed = Import("first", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(failed.state, ResourceState::kFailed);
  EXPECT_NE(failed.failure_reason.find("has no memory left"), std::string::npos) << failed.failure_reason;
  EXPECT_EQ(Import("again", "shop/ITEMS", "s3://b/items.csv").state, ResourceState::kActive);
}

TEST_F(JobsTest, FailedImportsReportAReasonAndStoreNothing) {
  const auto reason = [&](const std::string& name, const std::string& location) {
    const Resource job = Import(name, "shop/INTERACTIONS", location);
    EXPECT_EQ(job.state, ResourceState::kFailed) << name;
    return job.failure_reason;
  };
  EXPECT_NE(reason("a", "s3://b/none.csv").find("there is no object at s3://b/none.csv"), std::string::npos);
  objects_.Set("s3://b/columns.csv", "USER_ID,TIMESTAMP,EVENT_TYPE\nu,1,view\n");
  EXPECT_NE(
      reason("b", "s3://b/columns.csv").find("no column for ITEM_ID; it has: USER_ID, TIMESTAMP, EVENT_TYPE"),
      std::string::npos);
  objects_.Set("s3://b/rejected.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,i,now,view\nu,i,then,view\n");
  EXPECT_NE(
      reason("c", "s3://b/rejected.csv").find("all 2 rows were rejected; the first: rejected.csv line 2"),
      std::string::npos);
  objects_.Set("s3://b/rows.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n");
  EXPECT_NE(reason("d", "s3://b/rows.csv").find("there are no rows to import"), std::string::npos);
  objects_.Set("s3://b/half/1.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,i,1,view\n");
  objects_.Set("s3://b/half/2.csv", "WRONG\nx\n");
  EXPECT_NE(reason("e", "s3://b/half/").find("2.csv: "), std::string::npos);
  EXPECT_TRUE(Events().empty());
}

TEST_F(JobsTest, ImportsUsersAndItems) {
  objects_.Set("s3://b/users.csv", "USER_ID,AGE,GENDER\nu1,31,F\nu2,,M\nu3,old,M\n");
  const Resource users = Import("users", "shop/USERS", "s3://b/users.csv");
  EXPECT_EQ(users.state, ResourceState::kActive);
  EXPECT_EQ(users.failure_reason, "1 unreadable value was skipped: users.csv line 4: AGE 'old'");
  EXPECT_EQ(history_->UserCount(group_), 3u);
  EXPECT_EQ(format::ToString((*history_->GetUser(group_, "u3"))->attributes), R"({"GENDER":"M"})");
  EXPECT_EQ(format::ToString((*history_->GetUser(group_, "u1"))->attributes), R"({"AGE":31,"GENDER":"F"})");

  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\ni1,\"12,900원\",의자\ni2,5,조명\n");
  Resource job = Import("items", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  const auto binding = engine_.catalogue->BindingOf(group_);
  ASSERT_TRUE(binding);
  EXPECT_EQ(engine_.Source(binding->collection, "i1"), R"({"PRICE":12900.0,"CATEGORY_L1":"의자"})");
  // A full import replaces all imported items of a hidden collection.
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\ni2,6,조명\ni3,7,조명\n");
  job = Import("items2", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(engine_.Source(binding->collection, "i1"), "(none)");
  EXPECT_EQ(engine_.Source(binding->collection, "i2"), R"({"PRICE":6.0,"CATEGORY_L1":"조명"})");
  EXPECT_EQ(engine_.records->LiveCount(engine_.Collection(binding->collection)->id), 2u);
}

TEST_F(JobsTest, TheIdsOfAFullImportReserveMemory) {
  memory_ = std::make_unique<MemoryBudget>(MemoryBounds::Each(100'000));
  Restart();
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\ni1,5,조명\n");
  const Resource full = Import("full", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(full.state, ResourceState::kFailed);
  EXPECT_NE(full.failure_reason.find("not enough memory for imports"), std::string::npos)
      << full.failure_reason;
  EXPECT_EQ(Import("some", "shop/ITEMS", "s3://b/items.csv", "incremental").state, ResourceState::kActive);
  EXPECT_EQ(memory_->reserved(), 0u);
}

TEST_F(JobsTest, DeletesTheListedPeople) {
  const auto did = [](const std::string& user, const std::string& item) {
    history::Event event;
    event.user_id = user;
    event.item_id = item;
    event.type = "view";
    event.time = Millis{1};
    return event;
  };
  ASSERT_TRUE(
      history_->Append(group_, {did("007", "a"), did("7", "b"), did("u,1", "c"), did("z", "d")}).ok());
  ASSERT_TRUE(history_->PutUsers(group_, {{"007", Json::Object{}}, {"z", Json::Object{}}}).ok());
  const auto run = [&](const std::string& name, const std::string& location) {
    Create(ResourceKind::kDataDeletionJob, name, "shop", R"({"location":")" + location + R"("})");
    EXPECT_TRUE(jobs_->StartDataDeletion(name).ok());
    runner_->Drain();
    return *resources_->Get(ResourceKind::kDataDeletionJob, name);
  };
  const auto reason = [&](const std::string& name, const std::string& location) {
    const Resource job = run(name, location);
    EXPECT_EQ(job.state, ResourceState::kFailed) << name;
    return job.failure_reason;
  };
  objects_.Set("s3://b/broken/1.csv", "USER_ID\n007\n");
  objects_.Set("s3://b/broken/2.csv", "USER_ID,NAME\nz,x\n,y\n");
  EXPECT_EQ(reason("a", "s3://b/broken/"), "2.csv: line 3: USER_ID is empty; nobody was deleted");
  objects_.Set("s3://b/column.csv", "NAME\nz\n");
  EXPECT_NE(reason("b", "s3://b/column.csv").find("no column for USER_ID"), std::string::npos);
  objects_.Set("s3://b/none.csv", "USER_ID\n");
  EXPECT_NE(reason("c", "s3://b/none.csv").find("there are no user ids at"), std::string::npos);
  EXPECT_EQ(Events().size(), 4u);
  EXPECT_EQ(history_->UserCount(group_), 2u);

  objects_.Set("s3://b/in/1.csv", "USER_ID\n007\n\"u,1\"\nnobody\n");
  objects_.Set("s3://b/in/2.csv", "USER_ID\n007\n");
  const Resource job = run("d", "s3://b/in/");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(Events(), (std::vector<std::string>{"7 b view", "z d view"}));
  EXPECT_EQ(history_->UserCount(group_), 1u);
  EXPECT_EQ(*job.spec.Find("listed"), Json(3));
  EXPECT_EQ(*job.spec.Find("people"), Json(2));
  EXPECT_EQ(*job.spec.Find("events"), Json(2));
  EXPECT_EQ(*job.spec.Find("users"), Json(1));
}

// The store fails after each write of the job in turn; the counts are those of one run.
TEST_F(JobsTest, AnInterruptedDeletionCountsEachPersonOnce) {
  objects_.Set("s3://b/in.csv", "USER_ID\nu\n");
  for (uint64_t writes = 1; writes <= 3; ++writes) {
    AddEvent();
    const std::string name = "job" + std::to_string(writes);
    Create(ResourceKind::kDataDeletionJob, name, "shop", R"({"location":"s3://b/in.csv"})");
    engine_.kv->FailWritesAfter(writes);
    ASSERT_TRUE(jobs_->StartDataDeletion(name).ok());
    runner_->Drain();
    EXPECT_EQ(Events().size(), writes == 1 ? 1u : 0u);
    engine_.kv->Repair();
    Restart();
    jobs_->ResumeAll();
    runner_->Drain();
    const Resource job = *resources_->Get(ResourceKind::kDataDeletionJob, name);
    EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
    EXPECT_EQ(*job.spec.Find("events"), Json(1));
    EXPECT_TRUE(Events().empty());
  }
}

TEST_F(JobsTest, FullImportKeepsItemsPutIndividually) {
  const auto import = [&](const std::string& name, const std::string& rows) {
    objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\n" + rows);
    const Resource job = Import(name, "shop/ITEMS", "s3://b/items.csv");
    EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  };
  const auto put = [&](const std::string& id, const char* attributes) {
    EXPECT_TRUE(writer_.PutItems(group_, {{id, *format::ParseJson(attributes)}}, false, {}).ok());
  };
  put("single", R"({"PRICE":1})");
  import("first", "both,2,의자\nsame,3,조명\nlater,4,조명\nbulk,5,의자\n");
  const std::string items = engine_.catalogue->BindingOf(group_)->collection;
  EXPECT_EQ(engine_.Source(items, "single"), R"({"PRICE":1})");
  put("both", R"({"PRICE":6})");
  put("same", R"({"PRICE":3.0})");  // changes nothing, but counts as an individual put
  import("second", "both,7,의자\nlater,4,조명\n");
  EXPECT_EQ(engine_.Source(items, "bulk"), "(none)");
  EXPECT_EQ(engine_.Source(items, "same"), R"({"PRICE":3.0,"CATEGORY_L1":"조명"})");

  // Items written while the import runs are kept.
  writer_.before_write = [&] {
    put("later", R"({"PRICE":8})");
    put("new", R"({"PRICE":9})");
  };
  import("third", "other,1,의자\n");
  EXPECT_FALSE(writer_.before_write) << "the import did not delete through the writer";
  EXPECT_EQ(engine_.Source(items, "later"), R"({"PRICE":8,"CATEGORY_L1":"조명"})");
  EXPECT_EQ(engine_.Source(items, "new"), R"({"PRICE":9})");
  EXPECT_EQ(engine_.Source(items, "both"), R"({"PRICE":7.0,"CATEGORY_L1":"의자"})");
  EXPECT_EQ(engine_.Source(items, "single"), R"({"PRICE":1})");
  EXPECT_EQ(engine_.records->LiveCount(engine_.Collection(items)->id), 6u);
}

TEST_F(JobsTest, DropsHiddenItemsOfADeletedGroupAtStart) {
  const auto put = [&](GroupId group) {
    EXPECT_TRUE(engine_.writer->PutItems(group, {{"i", Json(Json::Object{{"A", 1}})}}, false, {}).ok());
    return engine_.catalogue->BindingOf(group)->collection;
  };
  engine_.Put("products", "d", "{}");
  const std::string known = put(group_), bound = put(GroupId{900}), unbound = put(GroupId{901});
  ASSERT_TRUE(engine_.catalogue->DropBinding(unbound).ok());
  // The group of the items may be the one that cannot be read.
  storage::WriteBatch batch;
  batch.Put(storage::Family::kResources, std::string("recommend.dataset_group\0cut", 27), "{");
  ASSERT_TRUE(engine_.kv->Write(batch, storage::Durability::kSync).ok());
  const auto reread = recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log).value();
  DropOrphanedCollections(*engine_.catalogue, *reread, *engine_.writer, engine_.log);
  EXPECT_NE(engine_.Collection(bound), nullptr);
  DropOrphanedCollections(*engine_.catalogue, *resources_, *engine_.writer, engine_.log);
  EXPECT_EQ(engine_.Collection(bound), nullptr);
  EXPECT_EQ(engine_.Collection(unbound), nullptr);
  EXPECT_FALSE(engine_.catalogue->BindingOf(GroupId{900}));
  EXPECT_EQ(engine_.Source(known, "i"), R"({"A":1})");
  EXPECT_NE(engine_.Collection("products"), nullptr);
  // If the record of the group is missing but one of its datasets exists, the items of the group stay.
  ASSERT_TRUE(resources_->Delete(ResourceKind::kDatasetGroup, "shop").ok());
  DropOrphanedCollections(*engine_.catalogue, *resources_, *engine_.writer, engine_.log);
  EXPECT_NE(engine_.Collection(known), nullptr);
}

TEST_F(JobsTest, RejectsOnlyTheItemsThatCannotBeStored) {
  engine_.Put("products", "d1", R"({"PRICE":1,"CATEGORY_L1":5})");
  ASSERT_TRUE(engine_.writer->Bind({"products", group_, "", {}}).ok());
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\na,1,words\nb,2,7\n");
  const Resource job = Import("items", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(*job.spec.Find("rows"), Json(1));
  EXPECT_EQ(*job.spec.Find("rejected"), Json(1));
  EXPECT_EQ(engine_.Source("products", "a"), "(none)");
  EXPECT_NE(engine_.Source("products", "b"), "(none)");
  EXPECT_NE(engine_.Source("products", "d1"), "(none)");  // documents of a visible collection stay
  const std::string rejects = RejectsOf(job);
  EXPECT_NE(rejects.find("s3://b/items.csv,2,"), std::string::npos) << rejects;
  EXPECT_TRUE(rejects.ends_with(",\"a,1,words\"\n")) << rejects;
  // If no item can be stored, the job fails and removes nothing.
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\na,1,words\n");
  const Resource none = Import("none", "shop/ITEMS", "s3://b/items.csv");
  EXPECT_EQ(none.state, ResourceState::kFailed);
  EXPECT_NE(none.failure_reason.find("all 1 rows were rejected; the first: items.csv line 2"),
            std::string::npos);
  EXPECT_NE(engine_.Source("products", "b"), "(none)");
}

TEST_F(JobsTest, RejectsOnlyTheEventsBeyondTheBounds) {
  std::string text = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,IMPRESSION\n";
  for (int i = 2; i <= 6001; ++i) {
    const std::string type = i == 100 ? std::string(257, 't') : "view";
    const std::string impression = i == 5500 ? "a|" + std::string(513, 'x') : "a|b";
    text += "u" + std::to_string(i) + ",i,1700000000," + type + "," + impression + "\n";
  }
  objects_.Set("s3://b/in.csv", text);
  const Resource job = Import("in", "shop/INTERACTIONS", "s3://b/in.csv");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(*job.spec.Find("rows"), Json(5998));
  EXPECT_EQ(*job.spec.Find("rejected"), Json(2));
  EXPECT_EQ(Events().size(), 5998u);
  const std::string rejects = RejectsOf(job);
  EXPECT_NE(rejects.find("s3://b/in.csv,100,"), std::string::npos);
  EXPECT_NE(rejects.find("s3://b/in.csv,5500,"), std::string::npos);
}

TEST_F(JobsTest, AFullImportThatFailsLeavesTheOldRows) {
  const std::string items = "ITEM_ID,PRICE,CATEGORY_L1\n", users = "USER_ID,AGE,GENDER\n";
  objects_.Set("s3://b/items.csv", items + "old,1,의자\nboth,2,의자\n");
  objects_.Set("s3://b/users.csv", users + "old,31,F\n");
  ASSERT_EQ(Import("items", "shop/ITEMS", "s3://b/items.csv").state, ResourceState::kActive);
  ASSERT_EQ(Import("users", "shop/USERS", "s3://b/users.csv").state, ResourceState::kActive);
  const std::string collection = engine_.catalogue->BindingOf(group_)->collection;

  std::string many_items, many_users;
  for (int i = 0; i < 12'000; ++i) {
    many_items += "new" + std::to_string(i) + ",3,조명\n";
    many_users += "new" + std::to_string(i) + ",30,F\n";
  }
  many_items += "both,9,조명\n";
  const auto fails = [&](const std::string& name, const std::string& location) {
    for (const auto& [word, text] : {std::pair("ITEMS", items + many_items), {"USERS", users + many_users}}) {
      objects_.Set("s3://b/parts/1.csv", text);
      objects_.Set("s3://b/parts/2.csv", text.substr(text.find('\n') + 1));
      std::string packed = test::Gzip(text);
      packed.resize(packed.size() - 20);
      objects_.Set("s3://b/cut.csv.gz", packed);
      for (const char* mode : {"full", "incremental"}) {
        const Resource job = Import(name + word + mode, std::string("shop/") + word, location, mode);
        EXPECT_EQ(job.state, ResourceState::kFailed) << job.name;
      }
    }
    EXPECT_EQ(engine_.Source(collection, "old"), R"({"PRICE":1.0,"CATEGORY_L1":"의자"})");
    EXPECT_EQ(engine_.Source(collection, "both"), R"({"PRICE":2.0,"CATEGORY_L1":"의자"})");
    EXPECT_EQ(engine_.records->LiveCount(engine_.Collection(collection)->id), 2u);
    EXPECT_EQ(history_->UserCount(group_), 1u);
  };
  fails("parts", "s3://b/parts/");
  fails("cut", "s3://b/cut.csv.gz");
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path("scratch")))
    EXPECT_EQ(entry.path().extension(), ".csv") << "temporary rows remain: " << entry.path();
}

TEST_F(JobsTest, ImportsNameTheEncoding) {
  objects_.Set("s3://b/in/1.csv", "USER_ID,AGE,GENDER\nu1,31,\xbf\xa9\xc0\xda\n");  // 여자 in CP949
  objects_.Set("s3://b/in/2.csv", "USER_ID,AGE,GENDER\nu2,31,여자\nu3,31,여\xec\x9e\n");
  const Resource job = Import("users", "shop/USERS", "s3://b/in/");
  EXPECT_EQ(job.state, ResourceState::kActive);
  EXPECT_EQ(*job.spec.Find("encoding"), Json("cp949, utf-8"));
  EXPECT_EQ(job.failure_reason,
            "1 row contains bytes that cannot be decoded and were replaced; first: 2.csv line 3: GENDER; "
            "the encoding of the files is taken to be cp949, utf-8");
  EXPECT_EQ(format::ToString((*history_->GetUser(group_, "u1"))->attributes),
            R"({"AGE":31,"GENDER":"여자"})");
  objects_.Set("s3://b/unknown.csv", "USER_ID,AGE,GENDER\nu1,31,\xff\xfd\n");
  const Resource unknown = Import("unknown", "shop/USERS", "s3://b/unknown.csv");
  EXPECT_EQ(unknown.state, ResourceState::kFailed);
  EXPECT_NE(unknown.failure_reason.find("byte 0xFF at position 25"), std::string::npos)
      << unknown.failure_reason;
  EXPECT_EQ(history_->UserCount(group_), 3u);
}

TEST_F(JobsTest, AnImportFailsIfRejectedRowsCannotBeKept) {
  std::filesystem::remove_all(folder_.path("scratch"));
  std::ofstream(folder_.path("scratch")) << "not a folder";
  objects_.Set("s3://b/users.csv", "USER_ID,AGE,GENDER\nu1,31,F\n,31,F\n");
  const Resource job = Import("users", "shop/USERS", "s3://b/users.csv");
  EXPECT_EQ(job.state, ResourceState::kFailed);
  EXPECT_EQ(history_->UserCount(group_), 0u);
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\na,1,x\n");
  EXPECT_EQ(Import("items", "shop/ITEMS", "s3://b/items.csv").state, ResourceState::kFailed);
}

TEST(RejectFiles, OfDeletedPeopleAreRemoved) {
  const test::TempFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path(name)) << text;
  };
  const std::string head = "object,line,reason,row\n";
  write("csv.rejects.csv", head + "a.csv,2,no item,\"u1,,view\"\n");
  write("json.rejects.csv", head + "a.json,2,no item,\"{\"\"USER_ID\"\":\"\"u1\"\"}\"\n");
  write("other.rejects.csv", head + "a.csv,2,no item,\"u10,,view\"\n");
  write("blank.rejects.csv", head + "a.csv,2,no item,\"Kim, Minsu,,view\"\n");
  write("quoted.rejects.csv", head + R"(a.csv,2,no item,"""Lee """"Sun"""" Hee"",,view")" + "\n");
  write("escaped.rejects.csv", head + R"(a.json,2,no item,"{""USER_ID"": ""Lee \""Sun\"" Hee""}")" + "\n");
  write("units.rejects.csv", head + R"(a.json,2,no item,"{""USER_ID"": ""\uae40\ud83d\ude00""}")" + "\n");
  write("broken.rejects.csv", head + R"(a.json,2,no item,"{""USER_ID"": ""\uae4\ud83d\u00""}\)" + "\n");
  write("pipe.rejects.csv", head + "a.csv,2,no item,\"auth0|77,,view\"\n");
  write("other_pipe.rejects.csv", head + "a.csv,2,no item,\"auth0|7,,view\"\n");
  write("u1.txt", "u1");
  const std::vector<std::string> people = {"u1", "Kim, Minsu", "", "Lee \"Sun\" Hee", "김😀", "auth0|77", "|"};
  ASSERT_TRUE(RemoveRejectsOf(folder.path(), people).ok());
  for (const char* gone : {"csv.rejects.csv", "json.rejects.csv", "blank.rejects.csv", "quoted.rejects.csv",
                           "escaped.rejects.csv", "units.rejects.csv", "pipe.rejects.csv"})
    EXPECT_FALSE(std::filesystem::exists(folder.path(gone))) << gone;
  for (const char* kept : {"other.rejects.csv", "broken.rejects.csv", "other_pipe.rejects.csv", "u1.txt"})
    EXPECT_TRUE(std::filesystem::exists(folder.path(kept))) << kept;
  EXPECT_TRUE(RemoveRejectsOf(folder.path("none"), {"u1"}).ok());
}

TEST_F(JobsTest, TheRejectFileOfOneImportIsRemoved) {
  for (const char* job : {"first", "second"}) {
    objects_.Set("s3://b/users.csv", "USER_ID,AGE,GENDER\nu1,31,F\n,31,F\n");
    Import(job, "shop/USERS", "s3://b/users.csv");
    ASSERT_TRUE(std::filesystem::exists(folder_.path("scratch/" + std::string(job) + ".rejects.csv")));
  }
  ASSERT_TRUE(jobs_->RemoveRejectsOfImport("first").ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.path("scratch/first.rejects.csv")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path("scratch/second.rejects.csv")));
  EXPECT_TRUE(jobs_->RemoveRejectsOfImport("first").ok()) << "a job without rejected rows";
  EXPECT_TRUE(RemoveRejectFile(folder_.path("none"), "first").ok());
  std::ofstream(folder_.path("file")) << "not a folder";
  EXPECT_FALSE(RemoveRejectFile(folder_.path("file"), "first").ok());
}

TEST_F(JobsTest, KeepsTheRejectFilesOfTheNewestJobs) {
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (int i = 0; i < 120; ++i) {
    const std::string path = folder_.path("scratch/old" + std::to_string(i) + ".rejects.csv");
    std::ofstream(path) << "x";
    std::filesystem::last_write_time(path, old - std::chrono::minutes(i));
  }
  std::ofstream(folder_.path("scratch/other")) << "x";
  objects_.Set("s3://b/users.csv", "USER_ID,AGE,GENDER\nu1,31,F\n,31,F\n");
  const Resource job = Import("users", "shop/USERS", "s3://b/users.csv");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path("scratch")))
    files += entry.path().string().ends_with(".rejects.csv");
  EXPECT_EQ(files, 100u);
  EXPECT_TRUE(std::filesystem::exists(folder_.path("scratch/other")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path("scratch/old0.rejects.csv")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("scratch/old119.rejects.csv")));
  EXPECT_NE(job.failure_reason.find("; rejected rows are in " + job.spec.Find("reject_location")->string()),
            std::string::npos);
}

TEST_F(JobsTest, ExportsByIngestionMode) {
  objects_.Set("s3://b/in.csv",
               "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE\nu1,i1,1700000000,view,1.5,pc\n");
  ASSERT_EQ(Import("in", "shop/INTERACTIONS", "s3://b/in.csv").state, ResourceState::kActive);
  AddEvent();
  const std::string header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE\n";
  const std::pair<const char*, std::string> modes[] = {
      {"bulk", header + "u1,i1,1700000000,view,1.5,pc\n"},
      {"put", header + "u,i,0,view,,\n"},
      {"all", header + "u1,i1,1700000000,view,1.5,pc\nu,i,0,view,,\n"}};
  for (const auto& [mode, text] : modes) {
    Create(ResourceKind::kExportJob, mode, "shop/INTERACTIONS",
           R"({"dataset":"shop/INTERACTIONS","location":"s3://out/)" + std::string(mode) + R"(","mode":")" +
               mode + "\"}");
    ASSERT_TRUE(jobs_->StartExport(mode).ok());
    runner_->Drain();
    EXPECT_EQ(resources_->Get(ResourceKind::kExportJob, mode)->state, ResourceState::kActive);
    EXPECT_EQ(objects_.Text("s3://out/" + std::string(mode) + "/interactions-00000.csv"), text);
  }
}

// An import stores again what an export wrote: the session of anonymous events, and the mark of unverified
// ones, without which they would count for everybody.
TEST_F(JobsTest, ExportedEventsKeepTheirSessionAndTrustClass) {
  history::Event visit, order;
  visit.session_id = "s1";
  visit.item_id = "i1";
  visit.type = "view";
  visit.time = Millis{1'700'000'000'000};
  order = visit;
  order.session_id = "s2";
  order.user_id = "u";
  visit.unverified = true;
  ASSERT_TRUE(history_->Append(group_, {visit, order}).ok());
  Create(ResourceKind::kExportJob, "out", "shop/INTERACTIONS",
         R"({"dataset":"shop/INTERACTIONS","location":"s3://out/","mode":"all"})");
  ASSERT_TRUE(jobs_->StartExport("out").ok());
  runner_->Drain();
  const std::string text = objects_.Text("s3://out/interactions-00000.csv");
  EXPECT_EQ(text,
            "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE,SESSION_ID,TRINE_UNVERIFIED\n"
            ",i1,1700000000,view,,,s1,true\nu,i1,1700000000,view,,,s2,false\n");
  ASSERT_TRUE(history_->EraseGroup(group_).ok());
  ASSERT_EQ(Import("in", "shop/INTERACTIONS", "s3://out/interactions-00000.csv").state,
            ResourceState::kActive);
  std::vector<std::string> events;
  ASSERT_TRUE(history_
                  ->Scan(group_, EventSeq{0},
                         [&](const history::Event& e) -> Result<bool> {
                           events.push_back(e.user_id + "/" + e.session_id +
                                            (e.unverified ? " unverified" : ""));
                           return true;
                         })
                  .ok());
  EXPECT_EQ(events, (std::vector<std::string>{"/s1 unverified", "u/s2"}));
}

TEST_F(JobsTest, TrainsAndStoresTheModel) {
  AddSolution();
  AddEvent();
  TrainingProgram();
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  runner_->Drain();
  const Resource version = *resources_->Get(ResourceKind::kSolutionVersion, "for-you/1");
  EXPECT_EQ(version.state, ResourceState::kActive) << version.failure_reason;
  EXPECT_EQ(version.spec.Find("model")->string(), "for-you.1");
  EXPECT_EQ(*version.spec.FindPath("metrics.coverage"), Json(0.25));
  EXPECT_EQ(*version.spec.Find("training_hours"), Json(2.0));
  EXPECT_EQ(Model("model-for-you.1"), "the model");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("scratch/training-for-you.1")));
  EXPECT_FALSE(jobs_->ProgressOf("for-you/1"));
}

TEST_F(JobsTest, FailedTrainingReportsTheErrorOutputOfTheChild) {
  AddSolution();
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  runner_->Drain();
  EXPECT_NE(resources_->Get(ResourceKind::kSolutionVersion, "for-you/1")->failure_reason,
            "");  // there are no events
  AddEvent();
  Program("echo 'out of memory' >&2; exit 1");
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  runner_->Drain();
  const Resource version = *resources_->Get(ResourceKind::kSolutionVersion, "for-you/1");
  EXPECT_EQ(version.state, ResourceState::kFailed);
  EXPECT_NE(version.failure_reason.find("out of memory"), std::string::npos);
  EXPECT_EQ(Model("model-for-you.1"), "(none)");
}

TEST_F(JobsTest, TrainingThatNeedsMoreMemoryThanAllowedFailsWithTheSize) {
  memory_ = std::make_unique<MemoryBudget>(MemoryBounds::Each(8u << 20));
  Restart();
  AddSolution();
  AddEvent();
  TrainingProgram();
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  runner_->Drain();
  const Resource version = *resources_->Get(ResourceKind::kSolutionVersion, "for-you/1");
  EXPECT_EQ(version.state, ResourceState::kFailed);
  EXPECT_NE(version.failure_reason.find("at most 8388608 bytes are allowed"), std::string::npos)
      << version.failure_reason;
  EXPECT_EQ(memory_->reserved(), 0u);
}

TEST_F(JobsTest, TrainingWaitsForMemoryThatOtherWorkHas) {
  memory_ = std::make_unique<MemoryBudget>(MemoryBounds::Each(64u << 20));
  Restart();
  AddSolution();
  AddEvent();
  TrainingProgram();
  MemoryHold other(memory_.get(), MemoryUse::kImports);
  ASSERT_TRUE(other.Add(60u << 20).ok());
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  while (memory_->refused(MemoryUse::kTraining) == 0) std::this_thread::yield();
  EXPECT_EQ(resources_->Get(ResourceKind::kSolutionVersion, "for-you/1")->state, ResourceState::kInProgress);
  other.Release();
  runner_->Drain();
  const Resource version = *resources_->Get(ResourceKind::kSolutionVersion, "for-you/1");
  EXPECT_EQ(version.state, ResourceState::kActive) << version.failure_reason;
  EXPECT_EQ(memory_->reserved(), 0u);
  EXPECT_GE(memory_->peak(MemoryUse::kTraining), 16u << 20);
}

TEST_F(JobsTest, BatchOutputThatDoesNotFitIntoMemoryFails) {
  memory_ = std::make_unique<MemoryBudget>(MemoryBounds::Each(50'000));
  Restart();
  AddSolution();
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "user" + std::to_string(i) + "\n";
  objects_.Set("s3://b/in.json", lines);
  Create(
      ResourceKind::kBatchInferenceJob, "batch", "for-you/1",
      R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/"})");
  ASSERT_TRUE(jobs_->StartBatchInference("batch").ok());
  runner_->Drain();
  const Resource job = *resources_->Get(ResourceKind::kBatchInferenceJob, "batch");
  EXPECT_EQ(job.state, ResourceState::kFailed);
  EXPECT_NE(job.failure_reason.find("not enough memory for imports"), std::string::npos)
      << job.failure_reason;
  EXPECT_EQ(memory_->reserved(), 0u);
}

TEST_F(JobsTest, StopsTrainingAndResumesInterruptedTraining) {
  AddSolution();
  AddEvent();
  const auto state = [&] { return resources_->Get(ResourceKind::kSolutionVersion, "for-you/1")->state; };
  const auto wait_until_it_runs = [&] {
    while (!jobs_->ProgressOf("for-you/1") || jobs_->ProgressOf("for-you/1")->what != "fitting")
      std::this_thread::yield();
  };
  Program("echo 'progress 0.5 fitting'; exec sleep 1000");
  ASSERT_TRUE(jobs_->StartTraining("for-you/1").ok());
  wait_until_it_runs();
  EXPECT_EQ(state(), ResourceState::kInProgress);
  // The server restarts.
  Restart();
  EXPECT_EQ(state(), ResourceState::kInProgress);
  jobs_->ResumeAll();
  wait_until_it_runs();
  ASSERT_TRUE(jobs_->StopTraining("for-you/1").ok());
  runner_->Drain();
  EXPECT_EQ(state(), ResourceState::kStopped);
  EXPECT_FALSE(jobs_->StopTraining("for-you/1").ok());
  jobs_->ResumeAll();
  runner_->Drain();
  EXPECT_EQ(state(), ResourceState::kStopped);
}

TEST_F(JobsTest, RecommenderIsActiveWithoutEnoughTrainingData) {
  Create(ResourceKind::kRecommender, "home", "shop", R"({"recipe":"recommended-for-you"})");
  TrainingProgram();
  const auto train = [&] {
    EXPECT_TRUE(jobs_->StartRecommenderTraining("home").ok());
    runner_->Drain();
    return *resources_->Get(ResourceKind::kRecommender, "home");
  };
  Resource home = train();
  EXPECT_EQ(home.state, ResourceState::kActive) << home.failure_reason;
  EXPECT_EQ(home.spec.Find("model"), nullptr);
  AddEvent();
  home = train();
  EXPECT_EQ(home.state, ResourceState::kActive) << home.failure_reason;
  const std::string first = home.spec.Find("model")->string();
  EXPECT_EQ(Model("model-" + first), "the model");
  engine_.clock.Advance(1000);
  home = train();
  EXPECT_NE(home.spec.Find("model")->string(), first);
  EXPECT_EQ(recommender_.dropped, std::vector<std::string>{first});
}

TEST_F(JobsTest, BatchInferenceAnswersLineByLine) {
  AddSolution();
  ASSERT_TRUE(resources_
                  ->Update(ResourceKind::kSolutionVersion, "for-you/1",
                           [](Resource& r) {
                             r.spec.Set("model", "m");
                             return Ok();
                           })
                  .ok());
  objects_.Set("s3://b/in.json", "u1\nbad\n\nnobody\r\nu2");
  Create(
      ResourceKind::kBatchInferenceJob, "batch", "for-you/1",
      R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/","count":3})");
  ASSERT_TRUE(jobs_->StartBatchInference("batch").ok());
  runner_->Drain();
  const Resource job = *resources_->Get(ResourceKind::kBatchInferenceJob, "batch");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(objects_.Text("s3://out/in.json.out"),
            "u1 -> u1/m/3\nbad -> bad line\nnobody -> a user is needed\nu2 -> u2/m/3\n");
  EXPECT_EQ(*job.spec.Find("lines"), Json(4));
  EXPECT_EQ(*job.spec.Find("failed"), Json(2));
}

TEST_F(JobsTest, BatchInferenceObeysItsSettings) {
  AddSolution();
  objects_.Set("s3://b/in.json", "u1\n");
  const auto served = [&](const std::string& name, const std::string& settings) {
    Create(
        ResourceKind::kBatchInferenceJob, name, "for-you/1",
        R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/")" +
            settings + "}");
    EXPECT_TRUE(jobs_->StartBatchInference(name).ok());
    runner_->Drain();
    return recommender_.served;
  };
  EXPECT_EQ(served("plain", "").exploration_weight, 0) << "jobs of 0.1.0 have no such members";
  EXPECT_EQ(recommender_.served.filtered_events_per_type, 0u);
  const recommend::ServingConfig strict =
      served("strict",
             R"(,"exploration_weight":0.5,"exploration_item_age_cut_off":3,"filtered_events_per_type":100)");
  EXPECT_EQ(strict.exploration_weight, 0.5);
  EXPECT_EQ(strict.exploration_max_age_days, 3);
  EXPECT_EQ(strict.filtered_events_per_type, 100u);
}

TEST_F(JobsTest, BatchRankingReportsLinesWithoutItems) {
  Create(ResourceKind::kSolution, "order", "shop", R"({"recipe":"personalized-ranking-v2"})");
  Create(ResourceKind::kSolutionVersion, "order/1", "order", R"({"solution":"order","mode":"full"})");
  objects_.Set("s3://b/in.json", "u1\nu1: a b\n");
  Create(ResourceKind::kBatchInferenceJob, "batch", "order/1",
         R"({"solution_version":"order/1","input_location":"s3://b/in.json","output_location":"s3://out/"})");
  ASSERT_TRUE(jobs_->StartBatchInference("batch").ok());
  runner_->Drain();
  EXPECT_EQ(objects_.Text("s3://out/in.json.out"),
            "u1 -> the line has no list of items to rank\nu1: a b -> a\n");
  EXPECT_EQ(*resources_->Get(ResourceKind::kBatchInferenceJob, "batch")->spec.Find("failed"), Json(1));
}

TEST_F(JobsTest, BatchInferenceReportsLinesThatAreTooLong) {
  AddSolution();
  objects_.Set("s3://b/in.json", "u1\n" + std::string((1u << 20) + 1, 'x') + "\nu2\n");
  Create(
      ResourceKind::kBatchInferenceJob, "batch", "for-you/1",
      R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/"})");
  ASSERT_TRUE(jobs_->StartBatchInference("batch").ok());
  runner_->Drain();
  const Resource job = *resources_->Get(ResourceKind::kBatchInferenceJob, "batch");
  EXPECT_EQ(job.state, ResourceState::kActive) << job.failure_reason;
  EXPECT_EQ(*job.spec.Find("lines"), Json(3));
  EXPECT_EQ(*job.spec.Find("failed"), Json(1));
  const std::string out = objects_.Text("s3://out/in.json.out");
  EXPECT_NE(out.find(" -> a line has more than 1048576 bytes\nu2 -> "), std::string::npos) << out;
}

TEST_F(JobsTest, BatchInferenceStopsWhenTheStoreFails) {
  AddSolution();
  objects_.Set("s3://b/in.json", "u1\nu2\n");
  const std::string spec =
      R"({"solution_version":"for-you/1","input_location":"s3://b/in.json","output_location":"s3://out/"})";
  const auto run = [&](const std::string& name) {
    Create(ResourceKind::kBatchInferenceJob, name, "for-you/1", spec);
    EXPECT_TRUE(jobs_->StartBatchInference(name).ok());
    runner_->Drain();
    return *resources_->Get(ResourceKind::kBatchInferenceJob, name);
  };
  for (const ErrorCode code :
       {ErrorCode::kIo, ErrorCode::kNoSpace, ErrorCode::kCorrupt, ErrorCode::kInternal}) {
    recommender_.fails_with = code;
    const Resource job = run(std::string(Name(code)));
    EXPECT_EQ(job.state, ResourceState::kFailed) << Name(code);
    EXPECT_EQ(job.failure_reason, "cannot read the events of the user");
    EXPECT_EQ(objects_.Text("s3://out/in.json.out"), "(none)") << "no line is counted as a bad query";
  }
  recommender_.fails_with = ErrorCode::kTimeout;
  EXPECT_EQ(*run("timeout").spec.Find("failed"), Json(2)) << "one slow query does not stop the job";
}

TEST_F(JobsTest, ImportFailsWhenTheObjectStoreFails) {
  const std::string bytes = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,i1,1,view\nu2,i2,2,view\n";
  objects_.Set("s3://b/1.csv", bytes);
  for (const uint64_t after : {uint64_t{0}, uint64_t{1}, bytes.size() / 2, bytes.size() - 8}) {
    SCOPED_TRACE(after);
    objects_.FailAfter(after);
    const Resource job = Import("after-" + std::to_string(after), "shop/INTERACTIONS", "s3://b/1.csv");
    EXPECT_EQ(job.state, ResourceState::kFailed);
    EXPECT_NE(job.failure_reason.find("the object store does not respond"), std::string::npos)
        << job.failure_reason;
    EXPECT_TRUE(Events().empty());
    EXPECT_EQ(job.spec.Find("rejected"), nullptr) << "a truncated row must not count as rejected";
  }
  objects_.FailAfter(std::nullopt);
  EXPECT_EQ(Import("again", "shop/INTERACTIONS", "s3://b/1.csv").state, ResourceState::kActive);
  EXPECT_EQ(Events().size(), 2u);
}

TEST_F(JobsTest, ItemImportFailsWhenTheStoreFails) {
  objects_.Set("s3://b/items.csv", "ITEM_ID,PRICE,CATEGORY_L1\ni1,5,lamps\ni2,6,lamps\n");
  ASSERT_EQ(Import("first", "shop/ITEMS", "s3://b/items.csv").state, ResourceState::kActive);
  writer_.before_put_items = [&] { engine_.kv->FailWrites(ErrorCode::kNoSpace); };
  const std::string name = "second";
  Create(ResourceKind::kImportJob, name, "shop/ITEMS",
         R"({"dataset":"shop/ITEMS","location":"s3://b/items.csv","mode":"full"})");
  ASSERT_TRUE(jobs_->StartImport(name).ok());
  runner_->Drain();
  engine_.kv->Repair();
  const Resource job = *resources_->Get(ResourceKind::kImportJob, name);
  EXPECT_EQ(job.state, ResourceState::kInProgress) << "its failure could not be stored either";
  EXPECT_NE(engine_.log.text().find(test::FailingKeyValue::kWriteMessage), std::string::npos);
  EXPECT_EQ(engine_.records->LiveCount(engine_.Collection(".items-1")->id), 2u);
  jobs_->ResumeAll();
  runner_->Drain();
  EXPECT_EQ(resources_->Get(ResourceKind::kImportJob, name)->state, ResourceState::kActive);
}

TEST_F(JobsTest, ExportFailsWhenTheObjectStoreFails) {
  AddEvent();
  objects_.FailAfter(0);
  Create(ResourceKind::kExportJob, "out", "shop/INTERACTIONS",
         R"({"dataset":"shop/INTERACTIONS","location":"s3://b/out/","mode":"all"})");
  ASSERT_TRUE(jobs_->StartExport("out").ok());
  runner_->Drain();
  const Resource job = *resources_->Get(ResourceKind::kExportJob, "out");
  EXPECT_EQ(job.state, ResourceState::kFailed);
  EXPECT_NE(job.failure_reason.find("the object store does not respond"), std::string::npos);
}

// A new model that cannot be written or recorded does not replace the recommender's former model.
TEST_F(JobsTest, RecommenderKeepsItsModelWhenTheNewOneCannotBeStored) {
  test::FaultyDisk disk;
  models_ = disk.Root();
  Restart();
  Create(ResourceKind::kRecommender, "home", "shop", R"({"recipe":"recommended-for-you"})");
  TrainingProgram();
  AddEvent();
  const auto train = [&] {
    engine_.clock.Advance(1000);
    EXPECT_TRUE(jobs_->StartRecommenderTraining("home").ok());
    runner_->Drain();
    return *resources_->Get(ResourceKind::kRecommender, "home");
  };
  const std::string first = train().spec.Find("model")->string();

  disk.FailSyncs(true);
  Resource home = train();
  EXPECT_EQ(home.state, ResourceState::kFailed);
  EXPECT_NE(home.failure_reason.find("cannot sync a file"), std::string::npos) << home.failure_reason;
  EXPECT_EQ(*home.spec.Find("model"), Json(first));
  disk.FailSyncs(false);
  disk.SetSpaceLeft(3);
  home = train();
  EXPECT_EQ(home.state, ResourceState::kFailed);
  EXPECT_NE(home.failure_reason.find("no space left"), std::string::npos) << home.failure_reason;
  disk.SetSpaceLeft(1u << 20);
  EXPECT_EQ(recommender_.dropped, std::vector<std::string>{});
  EXPECT_EQ(models_->List().value(), std::vector<std::string>{"model-" + first})
      << "no half-written model may remain";

  engine_.kv->FailWritesAfter(1);  // the state "in progress" is stored, the final one is not
  home = train();
  engine_.kv->Repair();
  EXPECT_EQ(home.state, ResourceState::kInProgress);
  EXPECT_EQ(*home.spec.Find("model"), Json(first));
  ASSERT_EQ(recommender_.dropped.size(), 1u);
  EXPECT_NE(recommender_.dropped[0], first) << "the stored recommender still uses the former model";
  jobs_->ResumeAll();
  runner_->Drain();
  home = *resources_->Get(ResourceKind::kRecommender, "home");
  EXPECT_EQ(home.state, ResourceState::kActive) << home.failure_reason;
  EXPECT_EQ(recommender_.dropped.back(), first);
}

TEST_F(JobsTest, RejectsStartOfUnknownResource) {
  EXPECT_EQ(jobs_->StartImport("nothing").error().kind(), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace trine::operations
