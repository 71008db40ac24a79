// Call: one validated request on its way to a handler, and the words that all handlers share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/personalize/api.h"
#include "api/personalize/shapes.h"
#include "history/schema.h"

namespace trine::api::personalize {

struct KindInfo;
// What it refers to outlives the call.
struct Call {
  const Dependencies& deps;
  const format::Json& input;  // an object that passed its shape
  std::string region;         // for new ARNs
  const Deadline& deadline;
  IdMaker& ids;
  const KindInfo* kind = nullptr;  // of operations that are the same for every kind
};

// How one kind of resource looks on this wire.
struct KindInfo {
  recommend::ResourceKind kind;
  std::string_view arn_type;                      // "dataset-group"
  std::string_view member;                        // "datasetGroup"; ARN members add "Arn"
  std::string_view list;                          // "datasetGroups"
  std::optional<recommend::ResourceKind> parent;  // what a list may be narrowed to
  bool has_status = true;
  std::string_view name_member = "name";
  // The kind's own members of a description.
  format::Json::Object (*describe)(const Call&, const recommend::Resource&) = nullptr;
  std::vector<std::string_view> summary = {};  // those of them that lists show
  // Checks that nothing hangs on it, and removes what belongs to it.
  Status (*remove)(const Call&, const recommend::Resource&) = nullptr;
};
const KindInfo& KindOf(recommend::ResourceKind kind);
const KindInfo* KindOfArn(std::string_view arn_type, std::string_view path);

// Members of a request or a spec; empty or nullopt when absent.
std::string TextOf(const format::Json& object, std::string_view member);
std::optional<int64_t> IntegerOf(const format::Json& object, std::string_view member);
std::optional<double> NumberOf(const format::Json& object, std::string_view member);
bool FlagOf(const format::Json& object, std::string_view member);
// An object or array member; nullptr when absent or null.
const format::Json* FindMember(const format::Json& object, std::string_view member);
std::vector<std::pair<std::string, std::string>> TextsOf(const format::Json* object);

std::string Upper(std::string_view text);  // ASCII letters only
bool SameText(std::string_view a, std::string_view b);

// The caller's mistake in this service's sense (InvalidInputException).
Error Invalid(std::string message);
Error NoSuchArn(std::string_view arn);

std::string ArnOf(const Call& call, const recommend::Resource& resource);
std::string ArnOf(const Call& call, recommend::ResourceKind kind, const std::string& path);
// The resource that a text names. kNotFound; kInvalid when the ARN is of another kind.
Result<recommend::Resource> FindArn(const Call& call, recommend::ResourceKind kind, std::string_view arn);
// The same for a member of the request, and kInUse unless it is active.
Result<recommend::Resource> FindActive(const Call& call, recommend::ResourceKind kind,
                                       std::string_view member);

// A resource of this name under `parent` (nullptr: none), with the request's tags in its spec.
recommend::Resource NewResource(const Call& call, recommend::ResourceKind kind, std::string path,
                                const recommend::Resource* parent);
// Stores it and answers with its ARN. kExists says so in the service's words.
Result<format::Json> Create(const Call& call, recommend::Resource resource);
// The whole description.
format::Json Describe(const Call& call, const recommend::Resource& resource);
std::string_view StatusOf(recommend::ResourceState state);
format::Json Seconds(Millis time);

// Operations that are the same for every kind.
Result<format::Json> DescribeResource(const Call& call);
Result<format::Json> ListResources(const Call& call);
Result<format::Json> DeleteResource(const Call& call);
// A page of entries made already; `token(i)` names entry i.
Result<format::Json> Page(const Call& call, std::string_view member, size_t total, size_t begin,
                          const std::function<format::Json(size_t)>& entry,
                          const std::function<std::string(size_t)>& token);

// The schema of the group's dataset of a type; nullopt when the group has none.
std::optional<history::Schema> SchemaOf(const Call& call, const std::string& group,
                                        history::DatasetType type);

}  // namespace trine::api::personalize
