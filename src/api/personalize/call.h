// Call: one validated request on its way to a handler, and the functions that handlers share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/personalize/dependencies.h"
#include "api/personalize/id_maker.h"
#include "api/personalize/shapes.h"
#include "history/schema.h"
#include "net/http.h"

namespace trine::api::personalize {

struct KindInfo;
// Lives for one request; everything it refers to outlives it.
struct Call {
  const Dependencies& deps;
  const format::Json& input;  // an object that passed Validate
  std::string region;         // for new ARNs
  const Deadline& deadline;
  IdMaker& ids;
  const KindInfo* kind = nullptr;  // set for Describe, List and Delete operations
  net::Caller caller = {};
};

// kForbidden if the caller's credentials are restricted to indexes and the group is bound to none of them.
Status CheckMayUseGroup(const Call& call, GroupId group);

// How the API presents one kind of resource.
struct KindInfo {
  recommend::ResourceKind kind;
  std::string_view arn_type;  // "dataset-group"
  std::string_view member;    // "datasetGroup"; the member for the ARN is "datasetGroupArn"
  std::string_view list;      // "datasetGroups"
  std::optional<recommend::ResourceKind> parent;  // lists can be filtered by a parent of this kind
  bool has_status = true;
  std::string_view name_member = "name";
  // Returns the members that only descriptions of this kind have. Null values are omitted from the answer.
  format::Json::Object (*describe)(const Call&, const recommend::Resource&) = nullptr;
  std::vector<std::string_view> summary = {};  // the members of `describe` that list entries include
  // Called before a delete; may be nullptr. Removes the resource's data, or returns kInUse and changes
  // nothing if other resources depend on it.
  Status (*remove)(const Call&, const recommend::Resource&) = nullptr;
  bool lists_reason = false;  // list entries include failureReason
  bool lists_name = true;     // list entries include `name_member`
  bool newest_first = false;  // the order of lists; otherwise the oldest comes first
};
// Never fails: every kind has a row in kinds.cc.
const KindInfo& KindOf(recommend::ResourceKind kind);
// The kind that an ARN belongs to; nullptr for an unknown type.
const KindInfo* KindOfArn(std::string_view arn_type, std::string_view path);

// A member of a request or a spec; empty or nullopt if it is absent or has another type.
std::string TextOf(const format::Json& object, std::string_view member);
std::optional<int64_t> IntegerOf(const format::Json& object, std::string_view member);
std::optional<double> NumberOf(const format::Json& object, std::string_view member);
bool FlagOf(const format::Json& object, std::string_view member);
// A member of any type; nullptr if it is absent or null.
const format::Json* FindMember(const format::Json& object, std::string_view member);
// A member that the request's shape requires.
const format::Json& RequiredMember(const format::Json& object, std::string_view member);
// The string members of an object, in order; empty for nullptr.
std::vector<std::pair<std::string, std::string>> TextsOf(const format::Json* object);

// A caller's mistake, answered as InvalidInputException.
Error Invalid(std::string message);
Error NoSuchArn(std::string_view arn);  // ResourceNotFoundException

// The ARN of a resource. Its region is the one that the resource was created in or, if that is not stored,
// the call's region.
std::string ArnOf(const Call& call, const recommend::Resource& resource);
std::string ArnOf(const Call& call, recommend::ResourceKind kind, const std::string& path);
// Returns the resource with an ARN. The account and region do not matter, because a path is unique within its
// kind. kInvalid if `arn` is not an ARN or names another kind, kNotFound if the resource does not exist.
Result<recommend::Resource> FindArn(const Call& call, recommend::ResourceKind kind, std::string_view arn);
// Finds the resource whose ARN is in `member` of the request, as FindArn does. The resource must be
// active: kInvalid if its creation failed or was stopped, kInUse if it is not active yet.
Result<recommend::Resource> FindActive(const Call& call, recommend::ResourceKind kind,
                                       std::string_view member);

// Makes an active resource with the request's name and tags under `parent` (nullptr: none), without storing
// it.
recommend::Resource NewResource(const Call& call, recommend::ResourceKind kind, std::string path,
                                const recommend::Resource* parent);
// Stores a resource and answers with its ARN. kExists, with Personalize's text, if its path is taken.
Result<format::Json> Create(const Call& call, recommend::Resource resource);
// The answer of a Describe operation without its envelope.
format::Json Describe(const Call& call, const recommend::Resource& resource);
std::string_view StatusOf(const recommend::Resource& resource);
std::string_view StatusOf(recommend::ResourceState state);  // of every kind but data deletion jobs
format::Json Seconds(Millis time);                          // seconds since 1970, with a fraction

// Handlers of the operations that exist for every kind. They require call.kind.
Result<format::Json> DescribeResource(const Call& call);
Result<format::Json> ListResources(const Call& call);
Result<format::Json> DeleteResource(const Call& call);
// One page of a list of `total` entries. It starts at entry `begin` and has the size that the request
// specifies. `entry(i)` makes entry i; `token(i)` is the nextToken of a page that follows entry i.
Result<format::Json> Page(const Call& call, std::string_view member, size_t total, size_t begin,
                          const std::function<format::Json(size_t)>& entry,
                          const std::function<std::string(size_t)>& token);

// The schema of a group's dataset of this type; nullopt if the group has no such dataset, or if an
// import inferred the schema and `inferred` is false: an inferred schema describes the existing rows but does
// not restrict new rows.
std::optional<history::Schema> SchemaOf(const Call& call, const std::string& group, history::DatasetType type,
                                        bool inferred = false);

}  // namespace trine::api::personalize
