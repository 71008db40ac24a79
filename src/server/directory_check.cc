#include "server/directory_check.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "catalogue/catalogue.h"
#include "catalogue/lost_definitions.h"
#include "formation/knowledge.h"
#include "formation/pinned_embedder.h"
#include "index/index_set.h"
#include "index/manifest.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"
#include "server/facts_comparison.h"
#include "server/index_check.h"
#include "server/kept_files.h"
#include "server/terms_mark.h"
#include "storage/side_files.h"

namespace trine::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "restore a backup: this file cannot be built again";
constexpr const char* kTrainAgain = "train again, or restore a backup";
constexpr const char* kNoResource = "no resource names this model, so it may be deleted";
constexpr const char* kSalvage = "restore a backup, or keep what can be read with: trine rebuild --salvage";
constexpr const char* kRebuild = "run: trine rebuild";
constexpr const char* kOlderFacts =
    "restore the newest facts or a backup; the next start builds the derived file again from the present "
    "facts";

// Collects the findings. `where` is the path of a file below the data directory.
class Findings {
 public:
  void Broken(const std::string& where, const Error& error, const char* advice) {
    report_.broken.push_back((where.empty() ? "" : where + ": ") + error.ToString() + "; " + advice);
  }
  void Lost(const std::string& where, const Error& error, const char* advice) {
    report_.lost.push_back(where + ": " + error.ToString() + "; " + advice);
  }
  void Note(const std::string& where, const char* what) { report_.notes.push_back(where + ": " + what); }
  DirectoryReport Take() { return std::move(report_); }

 private:
  DirectoryReport report_;
};

constexpr const char* kLeftOver = "left over from an interrupted write; it is not used and may be deleted";
constexpr const char* kSetAside = "set aside because it was damaged; it is not used and may be deleted";
constexpr const char* kUnknown = "not a file of Trine; it is ignored";
constexpr const char* kMadeAgain =
    "the disk may be failing; the store does not need this file: delete it, and the next start makes it "
    "again";
constexpr const char* kNotThere = "missing; the store does not need it, and the next start makes it again";
constexpr const char* kNotListed =
    "left over from an interrupted write; the manifest does not list it, and the next start removes it";
constexpr const char* kNoManifest = "there is no manifest; the next start builds the index from the records";
constexpr const char* kNotInManifest =
    "not a file of the store, or no longer; it is not used, and the next start may remove it";

// The type of an entry that Trine never makes; empty for files and folders. A link has the type of what it
// leads to.
std::string ForeignKind(const fs::directory_entry& entry) {
  std::error_code failed;
  const fs::file_type type = entry.status(failed).type();
  switch (type) {
    case fs::file_type::regular:
    case fs::file_type::directory:
      return "";
    case fs::file_type::not_found:
      return "a link without a target";
    case fs::file_type::fifo:
      return "a named pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "a device";
    default:
      return "an entry of an unknown type";
  }
}

// Notes the entries of a folder that Directory::List leaves out: what is neither a file nor a folder, and
// names that Trine never gives. Never opens one. With `folders_too`, every folder in it is foreign.
void NoteForeignEntries(const fs::path& folder, const std::string& where, bool folders_too,
                        Findings* findings) {
  std::vector<std::pair<std::string, std::string>> notes;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    std::error_code gone;
    const std::string kind = ForeignKind(*at);
    const bool foreign_folder = folders_too && at->is_directory(gone);
    const bool named = storage::CheckFileName(name).ok();
    if (kind.empty() && named && !foreign_folder) continue;
    notes.emplace_back(where + name, kind.empty() ? kUnknown : kind + ", " + kUnknown);
  }
  std::ranges::sort(notes);
  for (const auto& [path, what] : notes) findings->Note(path, what.c_str());
}

// As NoteForeignEntries, for every folder that Trine makes.
void NoteForeignEntriesOfAll(const storage::Directory& root, Findings* findings) {
  const fs::path path = root.path();
  NoteForeignEntries(path, "", false, findings);
  for (const char* folder : {"facts", "scratch"})
    NoteForeignEntries(path / folder, std::string(folder) + "/", false, findings);
  for (const char* folder : {"models", "derived"})
    NoteForeignEntries(path / folder, std::string(folder) + "/", true, findings);
  NoteForeignEntries(path / "index", "index/", false, findings);
  std::error_code failed;
  for (fs::directory_iterator at(path / "index", failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    const std::string name = at->path().filename().string();
    if (at->is_directory(gone)) NoteForeignEntries(at->path(), "index/" + name + "/", true, findings);
  }
}

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

// Calls `check` with the name of each file of a folder; no folder has no files.
Status ForEachFile(storage::Directory& root, const std::string& folder,
                   const std::function<void(storage::Directory&, const std::string& name)>& check) {
  const auto opened = storage::OpenExistingDirectory(root.path() + "/" + folder);
  if (!opened.ok()) return opened.error().kind() == ErrorKind::kNotFound ? Ok() : Status(opened.error());
  TRINE_ASSIGN(const std::vector<std::string> names, (*opened)->List());
  for (const std::string& name : names) check(**opened, name);
  return Ok();
}

// Notes the files in the folder of the store that the store does not use.
Status NoteForeignFacts(DataDirectory& directory, bool kept_only, Findings* findings) {
  TRINE_ASSIGN(const std::vector<std::string> used, directory.facts->Files());
  const auto check = [&](storage::Directory& facts, const std::string& name) {
    const std::string where = "facts/" + name;
    if (name.ends_with(".dbtmp") || name == "trine.probe") return findings->Note(where, kLeftOver);
    if (IsUnused(where, name, findings)) return;
    if (name == storage::kIdentityFile || name.starts_with(storage::kOptionsPrefix)) {
      const Status good = kept_only ? Ok() : storage::CheckSideFile(facts, name);
      if (!good.ok()) findings->Broken(where, good.error(), kMadeAgain);
      return;
    }
    if (std::ranges::find(used, name) != used.end() || name == "LOG" || name.starts_with("LOG.old.")) return;
    const bool named_like_one =
        name.ends_with(".sst") || name.ends_with(".log") || name.starts_with("MANIFEST-");
    findings->Note(where, named_like_one ? kNotInManifest : kUnknown);
  };
  TRINE_TRY(ForEachFile(*directory.root, "facts", check));
  TRINE_ASSIGN(const auto facts, storage::OpenExistingDirectory(directory.root->path() + "/facts"));
  TRINE_ASSIGN(const std::vector<std::string> folders, facts->ListFolders());
  for (const std::string& name : folders) findings->Note("facts/" + name, kUnknown);
  TRINE_ASSIGN(const std::vector<std::string> names, facts->List());
  const auto missing = [&](std::string_view prefix) {
    return std::ranges::none_of(names, [&](const std::string& name) { return name.starts_with(prefix); });
  };
  for (const char* file : {storage::kIdentityFile, storage::kOptionsPrefix}) {
    if (!kept_only && missing(file)) findings->Note(std::string("facts/") + file, kNotThere);
  }
  return Ok();
}

void CheckFacts(DataDirectory& directory, bool kept_only, Findings* findings) {
  const Status good = directory.facts->VerifyChecksums();
  if (!good.ok()) findings->Broken("", good.error(), kSalvage);
  // Findings from opening the store, reading its notes and its rows: they name the keys, the checksums above
  // the file.
  const storage::StoreHealth& health = directory.facts->health();
  for (const std::string& problem : health.problems())
    findings->Broken("facts", Error(ErrorCode::kCorrupt, problem), kSalvage);
  for (const std::string& remark : health.remarks()) findings->Note("facts", remark.c_str());
  const auto lost = catalogue::FindLostDefinitions(*directory.facts);
  if (!lost.ok()) findings->Broken("facts", lost.error(), kSalvage);
  for (const std::string& what : lost.ok() ? lost->sentences : std::vector<std::string>())
    findings->Broken("facts", Error(ErrorCode::kCorrupt, what), kSalvage);
  if (const Status listed = NoteForeignFacts(directory, kept_only, findings); !listed.ok())
    findings->Broken("facts", listed.error(), kRestore);
}

// Returns the models that resources name.
std::map<std::string, std::string> CheckNamedModels(DataDirectory& directory,
                                                    const analysis::Analyzers& analyzers,
                                                    Findings* findings) {
  const auto resources = recommend::ResourceStore::Open(*directory.facts, SystemClock(), NullLog());
  if (!resources.ok()) {
    findings->Broken("facts", resources.error(), kSalvage);
    return {};
  }
  const KeptFileSources sources{*directory.root, *directory.facts, **resources, analyzers};
  for (const LostFile& lost : FindLostFiles(sources))
    findings->Lost(lost.file, lost.why, lost.is_model ? kTrainAgain : kRestore);
  return NamedModels(**resources);
}

void CheckModels(DataDirectory& directory, const analysis::Analyzers& analyzers, bool kept_only,
                 Findings* findings) {
  const auto named = CheckNamedModels(directory, analyzers, findings);
  const Status listed =
      ForEachFile(*directory.root, "models", [&](storage::Directory& models, const std::string& name) {
        const std::string where = "models/" + name;
        if (IsUnused(where, name, findings) || name == formation::kPinnedEmbedderFile) return;
        const bool counters = name.starts_with("counters-");
        if (named.contains(where) || (counters && kept_only)) return;
        if (!counters && !name.starts_with("model-")) return findings->Note(where, kUnknown);
        const Status good = recommend::VerifyModelFile(models, name);
        if (good.ok()) return;
        if (counters)
          findings->Broken(where, good.error(), kRebuild);
        else
          findings->Lost(where, good.error(), kNoResource);
      });
  if (!listed.ok()) findings->Broken("models", listed.error(), kRestore);
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

// Notes the files of one index that its manifest does not list. IndexSet::Verify reads those that it lists.
Status CheckIndexFolder(storage::Directory& folder, const std::string& where, Findings* findings) {
  TRINE_ASSIGN(const std::vector<std::string> names, folder.List());
  std::set<std::string> listed;
  const auto bytes = folder.Open(index::kManifestName);
  const auto manifest = bytes.ok() ? index::DecodeManifest((*bytes)->bytes()) : bytes.error();
  if (manifest.ok()) {
    for (const index::ManifestSegment& segment : manifest->segments) {
      listed.insert(index::SegmentFileName(segment.number));
      if (segment.live_number != 0) listed.insert(index::LiveFileName(segment.number, segment.live_number));
    }
  } else if (manifest.error().kind() == ErrorKind::kNotFound && !names.empty()) {
    findings->Note(where, kNoManifest);  // IndexSet::Verify names one that is damaged
  }
  for (const std::string& name : names) {
    if (IsUnused(where + "/" + name, name, findings) || name == index::kManifestName) continue;
    const bool is_index_file = name.starts_with('_') && (name.ends_with(".seg") || name.ends_with(".live"));
    if (!is_index_file)
      findings->Note(where + "/" + name, kUnknown);
    else if (manifest.ok() && !listed.contains(name))
      findings->Note(where + "/" + name, kNotListed);
  }
  return Ok();
}

// The file that says how the terms of all indexes were made.
void CheckTermsMark(storage::Directory& indexes, Findings* findings) {
  const std::string where = std::string("index/") + kTermsFile;
  const auto bytes = indexes.Open(kTermsFile);
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::kNotFound)
    return findings->Note(where, "missing; the next start builds every index from the records");
  if (!bytes.ok()) return findings->Broken(where, bytes.error(), kRebuild);
  const auto mark = ReadTermsMark((*bytes)->bytes());
  if (!mark)
    return findings->Broken(where, Error(ErrorCode::kCorrupt, "this is not the mark of a version"), kRebuild);
  if (mark->version != analysis::kTermsVersion)
    findings->Note(where, "of another version; the next start builds every index from the records");
}

Status CheckIndexFolders(storage::Directory& indexes, Findings* findings) {
  TRINE_ASSIGN(const std::vector<std::string> names, indexes.List());
  for (const std::string& name : names) {
    const std::string where = "index/" + name;
    if (IsUnused(where, name, findings) || name == kTermsFile) continue;
    findings->Note(where, name == kVerifyAllMark
                              ? "a damaged index file was found; the next start verifies all of them"
                              : kUnknown);
  }
  CheckTermsMark(indexes, findings);
  TRINE_ASSIGN(const std::vector<std::string> folders, indexes.ListFolders());
  for (const std::string& name : folders) {
    const bool known =
        name.size() > 1 && name[0] == 'c' && name.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!known) {
      findings->Note("index/" + name, kUnknown);
      continue;
    }
    TRINE_ASSIGN(const auto folder, storage::OpenExistingDirectory(indexes.path() + "/" + name));
    TRINE_TRY(CheckIndexFolder(*folder, "index/" + name, findings));
  }
  return Ok();
}

void CheckIndexes(DataDirectory& directory, Findings* findings) {
  auto folder = storage::OpenExistingDirectory(directory.root->path() + "/index");
  if (!folder.ok()) {
    if (folder.error().kind() != ErrorKind::kNotFound) findings->Broken("index", folder.error(), kRebuild);
    return;
  }
  if (const Status listed = CheckIndexFolders(**folder, findings); !listed.ok())
    findings->Broken("index", listed.error(), kRebuild);
  index::IndexOptions options;
  options.background_merges = false;
  index::IndexSet indexes(std::move(folder).value(), options, SystemClock(), NullLog(), NullMetrics());
  if (const Status good = indexes.Verify(); !good.ok()) findings->Broken("", good.error(), kRebuild);
}

void CompareWithFacts(DataDirectory& directory, Findings* findings) {
  const auto ahead = FindFilesAheadOfFacts(directory);
  if (!ahead.ok()) return findings->Broken("facts", ahead.error(), kSalvage);
  for (const std::string& what : *ahead) {
    const std::string problem = storage::SentenceOf(storage::Finding::kMissing) + what;
    findings->Broken("facts", Error(ErrorCode::kCorrupt, problem), kOlderFacts);
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
  CheckFacts(directory, false, &findings);
  CheckModels(directory, *analyzers, false, &findings);
  CheckIndexes(directory, &findings);
  CompareWithFacts(directory, &findings);
  CheckVectors(directory, *analyzers, &findings);
  TRINE_TRY(NoteUnknownEntries(*directory.root, &findings));
  NoteForeignEntriesOfAll(*directory.root, &findings);
  return findings.Take();
}

Result<DirectoryReport> CheckKeptFiles(DataDirectory& directory, const std::string& korean_dictionary) {
  TRINE_ASSIGN(const auto analyzers, OpenAnalyzers(korean_dictionary));
  Findings findings;
  CheckFacts(directory, true, &findings);
  CheckModels(directory, *analyzers, true, &findings);
  return findings.Take();
}

Result<std::vector<std::string>> FindLostModels(DataDirectory& directory,
                                                const std::string& korean_dictionary) {
  TRINE_ASSIGN(const auto analyzers, OpenAnalyzers(korean_dictionary));
  Findings findings;
  CheckModels(directory, *analyzers, true, &findings);
  return findings.Take().lost;
}

Result<size_t> CountCollections(const DataDirectory& directory) {
  // A definition that cannot be read is only left out: the store is read-only, so it cannot be set aside.
  TRINE_ASSIGN(const auto catalogue, catalogue::OpenCatalogue(*directory.facts, SystemClock(), NullLog()));
  return catalogue->All().size();
}

}  // namespace trine::server
