// Dataset groups, schemas and datasets.
#include <algorithm>

#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"
#include "base/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using history::DatasetType;
using recommend::Resource;
using recommend::ResourceKind;

constexpr DatasetType kTypes[] = {DatasetType::kInteractions, DatasetType::kItems, DatasetType::kUsers};

std::optional<DatasetType> TypeNamed(std::string_view name) {
  for (const DatasetType type : kTypes) {
    if (EqualsIgnoreCase(name, history::Name(type))) return type;
  }
  return std::nullopt;
}

bool IsActionType(std::string_view name) {
  return EqualsIgnoreCase(name, "Actions") || EqualsIgnoreCase(name, "Action_Interactions");
}

// Determines a schema's dataset type from the record's name or, if it names no type, from the id columns.
std::optional<DatasetType> TypeOf(const history::Schema& schema) {
  if (const auto named = TypeNamed(schema.record_name)) return named;
  const bool user = schema.Find("USER_ID") != nullptr, item = schema.Find("ITEM_ID") != nullptr;
  if (user && item) return DatasetType::kInteractions;
  if (item) return DatasetType::kItems;
  if (user) return DatasetType::kUsers;
  return std::nullopt;
}

// Returns the request's domain in Trine's spelling; empty if absent. kUnsupported for domains that are
// not supported.
Result<std::string> DomainOf(const Call& call) {
  const std::string domain = TextOf(call.input, "domain");
  if (domain.empty()) return std::string();
  if (domain == "ECOMMERCE") return std::string("ecommerce");
  return Error(ErrorCode::kUnsupported, "The domain " + domain + " is not supported yet");
}

Json DomainJson(const Resource& resource) {
  return TextOf(resource.spec, "domain") == "ecommerce" ? Json("ECOMMERCE") : Json();
}

Status CheckFits(const history::Schema& schema, DatasetType type, bool ecommerce) {
  const std::string problem =
      "Input schema is not valid for " + ToUpperAscii(history::Name(type)) + " dataset type: ";
  if (TypeNamed(schema.record_name).value_or(type) != type)
    return Invalid(problem + "its name is " + schema.record_name);
  Status fits = history::CheckSchema(schema, type, ecommerce);
  if (fits.ok()) return fits;
  return Invalid(problem + fits.error().ToString());
}

// Returns the request's schema. kInvalid if the schema does not fit a dataset of this type in the group.
Result<Resource> FindFittingSchema(const Call& call, const Resource& group, DatasetType type) {
  TRINE_ASSIGN(Resource schema, FindArn(call, ResourceKind::kSchema, TextOf(call.input, "schemaArn")));
  const std::string domain = TextOf(group.spec, "domain"), of_schema = TextOf(schema.spec, "domain");
  if (!of_schema.empty() && domain.empty())
    return Invalid("A domain schema cannot be used in a dataset group without that domain.");
  const Result<history::Schema> parsed = history::ParseSchema(TextOf(schema.spec, "text"));
  if (!parsed.ok()) {
    return Error(ErrorCode::kCorrupt, "cannot read the stored schema")
        .Where(schema.path)
        .Cause(parsed.error());
  }
  TRINE_TRY(CheckFits(*parsed, type, domain == "ecommerce"));
  return schema;
}

}  // namespace

Result<Json> CreateDatasetGroup(const Call& call) {
  TRINE_ASSIGN(const std::string domain, DomainOf(call));
  Resource group = NewResource(call, ResourceKind::kDatasetGroup, TextOf(call.input, "name"), nullptr);
  if (!domain.empty()) group.spec.Set("domain", domain);
  if (const std::string role = TextOf(call.input, "roleArn"); !role.empty()) group.spec.Set("role", role);
  TRINE_ASSIGN(Json answer, Create(call, std::move(group)));
  if (!domain.empty()) answer.Set("domain", TextOf(call.input, "domain"));
  return answer;
}

Json::Object DescribeDatasetGroup(const Call&, const Resource& group) {
  const std::string role = TextOf(group.spec, "role");
  return {{"roleArn", role.empty() ? Json() : Json(role)}, {"domain", DomainJson(group)}};
}

Status CheckNoChildren(const Call& call, ResourceKind kind, const Resource& parent) {
  const std::vector<Resource> left = call.deps.resources.List(kind, parent.path);
  if (left.empty()) return Ok();
  return Error(ErrorCode::kInUse, "Resource Arn " + ArnOf(call, parent) +
                                      " cannot be deleted: it still has " + std::string(KindOf(kind).member) +
                                      " " + ArnOf(call, left.front()));
}

namespace {

// kInUse, for a delete of `owner`, while the job can still run.
Status CheckEnded(const Call& call, const Resource& owner, const Resource& job) {
  using recommend::ResourceState;
  if (job.state == ResourceState::kActive || job.state == ResourceState::kFailed) return Ok();
  return Error(ErrorCode::kInUse, "Resource Arn " + ArnOf(call, owner) +
                                      " cannot be deleted: " + ArnOf(call, job) + " is running");
}

}  // namespace

Status RemoveDatasetGroup(const Call& call, const Resource& group) {
  TRINE_CHECK_EQ(group.kind, ResourceKind::kDatasetGroup);
  for (const ResourceKind kind : {ResourceKind::kSolution, ResourceKind::kRecommender, ResourceKind::kFilter,
                                  ResourceKind::kEventTracker, ResourceKind::kDataset}) {
    TRINE_TRY(CheckNoChildren(call, kind, group));
  }
  // Jobs that deleted people cannot be deleted by themselves.
  const auto deletions = call.deps.resources.List(ResourceKind::kDataDeletionJob, group.path);
  for (const Resource& job : deletions) TRINE_TRY(CheckEnded(call, group, job));
  for (const Resource& job : deletions)
    TRINE_TRY(call.deps.resources.Delete(ResourceKind::kDataDeletionJob, job.path));
  const std::optional<catalogue::Binding> binding = call.deps.catalogue.BindingOf(group.group);
  if (binding) {
    const catalogue::CollectionPtr items = call.deps.catalogue.Get(binding->collection);
    // A hidden collection contains only this group's items and is dropped with its binding. Any other
    // collection is a user's index and is kept.
    if (items != nullptr && items->hidden) {
      TRINE_TRY(call.deps.writer.DropCollection(items->name));
    } else {
      TRINE_TRY(call.deps.catalogue.DropBinding(binding->collection));
    }
  }
  TRINE_TRY(call.deps.history.EraseGroup(group.group));
  return call.deps.recommender.DropGroup(group.group);
}

Result<Json> CreateSchema(const Call& call) {
  TRINE_ASSIGN(const std::string domain, DomainOf(call));
  const std::string text = TextOf(call.input, "schema");
  Result<history::Schema> schema = history::ParseSchema(text);
  if (!schema.ok()) return Invalid("The schema is not valid: " + schema.error().ToString());
  const std::optional<DatasetType> type = TypeOf(*schema);
  if (IsActionType(schema->record_name)) {
    return Error(ErrorCode::kUnsupported, "Schemas of " + schema->record_name + " are not supported yet");
  }
  if (!type) {
    return Invalid("The schema is not valid: it has neither USER_ID nor ITEM_ID").Got(schema->record_name);
  }
  TRINE_TRY(CheckFits(*schema, *type, !domain.empty()));
  Resource resource = NewResource(call, ResourceKind::kSchema, TextOf(call.input, "name"), nullptr);
  resource.spec.Set("text", text);
  if (!domain.empty()) resource.spec.Set("domain", domain);
  return Create(call, std::move(resource));
}

Json::Object DescribeSchema(const Call&, const Resource& schema) {
  return {{"schema", TextOf(schema.spec, "text")}, {"domain", DomainJson(schema)}};
}

Status RemoveSchema(const Call& call, const Resource& schema) {
  TRINE_CHECK_EQ(schema.kind, ResourceKind::kSchema);
  for (const Resource& dataset : call.deps.resources.List(ResourceKind::kDataset)) {
    if (TextOf(dataset.spec, "schema") != schema.path) continue;
    return Error(ErrorCode::kInUse, "Resource Arn " + ArnOf(call, schema) + " cannot be deleted: dataset " +
                                        ArnOf(call, dataset) + " uses it");
  }
  return Ok();
}

Result<Json> CreateDataset(const Call& call) {
  const std::string given = TextOf(call.input, "datasetType");
  const std::optional<DatasetType> type = TypeNamed(given);
  if (!type && IsActionType(given)) {
    return Error(ErrorCode::kUnsupported, "Datasets of type " + given + " are not supported yet");
  }
  if (!type)
    return Invalid("The dataset type " + given + " is not valid").Expected("Interactions, Items or Users");
  TRINE_ASSIGN(const Resource group, FindActive(call, ResourceKind::kDatasetGroup, "datasetGroupArn"));
  TRINE_ASSIGN(const Resource schema, FindFittingSchema(call, group, *type));
  Resource dataset = NewResource(call, ResourceKind::kDataset,
                                 group.path + "/" + ToUpperAscii(history::Name(*type)), &group);
  dataset.spec.Set("type", history::Name(*type));
  dataset.spec.Set("schema", schema.path);
  return Create(call, std::move(dataset));
}

Result<Json> UpdateDataset(const Call& call) {
  TRINE_ASSIGN(const Resource dataset, FindActive(call, ResourceKind::kDataset, "datasetArn"));
  const auto group = call.deps.resources.Get(ResourceKind::kDatasetGroup, dataset.parent);
  const auto type = TypeNamed(TextOf(dataset.spec, "type"));
  if (!group || !type) return NoSuchArn(TextOf(call.input, "datasetArn"));
  TRINE_ASSIGN(const Resource schema, FindFittingSchema(call, *group, *type));
  TRINE_ASSIGN(const Resource updated,
               call.deps.resources.Update(ResourceKind::kDataset, dataset.path, [&](Resource& now) {
                 now.spec.Set("schema", schema.path);
                 return Ok();
               }));
  Json answer = Json::Object{};
  answer.Set("datasetArn", ArnOf(call, updated));
  return answer;
}

Json::Object DescribeDataset(const Call& call, const Resource& dataset) {
  return {{"datasetGroupArn", ArnOf(call, ResourceKind::kDatasetGroup, dataset.parent)},
          {"datasetType", ToUpperAscii(TextOf(dataset.spec, "type"))},
          {"schemaArn", ArnOf(call, ResourceKind::kSchema, TextOf(dataset.spec, "schema"))}};
}

// Imported rows are deleted with their dataset; rows that were put individually stay until the group is
// deleted.
Status RemoveDataset(const Call& call, const Resource& dataset) {
  TRINE_CHECK_EQ(dataset.kind, ResourceKind::kDataset);
  for (const ResourceKind kind : {ResourceKind::kImportJob, ResourceKind::kExportJob}) {
    for (const Resource& job : call.deps.resources.List(kind, dataset.path))
      TRINE_TRY(CheckEnded(call, dataset, job));
  }
  for (const ResourceKind kind : {ResourceKind::kImportJob, ResourceKind::kExportJob}) {
    for (const Resource& job : call.deps.resources.List(kind, dataset.path)) {
      // Rejected rows may name people, and after the job is deleted nothing leads to them.
      if (kind == ResourceKind::kImportJob) TRINE_TRY(call.deps.jobs.RemoveRejectsOfImport(job.path));
      TRINE_TRY(call.deps.resources.Delete(kind, job.path));
    }
  }
  if (TextOf(dataset.spec, "type") == history::Name(DatasetType::kItems)) {
    const auto binding = call.deps.catalogue.BindingOf(dataset.group);
    const auto items = binding ? call.deps.catalogue.Get(binding->collection) : nullptr;
    if (items == nullptr || !items->hidden) return Ok();
    return call.deps.writer.DropCollection(items->name);
  }
  using Kind = history::ImportKind;
  const bool users = TextOf(dataset.spec, "type") == history::Name(DatasetType::kUsers);
  TRINE_ASSIGN(const uint32_t import, call.deps.history.BeginImport(dataset.group));
  return call.deps.history.PublishImport(dataset.group, import, users ? Kind::kUsers : Kind::kEvents, true);
}

}  // namespace trine::api::personalize
