#include "server/kept_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/check.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "formation/pinned_embedder.h"
#include "recommend/model/trained_model.h"
#include "server/directory_check.h"
#include "server/directory_copy.h"
#include "server/engines.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;
using recommend::ResourceKind;

constexpr const char* kFile = "models/model-solution.1";

std::string Lines(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

// A data directory with one trained version, whose model is a valid file.
class KeptFilesTest : public testing::Test {
 protected:
  KeptFilesTest() {
    options_.data_dir = data_;
    options_.program = folder_.path("bin/trine");  // so that no dictionary is found beside the test
    OpenEngines();
    recommend::Resource shop, version;
    shop.kind = ResourceKind::kDatasetGroup;
    shop.path = shop.name = "shop";
    group_ = engines_->resources->Create(shop)->group;
    version.kind = ResourceKind::kSolutionVersion;
    version.path = version.name = "solution/1";
    version.group = group_;
    version.state = recommend::ResourceState::kActive;
    version.spec = *format::ParseJson(R"({"model":"solution.1"})");
    EXPECT_TRUE(engines_->resources->Create(version).ok());
    recommend::RuleTable rules;
    rules.starts = {0, 0};
    recommend::ModelContent content;
    content.items = {"a"};
    content.rules = &rules;
    content.people = {1};
    model_ = recommend::WriteModel(content);
    Store(model_);
  }
  void OpenEngines() {
    engines_.reset();
    auto opened = Engines::Open(options_, SystemClock(), NullLog(), NullMetrics());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    engines_ = std::move(opened).value();
  }
  std::string path() const { return data_ + "/" + kFile; }
  void Store(const std::string& bytes, const std::string& file = kFile) const {
    fs::remove_all(data_ + "/" + file);
    std::ofstream(data_ + "/" + file, std::ios::binary) << bytes;
  }
  // Each way to lose a file.
  std::vector<std::function<void(const std::string& path)>> Losses() const {
    return {[](const std::string& path) { fs::remove(path); },
            [](const std::string& path) { fs::resize_file(path, 0); },
            [](const std::string& path) { fs::resize_file(path, fs::file_size(path) - 1); },
            [](const std::string& path) { std::ofstream(path, std::ios::app) << "more"; },
            [](const std::string& path) { fs::remove(path), fs::create_directory(path); },
            [](const std::string& path) { fs::remove(path), fs::create_symlink("/nowhere/at/all", path); },
            [](const std::string& path) {
              fs::remove(path);
              TRINE_CHECK_EQ(::mkfifo(path.c_str(), 0600), 0);
            }};
  }
  KeptFileSources sources() const {
    return {*engines_->root, *engines_->facts, *engines_->resources, *engines_->analyzers};
  }
  Status Recommend() {
    recommend::RecommendRequest request;
    request.serving.group = group_;
    request.serving.model = "solution.1";
    request.user_id = "u";
    const auto answer = engines_->recommender->Recommend(request, {});
    return answer.ok() ? Ok() : Status(answer.error());
  }
  std::string problems() const { return Lines(engines_->tasks.problems()); }

  test::TempFolder folder_;
  const std::string data_ = folder_.path("data");
  EngineOptions options_;
  std::unique_ptr<Engines> engines_;
  GroupId group_;
  std::string model_;
};

TEST_F(KeptFilesTest, EveryKindOfLossIsReportedAndItsEnd) {
  test::CapturingLog log;
  LostFileReports reports(sources(), engines_->tasks, log);
  for (const auto& lose : Losses()) {
    Store(model_);
    reports.Update(UINT64_MAX);
    EXPECT_EQ(problems(), "");
    lose(path());
    reports.Update(UINT64_MAX);
    EXPECT_NE(problems().find("the model models/model-solution.1 cannot be read"), std::string::npos)
        << problems();
    EXPECT_NE(problems().find("it belongs to solution/1"), std::string::npos) << problems();
  }
  EXPECT_EQ(engines_->facts->health().findings(), 0u);
  fs::remove_all(path());
  reports.Update(0);
  EXPECT_NE(problems(), "");
  Store(model_);
  reports.Update(0);
  EXPECT_EQ(problems(), "");
}

TEST_F(KeptFilesTest, LargeFilesAreReadOnlyWithinTheLimit) {
  Store(model_ + "more");
  EXPECT_TRUE(FindLostFiles(sources(), {model_.size(), {}}).empty());
  EXPECT_EQ(FindLostFiles(sources(), {model_.size() + 4, {}}).size(), 1u);
  EXPECT_EQ(FindLostFiles(sources(), {0, {kFile}}).size(), 1u);
  fs::remove(path());
  EXPECT_EQ(FindLostFiles(sources(), {0, {}}).size(), 1u);
}

TEST_F(KeptFilesTest, RequestsReportALostModelAndThatItIsBack) {
  fs::remove(path());
  fs::create_directory(path());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Recommend().ok());
  EXPECT_EQ(engines_->tasks.problems().size(), 1u);
  EXPECT_NE(problems().find(kFile), std::string::npos) << problems();
  Store(model_);
  ASSERT_TRUE(Recommend().ok());
  EXPECT_EQ(problems(), "");
}

TEST_F(KeptFilesTest, ALostModelCanBeDropped) {
  for (const auto& lose : Losses()) {
    Store(model_);
    lose(path());
    engines_->tasks.Reports(kFile, "lost");
    const Status dropped = engines_->recommender->DropModel("solution.1");
    EXPECT_TRUE(dropped.ok()) << dropped.error().ToString();
    EXPECT_EQ(problems(), "");
  }
}

TEST_F(KeptFilesTest, CheckNamesLostModelsAndACopyIsMadeOnlyIfThatIsAllowed) {
  ASSERT_TRUE(engines_->Close().ok());
  engines_.reset();
  for (const auto& lose : Losses()) {
    Store(model_);
    lose(path());
    auto directory = OpenDataDirectoryReadOnly(data_);
    ASSERT_TRUE(directory.ok());
    const auto report = CheckDirectory(*directory, "");
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(Lines(report->broken), "");
    ASSERT_EQ(report->lost.size(), 1u) << Lines(report->lost);
    EXPECT_NE(report->lost[0].find(kFile), std::string::npos) << report->lost[0];
    EXPECT_EQ(*FindLostModels(*directory, ""), report->lost);
    fs::remove_all(folder_.path("copy"));
    fs::create_directory(folder_.path("copy"));
    CopyReport copy;
    const Status refused = CopyKeptFiles(*directory, "", folder_.path("copy"), {}, &copy);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(refused.error().message.find(kFile), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("--allow-lost"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(fs::is_empty(folder_.path("copy")));
    const Status copied = CopyKeptFiles(*directory, "", folder_.path("copy"), {.allow_lost = true}, &copy);
    ASSERT_TRUE(copied.ok()) << copied.error().ToString();
    EXPECT_EQ(copy.lost, report->lost);
    EXPECT_TRUE(OpenDataDirectoryReadOnly(folder_.path("copy")).ok());
  }
}

TEST_F(KeptFilesTest, ADamagedModelThatNothingNamesIsLostToo) {
  Store("not a model", "models/model-other");
  ASSERT_TRUE(engines_->Close().ok());
  engines_.reset();
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok());
  const auto report = CheckDirectory(*directory, "");
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->lost.size(), 1u) << Lines(report->lost);
  EXPECT_NE(report->lost[0].find("no resource names this model"), std::string::npos) << report->lost[0];
}

TEST_F(KeptFilesTest, AnotherEmbedderThanThePinnedOneIsLost) {
  storage::WriteBatch batch;
  batch.Put(storage::Family::kMeta, formation::kPinnedEmbedderKey, "1-1024-ko");
  ASSERT_TRUE(engines_->facts->Write(batch, storage::Durability::kSync).ok());
  const std::string file = std::string("models/") + formation::kPinnedEmbedderFile;
  const auto lost = [&] {
    const auto found = FindLostFiles(sources());
    return found.empty() ? "" : found.front().file;
  };
  EXPECT_EQ(lost(), file) << "missing";
  Store("", file);
  EXPECT_EQ(lost(), "") << "an empty file stands for the hash embedder, with or without a dictionary";
  Store("not an embedder", file);
  EXPECT_EQ(lost(), file);
  Store("", file);
  batch.Put(storage::Family::kMeta, formation::kPinnedEmbedderKey, "0123456789abcdef");
  ASSERT_TRUE(engines_->facts->Write(batch, storage::Durability::kSync).ok());
  EXPECT_EQ(lost(), file) << "cut to nothing";
  fs::remove_all(data_ + "/models");
  const auto found = FindLostFiles(sources());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].is_model);
  EXPECT_TRUE(found[1].is_model);
}

TEST_F(KeptFilesTest, ALostHashEmbedderIsRestored) {
  storage::WriteBatch batch;
  batch.Put(storage::Family::kMeta, formation::kPinnedEmbedderKey, "1-1024");
  ASSERT_TRUE(engines_->facts->Write(batch, storage::Durability::kSync).ok());
  const std::string file = std::string("models/") + formation::kPinnedEmbedderFile;
  test::CapturingLog log;
  LostFileReports reports(sources(), engines_->tasks, log);
  for (const char* content : {"", "not an embedder"}) {
    fs::remove(data_ + "/" + file);
    if (*content != '\0') Store(content, file);
    reports.Update(UINT64_MAX);
    EXPECT_EQ(problems(), "");
    EXPECT_EQ(fs::file_size(data_ + "/" + file), 0u);
    EXPECT_NE(log.text().find("was restored"), std::string::npos) << log.text();
  }
  // No file has the bytes of a trained one.
  batch.Put(storage::Family::kMeta, formation::kPinnedEmbedderKey, "0123456789abcdef");
  ASSERT_TRUE(engines_->facts->Write(batch, storage::Durability::kSync).ok());
  reports.Update(UINT64_MAX);
  EXPECT_NE(problems().find(file), std::string::npos) << problems();
}

TEST_F(KeptFilesTest, TheReportsAreMadeBeforeTheConstructorReturns) {
  fs::remove(path());
  test::CapturingLog log;
  const KeptFilesCheck check(sources(), engines_->tasks, log);
  EXPECT_NE(problems().find(kFile), std::string::npos) << problems();
}

}  // namespace
}  // namespace trine::server
