// Export jobs: write the events, users or items of a dataset to CSV objects under a location.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/memory_budget.h"
#include "catalogue/item_attribute.h"
#include "format/csv.h"
#include "format/text.h"
#include "history/schema.h"
#include "operations/import/imported_row.h"
#include "operations/jobs/job_run.h"
#include "operations/jobs/object_source.h"
#include "operations/mapping/field_values.h"
#include "operations/write/item_view.h"

namespace trine::operations {
namespace {

using format::Json;
using history::Event;
using history::Schema;
using recommend::ResourceKind;

// Collects rows into CSV objects, each small enough to be uploaded in one piece.
class CsvObjectWriter {
 public:
  CsvObjectWriter(const JobRun& run, std::vector<std::string> header, std::string folder, std::string name)
      : run_(run),
        folder_(std::move(folder)),
        name_(std::move(name)),
        object_bytes_(
            std::min(kObjectBytes, MemoryHold(run.deps.memory, MemoryUse::kImports).most() / kObjectShare)),
        header_(std::move(header)) {
    format::AppendCsvRow(header_, &text_);
  }
  const std::vector<std::string>& header() const { return header_; }
  uint64_t rows() const { return rows_; }
  Status Add(const std::vector<std::string>& row) {
    format::AppendCsvRow(row, &text_);
    TRINE_DCHECK_EQ(row.size(), header_.size());
    ++rows_;
    if (rows_ % kCheckRows == 0 && run_.stop.stop_requested()) {
      return Error(ErrorCode::kStopped, "the export was stopped");
    }
    return text_.size() < object_bytes_ ? Ok() : Send();
  }
  // Uploads the last object, which contains only the header if there were no rows.
  Status Finish() { return rows_sent_ < rows_ || objects_ == 0 ? Send() : Ok(); }

 private:
  static constexpr size_t kObjectBytes = 64u << 20;
  static constexpr size_t kObjectShare = 8;  // of the memory for imports: the text grows in large steps
  static constexpr uint64_t kCheckRows = 1000;
  Status Send() {
    std::string number = std::to_string(objects_++);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
    const Deadline deadline = Deadline::After(run_.deps.clock, kObjectMillis, run_.stop);
    TRINE_TRY(run_.deps.objects.Put(folder_ + name_ + "-" + number + ".csv", text_, deadline));
    rows_sent_ = rows_;
    run_.progress(0.5, "exported " + std::to_string(rows_) + " rows");
    text_.clear();
    format::AppendCsvRow(header_, &text_);
    return Ok();
  }
  const JobRun& run_;
  const std::string folder_, name_;
  const size_t object_bytes_;
  std::vector<std::string> header_;
  std::string text_;
  uint64_t rows_ = 0, rows_sent_ = 0, objects_ = 0;
};

std::string Joined(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : "|") + value;
  return joined;
}

std::string EventCell(const Event& event, const std::string& column) {
  if (catalogue::SameAttribute(column, "USER_ID")) return event.user_id;
  if (catalogue::SameAttribute(column, "ITEM_ID")) return event.item_id;
  if (catalogue::SameAttribute(column, "SESSION_ID")) return event.session_id;
  if (catalogue::SameAttribute(column, "EVENT_TYPE")) return event.type;
  if (catalogue::SameAttribute(column, "EVENT_ID")) return event.event_id;
  if (column == kUnverifiedColumn) return event.unverified ? "true" : "false";
  if (catalogue::SameAttribute(column, "RECOMMENDATION_ID")) return event.recommendation_id;
  if (catalogue::SameAttribute(column, "IMPRESSION")) return Joined(event.impression);
  if (catalogue::SameAttribute(column, "EVENT_VALUE"))
    return event.value ? format::ShortestDouble(*event.value) : "";
  if (catalogue::SameAttribute(column, "TIMESTAMP")) {
    const Millis sent = event.claimed_time.value_or(event.time);
    return std::to_string(static_cast<int64_t>(std::floor(static_cast<double>(sent.value) / 1000)));
  }
  for (const auto& [name, value] : event.attributes) {
    if (catalogue::SameAttribute(name, column)) return value;
  }
  return "";
}

std::string CellText(const Json* value) {
  if (value == nullptr) return "";
  if (!value->is_array()) return ScalarText(*value).value_or("");
  std::vector<std::string> texts;
  for (const Json& element : value->array()) texts.push_back(ScalarText(element).value_or(""));
  return Joined(texts);
}

bool Wanted(const std::string& mode, uint32_t import) {
  return mode == "all" || mode.empty() || (mode == "put") == (import == 0);
}

// Adds the columns that an import needs to store the same events, although the schema does not have them:
// the session of anonymous events, and the mark of unverified events. Exports without such events have the
// columns of the schema only, as those of Personalize.
Status AddEventColumns(const JobRun& run, GroupId group, const std::string& mode,
                       std::vector<std::string>* header) {
  bool anonymous = false, unverified = false;
  TRINE_TRY(run.deps.history.Scan(group, EventSeq{0}, [&](const Event& event) -> Result<bool> {
    if (run.stop.stop_requested()) return Error(ErrorCode::kStopped, "the export was stopped");
    if (!Wanted(mode, event.import)) return true;
    anonymous = anonymous || event.user_id.empty();
    unverified = unverified || event.unverified;
    return !(anonymous && unverified);
  }));
  const bool has_session = std::ranges::any_of(
      *header, [](const std::string& column) { return catalogue::SameAttribute(column, "SESSION_ID"); });
  if (anonymous && !has_session) header->emplace_back("SESSION_ID");
  if (unverified) header->emplace_back(kUnverifiedColumn);
  return Ok();
}

Status ExportEvents(const JobRun& run, GroupId group, const std::string& mode, CsvObjectWriter* out) {
  return run.deps.history.Scan(group, EventSeq{0}, [&](const Event& event) -> Result<bool> {
    if (!Wanted(mode, event.import)) return true;
    std::vector<std::string> row;
    for (const std::string& column : out->header()) row.push_back(EventCell(event, column));
    TRINE_TRY(out->Add(row));
    return true;
  });
}

Status ExportUsers(const JobRun& run, GroupId group, const std::string& mode, CsvObjectWriter* out) {
  return run.deps.history.ScanUsers(group, [&](const history::User& user) -> Result<bool> {
    if (!Wanted(mode, user.import)) return true;
    std::vector<std::string> row;
    for (const std::string& column : out->header()) {
      row.push_back(catalogue::SameAttribute(column, "USER_ID") ? user.id
                                                                : CellText(user.attributes.Find(column)));
    }
    TRINE_TRY(out->Add(row));
    return true;
  });
}

// Exports all items in every mode, because item records do not carry an import number.
Status ExportItems(const JobRun& run, GroupId group, CsvObjectWriter* out) {
  const std::optional<catalogue::Binding> binding = run.deps.catalogue.BindingOf(group);
  const catalogue::CollectionPtr collection = binding ? run.deps.catalogue.Get(binding->collection) : nullptr;
  if (collection == nullptr) return Ok();
  const catalogue::AttributeReader reader(*binding);
  Json scratch;
  return run.deps.records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
    const Result<Json> source = format::ParseJson(record.source);
    if (!source.ok()) return true;
    std::vector<std::string> row;
    for (const std::string& column : out->header()) {
      row.push_back(catalogue::SameAttribute(column, "ITEM_ID")
                        ? reader.ItemId(*source, record.id)
                        : CellText(ReadAttribute(reader, &collection->mapping, *source, column, &scratch)));
    }
    TRINE_TRY(out->Add(row));
    return true;
  });
}

}  // namespace

Result<Json> RunExportJob(const JobRun& run) {
  TRINE_ASSIGN(
      const recommend::Resource dataset,
      RequireResource(run.deps, ResourceKind::kDataset, SpecText(run.resource, "dataset"), "dataset"));
  TRINE_ASSIGN(const recommend::Resource schema_resource,
               RequireResource(run.deps, ResourceKind::kSchema, SpecText(dataset, "schema"), "schema"));
  TRINE_ASSIGN(const Schema schema, history::ParseSchema(SpecText(schema_resource, "text")));
  const std::string type = SpecText(dataset, "type"), mode = SpecText(run.resource, "mode");
  std::vector<std::string> header;
  for (const history::Column& column : schema.columns) header.push_back(column.name);
  if (type == Name(history::DatasetType::kInteractions))
    TRINE_TRY(AddEventColumns(run, dataset.group, mode, &header));
  CsvObjectWriter out(run, std::move(header), AsFolder(SpecText(run.resource, "location")), type);
  Status exported = type == Name(history::DatasetType::kItems) ? ExportItems(run, dataset.group, &out)
                    : type == Name(history::DatasetType::kUsers)
                        ? ExportUsers(run, dataset.group, mode, &out)
                        : ExportEvents(run, dataset.group, mode, &out);
  TRINE_TRY(exported);
  TRINE_TRY(out.Finish());
  Json result = Json::Object{};
  result.Set("rows", Json(out.rows()));
  return result;
}

}  // namespace trine::operations
