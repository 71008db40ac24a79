#include "server/engines.h"

#include <filesystem>
#include <thread>

#include "api/personalize/batch_lines.h"
#include "language/grounded_model.h"
#include "operations/jobs/reject_file.h"
#include "operations/write/orphans.h"
#include "remote/s3/s3_object_store.h"
#include "server/aws_settings.h"
#include "server/data_directory.h"
#include "server/index_check.h"
#include "server/language_provider.h"
#include "server/terms_mark.h"

namespace trine::server {
namespace {

constexpr size_t kJobThreads = 2;
constexpr size_t kJobQueue = 1000;

// Removes indexes and item vectors that were built from other terms than this program's analyzers make
// (analysis::kTermsVersion, or without the Korean dictionary that there is now); they are then rebuilt from
// the records. The file kTermsFile in the index folder says how they were built. It is written last, so that
// an interrupted removal is repeated. Indexes that were built with a dictionary are kept without one: see
// DictionaryIsLost.
Status DropIndexesOfOtherTerms(storage::Directory& indexes, storage::Directory& derived, bool has_dictionary,
                               Log& log) {
  const auto bytes = indexes.Open(kTermsFile);
  const bool unknown = !bytes.ok() && (bytes.error().kind() == ErrorKind::kNotFound ||
                                       bytes.error().kind() == ErrorKind::kCorrupt);
  if (!bytes.ok() && !unknown) return bytes.error();
  const std::optional<TermsMark> mark = bytes.ok() ? ReadTermsMark((*bytes)->bytes()) : std::nullopt;
  TRINE_ASSIGN(const auto folders, indexes.ListFolders());
  if (mark && mark->version == analysis::kTermsVersion) {
    const bool had_dictionary = mark->korean_dictionary.value_or(has_dictionary);  // 0.1.0 does not say
    const bool stale = !mark->korean_dictionary || (had_dictionary != has_dictionary && folders.empty());
    if (stale) return storage::WriteFileAtomically(indexes, kTermsFile, TermsMarkText(has_dictionary));
    if (had_dictionary || !has_dictionary) return Ok();
  }
  if (!folders.empty()) {
    log.Info(
        "the text analysis of this version, or with a Korean dictionary, makes other terms: rebuilding " +
        std::to_string(folders.size()) + " indexes from the records");
  }
  for (const std::string& folder : folders) TRINE_TRY(indexes.RemoveFolder(folder));
  TRINE_ASSIGN(const auto files, derived.List());
  for (const std::string& file : files) {
    if (file.starts_with("vectors-")) TRINE_TRY(derived.Remove(file));
  }
  TRINE_TRY(derived.Sync());
  return storage::WriteFileAtomically(indexes, kTermsFile, TermsMarkText(has_dictionary));
}

// Removes what jobs left behind in the scratch folder when the former process ended: rows of imports and
// snapshots of trainings, which contain histories of people. Rejected rows are kept for the operator.
void RemoveLeftovers(const std::string& scratch, Log& log) {
  std::error_code failed;
  std::vector<std::filesystem::path> leftovers;
  for (std::filesystem::directory_iterator at(scratch, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->path().filename().string().ends_with(operations::kRejectFileEnding))
      leftovers.push_back(at->path());
  }
  for (const std::filesystem::path& path : leftovers) {
    std::filesystem::remove_all(path, failed);
    if (failed) log.Warning("cannot remove " + path.string() + ": " + failed.message());
  }
}

}  // namespace

std::string FindKoreanDictionary(const std::string& given, const std::string& program) {
  if (!given.empty()) return given;
  const std::filesystem::path folder = std::filesystem::path(program).parent_path();
  for (const char* place : {"../share/trine/mecab-ko-dic", "../deps/mecab-ko-dic", "mecab-ko-dic"}) {
    std::error_code ignored;
    const auto path = folder / place;
    if (std::filesystem::exists(path / "sys.dic", ignored))
      return std::filesystem::weakly_canonical(path, ignored).string();
  }
  return "";
}

size_t ThreadsOf(const EngineOptions& options) {
  return options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

Result<std::unique_ptr<Engines>> Engines::Open(const EngineOptions& options, const Clock& clock, Log& log,
                                               Metrics& metrics, const Progress& progress) {
  const auto report = [&](const char* what) {
    if (progress) progress(0, what);
  };
  auto engines = std::unique_ptr<Engines>(new Engines());
  engines->options = options;
  engines->options.threads = ThreadsOf(options);
  engines->clock = &clock;
  report("opening the store");
  TRINE_TRY(engines->OpenStorage(log));
  report("opening the indexes");
  TRINE_TRY(engines->OpenSearchWing(log, metrics, progress));
  report("opening the histories");
  TRINE_TRY(engines->OpenRecommendWing(log, metrics));
  TRINE_TRY(engines->OpenFormation(log, metrics));
  return engines;
}

Status Engines::OpenStorage(Log& log) {
  storage::KeyValueOptions kv;
  kv.log = &log;
  kv.serve_reads = true;
  if (options.memory_limit > 0) {
    kv.block_cache_bytes = options.memory_limit / 8;
    kv.write_buffer_bytes = options.memory_limit / 16;
  }
  if (!options.create) TRINE_TRY(RequireDataDirectory(options.data_dir));
  TRINE_ASSIGN(DataDirectory opened, OpenDataDirectory(options.data_dir, kv, options.open_facts));
  root = std::move(opened.root);
  facts = std::move(opened.facts);
  std::vector<std::string> folders = {root->path()};
  for (const char* folder : {"facts", "index", "models", "derived", "scratch"})
    folders.push_back(root->path() + "/" + folder);
  space = std::make_unique<storage::SpaceGuard>(std::move(folders), options.space, facts->health(), log,
                                                options.measure_space);
  space->Check();
  // The other folders are made after the store has opened: if it cannot be opened, nothing changes.
  TRINE_ASSIGN(models, root->Folder("models"));
  TRINE_ASSIGN(derived, root->Folder("derived"));
  return Ok();
}

Status Engines::OpenSearchWing(Log& log, Metrics& metrics, const Progress& progress) {
  TRINE_CHECK(facts != nullptr);
  analysis::AnalyzersOptions analysis_options;
  analysis_options.korean_dictionary_dir =
      FindKoreanDictionary(options.korean_dictionary_dir, options.program);
  analysis_options.word_file_dir = options.word_file_dir;
  TRINE_ASSIGN(analyzers, analysis::NewAnalyzers(analysis_options));
  TRINE_ASSIGN(catalogue, catalogue::OpenCatalogue(*facts, *clock, log));
  TRINE_ASSIGN(records, catalogue::OpenRecordStore(*facts, log));
  declared_roles = std::make_unique<catalogue::DeclaredRoles>(*facts);
  TRINE_ASSIGN(auto index_folder, root->Folder("index"));
  const bool has_dictionary = analyzers->has_korean_dictionary();
  if (const Status dropped = DropIndexesOfOtherTerms(*index_folder, *derived, has_dictionary, log);
      !dropped.ok()) {
    // A full or read-only disk still serves reads.
    log.Error("cannot remove the indexes of another version, which stay in use until the next start: " +
              dropped.error().ToString());
  }
  if (const auto lost = DictionaryIsLost(*index_folder, has_dictionary)) {
    log.Warning(*lost);
    tasks.Reports("Korean dictionary", *lost);
  }
  index::IndexOptions index_options;
  if (options.memory_limit > 0) index_options.buffer_bytes = options.memory_limit / 16;
  TRINE_ASSIGN(const auto verify_mark, root->Folder("index"));
  const bool verify_all = verify_mark->Open(kVerifyAllMark).ok();
  if (verify_all) index_options.verify_bytes = SIZE_MAX;
  indexes = std::make_unique<index::IndexSet>(std::move(index_folder), index_options, *clock, log, metrics);
  operations::WriterOptions writer_options;
  writer_options.threads = options.threads;
  writer_options.progress = progress;
  writer_options.memory = options.memory;
  writer_options.tasks = &tasks;
  TRINE_ASSIGN(writer, operations::NewWriter(*catalogue, *records, *indexes, *analyzers, writer_options,
                                             *clock, log, metrics));
  // Every index was opened, and those that are damaged were emptied.
  if (verify_all) {
    if (const Status removed = verify_mark->Remove(kVerifyAllMark); !removed.ok())
      log.Warning("every index file is verified again at the next start: " + removed.error().ToString());
  }
  searcher = std::make_unique<search::Searcher>(*analyzers);
  return Ok();
}

Status Engines::OpenRecommendWing(Log& log, Metrics& metrics) {
  TRINE_CHECK(writer != nullptr);
  TRINE_ASSIGN(history, history::History::Open(*facts, log));
  TRINE_ASSIGN(resources, recommend::ResourceStore::Open(*facts, *clock, log));
  // A resource that cannot be read is not a deleted one: its items must not be dropped.
  if (facts->health().findings() == 0)
    operations::DropOrphanedCollections(*catalogue, *resources, *writer, log);
  TRINE_ASSIGN(auto model_folder, root->Folder("models"));
  TRINE_ASSIGN(recommender, recommend::NewRecommender(std::move(model_folder), *history, *catalogue, *records,
                                                      *clock, log, metrics, declared_roles.get(), &tasks));
  http = net::NewHttpClient();
  objects = std::make_unique<storage::ObjectStores>();
  objects->Add("file", storage::NewFileObjectStore(options.import_dirs));
  objects->Add("s3", remote::s3::NewS3ObjectStore(AwsSettings(), *http, *clock));
  runner = NewThreadJobRunner(kJobThreads, kJobQueue);
  knowledge_runner = NewThreadJobRunner(1, kJobQueue);
  const std::string scratch = options.data_dir + "/scratch";
  if (const auto made = root->Folder("scratch"); !made.ok())
    log.Error("cannot create the folder " + scratch + ", so jobs will fail: " + made.error().ToString());
  RemoveLeftovers(scratch, log);
  jobs = operations::NewJobs(
      operations::JobDependencies{*resources, *history, *catalogue, *records, *writer, *recommender, *objects,
                                  *models, *runner, *clock, log, options.program, scratch,
                                  api::personalize::NewBatchCodec(), declared_roles.get(), options.memory});
  return Ok();
}

Status Engines::OpenFormation(Log& log, Metrics& metrics) {
  TRINE_CHECK(searcher != nullptr);
  TRINE_CHECK(recommender != nullptr);
  TRINE_ASSIGN(pipelines, formation::PipelineStore::Open(*facts, log));
  search = std::make_unique<formation::SearchService>(formation::SearchDependencies{
      *searcher, *indexes, *records, *pipelines, *resources, *recommender, *clock, metrics, options.memory});
  formation::AskOptions ask_options;
  const bool outside = options.language.configured();
  if (outside) {
    TRINE_ASSIGN(model, OpenLanguageProvider(options.language, *http, *clock, log, metrics));
    TRINE_ASSIGN(ask_options.model, AskModelOptions(options.language));
  } else {
    model = language::NewBuiltinModel(*analyzers);
  }
  grounded_model = language::NewGroundedModel(*model);
  ask = std::make_unique<formation::AskService>(
      formation::AskDependencies{*analyzers, *catalogue, *records, *indexes, *searcher, *history, *resources,
                                 *recommender, *models, *derived, *knowledge_runner, *clock, log, metrics,
                                 *declared_roles, facts.get(), options.memory,
                                 outside ? model.get() : nullptr},
      ask_options);
  return Ok();
}

Status Engines::Close() {
  if (closed_) return Ok();
  closed_ = true;
  knowledge_runner.reset();
  runner.reset();  // stops and joins running jobs, which use the engines below
  ask.reset();
  jobs.reset();
  Status result = Ok();
  if (recommender) result = recommender->Checkpoint();
  if (indexes) {
    if (Status flushed = indexes->FlushAll(); !flushed.ok()) result = flushed;
  }
  // Acknowledged facts are durable without this, but it saves the next start from replaying the log.
  if (facts) {
    if (Status flushed = facts->Flush(); !flushed.ok()) result = flushed;
  }
  return result;
}

Engines::~Engines() { static_cast<void>(Close()); }

}  // namespace trine::server
