// Import, export and batch inference jobs.
#include <algorithm>

#include "api/personalize/filter_parser.h"
#include "api/personalize/handlers.h"
#include "api/personalize/recipe_names.h"
#include "base/limits.h"
#include "base/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

std::string PathIn(const Json* part, std::string_view inner) {
  const Json* data = part == nullptr ? nullptr : FindMember(*part, inner);
  return data == nullptr ? std::string() : TextOf(*data, "path");
}

Json TextOrNull(const Json& spec, std::string_view member) {
  const std::string text = TextOf(spec, member);
  return text.empty() ? Json() : Json(text);
}

// Makes the resource of a pending job. `parent` is the job's dataset, dataset group or solution version.
Resource NewJob(const Call& call, ResourceKind kind, const Resource& parent) {
  TRINE_CHECK_EQ(parent.kind, KindOf(kind).parent.value_or(kind));
  Resource job = NewResource(call, kind, TextOf(call.input, "jobName"), &parent);
  job.state = ResourceState::kPending;
  job.spec.Set("job_name", job.name);
  if (const std::string role = TextOf(call.input, "roleArn"); !role.empty()) job.spec.Set("role", role);
  return job;
}

// Stores a job's resource and starts the job. If the job cannot start, the request still succeeds, and the
// job's resource is FAILED with the reason.
Result<Json> CreateAndStart(const Call& call, Resource job,
                            Status (operations::Jobs::*start)(const std::string& path)) {
  const std::string path = job.path;
  TRINE_ASSIGN(Json answer, Create(call, std::move(job)));
  const Status started = (call.deps.jobs.*start)(path);
  if (!started.ok()) call.deps.log.Warning("a job cannot be started: " + started.error().ToString());
  return answer;
}

}  // namespace

Result<Json> CreateDatasetImportJob(const Call& call) {
  TRINE_ASSIGN(const Resource dataset, FindActive(call, ResourceKind::kDataset, "datasetArn"));
  const std::string location = TextOf(RequiredMember(call.input, "dataSource"), "dataLocation");
  if (location.empty()) return Invalid("The data source has no dataLocation");
  Resource job = NewJob(call, ResourceKind::kImportJob, dataset);
  const std::string mode = TextOf(call.input, "importMode");
  job.spec.Set("dataset", dataset.path);
  job.spec.Set("location", location);
  job.spec.Set("mode", mode.empty() ? "full" : ToLowerAscii(mode));
  return CreateAndStart(call, std::move(job), &operations::Jobs::StartImport);
}

Json::Object DescribeImportJob(const Call& call, const Resource& job) {
  Json source = Json::Object{};
  source.Set("dataLocation", TextOf(job.spec, "location"));
  return {{"datasetArn", ArnOf(call, ResourceKind::kDataset, TextOf(job.spec, "dataset"))},
          {"dataSource", std::move(source)},
          {"roleArn", TextOrNull(job.spec, "role")},
          {"importMode", ToUpperAscii(TextOf(job.spec, "mode"))}};
}

Result<Json> CreateDatasetExportJob(const Call& call) {
  TRINE_ASSIGN(const Resource dataset, FindActive(call, ResourceKind::kDataset, "datasetArn"));
  Resource job = NewJob(call, ResourceKind::kExportJob, dataset);
  const std::string mode = TextOf(call.input, "ingestionMode");
  job.spec.Set("dataset", dataset.path);
  job.spec.Set("location", PathIn(call.input.Find("jobOutput"), "s3DataDestination"));
  job.spec.Set("mode", mode.empty() ? "put" : ToLowerAscii(mode));
  return CreateAndStart(call, std::move(job), &operations::Jobs::StartExport);
}

Json::Object DescribeExportJob(const Call& call, const Resource& job) {
  Json output = Json::Object{};
  output.Set("s3DataDestination", Json::Object{{"path", TextOf(job.spec, "location")}});
  return {{"datasetArn", ArnOf(call, ResourceKind::kDataset, TextOf(job.spec, "dataset"))},
          {"ingestionMode", ToUpperAscii(TextOf(job.spec, "mode"))},
          {"roleArn", TextOrNull(job.spec, "role")},
          {"jobOutput", std::move(output)}};
}

Result<Json> CreateBatchInferenceJob(const Call& call) {
  if (TextOf(call.input, "batchInferenceJobMode") == "THEME_GENERATION" ||
      FindMember(call.input, "themeGenerationConfig") != nullptr) {
    return Error(ErrorCode::kUnsupported, "Batch inference with THEME_GENERATION is not supported yet");
  }
  if (const Json* config = FindMember(call.input, "batchInferenceJobConfig");
      config != nullptr && FindMember(*config, "rankingInfluence") != nullptr) {
    return Error(ErrorCode::kUnsupported, "rankingInfluence is not supported yet");
  }
  TRINE_ASSIGN(const Resource version,
               FindActive(call, ResourceKind::kSolutionVersion, "solutionVersionArn"));
  Resource job = NewJob(call, ResourceKind::kBatchInferenceJob, version);
  const auto recipe = RecipeNamed(TextOf(version.spec, "recipe"));
  if (!recipe) return Invalid("The solution version's recipe is no longer supported");
  TRINE_TRY(ReadExploration(FindMember(call.input, "batchInferenceJobConfig"), *recipe, &job.spec));
  job.spec.Set("solution_version", version.path);
  job.spec.Set("input_location", PathIn(call.input.Find("jobInput"), "s3DataSource"));
  job.spec.Set("output_location", PathIn(call.input.Find("jobOutput"), "s3DataDestination"));
  if (const std::string filter = TextOf(call.input, "filterArn"); !filter.empty()) {
    TRINE_ASSIGN(const Resource found, FindArn(call, ResourceKind::kFilter, filter));
    if (found.group != version.group)
      return Invalid("The filter belongs to another dataset group: " + filter);
    if (const auto parsed = ParseFilter(TextOf(found.spec, "expression")); parsed.ok())
      TRINE_TRY(CheckCurrentItem(*parsed, recommend::Info(*recipe).kind));
    job.spec.Set("filter", found.path);
  }
  if (const auto count = IntegerOf(call.input, "numResults")) {
    if (*count > static_cast<int64_t>(limits::kMaxResults))
      return Invalid("numResults must be at most " + std::to_string(limits::kMaxResults));
    job.spec.Set("count", *count);
  }
  if (call.deps.strict_limits)
    job.spec.Set("filtered_events_per_type", static_cast<int64_t>(limits::kUserHistoryForFilters));
  Json config = Json::Object{};
  for (const char* name : {"jobInput", "jobOutput", "batchInferenceJobConfig"}) {
    if (const Json* part = FindMember(call.input, name)) config.Set(name, *part);
  }
  job.spec.Set("config", std::move(config));
  return CreateAndStart(call, std::move(job), &operations::Jobs::StartBatchInference);
}

Json::Object DescribeBatchJob(const Call& call, const Resource& job) {
  const std::string filter = TextOf(job.spec, "filter");
  Json::Object members = {
      {"solutionVersionArn",
       ArnOf(call, ResourceKind::kSolutionVersion, TextOf(job.spec, "solution_version"))},
      {"filterArn", filter.empty() ? Json() : Json(ArnOf(call, ResourceKind::kFilter, filter))},
      {"batchInferenceJobMode", "BATCH_INFERENCE"},
      {"roleArn", TextOrNull(job.spec, "role")}};
  if (const auto count = IntegerOf(job.spec, "count")) members.emplace_back("numResults", *count);
  if (const Json* config = FindMember(job.spec, "config")) {
    for (const auto& [name, value] : config->object()) members.emplace_back(name, value);
  }
  return members;
}

Result<Json> CreateDataDeletionJob(const Call& call) {
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  const std::string location = TextOf(RequiredMember(call.input, "dataSource"), "dataLocation");
  if (location.empty()) return Invalid("The data source has no dataLocation");
  Resource job = NewJob(call, ResourceKind::kDataDeletionJob, group);
  job.spec.Set("location", location);
  return CreateAndStart(call, std::move(job), &operations::Jobs::StartDataDeletion);
}

Json::Object DescribeDeletionJob(const Call& call, const Resource& job) {
  Json source = Json::Object{};
  source.Set("dataLocation", TextOf(job.spec, "location"));
  Json::Object members = {{"datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, job.parent)},
                          {"dataSource", std::move(source)},
                          {"roleArn", TextOrNull(job.spec, "role")}};
  if (job.state == recommend::ResourceState::kActive) {
    const int64_t records =
        IntegerOf(job.spec, "events").value_or(0) + IntegerOf(job.spec, "users").value_or(0);
    members.emplace_back("numDeleted", records);
  }
  return members;
}

}  // namespace trine::api::personalize
