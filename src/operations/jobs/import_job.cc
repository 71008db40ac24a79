// Import jobs: read the objects at a location into a dataset, as events, users or items.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "format/text.h"
#include "history/schema.h"
#include "operations/import/import.h"
#include "operations/jobs/import_target.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/object_source.h"
#include "operations/jobs/reject_file.h"

namespace trine::operations {
namespace {

using format::Json;
using history::DatasetType;
using recommend::ResourceKind;

// The definition of an import job, read from its resources.
struct ImportTask {
  DatasetType type = DatasetType::kInteractions;
  history::Schema schema;
  GroupId group;
  std::string location;
  bool full = true;
};

Result<ImportTask> ReadTask(const JobRun& run) {
  ImportTask task;
  TRINE_ASSIGN(
      const recommend::Resource dataset,
      RequireResource(run.deps, ResourceKind::kDataset, SpecText(run.resource, "dataset"), "dataset"));
  TRINE_ASSIGN(const recommend::Resource schema,
               RequireResource(run.deps, ResourceKind::kSchema, SpecText(dataset, "schema"), "schema"));
  TRINE_ASSIGN(task.schema, history::ParseSchema(SpecText(schema, "text")));
  const std::string type = SpecText(dataset, "type");
  if (type == Name(DatasetType::kItems)) task.type = DatasetType::kItems;
  if (type == Name(DatasetType::kUsers)) task.type = DatasetType::kUsers;
  task.group = dataset.group;
  task.location = SpecText(run.resource, "location");
  task.full = SpecText(run.resource, "mode") != "incremental";
  return task;
}

ImportOptions OptionsOf(const ImportTask& task, MemoryBudget* memory) {
  ImportOptions options;
  options.memory = memory;
  options.schema = &task.schema;
  options.type = task.type == DatasetType::kItems   ? ImportOptions::Type::kItems
                 : task.type == DatasetType::kUsers ? ImportOptions::Type::kUsers
                                                    : ImportOptions::Type::kInteractions;
  return options;
}

std::string Counted(uint64_t count, const char* one, const char* many) {
  return format::WithCommas(std::to_string(count)) + (count == 1 ? one : many);
}

// The counts of all objects of an import.
struct JobCounts {
  ImportCounts sum;
  std::vector<std::string> encodings;  // without repetition

  void Add(const std::string& object, const ImportCounts& one) {
    const std::string name = ObjectName(object) + " ";
    sum.rows += one.rows;
    sum.kept += one.kept;
    sum.rejected += one.rejected;
    if (sum.unread == 0 && one.unread > 0) sum.first_unread = name + one.first_unread;
    sum.unread += one.unread;
    if (sum.broken == 0 && one.broken > 0) sum.first_broken = name + one.first_broken;
    sum.broken += one.broken;
    sum.bytes += one.bytes;
    if (std::find(encodings.begin(), encodings.end(), one.notes.encoding) == encodings.end())
      encodings.push_back(one.notes.encoding);
  }
  std::string Encodings() const {
    std::string names;
    for (const std::string& name : encodings) names += (names.empty() ? "" : ", ") + name;
    return names;
  }
};

void LogObject(const JobRun& run, const std::string& object, const ImportCounts& counts) {
  std::string line = "import \"" + run.resource.path + "\": " + ObjectName(object) + ": " +
                     Counted(counts.rows, " row", " rows") + ", encoding " + counts.notes.encoding;
  if (counts.notes.skipped_lines > 0)
    line += ", " + Counted(counts.notes.skipped_lines, " line", " lines") + " before the header skipped";
  if (counts.notes.repeated_headers > 0)
    line +=
        ", " + Counted(counts.notes.repeated_headers, " repeated header", " repeated headers") + " skipped";
  run.deps.log.Info(line);
}

Result<JobCounts> ImportObjects(const JobRun& run, const ImportTask& task, RejectFile* rejects,
                                ImportTarget* target) {
  const Deadline deadline = Deadline::After(run.deps.clock, kObjectMillis, run.stop);
  TRINE_ASSIGN(const std::vector<storage::ObjectInfo> objects,
               FindObjects(run.deps.objects, task.location, deadline));
  uint64_t bytes_in_all = 1;
  for (const storage::ObjectInfo& object : objects) bytes_in_all += object.bytes;
  JobCounts counts;
  for (const storage::ObjectInfo& object : objects) {
    ImportSinks sinks;
    sinks.row = [&](ImportedRow row) { return target->Add(object.location, std::move(row)); };
    sinks.reject = [&](uint64_t line, const std::string& raw, const Error& why) {
      return rejects->Add(object.location, line, raw, why);
    };
    sinks.progress = [&](const ImportCounts& now) {
      run.progress(static_cast<double>(counts.sum.bytes + now.bytes) / static_cast<double>(bytes_in_all),
                   "importing " + ObjectName(object.location) + ", " +
                       std::to_string(counts.sum.rows + now.rows) + " rows");
    };
    Result<ImportCounts> one =
        Import(StreamObject(run.deps.objects, object.location, run.deps.clock, run.stop), object.location,
               OptionsOf(task, run.deps.memory), sinks, run.stop);
    if (!one.ok()) {
      Error error = std::move(one).error();
      error.message = ObjectName(object.location) + ": " + error.message;
      return error;
    }
    counts.Add(object.location, *one);
    LogObject(run, object.location, *one);
  }
  if (counts.sum.kept > 0) return counts;
  return Error(ErrorCode::kInvalid, counts.sum.rows == 0
                                        ? "there are no rows to import at " + task.location
                                        : "all " + std::to_string(counts.sum.rows) +
                                              " rows were rejected; the first: " + rejects->first());
}

// A note to the client about an import that succeeded: rejected rows, lost values, and an encoding that was
// concluded from the bytes and may be wrong. Empty if nothing.
std::string Remark(const JobCounts& job, const RejectFile& rejects) {
  const ImportCounts& counts = job.sum;
  std::string remark;
  const auto add = [&](const std::string& text) { remark += (remark.empty() ? "" : "; ") + text; };
  if (rejects.rows() > 0)
    add(format::WithCommas(std::to_string(rejects.rows())) + " of " +
        format::WithCommas(std::to_string(counts.rows)) + " rows were rejected; first: " + rejects.first() +
        "; rejected rows are in " + rejects.path());
  if (counts.unread > 0)
    add(Counted(counts.unread,
                " unreadable value was skipped: ", " unreadable values were skipped; first: ") +
        counts.first_unread);
  if (counts.broken > 0)
    add(Counted(counts.broken, " row contains", " rows contain") +
        " bytes that cannot be decoded and were replaced; first: " + counts.first_broken);
  if (const std::string encodings = job.Encodings(); encodings != FileNotes().encoding)
    add("the encoding of the files is taken to be " + encodings);
  return remark;
}

Json ResultOf(const JobRun& run, const JobCounts& counts, const RejectFile& rejects) {
  Json result = Json::Object{};
  result.Set("rows", Json(counts.sum.kept));
  result.Set("rejected", Json(rejects.rows()));
  result.Set("encoding", counts.Encodings());
  if (rejects.rows() > 0) result.Set("reject_location", rejects.path());
  if (const std::string remark = Remark(counts, rejects); !remark.empty()) {
    run.deps.log.Warning("import \"" + run.resource.path + "\": " + remark);
    result.Set("remark", remark);
  }
  return result;
}

Result<Json> ImportAndPublish(const JobRun& run, RejectFile* rejects) {
  TRINE_ASSIGN(const ImportTask task, ReadTask(run));
  TRINE_ASSIGN(
      const std::unique_ptr<ImportTarget> target,
      NewImportTarget(run.deps, {task.group, task.type, task.full, AsFileName(run.resource.path)}, rejects));
  TRINE_ASSIGN(JobCounts counts, ImportObjects(run, task, rejects, target.get()));
  Json result;
  const auto complete = [&](storage::WriteBatch with) -> Status {
    TRINE_CHECK_LE(target->late_rejects(), counts.sum.kept);
    counts.sum.kept -= target->late_rejects();
    TRINE_TRY(rejects->Finish());
    result = ResultOf(run, counts, *rejects);
    return run.complete(result, std::move(with));
  };
  TRINE_TRY(target->Finish(complete));
  return result;
}

}  // namespace

Result<Json> RunImportJob(const JobRun& run) {
  RejectFile rejects(run.deps.scratch, AsFileName(run.resource.path));
  Result<Json> result = ImportAndPublish(run, &rejects);
  if (result.ok()) return result;
  Error error = std::move(result).error();
  if (rejects.Finish().ok() && rejects.rows() > 0)
    error.message += "; rejected rows are in " + rejects.path();
  return error;
}

}  // namespace trine::operations
