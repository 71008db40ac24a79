// Data deletion jobs: read the ids of people from the objects at a location, and erase these people.
//
// All objects are read before the first person is erased, so that a file that cannot be read erases nobody.
// Each batch of the erasure also adds its counts to the job's resource: a job that runs again after a crash
// finds the people of earlier batches erased and counted. The job ends after their bytes have left the files
// of the store.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/memory_budget.h"
#include "format/text.h"
#include "history/schema.h"
#include "operations/import/import.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/object_source.h"
#include "operations/jobs/reject_file.h"

namespace trine::operations {
namespace {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;

constexpr uint64_t kMaxBytes = 50'000'000;    // Personalize's quota for the files; bounds the memory
constexpr size_t kPeoplePerErasure = 10'000;  // between two looks at the stop token
constexpr double kErasingShare = 0.5;         // of the progress; the rest is removing the bytes
constexpr size_t kMemoryStep = 1u << 20;      // by which the reserved memory grows

// The ids of all objects, and the memory that is reserved for them.
struct ListedIds {
  explicit ListedIds(MemoryBudget* budget) : memory(budget, MemoryUse::kImports) {}
  Status Add(std::string id);
  std::vector<std::string> ids;
  uint64_t bytes = 0;  // of the ids, with a line end each
  MemoryHold memory;
};

Error TooManyIds(uint64_t bytes) {
  return Error(ErrorCode::kLimit, "the list of users to delete is too long")
      .Expected("at most " + std::to_string(kMaxBytes) + " bytes, decompressed; use several jobs for more")
      .Got(std::to_string(bytes) + " bytes");
}

Status ListedIds::Add(std::string id) {
  bytes += id.size() + 1;
  if (bytes > kMaxBytes) return TooManyIds(bytes);
  ids.push_back(std::move(id));
  const size_t used = ids.capacity() * sizeof(std::string) + bytes;
  return used > memory.bytes() ? memory.GrowTo(used + kMemoryStep) : Ok();
}

history::Schema IdsOnly() {
  history::Schema schema;
  schema.record_name = "Users";
  schema.columns.push_back({"USER_ID", history::ColumnType::kString});
  return schema;
}

// Adds the ids of one object. A row without a readable id fails: it may have been meant for a person who
// would then be kept.
Status ReadIds(const JobRun& run, const std::string& object, ListedIds* listed) {
  const history::Schema schema = IdsOnly();
  ImportOptions options;
  options.type = ImportOptions::Type::kUsers;
  options.schema = &schema;
  options.memory = run.deps.memory;
  ImportSinks sinks;
  sinks.row = [&](ImportedRow row) { return listed->Add(std::move(row.user.id)); };
  sinks.reject = [](uint64_t line, const std::string&, const Error& why) -> Status {
    return Error(ErrorCode::kInvalid, "line " + std::to_string(line) + ": " + why.ToString());
  };
  const Result<ImportCounts> read = Import(StreamObject(run.deps.objects, object, run.deps.clock, run.stop),
                                           object, options, sinks, run.stop);
  if (read.ok()) return Ok();
  Error error = read.error();
  error.message = ObjectName(object) + ": " + error.message;
  // A run after a crash may find another file than the first run.
  if (run.resource.spec.Find("people") == nullptr) error.message += "; nobody was deleted";
  return error;
}

// Fills `listed->ids` in order, without repetition.
Status ReadAllIds(const JobRun& run, ListedIds* listed) {
  const std::string location = SpecText(run.resource, "location");
  const Deadline deadline = Deadline::After(run.deps.clock, kObjectMillis, run.stop);
  TRINE_ASSIGN(const std::vector<storage::ObjectInfo> objects,
               FindObjects(run.deps.objects, location, deadline));
  for (const storage::ObjectInfo& object : objects) TRINE_TRY(ReadIds(run, object.location, listed));
  std::vector<std::string>& ids = listed->ids;
  if (ids.empty()) return Error(ErrorCode::kInvalid, "there are no user ids at " + location);
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return Ok();
}

// Writes a batch of the erasure together with the new counts of the job.
Status CountErased(const JobRun& run, const history::Erased& erased, storage::WriteBatch batch) {
  const auto add = [](Json* spec, const char* member, uint64_t more) {
    const Json* known = spec->Find(member);
    const int64_t before = known != nullptr && known->is_int() ? known->integer() : 0;
    spec->Set(member, before + static_cast<int64_t>(more));
  };
  const Result<Resource> counted = run.deps.resources.Update(
      ResourceKind::kDataDeletionJob, run.resource.path,
      [&](Resource& job) {
        add(&job.spec, "people", erased.people);
        add(&job.spec, "events", erased.events);
        add(&job.spec, "users", erased.users);
        return Ok();
      },
      std::move(batch));
  return counted.ok() ? Ok() : Status(counted.error());
}

// Removes what is left of erased people in files.
Status RemoveBytes(const JobRun& run, const std::vector<std::string>& ids) {
  run.progress(kErasingShare, "removing the deleted rows from the files of the store");
  Status removed = RemoveRejectsOf(run.deps.scratch, ids);
  if (removed.ok()) removed = run.deps.history.Purge(run.resource.group, run.stop);
  if (removed.ok()) return Ok();
  Error error = removed.error();
  error.message = "the listed users were deleted, but their rows are still in files: " + error.message;
  return error;
}

}  // namespace

Result<Json> RunDeletionJob(const JobRun& run) {
  ListedIds listed(run.deps.memory);
  TRINE_TRY(ReadAllIds(run, &listed));
  const std::vector<std::string>& ids = listed.ids;
  TRINE_CHECK(run.resource.group.value != 0);
  for (size_t at = 0; at < ids.size(); at += kPeoplePerErasure) {
    if (run.stop.stop_requested()) return Error(ErrorCode::kStopped, "the deletion was stopped");
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kPeoplePerErasure, ids.size() - at));
    const auto commit = [&](const history::Erased& erased, storage::WriteBatch batch) {
      return CountErased(run, erased, std::move(batch));
    };
    TRINE_TRY(run.deps.history.EraseUsers(run.resource.group, {begin, end}, commit));
    run.progress(kErasingShare * static_cast<double>(end - ids.begin()) / static_cast<double>(ids.size()),
                 "deleted " + std::to_string(end - ids.begin()) + " of " + std::to_string(ids.size()) +
                     " listed users");
  }
  TRINE_TRY(RemoveBytes(run, ids));
  Json result = Json::Object{};
  result.Set("listed", Json(static_cast<uint64_t>(ids.size())));
  return result;
}

}  // namespace trine::operations
