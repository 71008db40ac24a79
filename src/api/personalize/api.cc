#include "api/personalize/api.h"

#include "api/personalize/operation_table.h"
#include "base/limits.h"

namespace trine::api::personalize {
namespace {

using format::Json;

constexpr std::string_view kTargetPrefix = "AmazonPersonalize.";
constexpr std::string_view kTarget = "x-amz-target";
constexpr int kNotFoundStatus = 404, kConflictStatus = 409;

using net::Access, net::RequestClass, net::RequestPlan;
constexpr RequestPlan Planned(RequestClass pool, Access access) {
  return {pool, access, limits::kMaxCallBodyBytes};
}
constexpr RequestPlan kControlPlan = Planned(RequestClass::kAdmin, Access::kAdmin);

struct Route {
  std::string_view path;
  Endpoint endpoint;
  RequestPlan plan;
};
constexpr Route kRoutes[] = {
    {"/recommendations", Endpoint::kRuntime, Planned(RequestClass::kRecommend, Access::kRead)},
    {"/personalize-ranking", Endpoint::kRuntime, Planned(RequestClass::kRecommend, Access::kRead)},
    {"/action-recommendations", Endpoint::kRuntime, Planned(RequestClass::kRecommend, Access::kRead)},
    {"/events", Endpoint::kEvents, Planned(RequestClass::kWrite, Access::kPublic)},
    {"/items", Endpoint::kEvents, Planned(RequestClass::kWrite, Access::kWrite)},
    {"/users", Endpoint::kEvents, Planned(RequestClass::kWrite, Access::kWrite)},
    {"/actions", Endpoint::kEvents, Planned(RequestClass::kWrite, Access::kWrite)},
    {"/action-interactions", Endpoint::kEvents, Planned(RequestClass::kWrite, Access::kWrite)},
};

// Returns the route of a REST endpoint; nullptr for the control plane.
const Route* RouteOf(const net::Request& head) {
  for (const Route& route : kRoutes) {
    if (head.path == route.path) return &route;
  }
  return nullptr;
}

// Returns the status that overrides the default for `error` on this endpoint, or 0 if there is no override.
int StatusFor(const Error& error, Endpoint endpoint) {
  if (endpoint == Endpoint::kControl) return 0;
  if (error.kind() == ErrorKind::kNotFound) return kNotFoundStatus;
  if (error.kind() == ErrorKind::kInUse && endpoint == Endpoint::kEvents) return kConflictStatus;
  return 0;
}

Error UnknownOperation(std::string_view name) {
  const std::string shown(name.substr(0, 100));
  return Error(ErrorCode::kUnknownOperation, IsKnownOperation(name)
                                                 ? "The operation " + shown + " is not supported yet"
                                                 : "The operation " + shown + " is not known");
}

Result<Json> ReadBody(const net::Request& request) {
  if (request.body.empty()) return Json(Json::Object{});
  Result<Json> body = format::ParseJson(request.body);
  if (!body.ok()) return body;
  if (body->is_object()) return body;
  return Error(ErrorCode::kSerialization, "The request's body must be a JSON object")
      .Got("a " + std::string(body->type_name()));
}

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) {
  if (head.method != "POST") return false;
  return RouteOf(head) != nullptr || (head.path == "/" && head.headers.Find(kTarget) != nullptr);
}

RequestPlan Api::Plan(const net::Request& head) const {
  const Route* route = RouteOf(head);
  return route == nullptr ? kControlPlan : route->plan;
}

net::Response Api::Handle(const net::Request& request) {
  TRINE_DCHECK(Owns(request));
  const Route* route = RouteOf(request);
  const Endpoint endpoint = route == nullptr ? Endpoint::kControl : route->endpoint;
  const Result<Json> answer = Answer(request, endpoint);
  const char* type = endpoint == Endpoint::kControl ? "application/x-amz-json-1.1" : "application/json";
  net::Response response;
  if (answer.ok()) {
    response = net::Response::JsonText(200, answer->is_null() ? "" : format::ToString(*answer), type);
    response.headers.Set("x-amzn-requestid", request.id);
    return response;
  }
  response = ErrorResponse(answer.error(), request.id, StatusFor(answer.error(), endpoint));
  response.headers.Set("content-type", type);
  // The store logs the writes that it refuses.
  if (response.status >= 500 && answer.error().DetailOf("blocked").empty())
    deps_.log.Error("request " + request.id + " failed: " + answer.error().ToString());
  return response;
}

Result<Json> Api::Answer(const net::Request& request, Endpoint endpoint) {
  std::string_view name = request.path;
  if (endpoint == Endpoint::kControl) {
    name = request.headers.Get(kTarget);
    if (!name.starts_with(kTargetPrefix)) return UnknownOperation(name);
    name.remove_prefix(kTargetPrefix.size());
  }
  const Operation* operation = FindOperation(endpoint, name);
  if (operation == nullptr) return UnknownOperation(name);
  TRINE_ASSIGN(const Json input, ReadBody(request));
  TRINE_TRY(Validate(input, operation->input));
  const std::string& region = request.caller.region;
  const Call call{deps_,
                  input,
                  region.empty() ? deps_.region : region,
                  request.deadline,
                  ids_,
                  operation->kind ? &KindOf(*operation->kind) : nullptr,
                  request.caller};
  return operation->handler(call);
}

}  // namespace trine::api::personalize
