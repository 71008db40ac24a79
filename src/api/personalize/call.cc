#include "api/personalize/call.h"

#include <algorithm>

#include "api/personalize/arn.h"
#include "base/text.h"

namespace trine::api::personalize {

using format::Json;
using recommend::Resource;
using recommend::ResourceKind;
using recommend::ResourceState;

std::string TextOf(const Json& object, std::string_view member) {
  const Json* value = object.Find(member);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

std::optional<double> NumberOf(const Json& object, std::string_view member) {
  const Json* value = object.Find(member);
  return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

std::optional<int64_t> IntegerOf(const Json& object, std::string_view member) {
  const std::optional<double> number = NumberOf(object, member);
  if (!number || !(std::abs(*number) < 9e15)) return std::nullopt;
  return static_cast<int64_t>(*number);
}

bool FlagOf(const Json& object, std::string_view member) {
  const Json* value = object.Find(member);
  return value != nullptr && value->is_bool() && value->boolean();
}

const Json* FindMember(const Json& object, std::string_view member) {
  const Json* value = object.Find(member);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Json& RequiredMember(const Json& object, std::string_view member) {
  const Json* value = object.Find(member);
  TRINE_CHECK(value != nullptr);
  return *value;
}

std::vector<std::pair<std::string, std::string>> TextsOf(const Json* object) {
  std::vector<std::pair<std::string, std::string>> texts;
  if (object == nullptr || !object->is_object()) return texts;
  for (const auto& [name, value] : object->object()) {
    if (value.is_string()) texts.emplace_back(name, value.string());
  }
  return texts;
}

Error Invalid(std::string message) { return Error(ErrorCode::kInvalid, std::move(message)); }

Error NoSuchArn(std::string_view arn) {
  return Error(ErrorCode::kNotFound, "Resource Arn " + std::string(arn) + " does not exist.");
}

std::string ArnOf(const Call& call, const Resource& resource) {
  const std::string& region = resource.region.empty() ? call.region : resource.region;
  return MakeArn(region, call.deps.account_id, KindOf(resource.kind).arn_type, resource.path);
}

std::string ArnOf(const Call& call, ResourceKind kind, const std::string& path) {
  if (const auto found = call.deps.resources.Get(kind, path)) return ArnOf(call, *found);
  return MakeArn(call.region, call.deps.account_id, KindOf(kind).arn_type, path);
}

Result<Resource> FindArn(const Call& call, ResourceKind kind, std::string_view arn) {
  const std::optional<Arn> parsed = ParseArn(arn);
  const KindInfo& info = KindOf(kind);
  if (!parsed) return Invalid("The given ARN is invalid: " + std::string(arn));
  if (parsed->type != info.arn_type) {
    return Invalid("The given ARN belongs to another kind of resource: " + std::string(arn))
        .Expected(std::string(info.arn_type))
        .Got(parsed->type);
  }
  std::optional<Resource> found = call.deps.resources.Get(kind, parsed->path);
  if (found) return *std::move(found);
  TRINE_TRY(call.deps.resources.Readable(kind, parsed->path));
  // The ARNs of solutions and of their versions have one type.
  if (kind == ResourceKind::kSolutionVersion &&
      call.deps.resources.Get(ResourceKind::kSolution, parsed->path)) {
    return Invalid("The given ARN is the ARN of a solution, not of a solution version: " + std::string(arn))
        .Expected(
            "the ARN of a solution version, or of a solution followed by /$LATEST where that is allowed");
  }
  if (kind == ResourceKind::kSolution &&
      call.deps.resources.Get(ResourceKind::kSolutionVersion, parsed->path)) {
    return Invalid("The given ARN is the ARN of a solution version, not of a solution: " + std::string(arn))
        .Expected("the ARN of a solution");
  }
  return NoSuchArn(arn);
}

Result<Resource> FindActive(const Call& call, ResourceKind kind, std::string_view member) {
  const std::string arn = TextOf(call.input, member);
  TRINE_ASSIGN(Resource found, FindArn(call, kind, arn));
  if (found.state == ResourceState::kActive) return found;
  const std::string text =
      "Resource Arn " + arn + " is in state " + std::string(StatusOf(found)) + ", it must be ACTIVE.";
  if (found.state == ResourceState::kFailed || found.state == ResourceState::kStopped) return Invalid(text);
  return Error(ErrorCode::kNotActive, text);
}

Resource NewResource(const Call& call, ResourceKind kind, std::string path, const Resource* parent) {
  TRINE_CHECK(!path.empty());
  Resource resource;
  resource.kind = kind;
  resource.name = TextOf(call.input, KindOf(kind).name_member);
  resource.path = std::move(path);
  resource.region = call.region;
  resource.state = ResourceState::kActive;
  resource.spec = Json::Object{};
  if (parent != nullptr) {
    resource.parent = parent->path;
    resource.group = parent->group;
  }
  if (const Json* tags = FindMember(call.input, "tags"); tags != nullptr && !tags->array().empty()) {
    Json& kept = resource.spec.Set("tags", Json::Object{});
    for (const Json& tag : tags->array()) kept.Set(TextOf(tag, "tagKey"), TextOf(tag, "tagValue"));
  }
  return resource;
}

Result<Json> Create(const Call& call, Resource resource) {
  const ResourceKind kind = resource.kind;
  const std::string path = resource.path;
  const Result<Resource> made = call.deps.resources.Create(std::move(resource));
  if (!made.ok()) {
    if (made.error().kind() != ErrorKind::kExists) return made.error();
    return Error(ErrorCode::kExists,
                 "Another resource with Arn " + ArnOf(call, kind, path) + " already exists.");
  }
  TRINE_DCHECK_EQ(made->path, path);
  Json answer = Json::Object{};
  answer.Set(std::string(KindOf(kind).member) + "Arn", ArnOf(call, *made));
  return answer;
}

std::string_view StatusOf(ResourceState state) {
  switch (state) {
    case ResourceState::kPending:
      return "CREATE PENDING";
    case ResourceState::kInProgress:
      return "CREATE IN_PROGRESS";
    case ResourceState::kActive:
      return "ACTIVE";
    case ResourceState::kFailed:
      return "CREATE FAILED";
    case ResourceState::kStopping:
      return "CREATE STOPPING";
    case ResourceState::kStopped:
      return "CREATE STOPPED";
    case ResourceState::kInactive:
      return "INACTIVE";
  }
  return "CREATE FAILED";
}

std::string_view StatusOf(const Resource& resource) {
  if (resource.kind != ResourceKind::kDataDeletionJob) return StatusOf(resource.state);
  switch (resource.state) {
    case ResourceState::kPending:
      return "PENDING";
    case ResourceState::kInProgress:
    case ResourceState::kStopping:
      return "IN_PROGRESS";
    case ResourceState::kActive:
      return "COMPLETED";
    case ResourceState::kFailed:
    case ResourceState::kStopped:
    case ResourceState::kInactive:
      break;
  }
  return "FAILED";
}

Json Seconds(Millis time) { return Json(static_cast<double>(time.value) / 1000.0); }

Json Describe(const Call& call, const Resource& resource) {
  const KindInfo& kind = KindOf(resource.kind);
  Json json = Json::Object{};
  if (!resource.name.empty()) json.Set(kind.name_member, resource.name);
  json.Set(std::string(kind.member) + "Arn", ArnOf(call, resource));
  if (kind.has_status) json.Set("status", StatusOf(resource));
  TRINE_CHECK(kind.describe != nullptr);
  for (auto& [name, value] : kind.describe(call, resource)) {
    if (!value.is_null()) json.Set(name, std::move(value));
  }
  if (!resource.failure_reason.empty()) json.Set("failureReason", resource.failure_reason);
  json.Set("creationDateTime", Seconds(resource.created));
  json.Set("lastUpdatedDateTime", Seconds(resource.updated));
  return json;
}

Result<Json> DescribeResource(const Call& call) {
  TRINE_CHECK(call.kind != nullptr);
  const KindInfo& kind = *call.kind;
  TRINE_ASSIGN(const Resource found,
               FindArn(call, kind.kind, TextOf(call.input, std::string(kind.member) + "Arn")));
  Json answer = Json::Object{};
  answer.Set(kind.member, Describe(call, found));
  return answer;
}

namespace {

// An entry of a list: the description without the members that only Describe shows.
Json Summary(const Call& call, const Resource& resource) {
  const KindInfo& kind = KindOf(resource.kind);
  const Json whole = Describe(call, resource);
  Json json = Json::Object{};
  const std::string arn = std::string(kind.member) + "Arn";
  for (const auto& [name, value] : whole.object()) {
    const bool shown = (name == kind.name_member && kind.lists_name) || name == arn || name == "status" ||
                       (name == "failureReason" && kind.lists_reason) || name == "creationDateTime" ||
                       name == "lastUpdatedDateTime" ||
                       std::ranges::find(kind.summary, name) != kind.summary.end();
    if (shown) json.Set(name, value);
  }
  return json;
}

// The entry of a list for a stored resource that cannot be read. Not every kind's summary has a reason.
Json UnreadableSummary(const Call& call, const Resource& resource) {
  const KindInfo& kind = KindOf(resource.kind);
  Json json = Json::Object{};
  if (kind.lists_name) json.Set(kind.name_member, resource.name);
  json.Set(std::string(kind.member) + "Arn", ArnOf(call, resource));
  if (kind.has_status) json.Set("status", StatusOf(resource));
  if (kind.lists_reason) json.Set("failureReason", resource.failure_reason);
  if (resource.created != Millis{}) json.Set("creationDateTime", Seconds(resource.created));
  if (resource.updated != Millis{}) json.Set("lastUpdatedDateTime", Seconds(resource.updated));
  return json;
}

// Deletes a stored resource that cannot be read. Of what it owned, only the data of a group can be found.
Result<Json> DeleteUnreadable(const Call& call, const Resource& resource) {
  const KindInfo& kind = KindOf(resource.kind);
  if (resource.kind == ResourceKind::kDatasetGroup && resource.group.value != 0)
    TRINE_TRY(kind.remove(call, resource));
  call.deps.log.Warning("deleting the unreadable " + std::string(kind.member) + " \"" + resource.path + "\"");
  TRINE_TRY(call.deps.resources.Delete(resource.kind, resource.path));
  return Json();
}

// Returns the stored resource with this ARN if it cannot be read.
std::optional<Resource> FindUnreadable(const Call& call, ResourceKind kind, std::string_view arn) {
  const std::optional<Arn> parsed = ParseArn(arn);
  if (!parsed || parsed->type != KindOf(kind).arn_type) return std::nullopt;
  return call.deps.resources.Unreadable(kind, parsed->path);
}

Error InvalidToken() { return Error(ErrorCode::kNextToken, "The token is not valid."); }

// Returns the index at which a list continues: after the resource in the token or, if that was deleted, at
// the first resource that was created at the same time or later (earlier, if the newest comes first).
Result<size_t> PageStart(const std::vector<Resource>& all, const std::string& token, bool newest_first) {
  if (token.empty()) return size_t{0};
  const size_t dot = token.find('.');
  int64_t created = 0;
  for (const char c : std::string_view(token).substr(0, dot)) {
    if (c < '0' || c > '9' || created > 1'000'000'000'000'000) return InvalidToken();
    created = created * 10 + (c - '0');
  }
  if (dot == std::string::npos || dot == 0) return InvalidToken();
  const std::string_view path = std::string_view(token).substr(dot + 1);
  const auto same = std::ranges::find(all, path, &Resource::path);
  if (same != all.end()) return static_cast<size_t>(same - all.begin()) + 1;
  const auto next = std::ranges::find_if(all, [&](const Resource& r) {
    return newest_first ? r.created.value <= created : r.created.value >= created;
  });
  return static_cast<size_t>(next - all.begin());
}

}  // namespace

Result<Json> Page(const Call& call, std::string_view member, size_t total, size_t begin,
                  const std::function<Json(size_t)>& entry, const std::function<std::string(size_t)>& token) {
  constexpr int64_t kDefaultPage = 100;
  const size_t size = static_cast<size_t>(IntegerOf(call.input, "maxResults").value_or(kDefaultPage));
  TRINE_CHECK_LE(begin, total);
  TRINE_CHECK_GT(size, 0u);
  const size_t end = std::min(total, begin + size);
  Json answer = Json::Object{};
  Json& list = answer.Set(member, Json::Array{});
  for (size_t i = begin; i < end; ++i) list.Push(entry(i));
  if (end < total && end > begin) answer.Set("nextToken", token(end - 1));
  return answer;
}

Result<Json> ListResources(const Call& call) {
  TRINE_CHECK(call.kind != nullptr);
  const KindInfo& kind = *call.kind;
  std::string parent;
  if (kind.parent) {
    const std::string arn = TextOf(call.input, std::string(KindOf(*kind.parent).member) + "Arn");
    if (const auto unreadable = FindUnreadable(call, *kind.parent, arn)) {
      parent = unreadable->path;
    } else if (!arn.empty()) {
      TRINE_ASSIGN(const Resource found, FindArn(call, *kind.parent, arn));
      parent = found.path;
    }
  }
  // Unreadable resources are listed, too, or nobody could find out what to delete.
  std::vector<Resource> all = call.deps.resources.ListUnreadable(kind.kind);
  std::erase_if(all, [&](const Resource& r) { return !parent.empty() && r.parent != parent; });
  const size_t unreadable = all.size();
  for (Resource& readable : call.deps.resources.List(kind.kind, parent)) all.push_back(std::move(readable));
  if (kind.newest_first) std::reverse(all.begin() + static_cast<std::ptrdiff_t>(unreadable), all.end());
  TRINE_ASSIGN(const size_t begin, PageStart(all, TextOf(call.input, "nextToken"), kind.newest_first));
  return Page(
      call, kind.list, all.size(), begin,
      [&](size_t i) { return i < unreadable ? UnreadableSummary(call, all[i]) : Summary(call, all[i]); },
      [&](size_t i) { return std::to_string(all[i].created.value) + "." + all[i].path; });
}

Result<Json> DeleteResource(const Call& call) {
  TRINE_CHECK(call.kind != nullptr);
  const KindInfo& kind = *call.kind;
  const std::string arn = TextOf(call.input, std::string(kind.member) + "Arn");
  if (const auto unreadable = FindUnreadable(call, kind.kind, arn))
    return DeleteUnreadable(call, *unreadable);
  TRINE_ASSIGN(const Resource found, FindArn(call, kind.kind, arn));
  if (kind.remove != nullptr) TRINE_TRY(kind.remove(call, found));
  TRINE_TRY(call.deps.resources.Delete(kind.kind, found.path));
  return Json();
}

std::optional<history::Schema> SchemaOf(const Call& call, const std::string& group, history::DatasetType type,
                                        bool inferred) {
  const auto dataset =
      call.deps.resources.Get(ResourceKind::kDataset, group + "/" + ToUpperAscii(history::Name(type)));
  if (!dataset || (FlagOf(dataset->spec, "inferred") && !inferred)) return std::nullopt;
  const auto schema = call.deps.resources.Get(ResourceKind::kSchema, TextOf(dataset->spec, "schema"));
  if (!schema) return std::nullopt;
  Result<history::Schema> parsed = history::ParseSchema(TextOf(schema->spec, "text"));
  if (!parsed.ok()) return std::nullopt;
  return *std::move(parsed);
}

Status CheckMayUseGroup(const Call& call, GroupId group) {
  const auto& indexes = call.caller.indexes;
  if (indexes.empty()) return Ok();
  const auto binding = call.deps.catalogue.BindingOf(group);
  if (binding && std::ranges::find(indexes, binding->collection) != indexes.end()) return Ok();
  return Error(ErrorCode::kForbidden, "these credentials are limited to other dataset groups");
}

}  // namespace trine::api::personalize
