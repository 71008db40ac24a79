#include "api/native/job_json.h"

#include <array>
#include <string>
#include <utility>

#include "base/check.h"

namespace trine::api::native {
namespace {

using format::Json;
using recommend::ResourceKind;
using recommend::ResourceState;

std::string_view StateName(ResourceState state) {
  switch (state) {
    case ResourceState::kPending:
      return "pending";
    case ResourceState::kInProgress:
      return "in_progress";
    case ResourceState::kActive:
      return "completed";
    case ResourceState::kFailed:
      return "failed";
    case ResourceState::kStopping:
      return "stopping";
    case ResourceState::kStopped:
    case ResourceState::kInactive:
      return "stopped";
  }
  FailCheck(__FILE__, __LINE__, "a state outside its enumeration");
}

Json Seconds(Millis time) { return Json(static_cast<double>(time.value) / 1000.0); }

}  // namespace

std::optional<ResourceKind> JobKindOf(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, ResourceKind>, 4> kTypes = {
      {{"dataset-import-job", ResourceKind::kImportJob},
       {"dataset-export-job", ResourceKind::kExportJob},
       {"batch-inference-job", ResourceKind::kBatchInferenceJob},
       {"data-deletion-job", ResourceKind::kDataDeletionJob}}};
  for (const auto& [word, kind] : kTypes) {
    if (word == type) return kind;
  }
  return std::nullopt;
}

Json JobJson(std::string_view type, const recommend::Resource& job, std::string_view dataset_group,
             const std::optional<operations::Jobs::Progress>& progress) {
  Json out = Json::Object{};
  out.Set("type", type);
  out.Set("name", job.name);
  out.Set("dataset_group", dataset_group);
  out.Set("state", StateName(job.state));
  out.Set("created", Seconds(job.created));
  out.Set("updated", Seconds(job.updated));
  if (!job.failure_reason.empty()) out.Set("reason", job.failure_reason);
  if (progress) out.Set("progress", Json::Object{{"done", progress->done}, {"doing", progress->what}});
  // The results that docs/formats/resources.md lists for jobs.
  for (const char* member : {"rows", "rejected", "encoding", "reject_location", "lines", "failed", "listed",
                             "people", "events", "users"}) {
    if (const Json* value = job.spec.Find(member); value != nullptr) out.Set(member, *value);
  }
  return out;
}

}  // namespace trine::api::native
