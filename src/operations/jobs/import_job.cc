// Import jobs: read the objects at a location into a dataset, as events, users or items.
#include <fstream>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "format/text.h"
#include "history/schema.h"
#include "operations/import/import.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/object_source.h"

namespace trine::operations {
namespace {

using format::Json;
using history::DatasetType;
using recommend::ResourceKind;

// The CSV file of rejected rows and their reasons, in the scratch folder. Created for the first rejected row.
class RejectFile {
 public:
  explicit RejectFile(std::string path) : path_(std::move(path)) {}
  void Add(const std::string& object, uint64_t line, const std::string& raw, const Error& why) {
    if (first_.empty()) first_ = ObjectName(object) + " line " + std::to_string(line) + ": " + why.ToString();
    if (!file_.is_open()) {
      file_.open(path_, std::ios::binary | std::ios::trunc);
      Write({"object", "line", "reason", "row"});
    }
    if (written_++ < kMaxKept) Write({object, std::to_string(line), why.ToString(), raw});
  }
  bool any() const { return !first_.empty(); }
  const std::string& first() const { return first_; }
  const std::string& path() const { return path_; }

 private:
  static constexpr uint64_t kMaxKept =
      100'000;  // rows; limits the size of the reject file if every row of an import is invalid
  void Write(const std::vector<std::string>& row) {
    std::string text;
    format::AppendCsvRow(row, &text);
    file_ << text;
  }
  const std::string path_;
  std::string first_;
  std::ofstream file_;
  uint64_t written_ = 0;
};

// The destination of one import's rows. Add receives each row, Finish publishes all of them, and Abandon
// removes the added rows where that is possible.
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;
  virtual Status Add(ImportedRow row) = 0;
  virtual Status Finish() = 0;
  virtual void Abandon() {}
  uint64_t late_rejects = 0;  // rows that Add accepted but that could not be stored
};

class HistoryTarget final : public ImportTarget {
 public:
  HistoryTarget(history::History& history, GroupId group, bool users, bool replace, uint32_t import)
      : history_(history), group_(group), users_(users), replace_(replace), import_(import) {}
  Status Add(ImportedRow row) override {
    if (users_) {
      people_.push_back(std::move(row.user));
    } else {
      events_.push_back(std::move(row.event));
    }
    return events_.size() + people_.size() < kChunk ? Ok() : Send();
  }
  Status Finish() override {
    TRINE_TRY(Send());
    using Kind = history::ImportKind;
    return history_.PublishImport(group_, import_, users_ ? Kind::kUsers : Kind::kEvents, replace_);
  }
  void Abandon() override { static_cast<void>(history_.AbandonImport(group_, import_).ok()); }

 private:
  static constexpr size_t kChunk = 5000;
  Status Send() {
    if (!events_.empty()) TRINE_TRY(history_.AppendImported(group_, import_, std::exchange(events_, {})));
    if (!people_.empty()) TRINE_TRY(history_.PutImportedUsers(group_, import_, std::exchange(people_, {})));
    return Ok();
  }
  history::History& history_;
  const GroupId group_;
  const bool users_, replace_;
  const uint32_t import_;
  std::vector<history::Event> events_;
  std::vector<history::User> people_;
};

class ItemTarget final : public ImportTarget {
 public:
  ItemTarget(const JobDependencies& deps, GroupId group, bool full,
             std::function<void(uint64_t, const Error&)> reject)
      : deps_(deps), group_(group), full_(full), reject_(std::move(reject)) {}
  Status Add(ImportedRow row) override {
    if (full_) seen_.insert(row.id);
    lines_.push_back(row.line);
    items_.push_back({std::move(row.id), std::move(row.attributes)});
    TRINE_DCHECK_EQ(items_.size(), lines_.size());
    return items_.size() < kChunk ? Ok() : Send();
  }
  Status Finish() override {
    TRINE_TRY(Send());
    return full_ ? RemoveOthers() : Ok();
  }

 private:
  static constexpr size_t kChunk = 1000;

  // If a chunk fails, stores its items one by one to find the rows at fault.
  Status Send() {
    const std::vector<ItemWrite> items = std::exchange(items_, {});
    const std::vector<uint64_t> lines = std::exchange(lines_, {});
    if (items.empty()) return Ok();
    Status all = deps_.writer.PutItems(group_, items, true, {});
    if (all.ok()) return all;
    if (all.error().kind() != ErrorKind::kInvalid && all.error().kind() != ErrorKind::kConflict) return all;
    for (size_t i = 0; i < items.size(); ++i) {
      Status one = deps_.writer.PutItems(group_, {items[i]}, true, {});
      if (one.ok()) continue;
      if (one.error().kind() != ErrorKind::kInvalid && one.error().kind() != ErrorKind::kConflict) return one;
      ++late_rejects;
      reject_(lines[i], one.error());
    }
    return Ok();
  }

  // Deletes the items that earlier imports added and that this full import does not contain. Keeps items that
  // were put individually, and items that were written since the scan.
  // An import never deletes documents of a visible collection.
  Status RemoveOthers() {
    const std::optional<catalogue::Binding> binding = deps_.catalogue.BindingOf(group_);
    const catalogue::CollectionPtr collection = binding ? deps_.catalogue.Get(binding->collection) : nullptr;
    if (collection == nullptr || !collection->hidden) return Ok();
    std::vector<WriteOp> deletes;
    TRINE_TRY(deps_.records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
      if (record.put_individually || seen_.contains(record.id)) return true;
      WriteOp op;
      op.kind = WriteOp::Kind::kDelete;
      op.collection = collection->name;
      op.id = record.id;
      op.if_seq_no = record.seq_no.value;
      op.if_primary_term = record.primary_term;
      deletes.push_back(std::move(op));
      return true;
    }));
    for (const WriteOutcome& outcome : deps_.writer.Write(std::move(deletes), RefreshPolicy::kNo, {})) {
      if (outcome.error && outcome.error->code != ErrorCode::kVersionConflict) return *outcome.error;
    }
    return Ok();
  }

  const JobDependencies& deps_;
  const GroupId group_;
  const bool full_;
  const std::function<void(uint64_t, const Error&)> reject_;
  std::vector<ItemWrite> items_;
  std::vector<uint64_t> lines_;
  std::unordered_set<std::string> seen_;
};

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

ImportOptions OptionsOf(const ImportTask& task) {
  ImportOptions options;
  options.schema = &task.schema;
  options.type = task.type == DatasetType::kItems   ? ImportOptions::Type::kItems
                 : task.type == DatasetType::kUsers ? ImportOptions::Type::kUsers
                                                    : ImportOptions::Type::kInteractions;
  return options;
}

Result<ImportCounts> ImportObjects(const JobRun& run, const ImportTask& task, RejectFile* rejects,
                                   std::string* current, ImportTarget* target) {
  const Deadline deadline = Deadline::After(run.deps.clock, kObjectMillis, run.stop);
  TRINE_ASSIGN(const std::vector<storage::ObjectInfo> objects,
               FindObjects(run.deps.objects, task.location, deadline));
  uint64_t bytes_in_all = 1;
  for (const storage::ObjectInfo& object : objects) bytes_in_all += object.bytes;
  ImportCounts counts;
  for (const storage::ObjectInfo& object : objects) {
    *current = object.location;
    ImportSinks sinks;
    sinks.row = [&](ImportedRow row) { return target->Add(std::move(row)); };
    sinks.reject = [&](uint64_t line, const std::string& raw, const Error& why) {
      rejects->Add(object.location, line, raw, why);
    };
    sinks.progress = [&](const ImportCounts& now) {
      run.progress(static_cast<double>(counts.bytes + now.bytes) / static_cast<double>(bytes_in_all),
                   "importing " + ObjectName(object.location) + ", " +
                       std::to_string(counts.rows + now.rows) + " rows");
    };
    Result<ImportCounts> one =
        Import(StreamObject(run.deps.objects, object.location, run.deps.clock, run.stop), object.location,
               OptionsOf(task), sinks, run.stop);
    if (!one.ok()) {
      Error error = std::move(one).error();
      error.message = ObjectName(object.location) + ": " + error.message;
      return error;
    }
    counts.rows += one->rows;
    counts.kept += one->kept;
    counts.rejected += one->rejected;
    if (counts.unread == 0 && one->unread > 0)
      counts.first_unread = ObjectName(object.location) + " " + one->first_unread;
    counts.unread += one->unread;
    counts.bytes += one->bytes;
  }
  return counts;
}

}  // namespace

Result<Json> RunImportJob(const JobRun& run) {
  TRINE_ASSIGN(const ImportTask task, ReadTask(run));
  RejectFile rejects(run.deps.scratch + "/" + AsFileName(run.resource.path) + ".rejects.csv");
  std::string current;
  std::unique_ptr<ImportTarget> target;
  if (task.type == DatasetType::kItems) {
    target = std::make_unique<ItemTarget>(
        run.deps, task.group, task.full,
        [&](uint64_t line, const Error& why) { rejects.Add(current, line, "", why); });
  } else {
    TRINE_ASSIGN(const uint32_t import, run.deps.history.BeginImport(task.group));
    target = std::make_unique<HistoryTarget>(run.deps.history, task.group, task.type == DatasetType::kUsers,
                                             task.full, import);
  }
  Result<ImportCounts> counts = ImportObjects(run, task, &rejects, &current, target.get());
  if (counts.ok() && counts->kept == 0) {
    std::string why = counts->rows == 0 ? "there are no rows to import at " + task.location
                                        : "all " + std::to_string(counts->rows) +
                                              " rows were rejected; the first: " + rejects.first();
    counts = Error(ErrorCode::kInvalid, std::move(why));
  }
  Status finished = counts.ok() ? target->Finish() : Status(counts.error());
  if (!finished.ok()) {
    target->Abandon();
    return std::move(finished).error();
  }
  const uint64_t rejected = counts->rejected + target->late_rejects;
  TRINE_CHECK_LE(target->late_rejects, counts->kept);
  Json result = Json::Object{};
  result.Set("rows", Json(counts->kept - target->late_rejects));
  result.Set("rejected", Json(rejected));
  std::string remark;
  if (rejects.any()) {
    remark = format::WithCommas(std::to_string(rejected)) + " of " +
             format::WithCommas(std::to_string(counts->rows)) +
             " rows were rejected; first: " + rejects.first();
    result.Set("reject_location", rejects.path());
  }
  if (counts->unread > 0) {
    remark += (remark.empty() ? "" : "; ") + format::WithCommas(std::to_string(counts->unread)) +
              (counts->unread == 1 ? " unreadable value was skipped: "
                                   : " unreadable values were skipped; first: ") +
              counts->first_unread;
  }
  if (!remark.empty()) {
    run.deps.log.Warning("import \"" + run.resource.path + "\": " + remark +
                         (rejects.any() ? "; rejected rows are in " + rejects.path() : ""));
    result.Set("remark", remark);
  }
  return result;
}

}  // namespace trine::operations
