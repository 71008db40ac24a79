#include "server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "format/json.h"
#include "server/directory_check.h"
#include "server/directory_copy.h"
#include "server/engines.h"
#include "server/facts_comparison.h"
#include "server/index_check.h"
#include "server/salvage.h"
#include "server/terms_mark.h"
#include "test/support/capturing_log.h"
#include "test/support/temp_folder.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;

// Every path below a folder with the content of the files, so that two snapshots differ if anything changed.
std::map<std::string, std::string> Snapshot(const std::string& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::stringstream bytes;
    if (entry.is_regular_file()) bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    all[entry.path().string()] = bytes.str();
  }
  return all;
}

void Write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

void FlipMiddle(const fs::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  file.seekg(middle);
  const char byte = static_cast<char>(file.get() ^ 0x55);
  file.seekp(middle);
  file.put(byte);
}

std::string Lines(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest() {
    options_.data_dir = data_;
    options_.program = folder_.path("bin/trine");  // so that no dictionary is found beside the test
  }
  Result<std::unique_ptr<Engines>> Open() {
    return Engines::Open(options_, SystemClock(), NullLog(), NullMetrics());
  }
  // Makes a data directory, or adds to it, with `documents` documents, flushed to files.
  void Make(int documents, const std::string& collection = "items") {
    auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    std::vector<operations::WriteOp> ops;
    for (int i = 0; i < documents; ++i) {
      operations::WriteOp op;
      op.collection = collection;
      op.id = "d" + std::to_string(i);
      op.source = "{\"title\":\"banana " + std::to_string(i * 7919) + "\"}";
      ops.push_back(std::move(op));
    }
    for (const auto& outcome : (*engines)->writer->Write(std::move(ops), operations::RefreshPolicy::kNow))
      ASSERT_FALSE(outcome.error);
    ASSERT_TRUE((*engines)->Close().ok());
  }
  // Salvages, which must mend the file CURRENT of the store.
  void SalvageCurrent() {
    const auto salvaged = SalvageFacts(data_);
    ASSERT_TRUE(salvaged.ok()) << salvaged.error().ToString();
    EXPECT_NE(Lines(salvaged->damage).find("the file CURRENT"), std::string::npos);
  }
  // Opens the data directory, which must have this many documents and no damage.
  void ExpectWhole(uint64_t documents) {
    const auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    EXPECT_EQ((*engines)->records->LiveCount((*engines)->catalogue->Get("items")->id), documents);
    EXPECT_EQ((*engines)->facts->health().level(), HealthLevel::kOk);
  }
  void DamageIndexFiles() const {
    for (const auto& entry : fs::directory_iterator(data_ + "/index/c1")) {
      if (entry.path().extension() == ".seg") FlipMiddle(entry.path());
    }
  }
  std::string OnlyTable() const {
    std::string largest;
    for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
      if (entry.path().extension() != ".sst") continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path().string();
    }
    return largest;
  }

  test::TempFolder folder_;
  const std::string data_ = folder_.path("data");
  EngineOptions options_;
};

TEST_F(DataDirectoryTest, RefusesAMissingStoreAndChangesNothing) {
  Make(20);
  const std::vector<std::function<void()>> losses = {
      [&] { fs::remove(data_ + "/facts/CURRENT"); },
      [&] {
        fs::remove_all(data_ + "/facts");
        fs::create_directory(data_ + "/facts");  // an unmounted disk
      },
      [&] { fs::remove_all(data_ + "/facts"); },
  };
  for (const auto& lose : losses) {
    lose();
    const auto before = Snapshot(data_);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto opened = Open();
      ASSERT_FALSE(opened.ok());
      EXPECT_EQ(opened.error().kind(), ErrorKind::kNotFound);
      EXPECT_NE(opened.error().where.find("facts/CURRENT"), std::string::npos) << opened.error().ToString();
      const auto read_only = OpenDataDirectoryReadOnly(data_);
      ASSERT_FALSE(read_only.ok());
      EXPECT_EQ(read_only.error().kind(), ErrorKind::kNotFound);
    }
    EXPECT_EQ(Snapshot(data_), before);
  }
}

TEST_F(DataDirectoryTest, CompletesAnInterruptedCreation) {
  for (const bool with_store : {false, true}) {
    fs::remove_all(data_);
    fs::create_directory(data_);
    Write(data_ + "/format.tmp", with_store ? "trine data directory 1\n" : "trine da");
    if (with_store) {
      ASSERT_TRUE(storage::OpenKeyValue(data_ + "/facts").ok());
    }
    ASSERT_TRUE(Open().ok());
    EXPECT_TRUE(fs::exists(data_ + "/format"));
    EXPECT_FALSE(fs::exists(data_ + "/format.tmp"));
    EXPECT_TRUE(Open().ok()) << "the second start";
  }
}

TEST_F(DataDirectoryTest, DoesNotTakeOtherFoldersForAnInterruptedCreation) {
  fs::create_directory(data_);
  Write(data_ + "/format.tmp", "something else\n");
  EXPECT_EQ(Open().error().kind(), ErrorKind::kInvalid);
  Write(data_ + "/format.tmp", "trine data directory 1\n");
  fs::create_directory(data_ + "/photos");
  EXPECT_EQ(Open().error().kind(), ErrorKind::kInvalid);
}

TEST_F(DataDirectoryTest, CommandsThatCreateNothingRefuseAFolderWithoutMark) {
  options_.create = false;
  EXPECT_EQ(Open().error().code, ErrorCode::kUsage);
  EXPECT_FALSE(fs::exists(data_));
}

TEST_F(DataDirectoryTest, ReadOnlyOpeningChangesNothingAndKeepsWritersOut) {
  Make(20);
  const auto before = Snapshot(data_);
  {
    auto directory = OpenDataDirectoryReadOnly(data_);
    ASSERT_TRUE(directory.ok()) << directory.error().ToString();
    EXPECT_TRUE(OpenDataDirectoryReadOnly(data_).ok()) << "two readers";
    EXPECT_EQ(Open().error().kind(), ErrorKind::kInUse);
    EXPECT_EQ(*CountCollections(*directory), 1u);
    const auto report = CheckDirectory(*directory, "");
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->broken, std::vector<std::string>());
    EXPECT_EQ(report->notes, std::vector<std::string>());
  }
  EXPECT_EQ(Snapshot(data_), before);
  const auto engines = Open();
  ASSERT_TRUE(engines.ok());
  EXPECT_EQ(OpenDataDirectoryReadOnly(data_).error().kind(), ErrorKind::kInUse);
}

TEST_F(DataDirectoryTest, CheckNamesEveryFileAndChangesNothing) {
  Make(20);
  Write(data_ + "/models/counters-7.tmp", "half");
  Write(data_ + "/models/notes.txt", "mine");
  Write(data_ + "/models/embedder-pinned", "not an embedder");
  Write(data_ + "/derived/vectors-9", "not vectors");
  Write(data_ + "/index/c1/broken-manifest", "");
  Write(data_ + "/facts/core", "");
  fs::create_directory(data_ + "/lost+found");
  Write(data_ + "/stray", "");
  FlipMiddle(data_ + "/index/c1/manifest");
  const auto before = Snapshot(data_);
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok());
  const auto report = CheckDirectory(*directory, "");
  ASSERT_TRUE(report.ok());
  std::string broken, notes;
  for (const std::string& line : report->broken) broken += line + "\n";
  for (const std::string& line : report->notes) notes += line + "\n";
  EXPECT_EQ(report->broken.size(), 2u) << broken;
  ASSERT_EQ(report->lost.size(), 1u);
  EXPECT_NE(report->lost[0].find("models/embedder-pinned"), std::string::npos) << report->lost[0];
  for (const char* file : {"derived/vectors-9", "index/c1/manifest"})
    EXPECT_NE(broken.find(file), std::string::npos) << file << "\n" << broken;
  EXPECT_NE(notes.find("models/counters-7.tmp: left over"), std::string::npos) << notes;
  EXPECT_NE(notes.find("index/c1/broken-manifest: set aside"), std::string::npos) << notes;
  for (const char* file : {"models/notes.txt", "facts/core", "stray"})
    EXPECT_NE(notes.find(std::string(file) + ": not a file of Trine"), std::string::npos) << file << "\n"
                                                                                          << notes;
  EXPECT_EQ(Snapshot(data_), before);
}

TEST_F(DataDirectoryTest, LargeIndexFilesAreVerifiedAfterTheStart) {
  Make(200);
  std::vector<std::string> damage;
  int pauses = 0;
  const auto verify = [&](uint64_t min_bytes) {
    damage.clear();
    const auto index = std::move(storage::OpenExistingDirectory(data_ + "/index")).value();
    return VerifyLargeSegments(
        *index, min_bytes, [&] { return ++pauses < 1000; },
        [&](const DamagedFile& file) { damage.push_back(file.folder + " " + file.what); });
  };
  ASSERT_TRUE(verify(0).ok());
  EXPECT_EQ(damage, std::vector<std::string>());
  EXPECT_GT(pauses, 0);
  DamageIndexFiles();
  ASSERT_TRUE(verify(0).ok());
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_TRUE(damage[0].starts_with("c1 the index file _")) << damage[0];
  ASSERT_TRUE(verify(1u << 30).ok());
  EXPECT_EQ(damage, std::vector<std::string>()) << "smaller files are verified when they are opened";
  pauses = 1000;
  EXPECT_EQ(verify(0).error().code, ErrorCode::kStopped);
  Write(data_ + "/index/verify", "");
  const auto engines = Open();
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  EXPECT_FALSE(fs::exists(data_ + "/index/verify"));
  const auto id = (*engines)->catalogue->Get("items")->id;
  EXPECT_EQ((*engines)->indexes->Get(id)->reader()->live_rows(), 200u) << "the index was built again";
}

TEST_F(DataDirectoryTest, ADamagedIndexFileIsBuiltAgainWhileTheServerRuns) {
  Make(2000);
  test::CapturingLog log;
  auto engines = Engines::Open(options_, SystemClock(), log, NullMetrics());
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  Engines& e = **engines;
  const auto index = e.indexes->Get(e.catalogue->Get("items")->id);
  DamageIndexFiles();
  {
    const IndexCheck check(data_ + "/index", 0, *e.indexes, *e.writer, log);
    while (log.text().find("has a wrong checksum") == std::string::npos) std::this_thread::yield();
    while (index->damaged()) std::this_thread::yield();
    while (fs::exists(data_ + "/index/verify")) std::this_thread::yield();
  }
  EXPECT_NE(log.text().find("has a wrong checksum; searches do not find its documents"), std::string::npos)
      << log.text();
  EXPECT_EQ(e.tasks.problems(), std::vector<std::string>());
  EXPECT_EQ(index->reader()->live_rows(), 2000u);
  EXPECT_EQ(index->reader()->damage(), "");
  ASSERT_TRUE(e.Close().ok());
  engines->reset();
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok());
  const auto report = CheckDirectory(*directory, "");
  EXPECT_EQ(Lines(report->broken) + Lines(report->notes), "");
}

// The process ends before the file was built again: the mark makes the next start build the index.
TEST_F(DataDirectoryTest, ADamagedIndexFileThatCannotBeBuiltAgainLeavesAMark) {
  Make(200);
  test::CapturingLog log;
  {
    auto engines = Engines::Open(options_, SystemClock(), log, NullMetrics());
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    Engines& e = **engines;
    const auto index = e.indexes->Get(e.catalogue->Get("items")->id);
    DamageIndexFiles();
    index->Stop();  // so that no file can be written
    {
      const IndexCheck check(data_ + "/index", 0, *e.indexes, *e.writer, log);
      while (log.text().find("cannot build a damaged file") == std::string::npos) std::this_thread::yield();
    }
    ASSERT_EQ(e.tasks.problems().size(), 1u);
    EXPECT_NE(e.tasks.problems()[0].find("is tried again: "), std::string::npos) << e.tasks.problems()[0];
    EXPECT_TRUE(fs::exists(data_ + "/index/verify"));
  }
  const auto engines = Open();
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  EXPECT_FALSE(fs::exists(data_ + "/index/verify"));
  EXPECT_EQ((*engines)->indexes->Get((*engines)->catalogue->Get("items")->id)->reader()->live_rows(), 200u);
}

TEST_F(DataDirectoryTest, IndexesThatWereMadeWithADictionaryAreNotUsedWithoutItInSilence) {
  Make(20);
  const std::string mark = data_ + "/index/terms";
  const auto text = [&] { return Snapshot(data_ + "/index")[mark]; };
  EXPECT_EQ(text(), TermsMarkText(false));
  EXPECT_EQ(Open().value()->tasks.problems(), std::vector<std::string>());
  Write(mark, TermsMarkText(true));
  {
    test::CapturingLog log;
    const auto engines = Engines::Open(options_, SystemClock(), log, NullMetrics());
    ASSERT_TRUE(engines.ok());
    ASSERT_EQ((*engines)->tasks.problems().size(), 1u);
    EXPECT_NE((*engines)->tasks.problems()[0].find("none is found now"), std::string::npos);
    EXPECT_NE(log.text().find("none is found now"), std::string::npos) << log.text();
    EXPECT_EQ(text(), TermsMarkText(true)) << "the next start says so again";
  }
  Write(mark, "trine terms " + std::to_string(analysis::kTermsVersion) + "\n");
  EXPECT_EQ(Open().value()->tasks.problems(), std::vector<std::string>()) << "0.1.0 did not say";
  EXPECT_EQ(text(), TermsMarkText(false));
  Write(mark, TermsMarkText(true));
  fs::remove_all(data_ + "/index/c1");
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(text(), TermsMarkText(false)) << "no index was made with it";
}

// Files that a start does not need are judged, too.
TEST_F(DataDirectoryTest, CheckJudgesTheFilesThatAStartDoesNotNeed) {
  Make(20);
  const auto check = [&] {
    auto directory = OpenDataDirectoryReadOnly(data_);
    EXPECT_TRUE(directory.ok()) << directory.error().ToString();
    const auto report = CheckDirectory(*directory, "");
    return std::pair(Lines(report->broken), Lines(report->notes));
  };
  const auto read = [](const fs::path& path) {
    std::stringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  };
  fs::path options;
  for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
    if (entry.path().filename().string().starts_with("OPTIONS-")) options = entry.path();
  }
  ASSERT_EQ(check(), std::pair(std::string(), std::string()));
  const std::string whole = read(options), identity = read(data_ + "/facts/IDENTITY");
  std::string flipped = whole;
  flipped[flipped.find("max_open_files")] ^= 1;
  for (const std::string& bad :
       {std::string(), whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 60), flipped}) {
    Write(options, bad);
    EXPECT_NE(check().first.find("facts/" + options.filename().string()), std::string::npos) << bad.size();
  }
  Write(options, whole);
  std::string other = identity;
  other[8] = '+';
  for (const std::string& bad : {std::string(), identity.substr(0, 20), other}) {
    Write(data_ + "/facts/IDENTITY", bad);
    EXPECT_NE(check().first.find("facts/IDENTITY"), std::string::npos) << bad;
  }
  fs::remove(data_ + "/facts/IDENTITY");
  EXPECT_NE(check().second.find("facts/IDENTITY: missing"), std::string::npos) << check().second;
  Write(data_ + "/facts/IDENTITY", identity);
  Write(data_ + "/index/terms", "trine");
  EXPECT_NE(check().first.find("index/terms"), std::string::npos) << check().first;
  Write(data_ + "/index/terms", "trine terms 1\n");
  EXPECT_NE(check().second.find("index/terms: of another version"), std::string::npos) << check().second;
  fs::remove(data_ + "/index/terms");
  EXPECT_NE(check().second.find("index/terms: missing"), std::string::npos) << check().second;
  Write(data_ + "/index/terms", TermsMarkText(false));
  Write(data_ + "/index/c1/_77.seg", "half");
  fs::create_directory(data_ + "/index/photos");
  Write(data_ + "/index/verify", "");
  const std::string notes = check().second;
  EXPECT_NE(notes.find("index/c1/_77.seg: left over"), std::string::npos) << notes;
  EXPECT_NE(notes.find("index/photos: not a file of Trine"), std::string::npos) << notes;
  EXPECT_NE(notes.find("index/verify: a damaged index file was found"), std::string::npos) << notes;
  EXPECT_EQ(check().first, "");
  fs::remove(data_ + "/index/c1/manifest");
  EXPECT_NE(check().second.find("index/c1: there is no manifest"), std::string::npos) << check().second;
}

// The facts are an older copy: the index has more documents, then other ones, then belongs to a collection
// that the facts do not know.
TEST_F(DataDirectoryTest, OlderFactsAreNoticedByEveryCommandAndNotForgotten) {
  const auto keep = [&] { fs::copy(data_ + "/facts", data_ + ".old", fs::copy_options::recursive); };
  const auto bring_back = [&] {
    fs::remove_all(data_ + "/facts");
    fs::rename(data_ + ".old", data_ + "/facts");
  };
  const auto check = [&] {
    auto directory = OpenDataDirectoryReadOnly(data_);
    EXPECT_TRUE(directory.ok()) << directory.error().ToString();
    const auto ahead = FindFilesAheadOfFacts(*directory);
    EXPECT_TRUE(ahead.ok());
    return std::pair(Lines(CheckDirectory(*directory, "")->broken), Lines(*ahead));
  };
  for (const std::string name : {"items", "others"}) {
    fs::remove_all(data_);
    Make(20, name == "others" ? std::string("first") : name);
    EXPECT_EQ(check(), std::pair(std::string(), std::string()));
    keep();
    Make(30, name);
    EXPECT_EQ(check(), std::pair(std::string(), std::string()));
    bring_back();
    const auto before = Snapshot(data_);
    const auto [broken, ahead] = check();
    EXPECT_NE(broken.find("acknowledged writes are missing: " + ahead.substr(0, ahead.size() - 1)),
              std::string::npos)
        << broken;
    EXPECT_NE(ahead.find(name == "items" ? "the index of \"items\" contains operations that are not stored"
                                         : "there is an index of collection 2"),
              std::string::npos)
        << ahead;
    EXPECT_EQ(Snapshot(data_), before);
    for (int start = 0; start < 3; ++start) {
      const auto engines = Open();
      ASSERT_TRUE(engines.ok());
      EXPECT_EQ((*engines)->facts->health().level(), HealthLevel::kDegraded) << start;
      EXPECT_NE(Lines((*engines)->facts->health().problems()).find(ahead.substr(0, ahead.size() - 1)),
                std::string::npos);
    }
    EXPECT_NE(check().first.find("acknowledged writes are missing"), std::string::npos) << "still known";
    EXPECT_EQ(check().second, "") << "the start made the index fit";
  }
}

TEST_F(DataDirectoryTest, CountersAheadOfTheEventsAreNoticed) {
  const auto append = [&](const std::string& item) {
    const auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    Engines& e = **engines;
    recommend::Resource group;
    group.kind = recommend::ResourceKind::kDatasetGroup;
    group.path = group.name = "shop";
    if (!e.resources->Get(group.kind, "shop")) {
      ASSERT_TRUE(e.resources->Create(group).ok());
    }
    const GroupId id = e.resources->Get(group.kind, "shop")->group;
    history::Event event;
    event.user_id = "u";
    event.item_id = item;
    event.type = "view";
    ASSERT_TRUE(e.history->Append(id, {event}).ok());
    ASSERT_TRUE(e.recommender->Warm(id).ok());
    ASSERT_TRUE(e.Close().ok());
  };
  const auto ahead = [&] {
    auto directory = OpenDataDirectoryReadOnly(data_);
    EXPECT_TRUE(directory.ok()) << directory.error().ToString();
    return Lines(*FindFilesAheadOfFacts(*directory));
  };
  append("a");
  EXPECT_EQ(ahead(), "");
  fs::copy(data_ + "/facts", data_ + ".old", fs::copy_options::recursive);
  append("b");
  EXPECT_EQ(ahead(), "");
  fs::remove_all(data_ + "/facts");
  fs::rename(data_ + ".old", data_ + "/facts");
  EXPECT_NE(ahead().find("has counted events up to"), std::string::npos) << ahead();
}

TEST_F(DataDirectoryTest, AMissingOrDamagedMarkOfDurableWritesIsNamed) {
  Make(20);
  const std::string mark = data_ + "/facts/trine.synced";
  const auto check = [&] {
    auto directory = OpenDataDirectoryReadOnly(data_);
    EXPECT_TRUE(directory.ok()) << directory.error().ToString();
    return *CheckDirectory(*directory, "");
  };
  fs::resize_file(mark, 0);  // as after a loss of power
  EXPECT_EQ(Lines(check().broken), "");
  EXPECT_NE(Lines(check().notes).find("trine.synced"), std::string::npos) << Lines(check().notes);
  Write(mark, "synced 123");
  EXPECT_NE(Lines(check().broken).find("it is unknown whether acknowledged writes are missing"),
            std::string::npos)
      << Lines(check().broken);
  ASSERT_TRUE(Open().ok());
  EXPECT_NE(Lines(check().broken).find("it is unknown"), std::string::npos) << "after a start, too";
  ASSERT_TRUE(SalvageFacts(data_).ok());
  EXPECT_EQ(Lines(check().broken), "");
}

TEST_F(DataDirectoryTest, FilesThatTheStoreDoesNotUseAreNamed) {
  Make(20);
  for (const char* name : {"000099.sst", "999999.log.old", "MANIFEST-000001", "notes.txt"})
    Write(data_ + "/facts/" + name, "stray");
  fs::create_directory(data_ + "/facts/lost");
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok()) << directory.error().ToString();
  const auto report = CheckDirectory(*directory, "");
  EXPECT_EQ(Lines(report->broken), "");
  EXPECT_EQ(report->notes.size(), 5u) << Lines(report->notes);
  for (const char* name : {"000099.sst", "999999.log.old", "MANIFEST-000001", "notes.txt", "lost"})
    EXPECT_NE(Lines(report->notes).find(std::string("facts/") + name + ": not a file of"), std::string::npos)
        << Lines(report->notes);
}

// A pipe must never be opened: that waits until another process writes to it.
TEST_F(DataDirectoryTest, EntriesThatAreNotFilesAreNamedAndNotCopied) {
  Make(20);
  fs::create_directories(data_ + "/models");
  const std::vector<std::string> places = {"", "facts/", "models/", "index/", "index/c1/", "scratch/"};
  for (const std::string& place : places) {
    fs::create_directories(data_ + "/" + place);
    ASSERT_EQ(::mkfifo((data_ + "/" + place + "pipe").c_str(), 0600), 0);
    fs::create_symlink("/nowhere/at/all", data_ + "/" + place + "model-link");
    Write(data_ + "/" + place + ".hidden", "");
    Write(data_ + "/" + place + "two words", "");
  }
  fs::create_directory(data_ + "/models/folder");
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok()) << directory.error().ToString();
  const auto report = CheckDirectory(*directory, "");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(Lines(report->broken), "");
  const std::string notes = Lines(report->notes);
  for (const std::string& place : places) {
    for (const char* note : {"pipe: a named pipe, not a file of Trine",
                             "model-link: a link without a target, not a file of Trine",
                             ".hidden: not a file of Trine", "two words: not a file of Trine"})
      EXPECT_NE(("\n" + notes).find("\n" + place + note), std::string::npos) << place << note << "\n"
                                                                             << notes;
  }
  EXPECT_NE(notes.find("models/folder: not a file of Trine"), std::string::npos) << notes;
  EXPECT_EQ(report->notes.size(), 4 * places.size() + 1) << notes;
  fs::create_directory(folder_.path("copy"));
  CopyReport copy;
  const Status copied = CopyKeptFiles(*directory, "", folder_.path("copy"), {}, &copy);
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_EQ(copy.skipped.size(), 5u) << Lines(copy.skipped);
  EXPECT_EQ(Lines(copy.lost), "");
  EXPECT_TRUE(OpenDataDirectoryReadOnly(folder_.path("copy")).ok());
}

TEST_F(DataDirectoryTest, WhatIsInThePlaceOfAFileOfTheStoreIsNamedWithAdviceThatHelps) {
  const std::vector<std::pair<std::string, std::string>> advice = {
      {"trine.lock", "remove it: the next start makes it again"},
      {"trine.synced", "remove it: the next start makes it again"},
      {"IDENTITY", "remove it: the next start makes it again"},
      {"CURRENT", "remove it, and then run: trine rebuild --salvage"},
      {"MANIFEST-", "restore a backup"},
      {".log", "restore a backup"}};
  for (const auto& [part, expected] : advice) {
    fs::remove_all(data_);
    Make(20);
    fs::path file;
    for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
      if (entry.path().filename().string().find(part) != std::string::npos) file = entry.path();
    }
    fs::remove(file);
    fs::create_directory(file);
    for (const Error& refused : {Open().error(), SalvageFacts(data_).error()}) {
      EXPECT_EQ(refused.where, file.string()) << refused.ToString();
      EXPECT_NE(std::string(AdviceForFacts(refused)).find(expected), std::string::npos)
          << part << ": " << AdviceForFacts(refused);
    }
    if (!expected.starts_with("remove it")) continue;
    fs::remove(file);
    if (part == "CURRENT") SalvageCurrent();
    ExpectWhole(20);
  }
}

TEST_F(DataDirectoryTest, ADamagedFileCurrentIsMendedBySalvage) {
  for (const char* content : {"", "MANIFEST-999999\n", "MANIFEST-000", "rubbish"}) {
    fs::remove_all(data_);
    Make(20);
    Write(data_ + "/facts/CURRENT", content);
    const auto before = Snapshot(data_);
    const auto opened = Open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << opened.error().ToString();
    EXPECT_NE(opened.error().where.find("facts/CURRENT"), std::string::npos) << opened.error().ToString();
    EXPECT_NE(std::string(AdviceForFacts(opened.error())).find("keep what can be read"), std::string::npos);
    EXPECT_EQ(Snapshot(data_), before);
    SalvageCurrent();
    ExpectWhole(20);
  }
}

TEST_F(DataDirectoryTest, AMissingFileCurrentIsMendedBySalvage) {
  Make(20);
  fs::remove(data_ + "/facts/CURRENT");
  const auto opened = Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  for (const char* words : {"MANIFEST-", "facts/CURRENT", "trine rebuild --salvage"})
    EXPECT_NE(opened.error().ToString().find(words), std::string::npos) << opened.error().ToString();
  SalvageCurrent();
  ExpectWhole(20);
  // Without any manifest nothing can be mended, and nothing changes.
  for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("MANIFEST-") || name == "CURRENT") fs::remove(entry.path());
  }
  const auto before = Snapshot(data_);
  EXPECT_EQ(SalvageFacts(data_).error().code, ErrorCode::kNotFound);
  EXPECT_NE(Open().error().ToString().find("restore a backup with trine restore"), std::string::npos);
  EXPECT_EQ(Snapshot(data_), before);
}

// Each table in turn is missing. Salvage costs the rows of that table alone; ids of documents are restored
// from the documents, and events from their second copy.
TEST_F(DataDirectoryTest, AMissingTableCostsItsOwnRows) {
  Make(40);
  {
    const auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    recommend::Resource group;
    group.kind = recommend::ResourceKind::kDatasetGroup;
    group.path = group.name = "shop";
    ASSERT_TRUE((*engines)->resources->Create(group).ok());
    std::vector<history::Event> events(30);
    for (size_t i = 0; i < events.size(); ++i) {
      events[i].user_id = "u" + std::to_string(i % 3);
      events[i].item_id = "i" + std::to_string(i);
      events[i].type = "view";
      events[i].time = Millis{1'700'000'000'000 + static_cast<int64_t>(i)};
    }
    const GroupId id = (*engines)->resources->Get(group.kind, "shop")->group;
    ASSERT_TRUE((*engines)->history->Append(id, std::move(events)).ok());
    ASSERT_TRUE((*engines)->Close().ok());
  }
  Make(60);  // the first 40 again, and 20 more
  std::vector<std::string> tables;
  for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path().filename().string());
  }
  ASSERT_GT(tables.size(), 5u);
  fs::copy(data_, data_ + ".kept", fs::copy_options::recursive);
  std::set<std::string> families;
  for (const std::string& table : tables) {
    fs::remove_all(data_);
    fs::copy(data_ + ".kept", data_, fs::copy_options::recursive);
    fs::remove(data_ + "/facts/" + table);
    const std::string refused = Open().error().ToString();
    EXPECT_NE(refused.find(table + " is missing; it had rows of "), std::string::npos) << refused;
    EXPECT_NE(refused.find("trine rebuild --salvage"), std::string::npos) << refused;
    {
      auto directory = OpenDataDirectoryReadOnly(data_);
      ASSERT_TRUE(directory.ok()) << directory.error().ToString();
      EXPECT_NE(Lines(CheckDirectory(*directory, "")->broken).find(table + " is missing"), std::string::npos);
    }
    const auto salvaged = SalvageFacts(data_);
    ASSERT_TRUE(salvaged.ok()) << salvaged.error().ToString();
    const std::string dropped = Lines(salvaged->damage);
    ASSERT_NE(dropped.find(table + " is missing"), std::string::npos) << dropped;
    std::stringstream kept;
    kept << std::ifstream(data_ + "/facts.damaged/trine.dropped").rdbuf();
    EXPECT_EQ(kept.str(), dropped);
    const size_t rows_of = dropped.find("rows of ") + 8;
    const std::string family = dropped.substr(rows_of, dropped.find_first_of(" ,", rows_of) - rows_of);
    families.insert(family);
    SCOPED_TRACE(table + " of " + family);
    for (const char* derived : {"index", "derived", "models"}) fs::remove_all(data_ + "/" + derived);
    const auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    Engines& e = **engines;
    EXPECT_EQ(e.facts->health().level(), HealthLevel::kOk) << Lines(e.facts->health().problems());
    if (family == "resources") continue;  // the definition of the collection, or of the group, is lost
    const CollectionId items = e.catalogue->Get("items")->id;
    const uint64_t documents = e.records->LiveCount(items);
    if (family != "records") {
      EXPECT_EQ(documents, 60u);
    }
    EXPECT_EQ(e.indexes->Get(items)->reader()->live_rows(), documents);
    uint64_t found = 0;
    for (int i = 0; i < 60; ++i) {
      const auto one = e.records->Get(items, "d" + std::to_string(i));
      ASSERT_TRUE(one.ok()) << one.error().ToString();
      found += *one && !(*one)->deleted ? 1 : 0;
    }
    EXPECT_EQ(found, documents);
    const GroupId group = e.resources->Get(recommend::ResourceKind::kDatasetGroup, "shop")->group;
    std::set<std::string> seen;
    ASSERT_TRUE(e.history
                    ->Scan(group, EventSeq{0},
                           [&](const history::Event& event) -> Result<bool> {
                             EXPECT_TRUE(seen.insert(event.item_id).second);
                             return true;
                           })
                    .ok());
    EXPECT_EQ(seen.size(), 30u);
    history::Event more;
    more.user_id = "u";
    more.item_id = "new";
    more.type = "view";
    ASSERT_TRUE(e.history->Append(group, {more}).ok());
    EXPECT_EQ(e.history->EventCount(group), 31u) << "the new event replaces no other one";
  }
  for (const char* family : {"records", "record_ids", "obsolete", "interactions", "user_events"})
    EXPECT_TRUE(families.contains(family)) << family;
}

TEST_F(DataDirectoryTest, WithoutAManifestOnlyABackupHelps) {
  Make(20);
  for (const auto& entry : fs::directory_iterator(data_ + "/facts")) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) FlipMiddle(entry.path());
  }
  const auto opened = Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(std::string(AdviceForFacts(opened.error())).find("cannot be read at all"), std::string::npos)
      << opened.error().ToString();
  Write(data_ + "/facts/CURRENT", "rubbish");
  const auto before = Snapshot(data_);
  EXPECT_EQ(SalvageFacts(data_).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Snapshot(data_), before);
}

// A block of items that cannot be read costs its own items; other people and items are served.
TEST_F(DataDirectoryTest, ADamagedBlockOfItemsDoesNotStopRecommendations) {
  Make(2000);
  GroupId group;
  {
    const auto engines = Open();
    ASSERT_TRUE(engines.ok()) << engines.error().ToString();
    Engines& e = **engines;
    recommend::Resource shop;
    shop.kind = recommend::ResourceKind::kDatasetGroup;
    shop.path = shop.name = "shop";
    group = e.resources->Create(shop)->group;
    ASSERT_TRUE(e.writer->Bind({"items", group, "", {}}).ok());
    history::Event event;
    event.user_id = "u";
    event.item_id = "d1";
    event.type = "view";
    ASSERT_TRUE(e.history->Append(group, {event}).ok());
    ASSERT_TRUE(e.Close().ok());
  }
  FlipMiddle(OnlyTable());
  const auto engines = Open();
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  for (const char* user : {"u", "stranger"}) {
    recommend::RecommendRequest request;
    request.serving.group = group;
    request.user_id = user;
    request.count = 100;
    const auto answer = (*engines)->recommender->Recommend(request, {});
    ASSERT_TRUE(answer.ok()) << user << ": " << answer.error().ToString();
    EXPECT_EQ(answer->items.size(), 100u) << user;
  }
  EXPECT_EQ((*engines)->facts->health().level(), HealthLevel::kDegraded);
}

TEST_F(DataDirectoryTest, CopiesAreVerified) {
  Make(200);
  fs::create_directory(folder_.path("copy"));
  {
    auto directory = OpenDataDirectoryReadOnly(data_);
    ASSERT_TRUE(directory.ok());
    const Status copied = CopyKeptFiles(*directory, "", folder_.path("copy"));
    ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  }
  EXPECT_FALSE(fs::exists(folder_.path("copy/facts/trine.lock")));
  options_.data_dir = folder_.path("copy");
  const auto engines = Open();
  ASSERT_TRUE(engines.ok()) << engines.error().ToString();
  EXPECT_EQ((*engines)->records->LiveCount((*engines)->catalogue->Get("items")->id), 200u);
}

TEST_F(DataDirectoryTest, DamagedFactsAreNotCopied) {
  Make(2000);
  const std::string table = OnlyTable();
  ASSERT_FALSE(table.empty());
  FlipMiddle(table);
  auto directory = OpenDataDirectoryReadOnly(data_);
  ASSERT_TRUE(directory.ok()) << directory.error().ToString();
  fs::create_directory(folder_.path("copy"));
  const Status copied = CopyKeptFiles(*directory, "", folder_.path("copy"));
  ASSERT_FALSE(copied.ok());
  EXPECT_EQ(copied.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(copied.error().ToString().find(fs::path(table).filename().string()), std::string::npos)
      << copied.error().ToString();
  EXPECT_TRUE(fs::is_empty(folder_.path("copy")));
}

}  // namespace
}  // namespace trine::server
