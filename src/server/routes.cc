#include "server/routes.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace trine::server {
namespace {

enum class Wire { kOpenSearch, kPersonalize, kBedrock, kNative };

Wire WireOf(const net::Request& request, const Wires& wires) {
  if (wires.native.Owns(request)) return Wire::kNative;
  if (wires.bedrock.Owns(request)) return Wire::kBedrock;
  if (wires.personalize.Owns(request)) return Wire::kPersonalize;
  return Wire::kOpenSearch;
}
std::string_view Name(Wire wire) {
  switch (wire) {
    case Wire::kOpenSearch:
      return "opensearch";
    case Wire::kPersonalize:
      return "personalize";
    case Wire::kBedrock:
      return "bedrock";
    case Wire::kNative:
      return "native";
  }
  return "";
}

net::Response ErrorOn(Wire wire, const Error& error, const std::string& id, int status) {
  net::Response response;
  switch (wire) {
    case Wire::kOpenSearch:
      response = api::opensearch::ErrorResponse(error, status);
      break;
    case Wire::kPersonalize:
      response = api::personalize::ErrorResponse(error, id, status);
      break;
    case Wire::kBedrock:
      response = api::bedrock::ErrorResponse(error, id, status);
      break;
    case Wire::kNative:
      response = api::native::ErrorResponse(error, status);
      break;
  }
  if (response.status == 401) response.headers.Set("www-authenticate", "Basic realm=\"trine\"");
  return response;
}

bool StartsWith(std::string_view text, std::string_view head) { return text.substr(0, head.size()) == head; }

// The first path part that begins with '_', and what follows it: "/i/_doc/1" -> {"_doc", "1"}. Parts
// stay encoded: an encoded name is none that is known here, and so needs an administrator.
std::pair<std::string_view, std::string_view> Endpoint(std::string_view path) {
  const size_t at = path.find("/_");
  if (at == std::string_view::npos) return {};
  path.remove_prefix(at + 1);
  const size_t end = path.find('/');
  if (end == std::string_view::npos) return {path, {}};
  return {path.substr(0, end), path.substr(end + 1)};
}

// Reads: searching, counting and getting; the admin's settings are not among them.
Access OpenSearchAccess(const net::Request& request) {
  if (request.path == "/") return Access::kRead;
  const auto [endpoint, rest] = Endpoint(request.path);
  if (endpoint == "_search") return StartsWith(rest, "pipeline") ? Access::kAdmin : Access::kRead;
  for (const char* read : {"_msearch", "_count", "_mget", "_validate", "_explain", "_analyze", "_source"}) {
    if (endpoint == read) return Access::kRead;
  }
  if (endpoint == "_doc")
    return request.method == "GET" || request.method == "HEAD" ? Access::kRead : Access::kWrite;
  for (const char* write : {"_create", "_update", "_bulk", "_refresh"}) {
    if (endpoint == write) return Access::kWrite;
  }
  return Access::kAdmin;
}

Access NativeAccess(const net::Request& request) {
  const std::string_view path = request.path;
  if (path == "/_trine/ask" || path == "/_trine/events") return Access::kPublic;
  if (path == "/_trine/items" || path == "/_trine/users") return Access::kWrite;
  for (const char* read :
       {"/_trine/intent", "/_trine/reason", "/_trine/likelihood", "/_trine/health", "/_trine/explain"}) {
    if (StartsWith(path, read)) return Access::kRead;
  }
  return Access::kAdmin;
}

Access PersonalizeAccess(const net::Request& request) {
  const std::string_view path = request.path;
  if (path == "/events") return Access::kPublic;
  if (path == "/items" || path == "/users") return Access::kWrite;
  if (path == "/recommendations" || path == "/personalize-ranking") return Access::kRead;
  return Access::kAdmin;
}

Status Admit(net::Request* request, const Wires& wires, const Credentials* credentials, Millis now) {
  if (credentials == nullptr) return AdmitLocal(request);
  TRINE_TRY(credentials->Authenticate(request, now));
  if (AccessOf(request->caller.role) < RequiredAccess(*request, wires)) {
    return Error(ErrorKind::kForbidden, "these credentials do not allow this request")
        .Code("role")
        .Where(request->method + " " + request->path);
  }
  return Ok();
}

// What a browser asks before it sends credentials to another origin.
net::Response Preflight(const net::Request& request, const Credentials& credentials) {
  net::Response response;
  const std::string_view origin = request.headers.Get("origin");
  response.status = credentials.KnowsOrigin(origin) ? 204 : 403;
  if (response.status == 204) {
    response.headers.Set("access-control-allow-origin", std::string(origin));
    response.headers.Set("access-control-allow-methods", "POST");
    response.headers.Set("access-control-allow-headers", "authorization, content-type");
    response.headers.Set("access-control-max-age", "600");
    response.headers.Set("vary", "origin");
  }
  return response;
}

net::Response Dispatch(Wire wire, const net::Request& request, const Wires& wires) {
  switch (wire) {
    case Wire::kOpenSearch:
      return wires.opensearch.Handle(request);
    case Wire::kPersonalize:
      return wires.personalize.Handle(request);
    case Wire::kBedrock:
      return wires.bedrock.Handle(request);
    case Wire::kNative:
      return wires.native.Handle(request);
  }
  return {};
}

net::Response Answer(net::Request& request, const Wires& wires, const Credentials* credentials,
                     const Clock& clock, Metrics& metrics) {
  const int64_t start = clock.MonotonicNanos();
  const Wire wire = WireOf(request, wires);
  const std::string origin(request.headers.Get("origin"));
  if (credentials != nullptr && request.method == "OPTIONS" && !origin.empty())
    return Preflight(request, *credentials);
  net::Response response;
  if (Status admitted = Admit(&request, wires, credentials, clock.Now()); !admitted.ok()) {
    response = ErrorOn(wire, admitted.error(), request.id, 0);
  } else {
    response = Dispatch(wire, request, wires);
    if (credentials != nullptr && !origin.empty() && credentials->KnowsOrigin(origin)) {
      response.headers.Set("access-control-allow-origin", origin);
      response.headers.Set("vary", "origin");
    }
  }
  response.headers.Set("x-content-type-options", "nosniff");
  metrics.Observe("trine_request_seconds", Name(wire),
                  static_cast<double>(clock.MonotonicNanos() - start) * 1e-9);
  metrics.Count("trine_responses_total", std::to_string(response.status), 1);
  return response;
}

net::RequestClass ClassOf(const net::Request& head, const Wires& wires) {
  switch (WireOf(head, wires)) {
    case Wire::kOpenSearch:
      return wires.opensearch.Classify(head);
    case Wire::kPersonalize:
      return wires.personalize.Classify(head);
    case Wire::kBedrock:
      return net::RequestClass::kLanguage;
    case Wire::kNative:
      return wires.native.Classify(head);
  }
  return net::RequestClass::kAdmin;
}

}  // namespace

Access RequiredAccess(const net::Request& request, const Wires& wires) {
  switch (WireOf(request, wires)) {
    case Wire::kOpenSearch:
      return OpenSearchAccess(request);
    case Wire::kPersonalize:
      return PersonalizeAccess(request);
    case Wire::kBedrock:
      return Access::kRead;
    case Wire::kNative:
      return NativeAccess(request);
  }
  return Access::kAdmin;
}

net::Service MakeService(const Wires& wires, const Credentials* credentials, const Clock& clock,
                         Metrics& metrics) {
  net::Service service;
  service.classify = [wires](const net::Request& head) { return ClassOf(head, wires); };
  service.handle = [wires, credentials, &clock, &metrics](net::Request& request) {
    return Answer(request, wires, credentials, clock, metrics);
  };
  service.refuse = [wires, &metrics](const net::Request& head, int status, const Error& error) {
    metrics.Count("trine_responses_total", std::to_string(status), 1);
    return ErrorOn(WireOf(head, wires), error, head.id, status);
  };
  return service;
}

}  // namespace trine::server
