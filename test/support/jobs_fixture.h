// JobsTest: the jobs over an in-memory store that can be made to fail, with a dataset group "shop" that has
// all three datasets.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operations/jobs/jobs.h"
#include "test/support/memory_object_store.h"
#include "test/support/write_engine.h"

namespace trine::operations {

using format::Json;
using recommend::Recommendation;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

// Recommends one item whose id contains the user, the model and the count of the request.
class EchoRecommender final : public recommend::Recommender {
 public:
  Result<Recommendation> Recommend(const recommend::RecommendRequest& request, const Deadline&) override {
    if (request.user_id.empty()) return Error(ErrorCode::kMissingUser, "a user is needed");
    if (fails_with) return Error(*fails_with, "cannot read the events of the user");
    served = request.serving;
    Recommendation answer;
    recommend::RecommendedItem item;
    item.item_id = request.user_id + "/" + request.serving.model + "/" + std::to_string(request.count);
    answer.items.push_back(item);
    return answer;
  }
  Result<Recommendation> Rank(const recommend::RankRequest& request, const Deadline&) override {
    Recommendation answer;
    for (const std::string& id : request.items) answer.items.emplace_back().item_id = id;
    return answer;
  }
  Result<recommend::Likelihoods> Likelihood(const recommend::ServingConfig&, std::string_view,
                                            const std::vector<std::string>&, double,
                                            const Deadline&) override {
    return recommend::Likelihoods{};
  }
  Status Checkpoint() override { return Ok(); }
  Status DropGroup(GroupId) override { return Ok(); }
  Status DropModel(const std::string& model) override {
    dropped.push_back(model);
    return Ok();
  }
  std::vector<std::string> dropped;
  std::optional<ErrorCode> fails_with;
  recommend::ServingConfig served;  // the configuration of the last recommendation
};

// Forwards every call to a writer. Runs a hook before the next Write or PutItems.
class InterruptedWriter final : public Writer {
 public:
  explicit InterruptedWriter(Writer& writer) : writer_(writer) {}
  std::vector<WriteOutcome> Write(std::vector<WriteOp> ops, RefreshPolicy refresh) override {
    if (before_write) std::exchange(before_write, {})();
    return writer_.Write(std::move(ops), refresh);
  }
  Status PutItems(GroupId group, std::vector<ItemWrite> items, bool replace,
                  const Deadline& deadline) override {
    if (before_put_items) std::exchange(before_put_items, {})();
    return writer_.PutItems(group, std::move(items), replace, deadline);
  }
  void WhenSearchable(const std::vector<std::string>& all, std::function<void()> done) override {
    writer_.WhenSearchable(all, std::move(done));
  }
  Status RefreshNow(const std::vector<catalogue::CollectionPtr>& all) override {
    return writer_.RefreshNow(all);
  }
  Status Flush(const std::vector<catalogue::CollectionPtr>& all) override { return writer_.Flush(all); }
  bool RepairIndexes(const std::function<bool()>& go_on) override { return writer_.RepairIndexes(go_on); }
  Status DropCollection(const std::string& name) override { return writer_.DropCollection(name); }
  Status ChangeAliases(const std::vector<catalogue::Catalogue::AliasChange>& changes,
                       const std::vector<std::string>& drops) override {
    return writer_.ChangeAliases(changes, drops);
  }
  Status Bind(catalogue::Binding binding, const catalogue::RoleDeclarations* declared) override {
    return writer_.Bind(std::move(binding), declared);
  }

  std::function<void()> before_write, before_put_items;

 private:
  Writer& writer_;
};

inline constexpr const char* kEvents = R"({"type":"record","name":"Interactions","namespace":"n","fields":[
  {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
  {"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]},
  {"name":"DEVICE","type":["null","string"],"categorical":true}],"version":"1.0"})";
inline constexpr const char* kUsers = R"({"type":"record","name":"Users","namespace":"n","fields":[
  {"name":"USER_ID","type":"string"},{"name":"AGE","type":["null","int"]},
  {"name":"GENDER","type":"string","categorical":true}],"version":"1.0"})";
inline constexpr const char* kItems = R"({"type":"record","name":"Items","namespace":"n","fields":[
  {"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"},
  {"name":"CATEGORY_L1","type":"string","categorical":true}],"version":"1.0"})";

class JobsTest : public testing::Test {
 protected:
  JobsTest() {
    history_ = std::move(history::History::Open(*engine_.kv, engine_.log)).value();
    resources_ = std::move(recommend::ResourceStore::Open(*engine_.kv, engine_.clock, engine_.log)).value();
    models_ = std::move(storage::OpenDirectory(folder_.path("models"))).value();
    std::filesystem::create_directories(folder_.path("scratch"));
    Restart();
    Create(ResourceKind::kDatasetGroup, "shop", "", "{}");
    group_ = resources_->Get(ResourceKind::kDatasetGroup, "shop")->group;
    AddDataset("INTERACTIONS", "interactions", kEvents);
    AddDataset("USERS", "users", kUsers);
    AddDataset("ITEMS", "items", kItems);
  }
  ~JobsTest() override { runner_.reset(); }

  void Restart() {
    runner_.reset();
    runner_ = NewThreadJobRunner(1, 16);
    BatchCodec codec;
    codec.read = [](std::string_view line) -> Result<BatchQuery> {
      if (line == "bad") return Error(ErrorCode::kInvalid, "bad line");
      BatchQuery query;
      if (line != "nobody") query.user_id = line;
      if (line.ends_with(": a b")) query.items = {"a", "b"};
      return query;
    };
    codec.write = [](std::string_view line, const Result<Recommendation>& answer) {
      return std::string(line) + " -> " +
             (answer.ok() ? answer->items.at(0).item_id : answer.error().message);
    };
    jobs_ = NewJobs({*resources_, *history_, *engine_.catalogue, *engine_.records, writer_, recommender_,
                     objects_, *models_, *runner_, engine_.clock, engine_.log, folder_.path("program"),
                     folder_.path("scratch"), codec, nullptr, memory_.get()});
  }

  void Create(ResourceKind kind, const std::string& path, const std::string& parent,
              const std::string& spec) {
    Resource resource;
    resource.kind = kind;
    resource.path = path;
    resource.name = path;
    resource.parent = parent;
    resource.group = group_;
    resource.spec = *format::ParseJson(spec);
    const auto created = resources_->Create(resource);
    ASSERT_TRUE(created.ok()) << created.error().ToString();
  }
  void AddDataset(const std::string& word, const std::string& type, const std::string& schema) {
    Json text = Json::Object{};
    text.Set("text", schema);
    Create(ResourceKind::kSchema, type, "", format::ToString(text));
    Create(ResourceKind::kDataset, "shop/" + word, "shop",
           R"({"type":")" + type + R"(","schema":")" + type + R"("})");
  }
  Resource Import(const std::string& name, const std::string& dataset, const std::string& location,
                  const std::string& mode = "full") {
    Create(ResourceKind::kImportJob, name, dataset,
           R"({"dataset":")" + dataset + R"(","location":")" + location + R"(","mode":")" + mode + R"("})");
    EXPECT_TRUE(jobs_->StartImport(name).ok());
    runner_->Drain();
    return *resources_->Get(ResourceKind::kImportJob, name);
  }
  static std::string RejectsOf(const Resource& job) {
    std::ifstream rejects(job.spec.Find("reject_location")->string());
    return {std::istreambuf_iterator<char>(rejects), std::istreambuf_iterator<char>()};
  }
  // Installs a shell script as the training child.
  void Program(const std::string& body) {
    std::ofstream(folder_.path("program")) << "#!/bin/sh\n" << body << "\n";
    ::chmod(folder_.path("program").c_str(), 0700);
  }
  void TrainingProgram() {
    Program(
        "echo 'progress 0.5 fitting'\n"
        "[ \"$1\" = train-child ] || exit 3\n"
        "printf 'the model' > \"$2/model.bin\"\n"
        "echo '{\"values\":{\"coverage\":0.25},\"interactions\":3,\"users\":2,\"items\":2,\"seconds\":7200}' "
        "> \"$2/metrics.json\"");
  }
  void AddSolution() {
    Create(ResourceKind::kSolution, "for-you", "shop",
           R"({"recipe":"user-personalization-v2","event_type":"view","hyper_parameters":{"a":"1"}})");
    Create(ResourceKind::kSolutionVersion, "for-you/1", "for-you", R"({"solution":"for-you","mode":"full"})");
  }
  void AddEvent() {
    history::Event event;
    event.user_id = "u";
    event.item_id = "i";
    event.type = "view";
    event.time = Millis{1};
    ASSERT_TRUE(history_->Append(group_, {event}).ok());
  }
  std::vector<std::string> Events() const {
    std::vector<std::string> events;
    EXPECT_TRUE(history_
                    ->Scan(group_, EventSeq{0},
                           [&](const history::Event& e) -> Result<bool> {
                             events.push_back(e.user_id + " " + e.item_id + " " + e.type);
                             return true;
                           })
                    .ok());
    return events;
  }
  std::string Model(const std::string& name) {
    const auto bytes = models_->Open(name);
    return bytes.ok() ? std::string((*bytes)->bytes()) : "(none)";
  }

  test::TempFolder folder_;
  test::WriteEngine engine_;
  InterruptedWriter writer_{*engine_.writer};
  test::MemoryObjectStore objects_;
  EchoRecommender recommender_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<recommend::ResourceStore> resources_;
  std::unique_ptr<storage::Directory> models_;
  std::unique_ptr<MemoryBudget> memory_;  // set before a Restart; nullptr: unbounded
  std::unique_ptr<JobRunner> runner_;
  std::unique_ptr<Jobs> jobs_;
  GroupId group_;
};

}  // namespace trine::operations
