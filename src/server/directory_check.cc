#include "server/directory_check.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "catalogue/catalogue.h"
#include "formation/knowledge.h"
#include "formation/pinned_embedder.h"
#include "index/index_set.h"
#include "language/model.h"
#include "recommend/recommender.h"
#include "server/index_check.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "restore a backup: this file cannot be built again";
constexpr const char* kSalvage = "restore a backup, or keep what can be read with: trine rebuild --salvage";
constexpr const char* kRebuild = "run: trine rebuild";

// Collects the findings. `where` is the path of a file below the data directory.
class Findings {
 public:
  void Broken(const std::string& where, const Error& error, const char* advice) {
    report_.broken.push_back((where.empty() ? "" : where + ": ") + error.ToString() + "; " + advice);
  }
  void Note(const std::string& where, const char* what) { report_.notes.push_back(where + ": " + what); }
  DirectoryReport Take() { return std::move(report_); }

 private:
  DirectoryReport report_;
};

constexpr const char* kLeftOver = "left over from an interrupted write; it is not used and may be deleted";
constexpr const char* kSetAside = "set aside because it was damaged; it is not used and may be deleted";
constexpr const char* kUnknown = "not a file of Trine; it is ignored";

// Returns whether the file is not in use, and notes that.
bool IsUnused(const std::string& where, std::string_view name, Findings* findings) {
  if (name.ends_with(".tmp")) {
    findings->Note(where, kLeftOver);
  } else if (name.ends_with(".broken") || name.starts_with("broken-")) {
    findings->Note(where, kSetAside);
  } else {
    return false;
  }
  return true;
}

// The names of the files that the store keeps in its folder.
bool IsStoreFile(std::string_view name) {
  for (const char* whole :
       {"CURRENT", "IDENTITY", "LOCK", "LOG", "trine.lock", "trine.damage", "trine.synced"}) {
    if (name == whole) return true;
  }
  for (const char* head : {"MANIFEST-", "OPTIONS-", "LOG.old."}) {
    if (name.starts_with(head)) return true;
  }
  return name.ends_with(".sst") || name.ends_with(".log");
}

// Calls `check` with the name of each file of a folder; no folder has no files.
Status ForEachFile(storage::Directory& root, const std::string& folder,
                   const std::function<void(storage::Directory&, const std::string& name)>& check) {
  const auto opened = storage::OpenExistingDirectory(root.path() + "/" + folder);
  if (!opened.ok()) return opened.error().kind() == ErrorKind::kNotFound ? Ok() : Status(opened.error());
  TRINE_ASSIGN(const std::vector<std::string> names, (*opened)->List());
  for (const std::string& name : names) check(**opened, name);
  return Ok();
}

void CheckFacts(DataDirectory& directory, Findings* findings) {
  if (const Status good = directory.facts->VerifyChecksums(); !good.ok())
    findings->Broken("", good.error(), kSalvage);
  // Findings from opening the store and reading its notes. Damage that the checksums show is listed above.
  for (const std::string& problem : directory.facts->health().problems()) {
    if (problem.starts_with("acknowledged writes are missing"))
      findings->Broken("facts", Error(ErrorCode::kCorrupt, problem), kSalvage);
  }
  const Status listed =
      ForEachFile(*directory.root, "facts", [&](storage::Directory&, const std::string& name) {
        const std::string where = "facts/" + name;
        if (name.ends_with(".dbtmp") || name == "trine.probe") {
          findings->Note(where, kLeftOver);
        } else if (!IsUnused(where, name, findings) && !IsStoreFile(name)) {
          findings->Note(where, kUnknown);
        }
      });
  if (!listed.ok()) findings->Broken("facts", listed.error(), kRestore);
}

void CheckEmbedder(storage::Directory& models, const analysis::Analyzers& analyzers, const std::string& where,
                   Findings* findings) {
  const auto bytes = models.Open(std::string(formation::kPinnedEmbedderFile));
  if (!bytes.ok()) return findings->Broken(where, bytes.error(), kRestore);
  if ((*bytes)->bytes().empty()) return;  // stands for the hash embedder
  const auto opened = language::OpenCatalogueEmbedder(analyzers, (*bytes)->bytes());
  if (!opened.ok()) findings->Broken(where, opened.error(), kRestore);
}

void CheckModels(DataDirectory& directory, const analysis::Analyzers& analyzers, bool kept_only,
                 Findings* findings) {
  const Status listed =
      ForEachFile(*directory.root, "models", [&](storage::Directory& models, const std::string& name) {
        const std::string where = "models/" + name;
        if (IsUnused(where, name, findings)) return;
        if (name == formation::kPinnedEmbedderFile) return CheckEmbedder(models, analyzers, where, findings);
        const bool counters = name.starts_with("counters-");
        if (counters && kept_only) return;
        if (!counters && !name.starts_with("model-")) return findings->Note(where, kUnknown);
        if (const Status good = recommend::VerifyModelFile(models, name); !good.ok())
          findings->Broken(where, good.error(), counters ? kRebuild : "train again, or restore a backup");
      });
  if (!listed.ok()) findings->Broken("models", listed.error(), kRestore);
  const auto pinned = directory.facts->Get(storage::Family::kMeta, formation::kPinnedEmbedderKey);
  const std::string embedder = std::string("models/") + formation::kPinnedEmbedderFile;
  std::error_code failed;
  if (pinned.ok() && *pinned && !fs::exists(directory.root->path() + "/" + embedder, failed))
    findings->Broken(embedder, Error(ErrorCode::kNotFound, "the pinned embedder is missing"), kRestore);
}

void CheckVectors(DataDirectory& directory, const analysis::Analyzers& analyzers, Findings* findings) {
  const Status listed =
      ForEachFile(*directory.root, "derived", [&](storage::Directory& derived, const std::string& name) {
        const std::string where = "derived/" + name;
        if (IsUnused(where, name, findings)) return;
        if (!name.starts_with("vectors-")) return findings->Note(where, kUnknown);
        const auto loaded = formation::LoadVectors(derived, name, analyzers);
        if (!loaded.ok()) findings->Broken(where, loaded.error(), kRebuild);
      });
  if (!listed.ok()) findings->Broken("derived", listed.error(), kRebuild);
}

void CheckIndexes(DataDirectory& directory, Findings* findings) {
  auto folder = storage::OpenExistingDirectory(directory.root->path() + "/index");
  if (!folder.ok()) {
    if (folder.error().kind() != ErrorKind::kNotFound) findings->Broken("index", folder.error(), kRebuild);
    return;
  }
  index::IndexOptions options;
  options.background_merges = false;
  index::IndexSet indexes(std::move(folder).value(), options, SystemClock(), NullLog(), NullMetrics());
  if (const Status good = indexes.Verify(); !good.ok()) findings->Broken("", good.error(), kRebuild);
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(directory.root->path() + "/index", failed)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(failed)) continue;
    const std::string where = fs::relative(entry.path(), directory.root->path(), failed).string();
    if (IsUnused(where, name, findings)) continue;
    const bool known = name == "manifest" || name == "terms" || name == kVerifyAllMark ||
                       name.ends_with(".seg") || name.ends_with(".live");
    if (!known) findings->Note(where, kUnknown);
  }
}

Status NoteUnknownEntries(storage::Directory& root, Findings* findings) {
  TRINE_ASSIGN(const auto files, root.List());
  for (const std::string& name : files) {
    if (name != "format" && !IsUnused(name, name, findings)) findings->Note(name, kUnknown);
  }
  TRINE_ASSIGN(const auto folders, root.ListFolders());
  constexpr std::array kFolders = {"facts", "models", "index", "derived", "scratch"};
  for (const std::string& name : folders) {
    if (name == "facts.damaged") {
      findings->Note(name, kSetAside);
    } else if (name == "facts.salvaged") {
      findings->Note(name, kLeftOver);
    } else if (std::ranges::find(kFolders, name) == kFolders.end()) {
      findings->Note(name, kUnknown);
    }
  }
  return Ok();
}

Result<std::unique_ptr<analysis::Analyzers>> OpenAnalyzers(const std::string& korean_dictionary) {
  analysis::AnalyzersOptions options;
  options.korean_dictionary_dir = korean_dictionary;
  return analysis::NewAnalyzers(options);
}

}  // namespace

Result<DirectoryReport> CheckDirectory(DataDirectory& directory, const std::string& korean_dictionary) {
  TRINE_ASSIGN(const auto analyzers, OpenAnalyzers(korean_dictionary));
  Findings findings;
  CheckFacts(directory, &findings);
  CheckModels(directory, *analyzers, false, &findings);
  CheckIndexes(directory, &findings);
  CheckVectors(directory, *analyzers, &findings);
  TRINE_TRY(NoteUnknownEntries(*directory.root, &findings));
  return findings.Take();
}

Result<DirectoryReport> CheckKeptFiles(DataDirectory& directory, const std::string& korean_dictionary) {
  TRINE_ASSIGN(const auto analyzers, OpenAnalyzers(korean_dictionary));
  Findings findings;
  CheckFacts(directory, &findings);
  CheckModels(directory, *analyzers, true, &findings);
  return findings.Take();
}

Result<size_t> CountCollections(const DataDirectory& directory) {
  // A definition that cannot be read is only left out: the store is read-only, so it cannot be set aside.
  TRINE_ASSIGN(const auto catalogue, catalogue::OpenCatalogue(*directory.facts, SystemClock(), NullLog()));
  return catalogue->All().size();
}

}  // namespace trine::server
