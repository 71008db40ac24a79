// Batch inference jobs: one recommendation for each line of the input objects.
#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/memory_budget.h"
#include "base/text.h"
#include "format/line_reader.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/object_source.h"

namespace trine::operations {
namespace {

using format::Json;
using recommend::Recommendation;
using recommend::Resource;
using recommend::ResourceKind;

// The definition of a batch inference job, read from its resources.
struct BatchTask {
  recommend::ServingConfig serving;
  recommend::RecipeKind kind = recommend::RecipeKind::kUser;
  std::optional<recommend::Filter> filter;
  size_t count = 25;
};

Result<BatchTask> ReadTask(const JobRun& run) {
  const JobDependencies& deps = run.deps;
  TRINE_ASSIGN(const Resource version,
               RequireResource(deps, ResourceKind::kSolutionVersion,
                               SpecText(run.resource, "solution_version"), "solution version"));
  TRINE_ASSIGN(const Resource solution,
               RequireResource(deps, ResourceKind::kSolution, SpecText(version, "solution"), "solution"));
  BatchTask task;
  task.serving.group = version.group;
  task.serving.model = SpecText(version, "model");
  const std::string recipe = SpecText(solution, "recipe");
  for (const recommend::RecipeInfo& info : recommend::Recipes()) {
    if (info.name != recipe) continue;
    task.serving.recipe = info.recipe;
    task.kind = info.kind;
  }
  const Json* count = run.resource.spec.Find("count");
  if (count != nullptr && count->is_int()) {
    task.count = static_cast<size_t>(std::clamp<int64_t>(count->integer(), 1, limits::kMaxResults));
  }
  const auto number = [&](const char* name, double otherwise) {
    const Json* value = run.resource.spec.Find(name);
    return value != nullptr && value->is_number() ? value->number() : otherwise;
  };
  task.serving.exploration_weight = number("exploration_weight", 0);
  task.serving.exploration_max_age_days = number("exploration_item_age_cut_off", 30);
  const Json* quota = run.resource.spec.Find("filtered_events_per_type");
  if (quota != nullptr && quota->is_int() && quota->integer() > 0)
    task.serving.filtered_events_per_type = static_cast<size_t>(quota->integer());
  if (const std::string filter = SpecText(run.resource, "filter"); !filter.empty()) {
    TRINE_ASSIGN(const Resource resource, RequireResource(deps, ResourceKind::kFilter, filter, "filter"));
    if (!deps.batch.filter)
      return Error(ErrorCode::kUnsupported, "this server does not support filters in batch jobs");
    TRINE_ASSIGN(task.filter, deps.batch.filter(resource));
  }
  return task;
}

Result<Recommendation> Answer(const JobRun& run, const BatchTask& task, BatchQuery query) {
  const recommend::Filter* filter = task.filter ? &*task.filter : nullptr;
  const Deadline deadline = Deadline::After(run.deps.clock, limits::kDefaultDeadlineMillis, run.stop);
  if (task.kind == recommend::RecipeKind::kRanking) {
    if (query.items.empty())
      return Error(ErrorCode::kMissingItemIds, "the line has no list of items to rank");
    recommend::RankRequest request;
    request.explain = false;
    request.serving = task.serving;
    request.user_id = std::move(query.user_id);
    request.items = std::move(query.items);
    request.filter = filter;
    request.filter_values = std::move(query.filter_values);
    return run.deps.recommender.Rank(request, deadline);
  }
  recommend::RecommendRequest request;
  request.explain = false;
  request.serving = task.serving;
  request.user_id = std::move(query.user_id);
  request.item_id = std::move(query.item_id);
  request.count = task.count;
  request.filter = filter;
  request.filter_values = std::move(query.filter_values);
  return run.deps.recommender.Recommend(request, deadline);
}

Result<Recommendation> AnswerLine(const JobRun& run, const BatchTask& task, std::string_view line) {
  TRINE_ASSIGN(BatchQuery query, run.deps.batch.read(line));
  return Answer(run, task, std::move(query));
}

constexpr size_t kMaxLine = 1u << 20;  // bytes; far longer than any valid query

struct LineCounts {
  uint64_t lines = 0, failed = 0;
};

Status AnswerObject(const JobRun& run, const BatchTask& task, const std::string& location,
                    LineCounts* counts) {
  format::LineReader lines(StreamObject(run.deps.objects, location, run.deps.clock, run.stop), kMaxLine);
  std::string output;  // an object is stored in one piece
  MemoryHold memory(run.deps.memory, MemoryUse::kImports);
  for (std::string line;;) {
    const Result<bool> more = lines.Next(&line);
    if (!more.ok() && !lines.too_long()) return more.error();
    if (more.ok() && !*more) break;
    if (run.stop.stop_requested()) return Error(ErrorCode::kStopped, "the job was stopped");
    if (more.ok() && IsBlank(line, " \t")) continue;
    const Result<Recommendation> answer =
        more.ok() ? AnswerLine(run, task, line)
                  : Result<Recommendation>(Error(more.error()).Where("line " + std::to_string(lines.line())));
    if (!answer.ok() && IsServerFailure(answer.error().kind())) return answer.error();
    if (!answer.ok()) ++counts->failed;
    output += run.deps.batch.write(line, answer);
    output += '\n';
    if (output.capacity() > memory.bytes()) TRINE_TRY(memory.GrowTo(output.capacity()));
    if (++counts->lines % 1000 == 0) run.progress(0.5, std::to_string(counts->lines) + " lines answered");
  }
  const std::string folder = AsFolder(SpecText(run.resource, "output_location"));
  const Deadline deadline = Deadline::After(run.deps.clock, kObjectMillis, run.stop);
  return run.deps.objects.Put(folder + ObjectName(location) + run.deps.batch.output_suffix, output, deadline);
}

}  // namespace

Result<Json> RunBatchJob(const JobRun& run) {
  if (!run.deps.batch.read || !run.deps.batch.write) {
    return Error(ErrorCode::kUnsupported, "this server does not support batch inference");
  }
  TRINE_ASSIGN(const BatchTask task, ReadTask(run));
  const Deadline deadline = Deadline::After(run.deps.clock, kObjectMillis, run.stop);
  TRINE_ASSIGN(const std::vector<storage::ObjectInfo> inputs,
               FindObjects(run.deps.objects, SpecText(run.resource, "input_location"), deadline));
  LineCounts counts;
  for (const storage::ObjectInfo& input : inputs) {
    TRINE_TRY(AnswerObject(run, task, input.location, &counts));
  }
  Json result = Json::Object{};
  result.Set("lines", Json(counts.lines));
  result.Set("failed", Json(counts.failed));
  return result;
}

}  // namespace trine::operations
