#include "recommend/train/train.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "recommend/model/trained_model.h"
#include "recommend/train/metrics.h"
#include "recommend/train/snapshot_file.h"
#include "recommend/train/spec_codec.h"
#include "recommend/train/training_data.h"
#include "recommend/train/tune.h"
#include "test/support/fake_catalogue.h"
#include "test/support/planted_shop.h"

namespace trine::recommend {
namespace {

using test::PlantedShop;
constexpr GroupId kShop{3};

TEST(MetricsTest, MatchesWorkedExample) {
  // Hits at ranks 2 and 5 of 5.
  const std::vector<char> hits = {0, 1, 0, 0, 1};
  EXPECT_DOUBLE_EQ(ReciprocalRank(hits, 25), 0.5);
  EXPECT_NEAR(Ndcg(hits, 2, 5), 0.6241, 0.00005);
  EXPECT_DOUBLE_EQ(Precision(hits, 5), 0.4);
  EXPECT_DOUBLE_EQ(Precision(hits, 10), 0.2) << "a short list is padded with misses";
  EXPECT_DOUBLE_EQ(ReciprocalRank(hits, 1), 0);
  EXPECT_DOUBLE_EQ(Ndcg({}, 0, 5), 0);
  EXPECT_DOUBLE_EQ(Ndcg(std::vector<char>{1, 1}, 2, 5), 1);
}

class TrainTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("trine-train-" + std::to_string(::getpid()) + "-" +
                                                        std::to_string(reinterpret_cast<uintptr_t>(this)));
    std::filesystem::remove_all(folder_);
    catalogue_.Bind();
    history_ = history::History::Open(*kv_, NullLog()).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Fill(const PlantedShop& shop) {
    for (const auto& item : shop.items) records_.Put(item.id, item.source);
    ASSERT_TRUE(history_->PutUsers(kShop, shop.users).ok());
    ASSERT_TRUE(history_->Append(kShop, shop.events).ok());
  }
  Status Export(const TrainingSpec& spec) {
    return ExportSnapshot(folder_.string(), kShop, spec, *history_, catalogue_, records_, clock_.Now());
  }
  static std::map<std::string, double> Values(const TrainingMetrics& metrics) {
    return {metrics.values.begin(), metrics.values.end()};
  }

  std::filesystem::path folder_;
  ManualClock clock_{Millis{PlantedShop::kEnd}};
  std::unique_ptr<storage::KeyValue> kv_ = storage::NewMemoryKeyValue();
  test::FakeCatalogue catalogue_{kShop};
  test::FakeRecords records_;
  std::unique_ptr<history::History> history_;
};

TEST_F(TrainTest, TrainsAndEvaluatesEveryRecipe) {
  Fill(PlantedShop::Make(5));
  for (const RecipeInfo& info : Recipes()) {
    std::filesystem::remove_all(folder_);
    TrainingSpec spec;
    spec.recipe = info.recipe;
    ASSERT_TRUE(Export(spec).ok());
    std::vector<double> progress;
    const auto metrics = TrainFromSnapshot(
        folder_.string(), [&](double share, const std::string&) { progress.push_back(share); }, {});
    ASSERT_TRUE(metrics.ok()) << info.name << metrics.error().ToString();
    auto values = Values(*metrics);
    for (const char* name : {"coverage", "mrr_at_25", "ndcg_at_5", "ndcg_at_10", "ndcg_at_25",
                             "precision_at_5", "precision_at_10", "precision_at_25"}) {
      ASSERT_TRUE(values.contains(name)) << name;
      EXPECT_TRUE(values[name] >= 0 && values[name] <= 1) << name;
    }
    EXPECT_TRUE(std::ranges::is_sorted(progress));
    EXPECT_EQ(progress.back(), 1);
    const auto dir = storage::OpenDirectory(folder_.string()).value();
    const auto model = TrainedModel::Open(dir->Open(kModelFile).value());
    ASSERT_TRUE(model.ok()) << info.name;
    EXPECT_EQ((*model)->meta().recipe, info.recipe);
    EXPECT_GT((*model)->items(), 0u);
  }
}

TEST_F(TrainTest, PersonalMetricsBeatPopularity) {
  Fill(PlantedShop::Make(6));
  TrainingSpec spec;
  ASSERT_TRUE(Export(spec).ok());
  auto personal = Values(TrainFromSnapshot(folder_.string(), {}, {}).value());
  EXPECT_EQ(personal["small_data"], 0);
  EXPECT_EQ(personal["tested_users"], 15);
  // A random item of the right style is the target once in 16 times: no ranking can be more precise.
  EXPECT_GT(personal["ndcg_at_25"], 0.25);
  std::filesystem::remove_all(folder_);
  spec.recipe = Recipe::kPopularityCount;
  ASSERT_TRUE(Export(spec).ok());
  auto popular = Values(TrainFromSnapshot(folder_.string(), {}, {}).value());
  EXPECT_GT(personal["ndcg_at_25"], 1.5 * popular["ndcg_at_25"]);
  EXPECT_GT(personal["coverage"], popular["coverage"]);
}

TEST_F(TrainTest, SameSeedGivesSameModel) {
  Fill(PlantedShop::Make(8));
  const auto bytes = [&] {
    EXPECT_TRUE(TrainFromSnapshot(folder_.string(), {}, {}).ok());
    return std::string(storage::OpenDirectory(folder_.string()).value()->Open(kModelFile).value()->bytes());
  };
  ASSERT_TRUE(Export({}).ok());
  EXPECT_EQ(bytes(), bytes());
}

TEST_F(TrainTest, ReportsTooLittleData) {
  EXPECT_EQ(Export({}).error().code, ErrorCode::kTooLittleData);
  history::Event event;
  event.user_id = "one";
  event.item_id = "item";
  event.type = "View";
  ASSERT_TRUE(history_->Append(kShop, {event}).ok());
  std::filesystem::remove_all(folder_);
  ASSERT_TRUE(Export({}).ok());
  auto metrics = TrainFromSnapshot(folder_.string(), {}, {});
  ASSERT_TRUE(metrics.ok());
  EXPECT_EQ(metrics->interactions, 1u);
  EXPECT_EQ(Values(*metrics)["small_data"], 1);
}

TEST_F(TrainTest, CountsOnlySelectedEvents) {
  Fill(PlantedShop::Make(9));
  size_t purchases = 0;
  const PlantedShop shop = PlantedShop::Make(9);
  for (const auto& e : shop.events) purchases += e.type == "Purchase" ? 1 : 0;
  TrainingSpec spec;
  spec.event_type = "purchase";
  ASSERT_TRUE(Export(spec).ok());
  // Types match regardless of case. The log drops duplicates, so slightly fewer events may count.
  const auto metrics = TrainFromSnapshot(folder_.string(), {}, {}).value();
  EXPECT_LE(metrics.interactions, purchases);
  EXPECT_GT(metrics.interactions, purchases * 9 / 10);
  spec.event_value_threshold = 5;
  std::filesystem::remove_all(folder_);
  ASSERT_TRUE(Export(spec).ok());
  EXPECT_EQ(TrainFromSnapshot(folder_.string(), {}, {}).error().code, ErrorCode::kTooLittleData)
      << "no event has a value";
}

// Data of 0.1.0 has anonymous events of sessions whose user is known.
TEST(TrainingDataTest, JoinsAnonymousSessions) {
  TrainingDataBuilder builder({}, {}, Millis{1000});
  const auto add = [&](std::string user, std::string session, std::string item, int64_t time) {
    history::Event event;
    event.user_id = std::move(user);
    event.session_id = std::move(session);
    event.item_id = std::move(item);
    event.type = "view";
    event.time = Millis{time};
    builder.AddEvent(event);
  };
  add("", "s1", "a", 1);
  add("", "s2", "b", 2);
  add("u", "s1", "c", 3);
  add("", "s3", "d", 4);
  add("v", "s3", "", 5);  // a search
  add("", "s1", "e", 6);
  add("", "w", "f", 7);
  add("w", "s4", "g", 8);
  add("u", "w", "h", 9);
  builder.AddUser("v", *format::ParseJson(R"({"REGION": "Busan"})"));
  const TrainingData data = builder.Take();
  std::map<uint64_t, std::string> items;
  for (const TrainingPerson& person : data.people) {
    for (uint64_t at = person.begin; at < person.end; ++at)
      items[person.hash] += data.items.Id(data.events[at].item);
  }
  using S = Statistics;
  EXPECT_EQ(
      items,
      (std::map<uint64_t, std::string>{
          {S::HashOf("u"), "aceh"}, {S::HashOf("s2"), "b"}, {S::HashOf("v"), "d"}, {S::HashOf("w"), "fg"}}))
      << "a user whose id is also the id of a session stays that user";
  const auto v = std::ranges::find(data.people, S::HashOf("v"), &TrainingPerson::hash);
  ASSERT_NE(v, data.people.end());
  EXPECT_EQ(v->attributes.size(), 1u);
}

TEST_F(TrainTest, RejectsCorruptSnapshot) {
  Fill(PlantedShop::Make(10));
  ASSERT_TRUE(Export({}).ok());
  for (const char* file : {kEventsFile, kUsersFile, kItemsFile}) {
    const auto path = folder_ / file;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
    const auto result = TrainFromSnapshot(folder_.string(), {}, {});
    ASSERT_FALSE(result.ok()) << file;
    EXPECT_EQ(result.error().kind(), ErrorKind::kCorrupt);
    EXPECT_FALSE(std::filesystem::exists(folder_ / kModelFile));
    ASSERT_TRUE(Export({}).ok());
  }
}

TEST_F(TrainTest, StopsOnRequest) {
  Fill(PlantedShop::Make(11));
  ASSERT_TRUE(Export({}).ok());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(TrainFromSnapshot(folder_.string(), {}, stop.get_token()).error().code, ErrorCode::kStopped);
  EXPECT_FALSE(std::filesystem::exists(folder_ / kModelFile));
}

TEST(TuneTest, LearnsTasteWeightAndOffset) {
  const PlantedShop shop = PlantedShop::Make(12, 60);
  TrainingDataBuilder builder({}, {}, Millis{PlantedShop::kEnd});
  for (const auto& user : shop.users) builder.AddUser(user.id, user.attributes);
  for (const auto& item : shop.items) builder.AddItem(item.id, format::ParseJson(item.source).value());
  for (const auto& event : shop.events) builder.AddEvent(event);
  const TrainingData data = builder.Take();
  const TrainingSpec spec;
  const TuningResult tuned = TuneWeights(data, PlanFor(spec), spec, {}).value();
  EXPECT_TRUE(tuned.tuned);
  EXPECT_GE(tuned.people, 20u);
  EXPECT_GT(tuned.weights.taste, 0) << "people prefer items of one style";
  EXPECT_LT(tuned.weights.offset, 0) << "most items are not taken";
}

TEST(SpecCodecTest, RoundTripsEveryMember) {
  SnapshotSpec spec;
  spec.training.recipe = Recipe::kSims;
  spec.training.hyper_parameters = {{"min_cointeraction_count", "2"}};
  spec.training.event_type = "Purchase";
  spec.training.event_value_threshold = 1.5;
  spec.training.event_weights = {{"View", std::nullopt, 0.25}, {"Purchase", 3.0, 1}};
  spec.training.excluded_columns = {{"items", "BRAND"}, {"users", "AGE"}};
  spec.training.plain_columns = {{"items", "NOTE"}};
  spec.training.included_columns = {{"items", "STYLE"}};
  spec.training.included_datasets = {"items", "users"};
  spec.training.update = true;
  spec.training.seed = 99;
  spec.binding.item_id_field = "sku";
  spec.binding.fields = {{"CATEGORY_L1", "category.main"}};
  spec.declared = {{catalogue::Role::kTitle, "label"}};
  spec.now = Millis{1234567890123};
  const SnapshotSpec back = ReadSpec(WriteSpec(spec)).value();
  EXPECT_EQ(WriteSpec(back), WriteSpec(spec));
  EXPECT_EQ(back.training.event_weights[1].threshold, 3.0);
  EXPECT_EQ(back.binding.fields, spec.binding.fields);
  EXPECT_EQ(back.declared, spec.declared);
  EXPECT_EQ(ColumnsOf(back.training, "users").included, std::vector<std::string>());
  EXPECT_FALSE(ColumnsOf(back.training, "items").Uses("BRAND"));
  EXPECT_FALSE(ColumnsOf(back.training, "items").Uses("NOTE"));
  EXPECT_TRUE(ColumnsOf(back.training, "items").Uses("STYLE"));
  EXPECT_FALSE(ReadSpec("{}").ok());
  EXPECT_EQ(ReadSpec(R"({"version": 2, "recipe": 6})").error().kind(), ErrorKind::kFormatVersion);
  EXPECT_FALSE(ReadSpec(R"({"version": 1, "recipe": 77})").ok());
}

// Runs a shell instead of the training program: these tests check how the child is monitored.
class ChildTest : public TrainTest {
 protected:
  Result<TrainingMetrics> Run(const std::string& script, const std::stop_token& stop = {}) {
    return RunTrainingChild(
        "/bin/sh", {"-c", script}, folder_.string(),
        [this](double share, const std::string& words) { progress_.emplace_back(share, words); }, stop);
  }
  std::vector<std::pair<double, std::string>> progress_;
};

TEST_F(ChildTest, ReportsProgressAndReadsMetrics) {
  TrainingMetrics metrics;
  metrics.values = {{"coverage", 0.5}};
  metrics.interactions = 12;
  const auto dir = storage::OpenDirectory(folder_.string()).value();
  ASSERT_TRUE(storage::WriteFileAtomically(*dir, kMetricsFile, WriteMetrics(metrics)).ok());
  const auto result =
      Run("echo progress 0.25 reading; echo nonsense; echo progress 7 no; echo progress 1 done");
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(result->values, metrics.values);
  EXPECT_EQ(result->interactions, 12u);
  ASSERT_EQ(progress_.size(), 2u);
  EXPECT_EQ(progress_[0], (std::pair<double, std::string>(0.25, "reading")));
}

TEST_F(ChildTest, ReportsStandardErrorOfFailedChild) {
  const auto result = Run("echo it broke >&2; exit 3");
  EXPECT_EQ(result.error().kind(), ErrorKind::kUnavailable);
  EXPECT_NE(result.error().message.find("it broke"), std::string::npos);
  EXPECT_NE(result.error().message.find("status 3"), std::string::npos);
  EXPECT_EQ(Run("echo a note >&2; echo 'trine: error: no item has two events' >&2; exit 1").error().message,
            "no item has two events")
      << "an error that a command reports is the whole message";
  EXPECT_NE(Run("kill -9 $$").error().message.find("signal 9"), std::string::npos);
  EXPECT_EQ(RunTrainingChild("/no/such/program", {}, folder_.string(), {}, {}).error().kind(),
            ErrorKind::kIo);
}

// A child with a socket of the server would keep the port, and the clients, after a crash of the server.
TEST_F(ChildTest, TheChildInheritsNoDescriptors) {
  const int kept = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a socket that was just accepted
  ASSERT_GE(kept, 3);
  const auto result = Run("exec >&2; ls /proc/self/fd; exit 1");
  ::close(kept);
  std::string descriptors = result.error().message;
  descriptors.erase(0, descriptors.rfind(": ") + 2);
  EXPECT_EQ(descriptors.substr(0, 7), "0\n1\n2\n3") << descriptors << "\n3 is the folder that `ls` reads";
  EXPECT_EQ(descriptors.find('\n', 6), std::string::npos) << descriptors;
}

TEST_F(ChildTest, TheChildHasDefaultSignalHandlersAndNoMask) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &old), 0);
  const auto result = Run("grep -E 'Sig(Blk|Ign)' /proc/self/status >&2; exit 1");
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  std::signal(SIGPIPE, before);
  const std::string& text = result.error().message;
  EXPECT_NE(text.find("SigBlk:\t0000000000000000"), std::string::npos) << text;
  const size_t ignored = text.find("SigIgn:\t");
  ASSERT_NE(ignored, std::string::npos) << text;
  // The signals from 32 on are for real-time use; glibc ignores two of them while it starts a process.
  EXPECT_EQ(std::stoull(text.substr(ignored + 8), nullptr, 16) & 0x7fffffffu, 0u) << text;
}

TEST(EndWithParent, FailsIfTheParentHasEnded) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool lives = EndWithParent(::getppid()).ok();
    const bool ended = !EndWithParent(::getppid() + 1).ok();
    ::_exit(lives && ended ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// The process in the middle is the parent that is killed; its child must end, although it waits for nothing.
TEST(EndWithParent, EndsWhenTheParentIsKilled) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const pid_t self = ::getpid();
    if (::fork() == 0) {
      if (!EndWithParent(self).ok() || ::write(ends[1], "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "the pipe is closed when the last process that has it ends";
  ::close(ends[0]);
}

TEST_F(ChildTest, KillsChildOnStop) {
  std::stop_source stop;
  const auto result = RunTrainingChild(
      "/bin/sh", {"-c", "echo progress 0.5 halfway; exec sleep 600"}, folder_.string(),
      [&](double, const std::string&) { stop.request_stop(); }, stop.get_token());
  EXPECT_EQ(result.error().code, ErrorCode::kStopped);
}

// Kills a training process with SIGKILL after each of its steps: every file is complete or absent.
TEST_F(TrainTest, LeavesNoPartialFilesWhenKilled) {
  Fill(PlantedShop::Make(13));
  ASSERT_TRUE(Export({}).ok());
  for (int steps = 1; steps <= 7; ++steps) {
    std::filesystem::remove(folder_ / kModelFile);
    std::filesystem::remove(folder_ / kMetricsFile);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      static_cast<void>(TrainFromSnapshot(
          folder_.string(), [&](double, const std::string&) { static_cast<void>(!::write(ends[1], "x", 1)); },
          {}));
      ::_exit(0);
    }
    ::close(ends[1]);
    char byte = 0;
    for (int n = 0; n < steps && ::read(ends[0], &byte, 1) == 1; ++n) {
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ::close(ends[0]);
    const auto dir = storage::OpenDirectory(folder_.string()).value();
    if (const auto bytes = dir->Open(kModelFile); bytes.ok()) {
      EXPECT_TRUE(TrainedModel::Open(*bytes).ok());
    }
    if (const auto bytes = dir->Open(kMetricsFile); bytes.ok()) {
      EXPECT_TRUE(ReadMetrics((*bytes)->bytes()).ok());
      EXPECT_TRUE(std::filesystem::exists(folder_ / kModelFile)) << "metrics are written after the model";
    }
  }
  EXPECT_TRUE(TrainFromSnapshot(folder_.string(), {}, {}).ok()) << "training can be repeated";
}

TEST(SnapshotFileTest, RejectsEveryTruncationAndBitFlip) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("trine-snapshot-" + std::to_string(::getpid()));
  const auto dir = storage::OpenDirectory(folder.string()).value();
  auto writer = SnapshotWriter::Create(*dir, "rows").value();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(writer.Add("row " + std::to_string(i)).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const std::string bytes(dir->Open("rows").value()->bytes());
  const auto read = [](std::string_view b) {
    return ReadSnapshotBytes(b, [](std::string_view) { return Ok(); });
  };
  EXPECT_EQ(read(bytes).value(), 50u);
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(read(std::string_view(bytes).substr(0, cut)).ok()) << cut;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    EXPECT_FALSE(read(flipped).ok()) << at;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace trine::recommend
