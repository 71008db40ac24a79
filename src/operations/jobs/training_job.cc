// Training jobs: take a snapshot of the data, train on it in a child process, and copy the model to the
// directory of served models.
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/memory_budget.h"
#include "base/text.h"
#include "history/schema.h"
#include "operations/jobs/job_run.h"
#include "recommend/train/train.h"

namespace trine::operations {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::TrainingMetrics;
using recommend::TrainingSpec;

Result<recommend::Recipe> RecipeNamed(const std::string& name) {
  for (const recommend::RecipeInfo& info : recommend::Recipes()) {
    if (info.name == name) return info.recipe;
  }
  return Error(ErrorCode::kUnsupported, "there is no recipe \"" + name + "\"");
}

std::string TextOf(const Json* value) {
  return value != nullptr && value->is_string() ? value->string() : "";
}
std::optional<double> NumberOf(const Json* value) {
  return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

using Columns = std::vector<std::pair<std::string, std::string>>;

// Reads an object of column names by dataset as (dataset, column) pairs; null: none.
Columns ColumnPairs(const Json* by_dataset) {
  Columns pairs;
  if (by_dataset == nullptr || !by_dataset->is_object()) return pairs;
  for (const auto& [dataset, columns] : by_dataset->object()) {
    if (!columns.is_array()) continue;
    for (const Json& column : columns.array()) pairs.emplace_back(dataset, TextOf(&column));
  }
  return pairs;
}

// The columns that a solution or recommender excludes or includes.
void ReadColumns(const Resource& owner, TrainingSpec* spec) {
  spec->excluded_columns = ColumnPairs(owner.spec.Find("excluded_columns"));
  const Json* included = owner.spec.Find("included_columns");
  spec->included_columns = ColumnPairs(included);
  if (included == nullptr || !included->is_object()) return;
  for (const auto& [dataset, columns] : included->object()) spec->included_datasets.push_back(dataset);
}

// The training options of a solution.
Result<TrainingSpec> SpecOf(const Resource& solution) {
  TrainingSpec spec;
  TRINE_ASSIGN(spec.recipe, RecipeNamed(SpecText(solution, "recipe")));
  spec.event_type = SpecText(solution, "event_type");
  spec.event_value_threshold = NumberOf(solution.spec.Find("event_value_threshold"));
  const Json* given = solution.spec.Find("hyper_parameters");
  if (given != nullptr && given->is_object()) {
    for (const auto& [name, value] : given->object())
      spec.hyper_parameters.emplace_back(name, TextOf(&value));
  }
  const Json* weights = solution.spec.Find("event_weights");
  if (weights != nullptr && weights->is_array()) {
    for (const Json& weight : weights->array()) {
      spec.event_weights.push_back(
          {TextOf(weight.Find("type")), NumberOf(weight.Find("threshold")), NumberOf(weight.Find("weight"))});
    }
  }
  ReadColumns(solution, &spec);
  return spec;
}

// Adds the string columns that the group's schemas declare neither categorical nor textual: Personalize
// stores such columns and filters by them, but does not train on them. An inferred schema declares nothing.
void AddPlainColumns(const recommend::ResourceStore& resources, const std::string& group,
                     TrainingSpec* spec) {
  for (const auto type : {history::DatasetType::kItems, history::DatasetType::kUsers}) {
    const std::string word(history::Name(type));
    const auto dataset = resources.Get(ResourceKind::kDataset, group + "/" + ToUpperAscii(word));
    if (!dataset) continue;
    const Json* inferred = dataset->spec.Find("inferred");
    if (inferred != nullptr && inferred->is_bool() && inferred->boolean()) continue;
    const auto stored = resources.Get(ResourceKind::kSchema, SpecText(*dataset, "schema"));
    const auto schema = stored ? history::ParseSchema(SpecText(*stored, "text"))
                               : Result<history::Schema>(Error(ErrorCode::kNotFound, "no schema"));
    if (!schema.ok()) continue;
    for (const history::Column& column : schema->columns) {
      if (column.type == history::ColumnType::kString && !column.categorical && !column.textual)
        spec->plain_columns.emplace_back(word, column.name);
    }
  }
}

// Removes a folder and its content on construction and again on destruction.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) { Remove(); }
  ~ScratchFolder() { Remove(); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  void Remove() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string path_;
};

// Reserves memory for the training process. Waits while other work has it; fails if the training needs more
// than it may ever have, and then names the size.
Status ReserveTraining(const JobRun& run, size_t bytes, MemoryHold* hold) {
  constexpr auto kRetry = std::chrono::milliseconds(100);
  for (;;) {
    Status reserved = hold->Add(bytes);
    if (reserved.ok() || bytes > hold->most()) return reserved;
    if (run.stop.stop_requested()) return Error(ErrorCode::kStopped, "training was stopped");
    run.progress(0, "waiting for memory");
    std::this_thread::sleep_for(kRetry);
  }
}

// Trains a model and stores it in the models directory under the name `model`.
Result<TrainingMetrics> Train(const JobRun& run, const TrainingSpec& spec, const std::string& model) {
  const JobDependencies& deps = run.deps;
  const ScratchFolder folder(deps.scratch + "/training-" + model);
  run.progress(0, "taking a snapshot");
  TRINE_TRY(recommend::ExportSnapshot(folder.path(), run.resource.group, spec, deps.history, deps.catalogue,
                                      deps.records, deps.clock.Now(), deps.declared_roles));
  MemoryHold memory(deps.memory, MemoryUse::kTraining);
  TRINE_ASSIGN(const size_t memory_bytes, recommend::TrainingMemory(folder.path()));
  TRINE_TRY(ReserveTraining(run, memory_bytes, &memory));
  TRINE_ASSIGN(const TrainingMetrics metrics,
               recommend::RunTrainingChild(deps.program, {"train-child", folder.path()}, folder.path(),
                                           run.progress, run.stop));
  memory.Release();
  if (run.stop.stop_requested()) return Error(ErrorCode::kStopped, "training was stopped");
  TRINE_ASSIGN(const std::unique_ptr<storage::Directory> made, storage::OpenDirectory(folder.path()));
  TRINE_ASSIGN(const std::shared_ptr<const storage::FileBytes> bytes, made->Open("model.bin"));
  TRINE_TRY(storage::WriteFileAtomically(deps.models, "model-" + model, bytes->bytes()));
  return metrics;
}

Json MetricsJson(const TrainingMetrics& metrics) {
  Json json = Json::Object{};
  for (const auto& [name, value] : metrics.values) json.Set(name, Json(value));
  return json;
}

}  // namespace

Result<Json> RunTrainingJob(const JobRun& run) {
  TRINE_ASSIGN(const Resource solution, RequireResource(run.deps, ResourceKind::kSolution,
                                                        SpecText(run.resource, "solution"), "solution"));
  TRINE_ASSIGN(TrainingSpec spec, SpecOf(solution));
  AddPlainColumns(run.deps.resources, solution.parent, &spec);
  spec.update = SpecText(run.resource, "mode") == "update";
  const std::string model = AsFileName(run.resource.path);
  TRINE_ASSIGN(const TrainingMetrics metrics, Train(run, spec, model));
  constexpr double kSecondsPerHour = 3600;
  Json result = Json::Object{};
  result.Set("model", model);
  result.Set("metrics", MetricsJson(metrics));
  result.Set("training_seconds", Json(metrics.seconds));
  result.Set("training_hours", Json(metrics.seconds / kSecondsPerHour));
  result.Set("interactions", Json(metrics.interactions));
  result.Set("users", Json(metrics.users));
  result.Set("items", Json(metrics.items));
  return result;
}

// A recommender without enough training data becomes active too, and is served from its group's live
// counters.
Result<Json> RunRecommenderJob(const JobRun& run) {
  TrainingSpec spec;
  TRINE_ASSIGN(spec.recipe, RecipeNamed(SpecText(run.resource, "recipe")));
  ReadColumns(run.resource, &spec);
  AddPlainColumns(run.deps.resources, run.resource.parent, &spec);
  const std::string model = SpecText(run.resource, "next_model");
  Json result = Json::Object{};
  const Result<TrainingMetrics> metrics = Train(run, spec, model);
  if (!metrics.ok()) {
    if (metrics.error().code != ErrorCode::kTooLittleData) return metrics.error();
    return result;
  }
  result.Set("model", model);
  result.Set("metrics", MetricsJson(*metrics));
  return result;
}

}  // namespace trine::operations
