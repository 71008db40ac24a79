// Every kind of write on a store whose disk fails: errors, short writes, lost syncs, the end of the process
// and losses of power at every step. No acknowledged write is lost, none is stored partially, and
// what the disk itself has lost is reported.
//
// The test runs TRINE_FAULT_SEEDS seeds (50; `./dev soak` runs 1,000), from TRINE_FAULT_FIRST_SEED on (1).
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/engines.h"
#include "test/support/capturing_log.h"
#include "test/support/faulty_store.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;
using Fault = test::FaultyStore::Fault;

// The state of the facts, as far as the test changes them: "doc/d3" -> "17". A missing key: nothing is
// stored.
using Cells = std::map<std::string, std::string>;
using Change = std::map<std::string, std::optional<std::string>>;

void Apply(const Change& change, Cells* cells) {
  for (const auto& [key, value] : change) {
    if (value) {
      (*cells)[key] = *value;
    } else {
      cells->erase(key);
    }
  }
}

Change Set(const std::string& key, std::optional<std::string> value) {
  Change change;
  change[key] = std::move(value);
  return change;
}

// One write: its changes in the order in which they become durable. Each is stored completely or not at all.
struct Operation {
  std::string name;
  std::vector<Change> changes;
  std::function<Status(Engines&)> run;
};

constexpr const char* kSchema = R"({"type":"record","name":"Interactions","namespace":"n","fields":[
  {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
  {"name":"EVENT_TYPE","type":"string"}],"version":"1.0"})";
constexpr int kImportRows = 5;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

catalogue::Mapping WithField(const std::string& name) {
  catalogue::Mapping mapping;
  catalogue::Field field;
  field.name = name;
  field.type = catalogue::FieldType::kLong;
  mapping.properties.push_back(std::move(field));
  return mapping;
}

class Scenario {
 public:
  explicit Scenario(uint64_t seed) : random_(seed) {
    options_.data_dir = folder_.path("data");
    options_.import_dirs = {folder_.path()};
    options_.threads = 1;
    options_.open_facts = [this](const std::string& path, const storage::KeyValueOptions& kv) {
      return disk_.Open(path, kv);
    };
  }

  void Run() {
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_NO_FATAL_FAILURE(Prepare());
    for (uint64_t n = random_.Below(8); n > 0; --n) ASSERT_NO_FATAL_FAILURE(RunAcknowledged());
    switch (random_.Below(4)) {
      case 0:
        return FailAndRecover();
      case 1:
        return LoseSyncs();
      default:
        return StopAndReopen();
    }
  }

 private:
  // --- The engines and what is stored ---

  void Open() {
    auto opened = Engines::Open(options_, SystemClock(), log_, NullMetrics());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    engines_ = std::move(opened).value();
  }
  void Close() { engines_.reset(); }

  void Create(ResourceKind kind, const std::string& path, const std::string& parent,
              const std::string& spec) {
    Resource resource;
    resource.kind = kind;
    resource.path = resource.name = path;
    resource.parent = parent;
    resource.group = group_;
    resource.spec = *format::ParseJson(spec);
    const auto created = engines_->resources->Create(std::move(resource));
    ASSERT_TRUE(created.ok()) << created.error().ToString();
    if (kind == ResourceKind::kDatasetGroup) group_ = created->group;
  }
  void Prepare() {
    Create(ResourceKind::kDatasetGroup, "shop", "", "{}");
    format::Json schema(format::Json::Object{});
    schema.Set("text", kSchema);
    Create(ResourceKind::kSchema, "schema", "", format::ToString(schema));
    Create(ResourceKind::kDataset, "shop/INTERACTIONS", "shop",
           R"({"type":"interactions","schema":"schema"})");
    catalogue::NewCollection spec;
    spec.name = "docs";
    spec.mapping = WithField("n");
    ASSERT_TRUE(engines_->catalogue->Create(std::move(spec)).ok());
  }

  Cells Stored() {
    Cells cells;
    Engines& e = *engines_;
    const catalogue::CollectionPtr docs = e.catalogue->Get("docs");
    if (docs == nullptr) {
      ADD_FAILURE() << "the collection is missing";
      return cells;
    }
    for (const auto& field : docs->mapping.properties) {
      if (field.name != "n") cells["field/" + field.name] = "1";
    }
    EXPECT_TRUE(e.records
                    ->Scan(docs->id, SeqNo{0},
                           [&](const catalogue::Record& record) -> Result<bool> {
                             const auto newest = e.records->Get(docs->id, record.id);
                             if (newest.ok() && *newest && !(*newest)->deleted)
                               cells["doc/" + record.id] = (*newest)->source;
                             return true;
                           })
                    .ok());
    EXPECT_TRUE(e.history
                    ->Scan(group_, EventSeq{0},
                           [&](const history::Event& event) -> Result<bool> {
                             std::string& count =
                                 cells[(event.import == 0 ? "event/" : "imported/") + event.item_id];
                             EXPECT_EQ(count, "") << "event " << event.item_id << " is stored twice";
                             count = event.user_id;
                             return true;
                           })
                    .ok());
    EXPECT_TRUE(e.history
                    ->ScanUsers(group_,
                                [&](const history::User& user) -> Result<bool> {
                                  cells["user/" + user.id] = format::ToString(user.attributes);
                                  return true;
                                })
                    .ok());
    for (const Resource& filter : e.resources->List(ResourceKind::kFilter))
      cells["filter/" + filter.path] = format::ToString(filter.spec);
    for (const auto& pipeline : e.pipelines->All()) cells["pipeline/" + pipeline->name] = "1";
    if (e.catalogue->BindingOf("docs")) cells["binding"] = "1";
    return cells;
  }

  // The documents that searches show.
  std::set<std::string> Searchable() {
    const catalogue::CollectionPtr docs = engines_->catalogue->Get("docs");
    EXPECT_TRUE(engines_->writer->RefreshNow({docs}).ok());
    std::set<std::string> ids;
    const index::IndexReaderPtr reader = engines_->indexes->Get(docs->id)->reader();
    for (const auto& segment : reader->segments()) {
      for (Row row = 0; row < segment->rows(); ++row) {
        if (!segment->live(row)) continue;
        EXPECT_TRUE(ids.insert("doc/" + std::string(segment->id(row))).second) << "two rows of one document";
      }
    }
    return ids;
  }

  // --- Operations ---

  std::string Number() { return std::to_string(++numbers_); }

  Operation WriteDocuments() {
    Operation op{"documents", {}, {}};
    std::vector<operations::WriteOp> writes;
    Change documents;
    for (uint64_t n = 1 + random_.Below(5); n > 0; --n) {
      operations::WriteOp write;
      write.collection = "docs";
      write.id = "d" + std::to_string(random_.Below(12));
      if (documents.contains("doc/" + write.id)) continue;
      if (random_.Below(5) == 0) {
        write.kind = operations::WriteOp::Kind::kDelete;
        documents["doc/" + write.id] = std::nullopt;
      } else {
        const std::string name = random_.Below(6) == 0 ? "f" + Number() : "n";
        write.source = "{\"" + name + "\":" + Number() + "}";
        documents["doc/" + write.id] = write.source;
        if (name != "n") op.changes.push_back(Set("field/" + name, "1"));
      }
      writes.push_back(std::move(write));
    }
    op.changes.push_back(std::move(documents));
    op.run = [writes](Engines& e) -> Status {
      Status first = Ok();
      for (const auto& outcome : e.writer->Write(writes, operations::RefreshPolicy::kNo)) {
        if (outcome.error && first.ok()) first = *outcome.error;
      }
      return first;
    };
    return op;
  }

  Operation AppendEvents() {
    std::vector<history::Event> events;
    Change change;
    for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
      history::Event event;
      event.item_id = "i" + Number();
      event.user_id = "u" + std::to_string(random_.Below(5));
      event.type = "view";
      event.time = Millis{1'795'320'000'000 + static_cast<int64_t>(numbers_)};
      event.event_id = event.item_id;
      change["event/" + event.item_id] = event.user_id;
      events.push_back(std::move(event));
    }
    return {"events", {change}, [this, events](Engines& e) -> Status {
              TRINE_ASSIGN([[maybe_unused]] const auto done, e.history->Append(group_, events));
              return Ok();
            }};
  }

  Operation AddField() {
    const std::string name = "g" + Number();
    return {"mapping", {Set("field/" + name, "1")}, [name](Engines& e) -> Status {
              TRINE_ASSIGN([[maybe_unused]] const auto done, e.catalogue->AddFields("docs", WithField(name)));
              return Ok();
            }};
  }

  Operation PutUsers() {
    history::User user;
    user.id = "u" + std::to_string(random_.Below(5));
    user.attributes = *format::ParseJson(R"({"AGE":)" + Number() + "}");
    const std::string text = format::ToString(user.attributes);
    return {"user", {Set("user/" + user.id, text)}, [this, user](Engines& e) {
              return e.history->PutUsers(group_, {user});
            }};
  }

  Operation ChangeResource() {
    Resource filter;
    filter.kind = ResourceKind::kFilter;
    filter.path = filter.name = "filter" + std::to_string(random_.Below(3));
    filter.group = group_;
    filter.spec = *format::ParseJson(R"({"n":)" + Number() + "}");
    const std::string key = "filter/" + filter.path, text = format::ToString(filter.spec);
    if (!acknowledged_.contains(key)) {
      return {"new resource", {Set(key, text)}, [filter](Engines& e) -> Status {
                TRINE_ASSIGN([[maybe_unused]] const auto done, e.resources->Create(filter));
                return Ok();
              }};
    }
    if (random_.Below(2) == 0) {
      return {"resource deletion", {Set(key, std::nullopt)}, [filter](Engines& e) {
                return e.resources->Delete(filter.kind, filter.path);
              }};
    }
    return {"resource", {Set(key, text)}, [filter](Engines& e) -> Status {
              TRINE_ASSIGN([[maybe_unused]] const auto done,
                           e.resources->Update(filter.kind, filter.path, [&](Resource& now) -> Status {
                             now.spec = filter.spec;
                             return Ok();
                           }));
              return Ok();
            }};
  }

  Operation ChangePipeline() {
    const std::string name = "p" + std::to_string(random_.Below(3)), key = "pipeline/" + name;
    if (acknowledged_.contains(key)) {
      return {"pipeline deletion", {Set(key, std::nullopt)}, [name](Engines& e) {
                return e.pipelines->Delete(name);
              }};
    }
    return {"pipeline", {Set(key, "1")}, [name](Engines& e) {
              formation::SearchPipeline pipeline;
              pipeline.name = name;
              pipeline.given = format::Json(format::Json::Object{});
              return e.pipelines->Put(std::move(pipeline));
            }};
  }

  Operation ChangeBinding() {
    if (acknowledged_.contains("binding")) {
      return {"unbinding", {Set("binding", std::nullopt)}, [](Engines& e) {
                return e.catalogue->DropBinding("docs");
              }};
    }
    return {"binding", {Set("binding", "1")}, [this](Engines& e) {
              return e.writer->Bind({"docs", group_, "", {}});
            }};
  }

  // Its rows become visible at once; the state of the job may follow later.
  Operation Import() {
    const std::string name = "import" + Number(), file = folder_.path(name + ".csv");
    Change rows;
    std::ofstream out(file);
    out << "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n";
    for (int row = 0; row < kImportRows; ++row) {
      const std::string item = name + "-" + std::to_string(row);
      out << "u1," << item << ",1795320000,view\n";
      rows["imported/" + item] = "u1";
    }
    // A full import replaces the rows of earlier ones.
    for (const auto& [key, value] : acknowledged_) {
      if (key.starts_with("imported/")) rows[key] = std::nullopt;
    }
    for (const auto& other : imports_) {
      for (int row = 0; row < kImportRows; ++row)
        rows["imported/" + other + "-" + std::to_string(row)] = std::nullopt;
    }
    imports_.push_back(name);
    return {"import", {rows}, [this, name, file](Engines& e) -> Status {
              Resource job;
              job.kind = ResourceKind::kImportJob;
              job.path = job.name = name;
              job.parent = "shop/INTERACTIONS";
              job.group = group_;
              job.spec = *format::ParseJson(R"({"dataset":"shop/INTERACTIONS","location":"file://)" + file +
                                            R"(","mode":"full"})");
              TRINE_ASSIGN([[maybe_unused]] const auto made, e.resources->Create(std::move(job)));
              TRINE_TRY(e.jobs->StartImport(name));
              e.runner->Drain();
              const auto done = e.resources->Get(ResourceKind::kImportJob, name);
              if (done && done->state == ResourceState::kActive) return Ok();
              return Error(ErrorCode::kIo, "the import is not active");
            }};
  }

  Operation AnyOperation() {
    switch (random_.Below(12)) {
      case 0:
        return AddField();
      case 1:
        return PutUsers();
      case 2:
      case 3:
        return ChangeResource();
      case 4:
        return ChangePipeline();
      case 5:
        return ChangeBinding();
      case 6:
        return Import();
      case 7:
        return {"flush", {}, [](Engines& e) { return e.facts->Flush(); }};
      case 8:
      case 9:
        return AppendEvents();
      default:
        return WriteDocuments();
    }
  }

  void RunAcknowledged() {
    const Operation op = AnyOperation();
    const Status done = op.run(*engines_);
    ASSERT_TRUE(done.ok()) << op.name << ": " << done.error().ToString();
    for (const Change& change : op.changes) Apply(change, &acknowledged_);
  }

  // Runs operations on the failing disk. The first one that fails may be stored in part: after some of its
  // changes. A job that fails may be completed later.
  void RunFailing(uint64_t count) {
    for (; count > 0; --count) {
      Operation op = AnyOperation();
      const Status done = op.run(*engines_);
      if (done.ok()) {
        for (const Change& change : op.changes) Apply(change, &acknowledged_);
        continue;
      }
      EXPECT_TRUE(IsServerFailure(done.error().kind())) << op.name << ": " << done.error().ToString();
      if (op.name == "import") {
        ++failed_imports_;
        continue;
      }
      if (!failed_) failed_ = std::move(op);
    }
  }

  // --- Checks ---

  static std::string Print(const Cells& cells) {
    std::string text;
    for (const auto& [key, value] : cells) text += "  " + key + " = " + value + "\n";
    return text;
  }
  static Cells WithoutImports(const Cells& cells) {
    Cells rest;
    for (const auto& [key, value] : cells) {
      if (!key.starts_with("imported/")) rest.emplace(key, value);
    }
    return rest;
  }

  // Takes the stored state over if it is one of those that are allowed: everything acknowledged, and a first
  // part of the operation that failed, without its last change unless `may_be_complete`.
  void Check(bool may_be_complete) {
    const Cells stored = Stored();
    std::vector<Cells> allowed = {acknowledged_};
    if (failed_) {
      for (const Change& change : failed_->changes) {
        allowed.push_back(allowed.back());
        Apply(change, &allowed.back());
      }
      if (!may_be_complete && allowed.size() > 1) allowed.pop_back();
    }
    bool found = false;
    for (const Cells& cells : allowed) found = found || WithoutImports(cells) == WithoutImports(stored);
    ASSERT_TRUE(found) << "failed operation: " << (failed_ ? failed_->name : "none") << "\nacknowledged:\n"
                       << Print(acknowledged_) << "stored:\n"
                       << Print(stored) << log_.text();
    CheckImports(stored);
    std::set<std::string> documents;
    for (const auto& [key, value] : stored) {
      if (key.starts_with("doc/")) documents.insert(key);
    }
    EXPECT_EQ(Searchable(), documents) << log_.text();
    acknowledged_ = stored;
    failed_.reset();
    failed_imports_ = 0;
  }

  // The rows of one import are visible, all of them: those of the last acknowledged one, or of a later one.
  void CheckImports(const Cells& stored) {
    std::map<std::string, int> rows;
    for (const auto& [key, value] : stored) {
      if (key.starts_with("imported/")) ++rows[key.substr(9, key.rfind('-') - 9)];
    }
    EXPECT_LE(rows.size(), 1u) << Print(stored);
    for (const auto& [name, count] : rows) EXPECT_EQ(count, kImportRows) << name;
    if (failed_imports_ > 0) return;
    Cells expected, found;
    for (const auto& [key, value] : acknowledged_) {
      if (key.starts_with("imported/")) expected.emplace(key, value);
    }
    for (const auto& [key, value] : stored) {
      if (key.starts_with("imported/")) found.emplace(key, value);
    }
    EXPECT_EQ(found, expected) << Print(stored);
  }

  void FinishJobs() {
    engines_->jobs->ResumeAll();
    engines_->runner->Drain();
    for (const Resource& job : engines_->resources->List(ResourceKind::kImportJob))
      EXPECT_TRUE(job.state == ResourceState::kActive || job.state == ResourceState::kFailed) << job.path;
  }

  // --- The ways to fail ---

  // The disk fails for a while, and the store recovers without a restart.
  void FailAndRecover() {
    const bool fills_up = random_.Below(2) == 0;
    disk_.FailAfter(random_.Below(40), fills_up ? Fault::kShort : Fault::kError,
                    random_.Below(2) == 0 ? 1 : UINT64_MAX);
    ASSERT_NO_FATAL_FAILURE(RunFailing(1 + random_.Below(12)));
    disk_.Repair();
    const Status recovered = engines_->facts->Recover();
    ASSERT_TRUE(recovered.ok()) << recovered.error().ToString();
    ASSERT_NO_FATAL_FAILURE(FinishJobs());
    ASSERT_NO_FATAL_FAILURE(Check(false));
    for (int n = 0; n < 3; ++n) ASSERT_NO_FATAL_FAILURE(RunAcknowledged());
    ASSERT_NO_FATAL_FAILURE(Check(false));
    StopAndReopen();
  }

  // After a loss of power, the file of the SyncedMark has an older content, or none.
  void AgeMark(const std::string& older) {
    const uint64_t age = random_.Below(4);
    if (age == 3) return;
    const std::string contents[] = {older, "", std::string(older.size(), '\0')};
    std::ofstream(mark_path(), std::ios::binary) << contents[age];
  }
  std::string ReadMark() const {
    std::ifstream file(mark_path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string mark_path() const { return options_.data_dir + "/facts/trine.synced"; }

  // The process ends at any step, with or without a loss of power.
  void StopAndReopen() {
    const std::string older = ReadMark();
    disk_.StopAfter(random_.Below(60));
    ASSERT_NO_FATAL_FAILURE(RunFailing(1 + random_.Below(12)));
    disk_.StopAfter(0);
    Close();
    if (random_.Below(2) == 0) {
      disk_.Repair();
    } else {
      disk_.LosePower(&random_);
      AgeMark(older);
    }
    ASSERT_NO_FATAL_FAILURE(Open());
    EXPECT_EQ(engines_->facts->health().findings(), 0u) << log_.text();
    ASSERT_NO_FATAL_FAILURE(FinishJobs());
    ASSERT_NO_FATAL_FAILURE(Check(true));
    for (int n = 0; n < 3; ++n) ASSERT_NO_FATAL_FAILURE(RunAcknowledged());
    ASSERT_NO_FATAL_FAILURE(Check(false));
  }

  // The disk reports syncs that it does not make, and then the power fails. Acknowledged writes may be lost,
  // but never silently.
  void LoseSyncs() {
    disk_.FailAfter(random_.Below(40), Fault::kLostSync, 1 + random_.Below(5));
    ASSERT_NO_FATAL_FAILURE(RunFailing(1 + random_.Below(12)));
    disk_.StopAfter(0);
    Close();
    disk_.LosePower(&random_);
    auto opened = Engines::Open(options_, SystemClock(), log_, NullMetrics());
    if (!opened.ok()) {
      EXPECT_TRUE(disk_.lost_sync()) << opened.error().ToString();
      EXPECT_TRUE(IsServerFailure(opened.error().kind()) || opened.error().kind() == ErrorKind::kNotFound)
          << opened.error().ToString();
      return;
    }
    engines_ = std::move(opened).value();
    const bool reported =
        engines_->facts->health().findings() > 0 || !engines_->facts->VerifyChecksums().ok();
    EXPECT_LE(reported, disk_.lost_sync()) << log_.text();
    if (reported) return;
    ASSERT_NO_FATAL_FAILURE(FinishJobs());
    Check(true);
  }

  Random random_;
  test::TempFolder folder_;
  test::FaultyStore disk_;
  test::CapturingLog log_;
  EngineOptions options_;
  std::unique_ptr<Engines> engines_;
  GroupId group_;
  uint64_t numbers_ = 0;
  Cells acknowledged_;
  std::optional<Operation> failed_;  // the first operation that failed since the last check
  int failed_imports_ = 0;
  std::vector<std::string> imports_;
};

TEST(FactsFaults, NothingAcknowledgedIsLost) {
  const uint64_t first = FromEnvironment("TRINE_FAULT_FIRST_SEED", 1);
  const uint64_t count = FromEnvironment("TRINE_FAULT_SEEDS", 50);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Scenario(seed).Run();
    if (testing::Test::HasFailure()) return;
  }
  std::printf("%llu seeds of the failing store: nothing was lost\n", static_cast<unsigned long long>(count));
}

}  // namespace
}  // namespace trine::server
