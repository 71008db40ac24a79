#include "server/kept_files.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "formation/pinned_embedder.h"
#include "recommend/candidate/group_registry.h"
#include "recommend/recommender.h"
#include "server/pause.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;
using recommend::Resource;
using recommend::ResourceKind;

constexpr const char* kModels = "models";

// The size of a file; nullopt if there is no file of this name.
std::optional<uint64_t> SizeOf(const std::string& path) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return std::nullopt;
  const uint64_t size = fs::file_size(path, failed);
  return failed ? std::nullopt : std::optional(size);
}

// Which files are read.
class Reading {
 public:
  explicit Reading(const WhatToRead& what) : always_(what.always), bytes_left_(what.most_bytes) {}
  // Whether this file is not read now: it is there, and larger than what is left.
  bool PutsOff(const std::string& file, const std::string& path) {
    if (std::ranges::find(always_, file) != always_.end()) return false;
    const std::optional<uint64_t> size = SizeOf(path);
    if (!size || *size == 0) return false;
    if (*size > bytes_left_) return true;
    bytes_left_ -= *size;
    return false;
  }

 private:
  const std::vector<std::string>& always_;
  uint64_t bytes_left_;
};

// Whether the facts say that an embedder was pinned, or cannot be read.
bool IsPinned(const storage::KeyValue& facts) {
  const auto version = facts.Get(storage::Family::kMeta, formation::kPinnedEmbedderKey);
  return !version.ok() || version->has_value();
}

}  // namespace

std::map<std::string, std::string> NamedModels(const recommend::ResourceStore& resources) {
  std::map<std::string, std::string> named;
  for (const ResourceKind kind : {ResourceKind::kSolutionVersion, ResourceKind::kRecommender}) {
    for (const Resource& trained : resources.List(kind)) {
      const format::Json* model = trained.spec.Find("model");
      if (model != nullptr && model->is_string() && !model->string().empty())
        named.emplace(recommend::ModelPath(model->string()), trained.path);
    }
  }
  return named;
}

std::vector<LostFile> FindLostFiles(const KeptFileSources& sources, const WhatToRead& what) {
  std::vector<LostFile> lost;
  Reading reading(what);
  const std::string folder = sources.root.path() + "/";
  const auto models = storage::OpenExistingDirectory(folder + kModels);
  const auto verify = [&](const std::string& file, const auto& work) -> Status {
    if (!models.ok()) return models.error();
    return reading.PutsOff(file, folder + file) ? Ok() : Status(work(**models));
  };
  const std::string embedder = std::string(kModels) + "/" + formation::kPinnedEmbedderFile;
  const Status pinned = verify(embedder, [&](storage::Directory& in) {
    return formation::VerifyPinnedEmbedder(in, sources.facts, sources.analyzers);
  });
  if (!pinned.ok() && (models.ok() || IsPinned(sources.facts))) {
    lost.push_back({embedder, pinned.error(),
                    "the pinned embedder is lost, so the embedding API fails: " + pinned.error().ToString(),
                    false});
  }
  for (const auto& [file, owner] : NamedModels(sources.resources)) {
    TRINE_CHECK(file.starts_with(std::string(kModels) + "/"));
    const std::string name = file.substr(std::string_view(kModels).size() + 1);
    const Status good =
        verify(file, [&](storage::Directory& in) { return recommend::VerifyModelFile(in, name); });
    if (good.ok()) continue;
    lost.push_back({file, good.error(),
                    recommend::DescribeLostModel(file, good.error()) + "; it belongs to " + owner, true});
  }
  return lost;
}

void LostFileReports::Update(uint64_t most_bytes) {
  std::vector<std::string> found;
  for (const LostFile& lost : FindLostFiles(sources_, {most_bytes, reported_})) {
    const bool is_new = std::ranges::find(reported_, lost.file) == reported_.end();
    if (is_new && !lost.is_model && RestoreEmbedder()) continue;
    found.push_back(lost.file);
    if (is_new) log_.Error(lost.what);
    tasks_.Reports(lost.file, lost.what);
  }
  for (const std::string& file : reported_) {
    if (std::ranges::find(found, file) != found.end()) continue;
    tasks_.Works(file);
    log_.Info(file + " is no longer lost");
  }
  reported_ = std::move(found);
}

// Returns whether the lost embedder has been restored.
bool LostFileReports::RestoreEmbedder() {
  const std::string folder = sources_.root.path() + "/";
  const auto models = storage::OpenExistingDirectory(folder + kModels);
  const auto derived = storage::OpenExistingDirectory(folder + "derived");
  if (!models.ok() || !derived.ok()) return false;
  const auto restored =
      formation::RestorePinnedEmbedder(**models, **derived, sources_.facts, sources_.analyzers);
  if (!restored.ok()) log_.Error("cannot restore the pinned embedder: " + restored.error().ToString());
  if (!restored.ok() || !*restored) return false;
  log_.Warning("the file of the pinned embedder was lost, and was restored from item vectors");
  return true;
}

KeptFilesCheck::KeptFilesCheck(const KeptFileSources& sources, TaskHealth& tasks, Log& log)
    : reports_(sources, tasks, log) {
  reports_.Update(kKeptBytesAtStart);
  thread_ = std::jthread([this](const std::stop_token& stop) {
    constexpr std::chrono::seconds kLook{60};
    uint64_t most_bytes = UINT64_MAX;
    do {
      static_cast<void>(CatchBadAlloc([&] { return reports_.Update(most_bytes), Ok(); }).ok());
      most_bytes = 0;
    } while (Pause(stop, kLook));
  });
}

}  // namespace trine::server
